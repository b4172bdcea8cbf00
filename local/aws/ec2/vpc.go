package ec2

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// mostVpcs is also how many internet gateways a region can have.
const mostVpcs = 5

func vpc() kind.Kind {
	return kind.Kind{
		Type: Vpc, Title: "EC2 VPC", Args: ec2.VpcArgs{}, State: ec2.Vpc{}, Takes: vpcTakes(), Source: terraform + "vpc_.go",
		API:     vpcAPI(),
		Replace: []string{"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"},
		// Only from dedicated to default a VPC changes in place.
		ReplaceIf: func(before, _ account.Props) []string {
			if before.String("instanceTenancy") != "dedicated" {
				return []string{"instanceTenancy"}
			}
			return nil
		},
		Defaults: account.Props{"enableDnsSupport": true, "instanceTenancy": "default"},
		Rules: append(tags(),
			kind.CIDR("cidrBlock", 16, 28),
			kind.OneOf("instanceTenancy", "default", "dedicated"),
			kind.Conflict("cidrBlock", "ipv4NetmaskLength"),
			kind.Conflict("assignGeneratedIpv6CidrBlock", "ipv6IpamPoolId"),
			kind.Conflict("ipv6CidrBlock", "ipv6NetmaskLength"),
			kind.Whole("a block", func(in account.Props) string {
				if !in.Has("cidrBlock") && !in.Has("ipv4IpamPoolId") {
					return "The request must contain the parameter CidrBlock"
				}
				return ""
			}, "cidrBlock", "ipv4IpamPoolId").API("MissingParameter").From(errorCodes),
			kind.Whole("host names need DNS", func(in account.Props) string {
				if in.Bool("enableDnsHostnames") && in.Has("enableDnsSupport") && !in.Bool("enableDnsSupport") {
					return "enableDnsHostnames can only be true when enableDnsSupport is true"
				}
				return ""
			}, "enableDnsHostnames", "enableDnsSupport").API("InvalidParameterValue").
				From("EC2 API model: ModifyVpcAttributeRequest.EnableDnsHostnames")),
		Guards: []kind.Guard{kind.Quota("VPCs per region", mostVpcs, kind.Fault{
			Code: "VpcLimitExceeded", Message: "The maximum number of VPCs has been reached.",
		}, kind.Alike(Vpc)).From(vpcQuotas)},
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
