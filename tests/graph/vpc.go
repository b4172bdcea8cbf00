package graph

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	routeTableType  = "aws:ec2/routeTable:RouteTable"
	associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	zones           = 3
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
	state := m.vpcReferences()
	state["vpcId"] = text("vpc-" + id)
	state["publicSubnetIds"] = texts(SubnetIDs("public")...)
	state["privateSubnetIds"] = texts(SubnetIDs("private")...)
	state["isolatedSubnetIds"] = texts(SubnetIDs("isolated")...)
	return state
}

// vpcReferences are the outputs of a VPC that name resources, which a preview has, too.
func (m *monitor) vpcReferences() resource.PropertyMap {
	return resource.PropertyMap{
		"routeTables": m.references(routeTableType, RouteTableIDs()),
		// Those of the public subnets come first, as from awsx.
		"routeTableAssociations": m.references(associationType, append(SubnetIDs("public"), SubnetIDs("private")...)),
	}
}

// RouteTableID is the route table of a subnet of every VPC.
func RouteTableID(subnet string) string { return "rtb-of-" + subnet }

func (m *monitor) references(typ string, ids []string) resource.PropertyValue {
	references := make([]resource.PropertyValue, 0, len(ids))
	for _, id := range ids {
		references = append(references, resource.MakeCustomResourceReference(m.urn("", typ, id), resource.ID(id), ""))
	}
	return resource.NewProperty(references)
}

// referenced is the state of a route table or of an association, which is named after its subnet. Neither has an id
// before it exists.
func (m *monitor) referenced(urn resource.URN) resource.PropertyMap {
	id := urn.Name()
	if m.graph.run.Preview && !m.graph.run.Known {
		return resource.PropertyMap{
			"urn": text(string(urn)), "id": text(""), "state": resource.NewProperty(resource.PropertyMap{}),
		}
	}
	state := resource.PropertyMap{}
	if urn.Type() == associationType {
		state["subnetId"], state["routeTableId"] = text(id), text(RouteTableID(id))
	}
	return resource.PropertyMap{"urn": text(string(urn)), "id": text(id), "state": resource.NewProperty(state)}
}
