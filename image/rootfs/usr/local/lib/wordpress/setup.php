<?php
/**
 * Prepares the site and ends; php-fpm starts after it. Waits for the database, then, as the
 * only one of all tasks: directories and links on the shared volume, WordPress installed if the
 * database is empty, its schema upgraded if it is older than this core's.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

require __DIR__ . '/settings.php';
require __DIR__ . '/database.php';
require __DIR__ . '/readiness.php';
require __DIR__ . '/content.php';
require __DIR__ . '/waiting.php';
require __DIR__ . '/options.php';
require __DIR__ . '/site-state.php';
require __DIR__ . '/site.php';
require __DIR__ . '/visitor.php';

const STOP_SIGNALS = array( SIGQUIT, SIGTERM, SIGINT );

function say( string $line ): void {
	// Not echo: PHP would take it for the beginning of an answer, after which no session can be set up.
	fwrite( STDOUT, "setup: $line\n" );
}

/** One line with the cause, whatever it is made of. */
function fail( string $line ): never {
	static $failed = false;
	if ( ! $failed ) {
		$failed = true;
		fwrite( STDERR, 'setup: ' . one_line( $line ) . "\n" );
	}
	exit( 1 );
}

// Process 1 ignores signals that it does not handle.
pcntl_async_signals( true );
foreach ( STOP_SIGNALS as $signal ) {
	pcntl_signal( $signal, static fn () => fail( 'stopped' ) );
}

$seconds = $argv[1] ?? '180';
if ( ! preg_match( '~^\d{1,5}$~D', $seconds ) ) {
	fail( "the time to wait is \"$seconds\"; it has to be a number of seconds" );
}

try {
	$setup_lock = wait_for_lock( 'wordpress-setup-' . setting( 'WORDPRESS_DB_NAME' ), (int) $seconds );
	prepare_content( ROOT, say( ... ) );
	// From here on a signal waits: it would leave half an installation to the next setup.
	pcntl_sigprocmask( SIG_BLOCK, STOP_SIGNALS );
	$site_is_there = is_installed( $setup_lock, say( ... ) );
} catch ( Database_Failure | Site_Failure $failure ) {
	fail( 'database ' . database_address() . ': ' . $failure->getMessage() );
} catch ( Content_Failure $failure ) {
	fail( $failure->getMessage() );
}

// Whatever goes wrong from here is one line, too, not WordPress's page for visitors.
define( 'WP_DISABLE_FATAL_ERROR_HANDLER', true );
set_exception_handler(
	static fn ( \Throwable $error ) => fail(
		get_class( $error ) . ": {$error->getMessage()} in {$error->getFile()}:{$error->getLine()}"
	)
);
define( 'WP_INSTALLING', true );
pretend_visitor();
// WordPress, or a page for visitors that it shows, may end the process without a word: that is no success.
$setup_is_done = false;
register_shutdown_function(
	static function () use ( &$setup_is_done ): void {
		if ( ! $setup_is_done ) {
			fail( 'WordPress has ended before setup was done' );
		}
	}
);
// WordPress takes hooks that are here before it is.
$GLOBALS['wp_filter'] = array();
foreach ( array(
	// Nothing outside is asked: not the site itself, which has no php-fpm yet, and not wordpress.org.
	'pre_http_request' => static fn () => new \WP_Error( 'http_request_blocked', 'no requests during setup' ),
	'pre_wp_mail'      => static fn () => true,
	// Before WordPress reads its first option: what Redis knows is of an earlier database.
	'muplugins_loaded' => static function () use ( $site_is_there ): void {
		$GLOBALS['wpdb']->suppress_errors( true );
		// A server that closes this connection has closed the lock's: another setup may be at work already.
		$GLOBALS['wpdb']->reconnect_retries = 0;
		if ( ! $site_is_there ) {
			wp_cache_flush();
		}
	},
	// WordPress explains a failure in a page.
	'wp_die_handler'   => static fn () => static function ( $message ): never {
		$text = $message instanceof \WP_Error ? $message->get_error_message() : (string) $message;
		fail( 'database ' . database_address() . ': ' . html_entity_decode( wp_strip_all_tags( $text ) ) );
	},
) as $hook => $function ) {
	$GLOBALS['wp_filter'][ $hook ][10][] = array( 'function' => $function, 'accepted_args' => 1 );
}

require ROOT . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

$redis = 'off' === setting( 'WORDPRESS_OBJECT_CACHE' )
	? array( 'state' => 'off' )
	: timed( static fn () => check_redis() );
if ( 'failed' === $redis['state'] ) {
	say( 'Redis ' . redis_address() . ": {$redis['error']}; the site starts without it" );
}

try {
	if ( ! $site_is_there ) {
		install( $setup_lock );
		// There is no older release that could go on instead of this one.
		if ( '' !== setting( 'WORDPRESS_RELEASE' ) ) {
			file_put_contents( ROOT . '/wp-content/.releases', setting( 'WORDPRESS_RELEASE' ) . "\n", FILE_APPEND | LOCK_EX );
		}
		say( 'WordPress ' . $GLOBALS['wp_version'] . ' installed at ' . setting( 'WORDPRESS_URL' ) );
	}
	$site_has_changed = ! $site_is_there || upgrade( $setup_lock, say( ... ) );
	$site_has_changed = replace_missing_theme( say( ... ) ) || $site_has_changed;
	remember_theme_root();
	// A first version, so that a task can tell the first change of code on the volume from its own start.
	add_option( 'wordpress_ecs_code', '0', '', true );
	do_action( 'wordpress_ecs_release', setting( 'WORDPRESS_RELEASE' ) );
	if ( $site_has_changed && ! wp_cache_flush() ) {
		// Redis may come back with what was true before: cron empties it then.
		store_option( $setup_lock, 'wordpress_ecs_flush', '1' );
	}
} catch ( Database_Failure | Site_Failure $failure ) {
	fail( 'database ' . database_address() . ': ' . $failure->getMessage() );
}
$setup_is_done = true;
say( 'done' );
