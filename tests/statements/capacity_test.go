package statements_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// P-01: a destroy ends by itself although instances are protected from scale-in and drain.
func TestP01DestroyNeedsNoHelp(t *testing.T) {
	t.Parallel()
	c := try(t, "drain", "no force")
	c.Up(stack)
	requireRefused(t, destroy(c), "drain: timeout while waiting for state to become '0' (last state: '1'")
	// Lifting the protection lets the group go with its instances; the prod stack does the same in TestLifecycle.
	change(c, "drain", "")
	c.Up(stack)
	c.Destroy(stack)
	require.Empty(t, c.Resources())
}

// P-01: a capacity provider belongs to the cluster before a service uses it, and for longer than it does.
func TestP01ServiceComesAfterTheAssociation(t *testing.T) {
	t.Parallel()
	c := try(t, "association", "too late")
	refused(t, c, "InvalidParameterException", "capacity provider that is not associated with the cluster")
	change(c, "association", "")
	c.Up(stack)
	c.Destroy(stack)
	require.Empty(t, c.Resources())
}

// P-05: several tasks of the service run on one instance.
func TestP05SeveralTasksOnAnInstance(t *testing.T) {
	t.Parallel()
	c := try(t, "targets", "instances")
	refused(t, c, "InvalidParameterException", "has target type instance", "incompatible with the awsvpc network mode")
	change(c, "targets", "")
	c.Up(stack)

	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(taskDefinition), "task definition")
		for _, d := range s.ofType(taskDefinition) {
			for _, c := range d.containers() {
				for _, p := range c.Objects("portMappings") {
					if d.Inputs.String("networkMode") != "awsvpc" && p.Number("hostPort") != 0 {
						problems = append(problems, fmt.Sprintf("%s takes port %v of its instance", d.name(), p.Number("hostPort")))
					}
				}
			}
		}
		return problems
	}, "targets", "one port")
}

// P-07: every instance has its way out when it boots.
func TestP07InstancesBootWithAWayOut(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(group), "group")
		for _, g := range s.ofType(group) {
			for _, subnet := range g.Inputs.Strings("vpcZoneIdentifiers") {
				if !slices.ContainsFunc(s.waysOut(subnet), func(way []resource) bool {
					return s.waits(g, way[0]) && s.waits(g, way[1])
				}) {
					problems = append(problems, fmt.Sprintf("%s does not wait for a way out of %s", g.name(), subnet))
				}
			}
		}
		return problems
	}, "boot", "no wait")
}

// waysOut are the ways from a subnet to the internet: the association of its route table, and the default route there.
func (s state) waysOut(subnet string) [][]resource {
	var ways [][]resource
	for _, a := range s.ofType(association) {
		for _, r := range s.ofType(route) {
			if a.Inputs.String("subnetId") == subnet && r.Inputs.String("routeTableId") == a.Inputs.String("routeTableId") &&
				r.Inputs.String("destinationCidrBlock") == "0.0.0.0/0" {
				ways = append(ways, []resource{a, r})
			}
		}
	}
	return ways
}

// P-26: a load spike is served before new instances boot: some are free, and tasks are not at their limit.
func TestP26ThereIsRoomForASpike(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := append(none(s.ofType(provider), "capacity provider"), none(s.ofType(scalingPolicy), "scaling policy")...)
		for _, p := range s.ofType(provider) {
			if target := p.Inputs.Number("autoScalingGroupProvider.managedScaling.targetCapacity"); target == 0 || target >= 100 {
				problems = append(problems, fmt.Sprintf("%s fills its instances to %v %%", p.name(), target))
			}
		}
		const tracking = "targetTrackingScalingPolicyConfiguration"
		for _, p := range s.ofType(scalingPolicy) {
			cpu := p.Inputs.String(tracking+".predefinedMetricSpecification.predefinedMetricType") == "ECSServiceAverageCPUUtilization"
			if target := p.Inputs.Number(tracking + ".targetValue"); cpu && target > 80 {
				problems = append(problems, fmt.Sprintf("%s lets tasks take %v %% of their CPU", p.name(), target))
			}
		}
		return problems
	}, "spare", "full instances", "busy tasks")
}

// interfaces are the network interfaces of instance types. The instance keeps one, each awsvpc task takes one
// (pkg/aws/vpc/limits.go in amazon-vpc-resource-controller-k8s).
var interfaces = map[string]int{"t3.medium": 3, "m7i.large": 3}

// W-07: the instances have network interfaces for all tasks that scaling may start.
func TestW07InterfacesForAllTasks(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := append(none(s.ofType(group), "group"), none(s.ofType(scalingTarget), "scaling target")...)
		room := 0
		for _, g := range s.ofType(group) {
			template, ok := s.withID(launchTemplate, g.Inputs.String("launchTemplate.id"))
			known := interfaces[template.Inputs.String("instanceType")]
			if !ok || known == 0 {
				problems = append(problems, g.name()+": the interfaces of its instances are not known")
			}
			room += g.Inputs.Int("maxSize") * (known - 1)
		}
		for _, target := range s.ofType(scalingTarget) {
			if most := target.Inputs.Int("maxCapacity"); target.Inputs.String("serviceNamespace") == "ecs" && most > room {
				problems = append(problems, fmt.Sprintf("%s: %d tasks, and interfaces for %d", target.name(), most, room))
			}
		}
		return problems
	}, "interfaces", "too few instances")
}

// W-18: a capacity provider can be replaced.
func TestW18CapacityProviderIsReplaced(t *testing.T) {
	t.Parallel()
	replace := []string{
		"up", "--stack", stack, "--yes", "--skip-preview", "--non-interactive",
		"--replace", "urn:pulumi:dev::mistakes::" + provider + "::fleet",
	}
	for mistake, words := range map[string]string{
		"next one first":    "The specified Auto Scaling group ARN is already being used by another capacity provider",
		"association stays": "The capacity provider cannot be deleted because it is associated with cluster",
	} {
		c := try(t, "replacement", mistake)
		c.Up(stack)
		requireRefused(t, c.Run(replace...), words)
	}
	c := try(t, "replacement", "")
	c.Up(stack)
	c.OK(replace...)
	c.Destroy(stack)
	require.Empty(t, c.Resources())
}
