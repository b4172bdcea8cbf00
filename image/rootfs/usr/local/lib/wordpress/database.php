<?php
/**
 * A connection to the database without WordPress: setup, cron and the readiness check need one
 * that fails within bounds and says why in one line.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

/** Why the database cannot be used. A final failure does not pass by waiting. */
final class Database_Failure extends \RuntimeException {
	public function __construct( string $message, public readonly bool $final ) {
		parent::__construct( $message );
	}
}

/** The flags of a connection: with TLS, a server whose certificate does not verify is refused. */
function database_flags(): int {
	return 'off' === setting( 'WORDPRESS_DB_TLS' )
		? 0
		: MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT;
}

/** Connects within the timeout, in seconds, which then holds for every answer, too. */
function connect_database( int $timeout ): \mysqli {
	mysqli_report( MYSQLI_REPORT_OFF );
	$link = mysqli_init();
	$link->options( MYSQLI_OPT_CONNECT_TIMEOUT, $timeout );
	$link->options( MYSQLI_OPT_READ_TIMEOUT, $timeout );

	// What went wrong with TLS is only in PHP's warnings.
	$warnings = array();
	set_error_handler(
		static function ( int $level, string $message ) use ( &$warnings ): bool {
			$warnings[] = $message;
			return true;
		}
	);
	try {
		$connected = $link->real_connect(
			setting( 'WORDPRESS_DB_HOST' ),
			setting( 'WORDPRESS_DB_USER' ),
			setting( 'WORDPRESS_DB_PASSWORD' ),
			setting( 'WORDPRESS_DB_NAME' ),
			(int) setting( 'WORDPRESS_DB_PORT' ),
			null,
			database_flags()
		);
	} finally {
		restore_error_handler();
	}
	if ( ! $connected ) {
		throw connect_failure( $link->connect_errno, (string) $link->connect_error, $warnings );
	}
	return $link;
}

function connect_failure( int $number, string $error, array $warnings ): Database_Failure {
	$warned = implode( ' ', $warnings );
	if ( is_certificate_warning( $warned ) ) {
		return new Database_Failure( "the server's certificate cannot be verified", true );
	}
	// Access, unknown database, host not allowed, unknown or unusable account, TLS on one side only.
	$final = in_array( $number, array( 1044, 1045, 1049, 1130, 1698, 2054, 2061, 3118, 3159 ), true );
	$error = one_line( '' === $error ? $warned : $error );
	if ( 2006 === $number && 'off' !== setting( 'WORDPRESS_DB_TLS' ) ) {
		// PHP hangs up by itself then. A server that has just started may do so, too.
		$error .= ', as from a server without TLS';
	}
	return new Database_Failure( 0 === $number ? $error : "$error ($number)", $final );
}

/** PHP's words for a certificate that nobody it trusts has signed, or that is for another name. */
function is_certificate_warning( string $warning ): bool {
	return str_contains( $warning, 'certificate verify failed' ) || str_contains( $warning, 'did not match expected' );
}

/** Throws if the statement fails. */
function run( \mysqli $link, string $statement ): \mysqli_result|bool {
	$result = $link->query( $statement );
	if ( false === $result ) {
		throw new Database_Failure( one_line( $link->error ) . " ({$link->errno})", false );
	}
	return $result;
}

/** The first value of a statement's answer, or null if there is none. */
function query_value( \mysqli $link, string $statement ): ?string {
	$row = run( $link, $statement )->fetch_row();
	return isset( $row[0] ) ? (string) $row[0] : null;
}

/** Where the database is and as whom it is asked, for messages. */
function database_address(): string {
	return sprintf(
		'%s:%s, user %s, database %s',
		setting( 'WORDPRESS_DB_HOST' ),
		setting( 'WORDPRESS_DB_PORT' ),
		setting( 'WORDPRESS_DB_USER' ),
		setting( 'WORDPRESS_DB_NAME' )
	);
}

function one_line( string $text ): string {
	return trim( (string) preg_replace( '~\s+~', ' ', $text ) );
}
