package aws

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
)

// The tables and groups that the provider's documentation warns of.
func TestOwnRoutesAndRoutesOfATableOverwriteEachOther(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	inputs := props{"vpcId": n.vpc.id, "routes": []any{props{"cidrBlock": "192.168.0.0/16", "gatewayId": n.gateway.id}}}
	out := props{"destinationCidrBlock": "0.0.0.0/0", "gatewayId": n.gateway.id}
	table := c.make(ec2.RouteTable, inputs)
	require.Empty(t, c.differs(ec2.RouteTable, c.refreshed(ec2.RouteTable, table), inputs), "nothing else has a route in it")
	for range 2 { // for ever
		route := c.make(ec2.Route, with(out, props{"routeTableId": table.id}))
		require.Empty(t, c.differs(ec2.RouteTable, table, inputs), "the state has not heard of it")
		table = c.refreshed(ec2.RouteTable, table)
		require.Equal(t, []string{"routes"}, c.differs(ec2.RouteTable, table, inputs))
		table = c.change(ec2.RouteTable, table, inputs)
		require.Empty(t, c.refreshed(ec2.Route, route).id, "the table has taken it away")
	}

	plain := c.make(ec2.RouteTable, props{"vpcId": n.vpc.id})
	route := c.make(ec2.Route, with(out, props{"routeTableId": plain.id}))
	plain = c.refreshed(ec2.RouteTable, plain)
	require.Len(t, plain.outputs["routes"].ArrayValue(), 1)
	require.Empty(t, c.differs(ec2.RouteTable, plain, props{"vpcId": n.vpc.id}), "a table without routes of its own keeps all")
	require.NoError(t, c.delete(ec2.Route, route))
	require.Empty(t, c.refreshed(ec2.RouteTable, plain).outputs["routes"].ArrayValue())
}

func TestANatGatewayGivenAsAGatewayShowsChangesForEver(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	nat := c.make(ec2.Nat, props{"subnetId": n.a.id, "allocationId": c.make(ec2.Eip, props{}).id})
	table := c.make(ec2.RouteTable, props{"vpcId": n.vpc.id})
	wrong := props{"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": nat.id}
	route := c.make(ec2.Route, wrong)
	for range 2 {
		require.ElementsMatch(t, []string{"gatewayId", "natGatewayId"}, c.differs(ec2.Route, route, wrong))
		route = c.change(ec2.Route, route, wrong)
	}
	require.Equal(t, nat.id, route.text("natGatewayId"))
	require.NoError(t, c.delete(ec2.Route, route))

	right := with(wrong, props{"gatewayId": nil, "natGatewayId": nat.id})
	require.Empty(t, c.differs(ec2.Route, c.make(ec2.Route, right), right))

	inline := props{"vpcId": n.vpc.id, "routes": []any{props{"cidrBlock": "0.0.0.0/0", "gatewayId": nat.id}}}
	require.Equal(t, []string{"routes"}, c.differs(ec2.RouteTable, c.make(ec2.RouteTable, inline), inline))
}

