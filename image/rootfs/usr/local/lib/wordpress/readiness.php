<?php
/**
 * The state of everything a task depends on. Each check ends within two seconds or little more,
 * whatever the other side does, and none of them loads WordPress.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

const CHECK_SECONDS  = 2;
const CRON_MAX_AGE   = 300;
const UPLOADS        = ROOT . '/wp-content/uploads';

/** name => state (ok, failed or off), ms, error; for cron ageSeconds instead of ms. */
function readiness(): array {
	// The volume is asked by a process of its own: a lost network file system blocks its caller for good.
	$storage  = start_storage_probe();
	$cron     = array( 'state' => 'failed', 'ageSeconds' => null, 'error' => 'unknown without the database' );
	$database = timed(
		static function () use ( &$cron ): void {
			$link = connect_database( CHECK_SECONDS );
			$cron = cron_state( $link );
			$link->close();
		}
	);
	$redis    = 'off' === setting( 'WORDPRESS_OBJECT_CACHE' )
		? array( 'state' => 'off' )
		: timed( static fn () => check_redis() );

	return array(
		'database' => $database,
		'redis'    => $redis,
		'storage'  => storage_state( $storage ),
		'cron'     => $cron,
	);
}

function is_ready( array $checks ): bool {
	return ! in_array( 'failed', array_column( $checks, 'state' ), true );
}

function timed( callable $check ): array {
	$start = hrtime( true );
	$error = '';
	try {
		$check();
	} catch ( \Exception $exception ) {
		$error = one_line( $exception->getMessage() );
	}
	$state = array( 'state' => '' === $error ? 'ok' : 'failed', 'ms' => milliseconds_since( $start ) );
	return '' === $error ? $state : $state + array( 'error' => $error );
}

function milliseconds_since( int $start ): float {
	return round( ( hrtime( true ) - $start ) / 1e6, 1 );
}

/** How long ago the cluster's cron finished a run. */
function cron_state( \mysqli $link ): array {
	try {
		$last = stored_option( $link, 'wordpress_ecs_cron' );
	} catch ( Database_Failure $failure ) {
		return array( 'state' => 'failed', 'ageSeconds' => null, 'error' => $failure->getMessage() );
	}
	if ( null === $last ) {
		return array( 'state' => 'failed', 'ageSeconds' => null, 'error' => 'has not run yet' );
	}
	// The clocks of two instances may differ a little.
	$age   = max( 0, time() - (int) $last );
	$state = array( 'state' => $age <= CRON_MAX_AGE ? 'ok' : 'failed', 'ageSeconds' => $age );
	return $age <= CRON_MAX_AGE ? $state : $state + array( 'error' => 'no run for ' . CRON_MAX_AGE . ' seconds' );
}

function check_redis(): void {
	$redis = new \Redis();
	$tls   = 'off' === setting( 'WORDPRESS_REDIS_TLS' ) ? '' : 'tls://';
	$host  = setting( 'WORDPRESS_REDIS_HOST' );
	$port  = (int) setting( 'WORDPRESS_REDIS_PORT' );
	// phpredis warns beside throwing, and says more in the warning.
	$warning = '';
	set_error_handler(
		static function ( int $level, string $message ) use ( &$warning ): bool {
			if ( is_certificate_warning( $message ) ) {
				$warning = "the server's certificate cannot be verified";
			}
			return true;
		}
	);
	try {
		$redis->connect( $tls . $host, $port, CHECK_SECONDS, null, 0, CHECK_SECONDS );
		$redis->auth( setting( 'WORDPRESS_REDIS_AUTH_TOKEN' ) );
		$redis->ping();
		$redis->close();
	} catch ( \RedisException $exception ) {
		throw new \RuntimeException( '' === $warning ? $exception->getMessage() : $warning );
	} finally {
		restore_error_handler();
	}
}

/** Starts the probe: its process, its output and when it began. */
function start_storage_probe(): array {
	$pipes   = array();
	$process = proc_open(
		array( PHP_BINDIR . '/php', '-n', __DIR__ . '/storage-probe.php', UPLOADS ),
		array( array( 'file', '/dev/null', 'r' ), array( 'pipe', 'w' ), array( 'file', '/dev/null', 'w' ) ),
		$pipes
	);
	return array( $process, $pipes[1] ?? null, hrtime( true ) );
}

function storage_state( array $probe ): array {
	list( $process, $output, $start ) = $probe;
	if ( ! is_resource( $process ) ) {
		return array( 'state' => 'failed', 'ms' => 0.0, 'error' => 'cannot start the probe' );
	}
	$left  = max( 0, CHECK_SECONDS * 1_000_000 - intdiv( hrtime( true ) - $start, 1000 ) );
	$read  = array( $output );
	$none  = null;
	$ready = stream_select( $read, $none, $none, intdiv( $left, 1_000_000 ), $left % 1_000_000 );
	if ( 1 !== $ready ) {
		// Not waited for: a process that waits for a lost file system cannot be killed.
		proc_terminate( $process, 9 );
		$error = 'no answer within ' . CHECK_SECONDS . ' seconds';
		return array( 'state' => 'failed', 'ms' => milliseconds_since( $start ), 'error' => $error );
	}
	list( $ms, $error ) = explode( ' ', (string) stream_get_contents( $output ), 2 ) + array( '', 'the probe failed' );
	proc_close( $process );
	$state = array( 'state' => '' === $error ? 'ok' : 'failed', 'ms' => (float) $ms );
	return '' === $error ? $state : $state + array( 'error' => $error );
}
