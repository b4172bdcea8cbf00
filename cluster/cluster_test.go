package cluster_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/cluster"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const ecsCluster = "aws:ecs/cluster:Cluster"

// args are those of a small stack, with changes. Its tags are those of the provider of the tests.
func args(changes ...func(*cluster.Args)) *cluster.Args {
	a := &cluster.Args{
		SubnetIDs:       pulumi.ToStringArray(graph.SubnetIDs("private")),
		SecurityGroupID: pulumi.String("sg-instances"),
		InstanceType:    "t3.medium", Architecture: settings.X86,
		Min: 1, Max: 3, TargetCapacity: 90, LogRetentionDays: 7,
		Tags: map[string]string{"Project": "wordpress", "Stack": "test", "ManagedBy": "Pulumi"},
	}
	for _, change := range changes {
		change(a)
	}
	return a
}

func protected(a *cluster.Args) { a.Protected = true }

// program makes a cluster whose routes are a stand-in, unless the args are to be without.
func program(a *cluster.Args, routed bool, use func(*pulumi.Context, *cluster.Cluster) error) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		in, err := graph.Cloud(ctx)
		if err != nil {
			return err
		}
		if routed {
			route, err := graph.StandIn(ctx, "route")
			if err != nil {
				return err
			}
			a.Routes = []pulumi.Resource{route}
		}
		c, err := cluster.New(ctx, "site", a, in)
		if err != nil || use == nil {
			return err
		}
		return use(ctx, c)
	}
}

func registered(t *testing.T, changes ...func(*cluster.Args)) *graph.Graph {
	t.Helper()
	g := graph.Run{}.Of(t, program(args(changes...), true, nil))
	g.Check(t)
	return g
}

func TestGraphHolds(t *testing.T) {
	t.Parallel()
	for mode, run := range graph.Modes() {
		for name, changes := range map[string][]func(*cluster.Args){"disposable": nil, "protected": {protected}} {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Parallel()
				run.Of(t, program(args(changes...), true, nil)).Check(t)
			})
		}
	}
}

func TestArgsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*cluster.Args)
		want   string
	}{
		"no subnets":      {func(a *cluster.Args) { a.SubnetIDs = nil }, "SubnetIDs and SecurityGroupID are required"},
		"no group":        {func(a *cluster.Args) { a.SecurityGroupID = nil }, "SubnetIDs and SecurityGroupID are required"},
		"no type":         {func(a *cluster.Args) { a.InstanceType = "" }, "InstanceType and Architecture are required"},
		"no architecture": {func(a *cluster.Args) { a.Architecture = "" }, "InstanceType and Architecture are required"},
		"negative":        {func(a *cluster.Args) { a.Min = -1 }, "Min and Max: -1..3 is not a range"},
		"none":            {func(a *cluster.Args) { a.Min, a.Max = 0, 0 }, "Min and Max: 0..0 is not a range"},
		"crossed":         {func(a *cluster.Args) { a.Min = 4 }, "Min and Max: 4..3 is not a range"},
		"no headroom":     {func(a *cluster.Args) { a.TargetCapacity = 100 }, "TargetCapacity: 100 is outside 1..99; without headroom"},
		"no capacity":     {func(a *cluster.Args) { a.TargetCapacity = 0 }, "TargetCapacity: 0 is outside 1..99"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := graph.Run{}.Try(program(args(tc.change), true, nil))
			require.ErrorContains(t, err, tc.want)
		})
	}
	_, err := graph.Run{}.Try(program(args(), false, nil))
	require.ErrorContains(t, err, "Routes: instances need their way out")
	_, err = graph.Run{}.Try(program(nil, false, nil))
	require.ErrorContains(t, err, `cluster "site": args are required`)
}

func TestCluster(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, ecsCluster)
	require.Equal(t, []any{map[string]any{"name": "containerInsights", "value": "enabled"}}, r.At("settings"))
	log := g.Only(t, "aws:cloudwatch/logGroup:LogGroup")
	require.Equal(t, 7, log.At("retentionInDays"))
	const execute = "configuration.executeCommandConfiguration."
	require.Equal(t, "OVERRIDE", r.At(execute+"logging"))
	require.Equal(t, log.ID, r.At(execute+"logConfiguration.cloudWatchLogGroupName"))
}

// A service waits for the association: ECS refuses a strategy with a provider that is not associated.
func TestReady(t *testing.T) {
	t.Parallel()
	g := graph.Run{}.Of(t, program(args(), true, func(ctx *pulumi.Context, c *cluster.Cluster) error {
		_, err := graph.StandIn(ctx, "waiting", pulumi.DependsOn(c.Ready))
		return err
	}))
	waiting := g.Named(t, "test:index:StandIn", "waiting")
	waiting.RequireAfter(t, g.Only(t, "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"))
}
