<?php
/**
 * Checks the environment of one container before anything starts in it:
 * `php environment.php nginx|php-fpm|setup|cron`. It names every problem, not just the first,
 * and exits with 64. The value of a secret is never part of a message.
 */

declare( strict_types = 1 );

namespace WordPressEcs;

require __DIR__ . '/settings.php';
require __DIR__ . '/checks.php';
require __DIR__ . '/rules.php';

$command  = $argv[1] ?? '';
$problems = problems( $command );
foreach ( $problems as $problem ) {
	fwrite( STDERR, "$command: $problem\n" );
}
exit( $problems ? 64 : 0 );
