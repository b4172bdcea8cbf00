<?php
/**
 * Writes, reads and deletes a small file in the directory it is given. Prints the milliseconds
 * it took and, after a space, what went wrong; readiness.php reads that.
 */

declare( strict_types = 1 );

$start = hrtime( true );
$path  = $argv[1] . '/.readyz-' . bin2hex( random_bytes( 8 ) );
$error = '';
if ( false === @file_put_contents( $path, $path ) ) {
	$error = 'cannot write';
} elseif ( @file_get_contents( $path ) !== $path ) {
	$error = 'what was written cannot be read';
}
if ( file_exists( $path ) && ! @unlink( $path ) && '' === $error ) {
	$error = 'cannot delete';
}
if ( '' !== $error ) {
	$error .= ': ' . preg_replace( '~^.*: ~', '', error_get_last()['message'] ?? 'unknown error' );
}
echo round( ( hrtime( true ) - $start ) / 1e6, 1 ), ' ', $error;
