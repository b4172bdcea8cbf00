<?php
/**
 * Plugin Name: Object cache in Redis
 * Description: WordPress's object cache on one persistent connection, over TLS with a password.
 *
 * The functions are in a file of their own: PHP declares a file's functions before it runs the first
 * line, so that a second require of this file, under another name, could not be refused here.
 */

if ( ! function_exists( 'wp_cache_init' ) ) {
	require_once __DIR__ . '/object-cache/outage.php';
	require_once __DIR__ . '/object-cache/connection.php';
	require_once __DIR__ . '/object-cache/value.php';
	require_once __DIR__ . '/object-cache/prefetch.php';
	require_once __DIR__ . '/object-cache/store.php';
	require_once __DIR__ . '/object-cache/class-wp-object-cache.php';
	require_once __DIR__ . '/object-cache/functions.php';
}
