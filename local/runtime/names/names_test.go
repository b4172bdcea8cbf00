package names

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/hold"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/part/trial"
)

type props = account.Props

// cloud is an account with a load balancer, a distribution and the proxy.
type cloud struct {
	*Part
	t    *testing.T
	wake chan struct{}
	stop func()

	web, secure *httptest.Server
}

// servers stand for what has names: both answer with who they are, whom they were asked for, and by whom.
func (c *cloud) servers() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, _, _ := net.SplitHostPort(r.RemoteAddr)
		_, _ = fmt.Fprintf(w, "%s %s %s %s", r.Host, r.URL.RequestURI(), from, r.Header.Get("X-Forwarded-For")) //nolint:gosec // a test
	})
	c.web, c.secure = httptest.NewServer(handler), httptest.NewTLSServer(handler)
	c.t.Cleanup(c.web.Close)
	c.t.Cleanup(c.secure.Close)
}

// listening is where the ports of a name are.
type listening map[string]string

func (l listening) Address(host string, port int) (string, error) {
	at, ok := l[fmt.Sprint(host, " ", port)]
	if !ok {
		return "", errors.New("nothing listens on " + fmt.Sprint(host, " ", port))
	}
	return at, nil
}

const (
	balancer     = "site-1.eu-west-1.elb.localhost"
	distribution = "d1.cloudfront.net"
)

var ranges atomic.Int32

func newCloud(t *testing.T) *cloud {
	t.Helper()
	acct, _ := trial.Account(t)
	c := &cloud{t: t}
	c.servers()
	plain, secure := c.web.Listener.Addr().String(), c.secure.Listener.Addr().String()
	c.Part = New(Env{Account: acct, Directory: &Directory{
		Account:       acct,
		Balancers:     listening{balancer + " 80": plain, balancer + " 443": secure},
		Distributions: listening{distribution + " 80": plain, distribution + " 443": secure},
	}})
	c.port = 27000 + hold.Span*int(ranges.Add(1))
	c.run()
	return c
}

func (c *cloud) run() {
	c.wake, c.stop = trial.Run(c.t, c.Part)
}

func (c *cloud) put(typ, id string, out props) {
	c.t.Helper()
	trial.Put(c.t, c.env.Account, account.Resource{Type: typ, ID: id, Outputs: out}, c.Part)
}

func (c *cloud) record(typ, fqdn string, more props) {
	c.t.Helper()
	out := props{"fqdn": fqdn, "type": typ, "zoneId": "Z1"}
	for name, v := range more {
		out[name] = v
	}
	c.put(recordType, out.String("zoneId")+"_"+fqdn+"_"+typ, out)
}

func alias(to string) props {
	return props{"aliases": []any{map[string]any{"name": to, "zoneId": "Z2", "evaluateTargetHealth": false}}}
}

func values(list ...any) props { return props{"records": list} }

// site is an account whose names are in use.
func site(t *testing.T) *cloud {
	t.Helper()
	c := newCloud(t)
	c.put(balancerType, "lb", props{"dnsName": balancer + ":8080"})
	c.put(distributionType, "E1", props{"domainName": distribution})
	c.record("A", "example.com", alias(distribution))
	c.record("AAAA", "example.com", alias(distribution))
	c.record("A", "origin.example.com", alias("dualstack."+balancer+":8080"))
	c.record("CNAME", "www.example.com", values("example.com."))
	c.record("A", `\052.shop.example.com`, alias(balancer+":8080"))
	c.record("TXT", "quiet.shop.example.com", values("text"))
	c.record("A", "far.example.com", values("192.0.2.1"))
	c.record("CNAME", "lost.example.com", values("example.org"))
	c.record("CNAME", "round.example.com", values("about.example.com"))
	c.record("CNAME", "about.example.com", values("round.example.com"))
	return c
}

