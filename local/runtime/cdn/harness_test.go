package cdn

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/runtime/hold"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/part/trial"
)

type props = account.Props

// cloud is an account with the edge of it, and one server that all its origins are.
type cloud struct {
	*Part
	t     testing.TB
	wake  chan struct{}
	stop  func()
	lines *trial.Lines
	ids   int

	mu    sync.Mutex
	clock time.Duration
	// handle answers at the origin; asked are the requests that it got.
	handle http.HandlerFunc
	asked  []*http.Request
	server *httptest.Server
	secure *httptest.Server
}

var ranges atomic.Int32

func newCloud(tb testing.TB) *cloud {
	tb.Helper()
	acct, ca := trial.Account(tb)
	c := &cloud{t: tb, lines: &trial.Lines{}, handle: func(http.ResponseWriter, *http.Request) {}}
	c.server = httptest.NewServer(c)
	tb.Cleanup(c.server.Close)
	c.secure = httptest.NewUnstartedServer(c)
	pair, err := ca.Issue("origin.example.com", "site.example.com")
	require.NoError(tb, err)
	certificate, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	require.NoError(tb, err)
	c.secure.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	c.secure.StartTLS()
	tb.Cleanup(c.secure.Close)
	c.Part = New(Env{Account: acct, Authority: ca, Origins: c, Say: c.lines.Say})
	c.port = 24000 + 2*hold.Span*int(ranges.Add(1))
	c.securePort = c.port + hold.Span
	c.now = c.time
	c.run()
	return c
}

// time is the present of the cloud, which pass moves.
func (c *cloud) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.clock)
}

func (c *cloud) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock += d
}

// Address finds the origin.
func (c *cloud) Address(host string, port int) (string, error) {
	switch {
	case strings.HasPrefix(host, "gone."):
		return "127.0.0.1:1", nil
	case !strings.HasSuffix(host, "example.com"):
		return "", fmt.Errorf("the account has no %s", host)
	case port == 443:
		return c.secure.Listener.Addr().String(), nil
	}
	return c.server.Listener.Addr().String(), nil
}

// ServeHTTP is the origin.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.asked = append(c.asked, r.Clone(context.Background()))
	handle := c.handle
	c.mu.Unlock()
	handle(w, r)
}

// answer sets what the origin does, and forgets what it was asked.
func (c *cloud) answer(handle http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handle, c.asked = handle, nil
}

// says is an origin that answers everything with a body; headers are given as "Name: value".
func says(body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Add(name, value)
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = io.WriteString(w, body) //nolint:gosec // what a test says
	}
}

// requests are how many requests came to the origin.
func (c *cloud) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

// last is the request that came to the origin last.
func (c *cloud) last() *http.Request {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	require.NotEmpty(c.t, c.asked)
	return c.asked[len(c.asked)-1]
}

// run works until stop is called, or the test ends.
func (c *cloud) run() {
	c.t.Helper()
	c.wake, c.stop = trial.Run(c.t, c.Part)
}

// put writes a resource as the control plane would, and waits until it works.
func (c *cloud) put(typ, id string, out props) {
	c.t.Helper()
	trial.Put(c.t, c.env.Account, account.Resource{Type: typ, ID: id, Outputs: out}, c.Part)
}

func items[T any](values ...T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

const (
	cachingDisabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	allViewer        = "216adef6-5c7f-47e4-b989-5492eafa07d3"
	allButHost       = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
)

func behaves(changes ...props) map[string]any {
	return trial.With(props{
		"targetOriginId": "web", "viewerProtocolPolicy": "allow-all", "compress": true, "cachePolicyId": cachingOptimized,
		"allowedMethods": items("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"), "cachedMethods": items("GET", "HEAD"),
	}, changes...)
}

func comesFrom(id, domain string, changes ...props) map[string]any {
	return trial.With(props{
		"originId": id, "domainName": domain,
		"customOriginConfig": map[string]any{
			"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "http-only", "originReadTimeout": 1.0,
		},
	}, changes...)
}

// distribution makes one whose default behaviour caches what site.example.com has.
func (c *cloud) distribution(behavior map[string]any, changes ...props) string {
	c.t.Helper()
	c.ids++
	id := fmt.Sprintf("E%d", c.ids)
	c.put(cloudfront.Distribution, id, trial.With(props{
		"arn": "arn:aws:cloudfront::123456789012:distribution/" + id, "domainName": fmt.Sprintf("d%d.cloudfront.net", c.ids),
		"enabled": true, "httpVersion": "http2", "aliases": items("site.example.com"),
		"origins": items(comesFrom("web", "origin.example.com")), "defaultCacheBehavior": behavior,
	}, changes...))
	return id
}

// policy makes a cache policy that is like CachingOptimized but for its changes, and returns its id.
func (c *cloud) policy(least, most float64, key props) map[string]any {
	c.t.Helper()
	c.ids++
	id := fmt.Sprintf("policy-%d", c.ids)
	c.put(cloudfront.CachePolicy, id, props{
		"name": id, "minTtl": least, "defaultTtl": max(least, min(most, 60)), "maxTtl": most,
		"parametersInCacheKeyAndForwardedToOrigin": map[string]any(key),
	})
	return map[string]any{"cachePolicyId": id}
}

// client is a browser for which the names of distributions are on this machine.
func (c *cloud) client() *http.Client {
	client, transport := trial.Client(c.t, c.env.Authority, func(address string) (string, error) {
		_, port, err := net.SplitHostPort(address)
		switch {
		case err != nil:
			return "", err
		case port == "80":
			return c.address(80)
		case port == "443":
			return c.address(443)
		}
		return "127.0.0.1:" + port, nil
	})
	transport.DisableCompression = true
	return client
}

// reply is what a viewer gets.
type reply struct {
	*http.Response
	body string
}

func (r reply) cache() string { return strings.TrimSuffix(r.Header.Get("X-Cache"), " from cloudfront") }

// get asks for an address; headers are given as "Name: value".
func (c *cloud) get(url string, headers ...string) reply {
	c.t.Helper()
	return c.send(http.MethodGet, url, "", headers...)
}

// site is the distribution's address.
const site443 = "https://site.example.com"

func (c *cloud) send(method, url, body string, headers ...string) reply {
	c.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = site443 + url
	}
	got := trial.Send(c.t, c.client(), trial.Request(c.t, method, url, []byte(body), headers...))
	return reply{got.Response, got.Text}
}

func (c *cloud) remove(id string) {
	c.t.Helper()
	trial.Remove(c.t, c.env.Account, account.Resource{Type: cloudfront.Distribution, ID: id}, c.Part)
	part.Wake(c.wake)
}
