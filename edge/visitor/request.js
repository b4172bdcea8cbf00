// What happens to every request before the CDN looks into its cache. Runs in CloudFront Functions (cloudfront-js-2.0),
// whose language ends where ECMAScript 5.1 does but for arrow functions, template literals and the like: no destructuring,
// no spread, no classes. `settings` is put in front of it.
const crypto = require('crypto');

// A login, a password for a post, a comment, a cart, a session: with these a visitor is somebody. The same as in the site's
// page-cache.php.
const PERSONAL = /^(?:wordpress_(?!test_cookie)|wp-postpass_|comment_author_|woocommerce_|wp_woocommerce_session_|edd_|PHPSESSID$)/;

// Advertisements and newsletters add these to links; no page depends on them.
const TRACKING = /^(?:utm_.*|mc_[ce]id|_ga|_gl|_hs(?:enc|mi)|[gd]clid|gclsrc|[gw]braid|fbclid|twclid|msclkid|ttclid|yclid|li_fat_id|igshid|srsltid)$/;

// The same address in another format, for machines. The same as in the site's page-cache.conf.
const FORMAT = /application\/(?:activity\+|ld\+)?json/i;

// bits writes an address as a string of binary digits; nothing if it is none.
function bits(address) {
	if (address.includes('.') && !address.includes(':')) {
		return address.split('.').map((part) => Number(part).toString(2).padStart(8, '0')).join('');
	}
	const halves = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
	const missing = 8 - halves.reduce((sum, half) => sum + half.length, 0);
	const groups = halves.length === 2 ? halves[0].concat(Array(missing).fill('0'), halves[1]) : halves[0];
	return groups.map((group) => parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}

// within tells whether an address is in a range, such as 198.51.100.0/24.
function within(address, range) {
	const first = range.split('/')[0];
	const length = Number(range.split('/')[1]);
	if (first.includes(':') !== address.includes(':')) {
		return false;
	}
	return bits(address).slice(0, length) === bits(first).slice(0, length);
}

function sha256(text) {
	return crypto.createHash('sha256').update(text).digest('hex');
}

// stranger tells whether a visitor has not given the password that this site asks for.
function stranger(headers) {
	if (!settings.password) {
		return false;
	}
	const given = headers.authorization ? headers.authorization.value : '';
	return sha256(given) !== settings.password;
}

// known tells whether pages may depend on a cookie.
function known(name) {
	return PERSONAL.test(name) || settings.cookies.some((wanted) =>
		wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted);
}

// listed returns all values of a cookie or an argument, of which there can be several.
function listed(entry) {
	return entry.multiValue ? entry.multiValue.map((one) => one.value) : [entry.value];
}

// written writes an argument as it came.
function written(name, entry) {
	return listed(entry).map((value) => (value === '' ? name : `${name}=${value}`)).join('&');
}

// argumentsOf writes the arguments of a request that pages depend on, in an order of their own.
function argumentsOf(querystring) {
	// Equal names keep the order in which they came: of a list the order may matter.
	return Object.keys(querystring).sort().filter((name) => !TRACKING.test(name.toLowerCase()))
		.map((name) => written(name, querystring[name])).join('&');
}

// normalise takes off what would make copies of one page differ.
function normalise(request) {
	request.querystring = argumentsOf(request.querystring);
	const personal = [];
	Object.keys(request.cookies).forEach((name) => {
		if (known(name)) {
			personal.push(listed(request.cookies[name]).map((value) => `${name}=${value}`).join(';'));
		} else {
			delete request.cookies[name];
		}
	});
	// Some themes are asked for a part of a page so. No cookie's name has a colon.
	const part = request.headers['x-requested-with'];
	if (part) {
		personal.push(`:part ${listed(part).join()}`);
	}
	const format = request.headers.accept;
	if (format && listed(format).some((value) => FORMAT.test(value))) {
		personal.push(`:format ${listed(format).join()}`);
	}
	if (personal.length > 0) {
		request.headers['x-visitor-key'] = { value: sha256(personal.sort().join(';')) };
	}
}

function redirected(request, host) {
	const query = Object.keys(request.querystring).map((name) => written(name, request.querystring[name])).join('&');
	return {
		statusCode: 301,
		statusDescription: 'Moved Permanently',
		headers: { location: { value: `https://${host}${request.uri}${query === '' ? '' : `?${query}`}` } },
	};
}

function handler(event) {
	const request = event.request;
	const headers = request.headers;
	const address = event.viewer.ip;
	if (headers.host && headers.host.value !== settings.host) {
		return redirected(request, settings.host);
	}
	if (stranger(headers)) {
		return {
			statusCode: 401,
			statusDescription: 'Unauthorized',
			headers: {
				'www-authenticate': { value: `Basic realm="${settings.host}", charset="UTF-8"` },
				'cache-control': { value: 'no-store' },
			},
		};
	}
	if (settings.password) {
		// WordPress would take it for the password of an application.
		delete headers.authorization;
	}
	headers['x-visitor-address'] = { value: address };
	delete headers['x-visitor-key'];
	delete headers['x-maintenance'];
	if (settings.maintenance) {
		const admin = settings.admins.some((range) => within(address, range));
		headers['x-maintenance'] = { value: admin ? 'pass' : 'hold' };
	}
	if (settings.normalise && (request.method === 'GET' || request.method === 'HEAD')) {
		normalise(request);
	}
	return request;
}
