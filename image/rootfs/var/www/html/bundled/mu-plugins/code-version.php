<?php
/**
 * Plugins and themes on the shared volume are compiled in each task. When one changes in
 * wp-admin, a new version goes into an option, which every request has already loaded; a task
 * that remembers another version throws its compiled code away.
 */

declare( strict_types = 1 );

namespace WordPressEcs\CodeVersion;

const OPTION = 'wordpress_ecs_code';
const FILE   = '/tmp/code-version';

function announce(): void {
	update_option( OPTION, bin2hex( random_bytes( 8 ) ), true );
}

function follow(): void {
	$version = get_option( OPTION );
	if ( ! is_string( $version ) ) {
		return;
	}
	$known = @file_get_contents( FILE );
	if ( $known === $version ) {
		return;
	}
	// Written aside, so that no other worker reads half of it.
	$new = FILE . '.' . getmypid();
	if ( strlen( $version ) !== @file_put_contents( $new, $version ) || ! @rename( $new, FILE ) ) {
		@unlink( $new );
		// /tmp is full. What cannot be remembered would be thrown away in every request; OPcache looks itself in time.
		return;
	}
	// A task that has just started has compiled nothing older.
	if ( false !== $known ) {
		opcache_reset();
	}
}

if ( ! wp_installing() ) {
	foreach ( array( 'upgrader_process_complete', 'deleted_plugin', 'deleted_theme' ) as $hook ) {
		add_action( $hook, __NAMESPACE__ . '\announce' );
	}
	if ( 'fpm-fcgi' === PHP_SAPI ) {
		follow();
	}
}
unset( $hook );
