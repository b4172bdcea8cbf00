package site

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
)

// requestTimeout is longer than any answer of a task may take.
const requestTimeout = 75 * time.Second

// Visitor keeps cookies, like a person with a browser, and follows no redirects.
type Visitor struct {
	client *http.Client
	base   string
	// Header goes with every request.
	Header http.Header
}

// Page is an answer.
type Page struct {
	Status int
	Header http.Header
	Body   string
}

// Visitor comes through the load balancer.
func (s *Site) Visitor(t containers.T) *Visitor {
	t.Helper()
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM([]byte(s.Authority.PEM)))
	return visitor(t, s.URL, &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 100,
	})
}

// Visitor asks one task, past the load balancer, for pages of the site's address.
func (k *Task) Visitor(t containers.T) *Visitor {
	t.Helper()
	return visitor(t, "http://"+host(k.site.URL), k.transport())
}

// At is the same visitor, cookies and all, who meets a certain task.
func (v *Visitor) At(k *Task) *Visitor {
	client := *v.client
	client.Transport = k.transport()
	return &Visitor{&client, "http://" + host(k.site.URL), v.Header.Clone()}
}

func (k *Task) transport() *http.Transport {
	return &http.Transport{
		MaxIdleConnsPerHost: 100,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, k.Address)
		},
	}
}

func visitor(t containers.T, base string, transport *http.Transport) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	t.Cleanup(transport.CloseIdleConnections)
	return &Visitor{base: base, Header: http.Header{}, client: &http.Client{
		Transport: transport, Jar: jar, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Get asks for a page.
func (v *Visitor) Get(t containers.T, path string) Page {
	t.Helper()
	page, err := v.Try(t.Context(), http.MethodGet, path, "", nil)
	require.NoError(t, err)
	return page
}

// Post sends a form.
func (v *Visitor) Post(t containers.T, path string, form url.Values) Page {
	t.Helper()
	page, err := v.Try(t.Context(), http.MethodPost, path,
		"application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	return page
}

// Try sends a request that may fail.
func (v *Visitor) Try(ctx context.Context, method, path, contentType string, body io.Reader) (Page, error) {
	request, err := http.NewRequestWithContext(ctx, method, v.base+path, body)
	if err != nil {
		return Page{}, err
	}
	for name, values := range v.Header {
		request.Header[name] = values
		if name == "Host" {
			request.Host = values[0]
		}
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := v.client.Do(request)
	if err != nil {
		return Page{}, err
	}
	defer func() { _ = response.Body.Close() }() // read to its end
	content, err := io.ReadAll(response.Body)
	return Page{response.StatusCode, response.Header, string(content)}, err
}

// Login signs the administrator in.
func (v *Visitor) Login(t containers.T) {
	t.Helper()
	page := v.Post(t, "/wp-login.php", url.Values{"log": {AdminUser}, "pwd": {AdminPassword}, "wp-submit": {"Log In"}})
	require.Equal(t, http.StatusFound, page.Status, page.Body)
	require.Contains(t, page.Header.Get("Location"), "/wp-admin/")
}

// Cookies are the visitor's own, for the site's address.
func (v *Visitor) Cookies(t containers.T) []*http.Cookie {
	t.Helper()
	address, err := url.Parse(v.base)
	require.NoError(t, err)
	return v.client.Jar.Cookies(address)
}

func host(address string) string {
	_, name, _ := strings.Cut(address, "://")
	return name
}

// With is the same visitor with further headers.
func (v *Visitor) With(header http.Header) *Visitor {
	with := &Visitor{v.client, v.base, v.Header.Clone()}
	for name, values := range header {
		with.Header[name] = values
	}
	return with
}
