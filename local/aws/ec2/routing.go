package ec2

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func routeTable() kind.Kind {
	return kind.Kind{
		Type: RouteTable, Title: "EC2 Route Table", Args: ec2.RouteTableArgs{}, State: ec2.RouteTable{},
		Replace:  []string{"vpcId"},
		Sets:     []string{"routes", "propagatingVgws"},
		Kept:     []string{"routes", "propagatingVgws"},
		Refs:     []kind.Ref{{Path: "vpcId", To: Vpc}},
		NotFound: kind.Fault{Code: "InvalidRouteTableID.NotFound", Message: "The routeTable ID '%s' does not exist"},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("rtb")
			c.Set(owned(c, "route-table"))
			c.Set(account.Props{"routes": []any{}, "propagatingVgws": []any{}})
			return nil
		},
	}
}

func association() kind.Kind {
	return kind.Kind{
		Type: Association, Title: "EC2 Route Table Association",
		Args: ec2.RouteTableAssociationArgs{}, State: ec2.RouteTableAssociation{},
		Replace: []string{"subnetId", "gatewayId"},
		Rules:   []kind.Rule{kind.ExactlyOne("subnetId", "gatewayId")},
		Refs: []kind.Ref{
			// The provider takes associations off a table before it deletes it.
			{Path: "routeTableId", To: RouteTable, Loose: true},
			{Path: "subnetId", To: Subnet, Loose: true},
		},
		Unique: []kind.Unique{{Property: "subnetId", Taken: kind.Fault{
			Code: "Resource.AlreadyAssociated", Message: "the specified association for subnet %s conflicts with an existing association",
		}}},
		NotFound: kind.Fault{Code: "InvalidAssociationID.NotFound", Message: "The association ID '%s' does not exist"},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("rtbassoc")
			return nil
		},
	}
}

// targets are the inputs of a route that say where it leads.
var targets = []string{
	"carrierGatewayId", "coreNetworkArn", "egressOnlyGatewayId", "gatewayId", "localGatewayId", "natGatewayId",
	"networkInterfaceId", "transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId",
}

func route() kind.Kind {
	destinations := []string{"destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"}
	return kind.Kind{
		Type: Route, Title: "EC2 Route", Args: ec2.RouteArgs{}, State: ec2.Route{},
		Replace: append([]string{"routeTableId"}, destinations...),
		Rules: []kind.Rule{
			kind.ExactlyOne(destinations...), kind.ExactlyOne(targets...), kind.CIDR("destinationCidrBlock", 0, 32),
		},
		Refs: []kind.Ref{
			{Path: "routeTableId", To: RouteTable, Loose: true},
			// AWS lets go of the target and marks the route a black hole.
			{Path: "natGatewayId", To: Nat, Loose: true},
			{Path: "gatewayId", To: Gateway, Loose: true, Foreign: func(id string) bool {
				return id == "local" || !strings.HasPrefix(id, "igw-")
			}},
		},
		NotFound: kind.Fault{Code: "InvalidRoute.NotFound", Message: "no route with the id %s"},
		Create: func(c *kind.Call) error {
			destination := cmp.Or(c.In.String(destinations[0]), c.In.String(destinations[1]), c.In.String(destinations[2]))
			c.ID = fmt.Sprintf("r-%s%d", c.In.String("routeTableId"), crc32.ChecksumIEEE([]byte(destination)))
			if other, err := c.Find(Route, "id", c.ID); err != nil || other != nil {
				if err != nil {
					return err
				}
				return kind.Refuse("RouteAlreadyExists", "The route identified by %s already exists.", destination)
			}
			c.Set(account.Props{
				"origin": "CreateRoute", "state": "active", "instanceId": "", "instanceOwnerId": "",
				"networkInterfaceId": "",
			})
			return nil
		},
	}
}

func endpoint() kind.Kind {
	return kind.Kind{
		Type: Endpoint, Title: "EC2 VPC Endpoint", Args: ec2.VpcEndpointArgs{}, State: ec2.VpcEndpoint{},
		Replace: []string{
			"serviceName", "serviceRegion", "vpcEndpointType", "vpcId", "resourceConfigurationArn", "serviceNetworkArn",
		},
		Sets:     []string{"routeTableIds", "securityGroupIds", "subnetIds", "subnetConfigurations"},
		Kept:     []string{"routeTableIds", "securityGroupIds", "subnetIds", "subnetConfigurations"},
		Text:     map[string]func(string) string{"policy": kind.CanonicalPolicy},
		Defaults: account.Props{"vpcEndpointType": "Gateway"},
		Rules: []kind.Rule{
			kind.OneOf("vpcEndpointType", "Gateway", "GatewayLoadBalancer", "Interface", "Resource", "ServiceNetwork"),
			kind.JSON("policy"),
			kind.Whole(func(in account.Props) string {
				if in.String("vpcEndpointType") == "Interface" && in.Has("routeTableIds") {
					return "Route table IDs are only supported for Gateway type VPC Endpoint."
				}
				return ""
			}, "vpcEndpointType", "routeTableIds").API("InvalidParameter"),
		},
		Refs: []kind.Ref{
			{Path: "vpcId", To: Vpc},
			{Path: "routeTableIds[]", To: RouteTable, Loose: true},
			{Path: "subnetIds[]", To: Subnet},
			{Path: "securityGroupIds[]", To: SecurityGroup},
		},
		NotFound: kind.Fault{Code: "InvalidVpcEndpointId.NotFound", Message: "The Vpc Endpoint Id '%s' does not exist"},
		Create: func(c *kind.Call) error {
			if name := c.In.String("serviceName"); !strings.HasPrefix(name, "com.amazonaws."+c.Region+".") {
				return kind.Refuse("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", name)
			}
			c.ID = account.NewID("vpce")
			c.Set(owned(c, "vpc-endpoint"))
			c.Set(account.Props{
				"cidrBlocks": []any{}, "dnsEntries": []any{}, "networkInterfaceIds": []any{}, "routeTableIds": []any{},
				"securityGroupIds": []any{}, "subnetIds": []any{}, "subnetConfigurations": []any{},
				"prefixListId": "pl-" + account.NewHex(8), "requesterManaged": false, "state": "available",
				"privateDnsEnabled": false, "ipAddressType": "ipv4", "serviceRegion": c.Region,
				"policy": `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}`,
			})
			return nil
		},
	}
}
