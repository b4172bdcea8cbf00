package graph

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
)

// awsx answers the registration of a VPC with references to its route tables, and the SDK asks the engine for
// what a reference names. The engine knows the resource; the SDK's mocks know only what the program registers.
// So the route tables are registered before the program starts, and left out of the graph.
const (
	routeTableType = "aws:ec2/routeTable:RouteTable"
	zones          = 3
)

// RouteTableIDs are the ids of the route tables of every VPC.
func RouteTableIDs() []string { return zoned("rtb") }

// SubnetIDs are the ids of the subnets of a kind (public, private or isolated) of every VPC.
func SubnetIDs(kind string) []string { return zoned("subnet-" + kind) }

func zoned(prefix string) []string {
	names := make([]string, zones)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", prefix, i+1)
	}
	return names
}

func registerRouteTables(ctx *pulumi.Context) error {
	for _, id := range RouteTableIDs() {
		table := &pulumi.CustomResourceState{}
		if err := ctx.RegisterResource(routeTableType, id, nil, table); err != nil {
			return err
		}
		if _, err := internals.UnsafeAwaitOutput(ctx.Context(), table.URN()); err != nil {
			return err
		}
	}
	return nil
}

func isRouteTable(r *Resource) bool {
	return r.Type == routeTableType && slices.Contains(RouteTableIDs(), r.Name)
}

// routeTable answers the registration of a route table, whose id is its name.
func (m *mocks) routeTable(r *Resource) (string, resource.PropertyMap, error) {
	if m.run.Preview {
		return "", resource.PropertyMap{}, nil
	}
	return r.Name, resource.PropertyMap{}, nil
}

func (m *mocks) routeTables() resource.PropertyValue {
	references := make([]resource.PropertyValue, 0, zones)
	for _, id := range RouteTableIDs() {
		urn := resource.URN(m.urn("", routeTableType, id))
		references = append(references, resource.MakeCustomResourceReference(urn, resource.ID(id), ""))
	}
	return resource.NewProperty(references)
}

func (m *mocks) vpc(id string) resource.PropertyMap {
	return resource.PropertyMap{
		"vpcId":             text("vpc-" + id),
		"publicSubnetIds":   texts(SubnetIDs("public")...),
		"privateSubnetIds":  texts(SubnetIDs("private")...),
		"isolatedSubnetIds": texts(SubnetIDs("isolated")...),
		"routeTables":       m.routeTables(),
	}
}
