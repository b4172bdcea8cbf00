<?php
/**
 * Themes and plugins of the image stand beside those of the shared volume. They change with
 * the image only, so wp-admin offers neither an update nor a deletion for them.
 */

declare( strict_types = 1 );

namespace WordPressEcs\BundledContent;

const PLUGINS = ABSPATH . 'bundled/plugins';
const THEMES  = ABSPATH . 'bundled/themes';

/** A plugin by the name WordPress has for it: directory/file.php, or file.php. */
function is_bundled_plugin( string $plugin ): bool {
	$name = explode( '/', $plugin )[0];
	$link = WP_PLUGIN_DIR . "/$name";
	return is_link( $link ) && file_exists( PLUGINS . "/$name" ) && realpath( $link ) === PLUGINS . "/$name";
}

function is_bundled_theme( string $stylesheet ): bool {
	return wp_get_theme( $stylesheet )->get_theme_root() === THEMES;
}

/** Takes what is bundled out of the updates that wordpress.org offers. */
function without_bundled( mixed $updates, callable $is_bundled ): mixed {
	foreach ( array_keys( (array) ( $updates->response ?? array() ) ) as $name ) {
		if ( $is_bundled( (string) $name ) ) {
			unset( $updates->response[ $name ] );
		}
	}
	return $updates;
}

/** Before WordPress runs a plugin's uninstaller, which deletes its data. */
function refuse_plugin_deletion( string $plugin ): void {
	if ( is_bundled_plugin( $plugin ) ) {
		wp_die( 'This plugin is part of the image: it can be deactivated here, and goes with an image that does not hold it.', '', array( 'response' => 403 ) );
	}
}

function refuse_theme_deletion( string $stylesheet ): void {
	if ( is_bundled_theme( $stylesheet ) ) {
		wp_die( 'This theme is part of the image, and goes with an image that does not hold it.', '', array( 'response' => 403 ) );
	}
}

function plugin_links( array $links, string $plugin ): array {
	if ( is_bundled_plugin( $plugin ) ) {
		unset( $links['delete'], $links['edit'] );
	}
	return $links;
}

function themes_for_js( array $themes ): array {
	foreach ( $themes as $stylesheet => $theme ) {
		if ( is_bundled_theme( (string) $stylesheet ) ) {
			unset( $themes[ $stylesheet ]['actions']['delete'] );
		}
	}
	return $themes;
}

// With DISALLOW_FILE_MODS, WP_CONTENT_DIR is the bundled directory, and nothing can be changed.
if ( WP_CONTENT_DIR !== ABSPATH . 'bundled' ) {
	if ( is_dir( THEMES ) ) {
		register_theme_directory( THEMES );
	}
	$of_plugins = static fn ( $updates ) => without_bundled( $updates, is_bundled_plugin( ... ) );
	$of_themes  = static fn ( $updates ) => without_bundled( $updates, is_bundled_theme( ... ) );
	add_filter( 'site_transient_update_plugins', $of_plugins );
	add_filter( 'site_transient_update_themes', $of_themes );
	add_action( 'pre_uninstall_plugin', refuse_plugin_deletion( ... ) );
	add_action( 'delete_plugin', refuse_plugin_deletion( ... ) );
	add_action( 'delete_theme', refuse_theme_deletion( ... ) );
	add_filter( 'plugin_action_links', plugin_links( ... ), 10, 2 );
	add_filter( 'wp_prepare_themes_for_js', themes_for_js( ... ) );
	unset( $of_plugins, $of_themes );
}
