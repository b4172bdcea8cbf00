// The maintenance page, as a target of the load balancer.
'use strict';

const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Maintenance</title>
<style>
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1.1rem/1.6 system-ui, sans-serif; color: #1d2327; background: #f6f7f7; }
main { max-width: 32rem; padding: 2rem; text-align: center; }
h1 { font-size: 1.6rem; }
@media (prefers-color-scheme: dark) { body { color: #f0f0f1; background: #1d2327; } }
</style>
</head>
<body>
<main>
<h1>We will be back soon</h1>
<p>This site is being maintained. Please come back in a few minutes.</p>
</main>
</body>
</html>
`;

exports.handler = async () => ({
	statusCode: 503,
	statusDescription: '503 Service Unavailable',
	isBase64Encoded: false,
	headers: {
		'Content-Type': 'text/html; charset=utf-8',
		'Cache-Control': 'no-store',
		'Retry-After': '300',
	},
	body: page,
});
