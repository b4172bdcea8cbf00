package cloud

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// requestTimeout is when a visitor gives up.
const requestTimeout = 30 * time.Second

// Client is an HTTP client of a visitor of the local cloud. As browsers do, it takes every name below localhost
// for this machine. It follows no redirects.
func Client() *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Client{
		Timeout: requestTimeout,
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 100,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				host, port, err := net.SplitHostPort(address)
				if err == nil && strings.HasSuffix(host, ".localhost") {
					address = net.JoinHostPort("127.0.0.1", port)
				}
				return dialer.DialContext(ctx, network, address)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// At reads an address of a site from one of its tasks, past the load balancer.
func At(ctx context.Context, task, address string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	request.Host, request.URL.Host = request.URL.Host, task
	response, err := Client().Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}
