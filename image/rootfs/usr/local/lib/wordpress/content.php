<?php
/** The shared volume as WordPress expects it: its directories, and links to the bundled plugins. */

declare( strict_types = 1 );

namespace WordPressEcs;

const BUNDLED_PLUGINS = '../../bundled/plugins/';

/** Why the volume cannot be used. */
final class Content_Failure extends \RuntimeException {}

/** Says each change, and throws where one is not possible. */
function prepare_content( string $root, callable $say ): void {
	foreach ( array( 'uploads', 'plugins', 'themes', 'languages', 'upgrade' ) as $name ) {
		$path = "$root/wp-content/$name";
		if ( ! is_dir( $path ) && ! @mkdir( $path, 0755 ) && ! is_dir( $path ) ) {
			throw new Content_Failure( "cannot create $path: " . last_error() . '; the volume has to belong to 33:33' );
		}
	}
	if ( 'deny' === setting( 'WORDPRESS_FILE_CHANGES' ) ) {
		return;
	}
	remove_dangling_links( $root, $say );
	foreach ( entries( "$root/bundled/plugins" ) as $name ) {
		link_plugin( $root, $name, $say );
	}
}

/** WordPress looks for plugins in one directory only, so each bundled one gets a link there. */
function link_plugin( string $root, string $name, callable $say ): void {
	$link   = "$root/wp-content/plugins/$name";
	$target = BUNDLED_PLUGINS . $name;
	if ( is_link( $link ) && readlink( $link ) === $target ) {
		return;
	}
	if ( is_link( $link ) || file_exists( $link ) ) {
		$say( "wp-content/plugins/$name is on the shared volume and hides the bundled plugin of that name" );
		return;
	}
	if ( ! @symlink( $target, $link ) ) {
		throw new Content_Failure( "cannot create the link $link: " . last_error() );
	}
	$say( "bundled plugin $name linked" );
}

/** Removes the links to plugins that this image no longer bundles. */
function remove_dangling_links( string $root, callable $say ): void {
	foreach ( entries( "$root/wp-content/plugins" ) as $name ) {
		$link = "$root/wp-content/plugins/$name";
		if ( ! is_link( $link ) || ! str_starts_with( (string) readlink( $link ), BUNDLED_PLUGINS ) || file_exists( $link ) ) {
			continue;
		}
		if ( ! @unlink( $link ) ) {
			throw new Content_Failure( "cannot remove the link $link: " . last_error() );
		}
		$say( "bundled plugin $name is gone, link removed" );
	}
}

/** What a directory holds, without hidden files and WordPress's empty index.php. */
function entries( string $directory ): array {
	$names = @scandir( $directory );
	return array_filter(
		false === $names ? array() : $names,
		static fn ( string $name ): bool => ! str_starts_with( $name, '.' ) && 'index.php' !== $name
	);
}

/** What PHP says about the last call that failed, without the name of the function. */
function last_error(): string {
	$message = error_get_last()['message'] ?? 'unknown error';
	return (string) preg_replace( '~^.*: ~', '', $message );
}
