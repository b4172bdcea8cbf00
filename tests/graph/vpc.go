package graph

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

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

// vpc is what awsx answers to the registration of a VPC. Its route tables come as references, and the SDK
// asks the engine for what a reference names.
func (m *monitor) vpc(id string) resource.PropertyMap {
	return resource.PropertyMap{
		"vpcId":             text("vpc-" + id),
		"publicSubnetIds":   texts(SubnetIDs("public")...),
		"privateSubnetIds":  texts(SubnetIDs("private")...),
		"isolatedSubnetIds": texts(SubnetIDs("isolated")...),
		"routeTables":       m.routeTables(),
	}
}

func (m *monitor) routeTables() resource.PropertyValue {
	references := make([]resource.PropertyValue, 0, zones)
	for _, id := range RouteTableIDs() {
		references = append(references, resource.MakeCustomResourceReference(m.urn("", routeTableType, id), resource.ID(id), ""))
	}
	return resource.NewProperty(references)
}

// referenced is the state of a route table, whose id is its name once it exists.
func (m *monitor) referenced(urn resource.URN) resource.PropertyMap {
	id := urn.Name()
	if m.graph.run.Preview && !m.graph.run.Known {
		id = ""
	}
	return resource.PropertyMap{
		"urn": text(string(urn)), "id": text(id), "state": resource.NewProperty(resource.PropertyMap{}),
	}
}
