package awsx

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// children are the resources of the component as they are registered.
type children struct {
	ctx  *pulumi.Context
	name string
	args vpcArgs
	plan *plan

	vpc     *ec2.Vpc
	gateway *ec2.InternetGateway

	subnets      ec2.SubnetArray
	tables       ec2.RouteTableArray
	associations ec2.RouteTableAssociationArray
	routes       ec2.RouteArray
	eips         ec2.EipArray
	nats         ec2.NatGatewayArray
	natIDs       []pulumi.StringInput
	endpoints    ec2.VpcEndpointArray
	ids          map[string]pulumi.StringArray
}

func newChildren(ctx *pulumi.Context, name string, args vpcArgs, decided *plan) *children {
	// A list without elements is an output as well; a nil one would be none.
	return &children{
		ctx: ctx, name: name, args: args, plan: decided, ids: map[string]pulumi.StringArray{},
		subnets: ec2.SubnetArray{}, tables: ec2.RouteTableArray{}, associations: ec2.RouteTableAssociationArray{},
		routes: ec2.RouteArray{}, eips: ec2.EipArray{}, nats: ec2.NatGatewayArray{}, endpoints: ec2.VpcEndpointArray{},
	}
}

// under are the options of a child: its parent is also what it waits for.
func under(parent pulumi.Resource) pulumi.ResourceOption {
	return pulumi.Composite(pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{parent}))
}

// register makes all children, in the order of the real component.
func (c *children) register(parent pulumi.Resource) (err error) {
	if c.vpc, err = network(c.ctx, parent, c.name, c.args, c.plan); err != nil {
		return fmt.Errorf("VPC %q: %w", c.name, err)
	}
	c.gateway, err = ec2.NewInternetGateway(c.ctx, c.name, &ec2.InternetGatewayArgs{
		VpcId: c.vpc.ID(), Tags: merged(c.args.Tags, map[string]string{"Name": c.name}, nil),
	}, under(c.vpc))
	if err != nil {
		return fmt.Errorf("internet gateway %q: %w", c.name, err)
	}
	for _, s := range c.args.VpcEndpointSpecs {
		if err := c.endpoint(s); err != nil {
			return fmt.Errorf("VPC endpoint %q: %w", s.ServiceName, err)
		}
	}
	for zone, name := range c.plan.zones {
		for _, s := range c.plan.inZone(name) {
			if err := c.subnet(zone, s); err != nil {
				return fmt.Errorf("subnet %q: %w", s.name, err)
			}
		}
	}
	return nil
}

func (c *children) endpoint(s endpointSpec) error {
	args := &ec2.VpcEndpointArgs{
		VpcId: c.vpc.ID(), ServiceName: pulumi.String(s.ServiceName),
		AutoAccept: pulumi.BoolPtrFromPtr(s.AutoAccept), Policy: pulumi.StringPtrFromPtr(s.Policy),
		PrivateDnsEnabled: pulumi.BoolPtrFromPtr(s.PrivateDNSEnabled),
		VpcEndpointType:   pulumi.StringPtrFromPtr(s.VpcEndpointType),
	}
	if s.RouteTableIDs != nil {
		args.RouteTableIds = pulumi.ToStringArray(s.RouteTableIDs)
	}
	if s.SecurityGroupIDs != nil {
		args.SecurityGroupIds = pulumi.ToStringArray(s.SecurityGroupIDs)
	}
	if s.SubnetIDs != nil {
		args.SubnetIds = pulumi.ToStringArray(s.SubnetIDs)
	}
	if s.Tags != nil {
		args.Tags = pulumi.ToStringMap(s.Tags)
	}
	made, err := ec2.NewVpcEndpoint(c.ctx, s.ServiceName, args, under(c.vpc))
	c.endpoints = append(c.endpoints, made)
	return err
}

