package edge_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/graph"
)

// leads are the names of a site and where they lead, as "name type > target in its zone".
func leads(t *testing.T, g *graph.Graph) []string {
	t.Helper()
	var list []string
	for _, r := range g.OfType(record) {
		if r.At("aliases") == nil {
			continue
		}
		require.Len(t, r.List("aliases"), 1)
		require.Equal(t, false, r.At("aliases[0].evaluateTargetHealth"), "there is nowhere else to send visitors to")
		list = append(list, r.Text(t, "name")+" "+r.Text(t, "type")+" > "+r.Text(t, "aliases[0].name")+" in "+r.Text(t, "aliases[0].zoneId"))
	}
	return list
}

func names(t *testing.T, g *graph.Graph) []*graph.Resource {
	t.Helper()
	var list []*graph.Resource
	for _, part := range []string{"bare-a", "bare-aaaa", "www-a", "www-aaaa"} {
		list = append(list, g.Named(t, record, "site-"+part))
	}
	return list
}

func TestNamesOfTheLoadBalancer(t *testing.T) {
	t.Parallel()
	for domain, other := range map[string]string{"example.com": "www.example.com", "www.example.com": "example.com"} {
		g := registered(t, inDomain, of(domain))
		to := " > " + g.Only(t, balancer).Computed("dnsName").(string) + " in " + g.Only(t, balancer).Computed("zoneId").(string)
		require.ElementsMatch(t, []string{domain + " A" + to, domain + " AAAA" + to, other + " A" + to, other + " AAAA" + to}, leads(t, g))
		// Whoever finds the name is answered, with the right certificate.
		for _, r := range names(t, g) {
			r.RequireAfter(t, slices.Concat(g.OfType(listed), []*graph.Resource{
				g.Named(t, listener, "site-https"), g.Named(t, rule, "site-direct"),
			})...)
		}
	}
}

// With a CDN the names lead to it, and one of its own to the load balancer.
func TestNamesOfTheCDN(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	cdn := g.Only(t, distribution)
	to := " > " + cdn.Computed("domainName").(string) + " in " + cdn.Computed("hostedZoneId").(string)
	back := " > " + g.Only(t, balancer).Computed("dnsName").(string) + " in " + g.Only(t, balancer).Computed("zoneId").(string)
	require.ElementsMatch(t, []string{
		"example.com A" + to, "example.com AAAA" + to, "www.example.com A" + to, "www.example.com AAAA" + to, "origin.example.com A" + back,
	}, leads(t, g))
	origin := g.Named(t, record, "site-origin-a")
	origin.RequireAfter(t, g.Named(t, listener, "site-https"), g.Only(t, listed))
	for _, r := range names(t, g) {
		r.RequireAfter(t, cdn, origin)
	}
}

// The load balancer is closed after the names lead to the CDN, and open again before they lead back.
func TestTheOrderTurnsRound(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	direct := g.Named(t, rule, "site-direct")
	require.Equal(t, "fixed-response", direct.At("actions[0].type"))
	direct.RequireAfter(t, names(t, g)...)
	g = registered(t, inDomain)
	direct = g.Named(t, rule, "site-direct")
	require.Equal(t, "forward", direct.At("actions[0].type"))
	for _, r := range names(t, g) {
		r.RequireAfter(t, direct)
	}
}

// A domain that changes over to its other name has the same records, certificate and distribution: AWS would not make a
// record where there is one, and would delete the new one with the old. Nor does anybody wait for a distribution.
func TestTheOtherNameMovesNothing(t *testing.T) {
	t.Parallel()
	one, other := registered(t, withMedia), registered(t, withMedia, of("www.example.com"))
	for _, typ := range []string{record, certificate, distribution} {
		require.Equal(t, one.Names(typ), other.Names(typ))
		for i, r := range one.OfType(typ) {
			require.Equal(t, r.Inputs, other.OfType(typ)[i].Inputs, r.Name)
		}
	}
}
