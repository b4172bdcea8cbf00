package edge_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const (
	association = "aws:wafv2/webAclAssociation:WebAclAssociation"
	aclLogs     = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
	ipSet       = "aws:wafv2/ipSet:IpSet"
)

// counting only counts what a firewall would block.
func counting(a *edge.Args) { a.Settings.Firewall.Mode = settings.FirewallCount }

func allowing(addresses ...string) change {
	return func(a *edge.Args) {
		for _, address := range addresses {
			a.Settings.Firewall.Allowed = append(a.Settings.Firewall.Allowed, netip.MustParsePrefix(address))
		}
	}
}

func TestNoFirewall(t *testing.T) {
	t.Parallel()
	none(t, registered(t, withMedia, logged), "aws:wafv2/")
}

// The firewall is in front of the load balancer, whose region it is in.
func TestFirewallOfTheLoadBalancer(t *testing.T) {
	t.Parallel()
	for _, changes := range [][]change{{walled}, {inDomain, walled}} {
		g := registered(t, changes...)
		acl := g.Only(t, webACL)
		require.Equal(t, "REGIONAL", acl.At("scope"))
		require.Equal(t, []string{"aws"}, g.Names(provider))
		require.Equal(t, map[string]any{"allow": map[string]any{}}, acl.At("defaultAction"))
		link := g.Only(t, association)
		require.Equal(t, g.Only(t, balancer).Computed("arn"), link.At("resourceArn"))
		require.Equal(t, acl.Computed("arn"), link.At("webAclArn"))
		require.True(t, link.DeleteBeforeReplace, "what is protected has one: the old link would take the new one along")
	}
}

// With a CDN the firewall is at the CDN, which sees the visitors, and nowhere else.
func TestFirewallOfTheCDN(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN, walled, logged, allowing("203.0.113.7/32"))
	acl := g.Only(t, webACL)
	require.Equal(t, "CLOUDFRONT", acl.At("scope"))
	require.True(t, global(t, g, acl))
	require.True(t, global(t, g, g.Only(t, ipSet)))
	require.Equal(t, "CLOUDFRONT", g.Only(t, ipSet).At("scope"))
	require.True(t, global(t, g, g.Only(t, aclLogs)))
	require.Equal(t, acl.Computed("arn"), g.Only(t, distribution).At("webAclId"))
	require.Empty(t, g.OfType(association))
}

// CloudWatch knows a web ACL by the name of its metric: in one account each stack has its own.
func TestStacksAreCountedApart(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		acl := graph.Run{Stack: stack}.Of(t, program(args(walled))).Only(t, webACL)
		require.Equal(t, "site-"+stack, acl.At("visibilityConfig.metricName"))
		require.Equal(t, "site-"+stack+"-logins", acl.At("rules[0].visibilityConfig.metricName"))
	}
}

// A set has addresses of one version, and who is in it passes before anything else is asked.
func TestAllowList(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		allowed []string
		sets    map[string][]any
	}{
		{nil, map[string][]any{}},
		{[]string{"203.0.113.7/32"}, map[string][]any{"IPV4": {"203.0.113.7/32"}}},
		{[]string{"2001:db8::/48"}, map[string][]any{"IPV6": {"2001:db8::/48"}}},
		{
			[]string{"203.0.113.7/32", "2001:db8::/48", "198.51.100.0/24"},
			map[string][]any{"IPV4": {"203.0.113.7/32", "198.51.100.0/24"}, "IPV6": {"2001:db8::/48"}},
		},
	} {
		g := registered(t, walled, allowing(tc.allowed...), from("DE"))
		sets, allowed := map[string][]any{}, []any{}
		for _, set := range g.OfType(ipSet) {
			require.Equal(t, "REGIONAL", set.At("scope"))
			sets[set.Text(t, "ipAddressVersion")] = set.List("addresses")
			allowed = append(allowed, set.Computed("arn"))
		}
		require.Equal(t, tc.sets, sets)
		rules, names := aclRules(t, g)
		passing := []any{}
		for _, name := range names[:len(sets)] {
			require.Equal(t, map[string]any{"allow": map[string]any{}}, rules[name]["action"])
			passing = append(passing, at(rules[name], "statement", "ipSetReferenceStatement", "arn"))
		}
		require.Equal(t, allowed, passing)
		require.Equal(t, "countries", names[len(sets)])
	}
}

// Logs show who was stopped, and not what opens the site.
func TestFirewallLogs(t *testing.T) {
	t.Parallel()
	require.Empty(t, registered(t, walled).OfType(aclLogs))
	g := registered(t, walled, logged)
	r := g.Only(t, aclLogs)
	require.Equal(t, g.Only(t, webACL).Computed("arn"), r.At("resourceArn"))
	require.Equal(t, []any{g.Only(t, bucket).Computed("arn")}, r.At("logDestinationConfigs"))
	require.ElementsMatch(t, []any{
		map[string]any{"singleHeader": map[string]any{"name": "authorization"}},
		map[string]any{"singleHeader": map[string]any{"name": "cookie"}},
	}, r.At("redactedFields"))
	r.RequireAfter(t, g.Only(t, bucketPolicy))
}
