package image_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kinds are requests whose answers nginx makes in different places.
var kinds = map[string]request{
	"a page": {path: forEverybody}, "the page again": {path: forEverybody}, "an uncached page": {path: "/?a"},
	"the login": {path: "/wp-login.php"}, "a file": {path: "/wp-includes/script.js?ver=1"}, "a missing file": {path: "/wp-includes/no.js"},
	"a redirect": {path: "/wp-includes"}, "what is denied": {path: "/.env"}, "a method": {path: "/", method: "TRACK"},
	"too big": {path: "/", method: "POST", header: header("Content-Length", "99999999999")}, "health": {path: "/healthz"},
}

func TestTransportSecurityAndSearchEngines(t *testing.T) {
	t.Parallel()
	hidden := startFront(t, map[string]string{"WORDPRESS_HSTS_SECONDS": "63072000", "WORDPRESS_SEARCH_ENGINES": "deny"}, nil)
	open := startFront(t, map[string]string{"WORDPRESS_HSTS_SECONDS": "0", "WORDPRESS_SEARCH_ENGINES": "allow"}, nil)
	for name, r := range kinds {
		require.NotContains(t, hidden.ask(t, r).header, "Strict-Transport-Security", name)
		secure := r
		secure.header = header("X-Forwarded-Proto", "https")
		for key, values := range r.header {
			secure.header[key] = values
		}
		a := hidden.ask(t, secure)
		assert.Equal(t, []string{"max-age=63072000"}, a.header.Values("Strict-Transport-Security"), name)
		assert.Equal(t, []string{"noindex, nofollow"}, a.header.Values("X-Robots-Tag"), name)
		a = open.ask(t, secure)
		assert.NotContains(t, a.header, "Strict-Transport-Security", name)
		assert.NotContains(t, a.header, "X-Robots-Tag", name)
	}
	require.NotContains(t, hidden.nginx.Logs(t), "[warn]")
	own := hidden.kept(t, forEverybody+"header=X-Robots-Tag:%20noarchive/")
	require.Equal(t, []string{"noarchive"}, own.header.Values("X-Robots-Tag"), "the site's own, from the cache, too")
}

// Behind a content delivery network the list of X-Forwarded-For ends with the network's address; what it says of the
// visitor is in another header.
func TestVisitorHeader(t *testing.T) {
	t.Parallel()
	const name = "X-Visitor-Address"
	f := startFront(t, map[string]string{"WORDPRESS_VISITOR_HEADER": name}, nil)
	wary := startFront(t, map[string]string{"WORDPRESS_VISITOR_HEADER": name, "WORDPRESS_TRUSTED_PROXIES": "10.99.0.0/24"}, nil)
	told := func(address string) http.Header {
		h := claims()
		h.Set("X-Forwarded-For", "6.6.6.6, 192.0.2.1")
		h.Set(name, address)
		return h
	}
	for _, path := range []string{"/vars/", "/vars/?x"} { // with and without the page cache between
		for _, address := range []string{"198.51.100.7", "2001:db8::7"} {
			seen := f.phpSees(t, path, told(address))
			assert.Equal(t, address, seen["REMOTE_ADDR"])
			assert.Equal(t, address, seen["HTTP_X_FORWARDED_FOR"])
			assert.NotContains(t, seen, "HTTP_X_VISITOR_ADDRESS")
			requireNoClaim(t, seen)
		}
		unknown := f.phpSees(t, path, header("X-Forwarded-For", "6.6.6.6"))
		assert.Regexp(t, `^172\.|^192\.168\.|^10\.`, unknown["REMOTE_ADDR"], "the peer: the network's header alone counts")
		assert.NotContains(t, unknown, "HTTP_X_FORWARDED_FOR")

		seen := wary.phpSees(t, path, told("6.6.6.6"))
		assert.Regexp(t, `^172\.|^192\.168\.|^10\.`, seen["REMOTE_ADDR"], "a stranger says nothing about visitors")
		assert.NotContains(t, seen, "HTTP_X_FORWARDED_FOR")
		requireNoClaim(t, seen)
	}

	// Attempts are counted for each visitor, and written down with the address.
	client := header(name, "203.0.113.9", "X-Forwarded-For", "192.0.2.1")
	try := request{method: http.MethodPost, path: "/wp-login.php", body: "log=admin", header: client}
	status := http.StatusOK
	for attempt := 0; attempt < 20 && status == http.StatusOK; attempt++ {
		status = f.ask(t, try).status
	}
	require.Equal(t, http.StatusTooManyRequests, status)
	try.header = header(name, "203.0.113.10", "X-Forwarded-For", "192.0.2.1")
	require.Equal(t, http.StatusOK, f.ask(t, try).status, "another visitor through the same proxies")
	f.logLines(t, `"client":"203.0.113.10"`)

	// Whoever came through a proxy is not inside.
	require.Equal(t, http.StatusServiceUnavailable, f.get(t, "/readyz").status, "a neighbour")
	for _, h := range []http.Header{header(name, "198.51.100.7"), header("X-Forwarded-For", "198.51.100.7"), header(name, "127.0.0.1")} {
		for _, path := range []string{"/readyz", "/fpm-status", "/nginx-status"} {
			require.Equal(t, http.StatusNotFound, f.ask(t, request{path: path, header: h}).status, "%s with %v", path, h)
		}
	}
	require.Equal(t, "ok", f.get(t, "/healthz").body)
	require.NotContains(t, f.nginx.Logs(t), "[warn]")
}

