package image_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// php asks what PHP is told about a request.
func (f *front) phpSees(t *testing.T, path string, h http.Header) map[string]any {
	t.Helper()
	a := f.ask(t, request{path: path, header: h})
	require.Equal(t, http.StatusOK, a.status)
	seen := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(a.body), &seen), a.body)
	return seen
}

// claims are headers by which a client says that it is somebody else, or that the site is.
func claims() http.Header {
	return header("X-Forwarded-For", "6.6.6.6, 198.51.100.7", "X-Forwarded-Proto", "https", "Proxy", "http://6.6.6.6",
		"X-Real-Ip", "6.6.6.6", "Client-Ip", "6.6.6.6", "Forwarded", "for=6.6.6.6", "X-Forwarded-Host", "6.6.6.6",
		"X-Page-Client", "6.6.6.6", "X-Original-Url", "/6.6.6.6", "X-Rewrite-Url", "/6.6.6.6",
		"X-Cluster-Client-Ip", "6.6.6.6", "HTTPS", "on", "Remote_Addr", "6.6.6.6", "X-Origin-Secret", "6.6.6.6")
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	trusting, wary := startFront(t, nil, nil), startFront(t, map[string]string{"WORDPRESS_TRUSTED_PROXIES": "10.99.0.0/24 fd00::/64"}, nil)
	// With and without the page cache between: the question keeps it out.
	for _, path := range []string{"/vars/", "/vars/?x"} {
		seen := trusting.phpSees(t, path, claims())
		assert.Equal(t, "198.51.100.7", seen["REMOTE_ADDR"], "the last address that no trusted proxy has")
		assert.Equal(t, "on", seen["HTTPS"])
		assert.Equal(t, "443", seen["SERVER_PORT"])
		assert.Equal(t, "https", seen["HTTP_X_FORWARDED_PROTO"])
		assert.Equal(t, "198.51.100.7", seen["HTTP_X_FORWARDED_FOR"])
		assert.Equal(t, siteHost, seen["HTTP_HOST"])
		assert.Equal(t, path, seen["REQUEST_URI"])
		assert.Equal(t, "/index.php", seen["SCRIPT_NAME"])
		requireNoClaim(t, seen)

		plain := trusting.phpSees(t, path, header("X-Forwarded-Proto", "http"))
		assert.NotContains(t, plain, "HTTPS")

		seen = wary.phpSees(t, path, claims())
		assert.Regexp(t, `^172\.|^192\.168\.|^10\.`, seen["REMOTE_ADDR"], "the peer itself")
		assert.NotContains(t, seen, "HTTPS")
		assert.NotContains(t, seen, "HTTP_X_FORWARDED_PROTO")
		assert.NotContains(t, seen, "HTTP_X_FORWARDED_FOR")
		assert.Equal(t, "80", seen["SERVER_PORT"])
		requireNoClaim(t, seen)
	}
	// The scheme of one is not the other's page.
	require.NotEmpty(t, trusting.get(t, "/").header.Get("X-Content-Type-Options"))
	require.Empty(t, wary.ask(t, request{path: "/", header: claims()}).header.Get("Strict-Transport-Security"))
	require.NotEmpty(t, trusting.ask(t, request{path: "/", header: claims()}).header.Get("Strict-Transport-Security"))
}

// requireNoClaim asserts that PHP learns of no address that the client made up.
func requireNoClaim(t *testing.T, seen map[string]any) {
	t.Helper()
	for name, value := range seen {
		if text, ok := value.(string); ok {
			assert.NotContains(t, text, "6.6.6.6", name)
		}
	}
}

// What tells about the task is for the task and its neighbours.
func TestHealth(t *testing.T) {
	t.Parallel()
	trusting, wary := startFront(t, nil, nil), startFront(t, map[string]string{"WORDPRESS_TRUSTED_PROXIES": ""}, nil)
	for _, f := range []*front{trusting, wary} {
		healthy := f.ask(t, request{path: "/healthz", host: "10.0.0.1:8080", header: header("User-Agent", "ELB-HealthChecker/2.0")})
		require.Equal(t, http.StatusOK, healthy.status)
		require.Equal(t, "ok", strings.TrimSpace(healthy.body))

		for _, path := range []string{"/fpm-status", "/nginx-status"} {
			require.Equal(t, http.StatusNotFound, f.get(t, path).status, path)
			require.Equal(t, http.StatusNotFound, f.ask(t, request{path: path, header: header("X-Forwarded-For", "127.0.0.1")}).status, path)
		}
		inside := f.php.Must(t, "php", "-n", "-r", `foreach (['fpm-status', 'nginx-status', 'readyz'] as $page)
			echo file_get_contents("http://127.0.0.1:8080/$page", false, stream_context_create(['http' => ['ignore_errors' => true]])), $http_response_header[0];`)
		require.Contains(t, inside, "process manager")
		require.Contains(t, inside, "Active connections")
		require.Contains(t, inside, `"ready":false`, "there is neither database nor Redis")
		require.Equal(t, http.StatusNotFound, f.ask(t, request{path: "/readyz", header: header("X-Forwarded-For", "127.0.0.1")}).status)
		require.Equal(t, http.StatusNotFound, f.ask(t, request{path: "/readyz", header: header("X-Forwarded-For", "6.6.6.6")}).status)
	}
	require.Equal(t, http.StatusServiceUnavailable, trusting.get(t, "/readyz").status, "a neighbour")
	require.Equal(t, http.StatusNotFound, wary.get(t, "/readyz").status, "a stranger")
}

// The name that AWS gives to a load balancer has about 70 characters, and a host name may have 253.
func TestLongHostName(t *testing.T) {
	t.Parallel()
	s := site.New(t, containers.Connect(t), site.Options{})
	label := strings.Repeat("l", 62) + "."
	url := "http://" + label + label + label + strings.Repeat("m", 60) + ".com:65535"
	v := site.Variation{Environment: map[string]string{"WORDPRESS_URL": url}}
	task := s.StartNamespace(t, v)
	task.StartPHP(t, v)
	task.StartNginx(t, v)
	require.Equal(t, "ok", task.Visitor(t).Get(t, "/healthz").Body)
}
