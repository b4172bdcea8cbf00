<?php
/** One run of cron.php: nothing, if another task does it or the site is not there yet. */

declare( strict_types = 1 );

namespace WordPressEcs;

// A run that ended this recently was this minute's.
const RECENT = 45;
const STATES = '/tmp/readiness';

/** A connection with the lock if this process has this minute's run to do. */
function take_turn(): ?\mysqli {
	try {
		$link = connect_database( 5 );
		if ( ! take_lock( $link, 'wordpress-cron-' . setting( 'WORDPRESS_DB_NAME' ), 0 ) ) {
			return null;
		}
		$installed = null !== stored_option( $link, 'siteurl' ) && null === stored_option( $link, UNFINISHED );
		$age       = time() - (int) stored_option( $link, 'wordpress_ecs_cron' );
		return $installed && ( $age < 0 || $age >= RECENT ) ? $link : null;
	} catch ( Database_Failure $failure ) {
		log_line( array( 'source' => 'cron', 'error' => 'database ' . database_address() . ': ' . $failure->getMessage() ) );
		return null;
	}
}

/** Logs the states of readiness when one of them is not what it was. */
function log_readiness(): void {
	$checks = readiness();
	$states = json_encode( array_map( static fn ( array $check ): string => $check['state'], $checks ) );
	if ( @file_get_contents( STATES ) === $states ) {
		return;
	}
	file_put_contents( STATES, $states );
	log_line( array( 'source' => 'readiness', 'ready' => is_ready( $checks ), 'checks' => $checks ) );
}

// Plugins share this scope: no other name would be safe from them.
$wordpress_ecs_link = take_turn();
if ( null === $wordpress_ecs_link ) {
	exit( 0 );
}
$wordpress_ecs_events = new Cron_Events( $wordpress_ecs_link );

define( 'DOING_CRON', true );
pretend_visitor();
// The container has 192 MiB, of which this process and its parent need some beside PHP's heap.
define( 'WP_MEMORY_LIMIT', '128M' );
define( 'WP_MAX_MEMORY_LIMIT', '128M' );
require ROOT . '/wp-load.php';

$wordpress_ecs_events->run();
log_readiness();
