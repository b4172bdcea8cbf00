<?php
/**
 * The core's version is the image's: nobody is offered another one, and nobody is told to
 * worry about it.
 */

declare( strict_types = 1 );

namespace WordPressEcs\CoreVersion;

/** Leaves the translations in, which may change. */
function without_core_updates( mixed $updates ): mixed {
	if ( is_object( $updates ) ) {
		$updates          = clone $updates;
		$updates->updates = array();
	}
	return $updates;
}

/** Denies what would write to the image, to everybody. */
function deny_core_updates( array $capabilities, string $capability ): array {
	return 'update_core' === $capability ? array( 'do_not_allow' ) : $capabilities;
}

/**
 * While a release is rolled out, tasks with the older core find a schema that is already newer.
 * WordPress would send everyone in wp-admin to a page that downgrades its number.
 */
function schema_version( mixed $stored ): mixed {
	return (int) $stored > $GLOBALS['wp_db_version'] ? $GLOBALS['wp_db_version'] : $stored;
}

/** The core has no background updates here. The site sends itself requests only to try code that has changed. */
function site_health_tests( array $tests ): array {
	unset( $tests['async']['background_updates'] );
	if ( ! wp_is_file_mod_allowed( 'site_health' ) ) {
		unset( $tests['async']['loopback_requests'] );
	}
	return $tests;
}

add_filter( 'site_transient_update_core', __NAMESPACE__ . '\without_core_updates' );
add_filter( 'map_meta_cap', __NAMESPACE__ . '\deny_core_updates', 10, 2 );
add_filter( 'site_status_tests', __NAMESPACE__ . '\site_health_tests' );
if ( ! wp_installing() ) {
	add_filter( 'option_db_version', __NAMESPACE__ . '\schema_version' );
}
