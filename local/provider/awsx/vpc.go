package awsx

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The ways to reach the internet from private subnets, in lower case.
const (
	natNone     = "none"
	natSingle   = "single"
	natOnePerAz = "oneperaz"
)

// vpcArgs are the inputs of the component.
type vpcArgs struct {
	AssignGeneratedIpv6CidrBlock     pulumi.BoolPtrInput   `pulumi:"assignGeneratedIpv6CidrBlock"`
	AvailabilityZoneCidrMask         *int                  `pulumi:"availabilityZoneCidrMask"`
	AvailabilityZoneNames            []string              `pulumi:"availabilityZoneNames"`
	CidrBlock                        *string               `pulumi:"cidrBlock"`
	EnableDNSHostnames               pulumi.BoolPtrInput   `pulumi:"enableDnsHostnames"`
	EnableDNSSupport                 pulumi.BoolPtrInput   `pulumi:"enableDnsSupport"`
	EnableNetworkAddressUsageMetrics pulumi.BoolPtrInput   `pulumi:"enableNetworkAddressUsageMetrics"`
	InstanceTenancy                  pulumi.StringPtrInput `pulumi:"instanceTenancy"`
	NatGateways                      *natArgs              `pulumi:"natGateways"`
	NumberOfAvailabilityZones        *int                  `pulumi:"numberOfAvailabilityZones"`
	SubnetSpecs                      []spec                `pulumi:"subnetSpecs"`
	SubnetStrategy                   *string               `pulumi:"subnetStrategy"`
	Tags                             pulumi.StringMapInput `pulumi:"tags"`
	VpcEndpointSpecs                 []endpointSpec        `pulumi:"vpcEndpointSpecs"`
}

type natArgs struct {
	ElasticIPAllocationIDs []string `pulumi:"elasticIpAllocationIds"`
	Strategy               string   `pulumi:"strategy"`
}

type endpointSpec struct {
	AutoAccept        *bool             `pulumi:"autoAccept"`
	Policy            *string           `pulumi:"policy"`
	PrivateDNSEnabled *bool             `pulumi:"privateDnsEnabled"`
	RouteTableIDs     []string          `pulumi:"routeTableIds"`
	SecurityGroupIDs  []string          `pulumi:"securityGroupIds"`
	ServiceName       string            `pulumi:"serviceName"`
	SubnetIDs         []string          `pulumi:"subnetIds"`
	Tags              map[string]string `pulumi:"tags"`
	VpcEndpointType   *string           `pulumi:"vpcEndpointType"`
}

// plan is what is decided before the first resource is registered.
type plan struct {
	zones   []string
	nat     string
	eips    []string
	network netip.Prefix
	places  []place
	layout  []spec
}

// decide checks the inputs as the real component does, and lays the subnets out.
func decide(ctx *pulumi.Context, parent pulumi.Resource, name string, args vpcArgs) (*plan, error) {
	zones, err := zonesFor(ctx, parent, args)
	if err != nil {
		return nil, err
	}
	p := &plan{zones: zones, nat: natOnePerAz}
	if args.NatGateways != nil {
		p.eips = args.NatGateways.ElasticIPAllocationIDs
		if args.NatGateways.Strategy != "" {
			p.nat = strings.ToLower(args.NatGateways.Strategy)
		}
	}
	if err := checkEips(p.nat, len(p.eips), len(zones)); err != nil {
		return nil, err
	}
	strategy := "Legacy"
	if args.SubnetStrategy != nil {
		strategy = *args.SubnetStrategy
	}
	if strategy != "Auto" && strategy != "Exact" {
		return nil, fmt.Errorf("the local cloud lays subnets out by the strategies \"Auto\" and \"Exact\", "+
			"not %q: set subnetStrategy", strategy)
	}
	cidr := "10.0.0.0/16"
	if args.CidrBlock != nil {
		cidr = *args.CidrBlock
	}
	if p.network, err = netip.ParsePrefix(cidr); err != nil || !p.network.Addr().Is4() {
		return nil, fmt.Errorf("cidrBlock: %q is not an IPv4 network", cidr)
	}
	specs, explicit, err := normalize(args.SubnetSpecs, len(zones))
	if err != nil {
		return nil, err
	}
	p.layout = specs
	if explicit {
		p.places = explicitly(name, zones, specs)
	} else if p.places, err = layOut(name, p.network, zones, specs, args.AvailabilityZoneCidrMask); err != nil {
		return nil, err
	}
	return p, verify(p.places, p.network, strategy, p.nat)
}

