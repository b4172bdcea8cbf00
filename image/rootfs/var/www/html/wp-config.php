<?php
/**
 * WordPress settings, from the environment only: every task of the service runs the same
 * image, and what differs between stacks comes with the task definition.
 * The entrypoint has checked that the required variables are there.
 */

define( 'DB_NAME', getenv( 'WORDPRESS_DB_NAME' ) );
define( 'DB_USER', getenv( 'WORDPRESS_DB_USER' ) );
define( 'DB_PASSWORD', getenv( 'WORDPRESS_DB_PASSWORD' ) );
define( 'DB_HOST', getenv( 'WORDPRESS_DB_HOST' ) . ':' . ( getenv( 'WORDPRESS_DB_PORT' ) ?: '3306' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
// Encrypted unless switched off; a server without TLS is refused.
define( 'MYSQL_CLIENT_FLAGS', getenv( 'WORDPRESS_DB_TLS' ) === 'off' ? 0 : MYSQLI_CLIENT_SSL );

$table_prefix = 'wp_';

// Equal on all tasks, or a visitor's login would hold on one of them only.
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $purpose ) {
	define( $purpose . '_KEY', getenv( 'WORDPRESS_' . $purpose . '_KEY' ) );
	define( $purpose . '_SALT', getenv( 'WORDPRESS_' . $purpose . '_SALT' ) );
}

if ( getenv( 'WORDPRESS_URL' ) ) {
	define( 'WP_HOME', rtrim( getenv( 'WORDPRESS_URL' ), '/' ) );
	define( 'WP_SITEURL', WP_HOME );
}

// Code is part of the image: an update is a new image, and nothing is written beside uploads.
define( 'DISALLOW_FILE_MODS', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'WP_DEBUG', false );

if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
