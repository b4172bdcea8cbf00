package service_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
	r.RequireAfter(t, g.Named(t, "test:index:StandIn", "route"))
	r = registered(t, protected).Only(t, balancer)
	require.Equal(t, true, r.At("enableDeletionProtection"))
	require.True(t, r.Protect)
}

func TestURL(t *testing.T) {
	t.Parallel()
	g := registered(t)
	require.Equal(t, "http://"+g.Only(t, balancer).Computed("dnsName").(string), g.Exports()["url"].Value)
}

func TestTargetGroup(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, targets)
	require.Equal(t, "ip", r.At("targetType"), "tasks have addresses of their own")
	require.Equal(t, "HTTP", r.At("protocol"))
	require.Equal(t, "vpc-1", r.At("vpcId"))
	require.Equal(t, containers(t, g)["nginx"].PortMappings[0].ContainerPort, r.At("port"))
	require.Equal(t, "/healthz", r.At("healthCheck.path"))
	require.Equal(t, "200", r.At("healthCheck.matcher"))
	require.Less(t, r.At("healthCheck.timeout"), r.At("healthCheck.interval"))
}

// A task gets its stop signal when the load balancer begins to drain it: it must outlive the draining, and a
// deployment must not take the default of five minutes for every task.
func TestTasksOutliveTheirDraining(t *testing.T) {
	t.Parallel()
	g := registered(t)
	delay := g.Only(t, targets).At("deregistrationDelay").(int)
	require.LessOrEqual(t, delay, 60)
	for name, c := range containers(t, g) {
		require.Greater(t, c.StopTimeout, delay, name)
		require.LessOrEqual(t, c.StopTimeout, 120, "what the instances' agent grants")
	}
}

func TestListener(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, listener)
	require.Equal(t, g.Only(t, balancer).Computed("arn"), r.At("loadBalancerArn"))
	require.Equal(t, 80, r.At("port"))
	require.Equal(t, "HTTP", r.At("protocol"))
	require.Equal(t, []any{map[string]any{
		"type": "forward", "targetGroupArn": g.Only(t, targets).Computed("arn"),
	}}, r.At("defaultActions"))
}
