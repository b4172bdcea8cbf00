package ec2

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostTables = 200
	mostRoutes = 50
)

// inlineDestinations are the inputs of a table's own route that say for whom it is.
var inlineDestinations = []string{"cidrBlock", "ipv6CidrBlock", "destinationPrefixListId"}

func routeTable() kind.Kind {
	return kind.Kind{
		Type: RouteTable, Title: "EC2 Route Table", Args: ec2.RouteTableArgs{}, State: ec2.RouteTable{},
		API:      tableAPI(),
		Source:   terraform + "vpc_route_table.go",
		Replace:  []string{"vpcId"},
		Sets:     []string{"routes", "propagatingVgws"},
		Kept:     []string{"routes", "propagatingVgws"},
		ReadBack: []string{"routes"},
		Rules: append(tags(),
			kind.CIDR("routes[].cidrBlock", 0, 32),
			kind.Whole("one destination and one target per route", oddRoute, "routes"),
			kind.Whole("one route per destination", doubleRoute, "routes").API("RouteAlreadyExists").From(errorCodes),
			kind.Whole("routes per table", func(in account.Props) string {
				if len(in.List("routes")) > mostRoutes {
					return "The maximum number of routes has been reached."
				}
				return ""
			}, "routes").API("RouteLimitExceeded").From(vpcQuotas)),
		Refs: []kind.Ref{
			{Path: "vpcId", To: Vpc, Source: errorCodes},
			{Path: "routes[].natGatewayId", To: Nat, Loose: true, Source: errorCodes},
			{Path: "routes[].gatewayId", To: Gateway, Loose: true, Foreign: noGateway, Missing: noSuchGateway, Source: errorCodes},
		},
		Guards: []kind.Guard{
			{Name: "routes lead to the same VPC", On: kind.Making | kind.Changing, Source: errorCodes, Check: func(c *kind.Call) error {
				for _, r := range c.In.Objects("routes") {
					if err := sameNetwork(c, c.Out.String("vpcId"), tableName(c), r); err != nil {
						return err
					}
				}
				return nil
			}},
			kind.Quota("route tables per VPC", mostTables, kind.Fault{
				Code: "RouteTableLimitExceeded", Message: "The maximum number of route tables has been reached.",
			}, kind.Alike(RouteTable, "vpcId")).From(vpcQuotas),
		},
		NotFound: kind.Fault{Code: "InvalidRouteTableID.NotFound", Message: "The routeTable ID '%s' does not exist"},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("rtb")
			c.Set(owned(c, "route-table"))
			c.Set(account.Props{"routes": []any{}, "propagatingVgws": []any{}})
			return settleRoutes(c)
		},
		Update: settleRoutes,
		// The provider takes associations off a table before it deletes it; its routes go with it.
		Delete: func(c *kind.Call) error {
			if err := drop(c, Association, "routeTableId"); err != nil {
				return err
			}
			return drop(c, Route, "routeTableId")
		},
	}
}

// tableName is what AWS calls a table in a refusal; one that is being made has no id yet.
func tableName(c *kind.Call) string { return cmp.Or(c.ID, "rtb-00000000000000000") }

func oddRoute(in account.Props) string {
	for i, r := range in.Objects("routes") {
		if n := given(r, inlineDestinations); n != 1 {
			return fmt.Sprintf("creating route: one of `cidr_block, ipv6_cidr_block, destination_prefix_list_id` must be specified: "+
				"routes[%d] has %d of them", i, n)
		}
		if n := given(r, targets); n != 1 {
			return fmt.Sprintf("creating route: one of `%s` must be specified: routes[%d] has %d of them",
				strings.Join(targets, ", "), i, n)
		}
	}
	return ""
}

func doubleRoute(in account.Props) string {
	seen := map[string]bool{}
	for _, r := range in.Objects("routes") {
		destination := inlineDestination(r)
		if seen[destination] {
			return fmt.Sprintf("The route identified by %s already exists.", destination)
		}
		seen[destination] = true
	}
	return ""
}

