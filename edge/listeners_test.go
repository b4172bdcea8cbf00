package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithoutADomain(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, listener)
	require.Equal(t, g.Only(t, balancer).Computed("arn"), r.At("loadBalancerArn"))
	require.Equal(t, 80, r.At("port"))
	require.Equal(t, "HTTP", r.At("protocol"))
	require.Equal(t, []any{map[string]any{
		"type": "forward", "targetGroupArn": g.Only(t, targets).Computed("arn"),
	}}, r.At("defaultActions"))
	require.Equal(t, "http://"+g.Only(t, balancer).Computed("dnsName").(string), g.Exports()["url"].Value)
	none(t, g, record, certificate, rule, "aws:cloudfront/", "aws:s3/", "aws:wafv2/", "aws:lambda/", "random:")
	require.Empty(t, g.Calls())
}

func TestHTTPSListener(t *testing.T) {
	t.Parallel()
	for _, settings := range [][]change{{inDomain}, {behindCDN}} {
		g := registered(t, settings...)
		require.Len(t, g.OfType(listener), 2)
		r := g.Named(t, listener, "site-https")
		require.Equal(t, g.Only(t, balancer).Computed("arn"), r.At("loadBalancerArn"))
		require.Equal(t, 443, r.At("port"))
		require.Equal(t, "HTTPS", r.At("protocol"))
		require.Regexp(t, "^ELBSecurityPolicy-TLS13-1-2-", r.At("sslPolicy"), "nothing below TLS 1.2")
		require.Equal(t, g.Named(t, certificate, "site").Computed("arn"), r.At("certificateArn"))
		r.RequireAfter(t, g.Named(t, validation, "site"))
		require.Equal(t, []any{map[string]any{
			"type": "forward", "targetGroupArn": g.Only(t, targets).Computed("arn"),
		}}, r.At("defaultActions"))
		require.Equal(t, "https://example.com", g.Exports()["url"].Value)
	}
}

// A certificate that is only the listener's own is gone with it when another domain takes over.
func TestCertificateIsInTheListToo(t *testing.T) {
	t.Parallel()
	g := registered(t, inDomain)
	r := g.Only(t, listed)
	require.Equal(t, g.Named(t, listener, "site-https").Computed("arn"), r.At("listenerArn"))
	require.Equal(t, g.Only(t, certificate).Computed("arn"), r.At("certificateArn"))
	r.RequireAfter(t, g.Only(t, validation))
}

// Port 80 keeps host, path and query, and turns into a redirect when the names lead to where the redirect goes.
func TestHTTPRedirects(t *testing.T) {
	t.Parallel()
	for _, settings := range [][]change{{inDomain}, {behindCDN}} {
		g := registered(t, settings...)
		r := g.Named(t, listener, "site-http")
		require.Equal(t, 80, r.At("port"))
		require.Equal(t, "HTTP", r.At("protocol"))
		require.Equal(t, []any{map[string]any{
			"type": "redirect", "redirect": map[string]any{"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
		}}, r.At("defaultActions"))
		r.RequireAfter(t, names(t, g)...)
	}
}
