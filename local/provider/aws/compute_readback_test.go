package aws

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/ecs"
)

// shown are the properties that a preview after a refresh shows as changed.
func (c *cloud) shown(typ string, inputs props) []string {
	c.t.Helper()
	return c.differs(typ, c.refreshed(typ, c.make(typ, inputs)), inputs)
}

// What ECS answers about containers in another form than it was given is a change for ever, where the provider
// does not know the two as one.
func TestContainersReadBack(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	for name, tc := range map[string]struct {
		container string
		changes   bool
	}{
		"what ECS fills in":           {`{"name":"web","image":"nginx:1","memory":256}`, false},
		"ports":                       {`{"name":"web","image":"nginx:1","memory":256,"portMappings":[{"containerPort":80}]}`, false},
		"health check":                {`{"name":"web","image":"nginx:1","memory":256,"healthCheck":{"command":["CMD","true"]}}`, false},
		"both lists of capabilities":  {`{"name":"web","image":"nginx:1","memory":256,"linuxParameters":{"capabilities":{"add":[],"drop":["ALL"]}}}`, false},
		"one list of capabilities":    {`{"name":"web","image":"nginx:1","memory":256,"linuxParameters":{"capabilities":{"drop":["ALL"]}}}`, true},
		"a user of no name":           {`{"name":"web","image":"nginx:1","memory":256,"user":""}`, true},
		"a variable without a value":  {`{"name":"web","image":"nginx:1","memory":256,"environment":[{"name":"A","value":null}]}`, true},
		"a variable of an empty text": {`{"name":"web","image":"nginx:1","memory":256,"environment":[{"name":"A","value":""}]}`, false},
	} {
		shown := c.shown(ecs.TaskDefinition, props{
			"family": "site", "networkMode": "awsvpc", "containerDefinitions": "[" + tc.container + "]",
		})
		require.Equal(t, tc.changes, len(shown) > 0, "%s: %v", name, shown)
	}
}

func TestSizesReadBack(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	task := func(cpu string) []string {
		return c.shown(ecs.TaskDefinition, props{"family": "site", "cpu": cpu, "containerDefinitions": containers("nginx:1")})
	}
	require.Empty(t, task("1024"))
	require.Equal(t, []string{"cpu"}, task("1 vCPU"), "ECS keeps units")
}

// ECS tags the group of a capacity provider and turns its protection on.
func TestManagedGroupsReadBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		group props
		want  []string
	}{
		"says nothing": {props{}, []string{"protectFromScaleIn", "tags"}},
		"says both": {props{
			"protectFromScaleIn": true, "tags": []any{props{"key": "AmazonECSManaged", "value": "", "propagateAtLaunch": true}},
		}, nil},
	} {
		c := newCloud(t, noImages{})
		s := c.site()
		inputs := with(props{
			"minSize": 0, "maxSize": 2, "vpcZoneIdentifiers": s.subnets(), "launchTemplate": props{"id": s.template.id, "version": "1"},
		}, tc.group)
		group := c.make(autoscaling.Group, inputs)
		c.make(ecs.CapacityProvider, props{"autoScalingGroupProvider": props{
			"autoScalingGroupArn": group.text("arn"), "managedTerminationProtection": "ENABLED", "managedScaling": props{"status": "ENABLED"},
		}})
		m := c.refreshed(autoscaling.Group, group)
		resp, err := c.client.Diff(t.Context(), &pulumirpc.DiffRequest{
			Id: m.id, Urn: urn(autoscaling.Group, "site"), Type: autoscaling.Group, Olds: m.state, OldInputs: m.inputs,
			News: c.recheck(autoscaling.Group, m, inputs),
		})
		require.NoError(t, err)
		require.ElementsMatch(t, tc.want, resp.GetDiffs(), name)
	}
}

// A service that leaves its strategy to the cluster reads it back as its own (hashicorp/terraform-provider-aws#22823).
func TestDefaultStrategiesReadBack(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.site()
	c.change(ecs.ClusterProviders, s.providers, props{
		"clusterName": s.cluster.text("name"), "capacityProviders": []any{s.capacity.text("name")},
		"defaultCapacityProviderStrategies": []any{props{"capacityProvider": s.capacity.text("name"), "weight": 1}},
	})
	require.Empty(t, c.shown(ecs.ServiceType, serviceInputs(s)))
	require.Equal(t, []string{"capacityProviderStrategies"},
		c.shown(ecs.ServiceType, with(serviceInputs(s), props{"capacityProviderStrategies": nil})))
}
