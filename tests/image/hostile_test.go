package image_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

// What one visitor's cookies do to a page is seen by nobody else, and no cookie of theirs either.
func TestCookiesDoNotReachTheCache(t *testing.T) {
	t.Parallel()
	_, tasks := start(t, site.Options{})
	task := tasks[0]
	post := task.Visitor(t).Get(t, "/?p=1").Header.Get("Location")
	address, err := url.Parse(post)
	require.NoError(t, err)
	path := address.Path
	require.Contains(t, path, "hello-world")

	commenter := task.Visitor(t)
	commenter.Header.Set("Cookie", "comment_author_x=Mallory; comment_author_email_x=mallory@example.com")
	for range 2 { // the first of all to ask for the page
		commenter.Get(t, path)
	}
	sender := task.Visitor(t)
	sent := sender.Post(t, "/wp-comments-post.php", url.Values{
		"author": {"Mallory"}, "email": {"mallory@example.com"}, "comment": {"A word from Mallory"},
		"comment_post_ID": {"1"}, "comment_parent": {"0"}, "wp-comment-cookies-consent": {"yes"},
	})
	require.Equal(t, http.StatusFound, sent.Status, sent.Body)
	require.NotEmpty(t, sent.Header.Values("Set-Cookie"))
	requireShows(t, sender.Get(t, path), "Mallory", "the form knows its visitor")
	for _, stuffed := range []string{
		"wordpress_logged_in_0=admin|1|x|y", "wp-settings-1=x", "PHPSESSID=stuffed", "a=" + strings.Repeat("x", 3000),
		"comment_author_0=%3Cscript%3E", "wordpress_test_cookie=WP+Cookie+check; x=y", "=", ";;;",
	} {
		v := task.Visitor(t)
		v.Header.Set("Cookie", stuffed)
		require.Equal(t, http.StatusOK, v.Get(t, path).Status, stuffed)
	}
	for range 3 {
		page := task.Visitor(t).Get(t, path)
		require.Equal(t, http.StatusOK, page.Status)
		requireHides(t, page, "mallory@example.com")
		requireHides(t, page, `value="Mallory"`)
		requireHides(t, page, "stuffed")
		require.Empty(t, page.Header.Values("Set-Cookie"))
	}
	editor := task.Visitor(t)
	editor.Login(t)
	requireShows(t, editor.Get(t, path), "wpadminbar")
	requireHides(t, task.Visitor(t).Get(t, path), "wpadminbar")
}

// Bodies and headers that are too large are refused and cost nothing that others need.
func TestOversizedRequests(t *testing.T) {
	t.Parallel()
	_, tasks := start(t, site.Options{})
	task := tasks[0]
	v := task.Visitor(t)
	for _, path := range []string{"/", "/wp-login.php", "/wp-comments-post.php", "/wp-admin/async-upload.php"} {
		declared := raw(t, task.Address, "POST "+path+" HTTP/1.1\r\nHost: "+task.Address+
			"\r\nContent-Length: 73400320\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")
		require.Regexp(t, `^HTTP/1.1 413 `, declared, path)
	}
	// nginx answers before it has read everything; Go's client may see the connection close instead.
	page, err := v.Try(t.Context(), http.MethodPost, "/wp-login.php", "text/plain", io.LimitReader(endless{}, 70<<20))
	if err == nil {
		require.Equal(t, http.StatusRequestEntityTooLarge, page.Status)
	}
	site.Eventually(t, func() bool { return strings.Contains(task.Nginx.Logs(t), `"status":"413"`) }, "refusals are logged")
	large := task.Visitor(t).With(http.Header{"X-Large": {strings.Repeat("x", 40<<10)}})
	require.Equal(t, http.StatusBadRequest, large.Get(t, "/").Status)
	long := task.Visitor(t).Get(t, "/?"+strings.Repeat("x", 40<<10))
	require.Equal(t, http.StatusRequestURITooLong, long.Status)

	// The largest body that is allowed reaches WordPress.
	editor := task.Visitor(t)
	editor.Login(t)
	_, page = uploadMedia(t, editor, "large.jpg", append(photo(t), bytes.Repeat([]byte{0}, 40<<20)...))
	require.Equal(t, http.StatusCreated, page.Status, page.Body)
	require.Equal(t, http.StatusOK, v.Get(t, "/?s=after").Status)
	require.Equal(t, "ok", v.Get(t, "/healthz").Body)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for n := range p {
		p[n] = 'x'
	}
	return len(p), nil
}

