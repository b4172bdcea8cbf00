package network_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/network"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const (
	ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egress  = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	groups  = "aws:ec2/securityGroup:SecurityGroup"
	vpc     = "awsx:ec2:Vpc"
)

// args are good ones, with a change.
func args(change func(*network.Args)) *network.Args {
	a := &network.Args{Region: "eu-central-1", CIDR: "10.0.0.0/16", NAT: settings.NATSingle}
	if change != nil {
		change(a)
	}
	return a
}

func program(a *network.Args, ready *[]pulumi.Resource) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		in, err := graph.Cloud(ctx)
		if err != nil {
			return err
		}
		n, err := network.New(ctx, "site", a, in)
		if err != nil {
			return err
		}
		if ready != nil {
			*ready = n.Ready
		}
		return nil
	}
}

func registered(t *testing.T, change func(*network.Args)) *graph.Graph {
	t.Helper()
	g := graph.Run{}.Of(t, program(args(change), nil))
	g.Check(t)
	return g
}

func TestGraphHolds(t *testing.T) {
	t.Parallel()
	for mode, run := range graph.Modes() {
		for _, cdn := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/CDN %t", mode, cdn), func(t *testing.T) {
				t.Parallel()
				run.Of(t, program(args(func(a *network.Args) { a.CDN = cdn }), nil)).Check(t)
			})
		}
	}
}

func TestArgsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args *network.Args
		want string
	}{
		"nil":       {nil, `network "site": args are required`},
		"no region": {args(func(a *network.Args) { a.Region = "" }), "Region is required"},
		"no CIDR":   {args(func(a *network.Args) { a.CIDR = "" }), "CIDR: "},
		"wide CIDR": {args(func(a *network.Args) { a.CIDR = "10.0.0.0/15" }), "CIDR: 10.0.0.0/15 is outside /16 to /22"},
		"slim CIDR": {args(func(a *network.Args) { a.CIDR = "10.0.0.0/23" }), "CIDR: 10.0.0.0/23 is outside /16 to /22"},
		"mail port": {args(func(a *network.Args) { a.MailPort = 65536 }), "MailPort: 65536 is no port"},
		"NAT":       {args(func(a *network.Args) { a.NAT = "two" }), `NAT: "two" is not one of none, single, perAz`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, err := graph.Run{}.Try(program(tc.args, nil))
			require.ErrorContains(t, err, tc.want)
			require.Empty(t, g.OfType(vpc), "refused before anything is registered")
		})
	}
}

func TestVPC(t *testing.T) {
	t.Parallel()
	r := registered(t, nil).Only(t, vpc)
	require.Equal(t, "10.0.0.0/16", r.At("cidrBlock"))
	require.Equal(t, 3, r.At("numberOfAvailabilityZones"))
	require.Equal(t, "Auto", r.At("subnetStrategy"))
	require.Equal(t, true, r.At("enableDnsHostnames"))
	require.Equal(t, true, r.At("enableDnsSupport"))
}

// Three kinds of subnets in each zone. The private one is the widest, because every task takes an address;
// together they fit the VPC, and the smallest holds the eight free addresses that a load balancer needs.
func TestSubnets(t *testing.T) {
	t.Parallel()
	for bits := 16; bits <= 22; bits++ {
		r := registered(t, func(a *network.Args) { a.CIDR = fmt.Sprintf("10.0.0.0/%d", bits) }).Only(t, vpc)
		masks, addresses := map[string]int{}, 0
		for _, spec := range r.List("subnetSpecs") {
			fields := spec.(map[string]any)
			mask := fields["cidrMask"].(int)
			masks[fields["type"].(string)] = mask
			addresses += network.Zones << (32 - mask)
		}
		require.Len(t, masks, 3)
		require.Less(t, masks["Private"], masks["Public"])
		require.Less(t, masks["Private"], masks["Isolated"])
		require.LessOrEqual(t, max(masks["Public"], masks["Isolated"]), 27)
		require.LessOrEqual(t, addresses, 1<<(32-bits))
	}
}

