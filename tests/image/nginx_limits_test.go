package image_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	f := startFront(t, map[string]string{"WORDPRESS_XMLRPC": "allow"}, nil)
	const megabyte = 1 << 20
	for name, tc := range map[string]struct {
		request request
		want    int
	}{
		"a body within the limit": {request{method: "POST", path: "/wp-comments-post.php", body: strings.Repeat("a", 8*megabyte)}, http.StatusOK},
		"a body above the limit": {request{method: "POST", path: "/", header: header("Content-Length", strconv.Itoa(64*megabyte+1))},
			http.StatusRequestEntityTooLarge},
		"a header of 15 KB":        {request{path: "/", header: header("Cookie", "a="+strings.Repeat("a", 15<<10))}, http.StatusOK},
		"a header of 17 KB":        {request{path: "/", header: header("Cookie", "a="+strings.Repeat("a", 17<<10))}, http.StatusBadRequest},
		"45 KB of headers":         {request{path: "/?", header: header("A", strings.Repeat("a", 15<<10), "B", strings.Repeat("a", 15<<10), "C", strings.Repeat("a", 15<<10))}, http.StatusOK},
		"60 KB of headers":         {request{path: "/?", header: header("A", strings.Repeat("a", 15<<10), "B", strings.Repeat("a", 15<<10), "C", strings.Repeat("a", 15<<10), "D", strings.Repeat("a", 15<<10))}, http.StatusBadRequest},
		"an address of 17 KB":      {request{path: "/" + strings.Repeat("a", 17<<10)}, http.StatusRequestURITooLong},
		"TRACE":                    {request{method: "TRACE", path: "/"}, http.StatusMethodNotAllowed},
		"TRACK":                    {request{method: "TRACK", path: "/"}, http.StatusMethodNotAllowed},
		"CONNECT":                  {request{method: "CONNECT", path: "/", target: "site.example:443"}, http.StatusBadRequest},
		"PROPFIND":                 {request{method: "PROPFIND", path: "/"}, http.StatusMethodNotAllowed},
		"a method of the REST API": {request{method: "PATCH", path: "/wp-json/a", body: "a"}, http.StatusOK},
	} {
		a, err := f.try(tc.request)
		if assert.NoError(t, err, name) {
			assert.Equal(t, tc.want, a.status, name)
			assert.NotContains(t, a.header.Get("Server"), "1.", "nginx's version")
		}
	}
	for path, burst := range map[string]int{"/wp-login.php": 13, "/wp-login.php?action=lostpassword": 13, "/xmlrpc.php": 31} {
		client := header("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", len(path)))
		try := request{method: http.MethodPost, path: path, body: "log=admin", header: client}
		refused := 0
		for n := range burst + 5 {
			a := f.ask(t, try)
			if n < burst {
				require.Equal(t, http.StatusOK, a.status, "%s, attempt %d", path, n)
			} else if a.status == http.StatusTooManyRequests {
				refused++
				require.NotEmpty(t, a.header.Get("Retry-After"))
			}
		}
		require.GreaterOrEqual(t, refused, 2, path)
		require.Equal(t, http.StatusOK, f.ask(t, request{path: path, header: client}).status, "the form itself is shown")
		try.header = header("X-Forwarded-For", "203.0.113.250")
		require.Equal(t, http.StatusOK, f.ask(t, try).status, "others are not concerned")
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	f := startFront(t, nil, nil)
	secure := header("X-Forwarded-Proto", "https")
	for name, r := range map[string]request{
		"a page": {path: forEverybody}, "the page again": {path: forEverybody}, "an uncached page": {path: "/?a"},
		"a program": {path: "/wp-comments-post.php"}, "the login": {path: "/wp-login.php"}, "a file": {path: "/wp-includes/script.js?ver=1"}, "a missing file": {path: "/wp-includes/no.js"},
		"what is denied": {path: "/.env"}, "a method": {path: "/", method: "TRACK"}, "health": {path: "/healthz"},
		"too big": {path: "/", method: "POST", header: header("Content-Length", "99999999999", "X-Forwarded-Proto", "https")},
	} {
		if r.header == nil {
			r.header = secure
		}
		a := f.ask(t, r)
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin",
			"Permissions-Policy": "bluetooth=(), hid=(), midi=(), serial=(), usb=()", "X-Frame-Options": "SAMEORIGIN",
			"Content-Security-Policy": "frame-ancestors 'self'", "Strict-Transport-Security": "max-age=2592000",
		} {
			assert.Equal(t, []string{want}, a.header.Values(header), "%s: %s", name, header)
		}
		assert.NotContains(t, a.header, "X-Powered-By", name)
	}
	require.NotContains(t, f.get(t, "/").header, "Strict-Transport-Security", "over plain HTTP it would mean nothing")

	own := f.get(t, "/wp-admin/with.php")
	require.Equal(t, "run", own.body)
	require.Equal(t, []string{"SAMEORIGIN"}, own.header.Values("X-Frame-Options"), "once, as WordPress sends it")
	require.Equal(t, []string{"no-referrer"}, own.header.Values("Referrer-Policy"))
	for range 3 { // stored, too
		embed := f.get(t, forEverybody+"header=X-WP-embed:%20true/embed/")
		require.NotContains(t, embed.header, "X-Frame-Options", "other sites may show a post of this one")
		require.NotContains(t, embed.header, "Content-Security-Policy")
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	f := startFront(t, nil, nil)
	h := header("X-Amzn-Trace-Id", `Root=1-"quoted"`, "User-Agent", `a "browser"\`, "X-Forwarded-For", "198.51.100.7",
		"Referer", "https://other.example/page?key=topsecret")
	f.ask(t, request{path: forEverybody + "logged/", header: h})
	f.ask(t, request{path: "/wp-login.php?action=rp&key=topsecret&login=admin", header: h})
	f.ask(t, request{path: "/?s=search", header: h})
	var found map[string]string
	for _, line := range f.logLines(t, "s=search") {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		entry := map[string]string{}
		require.NoError(t, json.Unmarshal([]byte(line), &entry), line)
		if strings.Contains(entry["uri"], "/logged/") {
			found = entry
		}
	}
	require.NotNil(t, found)
	for name, want := range map[string]string{
		"trace_id": `Root=1-"quoted"`, "client": "198.51.100.7", "method": "GET", "scheme": "http", "host": siteHost,
		"uri": forEverybody + "logged/", "protocol": "HTTP/1.1", "status": "200", "cache": "MISS", "upstream_status": "200",
		"referer": "https://other.example/page", "agent": `a "browser"\`,
	} {
		assert.Equal(t, want, found[name], name)
	}
	for _, name := range []string{"time", "request_id", "bytes", "request_time", "upstream_time"} {
		assert.NotEmpty(t, found[name], name)
	}
	log := f.nginx.Logs(t)
	require.NotContains(t, log, "topsecret")
	require.NotContains(t, log, `"uri":"/healthz"`)
}

// nginx ends when the requests that it has are answered, and what it has logged is written.
func TestNginxStops(t *testing.T) {
	t.Parallel()
	f := startFront(t, nil, nil)
	// A request that nginx has read the half of.
	half, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", f.address)
	require.NoError(t, err)
	defer func() { _ = half.Close() }() // it was answered
	_, err = fmt.Fprintf(half, "GET %shalf/ HTTP/1.1\r\nHost: %s\r\n", forEverybody, siteHost)
	require.NoError(t, err)
	paths := []string{"/sleep=3000/note=direct/?x", forEverybody + "note=cached/sleep=3000/", forEverybody + "note=cached2/sleep=3000/"}
	answers := make(chan string, len(paths))
	for _, path := range paths {
		go func() {
			a, err := f.try(request{path: path})
			answers <- fmt.Sprint(a.status, err, strings.HasSuffix(a.body, " end"))
		}()
	}
	site.Eventually(t, func() bool {
		_, files := f.php.Exec(t, "ls", "/tmp")
		return strings.Contains(files, "cached2") && strings.Contains(files, "cached\n")
	}, "the requests have begun")
	stopped := make(chan error, 1)
	go func() { stopped <- f.nginx.Stop(site.StopTimeout) }()
	site.Eventually(t, func() bool {
		_, err := f.try(request{path: "/healthz"})
		return err != nil
	}, "nobody else is let in")
	_, err = fmt.Fprint(half, "Connection: close\r\n\r\n")
	require.NoError(t, err)
	late, err := http.ReadResponse(bufio.NewReader(half), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, late.StatusCode)
	require.NoError(t, late.Body.Close())
	for range paths {
		require.Equal(t, "200 <nil> true", <-answers)
	}
	require.NoError(t, <-stopped)
	require.Zero(t, f.nginx.Wait(t), "it ends by itself")
	log := f.nginx.Logs(t)
	for _, path := range paths {
		require.Contains(t, log, strings.TrimSuffix(path, "?x"), "requests of the last second are logged")
	}
}
