package cdn

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/runtime/part/trial"
)

func TestNamesAndCertificates(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
	c.put(certificateType, arn, props{"arn": arn, "domainName": "example.com", "subjectAlternativeNames": items("example.com", "*.example.com")})
	c.distribution(behaves(), props{
		"aliases": items("example.com", "*.example.com"), "viewerCertificate": map[string]any{
			"acmCertificateArn": arn, "minimumProtocolVersion": "TLSv1.2_2021",
		},
	})
	c.distribution(behaves(), props{"aliases": items("site.example.com"), "httpVersion": "http1.1", "comment": "more exact than the wildcard"})
	c.distribution(behaves(), props{"aliases": items("off.example.org"), "enabled": false})
	c.answer(says("x"))
	for host, want := range map[string]struct {
		names string
		proto int
	}{
		"example.com":             {"example.com *.example.com", 2},
		"EXAMPLE.com":             {"example.com *.example.com", 2},
		"www.example.com":         {"example.com *.example.com", 2},
		"site.example.com":        {"site.example.com", 1},
		"d1.cloudfront.net":       {"*.cloudfront.net cloudfront.net *.cloudfront.localhost", 2},
		"d1.cloudfront.localhost": {"*.cloudfront.net cloudfront.net *.cloudfront.localhost", 2},
	} {
		res := c.get("https://" + host + "/")
		require.Equal(t, http.StatusOK, res.StatusCode, host)
		require.Equal(t, want.names, strings.Join(res.TLS.PeerCertificates[0].DNSNames, " "), host)
		require.Equal(t, want.proto, res.ProtoMajor, host)
	}
	for _, host := range []string{"other.example.net", "off.example.org", "127.0.0.1", "a.b.example.com"} {
		res := c.get("http://d1.cloudfront.net/", "Host: "+host)
		require.Equal(t, http.StatusForbidden, res.StatusCode, host)
		require.Equal(t, "Error", res.cache(), host)
		require.Contains(t, res.body, "The request could not be satisfied", host)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(), props{"viewerCertificate": map[string]any{"minimumProtocolVersion": "TLSv1.3_2025"}})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.env.Authority.Certificate())
	at, err := c.address(443)
	require.NoError(t, err)
	for name, most := range map[string]uint16{"site.example.com": tls.VersionTLS12, "d1.cloudfront.net": tls.VersionTLS11} {
		_, err = tls.Dial("tcp4", at, &tls.Config{RootCAs: roots, ServerName: name, MinVersion: tls.VersionTLS10, MaxVersion: most}) //nolint:gosec // refused
		require.ErrorContains(t, err, "protocol version", name)
	}
}

func TestViewerProtocol(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(props{"viewerProtocolPolicy": "redirect-to-https"}), props{
		"orderedCacheBehaviors": items(behaves(props{"pathPattern": "secure/*", "viewerProtocolPolicy": "https-only"})),
	})
	c.answer(says("x"))
	for _, tc := range []struct {
		method, url string
		status      int
		location    string
	}{
		{"GET", "http://site.example.com/a%20b?c=d", 301, "https://site.example.com/a%20b?c=d"},
		{"HEAD", "http://site.example.com/", 301, "https://site.example.com/"},
		{"POST", "http://site.example.com/", 307, "https://site.example.com/"},
		{"GET", "http://site.example.com/secure/x", 403, ""},
		{"GET", "https://site.example.com/secure/x", 200, ""},
		{"GET", fmt.Sprintf("http://d1.cloudfront.localhost:%d/x", c.Port()), 301, fmt.Sprintf("https://d1.cloudfront.localhost:%d/x", c.Secure())},
	} {
		res := c.send(tc.method, tc.url, "")
		require.Equal(t, tc.status, res.StatusCode, tc.url)
		require.Equal(t, tc.location, res.Header.Get("Location"), tc.url)
		if tc.location != "" {
			require.Equal(t, "Redirect", res.cache(), tc.url)
		}
	}
	require.Equal(t, "x", c.get(c.get(fmt.Sprintf("http://d1.cloudfront.localhost:%d/x", c.Port())).Header.Get("Location")).body)

	// Before HTTP/1.1 there is no way to say that the method stays.
	conn, err := net.Dial("tcp4", "127.0.0.1:"+strconv.Itoa(c.Port()))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST / HTTP/1.0\r\nHost: site.example.com\r\nContent-Length: 0\r\n\r\n")
	require.NoError(t, err)
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "403")
}

