<?php
/**
 * Runs the calls that a request names, as JSON, [["get","k"], ["set","k","v"]], in its body or in its parameter
 * "calls", and answers with their results. The parameter "site" is whose cache it is.
 */

// A request is what a page of WordPress is: its end includes wp_cache_close().
putenv( 'WORDPRESS_DB_NAME=' . ( $_GET['site'] ?? 'wordpress' ) );
require __DIR__ . '/bootstrap.php';

use WordPressEcs\ObjectCache\Store;

// What one request cannot do with the functions alone.
$special = array(
	// Another process, in the middle of this one.
	'elsewhere' => fn( $method, ...$arguments ) => ( new WP_Object_Cache( Store::from_environment() ) )->$method( ...$arguments ),
	'sleep' => fn( $seconds ) => usleep( (int) ( $seconds * 1e6 ) ),
	'repeat' => function ( $times, $function, ...$arguments ) {
		for ( $n = 0; $n < $times; $n++ ) {
			$result = "wp_cache_$function"( ...$arguments );
		}
		return $result;
	},
	'found' => function ( $key, $group = '', $force = false ) {
		wp_cache_get( $key, $group, $force, $found );
		return $found;
	},
	// Ends with an answer unread, as a request that is stopped while it waits for one.
	'stop_in_an_answer' => function () {
		$redis = new Redis();
		$redis->pconnect( 'tls://' . getenv( 'WORDPRESS_REDIS_HOST' ), 6379, 5, 'object-cache', 0, 1 );
		try {
			$redis->rawCommand( 'AUTH', getenv( 'WORDPRESS_REDIS_AUTH_TOKEN' ) );
			$redis->rawCommand( 'BLPOP', 'nothing', '1.5' ); // answers after the second that PHP waits
		} catch ( RedisException $e ) {
			return $e->getMessage();
		}
	},
	'closure' => fn( $key ) => array( wp_cache_set( $key, fn() => 'value' ), wp_cache_get( $key )() ),
);

$store   = $wp_object_cache->store();
$results = array();
foreach ( json_decode( $_GET['calls'] ?? file_get_contents( 'php://input' ), true, 512, JSON_THROW_ON_ERROR ) as $call ) {
	$function  = array_shift( $call );
	$before    = $store->calls;
	$result    = ( $special[ $function ] ?? "wp_cache_$function" )( ...$call );
	$results[] = array( 'value' => $result, 'trips' => $store->calls - $before );
}
$trips = $store->calls;
wp_cache_close();

header( 'Content-Type: application/json' );
echo json_encode( array( 'results' => $results, 'trips' => $trips ), JSON_THROW_ON_ERROR );
