package alb

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// certified writes a certificate of the account and returns its ARN.
func (c *cloud) certified(names ...any) string {
	c.t.Helper()
	first, _ := names[0].(string)
	arn := "arn:aws:acm:eu-west-1:123456789012:certificate/" + first
	c.write(certificateType, arn, props{"arn": arn, "domainName": first, "subjectAlternativeNames": names})
	return arn
}

// A listener shows the certificate with the name that a client asks for: the very name before a wildcard, and its default one
// when there is none.
func TestSeveralCertificates(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	first, wild, exact := c.certified("example.com", "www.example.com"), c.certified("*.example.org"), c.certified("shop.example.org")
	l := c.listener(balancer, 443, fixedTo("x"), props{"protocol": "HTTPS", "certificateArn": first})
	other := c.listener(balancer, 8443, fixedTo("x"), props{"protocol": "HTTPS", "certificateArn": wild})
	for _, arn := range []string{wild, exact} {
		c.put(listenerCertificateType, l+"_"+arn, props{"listenerArn": l, "certificateArn": arn})
	}
	c.put(listenerCertificateType, other+"_"+first, props{"listenerArn": other, "certificateArn": first})
	host, _, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(c.env.Authority.Certificate()))
	shown := func(port int, name string) string {
		at, err := c.Address(host, port)
		require.NoError(t, err)
		conn, err := tls.Dial("tcp4", at, &tls.Config{ServerName: name, InsecureSkipVerify: true}) //nolint:gosec // looked at below
		require.NoError(t, err)
		defer conn.Close()
		leaf := conn.ConnectionState().PeerCertificates[0]
		_, err = leaf.Verify(x509.VerifyOptions{Roots: roots})
		require.NoError(t, err)
		return strings.Join(leaf.DNSNames, " ")
	}
	for name, want := range map[string]string{
		"example.com": "example.com www.example.com", "WWW.example.com": "example.com www.example.com", "a.example.org": "*.example.org",
		"shop.example.org": "shop.example.org", "a.b.example.org": "example.com www.example.com", "other.example.net": "example.com www.example.com",
	} {
		require.Equal(t, want, shown(443, name), name)
	}
	require.Equal(t, "*.example.org", shown(8443, "shop.example.org"), "each listener has its own")
	c.remove(listenerCertificateType, l+"_"+exact)
	require.NoError(t, func() error { _, err := c.look(); return err }())
	require.Equal(t, "*.example.org", shown(443, "shop.example.org"))
	c.put(listenerCertificateType, l+"_"+exact, props{"listenerArn": l, "certificateArn": exact})
	require.Equal(t, "shop.example.org", shown(443, "shop.example.org"), "it has come again")
}

// Who comes for a domain name, through a proxy or a CDN, does not know the ports of this machine.
func TestPortsForDomainNames(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	l := c.listener(balancer, 80, redirectTo(map[string]any{
		"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301",
	}))
	c.rule(l, 1, redirectTo(map[string]any{
		"path": "/new", "query": "from=#{port}", "statusCode": "HTTP_302",
	}), values("pathPattern", "/old"))
	group := c.group()
	c.listener(balancer, 443, forwardTo(group), props{"protocol": "HTTPS", "certificateArn": c.certified("example.com")})
	c.register(group, serve(t, "10.0.0.1", echo))

	require.Equal(t, "https://example.com:443/a?b=c", c.get(url+"/a?b=c", "Host: example.com").Header.Get("Location"))
	require.Equal(t, "http://example.com:80/new?from=80", c.get(url+"/old", "Host: example.com").Header.Get("Location"))
	port := url[strings.LastIndex(url, ":")+1:]
	require.Equal(t, "http://example.com:80/new?from=80", c.get(url+"/old", "Host: example.com:80").Header.Get("Location"), "some clients write it")
	require.Equal(t, "http://example.com:"+port+"/new?from="+port, c.get(url+"/old", "Host: example.com:"+port).Header.Get("Location"))
	host, _, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	at, err := c.Address(host, 443)
	require.NoError(t, err)
	_, secure, err := net.SplitHostPort(at)
	require.NoError(t, err)
	require.Equal(t, "443", c.sees("https://example.com:"+secure, "Host: example.com").Get("X-Forwarded-Port"))
	require.Equal(t, secure, c.sees("https://example.com:"+secure).Get("X-Forwarded-Port"))
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	c.listener(balancer, 80, fixedTo("x"))
	host, port, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	at, err := c.Address(host, 80)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:"+port, at)
	_, err = c.Address(host, 443)
	require.ErrorContains(t, err, "has no listener on port 443")
	_, err = c.Address("example.com", 80)
	require.ErrorIs(t, err, ErrUnknown)
}
