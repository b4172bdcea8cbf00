package firewall_test

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/settings"
)

// The requests in testdata are written by hand, in the forms in which WordPress, its editors and WooCommerce send them.
// "{{prose}}" stands for 9 KB of text, "{{file}}" for 5 MB of a picture.

// sample is one of them, as it comes from 198.51.100.1.
func sample(t *testing.T, name string, changes ...func(*http.Request)) *http.Request {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".http"))
	require.NoError(t, err)
	head, body, found := strings.Cut(string(text), "\n\n")
	require.True(t, found, name)
	body = strings.TrimSuffix(body, "\n")
	if strings.Contains(head, "Content-Type: multipart/") {
		body = strings.ReplaceAll(body, "\n", "\r\n") + "\r\n"
	}
	body = strings.ReplaceAll(body, "{{prose}}", strings.Repeat("Boats lie in the harbour and wait for the tide. ", 190))
	if strings.Contains(body, "{{file}}") {
		body = strings.ReplaceAll(body, "{{file}}", picture())
	}
	head += "\nContent-Length: " + strconv.Itoa(len(body))
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body)))
	require.NoError(t, err, name)
	from("198.51.100.1")(r)
	for _, change := range changes {
		change(r)
	}
	return r
}

// picture is what begins like one.
func picture() string {
	random := rand.NewChaCha8([32]byte{})
	data := make([]byte, 5<<20)
	_, _ = random.Read(data) // it cannot fail
	return "\xff\xd8\xff\xe0\x00\x10JFIF\x00" + string(data)
}

// asVisitor sends the same without having logged in, from a browser that has seen the form for that.
func asVisitor(r *http.Request) {
	r.Header.Set("Cookie", "wordpress_test_cookie=WP%20Cookie%20check")
	r.Header.Del("Authorization")
}

// sent are requests and the rules that block them, from an editor and from a visitor. An empty one is none.
var sent = map[string]struct{ editor, visitor string }{
	"block-editor":         {"", "bodies"},
	"application-password": {"", "bodies"},
	"media-library":        {"", "bodies"},
	"media-rest":           {"", "bodies"},
	"classic-editor":       {"", "bodies"},
	"customizer":           {"", "bodies"},
	"plugin-options":       {"", "bodies"},
	"autosave":             {"", "bodies"},
	"theme-file":           {"", "bodies"},
	"log4j-post":           {"", "bodies"},

	"login":          {"", ""},
	"search":         {"", ""},
	"comment":        {"", ""},
	"checkout":       {"", ""},
	"checkout-block": {"", ""},

	// The group for WordPress takes XML-RPC from everybody, unless the site has it open.
	"xmlrpc": {"wordpress: WordPressExploitablePaths_URIPATH", "wordpress: WordPressExploitablePaths_URIPATH"},

	"attack-script":         {"bodies", "bodies"},
	"attack-sql":            {"bodies", "bodies"},
	"attack-sql-blind":      {"bodies", "bodies"},
	"attack-php":            {"bodies", "bodies"},
	"attack-large":          {"bodies", "bodies"},
	"attack-log4j":          {"known-bad: Log4JRCE_HEADER", "known-bad: Log4JRCE_HEADER"},
	"attack-traversal":      {"common: GenericLFI_QUERYARGUMENTS", "common: GenericLFI_QUERYARGUMENTS"},
	"attack-traversal-path": {"common: GenericLFI_URIPATH", "common: GenericLFI_URIPATH"},
	"attack-environment":    {"known-bad: ExploitablePaths_URIPATH", "known-bad: ExploitablePaths_URIPATH"},
	"attack-scanner":        {"common: UserAgent_BadBots_HEADER", "common: UserAgent_BadBots_HEADER"},
	"attack-silent":         {"common: NoUserAgent_HEADER", "common: NoUserAgent_HEADER"},
	"attack-reset":          {"wordpress: WordPressExploitableCommands_QUERYSTRING", "wordpress: WordPressExploitableCommands_QUERYSTRING"},
	// Whoever claims to be an editor is one for paths that lead to the administration, and for no others.
	"attack-as-editor":         {"bodies", "bodies"},
	"attack-as-editor-encoded": {"bodies", "bodies"},
}

func TestEditorsMayAndOthersMayNot(t *testing.T) {
	t.Parallel()
	for _, at := range places() {
		s := newSite(t, at)
		for name, who := range sent {
			t.Run(at.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := *s
				s.t = t
				require.Equal(t, who.editor, s.open().blocks(sample(t, name)), "from an editor")
				require.Equal(t, who.visitor, s.open().blocks(sample(t, name, asVisitor)), "from a visitor")
			})
		}
	}
}

// Where the site has XML-RPC open its requests pass, and everything else is found as before.
func TestOpenXMLRPC(t *testing.T) {
	t.Parallel()
	for _, at := range places() {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			closed := at.change
			at.change = func(a *edge.Args) { closed(a); a.XMLRPC = true }
			s := newSite(t, at)
			for name, who := range sent {
				if name == "xmlrpc" {
					who.editor, who.visitor = "", ""
				}
				require.Equal(t, who.editor, s.open().blocks(sample(t, name)), "%s from an editor", name)
				require.Equal(t, who.visitor, s.open().blocks(sample(t, name, asVisitor)), "%s from a visitor", name)
			}
			attack := func(r *http.Request) { r.URL.Path = "/xmlrpc.php" }
			require.Equal(t, "bodies", s.open().blocks(sample(t, "attack-script", attack)), "by this way, too")
			g := s.open()
			passed, rule := g.many(250, "xmlrpc")
			require.Equal(t, 200, passed, "writes are counted")
			require.Equal(t, "writes", rule)
		})
	}
}

func TestEverySampleIsSent(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.http")
	require.NoError(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".http")
		require.Contains(t, sent, name)
		r := sample(t, name)
		require.True(t, r.Method == http.MethodGet || r.ContentLength > 0, name)
	}
	require.Len(t, files, len(sent))
	require.Greater(t, sample(t, "block-editor").ContentLength, int64(8<<10))
	require.Greater(t, sample(t, "media-library").ContentLength, int64(5<<20))
}

func TestCountingBlocksNothing(t *testing.T) {
	t.Parallel()
	for _, at := range places() {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			g := newSite(t, at, func(f *settings.Firewall) { f.Mode, f.LoginLimit = settings.FirewallCount, 10 }).open()
			for name := range sent {
				require.Empty(t, g.blocks(sample(t, name, asVisitor)), name)
			}
			for range 30 {
				require.Empty(t, g.blocks(sample(t, "login")))
			}
			require.Contains(t, g.status(), "0 blocked")
			require.NotContains(t, g.status(), " 0 counted")
			require.Empty(t, g.lines)
		})
	}
}

func TestTheEndOfALargeBodyIsNotSeen(t *testing.T) {
	t.Parallel()
	// What lies beyond the limit is found by nobody. That it is there is enough: the size of the body is.
	for _, at := range places() {
		g := newSite(t, at).open()
		body := append(bytes.Repeat([]byte("a"), at.body), "<script>"...)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://www.example.com/contact/", bytes.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("User-Agent", "Firefox")
		from("198.51.100.1")(r)
		require.Equal(t, "bodies", g.blocks(r))
		require.Contains(t, g.lines[0], "SizeRestrictions_Body")
		require.NotContains(t, g.lines[0], "CrossSiteScripting_Body")
	}
}
