package image_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

// told shows what PHP knows of a request.
var told = map[string]string{plugins + "told.php": `<?php
add_action('init', function () {
	if (isset($_GET['told'])) {
		nocache_headers();
		exit(json_encode(array('address' => $_SERVER['REMOTE_ADDR'], 'https' => is_ssl(), 'home' => home_url('/'))));
	}
});`}

// Behind a load balancer that ends TLS, pages are served and not redirected for ever.
func TestHTTPSBehindTheLoadBalancer(t *testing.T) {
	t.Parallel()
	s, _ := start(t, site.Options{HTTPS: true, Variation: site.Variation{Files: told}})
	v := s.Visitor(t)
	require.True(t, strings.HasPrefix(s.URL, "https://"))
	front := v.Get(t, "/")
	require.Equal(t, http.StatusOK, front.Status)
	requireHides(t, front, "http://127.0.0.1")
	require.Equal(t, http.StatusOK, v.Get(t, "/wp-login.php").Status)
	login := v.Get(t, "/wp-admin/")
	require.Equal(t, http.StatusFound, login.Status)
	require.True(t, strings.HasPrefix(login.Header.Get("Location"), s.URL+"/wp-login.php"), login.Header.Get("Location"))
	signedIn := v.Post(t, "/wp-login.php", url.Values{"log": {site.AdminUser}, "pwd": {site.AdminPassword}})
	require.Equal(t, http.StatusFound, signedIn.Status)
	for _, cookie := range signedIn.Header.Values("Set-Cookie") {
		require.Contains(t, strings.ToLower(cookie), "secure", cookie)
	}
	requireShows(t, v.Get(t, "/wp-admin/"), "Dashboard")
	require.JSONEq(t, `{"address": "127.0.0.1", "https": true, "home": "`+strings.ReplaceAll(s.URL, "/", `\/`)+`\/"}`,
		v.Get(t, "/?told").Body)
}

// What a visitor claims about itself is believed neither through the load balancer nor past it.
func TestSpoofedForwardingHeaders(t *testing.T) {
	t.Parallel()
	s, trusting := start(t, site.Options{Variation: site.Variation{Files: told}})
	wary := s.StartTask(t, site.Variation{Environment: map[string]string{"WORDPRESS_TRUSTED_PROXIES": "192.0.2.0/24"}})
	s.Front.Drain(wary)
	lies := http.Header{
		"X-Forwarded-For": {"198.51.100.7"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"evil.example"},
		"X-Real-Ip": {"198.51.100.7"}, "Forwarded": {"for=198.51.100.7;proto=https;host=evil.example"},
		"Client-Ip": {"198.51.100.7"}, "X-Client-Ip": {"198.51.100.7"}, "Cf-Visitor": {`{"scheme":"https"}`},
	}
	home := strings.ReplaceAll(s.URL, "/", `\/`) + `\/`
	through := s.Visitor(t).With(lies)
	// The load balancer appends to the list and replaces the scheme.
	require.JSONEq(t, `{"address": "127.0.0.1", "https": false, "home": "`+home+`"}`, through.Get(t, "/?told").Body)
	past := wary.Visitor(t).With(lies).Get(t, "/?told").Body
	require.Contains(t, past, `"https":false`)
	require.NotContains(t, past, "198.51.100.7")
	require.NotContains(t, past, "127.0.0.1\"")
	// Who is in the ranges may say for whom it asks.
	requireShows(t, trusting[0].Visitor(t).With(lies).Get(t, "/?told"), `"address":"198.51.100.7","https":true`)
}

// Who stands in front leads from one name of a site to the other. WordPress must not lead back, which it would while a
// domain changes over to www: the front is changed before the tasks.
func TestTheOtherNameIsNoLoop(t *testing.T) {
	t.Parallel()
	s, _ := start(t, site.Options{})
	_, host, _ := strings.Cut(s.URL, "://")
	other := s.Visitor(t).With(http.Header{"Host": {"www." + host}})
	require.Equal(t, http.StatusOK, other.Get(t, "/").Status)
	slash := other.Get(t, "/sample-page")
	require.Equal(t, http.StatusMovedPermanently, slash.Status)
	require.Equal(t, s.URL+"/sample-page/", slash.Header.Get("Location"))
	require.Equal(t, http.StatusOK, other.Get(t, "/sample-page/").Status)
}

// The site's address is the one that it was told, whatever a request says.
func TestSpoofedHost(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{})
	// With the site's port: WordPress corrects a port, and leaves the name as it was asked for.
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	require.NoError(t, err)
	evil := tasks[0].Visitor(t).With(http.Header{"Host": {"evil.example:" + port}, "X-Forwarded-Host": {"evil.example"}})
	for _, path := range []string{"/", "/?s=x", "/wp-login.php", "/feed/"} {
		page := evil.Get(t, path)
		if location := page.Header.Get("Location"); location != "" {
			require.True(t, strings.HasPrefix(location, s.URL) || strings.HasPrefix(location, "/"), location)
		}
		requireHides(t, page, "evil.example", path)
		requireHides(t, s.Visitor(t).Get(t, path), "evil.example", "the next visitor's %s", path)
	}
}