func TestOwnRulesAndRulesOfAGroupOverwriteEachOther(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	inputs := props{"vpcId": n.vpc.id, "name": "inline", "ingress": []any{
		props{"protocol": "TCP", "fromPort": 80, "toPort": 80, "cidrBlocks": []any{"10.0.0.0/8", "172.16.0.0/12"}},
	}}
	group := c.make(ec2.SecurityGroup, inputs)
	require.Empty(t, c.differs(ec2.SecurityGroup, c.refreshed(ec2.SecurityGroup, group), inputs))
	for range 2 {
		rule := c.make(ec2.Ingress, props{"securityGroupId": group.id, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "0.0.0.0/0"})
		group = c.refreshed(ec2.SecurityGroup, group)
		require.Equal(t, []string{"ingress"}, c.differs(ec2.SecurityGroup, group, inputs))
		group = c.change(ec2.SecurityGroup, group, inputs)
		require.Empty(t, c.refreshed(ec2.Ingress, rule).id, "the group has revoked it")
	}

	plain := c.make(ec2.SecurityGroup, props{"vpcId": n.vpc.id, "name": "plain"})
	c.make(ec2.Egress, props{"securityGroupId": plain.id, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"})
	plain = c.refreshed(ec2.SecurityGroup, plain)
	require.Len(t, plain.outputs["egress"].ArrayValue(), 1)
	require.Empty(t, c.differs(ec2.SecurityGroup, plain, props{"vpcId": n.vpc.id, "name": "plain"}))
}

func TestPortsOfAllProtocolsComeBackAsNone(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	right := props{"securityGroupId": n.group.id, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}
	wrong := with(right, props{"fromPort": 0, "toPort": 0})
	rule := c.make(ec2.Egress, wrong)
	require.ElementsMatch(t, []string{"fromPort", "toPort"}, c.differs(ec2.Egress, c.refreshed(ec2.Egress, rule), wrong))
	require.NoError(t, c.delete(ec2.Egress, rule))
	rule = c.make(ec2.Egress, right)
	require.Empty(t, c.differs(ec2.Egress, c.refreshed(ec2.Egress, rule), right))
	require.Empty(t, c.differs(ec2.Egress, rule, with(right, props{"ipProtocol": "ALL"})), "one protocol, two names")
}

func TestAddressesTellWhoHasThem(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	ip := c.make(ec2.Eip, props{"domain": "vpc"})
	nat := c.make(ec2.Nat, props{"subnetId": n.a.id, "allocationId": ip.id})
	held := c.refreshed(ec2.Eip, ip)
	require.Equal(t, nat.text("associationId"), held.text("associationId"))
	require.Equal(t, nat.text("networkInterfaceId"), held.text("networkInterface"))
	require.Empty(t, c.differs(ec2.Eip, held, props{"domain": "vpc"}))
	require.ErrorContains(t, c.delete(ec2.Eip, held), "InvalidIPAddress.InUse")
	require.NoError(t, c.delete(ec2.Nat, nat))
	require.Empty(t, c.refreshed(ec2.Eip, ip).text("associationId"))
	require.NoError(t, c.delete(ec2.Eip, held))
}

func TestATargetGroupTellsWhoSendsToIt(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	inputs := props{"name": "web", "vpcId": n.vpc.id, "port": 80, "protocol": "HTTP", "targetType": "ip", "healthCheck": props{"protocol": "http", "path": "/up"}}
	group := c.make(elb.TargetGroup, inputs)
	balancer := c.make(elb.LoadBalancer, props{"subnets": n.subnets()})
	listener := c.make(elb.Listener, props{"loadBalancerArn": balancer.id, "port": 80, "defaultActions": []any{
		props{"type": "forward", "targetGroupArn": group.id},
	}})
	read := c.refreshed(elb.TargetGroup, group)
	require.Equal(t, []any{balancer.id}, read.outputs["loadBalancerArns"].Mappable())
	require.Equal(t, "HTTP", read.outputs["healthCheck"].ObjectValue()["protocol"].StringValue())
	require.Empty(t, c.differs(elb.TargetGroup, read, inputs))

	// The name is the program's own, so the provider deletes before it creates, which the listener does not let it.
	resp, err := c.client.Diff(t.Context(), &pulumirpc.DiffRequest{
		Id: group.id, Urn: urn(elb.TargetGroup, "site"), Type: elb.TargetGroup, Olds: read.state, OldInputs: read.inputs,
		News: c.recheck(elb.TargetGroup, read, with(inputs, props{"port": 8080})),
	})
	require.NoError(t, err)
	require.Equal(t, []string{"port"}, resp.GetReplaces())
	require.True(t, resp.GetDeleteBeforeReplace())
	require.ErrorContains(t, c.delete(elb.TargetGroup, read), "ResourceInUse")
	require.ErrorContains(t, c.try(elb.TargetGroup, inputs), "DuplicateTargetGroupName: A target group with the same name 'web' exists")

	require.NoError(t, c.delete(elb.Listener, listener))
	require.Empty(t, c.refreshed(elb.TargetGroup, group).outputs["loadBalancerArns"].ArrayValue())
}

func TestRedirectsSayWhatAWSFillsIn(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	balancer := c.make(elb.LoadBalancer, props{"subnets": n.subnets()})
	redirect := func(changes props) props {
		return props{"loadBalancerArn": balancer.id, "port": 80, "defaultActions": []any{
			props{"type": "redirect", "redirect": with(props{"statusCode": "HTTP_301", "protocol": "HTTPS", "port": "443"}, changes)},
		}}
	}
	listener := c.make(elb.Listener, redirect(nil))
	require.Empty(t, c.differs(elb.Listener, listener, redirect(props{"host": "#{host}", "path": "/#{path}", "query": "#{query}"})))
	require.Equal(t, []string{"defaultActions"}, c.differs(elb.Listener, listener, redirect(props{"host": "example.org"})))
}

func TestALoadBalancerHasTheGroupOfItsVpcWhenItAsksForNone(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	balancer := c.make(elb.LoadBalancer, props{"subnets": n.subnets()})
	require.Equal(t, []any{n.vpc.text("defaultSecurityGroupId")}, balancer.outputs["securityGroups"].Mappable())
	swapped := []any{n.b.id, n.a.id}
	require.Empty(t, c.differs(elb.LoadBalancer, balancer, props{"subnets": swapped}), "the order of subnets means nothing")
}

func TestTagsAreLimitedWithTheDefaultOnes(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	tags := props{}
	for i := range 48 { // and two of the provider
		tags[string(rune('a'+i%26))+string(rune('a'+i/26))] = "x"
	}
	vpc := props{"cidrBlock": "10.0.0.0/16"}
	require.NoError(t, c.try(ec2.Vpc, with(vpc, props{"tags": tags})))
	require.ErrorContains(t, c.try(ec2.Vpc, with(vpc, props{"tags": with(tags, props{"one": "more"})})), "TagLimitExceeded")
	require.ErrorContains(t, c.try(ec2.Vpc, with(vpc, props{"tags": props{"AWS:name": "x"}})), "reserved for internal use")
}
