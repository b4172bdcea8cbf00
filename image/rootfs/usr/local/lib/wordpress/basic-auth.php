<?php
/**
 * Prints the line of nginx's password file: the name, and a salted hash. A fast one, because nginx computes it for
 * every request.
 */

declare( strict_types = 1 );

$salt = random_bytes( 8 );
$hash = sha1( getenv( 'WORDPRESS_BASIC_AUTH_PASSWORD' ) . $salt, true );
echo getenv( 'WORDPRESS_BASIC_AUTH_USER' ), ':{SSHA}', base64_encode( $hash . $salt ), "\n";
