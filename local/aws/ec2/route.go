package ec2

import (
	"net/netip"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// targets are the inputs of a route that say where it leads.
var targets = []string{
	"carrierGatewayId", "coreNetworkArn", "egressOnlyGatewayId", "gatewayId", "localGatewayId", "natGatewayId",
	"networkInterfaceId", "transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId",
}

// destinations are the inputs of a route that say for whom it is.
var destinations = []string{"destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"}

// noSuchGateway is AWS's answer to a gateway that does not exist.
var noSuchGateway = kind.Fault{Code: "InvalidGatewayID.NotFound", Message: "The gateway ID '%s' does not exist"}

// noGateway tells targets that are no internet gateway: what stays in the VPC, and NAT gateways, which AWS takes there.
func noGateway(id string) bool { return id == "local" || strings.HasPrefix(id, "nat-") }

func route() kind.Kind {
	return kind.Kind{
		Type: Route, Title: "EC2 Route", Args: ec2.RouteArgs{}, State: ec2.Route{}, Source: terraform + "vpc_route.go",
		API:      routeAPI(),
		Replace:  append([]string{"routeTableId"}, destinations...),
		ReadBack: []string{"gatewayId", "natGatewayId"},
		Rules: []kind.Rule{
			kind.ExactlyOne(destinations...), kind.ExactlyOne(targets...), kind.CIDR("destinationCidrBlock", 0, 32),
			kind.Whole("no route to the VPC itself", func(in account.Props) string {
				if in.String("gatewayId") == "local" {
					return "cannot create local Route, use an import to manage existing local Routes"
				}
				return ""
			}, "gatewayId"),
		},
		Refs: []kind.Ref{
			{Path: "routeTableId", To: RouteTable, Loose: true, Source: errorCodes},
			// AWS lets go of the target and marks the route a black hole.
			{Path: "natGatewayId", To: Nat, Loose: true, Source: errorCodes},
			{Path: "gatewayId", To: Gateway, Loose: true, Foreign: noGateway, Missing: noSuchGateway, Source: errorCodes},
		},
		Guards: []kind.Guard{
			{Name: "the target exists", On: kind.Making | kind.Changing, Source: errorCodes, Check: targetExists},
			{Name: "the target is in the same VPC", On: kind.Making | kind.Changing, Source: errorCodes, Check: func(c *kind.Call) error {
				vpcID, err := network(c, RouteTable, c.In.String("routeTableId"))
				if err != nil {
					return err
				}
				return sameNetwork(c, vpcID, c.In.String("routeTableId"), c.In)
			}},
			{Name: "the VPC's own block stays inside", On: kind.Making | kind.Changing, Check: outside,
				Source: "docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html"},
			{Name: "one route per destination", On: kind.Making, Source: errorCodes, Check: newDestination},
			kind.Quota("routes per table", mostRoutes, kind.Fault{
				Code: "RouteLimitExceeded", Message: "The maximum number of routes has been reached.",
			}, routesInTable).From(vpcQuotas),
		},
		NotFound: kind.Fault{Code: "InvalidRoute.NotFound", Message: "no route with the id %s"},
		Create: func(c *kind.Call) error {
			c.ID = routeID(c.In.String("routeTableId"), destination(c.In))
			c.Set(account.Props{
				"origin": "CreateRoute", "state": "active", "instanceId": "", "instanceOwnerId": "",
				"networkInterfaceId": "",
			})
			return settleRoute(c)
		},
		Update: settleRoute,
		Delete: func(c *kind.Call) error { return list(c, c.Old.String("routeTableId"), destination(c.Old), nil) },
	}
}

func destination(r account.Props) string {
	for _, name := range destinations {
		if v := r.String(name); v != "" {
			return v
		}
	}
	return ""
}

// settleRoute keeps a route as AWS answers it, and shows it in its table.
func settleRoute(c *kind.Call) error {
	c.In = answered(c.In)
	for _, name := range targets {
		if name != "networkInterfaceId" {
			delete(c.Out, name)
		}
		if v := c.In.String(name); v != "" {
			c.Out[name] = v
		}
	}
	return list(c, c.In.String("routeTableId"), destination(c.In), inlineRoute(c.Out))
}

// targetExists refuses targets of kinds of which the account has none, and NAT gateways given as gateways.
func targetExists(c *kind.Call) error {
	if id := c.In.String("gatewayId"); strings.HasPrefix(id, "nat-") {
		nat, err := c.Find(Nat, "id", id)
		if err != nil {
			return err
		}
		if nat == nil {
			return kind.Refuse("NatGatewayNotFound", "NAT gateway %s was not found", id)
		}
	}
	for name, fault := range map[string]struct{ code, what string }{
		"egressOnlyGatewayId":    {"InvalidGatewayID.NotFound", "eigw"},
		"carrierGatewayId":       {"InvalidCarrierGatewayID.NotFound", "carrierGateway"},
		"localGatewayId":         {"InvalidLocalGatewayID.NotFound", "localGateway"},
		"networkInterfaceId":     {"InvalidNetworkInterfaceID.NotFound", "networkInterface"},
		"transitGatewayId":       {"InvalidTransitGatewayID.NotFound", "transitGateway"},
		"vpcPeeringConnectionId": {"InvalidVpcPeeringConnectionID.NotFound", "vpcPeeringConnection"},
	} {
		if id := c.In.String(name); id != "" {
			return kind.Refuse(fault.code, "The %s ID '%s' does not exist", fault.what, id)
		}
	}
	return nil
}

// sameNetwork refuses a route whose target is in another VPC than its table.
func sameNetwork(c *kind.Call, vpcID, table string, r account.Props) error {
	r = answered(r)
	if id := r.String("gatewayId"); id != "" && !noGateway(id) {
		other, err := network(c, Gateway, id)
		if err != nil {
			return err
		}
		if other != vpcID {
			return kind.Refuse("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", table, id)
		}
	}
	id := r.String("natGatewayId")
	if id == "" {
		return nil
	}
	nat, err := c.Find(Nat, "id", id)
	if err != nil || nat == nil {
		return err
	}
	other, err := network(c, Subnet, nat.Outputs.String("subnetId"))
	if err != nil {
		return err
	}
	if other != vpcID {
		return kind.Refuse("InvalidParameterValue", "route table %s and interface %s belong to different networks",
			table, nat.Outputs.String("networkInterfaceId"))
	}
	return nil
}

// outside refuses to lead the VPC's own addresses to an internet gateway.
func outside(c *kind.Call) error {
	if id := c.In.String("gatewayId"); id == "" || noGateway(id) {
		return nil
	}
	vpcID, err := network(c, RouteTable, c.In.String("routeTableId"))
	if err != nil {
		return err
	}
	place, err := c.Find(Vpc, "id", vpcID)
	if err != nil || place == nil {
		return err
	}
	own, ownErr := netip.ParsePrefix(place.Outputs.String("cidrBlock"))
	block, blockErr := netip.ParsePrefix(c.In.String("destinationCidrBlock"))
	if ownErr != nil || blockErr != nil || block.Bits() < own.Bits() || !own.Contains(block.Addr()) {
		return nil
	}
	return kind.Refuse("InvalidParameterValue", "The destination CIDR block %s is equal to or more specific than one of this VPC's "+
		"CIDR blocks. This route can target only an interface or an instance.", block)
}

// newDestination refuses a second route for a destination, also one that the table itself has.
func newDestination(c *kind.Call) error {
	table, err := c.Find(RouteTable, "id", c.In.String("routeTableId"))
	if err != nil {
		return err
	}
	wanted := destination(c.In)
	for _, r := range table.Outputs.Objects("routes") {
		if inlineDestination(r) == wanted {
			return kind.Refuse("RouteAlreadyExists", "The route identified by %s already exists.", wanted)
		}
	}
	return nil
}

func routesInTable(c *kind.Call) (int, error) {
	table, err := c.Find(RouteTable, "id", c.In.String("routeTableId"))
	if err != nil {
		return 0, err
	}
	return len(table.Outputs.List("routes")), nil
}
