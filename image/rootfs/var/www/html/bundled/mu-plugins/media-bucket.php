<?php
/**
 * Copies the files of the media library to a bucket, from which CloudFront serves them. The shared volume stays where
 * WordPress writes and reads, and addresses stay what they are: what is not in the bucket, CloudFront gets from the
 * site. So a failed copy hurts nobody, and the bucket can come and go.
 */

declare( strict_types = 1 );

namespace WordPressEcs\MediaBucket;

use WordPressEcs\Aws;
use function WordPressEcs\setting;

// A worker of php-fpm, after its visitor has the answer, and cron, whose other events wait.
const REQUEST_SECONDS = 30;
const CRON_SECONDS    = 20;

final class Media {
	private readonly Aws\Copies $copies;

	public function __construct( private readonly string $bucket, private readonly string $region ) {}

	/** While there is a bucket. */
	public function watch(): void {
		// The only place where all files of an upload are known, whoever made them: after each size, each edit.
		add_filter( 'wp_update_attachment_metadata', $this->metadata( ... ), PHP_INT_MAX, 2 );
		foreach ( array( 'added_post_meta', 'updated_post_meta' ) as $hook ) {
			add_action( $hook, $this->attached( ... ), 10, 3 );
		}
		add_filter( 'wp_delete_file', $this->deleted( ... ), PHP_INT_MAX );
		add_action( 'wordpress_ecs_minute', $this->minute( ... ) );
		// Before cdn-invalidation.php: a file comes before the page that shows it.
		add_action( 'shutdown', $this->finish( ... ), PHP_INT_MAX - 1 );
	}

	/** While there is none: what is deleted must not come back with a bucket that still has it. */
	public function remember(): void {
		add_filter( 'wp_delete_file', fn ( $file ) => $this->copies()->was_on() ? $this->deleted( $file ) : $file, PHP_INT_MAX );
		add_action( 'wordpress_ecs_minute', fn () => $this->copies()->pause() );
	}

	private function metadata( mixed $metadata, int $id ): mixed {
		$this->copies()->note( Aws\Copies::files( $id, $metadata ) );
		return $metadata;
	}

	/** A file without sizes may have no metadata at all. */
	private function attached( mixed $meta, int $id, string $key ): void {
		if ( '_wp_attached_file' === $key ) {
			$this->copies()->note( array( (string) get_attached_file( $id, true ) ) );
		}
	}

	/** A file that is about to be deleted. */
	private function deleted( mixed $file ): mixed {
		if ( is_string( $file ) ) {
			$this->copies()->note( array( $file ) );
		}
		return $file;
	}

	private function minute(): void {
		$this->copies()->settle( CRON_SECONDS );
		if ( $this->copies()->catch_up( CRON_SECONDS ) ) {
			// CloudFront may have what was there before.
			do_action( 'wordpress_ecs_pages_changed' );
		}
	}

	private function finish(): void {
		if ( isset( $this->copies ) && $this->copies->has_noted() && ! wp_installing() ) {
			Aws\answer_visitor();
			$this->copies->settle( REQUEST_SECONDS );
		}
	}

	private function copies(): Aws\Copies {
		require_once ABSPATH . 'bundled/aws/copies.php';
		return $this->copies ??= new Aws\Copies(
			new Aws\Rows( $GLOBALS['wpdb'] ),
			'' === $this->bucket ? null : new Aws\Bucket( $this->bucket, $this->region )
		);
	}
}

$media = new Media( setting( 'WORDPRESS_MEDIA_BUCKET' ), setting( 'WORDPRESS_MEDIA_REGION' ) );
if ( '' === setting( 'WORDPRESS_MEDIA_BUCKET' ) ) {
	$media->remember();
} else {
	$media->watch();
}
unset( $media );
