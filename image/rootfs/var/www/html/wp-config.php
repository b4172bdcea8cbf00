<?php
/**
 * WordPress settings, from the environment only: every task of the service runs the same
 * image, and what differs between stacks comes with the task definition. The entrypoint has
 * checked the environment. No request header decides anything here: nginx alone knows which
 * proxies to believe, and says HTTPS to PHP when one of them did.
 */

namespace WordPressEcs;

require_once '/usr/local/lib/wordpress/settings.php';
require_once '/usr/local/lib/wordpress/database.php';
require_once '/usr/local/lib/wordpress/sessions.php';

// php-fpm puts the environment into $_SERVER, which reports of errors and of the server's state list.
foreach ( preg_grep( '~^(?:WORDPRESS|AWS)_~', array_keys( $_SERVER ) ) as $name ) {
	unset( $_SERVER[ $name ] );
}
unset( $name );

if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}

define( 'DB_NAME', setting( 'WORDPRESS_DB_NAME' ) );
define( 'DB_USER', setting( 'WORDPRESS_DB_USER' ) );
define( 'DB_PASSWORD', setting( 'WORDPRESS_DB_PASSWORD' ) );
define( 'DB_HOST', setting( 'WORDPRESS_DB_HOST' ) . ':' . setting( 'WORDPRESS_DB_PORT' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
define( 'MYSQL_CLIENT_FLAGS', database_flags() );

$table_prefix = TABLE_PREFIX;

// Equal on all tasks, or a visitor's login would hold on one of them only.
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $purpose ) {
	define( $purpose . '_KEY', setting( "WORDPRESS_{$purpose}_KEY" ) );
	define( $purpose . '_SALT', setting( "WORDPRESS_{$purpose}_SALT" ) );
}
unset( $purpose );

define( 'WP_HOME', setting( 'WORDPRESS_URL' ) );
define( 'WP_SITEURL', WP_HOME );

// Uploads have one path and one address, whatever WP_CONTENT_DIR is.
define( 'UPLOADS', 'wp-content/uploads' );
define( 'WPMU_PLUGIN_DIR', ABSPATH . 'bundled/mu-plugins' );
define( 'WPMU_PLUGIN_URL', WP_HOME . '/bundled/mu-plugins' );
define( 'FS_METHOD', 'direct' );

if ( 'deny' === setting( 'WORDPRESS_FILE_CHANGES' ) ) {
	// Code is what the image holds; of the shared volume only the uploads are used.
	define( 'WP_CONTENT_DIR', ABSPATH . 'bundled' );
	define( 'WP_CONTENT_URL', WP_HOME . '/bundled' );
	define( 'DISALLOW_FILE_MODS', true );
	define( 'AUTOMATIC_UPDATER_DISABLED', true );
}

// A new core is a new image, in both modes.
define( 'WP_AUTO_UPDATE_CORE', false );
// The cron container runs what is due; visitors do not wait for it.
define( 'DISABLE_WP_CRON', true );
// nginx serves the files of wp-admin one by one and for good, instead of PHP joining them.
define( 'CONCATENATE_SCRIPTS', false );
define( 'WP_DEBUG', false );

keep_sessions();

// Not as wp-content/object-cache.php: that would be on the shared volume, where other images
// and plugins could change it. WordPress takes one that is already there.
if ( 'off' !== setting( 'WORDPRESS_OBJECT_CACHE' ) ) {
	require_once ABSPATH . 'bundled/object-cache.php';
	$GLOBALS['_wp_using_ext_object_cache'] = true;
}

// Connections to the database outlive a request, too.
require_once ABSPATH . 'bundled/database.php';

require_once ABSPATH . 'wp-settings.php';
