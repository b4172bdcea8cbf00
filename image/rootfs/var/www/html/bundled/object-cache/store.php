<?php

namespace WordPressEcs\ObjectCache;

/**
 * Values in Redis, under keys that carry generations: one of the whole site and one of each group. A flush
 * changes a generation, after which no key made with the old one is asked for; they leave when their time
 * is over. All generations are in one hash, which is read when a request first needs Redis.
 *
 * Every change asks for the generations again, in the same round trip. So it shows when another process has
 * flushed in the meantime, and the change is made under the new generation as well; otherwise a request
 * that began before a flush could change the database and leave what others cached after it.
 */
final class Store {
	/** The longest that anything stays, in seconds: the end of values whose generation is over. */
	private const LONGEST = 7 * 86400;

	/** Adds to a number where it stands. Other values are returned, or exchanged for one made from them. */
	private const INCREMENT = <<<'LUA'
local value = redis.call('GET', KEYS[1])
if not value then return false end
if value == ARGV[2] then return redis.call('SET', KEYS[1], ARGV[3], 'KEEPTTL') end
if not string.match(value, '^%-?%d+$') then return {value} end
local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(sum) == 'table' then return {value} end
if sum < 0 then redis.call('SET', KEYS[1], '0', 'KEEPTTL') return 0 end
return sum
LUA;

	/** Begins a new generation of the site, in which groups have none of their own yet. */
	private const FLUSH = "redis.call('DEL', KEYS[1]) return redis.call('HSET', KEYS[1], 'site', ARGV[1])";

	/** @var array<string, string>|null Generations by field of the hash, once known. */
	private ?array $generations = null;

	/** @var array<string, string> What the keys of a group begin with. */
	private array $groups = array();

	/** True when this request goes on without Redis. */
	private bool $gone = false;

	/** True after a connection was replaced in the middle of the request, which is done once. */
	private bool $reopened = false;

	/** Called when values read before may be out of date. */
	private ?\Closure $flushed = null;

	public int $calls = 0;

	public function __construct(
		private readonly Connection $connection,
		private readonly Outage $outage,
		private readonly Prefetch $prefetch,
		private readonly string $prefix
	) {}

	public static function from_environment(): self {
		$connection = new Connection(
			(string) getenv( 'WORDPRESS_REDIS_HOST' ),
			(int) ( getenv( 'WORDPRESS_REDIS_PORT' ) ?: 6379 ),
			'off' !== getenv( 'WORDPRESS_REDIS_TLS' ),
			(string) getenv( 'WORDPRESS_REDIS_AUTH_TOKEN' )
		);
		// The host, too: a database that was restored from an earlier day has another one, and none of these values.
		$site       = defined( 'WP_CACHE_KEY_SALT' ) && WP_CACHE_KEY_SALT
			? WP_CACHE_KEY_SALT
			: DB_HOST . ':' . DB_NAME . ':' . ( $GLOBALS['table_prefix'] ?? '' );
		$prefix     = 'wp:' . rawurlencode( $site ) . ':';

		return new self(
			$connection,
			new Outage( "$connection->host:$connection->port", $prefix ),
			new Prefetch( Prefetch::kind() ),
			$prefix
		);
	}

	public function on_flush( \Closure $flushed ): void {
		$this->flushed = $flushed;
	}

	/**
	 * What Redis holds for the ids of a group: a string, or false where there is nothing; null without Redis.
	 *
	 * @param array<int|string> $ids
	 */
	public function get( string $group, array $ids ): ?array {
		if ( ! $this->ready() ) {
			return null;
		}
		$values = array();
		$keys   = array();
		foreach ( $ids as $n => $id ) {
			$value = $this->prefetch->take( $group, $id );
			if ( null !== $value ) {
				$values[ $n ] = $value;
			} else {
				$keys[ $n ] = $this->key( $group, $id );
			}
		}
		if ( $keys ) {
			$answers = $this->commands( array( array( 'MGET', ...array_values( $keys ) ) ) );
			if ( null === $answers ) {
				return null;
			}
			$values += array_combine( array_keys( $keys ), $answers[0] );
		}
		return $values;
	}

	/**
	 * The same, past everything that this request knows: not what was fetched ahead, and after a flush that it
	 * had not heard of.
	 *
	 * @param array<int|string> $ids
	 */
	public function get_current( string $group, array $ids ): ?array {
		$answers = $this->change( $group, array_values( $ids ), static fn( $key ) => array( 'GET', $key ), false, false );
		return null === $answers ? null : array_combine( array_keys( $ids ), $answers );
	}

