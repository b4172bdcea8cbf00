<?php
/**
 * Once a minute, runs what is due in WordPress. Every task of the service does this; a lock in
 * the database lets one of them work at a time. On SIGQUIT or SIGTERM the event at work ends,
 * and then this.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

require __DIR__ . '/settings.php';
require __DIR__ . '/database.php';
require __DIR__ . '/readiness.php';
require __DIR__ . '/options.php';
require __DIR__ . '/site-state.php';
require __DIR__ . '/waiting.php';
require __DIR__ . '/cron-events.php';
require __DIR__ . '/visitor.php';

const INTERVAL = 60;
// Less than ECS leaves a container to stop, so that the last words are not lost.
const STOP_SECONDS = 55;
// An event that hangs has the lock, and all other events wait for it.
const LONGEST_RUN  = 3600;
const STOP_SIGNALS = array( SIGQUIT, SIGTERM, SIGINT );

/** One line of JSON for the log. */
function log_line( array $fields ): void {
	$line = json_encode( array( 'time' => gmdate( 'c' ) ) + $fields, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE );
	// Not echo: PHP would take it for the beginning of an answer, after which no session can be set up.
	fwrite( STDOUT, "$line\n" );
}

/** Waits for a stop signal, at most so many seconds; true if one came. */
function stop_within( int $seconds ): bool {
	$information = array();
	// No wait at all is not allowed: a nanosecond stands for it.
	return pcntl_sigtimedwait( STOP_SIGNALS, $information, $seconds, 1 ) > 0;
}

// Signals are asked for, never handled in the middle of something: a query or a download of a
// plugin would see its call interrupted.
pcntl_sigprocmask( SIG_BLOCK, array( ...STOP_SIGNALS, SIGCHLD ) );

for ( ;; ) {
	// Each run in a process of its own: WordPress ends processes, and gives no memory back.
	$child = pcntl_fork();
	if ( 0 === $child ) {
		break;
	}
	$stopping = false;
	$deadline = time() + LONGEST_RUN;
	while ( $child > 0 && 0 === pcntl_waitpid( $child, $status, WNOHANG ) ) {
		$information = array();
		$signal      = pcntl_sigtimedwait( array( ...STOP_SIGNALS, SIGCHLD ), $information, 1 );
		if ( in_array( $signal, STOP_SIGNALS, true ) && ! $stopping ) {
			$stopping = true;
			$deadline = min( $deadline, time() + STOP_SECONDS );
			posix_kill( $child, SIGTERM );
		}
		if ( time() >= $deadline ) {
			$seconds = $stopping ? STOP_SECONDS : LONGEST_RUN;
			log_line( array( 'source' => 'cron', 'error' => "an event did not end within $seconds seconds and was cut off" ) );
			posix_kill( $child, SIGKILL );
			pcntl_waitpid( $child, $status );
			break;
		}
	}
	// At the full minute, so that the tasks meet and all but one have nothing to do.
	if ( $stopping || stop_within( INTERVAL - time() % INTERVAL ) ) {
		exit( 0 );
	}
}

// Only the child of a run comes here, and outside of any function: WordPress needs its global scope.
require __DIR__ . '/cron-run.php';