// subnet makes a subnet with its route table and what leads out of it.
func (c *children) subnet(zone int, s place) error {
	shared := map[string]string{"Name": c.name}
	own := map[string]string{"Name": s.name, "SubnetType": s.Type}
	subnetTags := map[string]string{}
	for key, value := range s.Tags {
		subnetTags[key] = value
	}
	for key, value := range own {
		subnetTags[key] = value
	}
	subnet, err := ec2.NewSubnet(c.ctx, s.name, &ec2.SubnetArgs{
		VpcId: c.vpc.ID(), AvailabilityZone: pulumi.String(s.zone), CidrBlock: pulumi.String(s.cidr.String()),
		MapPublicIpOnLaunch: pulumi.Bool(s.kind() == public), Tags: merged(c.args.Tags, shared, subnetTags),
	}, under(c.vpc))
	if err != nil {
		return err
	}
	c.subnets = append(c.subnets, subnet)
	c.ids[s.kind()] = append(c.ids[s.kind()], subnet.ID().ToStringOutput())

	table, err := ec2.NewRouteTable(c.ctx, s.name, &ec2.RouteTableArgs{
		VpcId: c.vpc.ID(), Tags: merged(c.args.Tags, shared, own),
	}, under(subnet))
	if err != nil {
		return err
	}
	c.tables = append(c.tables, table)

	association, err := ec2.NewRouteTableAssociation(c.ctx, s.name, &ec2.RouteTableAssociationArgs{
		RouteTableId: table.ID(), SubnetId: subnet.ID(),
	}, under(table))
	if err != nil {
		return err
	}
	c.associations = append(c.associations, association)

	if s.kind() == public && c.plan.needsNat(len(c.nats), zone) {
		if err := c.nat(zone, subnet); err != nil {
			return err
		}
	}
	return c.route(zone, s, table)
}

func (c *children) nat(zone int, subnet *ec2.Subnet) error {
	name := fmt.Sprintf("%s-%d", c.name, zone+1)
	tags := merged(c.args.Tags, map[string]string{}, map[string]string{"Name": name})
	var allocation pulumi.StringPtrInput
	if len(c.plan.eips) == 0 {
		eip, err := ec2.NewEip(c.ctx, name, &ec2.EipArgs{Tags: tags}, under(subnet))
		if err != nil {
			return err
		}
		c.eips = append(c.eips, eip)
		allocation = eip.AllocationId
	} else {
		allocation = pulumi.String(c.plan.eips[zone])
	}
	nat, err := ec2.NewNatGateway(c.ctx, name, &ec2.NatGatewayArgs{
		SubnetId: subnet.ID(), AllocationId: allocation, Tags: tags,
	}, under(subnet))
	if err != nil {
		return err
	}
	c.nats = append(c.nats, nat)
	c.natIDs = append(c.natIDs, nat.ID().ToStringOutput())
	return nil
}

// route leads a public subnet to the internet gateway and a private one to a NAT
// gateway. An isolated one leads nowhere.
func (c *children) route(zone int, s place, table *ec2.RouteTable) error {
	args := &ec2.RouteArgs{RouteTableId: table.ID(), DestinationCidrBlock: pulumi.String("0.0.0.0/0")}
	switch {
	case s.kind() == public:
		args.GatewayId = c.gateway.ID()
	case s.kind() == private && c.plan.nat == natSingle:
		args.NatGatewayId = pulumi.StringPtrInput(c.natIDs[0].ToStringOutput().ToStringPtrOutput())
	case s.kind() == private && c.plan.nat == natOnePerAz:
		args.NatGatewayId = pulumi.StringPtrInput(c.natIDs[zone].ToStringOutput().ToStringPtrOutput())
	default:
		return nil
	}
	route, err := ec2.NewRoute(c.ctx, s.name, args, under(table))
	if err != nil {
		return err
	}
	c.routes = append(c.routes, route)
	return nil
}

// outputs of the component, with the children as resource references.
func (c *children) outputs() pulumi.Map {
	ids := func(kind string) pulumi.StringArray {
		if c.ids[kind] == nil {
			return pulumi.StringArray{}
		}
		return c.ids[kind]
	}
	return pulumi.Map{
		"vpc": c.vpc, "vpcId": c.vpc.ID(), "internetGateway": c.gateway,
		"subnets": c.subnets, "routeTables": c.tables, "routeTableAssociations": c.associations, "routes": c.routes,
		"natGateways": c.nats, "eips": c.eips, "vpcEndpoints": c.endpoints, "subnetLayout": c.plan.resolved(),
		"publicSubnetIds": ids(public), "privateSubnetIds": ids(private), "isolatedSubnetIds": ids(isolated),
	}
}
