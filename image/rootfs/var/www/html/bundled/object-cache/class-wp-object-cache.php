<?php

use WordPressEcs\ObjectCache\Store;
use WordPressEcs\ObjectCache\Value;

/**
 * WordPress's object cache: what the request has seen, and behind it Redis. It behaves as the class of the
 * same name in wp-includes/class-wp-object-cache.php, by which plugins know it; without Redis it is that.
 */
#[AllowDynamicProperties]
class WP_Object_Cache {
	/** @var array<string, array<int|string, mixed>> What the request has seen, by group and id. */
	public $cache = array();

	public $cache_hits   = 0;
	public $cache_misses = 0;

	/** @var array<string, true> */
	public $global_groups = array();

	/** @var array<string, true> */
	public $non_persistent_groups = array();

	public $blog_prefix;
	public $multisite;

	private Store $store;

	/** @var array<string, array<int|string, float>> When a value that the request has stored is over. */
	private array $ends = array();

	public function __construct( Store $store ) {
		$this->multisite   = is_multisite();
		$this->blog_prefix = $this->multisite ? get_current_blog_id() . ':' : '';
		$this->store       = $store;
		$store->on_flush( $this->forget_persistent( ... ) );
	}

	public function store(): Store {
		return $this->store;
	}

	public function add( $key, $data, $group = 'default', $expire = 0 ) {
		if ( wp_suspend_cache_addition() || ! $this->is_valid_key( $key ) ) {
			return false;
		}
		return $this->add_values( array( $key => $data ), $group ?: 'default', (int) $expire )[ $key ];
	}

	public function add_multiple( array $data, $group = '', $expire = 0 ) {
		if ( wp_suspend_cache_addition() ) {
			return array_fill_keys( array_keys( $data ), false );
		}
		[ $valid, $invalid ] = $this->valid( $data, 'add' );
		return array_replace( $data, $invalid, $this->add_values( $valid, $group ?: 'default', (int) $expire ) );
	}

	public function replace( $key, $data, $group = 'default', $expire = 0 ) {
		if ( ! $this->is_valid_key( $key ) ) {
			return false;
		}
		$group = $group ?: 'default';
		if ( $expire < 0 ) { // over at once
			return $this->delete_keys( array( $key ), $group )[ $key ];
		}
		$id     = $this->id( $key, $group );
		$stored = $this->is_persistent( $group )
			? $this->store->set( $group, array( $id => $data ), (int) $expire, 'XX' )
			: null;
		if ( null === $stored ? $this->has( $group, $id ) : $stored[ $id ] ) {
			$this->keep( $group, $id, $data, (int) $expire );
			return true;
		}
		unset( $this->cache[ $group ][ $id ] );
		return false;
	}

	public function set( $key, $data, $group = 'default', $expire = 0 ) {
		if ( ! $this->is_valid_key( $key ) ) {
			return false;
		}
		$this->set_values( array( $key => $data ), $group ?: 'default', (int) $expire );
		return true;
	}

	public function set_multiple( array $data, $group = '', $expire = 0 ) {
		[ $valid, $invalid ] = $this->valid( $data, 'set' );
		$this->set_values( $valid, $group ?: 'default', (int) $expire );
		return array_replace( $data, $invalid, array_fill_keys( array_keys( $valid ), true ) );
	}

	public function get( $key, $group = 'default', $force = false, &$found = null ) {
		// A page asks a thousand times for what the request has seen: that takes the short way.
		$group = $group ?: 'default';
		if (
			! $force && ! $this->multisite && ( is_int( $key ) || is_string( $key ) )
			&& isset( $this->cache[ $group ][ $key ] ) && ! isset( $this->ends[ $group ][ $key ] )
		) {
			++$this->cache_hits;
			$found = true;
			$value = $this->cache[ $group ][ $key ];
			return is_object( $value ) ? clone $value : $value;
		}
		if ( ! $this->is_valid_key( $key ) ) {
			return false;
		}
		$id = $this->id( $key, $group );
		if ( $force || ! $this->has( $group, $id ) ) {
			$this->fetch( $group, array( $id ), $force );
		}
		return $this->look_up( $group, $id, $found );
	}

	public function get_multiple( $keys, $group = 'default', $force = false ) {
		$group  = $group ?: 'default';
		$values = array();
		$ids    = array();
		$absent = array();
		foreach ( $keys as $key ) {
			$values[ $key ] = false;
			if ( $this->is_valid_key( $key, 'get' ) ) {
				$ids[ $key ] = $this->id( $key, $group );
				if ( $force || ! $this->has( $group, $ids[ $key ] ) ) {
					$absent[] = $ids[ $key ];
				}
			}
		}
		$this->fetch( $group, array_unique( $absent ), $force );
		foreach ( $ids as $key => $id ) {
			$values[ $key ] = $this->look_up( $group, $id );
		}
		return $values;
	}

