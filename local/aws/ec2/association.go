package ec2

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func association() kind.Kind {
	return kind.Kind{
		Type: Association, Title: "EC2 Route Table Association",
		Args: ec2.RouteTableAssociationArgs{}, State: ec2.RouteTableAssociation{}, Source: errorCodes,
		API:     associationAPI(),
		Replace: []string{"subnetId", "gatewayId"},
		Rules:   []kind.Rule{kind.ExactlyOne("subnetId", "gatewayId").From(terraform + "vpc_route_table_association.go")},
		Refs: []kind.Ref{
			// The provider takes associations off a table before it deletes it.
			{Path: "routeTableId", To: RouteTable, Loose: true},
			{Path: "subnetId", To: Subnet, Loose: true},
			{Path: "gatewayId", To: Gateway, Loose: true, Missing: noSuchGateway},
		},
		Guards: []kind.Guard{
			{Name: "the table is in the same VPC", On: kind.Making | kind.Changing, Check: sameTable},
			{Name: "no other table has it", On: kind.Making, Check: unassociated},
		},
		NotFound: kind.Fault{Code: "InvalidAssociationID.NotFound", Message: "The association ID '%s' does not exist"},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("rtbassoc")
			return nil
		},
	}
}

func sameTable(c *kind.Call) error {
	table := c.In.String("routeTableId")
	vpcID, err := network(c, RouteTable, table)
	if err != nil {
		return err
	}
	if id := c.In.String("subnetId"); id != "" {
		other, err := network(c, Subnet, id)
		if err == nil && other != vpcID {
			return kind.Refuse("InvalidParameterValue", "route table %s and subnet %s belong to different networks", table, id)
		}
		return err
	}
	id := c.In.String("gatewayId")
	other, err := network(c, Gateway, id)
	if err == nil && other != vpcID {
		return kind.Refuse("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", table, id)
	}
	return err
}

func unassociated(c *kind.Call) error {
	for _, name := range []string{"subnetId", "gatewayId"} {
		id := c.In.String(name)
		if id == "" {
			continue
		}
		other, err := c.Find(Association, name, id)
		if err != nil {
			return err
		}
		if other != nil {
			return kind.Refuse("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with "+
				"an existing association", c.In.String("routeTableId"))
		}
	}
	return nil
}
