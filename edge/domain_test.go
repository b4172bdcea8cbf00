package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/tests/graph"
)

func of(domain string) change { return func(a *edge.Args) { a.Settings.Domain = domain } }

func byID(a *edge.Args)           { a.Settings.HostedZone = "Z0123456789ABC" }
func inGlobalRegion(a *edge.Args) { a.Region = edge.GlobalRegion }

// A certificate is for the domain and the name that people type instead.
func TestCertificate(t *testing.T) {
	t.Parallel()
	for domain, bare := range map[string]string{
		"example.com": "example.com", "www.example.com": "example.com", "shop.example.com": "shop.example.com",
	} {
		r := registered(t, inDomain, of(domain)).Only(t, certificate)
		require.Equal(t, bare, r.At("domainName"))
		require.Equal(t, []any{"www." + bare}, r.At("subjectAlternativeNames"))
		require.Equal(t, "DNS", r.At("validationMethod"))
	}
}

// ACM looks for a record of each name, and looks again when it renews.
func TestProofs(t *testing.T) {
	t.Parallel()
	for _, settings := range [][]change{{inDomain}, {behindCDN}} {
		g := registered(t, settings...)
		cert, validated := g.Named(t, certificate, "site"), g.Named(t, validation, "site")
		hosts := append([]any{cert.At("domainName")}, cert.List("subjectAlternativeNames")...)
		parts := []string{"bare", "www", "origin"}
		var fqdns []any
		for i, host := range hosts {
			r := g.Named(t, record, "site-validation-"+parts[i])
			require.Equal(t, "_proof."+host.(string)+".", r.At("name"))
			require.Equal(t, "CNAME", r.At("type"))
			require.Equal(t, []any{"_value." + host.(string) + ".acm-validations.aws."}, r.At("records"))
			require.Equal(t, graph.Zone, r.At("zoneId"))
			require.Equal(t, true, r.At("allowOverwrite"), "a second certificate wants the same record")
			validated.RequireAfter(t, r)
			fqdns = append(fqdns, r.Computed("fqdn"))
		}
		require.Equal(t, cert.Computed("arn"), validated.At("certificateArn"))
		require.Equal(t, fqdns, validated.At("validationRecordFqdns"))
	}
}

// A zone is looked up by its name, the public one of that name; an id is taken as it is.
func TestHostedZone(t *testing.T) {
	t.Parallel()
	g := registered(t, inDomain)
	require.Len(t, g.Calls(), 1)
	call := g.Calls()[0]
	require.Equal(t, "aws:route53/getZone:getZone", call.Token)
	require.Equal(t, "example.com", call.Args["name"].StringValue())
	require.False(t, call.Args["privateZone"].BoolValue())
	for _, r := range g.OfType(record) {
		require.Equal(t, graph.Zone, r.At("zoneId"), r.Name)
	}
	g = registered(t, inDomain, byID)
	require.Empty(t, g.Calls())
	require.NotEmpty(t, g.OfType(record))
	for _, r := range g.OfType(record) {
		require.Equal(t, "Z0123456789ABC", r.At("zoneId"), r.Name)
	}
}

// CloudFront takes certificates of its own region only, and asks the load balancer by a name that its certificate has.
func TestCertificatesWithACDN(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	regional, worldwide := g.Named(t, certificate, "site"), g.Named(t, certificate, "site-cdn")
	require.False(t, global(t, g, regional))
	require.True(t, global(t, g, worldwide))
	for _, r := range []*graph.Resource{regional, worldwide} {
		require.Equal(t, "example.com", r.At("domainName"))
		require.Equal(t, []any{"www.example.com", "origin.example.com"}, r.At("subjectAlternativeNames"))
	}
	validated := g.Named(t, validation, "site-cdn")
	require.True(t, global(t, g, validated))
	require.Equal(t, worldwide.Computed("arn"), validated.At("certificateArn"))
	require.Equal(t, g.Named(t, validation, "site").At("validationRecordFqdns"), validated.At("validationRecordFqdns"))
	cdn := g.Only(t, distribution)
	require.Equal(t, worldwide.Computed("arn"), cdn.At("viewerCertificate.acmCertificateArn"))
	cdn.RequireAfter(t, validated)
	require.Equal(t, regional.Computed("arn"), g.Named(t, listener, "site-https").At("certificateArn"))
}

// In CloudFront's own region one certificate is for both.
func TestOneCertificateInTheGlobalRegion(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN, inGlobalRegion)
	cert := g.Only(t, certificate)
	require.Contains(t, cert.List("subjectAlternativeNames"), "origin.example.com")
	require.Equal(t, cert.Computed("arn"), g.Only(t, distribution).At("viewerCertificate.acmCertificateArn"))
	require.Equal(t, cert.Computed("arn"), g.Named(t, listener, "site-https").At("certificateArn"))
	g.Only(t, distribution).RequireAfter(t, g.Only(t, validation))
}