	public function delete( $key, $group = 'default', $deprecated = false ) {
		return $this->is_valid_key( $key ) && $this->delete_keys( array( $key ), $group ?: 'default' )[ $key ];
	}

	public function delete_multiple( array $keys, $group = '' ) {
		$valid = array_filter( $keys, fn( $key ) => $this->is_valid_key( $key, 'delete' ) );
		return array_replace( array_fill_keys( $keys, false ), $this->delete_keys( $valid, $group ?: 'default' ) );
	}

	public function incr( $key, $offset = 1, $group = 'default' ) {
		return $this->is_valid_key( $key ) ? $this->increment( $key, (int) $offset, $group ?: 'default' ) : false;
	}

	public function decr( $key, $offset = 1, $group = 'default' ) {
		return $this->is_valid_key( $key ) ? $this->increment( $key, -(int) $offset, $group ?: 'default' ) : false;
	}

	/** Whether Redis was flushed too. Where it was not, it will be before it is used again. */
	public function flush() {
		$this->forget_all();
		return $this->store->flush();
	}

	public function flush_runtime() {
		$this->forget_all();
		$this->store->forget();
		return true;
	}

	public function flush_group( $group ) {
		unset( $this->cache[ $group ], $this->ends[ $group ] );
		return ! $this->is_persistent( $group ) || $this->store->flush_group( $group );
	}

	public function add_global_groups( $groups ) {
		$this->global_groups = array_merge( $this->global_groups, array_fill_keys( (array) $groups, true ) );
	}

	public function add_non_persistent_groups( $groups ) {
		$this->non_persistent_groups = array_merge( $this->non_persistent_groups, array_fill_keys( (array) $groups, true ) );
	}

	public function switch_to_blog( $blog_id ) {
		$this->blog_prefix = $this->multisite ? (int) $blog_id . ':' : '';
	}

	public function reset() {
		_deprecated_function( __FUNCTION__, '3.5.0', 'WP_Object_Cache::switch_to_blog()' );
		$this->cache = array_intersect_key( $this->cache, $this->global_groups );
		$this->ends  = array_intersect_key( $this->ends, $this->global_groups );
	}

	/** The end of a request. The connection stays for the next one. */
	public function close() {
		$this->store->close();
		return true;
	}

	public function stats() {
		echo '<p>';
		echo "<strong>Cache Hits:</strong> {$this->cache_hits}<br />";
		echo "<strong>Cache Misses:</strong> {$this->cache_misses}<br />";
		echo "<strong>Round trips to Redis:</strong> {$this->store->calls}<br />";
		echo '</p>';
		echo '<ul>';
		foreach ( $this->cache as $group => $values ) {
			echo '<li><strong>Group:</strong> ' . esc_html( $group ) . ' - ( ' . count( $values ) . ' )</li>';
		}
		echo '</ul>';
	}

	protected function is_valid_key( $key, $method = null ) {
		if ( is_int( $key ) || ( is_string( $key ) && trim( $key ) !== '' ) ) {
			return true;
		}
		if ( ! function_exists( '__' ) ) {
			wp_load_translations_early();
		}
		$message = is_string( $key )
			? __( 'Cache key must not be an empty string.' )
			/* translators: %s: The type of the given cache key. */
			: sprintf( __( 'Cache key must be an integer or a non-empty string, %s given.' ), gettype( $key ) );
		$method ??= debug_backtrace( DEBUG_BACKTRACE_IGNORE_ARGS, 2 )[1]['function'];
		_doing_it_wrong( __CLASS__ . "::$method", $message, '6.1.0' );
		return false;
	}

	/** @return array{array, array<int|string, false>} The data with valid keys, and false for each of the rest. */
	private function valid( array $data, string $method ): array {
		$valid = array_filter( $data, fn( $key ) => $this->is_valid_key( $key, $method ), ARRAY_FILTER_USE_KEY );
		return array( $valid, array_fill_keys( array_keys( array_diff_key( $data, $valid ) ), false ) );
	}

	/** @return bool[] By key. */
	private function add_values( array $data, string $group, int $expire ): array {
		$ids    = array();
		$values = array();
		$added  = array_fill_keys( array_keys( $data ), false );
		foreach ( $data as $key => $value ) {
			$id = $this->id( $key, $group );
			// Redis decides, whatever the request has seen: plugins take locks this way. A lock is a plain value,
			// though, and WordPress adds each post that it shows again and again, as an object.
			if ( is_scalar( $value ) || ! $this->has( $group, $id ) ) {
				$ids[ $key ]   = $id;
				$values[ $id ] = $value;
			}
		}
		$stored = $this->is_persistent( $group ) && $expire >= 0 ? $this->store->set( $group, $values, $expire, 'NX' ) : null;
		foreach ( $ids as $key => $id ) {
			$added[ $key ] = null === $stored ? ! $this->has( $group, $id ) : $stored[ $id ];
			if ( $added[ $key ] ) {
				$this->keep( $group, $id, $values[ $id ], $expire );
			}
		}
		return $added;
	}

