package ec2

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/region"
)

const mostSubnets = 200

func subnet() kind.Kind {
	return kind.Kind{
		Type: Subnet, Title: "EC2 Subnet", Args: ec2.SubnetArgs{}, State: ec2.Subnet{}, Takes: subnetTakes(),
		API:     subnetAPI(),
		Source:  errorCodes,
		Replace: []string{"availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"},
		Rules: append(tags(),
			kind.CIDR("cidrBlock", 0, 32).From(terraform+"vpc_subnet.go"),
			kind.Conflict("availabilityZone", "availabilityZoneId").From(terraform+"vpc_subnet.go"),
			kind.OneOf("privateDnsHostnameTypeOnLaunch", "ip-name", "resource-name").From(terraform+"vpc_subnet.go"),
			kind.Together("customerOwnedIpv4Pool", "mapCustomerOwnedIpOnLaunch", "outpostArn").From(terraform+"vpc_subnet.go"),
			kind.Whole("a block", func(in account.Props) string {
				if !in.Has("cidrBlock") && !in.Has("ipv6CidrBlock") {
					return "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided."
				}
				return ""
			}, "cidrBlock", "ipv6CidrBlock").API("MissingParameter"),
			kind.Rule{
				Name: "size of cidrBlock", Path: "cidrBlock", Bad: "10.0.0.0/29", Code: "InvalidSubnet.Range",
				Source: "EC2 API model: CreateSubnet, from /28 to /16", Test: func(v any, _ account.Props) string {
					text, _ := v.(string)
					if block, err := netip.ParsePrefix(text); err == nil && (block.Bits() < 16 || block.Bits() > 28) {
						return fmt.Sprintf("The CIDR '%s' is invalid.", text)
					}
					return ""
				},
			}),
		Refs: []kind.Ref{{Path: "vpcId", To: Vpc}},
		Guards: []kind.Guard{
			{Name: "the zone exists", On: kind.Making, Check: zoneExists},
			{Name: "the block is in the VPC's", On: kind.Making, Check: fitsVpc},
			{Name: "no other subnet has the block", On: kind.Making, Check: apart},
			kind.Quota("subnets per VPC", mostSubnets, kind.Fault{
				Code: "SubnetLimitExceeded", Message: "The maximum number of subnets has been reached.",
			}, kind.Alike(Subnet, "vpcId")).From(vpcQuotas),
		},
		NotFound: kind.Fault{Code: "InvalidSubnetID.NotFound", Message: "The subnet ID '%s' does not exist"},
		InUse: kind.Fault{
			Code: "DependencyViolation", Message: "The subnet '%s' has dependencies and cannot be deleted.",
		},
		Create: func(c *kind.Call) error {
			zone, id := zoneOf(c)
			c.ID = account.NewID("subnet")
			c.Set(owned(c, "subnet"))
			c.Set(account.Props{
				"availabilityZone": zone, "availabilityZoneId": id,
				"privateDnsHostnameTypeOnLaunch": "ip-name", "ipv6CidrBlockAssociationId": "",
			})
			return nil
		},
		// Its association with a route table goes with it.
		Delete: func(c *kind.Call) error { return drop(c, Association, "subnetId") },
	}
}

// zoneOf is the zone that a subnet asks for, by name or id, or the first one; its id is "" if there is none.
func zoneOf(c *kind.Call) (name, id string) {
	here, _ := region.Find(c.Region)
	zones := here.Zones()
	if asked := c.In.String("availabilityZoneId"); asked != "" {
		for _, zone := range zones {
			if here.ZoneID(zone) == asked {
				return zone, asked
			}
		}
		return asked, ""
	}
	zone := c.In.String("availabilityZone")
	if zone == "" {
		zone = zones[0]
	}
	return zone, here.ZoneID(zone)
}

func zoneExists(c *kind.Call) error {
	zone, id := zoneOf(c)
	if id != "" {
		return nil
	}
	here, _ := region.Find(c.Region)
	return kind.Refuse("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. "+
		"Subnets can currently only be created in the following availability zones: %s.",
		zone, strings.Join(here.Zones(), ", "))
}

// fitsVpc refuses a subnet outside its VPC's block.
func fitsVpc(c *kind.Call) error {
	if !c.In.Has("cidrBlock") {
		return nil
	}
	network, err := c.Find(Vpc, "id", c.In.String("vpcId"))
	if err != nil {
		return err
	}
	outer, err := netip.ParsePrefix(network.Outputs.String("cidrBlock"))
	if err != nil {
		return fmt.Errorf("block of %s: %w", network.ID, err)
	}
	block, err := netip.ParsePrefix(c.In.String("cidrBlock"))
	if err != nil || !outer.Contains(block.Addr()) || block.Bits() < outer.Bits() {
		return kind.Refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid.", c.In.String("cidrBlock"))
	}
	return nil
}

// apart refuses a subnet over another one.
func apart(c *kind.Call) error {
	block, err := netip.ParsePrefix(c.In.String("cidrBlock"))
	if err != nil {
		return nil // has none, says the guard before this one
	}
	others, err := c.All(Subnet)
	if err != nil {
		return err
	}
	for _, other := range others {
		taken, err := netip.ParsePrefix(other.Outputs.String("cidrBlock"))
		if err == nil && other.Outputs.String("vpcId") == c.In.String("vpcId") && taken.Overlaps(block) {
			return kind.Refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block)
		}
	}
	return nil
}
