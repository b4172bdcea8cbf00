package trial

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/authority"
)

// Client is like a browser that trusts an authority and follows no redirects. Find is where the port of a name is on this
// machine. Its transport may be changed before the first request.
func Client(tb testing.TB, ca *authority.Authority, find func(address string) (string, error)) (*http.Client, *http.Transport) {
	tb.Helper()
	roots := x509.NewCertPool()
	require.True(tb, roots.AppendCertsFromPEM(ca.Certificate()))
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			to, err := find(address)
			if err != nil {
				return nil, err
			}
			var d net.Dialer
			return d.DialContext(ctx, "tcp4", to)
		},
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 100,
	}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, transport
}

// Request makes one; headers are given as "Name: value", empty ones are left out.
func Request(tb testing.TB, method, url string, body []byte, headers ...string) *http.Request {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, url, bytes.NewReader(body))
	require.NoError(tb, err)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		switch name {
		case "":
		case "Host":
			req.Host = value
		default:
			req.Header.Add(name, value)
		}
	}
	return req
}

// Reply is an answer whose body was read.
type Reply struct {
	*http.Response

	Text string
}

// Send sends a request, and reads the whole answer.
func Send(tb testing.TB, client *http.Client, req *http.Request) Reply {
	tb.Helper()
	res, err := client.Do(req) //nolint:gosec // a test asks what it says
	require.NoError(tb, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(tb, err)
	return Reply{res, string(text)}
}