	private function set_values( array $data, string $group, int $expire ): void {
		$values = array();
		foreach ( $data as $key => $value ) {
			$id            = $this->id( $key, $group );
			$values[ $id ] = $value;
			$this->keep( $group, $id, $value, $expire );
		}
		if ( ! $values || ! $this->is_persistent( $group ) ) {
			return;
		}
		if ( $expire < 0 ) {
			$this->store->delete( $group, array_keys( $values ) );
		} else {
			$this->store->set( $group, $values, $expire );
		}
	}

	/** @return bool[] By key. */
	private function delete_keys( array $keys, string $group ): array {
		$ids = array();
		foreach ( $keys as $key ) {
			$ids[ $key ] = $this->id( $key, $group );
		}
		$gone    = $ids && $this->is_persistent( $group ) ? $this->store->delete( $group, array_values( $ids ) ) : array();
		$deleted = array();
		foreach ( $ids as $key => $id ) {
			$deleted[ $key ] = $this->has( $group, $id ) || ! empty( $gone[ $id ] );
			unset( $this->cache[ $group ][ $id ], $this->ends[ $group ][ $id ] );
		}
		return $deleted;
	}

	private function increment( $key, int $offset, string $group ): int|float|false {
		$id  = $this->id( $key, $group );
		$new = $this->is_persistent( $group ) ? $this->store->increment( $group, $id, $offset ) : null;
		if ( null === $new && $this->has( $group, $id ) ) {
			$old = $this->cache[ $group ][ $id ];
			$new = max( 0, ( is_numeric( $old ) ? $old : 0 ) + $offset );
		}
		if ( null === $new || false === $new ) {
			unset( $this->cache[ $group ][ $id ] );
			return false;
		}
		$this->cache[ $group ][ $id ] = $new;
		return $new;
	}

	/** Brings values from Redis into what the request has seen. Without Redis, that stays as it is. */
	private function fetch( string $group, array $ids, bool $force ): void {
		if ( ! $ids || ! $this->is_persistent( $group ) ) {
			return;
		}
		$answers = $force ? $this->store->get_current( $group, $ids ) : $this->store->get( $group, $ids );
		foreach ( $answers ?? array() as $n => $answer ) {
			unset( $this->cache[ $group ][ $ids[ $n ] ], $this->ends[ $group ][ $ids[ $n ] ] );
			if ( false !== $answer ) {
				$value = Value::decode( $answer, $found );
				if ( $found ) {
					$this->cache[ $group ][ $ids[ $n ] ] = $value;
				}
			}
		}
	}

	private function look_up( string $group, int|string $id, &$found = null ) {
		$found = $this->has( $group, $id );
		if ( ! $found ) {
			++$this->cache_misses;
			return false;
		}
		++$this->cache_hits;
		$value = $this->cache[ $group ][ $id ];
		return is_object( $value ) ? clone $value : $value;
	}

	private function keep( string $group, int|string $id, mixed $value, int $expire ): void {
		$this->cache[ $group ][ $id ] = is_object( $value ) ? clone $value : $value;
		unset( $this->ends[ $group ][ $id ] );
		if ( 0 !== $expire ) {
			$this->ends[ $group ][ $id ] = microtime( true ) + $expire;
		}
	}

	private function has( string $group, int|string $id ): bool {
		if ( isset( $this->ends[ $group ][ $id ] ) && $this->ends[ $group ][ $id ] <= microtime( true ) ) {
			unset( $this->cache[ $group ][ $id ], $this->ends[ $group ][ $id ] );
		}
		return isset( $this->cache[ $group ] ) && array_key_exists( $id, $this->cache[ $group ] );
	}

	private function id( int|string $key, string $group ): int|string {
		return $this->multisite && ! isset( $this->global_groups[ $group ] ) ? $this->blog_prefix . $key : $key;
	}

	private function is_persistent( string $group ): bool {
		return ! isset( $this->non_persistent_groups[ $group ] );
	}

	private function forget_all(): void {
		$this->cache = array();
		$this->ends  = array();
	}

	/** What Redis held may be out of date. */
	private function forget_persistent(): void {
		$this->cache = array_intersect_key( $this->cache, $this->non_persistent_groups );
		$this->ends  = array_intersect_key( $this->ends, $this->non_persistent_groups );
	}
}
