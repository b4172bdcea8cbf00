package ec2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/prefixlist"
)

const (
	mostGatewayEndpoints   = 20
	mostInterfaceEndpoints = 50
	mostGroupsOfInterface  = 5

	gatewayEndpoint   = "Gateway"
	interfaceEndpoint = "Interface"
)

func endpoint() kind.Kind {
	return kind.Kind{
		Type: Endpoint, Title: "EC2 VPC Endpoint", Args: ec2.VpcEndpointArgs{}, State: ec2.VpcEndpoint{},
		Takes: endpointTakes(), Source: errorCodes,
		API: endpointAPI(),
		Replace: []string{
			"serviceName", "serviceRegion", "vpcEndpointType", "vpcId", "resourceConfigurationArn", "serviceNetworkArn",
		},
		Sets:     []string{"routeTableIds", "securityGroupIds", "subnetIds", "subnetConfigurations"},
		Kept:     []string{"routeTableIds", "securityGroupIds", "subnetIds", "subnetConfigurations"},
		Text:     map[string]func(string) string{"policy": kind.CanonicalPolicy},
		Defaults: account.Props{"vpcEndpointType": gatewayEndpoint},
		Rules:    append(tags(), endpointRules()...),
		Refs: []kind.Ref{
			{Path: "vpcId", To: Vpc},
			{Path: "routeTableIds[]", To: RouteTable, Loose: true},
			{Path: "subnetIds[]", To: Subnet},
			{Path: "securityGroupIds[]", To: SecurityGroup},
		},
		Guards: []kind.Guard{
			{Name: "the service exists", On: kind.Making, Check: serviceExists},
			{Name: "the service has this type of endpoint", On: kind.Making, Check: serviceType},
			{Name: "route tables are in the VPC", On: kind.Making | kind.Changing, Check: tablesInVpc},
			{Name: "one endpoint per service and route table", On: kind.Making | kind.Changing, Check: tablesFree},
			{Name: "subnets and groups are in the VPC", On: kind.Making | kind.Changing, Check: partsInVpc},
			{Name: "one subnet per zone", On: kind.Making | kind.Changing, Check: endpointZones},
			{Name: "subnets have a free address", On: kind.Making | kind.Changing,
				Check: func(c *kind.Call) error { return roomFor(c, c.In.Strings("subnetIds")) }},
			{Name: "private DNS needs the VPC's DNS", On: kind.Making | kind.Changing, Check: privateNames},
			{Name: "one private DNS name per VPC", On: kind.Making | kind.Changing, Check: namesFree,
				Source: "AWS::EC2::VPCEndpoint: conflicting DNS domain, as reported"},
			kind.Quota("gateway endpoints per region", mostGatewayEndpoints, tooManyEndpoints(), endpointsOf(gatewayEndpoint)).From(vpcQuotas),
			kind.Quota("interface endpoints per VPC", mostInterfaceEndpoints, tooManyEndpoints(), endpointsOf(interfaceEndpoint)).From(vpcQuotas),
		},
		NotFound: kind.Fault{Code: "InvalidVpcEndpointId.NotFound", Message: "The Vpc Endpoint Id '%s' does not exist"},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("vpce")
			c.Set(owned(c, "vpc-endpoint"))
			c.Set(account.Props{
				"routeTableIds": []any{}, "subnetIds": []any{}, "subnetConfigurations": []any{},
				"requesterManaged": false, "state": "available",
				"privateDnsEnabled": false, "ipAddressType": "ipv4", "serviceRegion": c.Region,
				"policy": `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}`,
			})
			if c.Out.String("vpcEndpointType") == interfaceEndpoint {
				return settleInterface(c)
			}
			c.Set(account.Props{
				"prefixListId": prefixlist.ID(c.Region, c.In.String("serviceName")), "cidrBlocks": []any{}, "dnsEntries": []any{},
				"networkInterfaceIds": []any{}, "securityGroupIds": []any{},
				"dnsOptions": map[string]any{"dnsRecordIpType": "service-defined"},
			})
			return nil
		},
		Update: func(c *kind.Call) error {
			if c.Out.String("vpcEndpointType") != interfaceEndpoint {
				return nil
			}
			return settleInterface(c)
		},
	}
}

