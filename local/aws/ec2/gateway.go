package ec2

import (
	"crypto/rand"
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func internetGateway() kind.Kind {
	return kind.Kind{
		Type: Gateway, Title: "EC2 Internet Gateway", Args: ec2.InternetGatewayArgs{}, State: ec2.InternetGateway{},
		Refs: []kind.Ref{{Path: "vpcId", To: Vpc}},
		NotFound: kind.Fault{
			Code: "InvalidInternetGatewayID.NotFound", Message: "The internetGateway ID '%s' does not exist",
		},
		InUse: kind.Fault{Code: "DependencyViolation", Message: "The internetGateway '%s' has dependencies."},
		Create: func(c *kind.Call) error {
			other, err := c.Find(Gateway, "vpcId", c.In.String("vpcId"))
			if err != nil {
				return err
			}
			if other != nil && c.In.Has("vpcId") {
				return kind.Refuse("InvalidParameterValue", "Network %s already has an internet gateway attached",
					c.In.String("vpcId"))
			}
			c.ID = account.NewID("igw")
			c.Set(owned(c, "internet-gateway"))
			return nil
		},
		Delete: detach,
	}
}

// detach refuses while addresses of the VPC are reachable through the gateway.
func detach(c *kind.Call) error {
	network := c.Old.String("vpcId")
	subnets, err := inVpc(c, network)
	if err != nil {
		return err
	}
	nats, err := c.All(Nat)
	if err != nil {
		return err
	}
	balancers, err := c.All(loadBalancer)
	if err != nil {
		return err
	}
	mapped := false
	for _, nat := range nats {
		mapped = mapped || (subnets[nat.Outputs.String("subnetId")] && nat.Outputs.Has("allocationId"))
	}
	for _, balancer := range balancers {
		mapped = mapped || (balancer.Outputs.String("vpcId") == network && !balancer.Outputs.Bool("internal"))
	}
	if mapped {
		return kind.RefuseForNow("DependencyViolation", "Network %s has some mapped public address(es). "+
			"Please unmap those public address(es) before detaching the gateway.", network)
	}
	return nil
}

func eip() kind.Kind {
	return kind.Kind{
		Type: Eip, Title: "EC2 EIP", Args: ec2.EipArgs{}, State: ec2.Eip{},
		Replace: []string{
			"address", "customerOwnedIpv4Pool", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool", "vpc",
		},
		Rules: []kind.Rule{kind.OneOf("domain", "vpc", "standard"), kind.Conflict("domain", "vpc")},
		NotFound: kind.Fault{
			Code: "InvalidAllocationID.NotFound", Message: "The allocation ID '%s' does not exist",
		},
		InUse: kind.Fault{Code: "InvalidIPAddress.InUse", Message: "Address %s is in use."},
		Create: func(c *kind.Call) error {
			c.ID = account.NewID("eipalloc")
			address := publicAddress()
			c.Set(account.Props{
				"arn": c.ARN("ec2", "elastic-ip/"+c.ID), "allocationId": c.ID, "domain": "vpc", "vpc": true,
				"publicIp": address, "publicDns": "ec2-" + dashed(address) + "." + computeDomain(c.Region),
				"publicIpv4Pool": "amazon", "networkBorderGroup": c.Region, "ptrRecord": "", "associationId": "",
				"instance": "", "networkInterface": "", "privateIp": "", "privateDns": "", "carrierIp": "",
				"customerOwnedIp": "", "ipamPoolId": "",
			})
			return nil
		},
	}
}

// publicAddress is one of the addresses that are set aside for documentation: it
// leads nowhere, whatever is done with it.
func publicAddress() string {
	b := make([]byte, 2)
	_, _ = rand.Read(b) // never fails, says its documentation
	nets := []string{"192.0.2", "198.51.100", "203.0.113"}
	return fmt.Sprintf("%s.%d", nets[int(b[0])%len(nets)], 1+int(b[1])%254)
}

func dashed(address string) string {
	b := []byte(address)
	for i := range b {
		if b[i] == '.' {
			b[i] = '-'
		}
	}
	return string(b)
}

func computeDomain(region string) string {
	if region == "us-east-1" {
		return "compute-1.amazonaws.com"
	}
	return region + ".compute.amazonaws.com"
}

func natGateway() kind.Kind {
	return kind.Kind{
		Type: Nat, Title: "EC2 NAT Gateway", Args: ec2.NatGatewayArgs{}, State: ec2.NatGateway{},
		Replace:  []string{"allocationId", "connectivityType", "privateIp", "subnetId"},
		Sets:     []string{"secondaryAllocationIds", "secondaryPrivateIpAddresses"},
		Defaults: account.Props{"connectivityType": "public"},
		Rules: []kind.Rule{
			kind.OneOf("connectivityType", "public", "private"),
			kind.Whole(func(in account.Props) string {
				if in.String("connectivityType") != "private" && !in.Has("allocationId") {
					return "The request must contain the parameter AllocationId"
				}
				return ""
			}, "connectivityType", "allocationId").API("MissingParameter"),
		},
		Refs: []kind.Ref{{Path: "subnetId", To: Subnet}, {Path: "allocationId", To: Eip}},
		NotFound: kind.Fault{
			Code: "NatGatewayNotFound", Message: "NAT gateway %s was not found",
		},
		Create: createNat,
	}
}

func createNat(c *kind.Call) error {
	place, err := c.Find(Subnet, "id", c.In.String("subnetId"))
	if err != nil {
		return err
	}
	network := place.Outputs.String("vpcId")
	address := ""
	if allocation := c.In.String("allocationId"); allocation != "" {
		gateway, err := c.Find(Gateway, "vpcId", network)
		if err != nil {
			return err
		}
		if gateway == nil {
			return kind.RefuseForNow("Gateway.NotAttached", "Network %s has no Internet gateway attached", network)
		}
		other, err := c.Find(Nat, "allocationId", allocation)
		if err != nil {
			return err
		}
		if other != nil {
			return kind.RefuseForNow("Resource.AlreadyAssociated",
				"Elastic IP address [%s] is already associated", allocation)
		}
		ip, err := c.Find(Eip, "id", allocation)
		if err != nil {
			return err
		}
		address = ip.Outputs.String("publicIp")
	}
	c.ID = "nat-0" + account.NewHex(16)
	c.Set(account.Props{
		"associationId": account.NewID("eipassoc"), "networkInterfaceId": account.NewID("eni"),
		"privateIp": PrivateAddress(place.Outputs.String("cidrBlock")), "publicIp": address,
		"secondaryAllocationIds": []any{}, "secondaryPrivateIpAddresses": []any{}, "secondaryPrivateIpAddressCount": 0.0,
	})
	return nil
}

// PrivateAddress is one of the usable addresses of a subnet, "" if the block is none.
func PrivateAddress(block string) string {
	network, err := netip.ParsePrefix(block)
	if err != nil || !network.Addr().Is4() {
		return ""
	}
	b := make([]byte, 2)
	_, _ = rand.Read(b) // never fails, says its documentation
	// AWS keeps the first four addresses and the last one.
	room := 1<<(32-network.Bits()) - 5
	offset := 4 + (int(b[0])<<8+int(b[1]))%room
	octets := network.Masked().Addr().As4()
	sum := int(octets[0])<<24 + int(octets[1])<<16 + int(octets[2])<<8 + int(octets[3]) + offset
	return fmt.Sprintf("%d.%d.%d.%d", sum>>24&255, sum>>16&255, sum>>8&255, sum&255)
}
