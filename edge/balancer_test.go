package edge_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/image"
	"wordpress-ecs/tests/graph"
)

func TestLoadBalancer(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, balancer)
	require.Equal(t, "application", r.At("loadBalancerType"))
	require.NotEqual(t, true, r.At("internal"))
	require.Len(t, r.List("subnets"), 3)
	require.Equal(t, graph.SubnetIDs("public")[0], r.At("subnets[0]"))
	require.Equal(t, []any{"sg-alb"}, r.At("securityGroups"))
	require.Equal(t, true, r.At("dropInvalidHeaderFields"))
	require.Equal(t, false, r.At("enableDeletionProtection"))
	require.False(t, r.Protect)
	require.Nil(t, r.At("accessLogs"))
	r.RequireAfter(t, g.Named(t, "test:index:StandIn", "route"))
	r = registered(t, protected).Only(t, balancer)
	require.Equal(t, true, r.At("enableDeletionProtection"))
	require.True(t, r.Protect)
}

// A stack from before there was an edge keeps its load balancer, and with it the name that its visitors know.
func TestWhatWasPartOfTheService(t *testing.T) {
	t.Parallel()
	for _, settings := range [][]change{nil, {withMedia, walled, logged, administered}} {
		g := registered(t, settings...)
		was := map[*graph.Resource]string{
			g.Only(t, balancer): "site-alb", g.Named(t, targets, "site-web"): "site-web", g.Named(t, listener, "site-http"): "site-http",
		}
		for _, r := range g.All() {
			ofService := slices.DeleteFunc(slices.Clone(r.Aliases), func(urn string) bool { return !strings.Contains(urn, ":Service$") })
			if name, moved := was[r]; moved {
				require.Equal(t, []string{"urn:pulumi:test::wordpress::wordpress:index:Service$" + r.Type + "::" + name}, ofService)
			} else {
				require.Empty(t, ofService, r.URN)
			}
		}
	}
}

func TestTargetGroup(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, targets)
	require.Equal(t, "ip", r.At("targetType"), "tasks have addresses of their own")
	require.Equal(t, "HTTP", r.At("protocol"))
	require.Equal(t, "vpc-1", r.At("vpcId"))
	require.Equal(t, image.Port, r.At("port"))
	require.Equal(t, "/healthz", r.At("healthCheck.path"))
	require.Equal(t, "200", r.At("healthCheck.matcher"))
	require.Less(t, r.At("healthCheck.timeout"), r.At("healthCheck.interval"))
}
