<?php
/**
 * Requests to AWS as the role of the task. curl signs them (Signature Version 4). cdn-invalidation.php and
 * media-bucket.php of the must-use plugins share this.
 */

declare( strict_types = 1 );

namespace WordPressEcs\Aws;

require_once __DIR__ . '/credentials.php';

/** Why AWS has not done something, in one line. */
final class Failure extends \RuntimeException {}

final class Client {
	private const CONNECT_SECONDS = 3;
	/** How long the other side may be silent. */
	private const SILENT_SECONDS = 5;
	private const ATTEMPTS       = 3;
	private const PAUSE_MS       = 200;

	/** Kept, because its connection is. */
	private readonly \CurlHandle $curl;

	public function __construct() {
		$this->curl = curl_init();
	}

	/** Sends a body that is at hand. The region and the service are those that the signature is for. */
	public function send( string $method, string $url, string $region, string $service, array $headers, string $body = '' ): void {
		$this->attempt( $url, $region, $service, $headers, static fn (): array => array( CURLOPT_CUSTOMREQUEST => $method )
			+ ( '' === $body ? array() : array( CURLOPT_POSTFIELDS => $body ) ) );
	}

	/** Sends a file from the disk, piece by piece. */
	public function put_file( string $url, string $region, string $service, array $headers, string $file ): void {
		$open = static function () use ( $file ): array {
			$stream = @fopen( $file, 'rb' );
			if ( false === $stream ) {
				throw new Failure( "$file cannot be read" );
			}
			return array( CURLOPT_UPLOAD => true, CURLOPT_INFILE => $stream, CURLOPT_INFILESIZE => fstat( $stream )['size'] );
		};
		// Its sum would be a second reading of the file. TLS sees to it that nothing is changed on the way.
		$this->attempt( $url, $region, $service, array( ...$headers, 'x-amz-content-sha256: UNSIGNED-PAYLOAD' ), $open );
	}

	/** Sends a request until it is answered by AWS, which may be "no". */
	private function attempt( string $url, string $region, string $service, array $headers, callable $body ): void {
		for ( $attempt = 1;; $attempt++ ) {
			list( $status, $answer ) = $this->exchange( $body() + $this->options( $url, $region, $service, $headers ) );
			if ( 200 <= $status && $status < 300 ) {
				return;
			}
			if ( 0 < $status && $status < 500 || self::ATTEMPTS === $attempt ) {
				throw new Failure( self::words( $status, $answer ) );
			}
			usleep( self::PAUSE_MS * 1000 * $attempt );
		}
	}

	private function options( string $url, string $region, string $service, array $headers ): array {
		$credentials = Credentials::current();
		$authorities = (string) getenv( 'SSL_CERT_FILE' );
		return array(
			CURLOPT_URL             => $url,
			CURLOPT_AWS_SIGV4       => "aws:amz:$region:$service",
			CURLOPT_USERNAME        => $credentials->key,
			CURLOPT_PASSWORD        => $credentials->secret,
			CURLOPT_HTTPHEADER      => array( ...$headers, "X-Amz-Security-Token: {$credentials->token}" ),
			CURLOPT_PROTOCOLS       => CURLPROTO_HTTPS,
			CURLOPT_RETURNTRANSFER  => true,
			CURLOPT_CONNECTTIMEOUT  => self::CONNECT_SECONDS,
			CURLOPT_LOW_SPEED_LIMIT => 1,
			CURLOPT_LOW_SPEED_TIME  => self::SILENT_SECONDS,
		) + ( '' === $authorities ? array() : array( CURLOPT_CAINFO => $authorities ) );
	}

	/** The status and the body of the answer; without one, 0 and why there is none. */
	private function exchange( #[\SensitiveParameter] array $options ): array {
		curl_reset( $this->curl );
		curl_setopt_array( $this->curl, $options );
		$answer = curl_exec( $this->curl );
		return false === $answer
			? array( 0, curl_error( $this->curl ) )
			: array( curl_getinfo( $this->curl, CURLINFO_RESPONSE_CODE ), $answer );
	}

	/** What AWS says in its XML: "403 AccessDenied: ...". */
	private static function words( int $status, string $answer ): string {
		if ( 0 === $status ) {
			return $answer;
		}
		$parts = array();
		foreach ( array( 'Code', 'Message' ) as $name ) {
			if ( preg_match( "~<$name>([^<]*)</$name>~", $answer, $found ) ) {
				$parts[] = html_entity_decode( $found[1], ENT_QUOTES | ENT_XML1 );
			}
		}
		return substr( trim( (string) preg_replace( '~\s+~', ' ', "$status " . implode( ': ', $parts ) ) ), 0, 500 );
	}
}

/** Lets the visitor have the answer, who has not to wait for what comes now. */
function answer_visitor(): void {
	if ( PHP_SESSION_ACTIVE === session_status() ) {
		session_write_close();
	}
	if ( function_exists( 'fastcgi_finish_request' ) ) {
		fastcgi_finish_request();
	}
}
