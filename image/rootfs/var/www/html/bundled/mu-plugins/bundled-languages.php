<?php
/**
 * Translations of the image stand behind those of the shared volume: one that was downloaded
 * in wp-admin wins, because it is the one that gets updates.
 */

declare( strict_types = 1 );

namespace WordPressEcs\BundledLanguages;

const LANGUAGES = ABSPATH . 'bundled/languages';

/** The bundled file in place of one that the volume does not have. */
function bundled_file( string|false $file ): string|false {
	if ( false === $file || ! str_starts_with( $file, WP_LANG_DIR . '/' ) || file_exists( $file ) ) {
		return $file;
	}
	$bundled = LANGUAGES . substr( $file, strlen( WP_LANG_DIR ) );
	return file_exists( $bundled ) ? $bundled : $file;
}

/** Adds the bundled files to the list of a directory, as if they were in it. */
function with_bundled_files( ?array $files, string $path ): ?array {
	if ( null !== $files || ! str_starts_with( $path, WP_LANG_DIR . '/' ) ) {
		return $files;
	}
	$directory = LANGUAGES . substr( $path, strlen( WP_LANG_DIR ) );
	$names     = array_map( 'basename', array_merge( glob( $directory . '*.mo' ), glob( $directory . '*.l10n.php' ) ) );
	if ( ! $names ) {
		return null;
	}
	remove_filter( 'pre_get_language_files_from_path', __NAMESPACE__ . '\with_bundled_files' );
	$files = $GLOBALS['wp_textdomain_registry']->get_language_files_from_path( $path );
	add_filter( 'pre_get_language_files_from_path', __NAMESPACE__ . '\with_bundled_files', 10, 2 );
	return array_values( array_unique( array_merge( $files, array_map( static fn ( string $name ): string => $path . $name, $names ) ) ) );
}

if ( WP_LANG_DIR !== LANGUAGES && is_dir( LANGUAGES ) ) {
	add_filter( 'load_translation_file', __NAMESPACE__ . '\bundled_file' );
	add_filter( 'load_script_translation_file', __NAMESPACE__ . '\bundled_file' );
	add_filter( 'pre_get_language_files_from_path', __NAMESPACE__ . '\with_bundled_files', 10, 2 );
}
