<?php
/** The temporary credentials of the task's role, which ECS hands out inside of the task. */

declare( strict_types = 1 );

namespace WordPressEcs\Aws;

final class Credentials {
	// The endpoint of the ECS agent, at an address of the task's own.
	private const ENDPOINT = 'http://169.254.170.2';
	private const SECONDS  = 2;
	private const ATTEMPTS = 3;
	/** What is left less than this, in seconds, is asked for again. */
	private const LEAST_LEFT = 300;

	private function __construct(
		public readonly string $key,
		#[\SensitiveParameter] public readonly string $secret,
		#[\SensitiveParameter] public readonly string $token,
		private readonly int $expiration
	) {}

	/** Those of now; the process keeps them while they last. */
	public static function current(): self {
		static $kept = null;
		if ( null === $kept || $kept->expiration - time() < self::LEAST_LEFT ) {
			$kept = self::fetch();
		}
		return $kept;
	}

	private static function fetch(): self {
		$path = (string) getenv( 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI' );
		if ( '' === $path ) {
			throw new Failure( 'the task has no role: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set' );
		}
		$context = stream_context_create( array( 'http' => array( 'timeout' => self::SECONDS, 'follow_location' => 0 ) ) );
		for ( $attempt = 1; $attempt <= self::ATTEMPTS; $attempt++ ) {
			$answer = json_decode( (string) @file_get_contents( self::ENDPOINT . $path, false, $context ), true );
			$fields = array_map(
				static fn ( string $name ): string => (string) ( $answer[ $name ] ?? '' ),
				array( 'AccessKeyId', 'SecretAccessKey', 'Token', 'Expiration' )
			);
			if ( ! in_array( '', $fields, true ) ) {
				list( $key, $secret, $token, $expiration ) = $fields;
				return new self( $key, $secret, $token, (int) strtotime( $expiration ) );
			}
		}
		throw new Failure( 'the credentials of the task\'s role cannot be had from ' . self::ENDPOINT );
	}
}
