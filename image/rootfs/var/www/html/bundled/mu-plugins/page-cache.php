<?php
/**
 * Tells caches which pages they may keep for all visitors. Without a content delivery network that is nginx:
 * thirty seconds, which is short enough to need no purge, and much longer while PHP or the database is away.
 * CloudFront is told when pages change (cdn-invalidation.php), and keeps them for a day. nginx then keeps none: its
 * copy, older than the change, would get into CloudFront after that.
 */

declare( strict_types = 1 );

namespace WordPressEcs\PageCache;

use function WordPressEcs\setting;

const PAGE        = 'max-age=0, s-maxage=30, stale-while-revalidate=30, stale-if-error=86400';
const PAGE_IN_CDN = 'max-age=0, s-maxage=86400, stale-while-revalidate=30, stale-if-error=86400';
// A burst of requests for what does not exist; a page that is published under it appears soon.
const NOT_FOUND   = 'max-age=0, s-maxage=5';

// With these a visitor is somebody: a login, a password for a post, a comment, a cart, a session.
const PERSONAL_COOKIES = '~^(?:wordpress_(?!test_cookie)|wp-postpass_|comment_author_|woocommerce_|wp_woocommerce_session_|edd_|PHPSESSID$)~';

/** The last moment before the answer goes out: only now is known what its headers are. */
function send_header(): void {
	$in_cdn   = '' !== setting( 'WORDPRESS_CDN_DISTRIBUTION' );
	$page     = $in_cdn ? PAGE_IN_CDN : PAGE;
	$lifetime = array( 200 => $page, 301 => $page, 404 => NOT_FOUND )[ http_response_code() ] ?? '';
	if ( '' !== $lifetime && is_public_request() && is_public_page() && is_public_answer() ) {
		header( "Cache-Control: $lifetime" );
		header_remove( 'Expires' );
		if ( $in_cdn ) {
			// For nginx, which does not pass it on.
			header( 'X-Accel-Expires: 0' );
		}
	}
}

/** Nothing in the request makes the page one visitor's own. */
function is_public_request(): bool {
	// An answer to HEAD has no page in it that could be kept for others.
	if ( 'GET' !== ( $_SERVER['REQUEST_METHOD'] ?? '' ) ) {
		return false;
	}
	// A password of WordPress, or nginx has asked for one.
	if ( isset( $_SERVER['HTTP_AUTHORIZATION'] ) || isset( $_SERVER['AUTH_TYPE'] ) ) {
		return false;
	}
	// A comment that waits for its moderation is shown to its author through these.
	if ( isset( $_GET['unapproved'] ) || isset( $_GET['moderation-hash'] ) || isset( $_GET['preview'] ) ) {
		return false;
	}
	return ! preg_grep( PERSONAL_COOKIES, array_map( 'strval', array_keys( $_COOKIE ) ) );
}

/** WordPress has made a page of the site, of the kind that all visitors share. */
function is_public_page(): bool {
	if ( ! did_action( 'template_redirect' ) || is_admin() || is_user_logged_in() || defined( 'REST_REQUEST' ) ) {
		return false;
	}
	if ( defined( 'DONOTCACHEPAGE' ) && DONOTCACHEPAGE ) {
		return false;
	}
	// A search has as many pages as there are words; they would push the others out.
	if ( is_search() || is_feed() || is_trackback() || is_preview() || is_customize_preview() ) {
		return false;
	}
	if ( is_singular() && '' !== (string) get_queried_object()?->post_password ) {
		return false;
	}
	foreach ( array( 'is_cart', 'is_checkout', 'is_account_page' ) as $own ) {
		if ( function_exists( $own ) && $own() ) {
			return false;
		}
	}
	/** Lets a plugin or theme keep a page out of the cache. */
	return (bool) apply_filters( 'wordpress_ecs_cache_page', true );
}

/** Nothing in the answer is for one visitor, and nobody has said how long it lasts. */
function is_public_answer(): bool {
	if ( PHP_SESSION_ACTIVE === session_status() ) {
		return false;
	}
	$headers = headers_list();
	// WordPress says of every 404 that it must not be kept; anyone else who says so is obeyed.
	if ( is_404() ) {
		foreach ( wp_get_nocache_headers() as $name => $value ) {
			$headers = array_diff( $headers, array( "$name: $value" ) );
		}
	}
	return ! preg_grep( '~^(?:Set-Cookie|Cache-Control|Expires|Pragma|X-Accel-Expires):~i', $headers );
}

if ( 'cli' !== PHP_SAPI ) {
	header_register_callback( __NAMESPACE__ . '\send_header' );
}