func zonesFor(ctx *pulumi.Context, parent pulumi.Resource, args vpcArgs) ([]string, error) {
	const usual = 3
	if len(args.AvailabilityZoneNames) > 0 && args.NumberOfAvailabilityZones != nil {
		return nil, errors.New("Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified")
	}
	if len(args.AvailabilityZoneNames) > 0 {
		return args.AvailabilityZoneNames, nil
	}
	count := usual
	if args.NumberOfAvailabilityZones != nil {
		count = *args.NumberOfAvailabilityZones
	}
	found, err := aws.GetAvailabilityZones(ctx, nil, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("looking up the availability zones: %w", err)
	}
	if count < 1 || len(found.Names) < count {
		return nil, fmt.Errorf("The configured region for this provider does not have at least %d Availability Zones. Either "+
			"specify an explicit list of zones in availabilityZoneNames or choose a region with at least %d AZs.", count, count)
	}
	return found.Names[:count], nil
}

func checkEips(nat string, eips, zones int) error {
	switch {
	case nat != natNone && nat != natSingle && nat != natOnePerAz:
		return fmt.Errorf("Unknown NatGatewayStrategy '%s'", nat)
	case nat == natNone && eips > 0:
		return errors.New("Elastic IP allocation IDs cannot be specified when NAT Gateway strategy is 'None'.")
	case nat == natSingle && eips > 1:
		return errors.New("Exactly one Elastic IP may be specified when NAT Gateway strategy is 'Single'.")
	case nat == natOnePerAz && eips > 0 && eips != zones:
		return fmt.Errorf("The number of Elastic IPs, if specified, must match the number of availability zones for the VPC (%d) "+
			"when NAT Gateway strategy is 'OnePerAz'", zones)
	}
	return nil
}

// tags merges the caller's tags with those of one resource, which win.
func merged(own pulumi.StringMapInput, before, after map[string]string) pulumi.StringMapInput {
	if own == nil {
		own = pulumi.StringMap{}
	}
	return own.ToStringMapOutput().ApplyT(func(tags map[string]string) map[string]string {
		all := maps.Clone(before)
		maps.Copy(all, tags)
		maps.Copy(all, after)
		return all
	}).(pulumi.StringMapOutput)
}

// inZone are the subnets of a zone in the order in which they are made: public,
// private, isolated, each in the order of the specs.
func (p *plan) inZone(zone string) []place {
	var list []place
	for _, kind := range []string{public, private, isolated} {
		for _, s := range p.places {
			if s.zone == zone && s.kind() == kind {
				list = append(list, s)
			}
		}
	}
	return list
}

// needsNat tells whether the zone of an index gets a NAT gateway, made being how many
// there are.
func (p *plan) needsNat(made, zone int) bool {
	return (p.nat == natSingle && made < 1) || (p.nat == natOnePerAz && made < zone+1)
}

// resolved is the layout as the component outputs it.
func (p *plan) resolved() pulumi.Array {
	specs := p.layout
	if specs == nil {
		for _, s := range p.places[:len(p.places)/len(p.zones)] {
			specs = append(specs, s.spec)
		}
	}
	layout := pulumi.Array{}
	for _, s := range slices.All(specs) {
		m := pulumi.Map{"type": pulumi.String(s.Type)}
		if s.Name != nil {
			m["name"] = pulumi.String(*s.Name)
		}
		if s.CidrBlocks != nil {
			m["cidrBlocks"] = pulumi.ToStringArray(s.CidrBlocks)
		}
		if s.CidrMask != nil {
			m["cidrMask"] = pulumi.Int(*s.CidrMask)
		}
		if s.Size != nil {
			m["size"] = pulumi.Int(*s.Size)
		}
		layout = append(layout, m)
	}
	return layout
}

// network registers the VPC itself.
func network(ctx *pulumi.Context, parent pulumi.Resource, name string, args vpcArgs, p *plan) (*ec2.Vpc, error) {
	return ec2.NewVpc(ctx, name, &ec2.VpcArgs{
		CidrBlock:                        pulumi.String(p.network.String()),
		AssignGeneratedIpv6CidrBlock:     args.AssignGeneratedIpv6CidrBlock,
		EnableDnsHostnames:               args.EnableDNSHostnames,
		EnableDnsSupport:                 args.EnableDNSSupport,
		EnableNetworkAddressUsageMetrics: args.EnableNetworkAddressUsageMetrics,
		InstanceTenancy:                  args.InstanceTenancy,
		Tags:                             merged(args.Tags, map[string]string{"Name": name}, nil),
	}, pulumi.Parent(parent))
}
