<?php
/**
 * Invalidations of everything that CloudFront keeps: at most one in ten seconds for all of the site. CloudFront has 15
 * of this kind in progress at a time, and refuses more.
 *
 * What is owed stands in an option until CloudFront has taken it, so that neither a request that dies nor a CloudFront
 * that does not answer loses it: cron sends what is left.
 */

declare( strict_types = 1 );

namespace WordPressEcs\Aws;

require_once __DIR__ . '/client.php';
require_once __DIR__ . '/rows.php';

final class Invalidation {
	private const DUE  = 'wordpress_ecs_cdn_due';
	private const SENT = 'wordpress_ecs_cdn_sent';
	/** When another one will be owed, and the release that setup has prepared the site for. */
	private const LATER   = 'wordpress_ecs_cdn_later';
	private const RELEASE = 'wordpress_ecs_cdn_release';
	private const SECONDS_BETWEEN = 10;

	public function __construct( private readonly Rows $rows, private readonly string $distribution ) {}

	/** From now on one is owed, whatever becomes of this request. */
	public function owe(): void {
		// A new name each time: one that is on its way may not have seen this change.
		$this->rows->set( self::DUE, bin2hex( random_bytes( 16 ) ) );
	}

	/** Another one is owed in so many seconds, counted from the last task that was prepared. Whether the release is new. */
	public function follows_release( string $release, int $seconds ): bool {
		$new = '' !== $release && $this->rows->get( self::RELEASE ) !== $release;
		if ( $new ) {
			$this->rows->set( self::RELEASE, $release );
		}
		if ( $new || null !== $this->rows->get( self::LATER ) ) {
			$this->rows->set( self::LATER, (string) ( time() + $seconds ) );
		}
		return $new;
	}

	public function owe_delayed(): void {
		$later = $this->rows->get( self::LATER );
		if ( null !== $later && (int) $later <= time() ) {
			$this->owe();
			$this->rows->remove( self::LATER, $later );
		}
	}

	/** Sends what is owed, unless another was sent a moment ago: it waits for cron then. */
	public function settle(): void {
		$due = $this->rows->get( self::DUE );
		if ( null === $due || ! $this->rows->take_turn( self::SENT, self::SECONDS_BETWEEN ) ) {
			return;
		}
		try {
			$this->send();
		} catch ( Failure $failure ) {
			error_log( "cdn: pages may be old for up to a day: CloudFront does not invalidate {$this->distribution}: "
				. "{$failure->getMessage()}; cron tries again" );
			return;
		}
		$this->rows->remove( self::DUE, $due );
	}

	private function send(): void {
		// CloudFront takes a reference once: an attempt that was not heard may be made again with it.
		$reference = bin2hex( random_bytes( 16 ) );
		( new Client() )->send(
			'POST',
			"https://cloudfront.amazonaws.com/2020-05-31/distribution/{$this->distribution}/invalidation",
			'us-east-1', // where CloudFront, which is everywhere, is signed for
			'cloudfront',
			array( 'Content-Type: application/xml' ),
			'<?xml version="1.0" encoding="UTF-8"?><InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">'
				. '<Paths><Quantity>1</Quantity><Items><Path>/*</Path></Items></Paths>'
				. "<CallerReference>$reference</CallerReference></InvalidationBatch>"
		);
	}
}
