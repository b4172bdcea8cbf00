<?php
/** Waiting for the database and for a lock in it, within bounds and with a sign of life. */

declare( strict_types = 1 );

namespace WordPressEcs;

const SECONDS_BETWEEN_LINES = 5;

/** A connection that holds the lock; it has it until it is closed or the process ends. */
function wait_for_lock( string $name, int $seconds ): \mysqli {
	$end  = hrtime( true ) + $seconds * 1_000_000_000;
	$next = 0;
	$link = null;
	for ( ;; ) {
		try {
			$link ??= connect_database( 5 );
			if ( take_lock( $link, $name, 1 ) ) {
				return $link;
			}
			$waiting = 'another setup is at work';
		} catch ( Database_Failure $failure ) {
			if ( $failure->final ) {
				throw $failure;
			}
			$link    = null;
			$waiting = $failure->getMessage();
			usleep( 500_000 );
		}
		$now = hrtime( true );
		if ( $now >= $end ) {
			throw new Database_Failure( "$waiting; gave up after $seconds seconds", true );
		}
		if ( $now >= $next ) {
			say( 'waiting for database ' . database_address() . ": $waiting" );
			$next = $now + SECONDS_BETWEEN_LINES * 1_000_000_000;
		}
	}
}

function take_lock( \mysqli $link, string $name, int $seconds ): bool {
	$name = $link->real_escape_string( $name );
	return '1' === query_value( $link, "SELECT GET_LOCK('$name', $seconds)" );
}
