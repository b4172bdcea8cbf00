<?php
/**
 * What WordPress documents for its cache, case by case. Prints the results as JSON; they have to be the same
 * with WordPress's own cache and with the one in Redis. "reread" stands between writing and reading: it makes
 * the cache in Redis forget what it has seen, so that the value comes from there.
 */

require __DIR__ . '/bootstrap.php';

function reread() {
	if ( getenv( 'CACHE' ) !== 'memory' && getenv( 'KEEP_RUNTIME' ) !== '1' ) {
		wp_cache_flush_runtime();
	}
}

// What get returns, with its type, and whether it was found.
function got( $key, $group = '', $force = false ) {
	$found = null;
	$value = wp_cache_get( $key, $group, $force, $found );
	return array( get_debug_type( $value ), $value, $found );
}

class Thing {
	public $name = 'thing';
	public $inner;
}

$cases = array(
	'get of a missing key' => fn() => got( 'missing' ),
	'set and get' => fn() => array( wp_cache_set( 'k', 'v' ), reread(), got( 'k' ) ),
	'set overwrites' => fn() => array( wp_cache_set( 'k', 'a' ), wp_cache_set( 'k', 'b' ), reread(), got( 'k' ) ),
	'groups are apart' => fn() => array(
		wp_cache_set( 'k', 'one', 'g1' ), wp_cache_set( 'k', 'two', 'g2' ), reread(), got( 'k', 'g1' ), got( 'k', 'g2' ), got( 'k' ),
	),
	'an empty group is the default one' => fn() => array(
		wp_cache_set( 'k', 'v', '' ), reread(), got( 'k', 'default' ), got( 'k', null ), got( 'k', 0 ), got( 'k', false ),
	),
	'a colon in group and key' => fn() => array(
		wp_cache_set( 'b:c', 'one', 'a' ), wp_cache_set( 'c', 'two', 'a:b' ), reread(), got( 'b:c', 'a' ), got( 'c', 'a:b' ),
	),
	'a dot in group and key' => fn() => array(
		wp_cache_set( 'c', 'one', 'a.b' ), reread(), got( 'b.c', 'a' ), got( 'c', 'a.b' ), got( 'c', 'a%2Eb' ),
	),
	'keys of any characters' => fn() => array(
		wp_cache_set( " a b\n\0\xff\"'", 'v' ), reread(), wp_cache_get( " a b\n\0\xff\"'" ), got( 'a b' ), got( "\u{e4}" ),
	),
	'an integer key is its digits' => fn() => array( wp_cache_set( 7, 'v' ), reread(), got( '7' ), got( 7 ), got( '07' ) ),
	'key zero' => fn() => array( wp_cache_set( 0, 'v' ), reread(), got( 0 ), got( '0' ) ),
	'upper and lower case' => fn() => array( wp_cache_set( 'K', 'v' ), reread(), got( 'k' ), got( 'K' ) ),
	'a long value' => fn() => array( wp_cache_set( 'k', str_repeat( 'x', 300000 ) ), reread(), md5( wp_cache_get( 'k' ) ) ),
	'bytes' => fn() => array( wp_cache_set( 'k', "\0\0\0\2\xff" ), reread(), bin2hex( wp_cache_get( 'k' ) ) ),
	'an object is copied when it is stored' => function () {
		$thing = new Thing();
		wp_cache_set( 'k', $thing );
		$thing->name = 'changed';
		return wp_cache_get( 'k' )->name;
	},
	'an object is copied when it is read' => function () {
		wp_cache_set( 'k', new Thing() );
		wp_cache_get( 'k' )->name = 'changed';
		return wp_cache_get( 'k' )->name;
	},
	'objects keep their class' => function () {
		$thing        = new Thing();
		$thing->inner = array( new Thing(), 'x' => (object) array( 'y' => 1.5 ) );
		wp_cache_set( 'k', $thing );
		reread();
		return array( get_class( wp_cache_get( 'k' ) ), get_class( wp_cache_get( 'k' )->inner[0] ), serialize( wp_cache_get( 'k' ) ) );
	},
	'an array is copied' => function () {
		$array = array( 'a' => 1 );
		wp_cache_set( 'k', $array );
		$array['a'] = 2;
		return wp_cache_get( 'k' );
	},

	'add of a new key' => fn() => array( wp_cache_add( 'k', 'v' ), reread(), got( 'k' ) ),
	'add of an existing key' => fn() => array( wp_cache_set( 'k', 'a' ), reread(), wp_cache_add( 'k', 'b' ), reread(), got( 'k' ) ),
	'add over null' => fn() => array( wp_cache_set( 'k', null ), reread(), wp_cache_add( 'k', 'b' ), reread(), got( 'k' ) ),
	'add after delete' => fn() => array(
		wp_cache_set( 'k', 'a' ), wp_cache_delete( 'k' ), wp_cache_add( 'k', 'b' ), reread(), got( 'k' ),
	),
	'add while addition is suspended' => function () {
		wp_suspend_cache_addition( true );
		$results = array( wp_cache_add( 'k', 'v' ), wp_cache_add_multiple( array( 'k' => 'v', 'l' => 'w' ) ), wp_cache_set( 's', 'v' ) );
		wp_suspend_cache_addition( false );
		return array( $results, reread(), got( 'k' ), got( 's' ) );
	},
	'replace of a missing key' => fn() => array( wp_cache_replace( 'k', 'v' ), reread(), got( 'k' ) ),
	'replace of an existing key' => fn() => array( wp_cache_set( 'k', 'a' ), reread(), wp_cache_replace( 'k', 'b' ), reread(), got( 'k' ) ),
	'replace of a falsy value' => fn() => array( wp_cache_set( 'k', false ), reread(), wp_cache_replace( 'k', 0 ), reread(), got( 'k' ) ),
	'delete' => fn() => array( wp_cache_set( 'k', 'v' ), reread(), wp_cache_delete( 'k' ), got( 'k' ), reread(), got( 'k' ) ),
	'delete of a missing key' => fn() => wp_cache_delete( 'k' ),
	'delete of a falsy value' => fn() => array( wp_cache_set( 'k', false ), wp_cache_delete( 'k' ), wp_cache_delete( 'k' ) ),

	'add_multiple' => fn() => array(
		wp_cache_set( 'b', 'old', 'g' ), reread(), wp_cache_add_multiple( array( 'a' => 1, 'b' => 2, 5 => 'five' ), 'g' ), reread(),
		got( 'a', 'g' ), got( 'b', 'g' ), got( 5, 'g' ),
	),
	'set_multiple' => fn() => array(
		wp_cache_set_multiple( array( 'a' => 1, 'b' => null, 5 => 'five' ), 'g' ), reread(), got( 'a', 'g' ), got( 'b', 'g' ), got( '5', 'g' ),
	),
	'get_multiple' => fn() => array(
		wp_cache_set_multiple( array( 'a' => 1, 'b' => false, 5 => 'five' ), 'g' ), reread(),
		wp_cache_get_multiple( array( 'missing', 5, 'b', 'a', 'a' ), 'g' ),
	),
	'get_multiple of what is known in part' => fn() => array(
		wp_cache_set_multiple( array( 'a' => 1, 'b' => 2, 'c' => 3 ), 'g' ), reread(), got( 'b', 'g' ),
		wp_cache_get_multiple( array( 'c', 'b', 'd', 'a' ), 'g' ), wp_cache_get_multiple( array( 'c', 'b' ), 'g', true ),
	),
	'delete_multiple' => fn() => array(
		wp_cache_set_multiple( array( 'a' => 1, 'b' => 2 ), 'g' ), reread(), wp_cache_delete_multiple( array( 'b', 'missing', 'a' ), 'g' ),
		reread(), got( 'a', 'g' ), got( 'b', 'g' ),
	),
	'multiple calls with nothing' => fn() => array(
		wp_cache_add_multiple( array() ), wp_cache_set_multiple( array() ), wp_cache_get_multiple( array() ), wp_cache_delete_multiple( array() ),
	),

	'incr' => fn() => array( wp_cache_set( 'k', 5 ), reread(), wp_cache_incr( 'k' ), wp_cache_incr( 'k', 10 ), reread(), got( 'k' ) ),
	'decr' => fn() => array( wp_cache_set( 'k', 5 ), reread(), wp_cache_decr( 'k' ), wp_cache_decr( 'k', 2 ), reread(), got( 'k' ) ),
	'decr ends at zero' => fn() => array( wp_cache_set( 'k', 5 ), wp_cache_decr( 'k', 9 ), reread(), got( 'k' ), wp_cache_incr( 'k' ) ),
	'incr by a negative number ends at zero' => fn() => array( wp_cache_set( 'k', 5 ), wp_cache_incr( 'k', -9 ), reread(), got( 'k' ) ),
	'incr of a missing key' => fn() => array( wp_cache_incr( 'k' ), wp_cache_decr( 'k' ), reread(), got( 'k' ) ),
	'incr of digits' => fn() => array( wp_cache_set( 'k', '5' ), reread(), wp_cache_incr( 'k' ), reread(), got( 'k' ), wp_cache_incr( 'k' ) ),
	'incr of a fraction' => fn() => array( wp_cache_set( 'k', 1.5 ), reread(), wp_cache_incr( 'k' ), reread(), got( 'k' ) ),
	'incr of text' => fn() => array( wp_cache_set( 'k', 'text' ), reread(), wp_cache_incr( 'k', 3 ), reread(), got( 'k' ) ),
	'incr of an array' => fn() => array( wp_cache_set( 'k', array( 1 ) ), reread(), wp_cache_incr( 'k', 3 ), reread(), got( 'k' ) ),
	'incr of a negative number' => fn() => array( wp_cache_set( 'k', -7 ), reread(), wp_cache_incr( 'k', 3 ), reread(), got( 'k' ) ),
	'incr by digits' => fn() => array( wp_cache_set( 'k', 5 ), wp_cache_incr( 'k', '3' ), wp_cache_decr( 'k', '1' ), reread(), got( 'k' ) ),
	'incr past the largest integer' => fn() => array( wp_cache_set( 'k', PHP_INT_MAX ), reread(), wp_cache_incr( 'k' ), reread(), got( 'k' ) ),

	'flush' => fn() => array( wp_cache_set( 'k', 'v' ), wp_cache_set( 'k', 'v', 'g' ), wp_cache_flush(), reread(), got( 'k' ), got( 'k', 'g' ) ),
	'use after flush' => fn() => array( wp_cache_flush(), wp_cache_set( 'k', 'v' ), reread(), got( 'k' ), wp_cache_add( 'k', 'w' ) ),
	'flush_group' => fn() => array(
		wp_cache_set( 'k', 'v', 'g' ), wp_cache_set( 'k', 'v', 'h' ), wp_cache_flush_group( 'g' ), reread(), got( 'k', 'g' ), got( 'k', 'h' ),
		wp_cache_set( 'k', 'w', 'g' ), reread(), got( 'k', 'g' ),
	),
	'flush_group of a group that is not there' => fn() => wp_cache_flush_group( 'nothing' ),
	'flush after flush_group' => fn() => array(
		wp_cache_set( 'k', 'v', 'g' ), wp_cache_flush_group( 'g' ), wp_cache_flush(), reread(), got( 'k', 'g' ),
	),
	'close' => fn() => array( wp_cache_set( 'k', 'v' ), wp_cache_close(), got( 'k' ) ),
	'supports' => fn() => array_map( 'wp_cache_supports', array(
		'add_multiple', 'set_multiple', 'get_multiple', 'delete_multiple', 'flush_runtime', 'flush_group', 'something else', '',
	) ),
	'non-persistent groups' => fn() => array(
		wp_cache_add_non_persistent_groups( array( 'np' ) ), wp_cache_set( 'k', 1, 'np' ), got( 'k', 'np' ), wp_cache_incr( 'k', 1, 'np' ),
		wp_cache_add( 'k', 2, 'np' ), wp_cache_replace( 'k', 3, 'np' ), got( 'k', 'np', true ), wp_cache_delete( 'k', 'np' ), got( 'k', 'np' ),
		wp_cache_incr( 'k', 1, 'np' ), wp_cache_flush_group( 'np' ),
	),
	'expiry is no part of the answers' => fn() => array(
		wp_cache_set( 'k', 'v', '', 100 ), wp_cache_add( 'l', 'v', '', 100 ), wp_cache_replace( 'k', 'w', '', '50' ),
		wp_cache_set_multiple( array( 'm' => 1 ), '', 100 ), reread(), got( 'k' ), got( 'l' ), got( 'm' ),
	),
	'hits and misses' => function () {
		global $wp_object_cache;
		wp_cache_set( 'k', 'v' );
		reread();
		$hits   = $wp_object_cache->cache_hits;
		$misses = $wp_object_cache->cache_misses;
		wp_cache_get( 'k' );
		wp_cache_get( 'k' );
		wp_cache_get( 'missing' );
		wp_cache_get_multiple( array( 'k', 'missing', 'missing too' ) );
		return array( $wp_object_cache->cache_hits - $hits, $wp_object_cache->cache_misses - $misses );
	},
	'stats' => function () {
		ob_start();
		$GLOBALS['wp_object_cache']->stats();
		return str_contains( ob_get_clean(), '<strong>Cache Hits:</strong>' );
	},
	'a network: sites are apart, global groups are not' => function () {
		wp_cache_add_global_groups( array( 'users' ) );
		wp_cache_add_global_groups( 'networks' );
		wp_cache_set( 'k', 'one' );
		wp_cache_set( 'k', 'all', 'users' );
		wp_cache_set( 'k', 'all', 'networks' );
		wp_cache_switch_to_blog( 2 );
		reread();
		$two = array( got( 'k' ), got( 'k', 'users' ), got( 'k', 'networks' ), wp_cache_add( 'k', 'two' ), wp_cache_incr( 'n' ) );
		wp_cache_switch_to_blog( '1' );
		reread();
		$one = array( got( 'k' ), wp_cache_get_multiple( array( 'k' ) ), wp_cache_delete_multiple( array( 'k' ) ), got( 'k' ) );
		wp_cache_switch_to_blog( 2 );
		return array( $two, $one, reread(), got( 'k' ), wp_cache_switch_to_blog( 1 ) );
	},
	'a network: flush_group is for all sites' => function () {
		wp_cache_set( 'k', 'one', 'g' );
		wp_cache_switch_to_blog( 2 );
		wp_cache_flush_group( 'g' );
		wp_cache_switch_to_blog( 1 );
		reread();
		return got( 'k', 'g' );
	},
	'reset' => function () {
		wp_cache_add_global_groups( array( 'users' ) );
		wp_cache_set( 'k', 'v', 'users' );
		wp_cache_set( 'k', 'v', 'np' );
		wp_cache_reset();
		return array( got( 'k', 'users' ), $GLOBALS['wrong'] );
	},
	'salted values' => function () {
		if ( ! function_exists( 'wp_cache_get_salted' ) ) { // since 6.9
			return 'not there';
		}
		wp_cache_set_salted( 'k', 'v', 'g', array( '1', '2' ) );
		reread();
		return array( wp_cache_get_salted( 'k', 'g', '1:2' ), wp_cache_get_salted( 'k', 'g', '1:3' ) );
	},
);