// given counts the inputs that are there and not empty.
func given(in account.Props, names []string) int {
	count := 0
	for _, name := range names {
		if in.String(name) != "" {
			count++
		}
	}
	return count
}

func inlineDestination(r account.Props) string {
	return cmp.Or(r.String("cidrBlock"), r.String("ipv6CidrBlock"), r.String("destinationPrefixListId"))
}

// settleRoutes keeps a table's own routes as AWS answers them. A table that names its routes takes away all others,
// those that are resources of their own, too.
func settleRoutes(c *kind.Call) error {
	if !c.In.Has("routes") {
		return nil
	}
	routes := []any{}
	for _, r := range c.In.Objects("routes") {
		routes = append(routes, map[string]any(answered(r)))
	}
	sortRoutes(routes)
	c.In, c.Out["routes"] = c.In.Copy(), routes
	c.In["routes"] = routes
	if c.Old == nil {
		return nil
	}
	separate, err := c.All(Route)
	if err != nil {
		return err
	}
	for _, r := range separate {
		if r.Outputs.String("routeTableId") != c.ID {
			continue
		}
		if !slices.ContainsFunc(routes, func(v any) bool { return sameRoute(v, inlineRoute(r.Outputs)) }) {
			if err := c.Tx.Delete(Route, r.Region, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// answered is a route as AWS returns it: a NAT gateway that was given as a gateway is in its own place.
func answered(r account.Props) account.Props {
	r = r.Copy()
	if id := r.String("gatewayId"); strings.HasPrefix(id, "nat-") {
		delete(r, "gatewayId")
		r["natGatewayId"] = id
	}
	return r
}

// inlineRoute is a route that is a resource of its own, as its table shows it.
func inlineRoute(r account.Props) account.Props {
	entry := account.Props{}
	for i, name := range destinations {
		if v := r.String(name); v != "" {
			entry[inlineDestinations[i]] = v
		}
	}
	for _, name := range targets {
		if v := r.String(name); v != "" {
			entry[name] = v
		}
	}
	return entry
}

// sameRoute tells whether two entries of a table have the same destination and target.
func sameRoute(v any, b account.Props) bool {
	m, _ := v.(map[string]any)
	a := account.Props(m)
	return inlineDestination(a) == inlineDestination(b) && target(a) == target(b)
}

func target(r account.Props) string {
	for _, name := range targets {
		if id := r.String(name); id != "" {
			return id
		}
	}
	return ""
}

func sortRoutes(routes []any) {
	slices.SortFunc(routes, func(a, b any) int {
		x, _ := a.(map[string]any)
		y, _ := b.(map[string]any)
		return strings.Compare(inlineDestination(x), inlineDestination(y))
	})
}

// list puts a route into what its table shows, in place of the one that was there for its destination; none takes it out.
func list(c *kind.Call, tableID, destination string, entry account.Props) error {
	table, err := c.Tx.Get(RouteTable, c.Region, tableID)
	if err != nil || table == nil {
		return err
	}
	routes := []any{}
	for _, r := range table.Outputs.Objects("routes") {
		if inlineDestination(r) != destination {
			routes = append(routes, map[string]any(r))
		}
	}
	if entry != nil {
		routes = append(routes, map[string]any(entry))
	}
	sortRoutes(routes)
	show(table, "routes", routes)
	return c.Tx.Put(*table)
}

// show notes what AWS answers for a property. Whoever asked for the property sees the difference.
func show(r *account.Resource, name string, value any) {
	if r.Inputs.Has(name) {
		r.Observe(name, value)
		return
	}
	r.Outputs = r.Outputs.Copy()
	r.Outputs[name] = value
}

// routeID is how the provider calls a route.
func routeID(table, destination string) string {
	return fmt.Sprintf("r-%s%d", table, crc32.ChecksumIEEE([]byte(destination)))
}