func TestWhereNamesLead(t *testing.T) {
	t.Parallel()
	c := site(t)
	c.put(zoneType, "Zprivate", props{"vpcs": []any{map[string]any{"vpcId": "vpc-1"}}})
	hidden := alias(balancer)
	hidden["zoneId"] = "Zprivate"
	c.record("A", "hidden.example.com", hidden)
	plain, secure := c.web.Listener.Addr().String(), c.secure.Listener.Addr().String()
	for host, want := range map[string]string{
		"example.com 80": plain, "example.com 443": secure, "EXAMPLE.com. 443": secure, "www.example.com 443": secure,
		"origin.example.com 80": plain, balancer + " 443": secure, balancer + ":8080 80": plain, distribution + " 443": secure,
		"a.shop.example.com 443": secure, "a.b.shop.example.com 443": secure,
	} {
		var port int
		name, text, _ := strings.Cut(host, " ")
		_, err := fmt.Sscan(text, &port)
		require.NoError(t, err)
		at, err := c.env.Directory.Address(name, port)
		require.NoError(t, err, host)
		require.Equal(t, want, at, host)
	}
	for host, want := range map[string]string{
		"example.org":              "there is no record of example.org",
		"shop.example.com":         "there is no record of shop.example.com",
		"quiet.shop.example.com":   "there is no record",
		"b.quiet.shop.example.com": "there is no record",
		"hidden.example.com":       "there is no record",
		"far.example.com":          "far.example.com is 192.0.2.1, which is not of this account",
		"lost.example.com":         "lost.example.com leads to example.org",
		"round.example.com":        "round in a circle",
		"127.0.0.1":                "there is no record",
	} {
		_, err := c.env.Directory.Address(host, 443)
		require.ErrorContains(t, err, want, host)
	}
	_, err := c.env.Directory.Address(balancer, 8443)
	require.ErrorContains(t, err, "nothing listens")
}

// client asks through the proxy, from an address of its own.
func (c *cloud) client(from string) *http.Client {
	at, err := url.Parse(c.Address())
	require.NoError(c.t, err)
	roots := x509.NewCertPool()
	roots.AddCert(c.secure.Certificate())
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	transport := &http.Transport{
		Proxy: http.ProxyURL(at), DialContext: d.DialContext,
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}
	c.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (c *cloud) get(client *http.Client, address string, headers ...string) (int, string, error) {
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(c.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	return res.StatusCode, string(body), nil
}

func TestTheProxy(t *testing.T) {
	t.Parallel()
	c := site(t)
	client := c.client("127.0.0.1")
	// The certificate of the test server is for example.com, too.
	_, body, err := c.get(client, "https://example.com/a?b=c&%zz")
	require.NoError(t, err)
	require.Equal(t, "example.com /a?b=c&%zz 127.0.0.1 ", body)
	_, body, err = c.get(client, "http://www.example.com/a%20b?c", "X-Forwarded-For", "192.0.2.9")
	require.NoError(t, err)
	require.Equal(t, "www.example.com /a%20b?c 127.0.0.1 192.0.2.9", body, "nothing is added")

	other := c.client("127.0.0.9")
	_, body, err = c.get(other, "https://example.com/")
	require.NoError(t, err)
	require.Contains(t, body, "127.0.0.9", "the site sees the client's address")
	_, body, err = c.get(other, "http://example.com/")
	require.NoError(t, err)
	require.Contains(t, body, "127.0.0.9")

	status, body, err := c.get(client, "http://example.org/")
	require.NoError(t, err)
	require.Equal(t, http.StatusBadGateway, status)
	require.Contains(t, body, "example.org cannot be reached here: the account has no such name")
	require.Contains(t, body, "to nothing else")
	_, _, err = c.get(client, "https://example.org/")
	require.ErrorContains(t, err, "Bad Gateway")
	_, _, err = c.get(client, "https://example.com:22/")
	require.ErrorContains(t, err, "Bad Gateway")
	status, body, err = c.get(&http.Client{}, c.Address())
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, body, "This is a proxy")
}

// The proxy listens while there are names, and at the same place the next time.
func TestWhenTheProxyListens(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.put(balancerType, "lb", props{"dnsName": balancer + ":8080"})
	require.Empty(t, c.Address())
	rows, err := c.Status(t.Context())
	require.NoError(t, err)
	require.Empty(t, rows)
	c.record("A", "example.com", alias(balancer))
	c.record("A", "*.example.com", alias(balancer))
	at := c.Address()
	require.Regexp(t, `^http://127\.0\.0\.1:\d+$`, at)
	rows, err = c.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, []part.Row{{
		Kind: "names", Name: "Route 53", State: "active", Address: at,
		Detail: "a proxy for *.example.com, example.com, the names of load balancers and distributions",
	}}, rows)
	c.stop()
	again := New(c.env)
	again.port = c.port
	c.Part = again
	c.run()
	require.Eventually(t, func() bool { return c.Address() == at }, time.Minute, time.Millisecond)
	require.NoError(t, c.env.Account.Update(func(tx *account.Tx) error {
		return errors.Join(tx.Delete(recordType, "", "Z1_example.com_A"), tx.Delete(recordType, "", "Z1_*.example.com_A"))
	}))
	part.Wake(c.wake)
	require.Eventually(t, func() bool { return c.Address() == "" }, time.Minute, time.Millisecond)
}
