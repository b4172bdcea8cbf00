<?php
/** What setup makes of the database. Runs inside WordPress, with WP_INSTALLING, under setup's lock. */

declare( strict_types = 1 );

namespace WordPressEcs;

/** Installs into a database without tables, with a mark in it for as long as it takes. */
function install( \mysqli $link ): void {
	global $wp_rewrite;
	make_db_current_silent();
	if ( ! site_tables( $link ) ) {
		throw new Site_Failure( 'cannot create the tables: ' . database_error() );
	}
	store_option( $link, UNFINISHED, gmdate( 'c' ) );
	// A login compares what WordPress has slashed, like everything from a form.
	wp_install(
		setting( 'WORDPRESS_TITLE' ),
		setting( 'WORDPRESS_ADMIN_USER' ),
		setting( 'WORDPRESS_ADMIN_EMAIL' ),
		true,
		'',
		wp_slash( setting( 'WORDPRESS_ADMIN_PASSWORD' ) )
	);
	$wp_rewrite->set_permalink_structure( '/%year%/%monthnum%/%day%/%postname%/' );
	flush_rewrite_rules( false );

	$admin = get_user_by( 'login', setting( 'WORDPRESS_ADMIN_USER' ) );
	if ( ! $admin || ! in_array( 'administrator', $admin->roles, true ) || '' === (string) stored_option( $link, 'siteurl' ) ) {
		throw new Site_Failure( 'the installation is not complete: ' . database_error() );
	}
	remove_option( $link, UNFINISHED );
}

/** Brings an older schema to what this core needs; true if there was something to do. */
function upgrade( \mysqli $link, callable $say ): bool {
	global $wp_db_version;
	$from = (int) stored_option( $link, 'db_version' );
	if ( $from === $wp_db_version ) {
		return false;
	}
	if ( $from > $wp_db_version ) {
		$say( "the schema is version $from, newer than this WordPress ($wp_db_version): left as it is" );
		return false;
	}
	$say( "upgrading the schema from version $from to $wp_db_version" );
	wp_upgrade();
	$to = (int) stored_option( $link, 'db_version' );
	if ( $to !== $wp_db_version ) {
		throw new Site_Failure( "the schema is version $to after the upgrade to $wp_db_version: " . database_error() );
	}
	return true;
}

/**
 * Activates the default theme where the active one is gone, as wp-admin does, but before visitors
 * see an empty page: an image with a newer core brings another default theme. True if it did.
 */
function replace_missing_theme( callable $say ): bool {
	$themes  = search_theme_directories( true );
	$missing = array_diff( array( get_option( 'stylesheet' ), get_option( 'template' ) ), array_keys( $themes ) );
	if ( ! $missing ) {
		return false;
	}
	$gone = implode( ' and ', array_unique( $missing ) );
	if ( ! isset( $themes[ WP_DEFAULT_THEME ] ) ) {
		$say( "theme $gone is active, but neither in the image nor on the shared volume: visitors see an empty page" );
		return false;
	}
	switch_theme( WP_DEFAULT_THEME );
	$say( "theme $gone was active, but is neither in the image nor on the shared volume: " . WP_DEFAULT_THEME . ' is active now' );
	return true;
}

/**
 * Says where the active theme is, so that WordPress need not look for it in every request. The
 * place changes when WORDPRESS_FILE_CHANGES does, and when an image brings or drops a theme.
 */
function remember_theme_root(): void {
	$themes = search_theme_directories( true );
	foreach ( array( 'template', 'stylesheet' ) as $part ) {
		$root = $themes[ get_option( $part ) ]['theme_root'] ?? '';
		// The volume's is known by its path in WP_CONTENT_DIR, the image's by its full path, which holds in both modes.
		$root = ROOT . '/wp-content/themes' === $root ? '/themes' : $root;
		if ( '' !== $root && get_option( "{$part}_root" ) !== $root ) {
			update_option( "{$part}_root", $root );
		}
	}
}

/** What the database said last that was not the question whether a table exists. */
function database_error(): string {
	global $EZSQL_ERROR;
	foreach ( array_reverse( (array) $EZSQL_ERROR ) as $error ) {
		if ( ! str_contains( $error['error_str'], "doesn't exist" ) ) {
			return one_line( $error['error_str'] );
		}
	}
	return 'the database reported no error';
}
