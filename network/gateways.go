package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/settings"
)

// gatewayCount is the number of NAT gateways of a choice.
var gatewayCount = map[settings.NATGateways]int{settings.NATNone: 0, settings.NATSingle: 1, settings.NATPerAZ: Zones}

// gateways registers the NAT gateways and the default routes of the private subnets. They are not left to
// awsx.Vpc, because a component of another process has no outputs before all its children exist: whatever needs a
// subnet, the database first of all, would wait the two minutes that a NAT gateway takes. They come after something quick
// for the sake of a destroy, for which see data/teardown.go.
func (n *Network) gateways(ctx *pulumi.Context, name string, count int, vpc *awsxec2.Vpc, after pulumi.Resource) error {
	if count == 0 {
		return nil
	}
	nats := make([]*ec2.NatGateway, count)
	for i := range nats {
		nat, err := n.gateway(ctx, fmt.Sprintf("%s-nat-%d", name, i+1), i, vpc, after)
		if err != nil {
			return err
		}
		nats[i] = nat
	}
	tables := privateTables(vpc)
	for i := range Zones {
		route, err := ec2.NewRoute(ctx, fmt.Sprintf("%s-nat-%d", name, i+1), &ec2.RouteArgs{
			RouteTableId:         tables.Index(pulumi.Int(i)),
			DestinationCidrBlock: pulumi.String("0.0.0.0/0"),
			NatGatewayId:         nats[i%count].ID(),
		}, pulumi.Parent(n))
		if err != nil {
			return fmt.Errorf("route %d: %w", i+1, err)
		}
		n.Ready = append(n.Ready, route)
	}
	return nil
}

// gateway registers the NAT gateway of a zone and its address.
func (n *Network) gateway(ctx *pulumi.Context, name string, zone int, vpc *awsxec2.Vpc, after pulumi.Resource) (*ec2.NatGateway, error) {
	tags := pulumi.StringMap{"Name": pulumi.String(name)}
	address, err := ec2.NewEip(ctx, name, &ec2.EipArgs{Domain: pulumi.String("vpc"), Tags: tags}, pulumi.Parent(n))
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", name, err)
	}
	nat, err := ec2.NewNatGateway(ctx, name, &ec2.NatGatewayArgs{
		SubnetId:     vpc.PublicSubnetIds.Index(pulumi.Int(zone)),
		AllocationId: address.ID(),
		Tags:         tags,
	}, pulumi.Parent(n), pulumi.DependsOn([]pulumi.Resource{vpc, after})) // with its internet gateway
	if err != nil {
		return nil, fmt.Errorf("NAT gateway %s: %w", name, err)
	}
	return nat, nil
}

// privateTables are the ids of the private subnets' route tables, zone by zone.
func privateTables(vpc *awsxec2.Vpc) pulumi.StringArrayOutput {
	ofSubnet := vpc.RouteTableAssociations.ApplyT(func(list []*ec2.RouteTableAssociation) pulumi.StringMapOutput {
		subnets, tables := make(pulumi.StringArray, len(list)), make(pulumi.StringArray, len(list))
		for i, association := range list {
			subnets[i], tables[i] = association.SubnetId.Elem(), association.RouteTableId
		}
		return pulumi.All(subnets, tables).ApplyT(func(values []any) map[string]string {
			pairs := map[string]string{}
			for i, subnet := range values[0].([]string) {
				pairs[subnet] = values[1].([]string)[i]
			}
			return pairs
		}).(pulumi.StringMapOutput)
	}).(pulumi.StringMapOutput)
	return pulumi.All(vpc.PrivateSubnetIds, ofSubnet).ApplyT(func(values []any) []string {
		var tables []string
		for _, subnet := range values[0].([]string) {
			tables = append(tables, values[1].(map[string]string)[subnet])
		}
		return tables
	}).(pulumi.StringArrayOutput)
}
