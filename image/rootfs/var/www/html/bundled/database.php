<?php
/**
 * Keeps each worker's connection to the database open between requests: a new one costs a TLS handshake,
 * a login and the round trips of both, in every request.
 *
 * Nothing of a request is left for the next: PHP sends COM_CHANGE_USER before it hands a kept connection out
 * again, which ends transactions, locks (GET_LOCK as well), temporary tables, prepared statements and session
 * variables. One that does not answer to it is replaced.
 *
 * wp-config.php loads this file. WordPress takes the object that it finds in $wpdb, unless a plugin's
 * wp-content/db.php brings another. The connection is made when WordPress sets the prefix of the tables: before
 * that, what wpdb needs for it is not loaded.
 */

require_once ABSPATH . 'wp-includes/class-wpdb.php';

final class WordPress_ECS_Database extends wpdb {
	/** The server does not write: it is read-only now, or starts to be. After a failover this was the writer. */
	private const READ_ONLY = array( 1290, 1792, 1836 );

	/** There since an attempt to connect met silence. One in so many seconds tries again; others fail at once. */
	private const SILENT_MARK = '/tmp/database-silent';
	private const SILENT_SECONDS = 30;
	/** What takes longer to fail, in seconds, is no refusal. */
	private const REFUSAL_SECONDS = 5;

	/** A second attempt within a request finds no other database than the first. */
	protected $reconnect_retries = 1;

	public function __construct(
		$dbuser,
		#[\SensitiveParameter] $dbpassword,
		$dbname,
		$dbhost
	) {
		$this->dbuser     = $dbuser;
		$this->dbpassword = $dbpassword;
		$this->dbname     = $dbname;
		$this->dbhost     = $dbhost;
	}

	public function set_prefix( $prefix, $set_table_names = true ) {
		if ( empty( $this->dbh ) && ! $this->db_connect() ) {
			// WordPress looks for a failure of its own connection earlier than this.
			dead_db();
		}
		return parent::set_prefix( $prefix, $set_table_names );
	}

	/**
	 * A database that is silent would hold every worker for the time that a read may take, and with them the
	 * health checks: one request finds out for all of the task.
	 */
	public function db_connect( $allow_bail = true ) {
		$silent_since = @filemtime( self::SILENT_MARK );
		if ( false !== $silent_since ) {
			if ( time() - $silent_since < self::SILENT_SECONDS ) {
				return false;
			}
			@touch( self::SILENT_MARK );
		}
		$began     = hrtime( true );
		$connected = parent::db_connect( $allow_bail );
		if ( $connected ) {
			@unlink( self::SILENT_MARK );
		} elseif ( hrtime( true ) - $began > self::REFUSAL_SECONDS * 1_000_000_000 ) {
			@touch( self::SILENT_MARK );
		}
		return $connected;
	}

	/** Has mysqli keep the connection. Addresses of IPv6 go into brackets after this, and are left alone. */
	public function parse_db_host( $host ) {
		$parts = parent::parse_db_host( $host );
		if ( is_array( $parts ) && ! $parts[3] ) {
			$parts[0] = 'p:' . $parts[0];
		}
		return $parts;
	}

	public function query( $query ) {
		$result = parent::query( $query );
		if ( false === $result && $this->dbh instanceof mysqli && in_array( mysqli_errno( $this->dbh ), self::READ_ONLY, true ) ) {
			$this->forget_connection();
		}
		return $result;
	}

	/**
	 * Ends the connection for good: closing it would put it back among those that are kept. The next request asks
	 * the name server where the writer is. In this one the server's refusal stands, as the query may be part of
	 * what the server has already undone.
	 */
	private function forget_connection(): void {
		@mysqli_query( $this->dbh, 'KILL ' . mysqli_thread_id( $this->dbh ) );
	}
}

$GLOBALS['wpdb'] = new WordPress_ECS_Database( DB_USER, DB_PASSWORD, DB_NAME, DB_HOST );