// No address leads out of the site or to the text of its programs.
func TestTraversal(t *testing.T) {
	t.Parallel()
	_, tasks := start(t, site.Options{})
	for _, path := range []string{
		"/../../../etc/passwd", "/wp-content/uploads/../../wp-config.php", "/wp-content/uploads/..%2f..%2fwp-config.php",
		"/wp-includes/..%2f..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/wp-content../wp-config.php",
		"/wp-config.php", "/wp-config.php%00.jpg", "/wp-config.php/x.css", "/wp-config.php~", "/wp-config.PHP", "/wp-config.php.",
		"/index.php/../wp-config.php", "/.htaccess", "/.git/config", "/.env", "/usr/local/lib/wordpress/setup.php",
		"/wp-content/uploads/x.jpg/../../../wp-config.php", "/bundled/object-cache.php", "/wp-admin/install.php",
		"/wp-includes/version.php", "/bundled/mu-plugins/", "/wp-content/uploads/",
	} {
		answer := raw(t, tasks[0].Address, "GET "+path+" HTTP/1.1\r\nHost: "+tasks[0].Address+"\r\nConnection: close\r\n\r\n")
		status := strings.Fields(answer)[1]
		require.NotEqual(t, "200", status, "%s: %.500s", path, answer)
		require.NotRegexp(t, "^5", status, "%s: %.500s", path, answer)
		for _, text := range []string{"root:x", "DB_PASSWORD", "<?php", "wp_version", "Index of"} {
			require.NotContains(t, answer, text, path)
		}
	}
	require.Equal(t, http.StatusOK, tasks[0].Visitor(t).Get(t, "/").Status)
}

// raw sends bytes as they are, which Go's client would correct.
func raw(t *testing.T, address, request string) string {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	defer func() { _ = connection.Close() }() // read to its end
	_, err = fmt.Fprint(connection, request)
	require.NoError(t, err)
	answer, err := io.ReadAll(connection)
	require.NoError(t, err)
	require.Greater(t, len(strings.Fields(string(answer))), 1, "%q: %q", request, answer)
	return string(answer)
}

// Programs do not become uploads, and what is in uploads all the same is not run.
func TestUploadsAreNeverRun(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{})
	task := tasks[0]
	editor := task.Visitor(t)
	editor.Login(t)
	const program = `<?php header('X-Ran: yes'); echo 6 * 7;`
	for _, name := range []string{"x.php", "x.phtml", "x.php5", "x.phar", "x.pht", ".htaccess", ".user.ini"} {
		_, page := uploadMedia(t, editor, name, []byte(program))
		require.NotEqual(t, http.StatusCreated, page.Status, "%s: %s", name, page.Body)
	}
	picture := append(photo(t), program...)
	polyglot, page := uploadMedia(t, editor, "picture.php.jpg", picture)
	require.Equal(t, http.StatusCreated, page.Status, page.Body)
	path := strings.TrimPrefix(polyglot.SourceURL, s.URL)
	for _, suffix := range []string{"", "/x.php", "%00.php", "?x.php", "/.php"} {
		require.Empty(t, task.Visitor(t).Get(t, path+suffix).Header.Get("X-Ran"), path+suffix)
	}
	for _, name := range []string{"x.php", "x.PHP", "x.php7", "x.phtml", "x.phar", "x.pht", "deep/er/x.php", "x.php/y"} {
		task.PHP.Must(t, "sh", "-c", `mkdir -p "$(dirname "$1")" && printf '%s' "$2" >"$1"`, "sh", shared+"uploads/planted/"+strings.TrimSuffix(name, "/y"), program)
		page := task.Visitor(t).Get(t, "/wp-content/uploads/planted/"+name)
		require.Equal(t, http.StatusNotFound, page.Status, name)
		require.Empty(t, page.Header.Get("X-Ran"), name)
	}
	for _, link := range []string{"/etc/passwd", root + "wp-config.php", "/proc/self/environ"} {
		task.PHP.Must(t, "ln", "-sf", link, shared+"uploads/link.txt")
		page := task.Visitor(t).Get(t, "/wp-content/uploads/link.txt")
		require.GreaterOrEqual(t, page.Status, 400, link)
		requireHides(t, page, "root:x")
	}
}
