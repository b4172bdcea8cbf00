<?php

namespace WordPressEcs\ObjectCache;

/**
 * What the requests of one container tell each other about a Redis that does not answer, in files of
 * the container's own /tmp.
 */
final class Outage {
	/** How many seconds nobody tries Redis after it did not answer. */
	private const PAUSE = 5;

	/** Exists since Redis did not answer; its time is that of the last attempt. */
	private string $down;

	/** Not empty: something was changed that Redis was not told, so that it may hold old values. */
	private string $missed;

	private string $server;
	private bool $ended  = true;
	private bool $logged = false;

	public function __construct( string $server, string $prefix ) {
		$this->server = $server;
		$name         = sys_get_temp_dir() . '/object-cache-' . md5( "$server $prefix" );
		$this->down   = "$name.down";
		$this->missed = "$name.missed";
	}

	/** Whether to leave Redis alone for now. When the pause is over, one request goes ahead of the others. */
	public function paused(): bool {
		clearstatcache( true, $this->down );
		$since = @filemtime( $this->down );
		if ( false === $since ) {
			return false;
		}
		$this->ended = false;
		if ( time() - $since < self::PAUSE ) {
			return true;
		}
		@touch( $this->down );
		return false;
	}

	public function begin( string $cause ): void {
		$this->ended = false;
		@touch( $this->down );
		if ( ! $this->logged ) {
			$this->logged = true;
			error_log( "Object cache: Redis at $this->server is not in use: $cause" );
		}
	}

	public function end(): void {
		if ( ! $this->ended ) {
			@unlink( $this->down );
			$this->ended = true;
		}
	}

	/** Notes that Redis was not told of a change. To be called after the change. */
	public function miss(): void {
		$file = @fopen( $this->missed, 'c' );
		if ( false === $file ) {
			return;
		}
		// While a repair holds the lock, the change may have come after the flush: note it after that.
		flock( $file, LOCK_EX );
		fwrite( $file, '1' );
		fclose( $file );
	}

	/**
	 * Flushes if a change was missed, and returns whether what Redis holds is fit for use. The lock is
	 * held until the note is gone, so that a change missed after the flush leaves a new one. A process
	 * that dies in between leaves the old one.
	 */
	public function repair( callable $flush ): bool {
		clearstatcache( true, $this->missed );
		if ( ! @filesize( $this->missed ) ) {
			return true;
		}
		$file = @fopen( $this->missed, 'c' );
		if ( false === $file ) {
			return false;
		}
		flock( $file, LOCK_EX );
		$fit = 0 === fstat( $file )['size'] || ( $flush() && ftruncate( $file, 0 ) );
		fclose( $file );
		return $fit;
	}
}
