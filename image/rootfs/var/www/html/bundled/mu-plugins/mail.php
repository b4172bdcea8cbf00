<?php
/** Mail goes to the SMTP server that the environment names, or nowhere: the image has no other. */

declare( strict_types = 1 );

namespace WordPressEcs\Mail;

use PHPMailer\PHPMailer\PHPMailer;
use function WordPressEcs\setting;

const TIMEOUT = 10;

/** Without a server a mail fails at once, instead of looking for a sendmail. */
function refuse( ?bool $result ): ?bool {
	if ( null !== $result || '' !== setting( 'WORDPRESS_SMTP_HOST' ) ) {
		return $result;
	}
	error_log( 'mail: not sent: WORDPRESS_SMTP_HOST is not set' );
	return false;
}

function use_server( PHPMailer $mailer ): void {
	$security = setting( 'WORDPRESS_SMTP_SECURITY' );
	$mailer->isSMTP();
	$mailer->Host     = setting( 'WORDPRESS_SMTP_HOST' );
	$mailer->Port     = (int) setting( 'WORDPRESS_SMTP_PORT' );
	$mailer->Hostname = (string) wp_parse_url( home_url(), PHP_URL_HOST );
	$mailer->Timeout  = TIMEOUT;
	// Certificates are verified, as PHP does unless told otherwise.
	$mailer->SMTPSecure  = array( 'starttls' => PHPMailer::ENCRYPTION_STARTTLS, 'tls' => PHPMailer::ENCRYPTION_SMTPS )[ $security ] ?? '';
	$mailer->SMTPAutoTLS = false;
	$mailer->SMTPAuth    = '' !== setting( 'WORDPRESS_SMTP_USER' );
	$mailer->Username    = setting( 'WORDPRESS_SMTP_USER' );
	$mailer->Password    = setting( 'WORDPRESS_SMTP_PASSWORD' );
	// The other limit is for each answer of the server; five minutes unless told.
	$mailer->getSMTPInstance()->Timelimit = TIMEOUT;
}

/** The sender where nobody has named one: WordPress would take wordpress@<host>. */
function sender( string $address ): string {
	$from = setting( 'WORDPRESS_MAIL_FROM' );
	return '' !== $from && str_starts_with( $address, 'wordpress@' ) ? $from : $address;
}

function sender_name( string $name ): string {
	return 'WordPress' === $name ? wp_specialchars_decode( (string) get_option( 'blogname' ), ENT_QUOTES ) : $name;
}

function log_failure( \WP_Error $error ): void {
	error_log( 'mail: not sent: ' . trim( (string) preg_replace( '~\s+~', ' ', $error->get_error_message() ) ) );
}

add_filter( 'pre_wp_mail', __NAMESPACE__ . '\refuse' );
add_action( 'phpmailer_init', __NAMESPACE__ . '\use_server' );
add_filter( 'wp_mail_from', __NAMESPACE__ . '\sender' );
add_filter( 'wp_mail_from_name', __NAMESPACE__ . '\sender_name' );
add_action( 'wp_mail_failed', __NAMESPACE__ . '\log_failure' );
