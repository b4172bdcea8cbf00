package image_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	forEverybody = "/cache=s-maxage=60/"
	// soonStale has to be made again after a second; what is older may still be shown.
	soonStale = "/cache=max-age=0,s-maxage=1,stale-while-revalidate=600,stale-if-error=86400/"
)

func TestPageCache(t *testing.T) {
	t.Parallel()
	f := startFront(t, nil, nil)
	for name, test := range map[string]func(*testing.T, *front){
		"keeps what the site says is everybody's":                  testKept,
		"keeps each encoding, compressed":                          testEncodings,
		"keeps nothing else":                                       testNotKept,
		"is not asked for one visitor's requests":                  testNotAsked,
		"shows a stale page while a new one is made, or cannot be": testStale,
		"has one request make a page":                              testLock,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, f)
		})
	}
}

// kept is a page that is in the cache from now on. It takes two requests.
func (f *front) kept(t *testing.T, path string) answer {
	t.Helper()
	f.get(t, path)
	f.get(t, path)
	a := f.get(t, path)
	require.Equal(t, "HIT", a.cacheState(), path)
	return a
}

func testKept(t *testing.T, f *front) {
	t.Helper()
	head := f.ask(t, request{method: http.MethodHead, path: forEverybody})
	require.Equal(t, "MISS", head.cacheState())
	require.Empty(t, head.body)
	require.Equal(t, "MISS", f.ask(t, request{method: http.MethodHead, path: forEverybody}).cacheState(), "once is not enough")
	first := f.get(t, forEverybody)
	require.Equal(t, "HIT", first.cacheState(), "what HEAD has fetched serves GET")
	require.True(t, strings.HasPrefix(first.body, "GET ") && strings.HasSuffix(first.body, " end"), "and is a whole page")
	require.Equal(t, first.body, f.get(t, forEverybody).body)
	require.Equal(t, "s-maxage=60", first.header.Get("Cache-Control"), "for a content delivery network in front")
	require.Equal(t, []string{"Accept-Encoding"}, first.header.Values("Vary"))

	impatient := f.ask(t, request{path: forEverybody, header: header("Cache-Control", "no-cache", "Pragma", "no-cache")})
	require.Equal(t, first.body, impatient.body, "a visitor does not empty the cache")

	f.ask(t, request{path: forEverybody, header: header("X-Forwarded-Proto", "https")})
	secure := f.ask(t, request{path: forEverybody, header: header("X-Forwarded-Proto", "https")})
	require.NotEqual(t, first.body, secure.body, "the links of a page have the visitor's scheme")

	fixed := f.kept(t, forEverybody+"%C3%A4%2Fb/").body
	require.Equal(t, fixed, f.get(t, forEverybody+"%C3%A4%2Fb/").body)
	require.NotEqual(t, fixed, f.get(t, forEverybody+"%C3%A4/b/").body, "WordPress sees the address as it was sent")
	require.Equal(t, http.StatusNotFound, f.kept(t, forEverybody+"status=404/").status, "an answer keeps its status")
}

func testEncodings(t *testing.T, f *front) {
	t.Helper()
	path := forEverybody + "encodings/"
	plain := f.kept(t, path)
	require.Empty(t, plain.header.Get("Content-Encoding"))
	for accepted, want := range map[string]string{
		"gzip, deflate, br, zstd": "br", "br;q=1.0, gzip;q=0.8": "br", "gzip": "gzip", "deflate, gzip;q=0.5": "gzip",
		"gzip;q=0, br;q=0.0": "", "identity": "", "brie": "", "gzip, br;q=0": "gzip",
	} {
		for range 3 {
			a := f.ask(t, request{path: path, header: header("Accept-Encoding", accepted)})
			require.Equal(t, want, a.header.Get("Content-Encoding"), accepted)
			require.Equal(t, []string{"Accept-Encoding"}, a.header.Values("Vary"), accepted)
			if want != "" {
				require.Less(t, len(a.body), len(plain.body)/2, accepted)
			}
			if want == "gzip" {
				unpacked, err := gzip.NewReader(bytes.NewReader([]byte(a.body)))
				require.NoError(t, err)
				page, err := io.ReadAll(unpacked)
				require.NoError(t, err)
				require.True(t, strings.HasPrefix(string(page), "GET ") && strings.HasSuffix(string(page), " end"))
			}
			if want == "" {
				require.Equal(t, plain.body, a.body, accepted)
			}
		}
		a := f.ask(t, request{path: path, header: header("Accept-Encoding", accepted)})
		require.Equal(t, "HIT", a.cacheState(), accepted)
	}
}

