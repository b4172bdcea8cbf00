package ec2

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const mostNats = 5

func natGateway() kind.Kind {
	return kind.Kind{
		Type: Nat, Title: "EC2 NAT Gateway", Args: ec2.NatGatewayArgs{}, State: ec2.NatGateway{}, Takes: natTakes(),
		API:      natAPI(),
		Source:   terraform + "vpc_nat_gateway.go",
		Replace:  []string{"allocationId", "connectivityType", "privateIp", "secondaryPrivateIpAddressCount", "subnetId"},
		Sets:     []string{"secondaryAllocationIds", "secondaryPrivateIpAddresses"},
		Kept:     []string{"secondaryPrivateIpAddresses"},
		Defaults: account.Props{"connectivityType": "public"},
		Rules:    append(tags(), natRules()...),
		Refs: []kind.Ref{
			{Path: "subnetId", To: Subnet, Source: errorCodes},
			{Path: "allocationId", To: Eip, Loose: true, Source: errorCodes},
			{Path: "secondaryAllocationIds[]", To: Eip, Loose: true, Source: errorCodes},
		},
		Guards: []kind.Guard{
			{Name: "the VPC has an internet gateway", On: kind.Making, Check: attached,
				Source: "docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"},
			{Name: "no other gateway has the address", On: kind.Making | kind.Changing, Check: addressFree,
				Source: "docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"},
			{Name: "the private address is in the subnet", On: kind.Making, Check: natInside, Source: errorCodes},
			{Name: "the subnet has a free address", On: kind.Making, Source: errorCodes,
				Check: func(c *kind.Call) error { return roomFor(c, []string{c.In.String("subnetId")}) }},
			kind.Quota("NAT gateways per zone", mostNats, kind.Fault{
				Code:    "NatGatewayLimitExceeded",
				Message: fmt.Sprintf("Performing this operation would exceed the limit of %d NAT gateways", mostNats),
			}, natsInZone).From(vpcQuotas),
		},
		NotFound: kind.Fault{
			Code: "NatGatewayNotFound", Message: "NAT gateway %s was not found",
		},
		Create: createNat,
		Delete: func(c *kind.Call) error { return associate(c, c.Old.String("allocationId"), nil) },
	}
}

func natRules() []kind.Rule {
	private := func(in account.Props) bool { return in.String("connectivityType") == "private" }
	return []kind.Rule{
		kind.OneOf("connectivityType", "public", "private"),
		kind.Conflict("secondaryPrivateIpAddressCount", "secondaryPrivateIpAddresses"),
		{
			Name: "form of privateIp", Path: "privateIp", Bad: "10.0.0", Test: func(v any, _ account.Props) string {
				text, _ := v.(string)
				if address, err := netip.ParseAddr(text); err != nil || !address.Is4() {
					return fmt.Sprintf("expected privateIp to contain a valid IPv4 address, got: %s", text)
				}
				return ""
			},
		},
		kind.Whole("a public gateway has an address", func(in account.Props) string {
			if !private(in) && !in.Has("allocationId") {
				return "The request must contain the parameter AllocationId"
			}
			return ""
		}, "connectivityType", "allocationId").API("MissingParameter").From(errorCodes),
		kind.Whole("a private gateway has no elastic address", func(in account.Props) string {
			for _, name := range []string{"allocationId", "secondaryAllocationIds"} {
				if private(in) && in.Has(name) {
					return fmt.Sprintf(`%s is not supported with connectivity_type = "private"`, name)
				}
			}
			return ""
		}, "connectivityType", "allocationId", "secondaryAllocationIds"),
		kind.Whole("a public gateway counts no secondary addresses", func(in account.Props) string {
			if !private(in) && in.Has("secondaryPrivateIpAddressCount") {
				return `secondaryPrivateIpAddressCount is not supported with connectivity_type = "public"`
			}
			return ""
		}, "connectivityType", "secondaryPrivateIpAddressCount"),
	}
}

// attached refuses a public NAT gateway in a VPC without a way out. AWS says so only when it has begun to make the
// gateway, so a way out that is made at the same time comes in time.
func attached(c *kind.Call) error {
	if !c.In.Has("allocationId") {
		return nil
	}
	vpcID, err := network(c, Subnet, c.In.String("subnetId"))
	if err != nil {
		return err
	}
	gateway, err := c.Find(Gateway, "vpcId", vpcID)
	if err != nil || gateway != nil {
		return err
	}
	return kind.RefuseForNow("Gateway.NotAttached", "Network %s has no Internet gateway attached", vpcID)
}

// addressFree refuses an elastic address that another NAT gateway has.
func addressFree(c *kind.Call) error {
	wanted := append(c.In.Strings("secondaryAllocationIds"), c.In.String("allocationId"))
	nats, err := c.All(Nat)
	if err != nil {
		return err
	}
	for _, nat := range nats {
		if nat.ID == c.ID {
			continue
		}
		for _, taken := range append(nat.Outputs.Strings("secondaryAllocationIds"), nat.Outputs.String("allocationId")) {
			if taken != "" && slices.Contains(wanted, taken) {
				return kind.Refuse("Resource.AlreadyAssociated", "Elastic IP address [%s] is already associated", taken)
			}
		}
	}
	return nil
}

func natInside(c *kind.Call) error {
	asked := c.In.String("privateIp")
	if asked == "" {
		return nil
	}
	place, err := c.Find(Subnet, "id", c.In.String("subnetId"))
	if err != nil {
		return err
	}
	block, err := netip.ParsePrefix(place.Outputs.String("cidrBlock"))
	address, addressErr := netip.ParseAddr(asked)
	if err != nil || addressErr != nil || !block.Contains(address) {
		return kind.Refuse("InvalidParameterValue", "Address %s does not fall within the subnet's address range", asked)
	}
	return nil
}

// natsInZone counts the NAT gateways in the zone of the new one.
func natsInZone(c *kind.Call) (int, error) {
	subnets, err := c.All(Subnet)
	if err != nil {
		return 0, err
	}
	zones := map[string]string{}
	for _, s := range subnets {
		zones[s.ID] = s.Outputs.String("availabilityZone")
	}
	nats, err := c.All(Nat)
	count := 0
	for _, nat := range nats {
		if zones[nat.Outputs.String("subnetId")] == zones[c.In.String("subnetId")] {
			count++
		}
	}
	return count, err
}

func createNat(c *kind.Call) error {
	place, err := c.Find(Subnet, "id", c.In.String("subnetId"))
	if err != nil {
		return err
	}
	address := ""
	if allocation := c.In.String("allocationId"); allocation != "" {
		ip, err := c.Find(Eip, "id", allocation)
		if err != nil {
			return err
		}
		address = ip.Outputs.String("publicIp")
	}
	c.ID = "nat-0" + account.NewHex(16)
	c.Set(account.Props{
		"associationId": "", "networkInterfaceId": account.NewID("eni"),
		"privateIp": PrivateAddress(place.Outputs.String("cidrBlock")), "publicIp": address,
		"secondaryAllocationIds": []any{}, "secondaryPrivateIpAddresses": []any{}, "secondaryPrivateIpAddressCount": 0.0,
	})
	if address == "" {
		return nil
	}
	c.Out["associationId"] = account.NewID("eipassoc")
	return associate(c, c.In.String("allocationId"), c.Out)
}
