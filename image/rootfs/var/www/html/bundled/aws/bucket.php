<?php
/**
 * The bucket in which CloudFront looks for uploads before it asks the site. Objects have the path of the file's
 * address as their key, and the headers that nginx sends for it.
 */

declare( strict_types = 1 );

namespace WordPressEcs\Aws;

require_once __DIR__ . '/client.php';

final class Bucket {
	/** As in nginx's http/assets.conf: every upload has a name of its own. */
	private const LIFETIME = 'public, max-age=31536000, immutable';

	/**
	 * What is copied. Nothing that a browser runs as the site is here (SVG, HTML, XML, scripts): nginx makes such files
	 * harmless with a header, which a bucket cannot. The site goes on serving what is not here.
	 */
	private const TYPES = array(
		'jpg' => 'image/jpeg', 'jpeg' => 'image/jpeg', 'png' => 'image/png', 'gif' => 'image/gif', 'webp' => 'image/webp',
		'avif' => 'image/avif', 'heic' => 'image/heic', 'ico' => 'image/x-icon', 'bmp' => 'image/x-ms-bmp', 'tif' => 'image/tiff',
		'tiff' => 'image/tiff',
		'mp3' => 'audio/mpeg', 'm4a' => 'audio/x-m4a', 'oga' => 'audio/ogg', 'ogg' => 'audio/ogg', 'wav' => 'audio/wav', 'flac' => 'audio/flac',
		'mp4' => 'video/mp4', 'm4v' => 'video/x-m4v', 'mov' => 'video/quicktime', 'webm' => 'video/webm', 'ogv' => 'video/ogg',
		'pdf' => 'application/pdf', 'zip' => 'application/zip', 'doc' => 'application/msword', 'xls' => 'application/vnd.ms-excel',
		'ppt' => 'application/vnd.ms-powerpoint',
		'docx' => 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
		'xlsx' => 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
		'pptx' => 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
	);

	/** What nginx does not show by its address (server/denied.conf): paid downloads, logs, hidden files, programs, backups. */
	private const DENIED = '~^wp-content/uploads/(?:woocommerce_uploads|edd|wc-logs)/|/\.'
		. '|\.(?:ph(?:p\d?|ps|t|tml|ar)|cgi|pl|py|rb|jsp|aspx?|exe|dll|htaccess)[./]'
		. '|\.(?:bak|backup|old|orig|original|save|sw[a-p]|sql|sqlite3?|dump|log|ini|conf|env|sh|twig|inc)\.zip$~i';

	private readonly Client $client;

	public function __construct( public readonly string $name, private readonly string $region ) {
		$this->client = new Client();
	}

	/** Whether a file with this path may be in the bucket. Paths begin with wp-content/uploads/. */
	public static function takes( string $path ): bool {
		return '' !== self::type( $path ) && ! preg_match( self::DENIED, $path );
	}

	public function put( string $path, string $file ): void {
		$headers = array( 'Content-Type: ' . self::type( $path ), 'Cache-Control: ' . self::LIFETIME );
		$this->client->put_file( $this->url( $path ), $this->region, 's3', $headers, $file );
	}

	/** Nothing happens if there is no such object. */
	public function delete( string $path ): void {
		$this->client->send( 'DELETE', $this->url( $path ), $this->region, 's3', array() );
	}

	private static function type( string $path ): string {
		return self::TYPES[ strtolower( pathinfo( $path, PATHINFO_EXTENSION ) ) ] ?? '';
	}

	private function url( string $path ): string {
		$encoded = implode( '/', array_map( 'rawurlencode', explode( '/', $path ) ) );
		return "https://{$this->name}.s3.{$this->region}.amazonaws.com/$encoded";
	}
}