func endpointRules() []kind.Rule {
	is := func(typ string) func(in account.Props) bool {
		return func(in account.Props) bool {
			return in.String("vpcEndpointType") == typ || (typ == gatewayEndpoint && !in.Has("vpcEndpointType"))
		}
	}
	only := func(name, words string, not func(account.Props) bool) kind.Rule {
		return kind.Whole(words, func(in account.Props) string {
			if len(in.List(name)) > 0 && !not(in) {
				return words
			}
			return ""
		}, name, "vpcEndpointType").API("InvalidParameter")
	}
	const source = terraform + "vpc_endpoint.go"
	return []kind.Rule{
		kind.OneOf("vpcEndpointType", gatewayEndpoint, "GatewayLoadBalancer", interfaceEndpoint, "Resource", "ServiceNetwork").From(source),
		kind.OneOf("ipAddressType", "ipv4", "dualstack", "ipv6").From(source),
		kind.OneOf("dnsOptions.dnsRecordIpType", "ipv4", "dualstack", "ipv6", "service-defined").From(source),
		kind.JSON("policy").From(source),
		kind.ExactlyOne("serviceName", "resourceConfigurationArn", "serviceNetworkArn").From(source),
		only("routeTableIds", "Route table IDs are only supported for Gateway type VPC Endpoint.", is(gatewayEndpoint)),
		only("subnetIds", "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoint.",
			func(in account.Props) bool { return !is(gatewayEndpoint)(in) }),
		only("securityGroupIds", "Security group IDs are only supported for Interface type VPC Endpoint.", is(interfaceEndpoint)),
		kind.Whole("private DNS is for interfaces", func(in account.Props) string {
			if in.Bool("privateDnsEnabled") && is(gatewayEndpoint)(in) {
				return "Private DNS can't be enabled because the service does not provide a private DNS name."
			}
			return ""
		}, "privateDnsEnabled", "vpcEndpointType").API("InvalidParameter"),
		kind.Count("securityGroupIds", 0, mostGroupsOfInterface).API("SecurityGroupsPerInterfaceLimitExceeded").From(vpcQuotas),
	}
}

func tooManyEndpoints() kind.Fault {
	return kind.Fault{Code: "VpcEndpointLimitExceeded", Message: "The maximum number of VPC endpoints has been reached."}
}

// endpointsOf counts the endpoints of a type, of interfaces those of the VPC.
func endpointsOf(typ string) func(c *kind.Call) (int, error) {
	return func(c *kind.Call) (int, error) {
		if c.Out.String("vpcEndpointType") != typ {
			return 0, nil
		}
		if typ == interfaceEndpoint {
			return kind.Alike(Endpoint, "vpcEndpointType", "vpcId")(c)
		}
		return kind.Alike(Endpoint, "vpcEndpointType")(c)
	}
}

// serviceOf is the short name of an AWS service: "s3" of "com.amazonaws.eu-west-1.s3".
func serviceOf(c *kind.Call) string {
	name, _ := strings.CutPrefix(c.In.String("serviceName"), "com.amazonaws."+c.Region+".")
	return name
}

func serviceExists(c *kind.Call) error {
	name := c.In.String("serviceName")
	if name == "" || strings.HasPrefix(name, "com.amazonaws."+c.Region+".") {
		return nil
	}
	return kind.Refuse("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", name)
}

// serviceType refuses gateways of services that have none; S3 and DynamoDB have both.
func serviceType(c *kind.Call) error {
	service := serviceOf(c)
	if c.Out.String("vpcEndpointType") != gatewayEndpoint || service == "s3" || service == "dynamodb" {
		return nil
	}
	return kind.Refuse("InvalidParameter", "Endpoint type (%s) does not match available service types ([%s]).",
		gatewayEndpoint, interfaceEndpoint)
}

func tablesInVpc(c *kind.Call) error {
	for _, id := range c.In.Strings("routeTableIds") {
		vpcID, err := network(c, RouteTable, id)
		if err != nil {
			return err
		}
		if vpcID != c.In.String("vpcId") {
			return kind.Refuse("InvalidRouteTableId.NotFound", "The route table ID '%s' does not exist in the VPC '%s'", id, c.In.String("vpcId"))
		}
	}
	return nil
}