// PHP knows the site by one name, whatever a request is for: the CDN asks for files with a name of its own.
func TestSiteHasOneName(t *testing.T) {
	t.Parallel()
	f := startFront(t, map[string]string{"WORDPRESS_URL": "https://" + siteHost + ":8443"}, nil)
	for _, host := range []string{siteHost, siteHost + ":8443", "www." + siteHost, "origin." + siteHost, "10.0.0.1:8080", "evil.example"} {
		for _, path := range []string{"/vars/", "/vars/?x"} { // with and without the page cache between
			a := f.ask(t, request{path: path, host: host})
			var seen map[string]any
			require.NoError(t, json.Unmarshal([]byte(a.body), &seen), a.body)
			assert.Equal(t, siteHost+":8443", seen["HTTP_HOST"], host)
			assert.Equal(t, siteHost, seen["SERVER_NAME"], host)
		}
	}
}

func TestBasicAuthentication(t *testing.T) {
	t.Parallel()
	const password = `open: "sesame" $1 \`
	f := startFront(t, map[string]string{
		"WORDPRESS_BASIC_AUTH_USER": "guest", "WORDPRESS_BASIC_AUTH_PASSWORD": password,
	}, map[string]string{"wp-content/uploads/a.jpg": "picture"})
	login := func(user, password string) http.Header {
		r, err := http.NewRequest(http.MethodGet, "/", http.NoBody)
		require.NoError(t, err)
		r.SetBasicAuth(user, password)
		return r.Header
	}
	right := login("guest", password)

	for _, path := range []string{
		forEverybody, "/", "/?a", "/wp-login.php", "/wp-admin/", "/wp-includes/script.js", "/wp-includes/no.js", "/wp-content/uploads/a.jpg",
		"/wp-json/", "/healthz/", "/healthz.php", "//healthz/x",
	} {
		for name, h := range map[string]http.Header{
			"nothing": nil, "another password": login("guest", password+"x"), "another user": login("admin", password),
			"no password": login("guest", ""), "another scheme": header("Authorization", "Bearer "+password),
		} {
			a := f.ask(t, request{path: path, header: h})
			require.Equal(t, http.StatusUnauthorized, a.status, "%s with %s", path, name)
			require.Equal(t, `Basic realm="`+siteHost+`"`, a.header.Get("Www-Authenticate"))
			require.NotContains(t, a.header.Get("Cache-Control"), "public")
		}
	}
	require.Equal(t, "ok", f.get(t, "/healthz").body)
	require.Equal(t, http.StatusServiceUnavailable, f.get(t, "/readyz").status, "it answers, to neighbours")

	// PHP gets to know that there was a password, and not which.
	seen := f.phpSees(t, "/vars/", right)
	require.Equal(t, "Basic", seen["AUTH_TYPE"])
	for _, name := range []string{"HTTP_AUTHORIZATION", "PHP_AUTH_USER", "PHP_AUTH_PW", "PHP_AUTH_DIGEST"} {
		require.NotContains(t, seen, name)
	}

	// Pages and files are for those who have the password, in this cache and in others.
	for range 4 {
		a := f.ask(t, request{path: forEverybody, header: right})
		require.Equal(t, http.StatusOK, a.status)
		require.Empty(t, a.cacheState())
		require.Equal(t, http.StatusUnauthorized, f.get(t, forEverybody).status)
	}
	for _, path := range []string{"/wp-content/uploads/a.jpg", "/wp-includes/script.js?ver=1"} {
		require.Equal(t, "private, max-age=31536000, immutable", f.ask(t, request{path: path, header: right}).header.Get("Cache-Control"))
	}

	require.Equal(t, "600\n", f.nginx.Must(t, "stat", "-c", "%a", "/tmp/nginx/passwords"))
	requireNoSecrets(t, f.nginx.Must(t, "sh", "-c",
		"cat /proc/[0-9]*/cmdline /proc/$(cat /tmp/nginx/nginx.pid)/environ; cat /tmp/nginx/* 2>/dev/null || true"), password)
	requireNoSecrets(t, f.nginx.Logs(t), password)
}
