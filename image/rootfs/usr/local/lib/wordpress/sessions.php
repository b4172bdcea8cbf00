<?php
/**
 * PHP sessions of plugins (WordPress has none) belong to all tasks, so they are in Redis beside
 * the object cache. Locks, time limits and cookies are in etc/php/8.4.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

function keep_sessions(): void {
	ini_set( 'session.cookie_secure', str_starts_with( setting( 'WORDPRESS_URL' ), 'https:' ) ? '1' : '0' );
	if ( 'off' === setting( 'WORDPRESS_OBJECT_CACHE' ) ) {
		ini_set( 'session.save_handler', 'files' );
		ini_set( 'session.save_path', '/tmp' );
		return;
	}
	ini_set( 'session.save_handler', 'redis' );
	ini_set( 'session.save_path', redis_address() );
	session_set_save_handler( new Redis_Sessions(), true );
}

function redis_address(): string {
	return sprintf(
		'%s://%s:%s',
		'off' === setting( 'WORDPRESS_REDIS_TLS' ) ? 'tcp' : 'tls',
		setting( 'WORDPRESS_REDIS_HOST' ),
		setting( 'WORDPRESS_REDIS_PORT' )
	);
}

/**
 * phpredis reads the password from session.save_path, and PHP writes session.save_path into its
 * warnings when Redis is away. So the setting holds the address alone, and phpredis gets the
 * rest where it opens a session.
 */
final class Redis_Sessions extends \SessionHandler implements \SessionUpdateTimestampHandlerInterface {
	// phpredis waits a day unless told otherwise.
	private const TIMEOUT = 1;

	public function open( string $path, string $name ): bool {
		$options = array(
			'auth'          => setting( 'WORDPRESS_REDIS_AUTH_TOKEN' ),
			'prefix'        => self::prefix(),
			'persistent'    => '1',
			// Not the object cache's connection: a session is read and written at other times.
			'persistent_id' => 'sessions',
			'timeout'       => self::TIMEOUT,
			'read_timeout'  => self::TIMEOUT,
		);
		// phpredis takes several addresses, with spaces or commas between them: no such thing stays in one.
		return parent::open( $path . '?' . http_build_query( $options, '', '&', PHP_QUERY_RFC3986 ), $name );
	}

	/** Whether a session of this name was begun here: a name that a visitor brings along is not taken over. */
	public function validateId( string $id ): bool {
		$redis = new \Redis();
		$host  = ( 'off' === setting( 'WORDPRESS_REDIS_TLS' ) ? '' : 'tls://' ) . setting( 'WORDPRESS_REDIS_HOST' );
		$port  = (int) setting( 'WORDPRESS_REDIS_PORT' );
		try {
			@$redis->pconnect( $host, $port, self::TIMEOUT, 'sessions', 0, self::TIMEOUT );
			$redis->auth( setting( 'WORDPRESS_REDIS_AUTH_TOKEN' ) );
			return 1 === $redis->exists( self::prefix() . $id );
		} catch ( \RedisException ) {
			// Reading will fail as well, and says so. The visitor keeps the name for when Redis is back.
			return true;
		}
	}

	public function updateTimestamp( string $id, string $data ): bool {
		return $this->write( $id, $data );
	}

	private static function prefix(): string {
		return 'session:' . setting( 'WORDPRESS_DB_NAME' ) . ':';
	}
}