func TestBehaviors(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	to := func(pattern, origin string, changes ...props) map[string]any {
		return behaves(append(changes, props{"pathPattern": pattern, "targetOriginId": origin, "cachePolicyId": cachingDisabled})...)
	}
	c.distribution(to("*", "default"), props{
		"orderedCacheBehaviors": items(
			to("/wp-content/*", "content"), to("*.php", "php"), to("/a?c", "mark"),
			to("/get/*", "get", props{"allowedMethods": items("GET", "HEAD")}),
		),
		"origins": items(comesFrom("default", "origin.example.com"), comesFrom("content", "origin.example.com", props{"originPath": "/content"}),
			comesFrom("php", "origin.example.com", props{"originPath": "/php"}), comesFrom("mark", "origin.example.com", props{"originPath": "/mark"}),
			comesFrom("get", "origin.example.com", props{"originPath": "/get"})),
		"defaultRootObject": "index.html",
	})
	c.answer(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.EscapedPath()) }) //nolint:gosec // a test
	for path, want := range map[string]string{
		"/": "/index.html", "/x/": "/x/", "/wp-content/a.php": "/content/wp-content/a.php", "/wp-admin/a.php": "/php/wp-admin/a.php",
		"/a.PHP": "/a.PHP", "/abc": "/mark/abc", "/abbc": "/abbc", "/x/../wp-content/y": "/content/x/../wp-content/y", "//wp-content//y": "/content//wp-content//y",
		"/wp-content/a%2Fb": "/content/wp-content/a%2Fb",
	} {
		require.Equal(t, want, c.get(path).body, path)
	}
	require.Equal(t, http.StatusOK, c.get("/get/x").StatusCode)
	res := c.send("POST", "/get/x", "data")
	require.Equal(t, http.StatusForbidden, res.StatusCode)
	require.Contains(t, res.body, "GET, HEAD")
	require.Equal(t, http.StatusForbidden, c.send("GET", "/", "a body").StatusCode)
	require.Equal(t, http.StatusRequestEntityTooLarge, c.get("/?"+strings.Repeat("x", 8200)).StatusCode)
	require.Equal(t, http.StatusRequestEntityTooLarge, c.get("/", "X-Long: "+strings.Repeat("x", 33<<10)).StatusCode)
}

// blocker is a web ACL that blocks what has a word in its body or path.
type blocker struct{}

func (blocker) Check(acl string, r *http.Request, body []byte) *http.Response {
	r.Header.Set("X-Amzn-Waf-Seen", "1")
	if strings.Contains(string(body)+r.URL.Path, "evil") {
		return &http.Response{StatusCode: http.StatusForbidden}
	}
	if strings.Contains(r.URL.Path, "custom") {
		return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"X-Acl": {acl}}, Body: io.NopCloser(strings.NewReader("slow down"))}
	}
	return nil
}

func TestFirewall(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.env.Firewall = blocker{}
	c.distribution(behaves(props{"originRequestPolicyId": allViewer, "cachePolicyId": cachingDisabled}), props{"webAclId": "arn:acl"})
	c.distribution(behaves(), props{"aliases": items("open.example.com")})
	c.answer(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		_, _ = fmt.Fprint(w, len(body), err)
	})
	require.Equal(t, "40960 <nil>", c.send("POST", "/", strings.Repeat("x", 40<<10)).body, "the origin gets what was looked at, too")
	require.Equal(t, "1", c.last().Header.Get("X-Amzn-Waf-Seen"))
	res := c.send("POST", "/", "evil")
	require.Equal(t, http.StatusForbidden, res.StatusCode)
	require.Contains(t, res.body, "Request blocked")
	res = c.get("/custom")
	require.Equal(t, "429 slow down arn:acl", fmt.Sprint(res.StatusCode, " ", res.body, " ", res.Header.Get("X-Acl")))
	require.Equal(t, http.StatusOK, c.get("https://open.example.com/evil").StatusCode)
}

// What changes in the account changes what is served; what goes is served no more.
func TestChanges(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	require.Zero(t, c.Port(), "without a distribution nothing listens")
	id := c.distribution(behaves())
	c.answer(says("x"))
	require.Equal(t, "Miss", c.get("/").cache())
	before := c.Secure()
	c.ids--
	c.distribution(behaves(props{"viewerProtocolPolicy": "https-only"}))
	require.Equal(t, "Hit", c.get("/").cache(), "what is kept stays")
	require.Equal(t, http.StatusForbidden, c.get("http://site.example.com/").StatusCode)

	c.stop()
	again := New(c.env)
	again.port, again.securePort, again.now = c.port, c.securePort, c.time
	c.Part = again
	c.run()
	require.Eventually(t, func() bool { return c.Secure() != 0 }, time.Minute, time.Millisecond)
	require.Equal(t, before, c.Secure(), "ports stay")
	require.Equal(t, "Miss", c.get("/").cache(), "what is kept is in memory only")
	at, err := c.Part.Address("site.example.com", 443)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("127.0.0.1:%d", before), at)
	_, err = c.Part.Address("site.example.com", 22)
	require.ErrorContains(t, err, "the ports 80 and 443")
	c.remove(id)
	require.Zero(t, c.Port())
	_, err = c.Part.Address("site.example.com", 443)
	require.ErrorContains(t, err, "no distribution has the name")
	_, err = c.address(443)
	require.ErrorIs(t, err, errNowhere)
}

// A distribution that lacks what it stands on does not work; the others do.
func TestADistributionThatLacksItsPolicy(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.answer(says("x"))
	good := c.distribution(behaves())
	wrong := account.Resource{Type: cloudfront.Distribution, ID: "E9", Outputs: props{
		"domainName": "d9.cloudfront.net", "enabled": true, "defaultCacheBehavior": behaves(props{"cachePolicyId": "gone"}),
	}}
	trial.Write(t, c.env.Account, wrong)
	require.ErrorContains(t, c.Await(t.Context(), wrong, nil), "distribution E9: the account has no")
	require.Equal(t, "x", c.get("/").body)
	require.NoError(t, c.Await(t.Context(), account.Resource{Type: cloudfront.Distribution, ID: good}, nil))
	c.distribution(behaves(props{"cachePolicyId": cachingDisabled}), props{"aliases": items("other.example.com")})
	require.Equal(t, "x", c.get("https://other.example.com/").body, "what comes later, too")
	require.Contains(t, c.lines.String(), "distribution E9: the account has no")
}
