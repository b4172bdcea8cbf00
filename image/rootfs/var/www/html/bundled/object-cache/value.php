<?php

namespace WordPressEcs\ObjectCache;

/**
 * How values are written in Redis: integers as decimal digits, which Redis can add to, and everything else
 * by igbinary, whose first bytes are zero. So a string of digits stays a string.
 */
final class Value {
	/** Null for what cannot be written, as a closure. */
	public static function encode( mixed $value ): ?string {
		if ( is_int( $value ) ) {
			return (string) $value;
		}
		try {
			return igbinary_serialize( $value );
		} catch ( \Throwable ) { // an object may refuse with anything
			return null;
		}
	}

	/** False, with $found false, for what cannot be read. */
	public static function decode( string $written, ?bool &$found = null ): mixed {
		$found = true;
		if ( '' !== $written && "\0" !== $written[0] ) {
			return (int) $written;
		}
		try {
			$value = @igbinary_unserialize( $written );
		} catch ( \Throwable ) { // a class may have changed since
			$value = null;
		}
		if ( ( null === $value || false === $value ) && igbinary_serialize( $value ) !== $written ) {
			$found = false;
			return false;
		}
		return $value;
	}
}
