<?php
/**
 * Keeps the bucket as the uploads on the shared volume are. Each file that has changed has a row among the options
 * until the bucket has followed: what a request does not come to, cron does. A row says only which file: what to do
 * follows from whether it is there.
 */

declare( strict_types = 1 );

namespace WordPressEcs\Aws;

require_once __DIR__ . '/bucket.php';
require_once __DIR__ . '/rows.php';

final class Copies {
	/** How far cron has come with the uploads that were there before: "bucket id", "bucket done", or "off". */
	private const PROGRESS = 'wordpress_ecs_media';
	/** Before the sum of a path; the value is "time name path". */
	private const ROW = 'wordpress_ecs_media_';
	// Younger ones are left to the request that wrote them.
	private const CRON_AFTER    = 60;
	private const ROWS          = 500;
	private const MOST_FAILURES = 3;
	private const MOST_ATTEMPTS = 3;

	/** The values of the rows that this process wrote, by path. */
	private array $noted = array();
	private int $failures = 0;

	/** Without a bucket it only remembers what will have to be deleted, in case that there is one again. */
	public function __construct( private readonly Rows $rows, private readonly ?Bucket $bucket ) {}

	/** Writes down that files have changed, or are about to; other files than uploads are passed over. */
	public function note( array $files ): void {
		foreach ( $files as $file ) {
			$path = str_starts_with( $file, ABSPATH ) ? substr( $file, strlen( ABSPATH ) ) : '';
			if ( isset( $this->noted[ $path ] ) || ! str_starts_with( $path, UPLOADS . '/' ) || str_contains( $path, '/../' ) || ! Bucket::takes( $path ) ) {
				continue;
			}
			$this->noted[ $path ] = self::value( $path );
			$this->rows->set( self::ROW . md5( $path ), $this->noted[ $path ] );
		}
	}

	/** Has the bucket follow what this process has noted, for so many seconds or until something fails. */
	public function settle( int $seconds ): void {
		$deadline = time() + $seconds;
		foreach ( $this->noted as $path => $value ) {
			if ( $this->is_over( $deadline ) || ! $this->follow( $path, $value ) ) {
				break;
			}
		}
		$this->noted = array();
	}

	public function has_noted(): bool {
		return array() !== $this->noted;
	}

	/** What others have left, then what was uploaded before there was a bucket. True if something that was late is done. */
	public function catch_up( int $seconds ): bool {
		$deadline = time() + $seconds;
		$late     = false;
		$before   = sprintf( '%010d', time() - self::CRON_AFTER );
		foreach ( $this->rows->values( self::ROW, $before, self::ROWS ) as $value ) {
			if ( $this->is_over( $deadline ) ) {
				return $late;
			}
			$late = $this->follow( explode( ' ', $value, 3 )[2], $value ) || $late;
		}
		$this->walk( $deadline );
		return $late;
	}

	/** Copies all uploads, by the ids of their posts; the next run goes on where this one ends. */
	private function walk( int $deadline ): void {
		list( $name, $next ) = explode( ' ', (string) $this->rows->get( self::PROGRESS ) ) + array( '', '0' );
		$next = $this->bucket->name === $name ? $next : '0';
		while ( 'done' !== $next && ! $this->is_over( $deadline ) ) {
			$id   = self::upload_after( (int) $next );
			$next = null === $id ? 'done' : (string) $id;
			// What has a row is not forgotten.
			$this->note( null === $id ? array() : array_filter( self::files( $id, wp_get_attachment_metadata( $id, true ) ), 'is_file' ) );
			$this->rows->set( self::PROGRESS, "{$this->bucket->name} $next" );
			$this->settle( $deadline - time() );
		}
	}

	private static function upload_after( int $id ): ?int {
		global $wpdb;
		$next = $wpdb->get_var( $wpdb->prepare( "SELECT MIN(ID) FROM $wpdb->posts WHERE post_type = 'attachment' AND ID > %d", $id ) );
		return null === $next ? null : (int) $next;
	}

	/** While there is no bucket: the walk will begin anew. */
	public function pause(): void {
		if ( $this->was_on() ) {
			$this->rows->set( self::PROGRESS, 'off' );
		}
	}

	public function was_on(): bool {
		return null !== $this->rows->get( self::PROGRESS );
	}

	/** The files of an upload: as it came, in all sizes, and as it was before it was edited. */
	public static function files( int $id, mixed $metadata ): array {
		$file  = (string) get_attached_file( $id, true );
		$names = array( basename( $file ) );
		$parts = array( $metadata, get_post_meta( $id, '_wp_attachment_backup_sizes', true ) );
		array_walk_recursive( $parts, static function ( mixed $value, mixed $key ) use ( &$names ): void {
			if ( in_array( $key, array( 'file', 'original_image', 'thumb' ), true ) && is_string( $value ) ) {
				$names[] = basename( $value );
			}
		} );
		return '' === $file ? array() : array_map( static fn ( string $name ): string => dirname( $file ) . "/$name", array_unique( $names ) );
	}

	/** Whether the bucket has followed. If not, cron comes back to it after the others. */
	private function follow( string $path, string $value ): bool {
		$name = self::ROW . md5( $path );
		try {
			$this->copy_or_delete( $path );
		} catch ( Failure $failure ) {
			++$this->failures;
			error_log( "media: the bucket {$this->bucket->name} does not follow $path: {$failure->getMessage()}; cron tries again" );
			$this->rows->replace( $name, $value, self::value( $path ) );
			return false;
		}
		$this->rows->remove( $name, $value );
		return true;
	}

	/** Looks again afterwards: another process may have changed the file, and its request been the faster one. */
	private function copy_or_delete( string $path ): void {
		for ( $attempt = 1; $attempt <= self::MOST_ATTEMPTS; $attempt++ ) {
			$state = self::state( $path );
			if ( '' === $state ) {
				$this->bucket->delete( $path );
			} else {
				$this->bucket->put( $path, ABSPATH . $path );
			}
			if ( self::state( $path ) === $state ) {
				return;
			}
		}
		throw new Failure( 'the file keeps changing' );
	}

	/** Size and time of a file; nothing if there is none, or a link leads out of the uploads. */
	private static function state( string $path ): string {
		clearstatcache( true );
		$real = (string) realpath( ABSPATH . $path );
		if ( ! str_starts_with( $real, realpath( ABSPATH . UPLOADS ) . '/' ) || ! is_file( $real ) ) {
			return '';
		}
		return filesize( $real ) . ' ' . filemtime( $real );
	}

	private function is_over( int $deadline ): bool {
		return time() >= $deadline || $this->failures >= self::MOST_FAILURES;
	}

	private static function value( string $path ): string {
		return sprintf( '%010d %s %s', time(), bin2hex( random_bytes( 8 ) ), $path );
	}
}
