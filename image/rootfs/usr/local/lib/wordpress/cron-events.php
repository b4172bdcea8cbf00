<?php
/** One run of WordPress's cron under the lock of the cluster, and the line about it in the log. */

declare( strict_types = 1 );

namespace WordPressEcs;

final class Cron_Events {
	private int $ran    = 0;
	private int $failed = 0;
	private int $start;
	/** What is at work, for the case that it ends the process; nothing when all is done. */
	private string $current = 'loading WordPress';

	/** The connection holds the lock. It is not WordPress's, which reconnects and would lose it. */
	public function __construct( private readonly \mysqli $link ) {
		$this->start = hrtime( true );
		register_shutdown_function( $this->report( ... ) );
	}

	/** Runs what is due, one after the other; ends between two when the container is to stop. */
	public function run(): void {
		$this->empty_cache();
		foreach ( wp_get_ready_cron_jobs() as $timestamp => $hooks ) {
			foreach ( $hooks as $hook => $jobs ) {
				foreach ( $jobs as $job ) {
					if ( stop_within( 0 ) || ! $this->has_lock() ) {
						$this->current = '';
						return;
					}
					$this->run_event( $timestamp, $hook, $job );
				}
			}
		}
		$this->act( 'wordpress_ecs_minute', array() );
		if ( $this->has_lock() ) {
			$this->current = 'noting the end of the run';
			store_option( $this->link, 'wordpress_ecs_cron', (string) time() );
		}
		$this->current = '';
	}

	/** The lock ends with its connection, after which another task may do what is due, while WordPress connects again. */
	private function has_lock(): bool {
		if ( @$this->link->query( 'DO 1' ) ) {
			return true;
		}
		log_line( array( 'source' => 'cron', 'error' => 'the connection with the lock is lost: what is left waits for the next run' ) );
		return false;
	}

	private function run_event( int $timestamp, string $hook, array $job ): void {
		// As wp-cron.php has it: an event that ends the process is not run over and over.
		if ( $job['schedule'] ) {
			wp_reschedule_event( $timestamp, $job['schedule'], $hook, $job['args'] );
		}
		wp_unschedule_event( $timestamp, $hook, $job['args'] );
		$this->ran += $this->act( $hook, $job['args'] ) ? 1 : 0;
	}

	/** Whether it went well. */
	private function act( string $hook, array $arguments ): bool {
		$this->current = $hook;
		try {
			do_action_ref_array( $hook, $arguments );
			return true;
		} catch ( \Throwable $error ) {
			++$this->failed;
			log_line( array( 'source' => 'cron', 'hook' => $hook, 'error' => one_line( $error->getMessage() ) ) );
			return false;
		}
	}

	/** Setup has changed the database while Redis was away, which may be back with what it knew before. */
	private function empty_cache(): void {
		if ( null !== stored_option( $this->link, 'wordpress_ecs_flush' ) && wp_cache_flush() ) {
			remove_option( $this->link, 'wordpress_ecs_flush' );
		}
	}

	/** At the end of the process, which WordPress or a plugin may have brought about. */
	private function report(): void {
		$this->failed += '' === $this->current ? 0 : 1;
		if ( 0 === $this->ran + $this->failed ) {
			return;
		}
		$line = array(
			'source'  => 'cron',
			'events'  => $this->ran,
			'failed'  => $this->failed,
			'seconds' => round( ( hrtime( true ) - $this->start ) / 1e9, 3 ),
		);
		log_line( '' === $this->current ? $line : $line + array( 'error' => "ended in {$this->current}" ) );
	}
}
