<?php
/**
 * What the containers know without being told. Everything else comes from the environment
 * and from nowhere else: the entrypoint has checked it before PHP serves anything.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

const DEFAULTS = array(
	'WORDPRESS_FILE_CHANGES'  => 'allow',
	'WORDPRESS_DB_PORT'       => '3306',
	'WORDPRESS_DB_TLS'        => 'verify',
	'WORDPRESS_OBJECT_CACHE'  => 'redis',
	'WORDPRESS_REDIS_PORT'    => '6379',
	'WORDPRESS_REDIS_TLS'     => 'verify',
	'WORDPRESS_SMTP_PORT'     => '587',
	'WORDPRESS_SMTP_SECURITY' => 'starttls',
	'WORDPRESS_XMLRPC'        => 'deny',
);

const TABLE_PREFIX = 'wp_';
const ROOT         = '/var/www/html';

/** A variable of the environment, or its default; an empty one counts as not given. */
function setting( string $name ): string {
	$value = getenv( $name );
	return is_string( $value ) && '' !== $value ? $value : ( DEFAULTS[ $name ] ?? '' );
}
