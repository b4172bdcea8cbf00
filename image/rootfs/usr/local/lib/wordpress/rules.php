<?php
/** Which variables a container needs, and what they may hold. */

declare( strict_types = 1 );

namespace WordPressEcs;

const SECRETS = array(
	'WORDPRESS_DB_PASSWORD',
	'WORDPRESS_REDIS_AUTH_TOKEN',
	'WORDPRESS_SMTP_PASSWORD',
	'WORDPRESS_ADMIN_PASSWORD',
	'WORDPRESS_BASIC_AUTH_PASSWORD',
	'WORDPRESS_AUTH_KEY',
	'WORDPRESS_SECURE_AUTH_KEY',
	'WORDPRESS_LOGGED_IN_KEY',
	'WORDPRESS_NONCE_KEY',
	'WORDPRESS_AUTH_SALT',
	'WORDPRESS_SECURE_AUTH_SALT',
	'WORDPRESS_LOGGED_IN_SALT',
	'WORDPRESS_NONCE_SALT',
);

/** Everything that is wrong with the environment for this command, a sentence each. */
function problems( string $command ): array {
	$problems = array();
	foreach ( rules( $command ) as $name => list( $required, $check ) ) {
		$value = setting( $name );
		if ( '' !== $value ) {
			$problems[] = problem( $name, $value, $check( $value ) );
		} elseif ( $required ) {
			$problems[] = "$name is missing";
		}
	}
	$together = 'nginx' === $command
		? pair_problems( 'WORDPRESS_BASIC_AUTH_USER', 'WORDPRESS_BASIC_AUTH_PASSWORD' )
		: array_merge( mail_problems(), pair_problems( 'WORDPRESS_MEDIA_BUCKET', 'WORDPRESS_MEDIA_REGION' ) );
	return array_values( array_filter( array_merge( $problems, $together ) ) );
}

/** One sentence about a value that is not what $want asks for; empty if nothing is wanted. */
function problem( string $name, string $value, string $want ): string {
	if ( '' === $want ) {
		return '';
	}
	// Someone may have put a user and password into an address.
	$hidden = in_array( $name, SECRETS, true ) || ( str_contains( $value, '@' ) && 'WORDPRESS_URL' === $name );
	if ( $hidden ) {
		return "$name has to be $want";
	}
	$quoted = json_encode( $value, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE );
	return "$name is $quoted; it has to be $want";
}

/** The variables of a container: name => whether it is required, and its check. */
function rules( string $command ): array {
	$check = checks();
	$rules = array(
		'WORDPRESS_URL'          => array( true, $check['url'] ),
		'WORDPRESS_FILE_CHANGES' => array( false, one_of( 'allow', 'deny' ) ),
	);
	if ( 'nginx' === $command ) {
		return $rules + array(
			'WORDPRESS_TRUSTED_PROXIES'     => array( false, $check['ranges'] ),
			'WORDPRESS_VISITOR_HEADER'      => array( false, $check['header'] ),
			'WORDPRESS_XMLRPC'              => array( false, one_of( 'deny', 'allow' ) ),
			'WORDPRESS_HSTS_SECONDS'        => array( false, $check['hsts'] ),
			'WORDPRESS_SEARCH_ENGINES'      => array( false, one_of( 'allow', 'deny' ) ),
			'WORDPRESS_BASIC_AUTH_USER'     => array( false, $check['basic_user'] ),
			'WORDPRESS_BASIC_AUTH_PASSWORD' => array( false, $check['basic_password'] ),
		);
	}
	$redis  = 'off' !== setting( 'WORDPRESS_OBJECT_CACHE' );
	$rules += array(
		'WORDPRESS_DB_HOST'          => array( true, $check['host'] ),
		'WORDPRESS_DB_PORT'          => array( false, $check['port'] ),
		'WORDPRESS_DB_NAME'          => array( true, $check['database'] ),
		'WORDPRESS_DB_USER'          => array( true, $check['line'] ),
		'WORDPRESS_DB_PASSWORD'      => array( true, $check['line'] ),
		'WORDPRESS_DB_TLS'           => array( false, one_of( 'verify', 'off' ) ),
		'WORDPRESS_OBJECT_CACHE'     => array( false, one_of( 'redis', 'off' ) ),
		'WORDPRESS_REDIS_HOST'       => array( $redis, $check['host'] ),
		'WORDPRESS_REDIS_PORT'       => array( false, $check['port'] ),
		'WORDPRESS_REDIS_AUTH_TOKEN' => array( $redis, $check['line'] ),
		'WORDPRESS_REDIS_TLS'        => array( false, one_of( 'verify', 'off' ) ),
	);
	foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $purpose ) {
		$rules[ "WORDPRESS_{$purpose}_KEY" ]  = array( true, $check['line'] );
		$rules[ "WORDPRESS_{$purpose}_SALT" ] = array( true, $check['line'] );
	}
	$rules += array(
		'WORDPRESS_SMTP_HOST'     => array( false, $check['host'] ),
		'WORDPRESS_SMTP_PORT'     => array( false, $check['port'] ),
		'WORDPRESS_SMTP_USER'     => array( false, $check['line'] ),
		'WORDPRESS_SMTP_PASSWORD' => array( false, $check['line'] ),
		'WORDPRESS_SMTP_SECURITY' => array( false, one_of( 'starttls', 'tls', 'off' ) ),
		'WORDPRESS_MAIL_FROM'     => array( false, $check['email'] ),

		'WORDPRESS_CDN_DISTRIBUTION' => array( false, $check['distribution'] ),
		'WORDPRESS_MEDIA_BUCKET'     => array( false, $check['bucket'] ),
		'WORDPRESS_MEDIA_REGION'     => array( false, $check['region'] ),
	);
	if ( 'cron' !== $command ) {
		$rules['WORDPRESS_RELEASE'] = array( false, $check['release'] );
	}
	if ( 'php-fpm' === $command ) {
		$rules['WORDPRESS_PROVING_SECONDS'] = array( false, $check['proving'] );
	}
	if ( 'setup' === $command ) {
		$rules += array(
			'WORDPRESS_TITLE'          => array( true, $check['line'] ),
			'WORDPRESS_ADMIN_USER'     => array( true, $check['user'] ),
			'WORDPRESS_ADMIN_EMAIL'    => array( true, $check['email'] ),
			'WORDPRESS_ADMIN_PASSWORD' => array( true, $check['password'] ),
		);
	}
	return $rules;
}

/** Of two variables none is of use without the other. */
function pair_problems( string $one, string $other ): array {
	if ( ( '' === setting( $one ) ) === ( '' === setting( $other ) ) ) {
		return array();
	}
	$missing = '' === setting( $one ) ? $one : $other;
	return array( "$missing is missing: $one and $other go together" );
}

/** What the mail settings need from each other. */
function mail_problems(): array {
	$host     = setting( 'WORDPRESS_SMTP_HOST' );
	$user     = setting( 'WORDPRESS_SMTP_USER' );
	$password = setting( 'WORDPRESS_SMTP_PASSWORD' );
	$problems = pair_problems( 'WORDPRESS_SMTP_USER', 'WORDPRESS_SMTP_PASSWORD' );
	if ( '' === $host && ( '' !== $user || '' !== $password ) ) {
		$problems[] = 'WORDPRESS_SMTP_HOST is missing: there is a user or password for it';
	}
	if ( '' !== $user && 'off' === setting( 'WORDPRESS_SMTP_SECURITY' ) ) {
		$problems[] = 'WORDPRESS_SMTP_SECURITY is "off"; it has to be starttls or tls where a password is sent';
	}
	return $problems;
}
