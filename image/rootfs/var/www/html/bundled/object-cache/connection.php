<?php

namespace WordPressEcs\ObjectCache;

use Redis;
use RedisException;

/**
 * One persistent connection to Redis, on which commands are sent together and answered together.
 *
 * phpredis returns a connection to its pool even when a request ended in the middle of an answer, and the
 * next request would read the rest of that answer as its own. So every request begins with a greeting that
 * carries a word of its own; a connection that does not return this word is closed. The password goes with
 * the greeting, which saves the round trip that it would cost to find out whether it is needed.
 */
final class Connection {
	/** Seconds that connecting, and waiting for an answer, may take. */
	private const TIMEOUT = 1.0;

	private const UNFINISHED = 'an answer was not read to its end';

	private ?Redis $redis = null;

	/** True while an answer is awaited: a fatal error there leaves the connection in the middle of it. */
	private bool $waiting = false;

	private string $error = '';

	public function __construct(
		public readonly string $host,
		public readonly int $port,
		private readonly bool $tls,
		#[\SensitiveParameter] private readonly string $password
	) {}

	/** Why the last commands have no answer. */
	public function error(): string {
		return $this->error;
	}

	/** Whether the last commands have no answer because Redis's memory is full, which leaves it usable. */
	public function full(): bool {
		return str_starts_with( $this->error, 'OOM ' );
	}

	/**
	 * Whether the last commands changed nothing and another connection may do better: the old one had ended
	 * before they were sent, or it leads to a server that is no longer the primary.
	 */
	public function outdated(): bool {
		return 1 === preg_match( '/^(Connection lost|READONLY|LOADING|MASTERDOWN)/', $this->error );
	}

	/**
	 * Connects and returns the answers to the first commands, or null.
	 *
	 * @param array[] $commands
	 */
	public function open( array $commands ): ?array {
		$start   = microtime( true );
		$answers = $this->greet( $commands );
		if ( null !== $answers || $this->refused() ) {
			return $answers;
		}
		// A connection kept from before may have ended with its server, or be in the middle of an answer. Without
		// any answer, though, a second is all that a request pays.
		$silent = self::UNFINISHED !== $this->error && microtime( true ) - $start > self::TIMEOUT / 2;
		return $silent ? null : $this->greet( $commands );
	}

	/**
	 * Sends commands in one go and returns their answers, or null when not all of them have one.
	 *
	 * @param array[] $commands
	 */
	public function run( array $commands ): ?array {
		if ( $this->waiting ) {
			$this->close();
			$this->error = self::UNFINISHED;
		}
		if ( null === $this->redis ) {
			return null;
		}
		$this->error = '';
		$this->redis->clearLastError();
		$this->waiting = true;
		try {
			$answers = $this->send( $commands );
		} catch ( RedisException $e ) {
			$answers = null;
			// Of several refusals, the first is the cause of the others.
			while ( null !== $e->getPrevious() ) {
				$e = $e->getPrevious();
			}
			$this->error = $e->getMessage();
		}
		$this->waiting = false;
		// Most refusals (READONLY after a failover, LOADING, NOAUTH) come as exceptions, with the answers behind
		// them unread. The others are no part of normal work either.
		if ( null !== $answers && null !== $this->redis->getLastError() ) {
			$this->error = $this->redis->getLastError();
			$answers     = null;
		}
		if ( null === $answers ) {
			$this->close();
		}
		return $answers;
	}

	/** Ends the connection, so that the next one asks the name server where Redis is. */
	public function close(): void {
		if ( null !== $this->redis ) {
			try {
				$this->redis->close();
			} catch ( RedisException ) { // it was closed already
			}
			$this->redis = null;
		}
		$this->waiting = false;
	}

	private function send( array $commands ): array {
		if ( 1 === count( $commands ) ) {
			return array( $this->redis->rawCommand( ...$commands[0] ) );
		}
		$this->redis->pipeline();
		foreach ( $commands as $command ) {
			$this->redis->rawCommand( ...$command );
		}
		$answers = $this->redis->exec();
		if ( ! is_array( $answers ) || count( $answers ) !== count( $commands ) ) {
			throw new RedisException( 'read error on connection' );
		}
		return $answers;
	}

	private function greet( array $commands ): ?array {
		if ( ! $this->connect() ) {
			return null;
		}
		$word     = bin2hex( random_bytes( 8 ) );
		$greeting = array( array( 'ECHO', $word ) );
		if ( '' !== $this->password ) {
			array_unshift( $greeting, array( 'AUTH', $this->password ) );
		}
		$answers = $this->run( array( ...$greeting, ...$commands ) );
		if ( null === $answers ) {
			return null;
		}
		if ( $answers[ count( $greeting ) - 1 ] !== $word ) {
			$this->close();
			$this->error = self::UNFINISHED;
			return null;
		}
		return array_slice( $answers, count( $greeting ) );
	}

	private function connect(): bool {
		$this->close();
		$redis = new Redis();
		// By itself phpredis would connect again, up to ten times, and without the password.
		$redis->setOption( Redis::OPT_MAX_RETRIES, 0 );
		$scheme = $this->tls ? 'tls' : 'tcp';
		// PHP's own defaults, said aloud: they must not depend on a setting elsewhere.
		$context = $this->tls ? array( 'stream' => array( 'verify_peer' => true, 'verify_peer_name' => true ) ) : array();
		// PHP gives the cause in warnings, several of them where a certificate is refused.
		$this->error = '';
		set_error_handler( function ( $level, $warning ) {
			$this->error .= strtr( $warning, "\n", ' ' ) . ' ';
			return true;
		} );
		try {
			$connected = $redis->pconnect(
				"$scheme://$this->host", $this->port, self::TIMEOUT, 'object-cache', 0, self::TIMEOUT, $context
			);
		} catch ( RedisException $e ) {
			$connected    = false;
			$this->error .= $e->getMessage();
		} finally {
			restore_error_handler();
		}
		if ( ! $connected ) {
			return false;
		}
		$this->redis = $redis;
		return true;
	}

	/** Whether Redis answers, but will not serve: another connection would not help. */
	private function refused(): bool {
		return 1 === preg_match( '/^(WRONGPASS|NOAUTH|NOPERM|ERR) /', $this->error );
	}
}
