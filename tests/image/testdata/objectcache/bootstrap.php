<?php
/**
 * As much of WordPress as its object cache needs. CACHE=memory takes WordPress's own cache, and anything else
 * the one in Redis; MULTISITE=1 makes a network.
 */

define( 'ABSPATH', '/var/www/html/' );
define( 'WPINC', 'wp-includes' );
define( 'WP_DEBUG', false );
define( 'DB_HOST', 'database' );
define( 'DB_NAME', getenv( 'WORDPRESS_DB_NAME' ) ?: 'wordpress' );
define( 'KB_IN_BYTES', 1024 );
if ( getenv( 'MULTISITE' ) ) {
	define( 'MULTISITE', true );
}
$table_prefix = getenv( 'TABLE_PREFIX' ) ?: 'wp_';
$blog_id      = 1;

function __( $text ) {
	return $text;
}
function esc_html( $text ) {
	return $text;
}
// What WordPress would report to a developer is collected instead of shown.
$wrong = array();
function add_filter_for_test( $name, $callback ) {
	$GLOBALS['wp_filter'][ $name ][10][] = array( 'function' => $callback, 'accepted_args' => 3 );
}
add_filter_for_test( 'doing_it_wrong_run', function ( $function, $message ) {
	$GLOBALS['wrong'][] = "$function: $message";
} );
add_filter_for_test( 'deprecated_function_run', function ( $function ) {
	$GLOBALS['wrong'][] = "$function is deprecated";
} );

require ABSPATH . WPINC . '/compat.php';
require ABSPATH . WPINC . '/load.php';
require ABSPATH . WPINC . '/plugin.php';
require ABSPATH . WPINC . '/functions.php';
if ( getenv( 'CACHE' ) === 'memory' ) {
	require ABSPATH . WPINC . '/cache.php';
} else {
	require ABSPATH . 'bundled/object-cache.php';
}
require ABSPATH . WPINC . '/cache-compat.php';
wp_cache_init();
