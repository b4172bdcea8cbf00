<?php

namespace WordPressEcs\ObjectCache;

/**
 * Remembers which keys requests of a kind ask for, so that the next request of that kind fetches them in one
 * round trip. Only for requests that read: what they get is as old as the request itself.
 *
 * A key that was asked for gains a point in the list, up to a few, and one that was not loses one; without
 * points it is left out. So keys that every request uses stay, and those of single pages do not.
 */
final class Prefetch {
	private const MOST_KEYS   = 250;
	private const MOST_POINTS = 5;
	private const LONGEST_ID  = 200;

	/** One of how many requests brings the list up to date. */
	private const SAMPLE = 10;

	/** @var array<string, array<int|string, int>>|null Points by group and id; null without a list. */
	private ?array $points = null;

	/** @var array<string, array<int|string, string|false>> What was fetched and not asked for yet. */
	private array $values = array();

	/** @var array<string, array<int|string, true>> What was asked for. */
	private array $asked = array();

	public function __construct( public readonly ?string $kind ) {}

	/** What kind of request this is, out of a number that visitors cannot make large; null for none. */
	public static function kind(): ?string {
		if ( 'cli' === PHP_SAPI || ! in_array( $_SERVER['REQUEST_METHOD'] ?? '', array( 'GET', 'HEAD' ), true ) ) {
			return null;
		}
		// The script as PHP has opened it, and not as it was asked for.
		$kind = md5( get_included_files()[0] );
		$path = strtok( $_SERVER['REQUEST_URI'] ?? '', '?' );
		if ( '/' === $path ) {
			$kind .= ':home';
		} elseif ( str_starts_with( (string) $path, '/wp-json/' ) ) {
			$kind .= ':rest';
		}
		if ( isset( $_GET['s'] ) ) {
			$kind .= ':search';
		}
		foreach ( $_COOKIE as $name => $value ) {
			if ( str_starts_with( (string) $name, 'wordpress_logged_in_' ) ) {
				return "$kind:user";
			}
		}
		return $kind;
	}

	/** @return array<array{string, int|string}> Group and id of the keys in a list, in the list's order. */
	public function read_list( string $list ): array {
		$points       = Value::decode( $list );
		$this->points = is_array( $points ) ? $points : array();
		$items        = array();
		foreach ( $this->points as $group => $ids ) {
			foreach ( $ids as $id => $_ ) {
				$items[] = array( (string) $group, $id );
			}
		}
		return $items;
	}

	/** @param array<string|false> $values In the list's order. */
	public function fill( array $values ): void {
		$n = 0;
		foreach ( $this->points as $group => $ids ) {
			foreach ( $ids as $id => $_ ) {
				$this->values[ $group ][ $id ] = $values[ $n++ ];
			}
		}
	}

	/**
	 * The value fetched for an id, false if there was none, or null if it has to be asked for. Each is given
	 * once: who asks again, waits for another process to store it.
	 */
	public function take( string $group, int|string $id ): string|false|null {
		if ( null !== $this->kind ) {
			$this->asked[ $group ][ $id ] = true;
		}
		$value = $this->values[ $group ][ $id ] ?? null;
		unset( $this->values[ $group ][ $id ] );
		return $value;
	}

	public function drop( string $group, int|string $id ): void {
		unset( $this->values[ $group ][ $id ] );
	}

	public function forget(): void {
		$this->values = array();
	}

	/** The list for the next requests, or null where it stays as it is. */
	public function list_to_save(): ?string {
		if ( null === $this->kind || ! $this->asked || ( null !== $this->points && 1 !== mt_rand( 1, self::SAMPLE ) ) ) {
			return null;
		}
		$all = array();
		foreach ( $this->points ?? array() as $group => $ids ) {
			foreach ( $ids as $id => $points ) {
				if ( ! isset( $this->asked[ $group ][ $id ] ) && $points > 1 ) {
					$all[] = array( $points - 1, $group, $id );
				}
			}
		}
		foreach ( $this->asked as $group => $ids ) {
			foreach ( $ids as $id => $_ ) {
				if ( strlen( $id ) <= self::LONGEST_ID ) {
					$points = ( $this->points[ $group ][ $id ] ?? 0 ) + 1;
					$all[]  = array( min( $points, self::MOST_POINTS ), $group, $id );
				}
			}
		}
		usort( $all, static fn( $a, $b ) => $b[0] <=> $a[0] );
		$list = array();
		foreach ( array_slice( $all, 0, self::MOST_KEYS ) as [ $points, $group, $id ] ) {
			$list[ $group ][ $id ] = $points;
		}
		return $list === $this->points ? null : Value::encode( $list );
	}
}
