package live_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/browser"
	"wordpress-ecs/tests/cloud"
)

const (
	domain = "example.com"
	// crawled is how many pages a search engine visits, twice.
	crawled = 200
	// hitRatio is what the CDN has to answer by itself of that: all of the second visit, but for some luck.
	hitRatio = 0.49
)

// front is the site of a domain, as visitors see it.
type front struct {
	deployment

	visitor *http.Client
}

// header is one that a visitor sends.
type header struct{ name, value string }

// answer is what a visitor gets.
type answer struct {
	*http.Response

	body string
}

// get asks for an address, with headers.
func (f front) get(t *testing.T, address string, headers ...header) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	for _, h := range headers {
		request.Header.Set(h.name, h.value)
	}
	response, err := f.visitor.Do(request)
	require.NoError(t, err, address)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err, address)
	return answer{response, string(body)}
}

// cached tells whether the CDN answered by itself.
func (a answer) cached() bool { return strings.HasPrefix(a.Header.Get("X-Cache"), "Hit") }

// TestDomain follows a production site behind its CDN and firewall. The parts stand on each other: a site is expensive.
func TestDomain(t *testing.T) {
	t.Parallel()
	chromium := browser.Find(t)
	c := newCloud(t)
	for key, value := range map[string]string{
		"protected": "false", "domain": domain, "mediaBucket": "true", "tasksMax": "2",
		// All visitors of this machine have one address.
		"firewallRequestLimit": "100000", "firewallWriteLimit": "10000",
	} {
		c.Set("prod", key, value)
	}
	c.Up("prod")
	c.Unchanged("prod")
	outputs := c.Outputs("prod")
	f := front{deployment{
		Cloud: c, stack: "prod", url: outputs["url"], repository: path.Base(outputs["repository"]),
	}, c.Visitor()}
	require.Equal(t, "https://"+domain, f.url)
	health := watch(f.visitor, f.url+"/healthz", http.StatusOK)

	t.Run("redirects", f.redirects)
	t.Run("nothing around the CDN", f.refusesDirectRequests)

	first := f.get(t, f.url+"/")
	require.Equal(t, http.StatusOK, first.StatusCode, first.body)
	options := browser.Through(c.Names(), cloud.Pin(first.Response))
	editor := browser.New(t, chromium, options...)
	browser.LogIn(t, editor, f.url, "admin", f.password(t))
	require.NotContains(t, f.get(t, f.url+"/").body, "A day at the harbour")
	f.requireKept(t, f.url+"/")
	article := browser.WritePost(t, editor, f.url)
	eventually(t, func() bool { return strings.Contains(f.get(t, f.url+"/").body, "A day at the harbour") },
		"the front page shows what was published")
	pictures := browser.UploadPhoto(t, editor, f.url)
	editor.RequireQuiet(t, f.url)

	reader := browser.New(t, chromium, options...)
	browser.Comment(t, reader, article)
	reader.RequireQuiet(t, f.url)

	t.Run("logged in", func(t *testing.T) { f.isNeverCachedFor(t, article) })
	t.Run("tracking", func(t *testing.T) { f.sharesACopy(t, article) })
	t.Run("media", func(t *testing.T) { f.servesMedia(t, pictures[0]) })
	t.Run("an attack", f.refusesAttacks)
	t.Run("crawl", f.isCrawled)
	t.Run("maintenance", f.isMaintained)

	health.requireAnswered(t)
	c.Destroy("prod")
	requireNothingLeft(t, f.deployment)
}

// redirects: plain HTTP and the other name lead to the domain, path and arguments and all, and nowhere else.
func (f front) redirects(t *testing.T) {
	for from, to := range map[string]string{
		"http://" + domain + "/a?b=c":      f.url + "/a?b=c",
		"https://www." + domain + "/a?b=c": f.url + "/a?b=c",
		"http://www." + domain + "/":       "https://www." + domain + "/",
		f.url + "/sample-page":             f.url + "/sample-page/",
	} {
		a := f.get(t, from)
		require.Equal(t, http.StatusMovedPermanently, a.StatusCode, from)
		require.Equal(t, to, a.Header.Get("Location"), from)
	}
	page := f.get(t, f.url+"/")
	require.Equal(t, http.StatusOK, page.StatusCode)
	require.Regexp(t, `^max-age=\d+$`, page.Header.Get("Strict-Transport-Security"))
	requireNoMixedContent(t, page)
}

// plain is something that a page loads over plain HTTP. Links may lead anywhere.
var plain = regexp.MustCompile(`<(?:script|img|iframe|source|video|audio|link)\b[^>]*\b(?:src|srcset|href)=["']http://[^"']*` +
	`|url\(["']?http://`)

func requireNoMixedContent(t *testing.T, page answer) {
	t.Helper()
	for _, found := range plain.FindAllString(page.body, -1) {
		// A profile is no file that is loaded.
		require.Contains(t, found, "gmpg.org", page.Request.URL)
	}
}

// refusesDirectRequests: the load balancer knows the CDN by its secret, and answers nobody else.
func (f front) refusesDirectRequests(t *testing.T) {
	address := securePort.FindStringSubmatch(f.Status(f.stack, "load balancer")[0].Detail)
	require.NotNil(t, address)
	direct := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: f.Authority(), MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, "127.0.0.1:"+address[1])
		},
	}}
	for _, secret := range []string{"", "guessed"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url, http.NoBody)
		require.NoError(t, err)
		request.Header.Set("X-Origin-Secret", secret)
		response, err := direct.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusForbidden, response.StatusCode)
	}
}

