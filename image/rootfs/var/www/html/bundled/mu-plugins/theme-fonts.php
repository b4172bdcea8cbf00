<?php
/**
 * Keeps for a minute what WordPress prints about the theme's fonts on every page of wp-admin. To make it, the
 * core reads and checks all the JSON files of a block theme, a quarter of the time that the dashboard takes.
 */

declare( strict_types = 1 );

namespace WordPressEcs\ThemeFonts;

const ACTION   = 'admin_print_styles';
const PRIORITY = 50;
const PRINTERS = array( 'wp_print_font_faces', 'wp_print_font_faces_from_style_variations' );
const GROUP    = 'wordpress_ecs_theme_fonts';
const LIFETIME = MINUTE_IN_SECONDS;

// What a theme's data may depend on besides its files: a request, a user, anything.
const FILTERS = array(
	'wp_theme_json_data_default', 'wp_theme_json_data_blocks', 'wp_theme_json_data_theme', 'wp_theme_json_data_user',
	'theme_file_uri', 'stylesheet_directory', 'template_directory',
);

function replace_printers(): void {
	if ( ! wp_using_ext_object_cache() || wp_is_development_mode( 'theme' ) || array_filter( FILTERS, 'has_filter' ) ) {
		return;
	}
	foreach ( PRINTERS as $printer ) {
		if ( remove_action( ACTION, $printer, PRIORITY ) ) {
			add_action( ACTION, static fn () => print_kept( $printer ), PRIORITY );
		}
	}
}

function print_kept( string $printer ): void {
	$key  = $printer . ':' . state();
	$html = wp_cache_get( $key, GROUP );
	if ( ! is_string( $html ) ) {
		ob_start();
		$printer();
		$html = (string) ob_get_clean();
		wp_cache_set( $key, $html, GROUP, LIFETIME );
	}
	echo $html; // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- as the core has printed it
}

/** What the fonts come from: core, theme, the fonts that were chosen in the editor, and the scheme of addresses. */
function state(): string {
	return md5( implode( "\n", array(
		wp_get_wp_version(),
		get_stylesheet_directory(),
		get_template_directory(),
		(string) get_option( 'wordpress_ecs_code' ),
		wp_cache_get_last_changed( 'posts' ),
		is_ssl() ? 'https' : 'http',
	) ) );
}

// After the plugins' own filters are there.
add_action( 'admin_init', __NAMESPACE__ . '\replace_printers', PHP_INT_MAX );