func testNotKept(t *testing.T, f *front) {
	t.Helper()
	for name, path := range map[string]string{
		"no word about caching":     "/",
		"for browsers only":         "/cache=max-age=600/",
		"private":                   "/cache=private,s-maxage=60/",
		"no-store":                  "/cache=no-store,s-maxage=60/",
		"no-cache":                  "/cache=no-cache,s-maxage=60/",
		"no time":                   "/cache=s-maxage=0/",
		"a cookie":                  "/cache=s-maxage=60/header=Set-Cookie:%20a=b/",
		"expires":                   "/header=Expires:%20Thu, 31 Dec 2099 00:00:00 GMT/",
		"for CloudFront alone":      "/cache=s-maxage=86400/header=X-Accel-Expires:%200/",
		"nginx's own header":        "/header=X-Accel-Expires:%2060/",
		"a word that ends likewise": "/cache=max-age=60,x-s-maxage=60/",
	} {
		path = strings.ReplaceAll(path, " ", "%20") + "no/"
		first := f.get(t, path)
		f.get(t, path)
		second := f.get(t, path)
		assert.Equal(t, http.StatusOK, first.status, name)
		assert.Equal(t, "MISS", second.cacheState(), name)
		assert.NotEqual(t, first.body, second.body, name)
		assert.NotContains(t, second.header, "X-Accel-Expires", name)
	}
	// A program of its own is never stored, whatever it says.
	before := f.get(t, "/wp-admin/").body
	require.NotEqual(t, before, f.get(t, "/wp-admin/").body)
	require.Empty(t, f.get(t, "/wp-admin/").cacheState())
}

func testNotAsked(t *testing.T, f *front) {
	t.Helper()
	kept := map[string]string{}
	for _, path := range []string{forEverybody + "mine/", forEverybody + "mine/?"} {
		kept[path] = f.kept(t, path).body
	}
	requests := map[string]request{
		"a question":       {path: forEverybody + "mine/?preview=true"},
		"POST":             {path: forEverybody + "mine/", method: http.MethodPost, body: "a=b"},
		"a password":       {path: forEverybody + "mine/", header: header("Authorization", "Basic YTpi")},
		"another host":     {path: forEverybody + "mine/", host: "evil.example"},
		"another port":     {path: forEverybody + "mine/", host: siteHost + ":81"},
		"a full address":   {target: "http://evil.example" + forEverybody + "mine/", path: forEverybody + "mine/"},
		"two hosts":        {target: "http://" + siteHost + forEverybody + "mine/", path: forEverybody + "mine/", host: "evil.example"},
		"another format":   {path: forEverybody + "mine/", header: header("Accept", "application/activity+json")},
		"the REST API":     {path: "/wp-json/" + strings.TrimPrefix(forEverybody, "/")},
		"the old REST API": {path: "/index.php/wp-json" + forEverybody},
	}
	for _, cookie := range []string{
		"wordpress_logged_in_0123=a", "wordpress_sec_0123=a", "wordpress_0123456789abcdef=a", "wp-postpass_0123=a",
		"comment_author_0123=a", "comment_author_email_0123=a", "woocommerce_items_in_cart=1", "woocommerce_cart_hash=a",
		"wp_woocommerce_session_0123=a", "edd_items_in_cart=1", "PHPSESSID=a", "wordpress_no_cache=1",
		// As PHP reads them.
		"wordpress.logged.in_0123=a", "wordpress logged_in_0123=a", "a=b; wordpress_logged_in_0123=a",
		"a=b;wordpress_logged_in_0123=a", "a=b; \t wordpress_logged_in_0123=a", "wordpress[logged_in_0123=a",
		"my_session=a", "cart_id=a", strings.Repeat("a=b; ", 800) + "wordpress_logged_in_0123=a",
	} {
		requests[fmt.Sprintf("cookie %.80s", cookie)] = request{path: forEverybody + "mine/", header: header("Cookie", cookie)}
	}
	for name, r := range requests {
		first := f.ask(t, r)
		f.ask(t, r)
		second := f.ask(t, r)
		assert.Equal(t, http.StatusOK, first.status, name)
		assert.Empty(t, first.cacheState()+second.cacheState(), name)
		assert.NotEqual(t, first.body, second.body, name)
		assert.NotContains(t, kept, first.body, name)
	}
	twoLines := request{path: forEverybody + "mine/", header: header("Cookie", "a=b", "Cookie", "wordpress_logged_in_0=a")}
	require.Empty(t, f.ask(t, twoLines).cacheState())

	for _, harmless := range []string{"", "_ga=GA1.2.wordpress_x", "wordpress_test_cookie=WP", "_hjSession_1=a", "wp-settings-time-1=1"} {
		a := f.ask(t, request{path: forEverybody + "mine/", header: header("Cookie", harmless)})
		assert.Equal(t, "HIT", a.cacheState(), harmless)
		assert.Equal(t, kept[forEverybody+"mine/"], a.body, harmless)
	}
}

