<?php
/**
 * The options of the site as the database has them. WordPress answers from the object cache,
 * which may know an earlier database, or one that has been restored since.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

const OPTIONS = TABLE_PREFIX . 'options';

function site_tables( \mysqli $link ): array {
	return array_column( run( $link, "SHOW TABLES LIKE '" . addcslashes( TABLE_PREFIX, '_%' ) . "%'" )->fetch_all(), 0 );
}

/** Null without the option, or without the table. */
function stored_option( \mysqli $link, string $name ): ?string {
	if ( ! in_array( OPTIONS, site_tables( $link ), true ) ) {
		return null;
	}
	$name = $link->real_escape_string( $name );
	return query_value( $link, 'SELECT option_value FROM ' . OPTIONS . " WHERE option_name = '$name'" );
}

/** For options that WordPress need not know: it does not load them with the others. */
function store_option( \mysqli $link, string $name, string $value ): void {
	$name  = $link->real_escape_string( $name );
	$value = $link->real_escape_string( $value );
	run(
		$link,
		'INSERT INTO ' . OPTIONS . " (option_name, option_value, autoload) VALUES ('$name', '$value', 'off')
		ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)"
	);
}

function remove_option( \mysqli $link, string $name ): void {
	run( $link, 'DELETE FROM ' . OPTIONS . " WHERE option_name = '" . $link->real_escape_string( $name ) . "'" );
}
