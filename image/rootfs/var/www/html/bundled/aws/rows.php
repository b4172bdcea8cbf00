<?php
/**
 * Options of this image in wp_options, read and written past the object cache, which may know an older value, or be
 * away. What several processes change at a time is one row each, and taken out only as it was read.
 */

declare( strict_types = 1 );

namespace WordPressEcs\Aws;

final class Rows {
	public function __construct( private readonly \wpdb $database ) {}

	public function get( string $name ): ?string {
		return $this->database->get_var(
			$this->database->prepare( "SELECT option_value FROM {$this->database->options} WHERE option_name = %s", $name )
		);
	}

	public function set( string $name, string $value ): void {
		$this->change( "INSERT INTO {$this->database->options} (option_name, option_value, autoload) VALUES (%s, %s, 'off')
			ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)", $name, $value );
	}

	/** Changes a value that is still the one that was read. */
	public function replace( string $name, string $value, string $new ): void {
		$this->change( "UPDATE {$this->database->options} SET option_value = %s WHERE option_name = %s AND option_value = %s", $new, $name, $value );
	}

	/** Removes a row that still has the value that was read. */
	public function remove( string $name, string $value ): void {
		$this->change( "DELETE FROM {$this->database->options} WHERE option_name = %s AND option_value = %s", $name, $value );
	}

	/** The values of rows whose names begin alike, the smallest first, below a limit. */
	public function values( string $prefix, string $below, int $most ): array {
		return $this->database->get_col( $this->database->prepare(
			"SELECT option_value FROM {$this->database->options} WHERE option_name LIKE %s AND option_value < %s ORDER BY option_value LIMIT %d",
			$this->database->esc_like( $prefix ) . '%',
			$below,
			$most
		) );
	}

	/**
	 * Sets a row to the time of now; false if less than so many seconds have passed since it was. The database has the
	 * clock, and lets one of several processes do it.
	 */
	public function take_turn( string $name, int $seconds ): bool {
		$this->change( "INSERT IGNORE INTO {$this->database->options} (option_name, option_value, autoload) VALUES (%s, '0', 'off')", $name );
		return 1 === $this->change( "UPDATE {$this->database->options} SET option_value = UNIX_TIMESTAMP()
			WHERE option_name = %s AND CAST(option_value AS UNSIGNED) <= UNIX_TIMESTAMP() - %d", $name, $seconds );
	}

	private function change( string $statement, string|int ...$values ): int|bool {
		return $this->database->query( $this->database->prepare( $statement, ...$values ) );
	}
}