// securePort finds the local port of an HTTPS listener in what the status says of its load balancer.
var securePort = regexp.MustCompile(`https://[^ ]*:(\d+)`)

// requireKept waits until the CDN answers by itself, also who comes from somewhere else each time: what was published a
// moment ago is told to it once more by cron.
func (f front) requireKept(t *testing.T, page string) {
	t.Helper()
	eventually(t, func() bool {
		for _, query := range []string{"", "?utm_source=", "?fbclid=", "?utm_campaign=1&gclid="} {
			if query != "" {
				query += rand.Text()
			}
			if !f.get(t, page+query).cached() {
				return false
			}
		}
		return true
	}, page+" is kept")
}

// isNeverCachedFor someone who has logged in, although the page is in the cache.
func (f front) isNeverCachedFor(t *testing.T, page string) {
	t.Helper()
	f.requireKept(t, page)
	for range 2 {
		a := f.get(t, page, header{"Cookie", "wordpress_logged_in_0=somebody"})
		require.False(t, a.cached(), "a copy of somebody's page")
		require.Equal(t, http.StatusOK, a.StatusCode)
	}
	require.False(t, f.get(t, f.url+"/wp-login.php").cached())
	require.False(t, f.get(t, f.url+"/wp-login.php").cached())
}

// sharesACopy among visitors who come from advertisements.
func (f front) sharesACopy(t *testing.T, page string) {
	t.Helper()
	f.requireKept(t, page)
	require.True(t, f.get(t, page, header{"Cookie", "_ga=GA1.2.3; consent=yes"}).cached(), "cookies that no page depends on")
}

// servesMedia: an upload comes from the bucket.
func (f front) servesMedia(t *testing.T, picture string) {
	t.Helper()
	var a answer
	eventually(t, func() bool {
		a = f.get(t, picture+"?"+rand.Text())
		return a.Header.Get("Server") == "AmazonS3"
	}, "the bucket has the upload")
	require.Equal(t, http.StatusOK, a.StatusCode)
	require.Contains(t, a.Header.Get("Content-Type"), "image/")
	require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
	require.Equal(t, http.StatusNotFound, f.get(t, f.url+"/wp-content/uploads/no-such-file.jpg").StatusCode)
}

// refusesAttacks: what an editor may send, nobody else may.
func (f front) refusesAttacks(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+"/", strings.NewReader("s=<script>alert(1)</script>"))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := f.visitor.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusForbidden, response.StatusCode)
}

// isCrawled by a search engine that follows links from newsletters. Twice: the second time the CDN has everything.
func (f front) isCrawled(t *testing.T) {
	f.php(t, fmt.Sprintf(`for ( $i = 1; $i <= %d; $i++ ) {
		wp_insert_post( array(
			'post_title' => "Page $i", 'post_name' => "crawl-$i", 'post_type' => 'page', 'post_status' => 'publish', 'post_content' => "Text $i",
		) );
	}`, crawled))
	// What is new is told to the CDN, and so is, some time after a deployment, that its old tasks have gone.
	f.php(t, `delete_option( 'wordpress_ecs_cdn_later' );`)
	eventually(t, func() bool { return f.php(t, `echo get_option( 'wordpress_ecs_cdn_due', 'settled' );`) == "settled" }, "the CDN is told")
	hits, requests := 0, 0
	for range 2 {
		for i := range crawled {
			a := f.get(t, fmt.Sprintf("%s/crawl-%d/?utm_source=%s&fbclid=%s", f.url, i+1, rand.Text(), rand.Text()))
			require.Equal(t, http.StatusOK, a.StatusCode, "page %d", i+1)
			requireNoMixedContent(t, a)
			if requests++; a.cached() {
				hits++
			}
		}
	}
	ratio := float64(hits) / float64(requests)
	t.Logf("crawl of %d pages, twice, with tracking parameters: %d of %d from the CDN, ratio %.3f, wanted %.2f",
		crawled, hits, requests, ratio, hitRatio)
	require.GreaterOrEqual(t, ratio, hitRatio)
}

// php runs code in WordPress, and returns what it prints.
func (f front) php(t *testing.T, code string) string {
	t.Helper()
	return f.OK("exec", "--stack", f.stack, "php-fpm", "--", "php", "-r", "require '/var/www/html/wp-load.php';\n"+code).Stdout
}

// isMaintained: visitors see a page that says so, administrators the site, and no task is replaced.
func (f front) isMaintained(t *testing.T) {
	tasks, definition := f.tasks(), f.Outputs(f.stack)["taskDefinition"]
	f.get(t, f.url+"/")
	f.Set("prod", "maintenance", "true")
	f.Set("prod", "adminAddresses", "203.0.113.7")
	f.Up("prod")
	for _, path := range []string{"/", "/sample-page/", "/wp-admin/"} {
		a := f.get(t, f.url+path)
		require.Equal(t, http.StatusServiceUnavailable, a.StatusCode, path)
		require.NotEmpty(t, a.Header.Get("Retry-After"), path)
		require.Contains(t, a.body, "This site is being maintained", path)
	}
	f.Set("prod", "adminAddresses", "127.0.0.1")
	f.Up("prod")
	require.Equal(t, http.StatusOK, f.get(t, f.url+"/").StatusCode, "administrators see the site")
	f.Set("prod", "maintenance", "false")
	f.Up("prod")
	require.Equal(t, http.StatusOK, f.get(t, f.url+"/").StatusCode)
	require.Equal(t, definition, f.Outputs(f.stack)["taskDefinition"])
	require.ElementsMatch(t, tasks, f.tasks())
	f.Unchanged("prod")
}
