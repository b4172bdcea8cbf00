<?php
/**
 * What WordPress would know from a visitor's request, for setup and cron. It makes addresses from that: without
 * it, links to files would begin with http:// on a site with TLS.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

function pretend_visitor(): void {
	$url   = parse_url( setting( 'WORDPRESS_URL' ) );
	$https = 'https' === $url['scheme'];
	if ( $https ) {
		$_SERVER['HTTPS'] = 'on';
	}
	$_SERVER['HTTP_HOST']      = $url['host'] . ( isset( $url['port'] ) ? ":{$url['port']}" : '' );
	$_SERVER['SERVER_NAME']    = $url['host'];
	$_SERVER['SERVER_PORT']    = $https ? '443' : '80';
	$_SERVER['REMOTE_ADDR']    = '127.0.0.1';
	$_SERVER['REQUEST_METHOD'] = 'GET';
	$_SERVER['REQUEST_URI']    = '/';
}