	/**
	 * Stores values.
	 *
	 * @param array<int|string, mixed> $values By id.
	 * @param string                   $when   NX: only what is not there yet; XX: only what is there; or empty.
	 * @return bool[]|null Whether each was stored, by id; null without Redis.
	 */
	public function set( string $group, array $values, int $expire, string $when = '' ): ?array {
		$seconds = $expire > 0 ? min( $expire, self::LONGEST ) : self::LONGEST;
		$command = static function ( string $key, $id ) use ( $values, $seconds, $when ) {
			$value = Value::encode( $values[ $id ] );
			if ( null === $value ) {
				return array( 'NX' === $when ? 'EXISTS' : 'DEL', $key );
			}
			$command = array( 'SET', $key, $value, 'EX', (string) $seconds );
			if ( '' !== $when ) {
				$command[] = $when;
			}
			return $command;
		};
		// What was read before a flush may be out of date after it. Only what is not there may still be added.
		$answers = $this->change( $group, array_keys( $values ), $command, 'NX' !== $when );
		return null === $answers ? null : array_map( static fn( $answer ) => true === $answer, $answers );
	}

	/**
	 * @param array<int|string> $ids
	 * @return bool[]|null Whether each was there, by id; null without Redis.
	 */
	public function delete( string $group, array $ids ): ?array {
		$answers = $this->change( $group, $ids, static fn( $key ) => array( 'DEL', $key ) );
		return null === $answers ? null : array_map( static fn( $answer ) => $answer > 0, $answers );
	}

	/** The new value, false where there is none to add to, null without Redis. */
	public function increment( string $group, int|string $id, int $offset ): int|float|false|null {
		$expected    = '';
		$replacement = '';
		$sum         = 0;
		for ( $tries = 0; $tries < 10; $tries++ ) {
			$answers = $this->change(
				$group,
				array( $id ),
				static fn( $key ) => array( 'EVAL', self::INCREMENT, '1', $key, (string) $offset, $expected, $replacement )
			);
			if ( null === $answers ) {
				return null;
			}
			$answer = $answers[ $id ];
			if ( true === $answer ) {
				return $sum;
			}
			if ( ! is_array( $answer ) ) {
				return $answer;
			}
			$expected    = $answer[0];
			$old         = Value::decode( $expected );
			$sum         = max( 0, ( is_numeric( $old ) ? $old : 0 ) + $offset );
			$replacement = Value::encode( $sum );
		}
		return false;
	}

	public function flush(): bool {
		if ( ! $this->ready() || ! $this->begin_generation() ) {
			$this->outage->miss();
			return false;
		}
		return true;
	}

	public function flush_group( string $group ): bool {
		$field      = self::field( $group );
		$generation = self::generation();
		if ( ! $this->ready() || null === $this->commands( array( array( 'HSET', $this->hash(), $field, $generation ) ) ) ) {
			$this->outage->miss();
			return false;
		}
		$this->generations[ $field ] = $generation;
		unset( $this->groups[ $group ] );
		$this->prefetch->forget();
		return true;
	}

	/** Ends the request's use of the store. */
	public function close(): void {
		$list = $this->prefetch->list_to_save();
		if ( null !== $list && null !== $this->generations && ! $this->gone ) {
			$this->commands( array( array( 'SET', $this->list_key(), $list, 'EX', (string) self::LONGEST ) ) );
		}
	}

	/** Forgets values that were fetched ahead. */
	public function forget(): void {
		$this->prefetch->forget();
	}

	/**
	 * Sends one command for each id, made by $command from the key; null without Redis.
	 *
	 * @param bool $final   Whether the command replaces what is there: then nothing old may stay when it fails.
	 * @param bool $changes Whether Redis holds old values when it does not get the command.
	 */
	private function change(
		string $group, array $ids, \Closure $command, bool $final = false, bool $changes = true
	): ?array {
		foreach ( $ids as $id ) {
			$this->prefetch->drop( $group, $id );
		}
		$field  = self::field( $group );
		$delete = static fn( string $key ) => array( 'DEL', $key );
		// Flushes that come one after the other while this is going on are not waited for.
		for ( $tries = 0; $ids && $tries < 3 && $this->ready(); $tries++ ) {
			$commands = array();
			foreach ( $ids as $id ) {
				$commands[] = $command( $this->key( $group, $id ), $id );
			}
			$commands[] = array( 'HMGET', $this->hash(), 'site', $field );
			$answers    = $this->commands( $commands );
			if ( null === $answers && $this->connection->full() && $this->ready() ) {
				// Redis takes no new value; where one is being replaced, the old one must go.
				if ( ! $final ) {
					return array_fill_keys( $ids, false );
				}
				$command = $delete;
				$final   = false;
				continue;
			}
			if ( null === $answers ) {
				break;
			}
			[ $site, $own ] = array_pop( $answers );
			if ( $site === $this->generations['site'] && ( $own ?: '' ) === ( $this->generations[ $field ] ?? '' ) ) {
				return array_combine( array_values( $ids ), $answers );
			}
			$this->reload();
			if ( $final ) {
				$command = $delete;
			}
		}
		if ( ! $ids ) {
			return array();
		}
		if ( $changes ) {
			$this->outage->miss();
		}
		return null;
	}

