<?php
/** /readyz: the state of the task's dependencies for people and alarms, 200 if all are well. */

declare( strict_types = 1 );

namespace WordPressEcs;

require __DIR__ . '/settings.php';
require __DIR__ . '/database.php';
require __DIR__ . '/options.php';
require __DIR__ . '/readiness.php';

$checks = readiness();
$ready  = is_ready( $checks );

http_response_code( $ready ? 200 : 503 );
header( 'Content-Type: application/json' );
header( 'Cache-Control: no-store' );
$answer = array( 'ready' => $ready, 'checks' => $checks );
echo json_encode( $answer, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE ), "\n";