func testStale(t *testing.T, f *front) {
	t.Helper()
	path := soonStale + "unless=gone/"
	f.get(t, path)
	first := f.get(t, path)
	old := f.awaitState(t, path, "STALE")
	require.Equal(t, first.body, old.body, "nobody waits for the new page")
	fresh := f.awaitState(t, path, "HIT")
	require.NotEqual(t, first.body, fresh.body, "it was made meanwhile")

	// The site fails: what it had is shown, a page that it never had is not.
	short := "/cache=s-maxage=1,stale-if-error=86400/unless=gone/"
	kept := f.kept(t, short)
	f.php.Must(t, "touch", "/tmp/gone")
	require.Equal(t, kept.body, f.awaitState(t, short, "STALE").body)
	require.Equal(t, http.StatusInternalServerError, f.get(t, short+"new/").status)
	f.php.Must(t, "rm", "/tmp/gone")
	require.NotEqual(t, kept.body, f.awaitState(t, short, "HIT").body, "and comes back by itself")
}

func testLock(t *testing.T, f *front) {
	t.Helper()
	path := forEverybody + "sleep=400/lock/"
	bodies := make(chan string, 20)
	var visitors sync.WaitGroup
	for range cap(bodies) {
		visitors.Go(func() {
			if a, err := f.try(request{path: path}); err == nil {
				bodies <- a.body
			}
		})
	}
	visitors.Wait()
	close(bodies)
	seen := map[string]int{}
	for body := range bodies {
		seen[body]++
	}
	require.Len(t, seen, 2, "php-fpm was asked for the first request, and once for all the others")
	total := 0
	for _, n := range seen {
		total += n
	}
	require.Equal(t, cap(bodies), total, "everybody got an answer")
}

// A page that is kept outlives php-fpm, and one that was not asked for meets an error of the gateway.
func TestPageCacheWithoutPHP(t *testing.T) {
	t.Parallel()
	f := startFront(t, nil, nil)
	short := "/cache=s-maxage=1,stale-if-error=86400/"
	kept := f.kept(t, short)
	f.php.Kill(t)
	require.Equal(t, kept.body, f.awaitState(t, short, "STALE").body)
	require.Equal(t, http.StatusBadGateway, f.get(t, short+"new/").status)
	require.Equal(t, http.StatusBadGateway, f.get(t, "/healthz").status)
}

// A crawler asks for more pages than the cache's file system holds: all are answered in full.
func TestPageCacheIsBounded(t *testing.T) {
	t.Parallel()
	f := startFront(t, nil, nil)
	const length = 400_000
	for n := range 200 { // 80 MB
		a := f.get(t, fmt.Sprintf("%slength=%d/%d/", forEverybody, length, n))
		require.Equal(t, http.StatusOK, a.status)
		require.Greater(t, len(a.body), length, "page %d", n)
	}
	// The number of pages is bounded at once, too.
	for n := range 2500 {
		path := fmt.Sprintf("%ssmall/%d/", forEverybody, n)
		f.get(t, path)
		f.get(t, path)
	}
	f.kept(t, forEverybody+"after/")
	kept := f.nginx.Must(t, "sh", "-c", "find /var/cache/nginx -type f | wc -l")
	count, err := strconv.Atoi(strings.TrimSpace(kept))
	require.NoError(t, err)
	require.Less(t, count, 2200)
}
