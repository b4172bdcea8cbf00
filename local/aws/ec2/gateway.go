package ec2

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func internetGateway() kind.Kind {
	return kind.Kind{
		Type: Gateway, Title: "EC2 Internet Gateway", Args: ec2.InternetGatewayArgs{}, State: ec2.InternetGateway{},
		API:    gatewayAPI(),
		Source: errorCodes,
		Rules:  tags(),
		Refs:   []kind.Ref{{Path: "vpcId", To: Vpc}},
		Guards: []kind.Guard{
			{Name: "the VPC has no other gateway", On: kind.Making | kind.Changing, Check: onlyGateway},
			{Name: "no address is mapped through it", On: kind.Changing | kind.Deleting, Check: unmapped,
				Source: "hashicorp/terraform#497, #1303, #1628"},
			kind.Quota("internet gateways per region", mostVpcs, kind.Fault{
				Code: "InternetGatewayLimitExceeded", Message: "The maximum number of internet gateways has been reached.",
			}, kind.Alike(Gateway)).From(vpcQuotas),
		},
		NotFound: kind.Fault{
			Code: "InvalidInternetGatewayID.NotFound", Message: "The internetGateway ID '%s' does not exist",
		},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("igw")
			c.Set(owned(c, "internet-gateway"))
			return nil
		},
	}
}

func onlyGateway(c *kind.Call) error {
	vpcID := c.In.String("vpcId")
	if vpcID == "" {
		return nil
	}
	other, err := c.Find(Gateway, "vpcId", vpcID)
	if err != nil || other == nil || other.ID == c.ID {
		return err
	}
	return kind.Refuse("InvalidParameterValue", "Network %s already has an internet gateway attached", vpcID)
}

// unmapped refuses to take a gateway off a VPC while addresses of it are reachable through the gateway.
func unmapped(c *kind.Call) error {
	vpcID := c.Old.String("vpcId")
	if vpcID == "" || (c.Before != nil && c.In.String("vpcId") == vpcID) {
		return nil
	}
	mapped, err := mappedAddresses(c, vpcID)
	if err != nil || !mapped {
		return err
	}
	return kind.RefuseForNow("DependencyViolation", "Network %s has some mapped public address(es). "+
		"Please unmap those public address(es) before detaching the gateway.", vpcID)
}

// mappedAddresses tells whether something in a VPC has a public address.
func mappedAddresses(c *kind.Call, vpcID string) (bool, error) {
	subnets, err := inVpc(c, vpcID)
	if err != nil {
		return false, err
	}
	nats, err := c.All(Nat)
	if err != nil {
		return false, err
	}
	for _, nat := range nats {
		if subnets[nat.Outputs.String("subnetId")] && nat.Outputs.Has("allocationId") {
			return true, nil
		}
	}
	balancers, err := c.All(loadBalancer)
	if err != nil {
		return false, err
	}
	for _, balancer := range balancers {
		if balancer.Outputs.String("vpcId") == vpcID && !balancer.Outputs.Bool("internal") {
			return true, nil
		}
	}
	return false, nil
}