foreach ( array( 0, 1, -1, 1.0, 1.5, '0', '1', '123', '-5', '', 'text', null, false, true, array(), array( 'a' => array( 1, '1', null ) ) ) as $value ) {
	$cases[ 'type: ' . var_export( $value, true ) ] = fn() => array( wp_cache_set( 'k', $value ), reread(), got( 'k' ), got( 'k', '', true ) );
}
foreach ( array( 'null' => null, 'empty' => '', 'blank' => "  \n", 'false' => false, 'true' => true, 'fraction' => 1.5, 'array' => array() ) as $name => $key ) {
	$cases[ "invalid key: $name" ] = fn() => array(
		wp_cache_set_multiple( array( 'k', 'l' ) ), wp_cache_get( $key ), wp_cache_set( $key, 1 ), wp_cache_add( $key, 1 ), wp_cache_replace( $key, 1 ),
		wp_cache_delete( $key ), wp_cache_incr( $key ), wp_cache_decr( $key ), $GLOBALS['wrong'],
	);
}
$cases['invalid keys in multiple calls'] = fn() => array(
	wp_cache_set_multiple( array( '' => 1, 'k' => 2, ' ' => 3 ) ), wp_cache_add_multiple( array( 'k' => 1, '' => 1 ) ), reread(),
	wp_cache_get_multiple( array( '', 'k' ) ), wp_cache_delete_multiple( array( 'k', '' ) ), $GLOBALS['wrong'],
);

$results = array();
foreach ( $cases as $name => $case ) {
	wp_cache_flush();
	$wrong            = array();
	$results[ $name ] = $case();
}
echo json_encode( $results, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION | JSON_INVALID_UTF8_SUBSTITUTE ), "\n";
