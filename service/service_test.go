package service_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/service"
	"wordpress-ecs/tests/graph"
)

func TestService(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, ecsService)
	require.Equal(t, "arn:cluster", r.At("cluster"))
	require.Equal(t, g.Only(t, definition).Computed("arn"), r.At("taskDefinition"))
	require.Nil(t, r.At("launchType"), "with one, ECS ignores the capacity provider")
	require.Equal(t, []any{map[string]any{"capacityProvider": "site-capacity", "weight": 1}}, r.At("capacityProviderStrategies"))
	require.Equal(t, []any{
		map[string]any{"type": "spread", "field": "attribute:ecs.availability-zone"},
		map[string]any{"type": "spread", "field": "instanceId"},
	}, r.At("orderedPlacementStrategies"))
	require.Equal(t, true, r.At("enableExecuteCommand"))
	require.Equal(t, true, r.At("enableEcsManagedTags"))
	require.Equal(t, "SERVICE", r.At("propagateTags"), "tasks are no resources of Pulumi's")
}

func TestTasksAreInPrivateSubnets(t *testing.T) {
	t.Parallel()
	r := registered(t).Only(t, ecsService)
	require.Equal(t, map[string]any{
		"subnets": []any{"subnet-private-1", "subnet-private-2", "subnet-private-3"}, "securityGroups": []any{"sg-tasks"},
	}, r.At("networkConfiguration"))
}

func TestServiceIsBehindTheLoadBalancer(t *testing.T) {
	t.Parallel()
	g := registered(t)
	require.Equal(t, []any{map[string]any{
		"targetGroupArn": "arn:targets", "containerName": "nginx",
		"containerPort": containers(t, g)["nginx"].PortMappings[0].ContainerPort,
	}}, g.Only(t, ecsService).At("loadBalancers"))
	require.Positive(t, g.Only(t, ecsService).At("healthCheckGracePeriodSeconds"))
}

func TestDeployments(t *testing.T) {
	t.Parallel()
	r := registered(t).Only(t, ecsService)
	require.Equal(t, 100, r.At("deploymentMinimumHealthyPercent"), "new tasks start before old ones stop")
	require.Equal(t, 200, r.At("deploymentMaximumPercent"))
	require.Equal(t, map[string]any{"enable": true, "rollback": true}, r.At("deploymentCircuitBreaker"))
	require.Equal(t, true, r.At("waitForSteadyState"), "an update ends when the site runs")
}

func TestServiceComesLast(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, ecsService)
	require.Len(t, g.OfType(rolePolicy), 2)
	r.RequireAfter(t, slices.Concat(g.StandIns(), g.OfType(rolePolicy))...)
	r.RequireAfter(t, g.Named(t, "test:index:StandIn", "store"))
}

// The count belongs to scaling once the service exists: an update must not set it back.
func TestScalingOwnsTheCount(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, ecsService)
	require.Equal(t, 2, r.At("desiredCount"))
	require.Equal(t, []string{"desiredCount"}, r.IgnoreChanges)
	target := g.Only(t, "aws:appautoscaling/target:Target")
	require.Equal(t, "ecs", target.At("serviceNamespace"))
	require.Equal(t, "ecs:service:DesiredCount", target.At("scalableDimension"))
	require.Equal(t, "service/site-cluster/"+r.Computed("name").(string), target.At("resourceId"))
	require.Equal(t, 2, target.At("minCapacity"))
	require.Equal(t, 6, target.At("maxCapacity"))
}

func TestTasksScaleOnCPUAndRequests(t *testing.T) {
	t.Parallel()
	g := registered(t, func(a *service.Args) { a.CPUTarget, a.RequestsTarget = 55, 900 })
	const scaling, configuration = "aws:appautoscaling/policy:Policy", "targetTrackingScalingPolicyConfiguration."
	require.Len(t, g.OfType(scaling), 2)
	const label = "app/balancer/1/targetgroup/web/2"
	for name, want := range map[string]struct {
		metric string
		label  any
		value  int
	}{
		"site-tasks-cpu":      {"ECSServiceAverageCPUUtilization", nil, 55},
		"site-tasks-requests": {"ALBRequestCountPerTarget", label, 900},
	} {
		r := g.Named(t, scaling, name)
		require.Equal(t, "TargetTrackingScaling", r.At("policyType"))
		require.Equal(t, g.Only(t, "aws:appautoscaling/target:Target").At("resourceId"), r.At("resourceId"))
		require.Equal(t, want.metric, r.At(configuration+"predefinedMetricSpecification.predefinedMetricType"))
		require.Equal(t, want.label, r.At(configuration+"predefinedMetricSpecification.resourceLabel"))
		require.Equal(t, want.value, r.At(configuration+"targetValue"))
		require.Less(t, r.At(configuration+"scaleOutCooldown"), r.At(configuration+"scaleInCooldown"), "up quickly, down slowly")
	}
}

func TestTaskDefinitionOutputIsWhatRuns(t *testing.T) {
	t.Parallel()
	g := registered(t)
	require.Equal(t, g.Only(t, definition).Computed("arn"), g.Exports()["taskDefinition"].Value)
	require.Len(t, g.Calls(), 1)
	require.Equal(t, "aws:ecs/getService:getService", g.Calls()[0].Token)
	for _, known := range []bool{false, true} {
		preview := graph.Run{Preview: true, Known: known}.Of(t, program(args()))
		require.Empty(t, preview.Calls(), "what runs before an update is no news about it")
	}
}
