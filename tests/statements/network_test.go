package statements_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// P-06: a second preview right after an update shows no change: a route to a NAT gateway is named as one.
func TestP06RoutesShowNoChange(t *testing.T) {
	t.Parallel()
	c := try(t, "routes", "gateway")
	for range 2 { // an update does not help
		c.Up(stack)
		requireRefused(t, preview(c), "aws:ec2/route:Route", "private", "gatewayId")
	}
	change(c, "routes", "")
	c.Up(stack)
	c.Unchanged(stack)
}

// P-06: nor do a route table and the routes beside it undo each other.
func TestP06TablesAndRoutesAgree(t *testing.T) {
	t.Parallel()
	refresh := []string{"refresh", "--stack", stack, "--yes", "--skip-preview", "--non-interactive"}
	c := try(t, "inline routes", "both")
	c.Up(stack)
	c.OK(refresh...)
	requireRefused(t, preview(c), "aws:ec2/routeTable:RouteTable", "mixed")
	c = try(t, "inline routes", "")
	c.Up(stack)
	c.OK(refresh...)
	c.Unchanged(stack)
}

// P-09: there is no port 22 and no key.
func TestP09NoSSH(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		problems := none(s.ofType(launchTemplate), "launch template")
		for _, template := range s.ofType(launchTemplate) {
			if template.Inputs.Has("keyName") {
				problems = append(problems, template.name()+" has a key")
			}
		}
		const rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
		for _, r := range s.ofType(rule) {
			all := r.Inputs.String("ipProtocol") == "-1"
			if all || r.Inputs.Int("fromPort") <= 22 && r.Inputs.Int("toPort") >= 22 {
				problems = append(problems, r.name()+" opens port 22")
			}
		}
		for _, g := range s.ofType("aws:ec2/securityGroup:SecurityGroup") {
			if g.Inputs.Has("ingress") {
				problems = append(problems, g.name()+" has rules of its own, which are not looked at here")
			}
		}
		return problems
	}, "shell", "port", "all ports", "key")
}

// P-15: the database is in subnets of its own, which nothing leads out of.
func TestP15DatabaseHasItsOwnSubnets(t *testing.T) {
	t.Parallel()
	requireStatement(t, func(s state) []string {
		groups := s.ofType("aws:rds/subnetGroup:SubnetGroup")
		problems := append(none(groups, "subnet group"), none(s.ofType(ecsService), "service")...)
		users := map[string][]string{
			group: {"vpcZoneIdentifiers"}, ecsService: {"networkConfiguration.subnets"}, loadBalancer: {"subnets"},
		}
		for _, g := range groups {
			for _, subnet := range g.Inputs.Strings("subnetIds") {
				for token, paths := range users {
					for _, r := range s.ofType(token) {
						if slices.Contains(r.Inputs.Strings(paths[0]), subnet) {
							problems = append(problems, fmt.Sprintf("%s shares a subnet with %s", g.name(), r.name()))
						}
					}
				}
				if len(s.waysOut(subnet)) > 0 {
					problems = append(problems, g.name()+" has a way out")
				}
			}
		}
		return problems
	}, "tier", "with tasks", "way out")
}

// P-20: a stack takes the settings of its own file, and one without a file is refused.
func TestP20EveryStackHasItsFile(t *testing.T) {
	t.Parallel()
	c := try(t, "shell", "")
	requireRefused(t, c.Run("up", "--stack", "staging", "--yes", "--skip-preview", "--non-interactive"), "staging", "dev")
	require.Empty(t, c.Resources())
}

// P-21: one command brings everything up, in whatever order is right. Nothing is taken by its name from a stack that
// has to be run before.
func TestP21OneCommand(t *testing.T) {
	t.Parallel()
	c := try(t, "other stack", "by name")
	refused(t, c, "ClusterNotFoundException: Cluster not found.")
	change(c, "other stack", "")
	c.Up(stack)
	// A reference to something of another stack is one to an AWS account that is not empty.
	for _, r := range ours(t).resources {
		require.NotEqual(t, "pulumi:pulumi:StackReference", r.Type, r.URN)
	}
}

// P-22: a mistake in the program is told by a preview, which makes nothing and needs no account.
func TestP22PreviewTellsMistakes(t *testing.T) {
	t.Parallel()
	c := try(t, "addresses", "no block")
	requireRefused(t, preview(c), "aws:ec2/subnet:Subnet", "another", "10.0.9.0/33")
	require.Empty(t, c.Resources())
}
