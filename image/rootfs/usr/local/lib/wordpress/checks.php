<?php
/** The forms that a value may have: each check returns what it has to be, or nothing if it is. */

declare( strict_types = 1 );

namespace WordPressEcs;

const HOST = '(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.?';

// Two years, as hstspreload.org recommends.
const HSTS_MOST = 63072000;

function checks(): array {
	return array(
		'url'            => pattern( '~^(?-i:https?)://' . HOST . '(?::(\d{1,5}))?$~Di', 'http(s)://host[:port], nothing behind it' ),
		'host'           => pattern( '~^' . HOST . '$~Di', 'a host name or an IPv4 address, without a port' ),
		'port'           => form( is_port( ... ), 'a port number from 1 to 65535' ),
		// The names of the locks hold it, and those end after 64 characters.
		'database'       => pattern( '~^[A-Za-z0-9_$-]{1,48}$~D', 'up to 48 letters, digits, _, $ and -' ),
		'line'           => pattern( '~^[^\x00-\x1f\x7f]+$~D', 'one line without control characters' ),
		// WordPress cuts white space off a password before it stores it, but not at login.
		'password'       => pattern(
			'~^[^\x00-\x20\x7f](?:[^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$~D',
			'one line without control characters, without white space around it'
		),
		'user'           => pattern(
			'~^[A-Za-z0-9_.@-](?:[A-Za-z0-9 _.@-]{0,58}[A-Za-z0-9_.@-])?$~D',
			'up to 60 letters, digits, spaces, _, ., - and @'
		),
		'email'          => form( static fn ( string $value ): bool => (bool) filter_var( $value, FILTER_VALIDATE_EMAIL ), 'an e-mail address' ),
		'release'        => pattern( '~^[0-9a-f]{1,64}$~D', 'up to 64 hexadecimal digits' ),
		'proving'        => pattern( '~^(?:\d{1,2}|1\d{2}|2[0-3]\d|240)$~D', 'seconds from 0 to 240' ),
		'header'         => pattern( '~^[A-Za-z](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$~D', 'the name of a header: up to 64 letters, digits and -' ),
		'hsts'           => form( is_hsts( ... ), 'seconds from 0 to ' . HSTS_MOST ),
		// nginx reads the line of its file up to the colon, and passes over one that begins with #.
		'basic_user'     => pattern( '~^[A-Za-z0-9_.@-]{1,64}$~D', 'up to 64 letters, digits, _, ., - and @' ),
		'basic_password' => pattern( '~^[\x20-\x7e]+$~D', 'one line of ASCII characters: browsers disagree about others' ),
		'distribution'   => pattern( '~^E[A-Z0-9]{6,31}$~D', 'the id of a CloudFront distribution, such as E2QWRUHEXAMPLE' ),
		// The certificate of S3 covers no name with a dot in front of its own.
		'bucket'         => pattern( '~^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$~D', 'the name of a bucket: 3 to 63 small letters, digits and -' ),
		'region'         => pattern( '~^(?!cn-)[a-z]{2}(?:-[a-z]+){1,3}-\d$~D', 'a region of AWS outside China, such as eu-central-1' ),
		'ranges'         => form( are_ranges( ... ), 'address ranges such as 10.0.0.0/16, with spaces between them' ),
	);
}

function form( callable $fits, string $want ): \Closure {
	return static fn ( string $value ): string => $fits( $value ) ? '' : $want;
}

/** A group in the pattern has to be a port. */
function pattern( string $pattern, string $want ): \Closure {
	return form(
		static fn ( string $value ): bool => preg_match( $pattern, $value, $found ) && ( ! isset( $found[1] ) || is_port( $found[1] ) ),
		$want
	);
}

function one_of( string ...$allowed ): \Closure {
	return static fn ( string $value ): string => in_array( $value, $allowed, true ) ? '' : implode( ' or ', $allowed );
}

function is_port( string $value ): bool {
	return 1 === preg_match( '~^[1-9]\d{0,4}$~D', $value ) && (int) $value <= 65535;
}

function is_hsts( string $value ): bool {
	return 1 === preg_match( '~^(?:0|[1-9]\d{0,7})$~D', $value ) && (int) $value <= HSTS_MOST;
}

function are_ranges( string $value ): bool {
	foreach ( explode( ' ', $value ) as $range ) {
		list( $address, $bits ) = explode( '/', $range, 2 ) + array( '', '' );
		// filter_var instead of inet_pton, which warns.
		$v4   = filter_var( $address, FILTER_VALIDATE_IP, FILTER_FLAG_IPV4 );
		$v6   = filter_var( $address, FILTER_VALIDATE_IP, FILTER_FLAG_IPV6 );
		$most = $v4 ? 32 : 128;
		if ( '' !== $range && ( ! $v4 && ! $v6 || ! preg_match( '~^\d{1,3}$~D', $bits ) || (int) $bits > $most ) ) {
			return false;
		}
	}
	return true;
}
