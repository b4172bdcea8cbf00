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

func vpc() kind.Kind {
	return kind.Kind{
		Type: Vpc, Title: "EC2 VPC", Args: ec2.VpcArgs{}, State: ec2.Vpc{},
		Replace:  []string{"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"},
		Defaults: account.Props{"enableDnsSupport": true, "instanceTenancy": "default"},
		Rules: []kind.Rule{
			kind.CIDR("cidrBlock", 16, 28),
			kind.OneOf("instanceTenancy", "default", "dedicated"),
		},
		NotFound: kind.Fault{Code: "InvalidVpcID.NotFound", Message: "The vpc ID '%s' does not exist"},
		InUse:    kind.Fault{Code: "DependencyViolation", Message: "The vpc '%s' has dependencies and cannot be deleted."},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("vpc")
			table := account.NewID("rtb")
			c.Set(owned(c, "vpc"))
			c.Set(account.Props{
				"defaultNetworkAclId": account.NewID("acl"), "defaultSecurityGroupId": account.NewID("sg"),
				"defaultRouteTableId": table, "mainRouteTableId": table, "dhcpOptionsId": account.NewID("dopt"),
				"enableDnsHostnames": false, "enableNetworkAddressUsageMetrics": false,
				"ipv6AssociationId": "", "ipv6CidrBlock": "", "ipv6CidrBlockNetworkBorderGroup": "",
			})
			return nil
		},
	}
}

func subnet() kind.Kind {
	return kind.Kind{
		Type: Subnet, Title: "EC2 Subnet", Args: ec2.SubnetArgs{}, State: ec2.Subnet{},
		Replace: []string{"availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"},
		Rules: []kind.Rule{
			kind.CIDR("cidrBlock", 16, 28),
			kind.Conflict("availabilityZone", "availabilityZoneId"),
			kind.OneOf("privateDnsHostnameTypeOnLaunch", "ip-name", "resource-name"),
		},
		Refs:     []kind.Ref{{Path: "vpcId", To: Vpc}},
		NotFound: kind.Fault{Code: "InvalidSubnetID.NotFound", Message: "The subnet ID '%s' does not exist"},
		InUse: kind.Fault{
			Code: "DependencyViolation", Message: "The subnet '%s' has dependencies and cannot be deleted.",
		},
		Create: createSubnet,
	}
}

func createSubnet(c *kind.Call) error {
	if err := fits(c); err != nil {
		return err
	}
	here, _ := region.Find(c.Region)
	zones := here.Zones()
	zone := c.In.String("availabilityZone")
	if zone == "" {
		zone = zones[0]
	}
	id := here.ZoneID(zone)
	if id == "" {
		return kind.Refuse("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. "+
			"Subnets can currently only be created in the following availability zones: %s.",
			zone, strings.Join(zones, ", "))
	}
	c.ID = account.NewID("subnet")
	c.Set(owned(c, "subnet"))
	c.Set(account.Props{
		"availabilityZone": zone, "availabilityZoneId": id,
		"privateDnsHostnameTypeOnLaunch": "ip-name", "ipv6CidrBlockAssociationId": "",
	})
	return nil
}

// fits refuses a subnet outside its VPC's block, or over another subnet.
func fits(c *kind.Call) error {
	block, err := netip.ParsePrefix(c.In.String("cidrBlock"))
	if err != nil {
		return kind.Refuse("MissingParameter", "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.")
	}
	network, err := c.Find(Vpc, "id", c.In.String("vpcId"))
	if err != nil {
		return err
	}
	outer, err := netip.ParsePrefix(network.Outputs.String("cidrBlock"))
	if err != nil {
		return fmt.Errorf("block of %s: %w", network.ID, err)
	}
	if !outer.Contains(block.Addr()) || block.Bits() < outer.Bits() {
		return kind.Refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid.", block)
	}
	others, err := c.All(Subnet)
	if err != nil {
		return err
	}
	for _, other := range others {
		taken, err := netip.ParsePrefix(other.Outputs.String("cidrBlock"))
		if err == nil && other.Outputs.String("vpcId") == network.ID && taken.Overlaps(block) {
			return kind.Refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block)
		}
	}
	return nil
}
