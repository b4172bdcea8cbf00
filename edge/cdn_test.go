package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/settings"
)

func TestNoCDN(t *testing.T) {
	t.Parallel()
	for _, changes := range [][]change{nil, {inDomain}} {
		g := registered(t, changes...)
		none(t, g, "aws:cloudfront/")
		require.Empty(t, g.Exports()["distribution"].Value)
	}
}

func TestDistribution(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	r := g.Only(t, distribution)
	require.Equal(t, true, r.At("enabled"))
	require.ElementsMatch(t, []any{"example.com", "www.example.com"}, r.At("aliases"))
	require.Equal(t, "http2and3", r.At("httpVersion"))
	require.Equal(t, true, r.At("isIpv6Enabled"))
	require.Equal(t, "sni-only", r.At("viewerCertificate.sslSupportMethod"))
	require.Equal(t, "TLSv1.2_2021", r.At("viewerCertificate.minimumProtocolVersion"))
	require.Equal(t, "none", r.At("restrictions.geoRestriction.restrictionType"))
	require.Nil(t, r.At("webAclId"))
	require.Nil(t, r.At("defaultRootObject"), "the site answers / itself")
	require.Equal(t, r.ID, g.Exports()["distribution"].Value)
}

// Names of one distribution cannot be another's before its own are gone. The old one answers its visitors until then.
func TestAnotherDomainIsAnotherDistribution(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"aliases"}, registered(t, behindCDN).Only(t, distribution).ReplaceOnChanges)
}

// The CDN asks the load balancer over TLS, by a name that the certificate there has, and waits as long as it may.
func TestOrigin(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	r := g.Only(t, distribution)
	require.Len(t, r.List("origins"), 1)
	require.Equal(t, "site", r.At("origins[0].originId"))
	host := r.At("origins[0].domainName")
	require.Equal(t, "origin.example.com", host)
	require.Contains(t, g.Named(t, certificate, "site").List("subjectAlternativeNames"), host)
	require.Equal(t, g.Named(t, record, "site-origin-a").At("name"), host)
	require.Equal(t, map[string]any{
		"originProtocolPolicy": "https-only", "httpPort": 80, "httpsPort": 443, "originSslProtocols": []any{"TLSv1.2"},
		"originReadTimeout": 60, "originKeepaliveTimeout": 60,
	}, r.At("origins[0].customOriginConfig"))
	require.Greater(t, g.Only(t, balancer).At("idleTimeout"), 60, "requests would meet a connection that closes")
	require.Nil(t, r.At("originGroups"))
}

func TestOriginShield(t *testing.T) {
	t.Parallel()
	require.Nil(t, registered(t, behindCDN).Only(t, distribution).At("origins[0].originShield"))
	shielded := func(a *edge.Args) { a.Settings.CDN.OriginShield = true }
	r := registered(t, behindCDN, shielded).Only(t, distribution)
	require.Equal(t, map[string]any{"enabled": true, "originShieldRegion": "eu-central-1"}, r.At("origins[0].originShield"))
	r = registered(t, withMedia, shielded).Only(t, distribution)
	require.Nil(t, r.At("origins[1].originShield"), "S3 needs none")
}

func TestPriceClasses(t *testing.T) {
	t.Parallel()
	for class, want := range map[settings.PriceClass]string{
		settings.PriceClass100: "PriceClass_100", settings.PriceClass200: "PriceClass_200", settings.PriceClassAll: "PriceClass_All",
	} {
		g := registered(t, behindCDN, func(a *edge.Args) { a.Settings.CDN.PriceClass = class })
		require.Equal(t, want, g.Only(t, distribution).At("priceClass"))
	}
}

// An error is gone soon after its cause; ten seconds is what CloudFront keeps it otherwise. The answer stays the site's.
func TestErrorsAreKeptForAMoment(t *testing.T) {
	t.Parallel()
	kept := map[any]any{}
	for _, entry := range registered(t, behindCDN).Only(t, distribution).List("customErrorResponses") {
		response := entry.(map[string]any)
		kept[response["errorCode"]] = response["errorCachingMinTtl"]
		require.Nil(t, response["responsePagePath"])
		require.Nil(t, response["responseCode"])
	}
	require.Equal(t, map[any]any{403: 1, 404: 5, 500: 1, 502: 1, 503: 1, 504: 1}, kept)
}
