// Package network lays out the VPC of a site: subnets in three zones, ways out, and one security group per tier.
package network

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/settings"
)

const token = "wordpress:index:Network"

// Zones is the number of availability zones. Every region that is open to new accounts has three.
const Zones = 3

// Args are the inputs of Network.
type Args struct {
	// Region is the AWS region, which is part of the names of endpoint services.
	Region string
	// CIDR is the address range of the VPC, /16 to /22.
	CIDR string
	// NAT is the way out of the private subnets.
	NAT settings.NATGateways
	// MailPort is the port of a mail server outside that tasks may reach; 0 for none.
	MailPort int
	// CDN lets nobody but CloudFront reach the load balancer.
	CDN bool
}

func (a *Args) validate() error {
	if a == nil {
		return errors.New("args are required")
	}
	if a.Region == "" {
		return errors.New("Region is required")
	}
	prefix, err := netip.ParsePrefix(a.CIDR)
	if err != nil {
		return fmt.Errorf("CIDR: %w", err)
	}
	if prefix.Bits() < 16 || prefix.Bits() > 22 {
		return fmt.Errorf("CIDR: %s is outside /16 to /22", a.CIDR)
	}
	if a.MailPort < 0 || a.MailPort > 65535 {
		return fmt.Errorf("MailPort: %d is no port", a.MailPort)
	}
	if _, ok := gatewayCount[a.NAT]; !ok {
		return fmt.Errorf("NAT: %q is not one of none, single, perAz", a.NAT)
	}
	return nil
}

// Network is a VPC with nine subnets: public ones for the load balancer, private ones for instances and
// tasks, isolated ones for data.
type Network struct {
	pulumi.ResourceState

	VPCID             pulumi.StringOutput      `pulumi:"vpcId"`
	PublicSubnetIDs   pulumi.StringArrayOutput `pulumi:"publicSubnetIds"`
	PrivateSubnetIDs  pulumi.StringArrayOutput `pulumi:"privateSubnetIds"`
	IsolatedSubnetIDs pulumi.StringArrayOutput `pulumi:"isolatedSubnetIds"`

	// Groups are the security groups, one per tier.
	Groups Groups
	// Ready is what anything that needs a route or a security group rule waits for. The subnet ids alone do
	// not carry the gateways and routes: an instance that boots before them never registers.
	Ready []pulumi.Resource
}

// New registers a Network.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Network, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	n := &Network{}
	if err := ctx.RegisterComponentResource(token, name, n, opts...); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	vpc, err := n.vpc(ctx, name, args)
	if err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	closed, err := n.closeDefaultGroup(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	if err := n.gateways(ctx, name, gatewayCount[args.NAT], vpc, closed); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	if err := n.endpoint(ctx, name, args.Region, vpc, closed); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	if err := n.groups(ctx, name, args); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{
		"vpcId":             n.VPCID,
		"publicSubnetIds":   n.PublicSubnetIDs,
		"privateSubnetIds":  n.PrivateSubnetIDs,
		"isolatedSubnetIds": n.IsolatedSubnetIDs,
	})
}

func (n *Network) vpc(ctx *pulumi.Context, name string, args *Args) (*awsxec2.Vpc, error) {
	// Half of a zone's block goes to the private subnet, because every task takes an address of its own.
	// The widest comes first, which leaves no gap between the blocks.
	bits := netip.MustParsePrefix(args.CIDR).Bits()
	strategy := awsxec2.SubnetAllocationStrategyAuto
	vpc, err := awsxec2.NewVpc(ctx, name, &awsxec2.VpcArgs{
		CidrBlock:                 &args.CIDR,
		NumberOfAvailabilityZones: pulumi.IntRef(Zones),
		SubnetStrategy:            &strategy,
		SubnetSpecs: []awsxec2.SubnetSpecArgs{
			{Type: awsxec2.SubnetTypePrivate, CidrMask: pulumi.IntRef(bits + 3)},
			{Type: awsxec2.SubnetTypePublic, CidrMask: pulumi.IntRef(bits + 5)},
			{Type: awsxec2.SubnetTypeIsolated, CidrMask: pulumi.IntRef(bits + 5)},
		},
		NatGateways: &awsxec2.NatGatewayConfigurationArgs{Strategy: awsxec2.NatGatewayStrategyNone},
		// EFS and the endpoints of Aurora and ElastiCache are found by name.
		EnableDnsHostnames: pulumi.Bool(true),
		EnableDnsSupport:   pulumi.Bool(true),
	}, pulumi.Parent(n))
	if err != nil {
		return nil, err
	}
	n.VPCID = vpc.VpcId
	n.PublicSubnetIDs = vpc.PublicSubnetIds
	n.PrivateSubnetIDs = vpc.PrivateSubnetIds
	n.IsolatedSubnetIDs = vpc.IsolatedSubnetIds
	// A component of another process is a dependency with all its children, internet gateway and routes included.
	n.Ready = append(n.Ready, vpc)
	return vpc, nil
}

// endpoint keeps traffic to S3, and with it the layers of every image, off the NAT gateways. It goes with them in a
// destroy, for which see data/teardown.go, and that is why it comes after something.
func (n *Network) endpoint(ctx *pulumi.Context, name, region string, vpc *awsxec2.Vpc, after pulumi.Resource) error {
	tables := vpc.RouteTables.ApplyT(func(tables []*ec2.RouteTable) pulumi.StringArrayOutput {
		ids := make(pulumi.StringArray, len(tables))
		for i, table := range tables {
			ids[i] = table.ID()
		}
		return ids.ToStringArrayOutput()
	}).(pulumi.StringArrayOutput)
	endpoint, err := ec2.NewVpcEndpoint(ctx, name+"-s3", &ec2.VpcEndpointArgs{
		VpcId:           vpc.VpcId,
		ServiceName:     pulumi.String("com.amazonaws." + region + ".s3"),
		VpcEndpointType: pulumi.String("Gateway"),
		RouteTableIds:   tables,
		Tags:            pulumi.StringMap{"Name": pulumi.String(name + "-s3")},
	}, pulumi.Parent(n), pulumi.DependsOn([]pulumi.Resource{after}))
	if err != nil {
		return err
	}
	n.Ready = append(n.Ready, endpoint)
	return nil
}
