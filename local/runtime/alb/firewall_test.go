package alb

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/metrics"
)

// wall is a firewall that does what a test wants; it lets pass what no test wants something of.
type wall struct {
	guard atomic.Pointer[func(balancer string, r *http.Request) (*http.Response, error)]
}

func (w *wall) Guard(balancer string, r *http.Request) (*http.Response, error) {
	if guard := w.guard.Load(); guard != nil {
		return (*guard)(balancer, r)
	}
	return nil, nil
}

func (c *cloud) guarded(guard func(balancer string, r *http.Request) (*http.Response, error)) {
	c.wall.guard.Store(&guard)
}

func TestTheFirewallComesBeforeTheRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	c.listener(balancer, 80, map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{"statusCode": "200", "contentType": "text/plain", "messageBody": "in"}})
	c.guarded(func(of string, r *http.Request) (*http.Response, error) {
		assert.Equal(t, balancer, of)
		switch r.URL.Path {
		case "/blocked":
			return &http.Response{StatusCode: http.StatusForbidden}, nil
		case "/own":
			return &http.Response{
				StatusCode: http.StatusTooManyRequests, Body: io.NopCloser(strings.NewReader("{}")),
				Header: http.Header{"Retry-After": {"60"}, "Content-Type": {"application/json"}},
			}, nil
		}
		return nil, nil
	})
	require.Equal(t, "in", c.get(url+"/").body)

	blocked := c.get(url + "/blocked")
	require.Equal(t, http.StatusForbidden, blocked.StatusCode)
	require.Equal(t, "awselb/2.0", blocked.Header.Get("Server"))
	require.Contains(t, blocked.body, "<center><h1>403 Forbidden</h1></center>")

	own := c.get(url + "/own")
	require.Equal(t, 429, own.StatusCode)
	require.Equal(t, "60", own.Header.Get("Retry-After"))
	require.Equal(t, "application/json", own.Header.Get("Content-Type"))
	require.Equal(t, "{}", own.body)

	_, suffix, _ := strings.Cut(balancer, "loadbalancer/")
	refused := c.env.Metrics.Between(
		metrics.Metric{Namespace: namespace, Name: "HTTPCode_ELB_4XX_Count", Dimension: suffix},
		time.Now().Add(-time.Hour), time.Now().Add(time.Second))
	require.Equal(t, 2, refused.Count)
}

func TestTargetsGetWhatTheFirewallHasRead(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	group, url := c.site(props{"idleTimeout": 1.0})
	got := make(chan string, 1)
	c.register(group, serve(t, "10.0.0.1", func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			got <- r.Header.Get("X-Amzn-Waf-Seen") + string(body)
		}
	}))
	c.guarded(func(_ string, r *http.Request) (*http.Response, error) {
		beginning := make([]byte, 4)
		if _, err := io.ReadFull(r.Body, beginning); err != nil {
			return nil, err
		}
		r.Header.Set("X-Amzn-Waf-Seen", "yes:")
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(strings.NewReader(string(beginning)), r.Body), r.Body}
		return nil, nil
	})
	sent := strings.Repeat("0123456789", 10000)
	require.Equal(t, http.StatusOK, c.send(http.MethodPost, url, []byte(sent)).StatusCode)
	same := "yes:"+sent == <-got
	require.True(t, same, "of 100 KB some are others")

	require.Contains(t, raw(t, url, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab"), "408 Request Time-out")
	c.guarded(func(string, *http.Request) (*http.Response, error) { return nil, errors.New("broken") })
	require.Contains(t, raw(t, url, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab"), "400 Bad Request")
}