// A private subnet leaves through the gateway of its zone, or through the only one.
func TestNATGateways(t *testing.T) {
	t.Parallel()
	for choice, want := range map[settings.NATGateways][]int{
		settings.NATNone: nil, settings.NATSingle: {0, 0, 0}, settings.NATPerAZ: {0, 1, 2},
	} {
		g := registered(t, func(a *network.Args) { a.NAT = choice })
		gateways, routes := g.OfType("aws:ec2/natGateway:NatGateway"), g.OfType("aws:ec2/route:Route")
		require.Len(t, routes, len(want), choice)
		require.Len(t, gateways, len(slices.Compact(slices.Clone(want))), choice)
		for i, zone := range want {
			require.Equal(t, graph.RouteTableID(graph.SubnetIDs("private")[i]), routes[i].At("routeTableId"))
			require.Equal(t, "0.0.0.0/0", routes[i].At("destinationCidrBlock"))
			require.Equal(t, gateways[zone].ID, routes[i].At("natGatewayId"))
		}
		for i, gateway := range gateways {
			require.Equal(t, graph.SubnetIDs("public")[i], gateway.At("subnetId"))
			gateway.RequireAfter(t, g.Only(t, vpc)) // and its internet gateway
		}
		require.Equal(t, "None", g.Only(t, vpc).At("natGateways.strategy"), "or all subnets wait for the gateways")
	}
}

func TestS3Endpoint(t *testing.T) {
	t.Parallel()
	g := registered(t, func(a *network.Args) { a.Region = "us-west-2" })
	r := g.Only(t, "aws:ec2/vpcEndpoint:VpcEndpoint")
	require.Equal(t, "Gateway", r.At("vpcEndpointType"))
	require.Equal(t, "com.amazonaws.us-west-2.s3", r.At("serviceName"))
	require.Equal(t, g.Only(t, vpc).Computed("vpcId"), r.At("vpcId"))
	tables := []any{}
	for _, id := range graph.RouteTableIDs() {
		tables = append(tables, id)
	}
	require.Equal(t, tables, r.At("routeTableIds"))
}

// rule is who may reach whom on which port, over TCP.
type rule struct {
	group, peer string
	port        int
}

// rules are those of a kind, with the tiers' names in the place of ids.
func rules(t *testing.T, g *graph.Graph, kind string) []rule {
	t.Helper()
	tiers := map[string]string{}
	for _, r := range g.OfType(groups) {
		tiers[r.ID] = r.Name
	}
	var found []rule
	for _, r := range g.OfType(kind) {
		require.Equal(t, "tcp", r.At("ipProtocol"), r.Name)
		require.Equal(t, r.At("fromPort"), r.At("toPort"), "%s opens a range", r.Name)
		require.Nil(t, r.At("cidrIpv6"), r.Name)
		peer := ""
		if list, ok := r.At("prefixListId").(string); ok {
			peer = list
		}
		if id, ok := r.At("referencedSecurityGroupId").(string); ok {
			peer = tiers[id]
		}
		if cidr, ok := r.At("cidrIpv4").(string); ok {
			peer += cidr
		}
		found = append(found, rule{tiers[r.Text(t, "securityGroupId")], peer, r.At("fromPort").(int)})
	}
	return found
}

// The whole of what is open: nothing but this, so no port 22 either.
func TestRules(t *testing.T) {
	t.Parallel()
	g := registered(t, nil)
	require.ElementsMatch(t, []rule{
		{"site-alb", "0.0.0.0/0", 80},
		{"site-alb", "0.0.0.0/0", 443},
		{"site-tasks", "site-alb", 8080},
		{"site-database", "site-tasks", 3306},
		{"site-cache", "site-tasks", 6379},
		{"site-files", "site-tasks", 2049},
	}, rules(t, g, ingress))
	require.ElementsMatch(t, []rule{
		{"site-alb", "site-tasks", 8080},
		{"site-tasks", "site-database", 3306},
		{"site-tasks", "site-cache", 6379},
		{"site-tasks", "site-files", 2049},
		{"site-tasks", "0.0.0.0/0", 443},
		{"site-instances", "0.0.0.0/0", 443},
	}, rules(t, g, egress))
}

