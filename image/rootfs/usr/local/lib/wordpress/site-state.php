<?php
/**
 * What setup finds in the database, before WordPress is loaded: with half of its tables there,
 * WordPress takes them for damaged and ends.
 *
 * Its installation is no transaction, so a mark goes first: an option that says one has begun.
 * As long as it is there no task has served this site, because php-fpm starts after a setup that
 * succeeded; so the next setup drops the tables and begins again.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

const UNFINISHED = 'wordpress_ecs_unfinished';
// More than an installation writes: what holds more is somebody's site, whatever the mark says.
const MOST_USERS = 1;
const MOST_POSTS = 10;

/** Why the site cannot be prepared. */
final class Site_Failure extends \RuntimeException {}

/** Whether the site is installed. If it is not, no table of it is left; throws where that is not safe. */
function is_installed( \mysqli $link, callable $say ): bool {
	$tables = site_tables( $link );
	if ( ! $tables ) {
		return false;
	}
	$unfinished = null !== stored_option( $link, UNFINISHED );
	if ( ! $unfinished && '' !== (string) stored_option( $link, 'siteurl' ) ) {
		return true;
	}
	if ( $unfinished ) {
		refuse_content( $link, $tables );
	} else {
		refuse_rows( $link, $tables );
	}
	$say( 'an earlier installation did not end: its tables are dropped' );
	// The mark's own table last, or a stop in between would leave tables without it.
	foreach ( array_diff( $tables, array( OPTIONS ) ) as $table ) {
		run( $link, "DROP TABLE `$table`" );
	}
	run( $link, 'DROP TABLE IF EXISTS ' . OPTIONS );
	return false;
}

/** An unfinished installation holds at most what WordPress puts into a new site. */
function refuse_content( \mysqli $link, array $tables ): void {
	foreach ( array( 'users' => MOST_USERS, 'posts' => MOST_POSTS ) as $name => $most ) {
		$table = TABLE_PREFIX . $name;
		$rows  = in_array( $table, $tables, true ) ? (int) query_value( $link, "SELECT COUNT(*) FROM `$table`" ) : 0;
		if ( $rows > $most ) {
			throw new Site_Failure(
				"the installation is marked as unfinished, but there are $rows $name: nothing was changed; "
				. 'delete the option ' . UNFINISHED . ' if the site is complete'
			);
		}
	}
}

/** Tables without a mark are those of a setup that ended between making the first and setting the mark: empty. */
function refuse_rows( \mysqli $link, array $tables ): void {
	foreach ( $tables as $table ) {
		if ( null !== query_value( $link, "SELECT 1 FROM `$table` LIMIT 1" ) ) {
			throw new Site_Failure( "table $table holds rows, but there is no installed site: nothing was changed" );
		}
	}
}
