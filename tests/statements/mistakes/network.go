package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func networkPrograms() map[string]program {
	return map[string]program{"routes": routes, "inline routes": inlineRoutes, "shell": shell, "addresses": addresses}
}

// place is a VPC with subnets in two zones that lead nowhere.
type place struct {
	ctx     *pulumi.Context
	vpc     *ec2.Vpc
	subnets []*ec2.Subnet
}

func newPlace(ctx *pulumi.Context) *place {
	p := &place{ctx: ctx}
	p.vpc = must(ec2.NewVpc(ctx, "place", &ec2.VpcArgs{
		CidrBlock: pulumi.String("10.0.0.0/16"), EnableDnsHostnames: pulumi.Bool(true),
	}))
	for i, zone := range []string{"eu-central-1a", "eu-central-1b"} {
		p.subnet(fmt.Sprintf("place-%d", i+1), zone, i)
	}
	return p
}

// subnet adds a subnet to the place, in the nth block.
func (p *place) subnet(name, zone string, n int) {
	s := must(ec2.NewSubnet(p.ctx, name, &ec2.SubnetArgs{
		VpcId: p.vpc.ID(), AvailabilityZone: pulumi.String(zone), CidrBlock: pulumi.Sprintf("10.0.%d.0/24", n),
	}))
	p.subnets = append(p.subnets, s)
}

func (p *place) subnetIDs() pulumi.StringArray {
	ids := pulumi.StringArray{}
	for _, s := range p.subnets {
		ids = append(ids, s.ID())
	}
	return ids
}

// wayOut is a NAT gateway in a public subnet of its own.
func (p *place) wayOut() *ec2.NatGateway {
	gateway := must(ec2.NewInternetGateway(p.ctx, "way-out", &ec2.InternetGatewayArgs{VpcId: p.vpc.ID()}))
	public := must(ec2.NewSubnet(p.ctx, "public", &ec2.SubnetArgs{
		VpcId: p.vpc.ID(), AvailabilityZone: pulumi.String("eu-central-1a"), CidrBlock: pulumi.String("10.0.100.0/24"),
	}))
	table := must(ec2.NewRouteTable(p.ctx, "public", &ec2.RouteTableArgs{VpcId: p.vpc.ID()}))
	route := must(ec2.NewRoute(p.ctx, "public", &ec2.RouteArgs{
		RouteTableId: table.ID(), DestinationCidrBlock: pulumi.String("0.0.0.0/0"), GatewayId: gateway.ID(),
	}))
	must(ec2.NewRouteTableAssociation(p.ctx, "public", &ec2.RouteTableAssociationArgs{
		RouteTableId: table.ID(), SubnetId: public.ID(),
	}))
	address := must(ec2.NewEip(p.ctx, "way-out", &ec2.EipArgs{Domain: pulumi.String("vpc")}, after(gateway)))
	return must(ec2.NewNatGateway(p.ctx, "way-out", &ec2.NatGatewayArgs{
		SubnetId: public.ID(), AllocationId: address.ID(),
	}, after(gateway, route)))
}

// table leads all subnets of the place to a NAT gateway. What is returned has to be there before anybody goes out.
func (p *place) table(nat *ec2.NatGateway, opts ...pulumi.ResourceOption) []pulumi.Resource {
	table := must(ec2.NewRouteTable(p.ctx, "private", &ec2.RouteTableArgs{VpcId: p.vpc.ID()}))
	way := []pulumi.Resource{must(ec2.NewRoute(p.ctx, "private", &ec2.RouteArgs{
		RouteTableId: table.ID(), DestinationCidrBlock: pulumi.String("0.0.0.0/0"), NatGatewayId: nat.ID(),
	}, opts...))}
	for i, s := range p.subnets {
		way = append(way, must(ec2.NewRouteTableAssociation(p.ctx, fmt.Sprintf("private-%d", i+1),
			&ec2.RouteTableAssociationArgs{RouteTableId: table.ID(), SubnetId: s.ID()}, opts...)))
	}
	return way
}

// routes makes a route to a NAT gateway as if it were an internet gateway.
func routes(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	nat := p.wayOut()
	if mistake == "" {
		p.table(nat)
		return nil
	}
	table := must(ec2.NewRouteTable(ctx, "private", &ec2.RouteTableArgs{VpcId: p.vpc.ID()}))
	must(ec2.NewRoute(ctx, "private", &ec2.RouteArgs{
		RouteTableId: table.ID(), DestinationCidrBlock: pulumi.String("0.0.0.0/0"), GatewayId: nat.ID(),
	}))
	return nil
}

// inlineRoutes gives a table routes of its own, and one that is a resource beside it.
func inlineRoutes(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	gateway := must(ec2.NewInternetGateway(ctx, "way-out", &ec2.InternetGatewayArgs{VpcId: p.vpc.ID()}))
	args := &ec2.RouteTableArgs{VpcId: p.vpc.ID()}
	other := pulumi.String("198.51.100.0/24")
	if mistake != "" {
		args.Routes = ec2.RouteTableRouteArray{ec2.RouteTableRouteArgs{CidrBlock: other, GatewayId: gateway.ID()}}
	}
	table := must(ec2.NewRouteTable(ctx, "mixed", args))
	if mistake == "" {
		must(ec2.NewRoute(ctx, "other", &ec2.RouteArgs{
			RouteTableId: table.ID(), DestinationCidrBlock: other, GatewayId: gateway.ID(),
		}))
	}
	must(ec2.NewRoute(ctx, "default", &ec2.RouteArgs{
		RouteTableId: table.ID(), DestinationCidrBlock: pulumi.String("0.0.0.0/0"), GatewayId: gateway.ID(),
	}))
	return nil
}

// shell lets people reach an instance by SSH.
func shell(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	group := must(ec2.NewSecurityGroup(ctx, "instances", &ec2.SecurityGroupArgs{
		VpcId: p.vpc.ID(), Description: pulumi.String("Instances"),
	}))
	args := p.template(group)
	switch mistake {
	case "port":
		must(vpc.NewSecurityGroupIngressRule(ctx, "ssh", &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(20), ToPort: pulumi.Int(25),
			CidrIpv4: pulumi.String("0.0.0.0/0"),
		}))
	case "all ports":
		must(vpc.NewSecurityGroupIngressRule(ctx, "ssh", &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: group.ID(), IpProtocol: pulumi.String("-1"), CidrIpv4: pulumi.String("0.0.0.0/0"),
		}))
	case "key":
		args.KeyName = pulumi.String("operator")
	}
	must(ec2.NewLaunchTemplate(ctx, "instances", args))
	return nil
}

// template is a launch template of instances that belong to a group.
func (p *place) template(group *ec2.SecurityGroup) *ec2.LaunchTemplateArgs {
	args := &ec2.LaunchTemplateArgs{
		ImageId:      pulumi.String("resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"),
		InstanceType: pulumi.String("t3.medium"),
	}
	if group != nil {
		args.VpcSecurityGroupIds = pulumi.StringArray{group.ID()}
	}
	return args
}

// addresses gives a subnet a block that its VPC does not have.
func addresses(ctx *pulumi.Context, mistake string) error {
	p := newPlace(ctx)
	block := "10.0.9.0/24"
	if mistake != "" {
		block = "10.0.9.0/33"
	}
	must(ec2.NewSubnet(ctx, "another", &ec2.SubnetArgs{
		VpcId: p.vpc.ID(), AvailabilityZone: pulumi.String("eu-central-1a"), CidrBlock: pulumi.String(block),
	}))
	return nil
}