	/** Whether Redis can be used; connects when it has to. */
	private function ready(): bool {
		if ( null !== $this->generations ) {
			return true;
		}
		if ( $this->gone ) {
			return false;
		}
		$this->gone = $this->outage->paused() || ! $this->open();
		return ! $this->gone;
	}

	private function open(): bool {
		$list  = null !== $this->prefetch->kind;
		$first = array(
			// Changes nothing, but a replica refuses it: after a failover, this may still be the old primary.
			array( 'PERSIST', $this->hash() ),
			array( 'HGETALL', $this->hash() ),
		);
		if ( $list ) {
			$first[] = array( 'GET', $this->list_key() );
		}
		++$this->calls;
		$answers = $this->connection->open( $first );
		if ( null === $answers ) {
			$this->outage->begin( $this->connection->error() );
			return false;
		}
		$this->generations = self::pairs( $answers[1] );
		$this->groups      = array();
		$fit               = isset( $this->generations['site'] ) || $this->first_generation();
		if ( ! $fit || ! $this->outage->repair( fn() => $this->begin_generation() ) ) {
			$this->generations = null;
			$this->outage->begin( $this->connection->error() );
			return false;
		}
		$this->outage->end();
		if ( $list && is_string( $answers[2] ) ) {
			$this->fetch_ahead( $answers[2] );
		}
		return null !== $this->generations;
	}

	private function fetch_ahead( string $list ): void {
		$keys = array();
		foreach ( $this->prefetch->read_list( $list ) as [ $group, $id ] ) {
			$keys[] = $this->key( $group, $id );
		}
		if ( $keys ) {
			$answers = $this->commands( array( array( 'MGET', ...$keys ) ) );
			if ( null !== $answers ) {
				$this->prefetch->fill( $answers[0] );
			}
		}
	}

	/** Sends commands. Where that fails, the rest of the request does without Redis, unless it is only full. */
	private function commands( array $commands ): ?array {
		++$this->calls;
		$answers = $this->connection->run( $commands );
		if ( null !== $answers ) {
			return $answers;
		}
		$before            = $this->generations;
		$this->generations = null;
		if ( $this->connection->full() ) {
			return null;
		}
		if ( $this->connection->outdated() && ! $this->reopened ) {
			$this->reopened = true;
			// The keys in the commands hold only under the generations that they were made with.
			if ( $this->open() && $this->generations === $before ) {
				return $this->commands( $commands );
			}
			$this->generations = null;
		} else {
			$this->outage->begin( $this->connection->error() );
		}
		$this->gone = true;
		return null;
	}

	/** Reads the generations again, after a flush by another process. */
	private function reload(): void {
		$answers = $this->commands( array( array( 'HGETALL', $this->hash() ) ) );
		if ( null !== $answers ) {
			$this->generations = self::pairs( $answers[0] );
			$this->groups      = array();
			if ( ! isset( $this->generations['site'] ) ) {
				$this->first_generation();
			}
		}
		$this->prefetch->forget();
		if ( null !== $this->flushed ) {
			( $this->flushed )();
		}
	}

	/** Begins the first generation, unless another process did so in the meantime. */
	private function first_generation(): bool {
		$answers = $this->connection->run(
			array( array( 'HSETNX', $this->hash(), 'site', self::generation() ), array( 'HGETALL', $this->hash() ) )
		);
		$this->generations = null === $answers ? null : self::pairs( $answers[1] );
		return isset( $this->generations['site'] );
	}

	private function begin_generation(): bool {
		$generation = self::generation();
		$answers    = $this->commands( array( array( 'EVAL', self::FLUSH, '1', $this->hash(), $generation ) ) );
		if ( null === $answers ) {
			return false;
		}
		$this->generations = array( 'site' => $generation );
		$this->groups      = array();
		$this->prefetch->forget();
		return true;
	}

	private function key( string $group, int|string $id ): string {
		if ( ! isset( $this->groups[ $group ] ) ) {
			$this->groups[ $group ] = $this->prefix . $this->generations['site'] . ':' . rawurlencode( $group )
				. '.' . ( $this->generations[ self::field( $group ) ] ?? '' ) . ':';
		}
		return $this->groups[ $group ] . $id;
	}

	private function hash(): string {
		return $this->prefix . 'generations';
	}

	private function list_key(): string {
		return $this->prefix . 'used-by:' . $this->prefetch->kind;
	}

	private static function field( string $group ): string {
		return 'group:' . $group;
	}

	/** A generation is never used twice, even if the hash is lost: old values would be back. */
	private static function generation(): string {
		return bin2hex( random_bytes( 6 ) );
	}

	/** @return array<string, string> */
	private static function pairs( array $flat ): array {
		$pairs = array();
		foreach ( array_chunk( $flat, 2 ) as [ $field, $value ] ) {
			$pairs[ $field ] = $value;
		}
		return $pairs;
	}
}