// Behind a CDN the load balancer is reached by nobody else, and on one port: the list weighs 55 of the 60 rules that a
// group can have.
func TestBehindACDN(t *testing.T) {
	t.Parallel()
	plain := registered(t, nil)
	require.Empty(t, plain.Calls())
	g := registered(t, func(a *network.Args) { a.CDN = true })
	var open []rule
	for _, r := range rules(t, g, ingress) {
		if r.group == "site-alb" {
			open = append(open, r)
		}
	}
	require.Equal(t, []rule{{"site-alb", graph.PrefixList, 443}}, open)
	require.Len(t, rules(t, g, ingress), len(rules(t, plain, ingress))-1)
	require.ElementsMatch(t, rules(t, plain, egress), rules(t, g, egress))
	calls := g.Calls()
	require.Len(t, calls, 1)
	require.Equal(t, "com.amazonaws.global.cloudfront.origin-facing", calls[0].Args["name"].StringValue())
}

// Mail goes out where the settings name a server, and the rule for 443 is not made twice: AWS refuses that.
func TestMailLeaves(t *testing.T) {
	t.Parallel()
	plain := rules(t, registered(t, nil), egress)
	mailing := rules(t, registered(t, func(a *network.Args) { a.MailPort = 587 }), egress)
	require.ElementsMatch(t, append(plain, rule{"site-tasks", "0.0.0.0/0", 587}), mailing)
	require.ElementsMatch(t, plain, rules(t, registered(t, func(a *network.Args) { a.MailPort = 443 }), egress))
}

// Rules in a group and rules beside it undo each other, and the default group of the VPC has none at all.
func TestGroupsHaveNoRulesOfTheirOwn(t *testing.T) {
	t.Parallel()
	g := registered(t, nil)
	all := slices.Concat(g.OfType(groups), g.OfType("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"))
	require.Len(t, all, 7)
	for _, r := range all {
		require.Empty(t, r.List("ingress"), r.Name)
		require.Empty(t, r.List("egress"), r.Name)
		require.Equal(t, g.Only(t, vpc).Computed("vpcId"), r.At("vpcId"), r.Name)
	}
	require.Empty(t, g.OfType("aws:ec2/securityGroupRule:SecurityGroupRule"))
}

// Whoever waits for the network waits for its routes, its endpoint and every rule.
func TestReady(t *testing.T) {
	t.Parallel()
	var ready []pulumi.Resource
	g := graph.Run{}.Of(t, func(ctx *pulumi.Context) error {
		if err := program(args(nil), &ready)(ctx); err != nil {
			return err
		}
		_, err := graph.StandIn(ctx, "waiting", pulumi.DependsOn(ready))
		return err
	})
	g.Check(t)
	waiting := g.StandIns()[0]
	waiting.RequireAfter(t, slices.Concat(g.OfType(vpc),
		g.OfType("aws:ec2/vpcEndpoint:VpcEndpoint"), g.OfType("aws:ec2/route:Route"), g.OfType(ingress), g.OfType(egress))...)
}

// Two networks fit in one stack.
func TestTwoInOneStack(t *testing.T) {
	t.Parallel()
	graph.Run{}.Of(t, func(ctx *pulumi.Context) error {
		in, err := graph.Cloud(ctx)
		if err != nil {
			return err
		}
		if _, err := network.New(ctx, "one", args(nil), in); err != nil {
			return err
		}
		_, err = network.New(ctx, "two", args(nil), in)
		return err
	}).Check(t)
}