// tablesFree refuses a second gateway endpoint of a service at a route table.
func tablesFree(c *kind.Call) error {
	all, err := c.All(Endpoint)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID == c.ID || other.Outputs.String("serviceName") != c.In.String("serviceName") {
			continue
		}
		for _, table := range other.Outputs.Strings("routeTableIds") {
			if slices.Contains(c.In.Strings("routeTableIds"), table) {
				return kind.Refuse("RouteAlreadyExists", "route table %s already has a route with destination-prefix-list-id %s",
					table, other.Outputs.String("prefixListId"))
			}
		}
	}
	return nil
}

func partsInVpc(c *kind.Call) error {
	for _, id := range c.In.Strings("subnetIds") {
		vpcID, err := network(c, Subnet, id)
		if err != nil {
			return err
		}
		if vpcID != c.In.String("vpcId") {
			return kind.Refuse("InvalidParameter", "Subnet %s is not in VPC %s", id, c.In.String("vpcId"))
		}
	}
	for _, id := range c.In.Strings("securityGroupIds") {
		vpcID, err := network(c, SecurityGroup, id)
		if err != nil {
			return err
		}
		if vpcID != c.In.String("vpcId") {
			return kind.Refuse("InvalidParameter", "Security group %s and VPC %s belong to different networks.", id, c.In.String("vpcId"))
		}
	}
	return nil
}

func endpointZones(c *kind.Call) error {
	seen := map[string]string{}
	for _, id := range c.In.Strings("subnetIds") {
		place, err := c.Find(Subnet, "id", id)
		if err != nil {
			return err
		}
		zone := place.Outputs.String("availabilityZone")
		if other := seen[zone]; other != "" {
			return kind.Refuse("DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone of %s", other)
		}
		seen[zone] = id
	}
	return nil
}

func privateNames(c *kind.Call) error {
	if !c.In.Bool("privateDnsEnabled") {
		return nil
	}
	place, err := c.Find(Vpc, "id", c.In.String("vpcId"))
	if err != nil {
		return err
	}
	if place.Outputs.Bool("enableDnsSupport") && place.Outputs.Bool("enableDnsHostnames") {
		return nil
	}
	return kind.Refuse("InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes "+
		"set to true for %s", place.ID)
}

func namesFree(c *kind.Call) error {
	if !c.In.Bool("privateDnsEnabled") {
		return nil
	}
	all, err := c.All(Endpoint)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID != c.ID && other.Outputs.Bool("privateDnsEnabled") && other.Outputs.String("vpcId") == c.In.String("vpcId") &&
			other.Outputs.String("serviceName") == c.In.String("serviceName") {
			return kind.Refuse("InvalidParameter", "private-dns-enabled cannot be set because there is already a conflicting DNS domain "+
				"for %s.%s.amazonaws.com in the VPC %s", serviceOf(c), c.Region, c.In.String("vpcId"))
		}
	}
	return nil
}

// settleInterface gives an interface endpoint a network interface in each subnet, names, and the VPC's own security
// group when it asked for none.
func settleInterface(c *kind.Call) error {
	interfaces := []any{}
	for range c.Out.Strings("subnetIds") {
		interfaces = append(interfaces, account.NewID("eni"))
	}
	if len(interfaces) != len(c.Old.List("networkInterfaceIds")) || c.Old == nil {
		c.Out["networkInterfaceIds"] = interfaces
	}
	c.Set(account.Props{"cidrBlocks": []any{}, "prefixListId": "", "dnsOptions": map[string]any{
		"dnsRecordIpType": "ipv4", "privateDnsOnlyForInboundResolverEndpoint": false,
	}})
	name := fmt.Sprintf("%s-%s.%s.%s.vpce.amazonaws.com", c.ID, c.ID[len(c.ID)-8:], serviceOf(c), c.Region)
	entries := []any{map[string]any{"dnsName": name, "hostedZoneId": "Z7K1066E3PUKB"}}
	if c.In.Bool("privateDnsEnabled") {
		entries = append(entries, map[string]any{"dnsName": serviceOf(c) + "." + c.Region + ".amazonaws.com", "hostedZoneId": ""})
	}
	c.Out["dnsEntries"] = entries
	if len(c.Out.List("securityGroupIds")) > 0 {
		return nil
	}
	place, err := c.Find(Vpc, "id", c.In.String("vpcId"))
	if err != nil || place == nil {
		return err
	}
	c.Out["securityGroupIds"] = []any{place.Outputs.String("defaultSecurityGroupId")}
	return nil
}
