package ec2_test

import (
	"fmt"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind/cases"
)

func vpcCases() []cases.Case {
	without := cases.Make(account.Props{"enableDnsHostnames": nil})
	list := []cases.Case{
		cases.One(ec2.Vpc, "cidrBlock without ipv4NetmaskLength", cases.Make(account.Props{"ipv4NetmaskLength": 16.0}), nil, "conflicts with"),
		cases.One(ec2.Vpc, "assignGeneratedIpv6CidrBlock without ipv6IpamPoolId",
			cases.Make(account.Props{"assignGeneratedIpv6CidrBlock": true, "ipv6IpamPoolId": "ipam-1"}), nil, "conflicts with"),
		cases.One(ec2.Vpc, "ipv6CidrBlock without ipv6NetmaskLength",
			cases.Make(account.Props{"ipv6CidrBlock": "2001:db8::/56", "ipv6NetmaskLength": 56.0}), nil, "conflicts with"),
		cases.One(ec2.Vpc, "a block", cases.Make(account.Props{"cidrBlock": nil}), nil, "MissingParameter"),
		cases.One(ec2.Vpc, "host names need DNS", cases.Make(account.Props{"enableDnsSupport": false}), without, "InvalidParameterValue"),
		cases.One(ec2.Vpc, "VPCs per region", cases.Full(5, nil), cases.Full(4, nil), "VpcLimitExceeded: The maximum number of VPCs has been reached."),
	}
	for _, holder := range []string{ec2.Subnet, ec2.Gateway, ec2.SecurityGroup, ec2.Endpoint} {
		list = append(list, cases.Case{Type: ec2.Vpc, Rule: "nothing uses it", Accepted: cases.Delete(nil), Says: "DependencyViolation: The vpc 'vpc-",
			Refused: cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(holder) })})
	}
	return list
}

func subnetCases() []cases.Case {
	another := func(changes account.Props) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, changes)
			return err
		}
	}
	list := []cases.Case{
		cases.One(ec2.Subnet, "availabilityZone without availabilityZoneId", cases.Make(account.Props{"availabilityZoneId": "euc1-az1"}),
			cases.Make(account.Props{"availabilityZone": nil, "availabilityZoneId": "euc1-az3"}), "conflicts with"),
		cases.One(ec2.Subnet, "customerOwnedIpv4Pool, mapCustomerOwnedIpOnLaunch, outpostArn together",
			cases.Make(account.Props{"mapCustomerOwnedIpOnLaunch": true}), nil, "must be specified"),
		cases.One(ec2.Subnet, "a block", cases.Make(account.Props{"cidrBlock": nil}), nil, "MissingParameter: Either 'cidrBlock' or 'ipv6CidrBlock'"),
		cases.One(ec2.Subnet, "the zone exists", cases.Make(account.Props{"availabilityZone": "eu-central-1z"}), nil, "eu-central-1a, eu-central-1b"),
		cases.One(ec2.Subnet, "the zone exists", cases.Make(account.Props{"availabilityZone": nil, "availabilityZoneId": "euc1-az9"}), nil, "euc1-az9"),
		cases.One(ec2.Subnet, "the block is in the VPC's", cases.Make(account.Props{"cidrBlock": "10.1.0.0/24"}), nil, "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid."),
		cases.One(ec2.Subnet, "no other subnet has the block", another(account.Props{"cidrBlock": "10.0.0.128/25"}),
			another(account.Props{"cidrBlock": "10.0.1.0/25"}), "InvalidSubnet.Conflict: The CIDR '10.0.0.128/25' conflicts with another subnet"),
		cases.One(ec2.Subnet, "subnets per VPC", filledSubnets(200), filledSubnets(199), "SubnetLimitExceeded"),
	}
	for _, holder := range []string{ec2.Nat, elb.LoadBalancer, ec2.Endpoint} {
		list = append(list, cases.Case{Type: ec2.Subnet, Rule: "nothing uses it", Accepted: cases.Delete(nil),
			Refused: cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(holder) }), Says: "DependencyViolation: The subnet"})
	}
	return list
}

// filledSubnets is the trial of one more subnet in a VPC with some.
func filledSubnets(there int) cases.Trial {
	return func(w *cases.World, typ string) error {
		w.Fill(w.Usual(typ), there-1)
		_, err := w.Make(typ, account.Props{"cidrBlock": "10.0.1.0/24"})
		return err
	}
}

func gatewayCases() []cases.Case {
	second := func(w *cases.World, typ string) error {
		w.Usual(typ)
		_, err := w.Make(typ, nil)
		return err
	}
	move := func(w *cases.World, _ string) error {
		vpc := w.Need(ec2.Vpc, account.Props{"cidrBlock": "10.8.0.0/16"}).ID
		_, err := w.Change(w.Usual(ec2.Gateway), account.Props{"vpcId": vpc})
		return err
	}
	return []cases.Case{
		cases.One(ec2.Gateway, "the VPC has no other gateway", second, nil, "InvalidParameterValue: Network vpc-"),
		cases.One(ec2.Gateway, "the VPC has no other gateway", func(w *cases.World, typ string) error {
			detached := w.Need(typ, account.Props{"vpcId": nil})
			w.Usual(typ)
			_, err := w.Change(detached, account.Props{"vpcId": w.Usual(ec2.Vpc).ID})
			return err
		}, move, "already has an internet gateway attached"),
		cases.One(ec2.Gateway, "no address is mapped through it", cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(ec2.Nat) }),
			cases.Delete(nil), "has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."),
		cases.One(ec2.Gateway, "no address is mapped through it", cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(elb.LoadBalancer) }),
			cases.Delete(func(w *cases.World, _ account.Resource) { w.Need(elb.LoadBalancer, account.Props{"internal": true}) }), "DependencyViolation"),
		cases.One(ec2.Gateway, "no address is mapped through it", func(w *cases.World, _ string) error {
			w.Usual(ec2.Nat)
			return move(w, ec2.Gateway)
		}, move, "DependencyViolation"),
		cases.One(ec2.Gateway, "internet gateways per region", cases.Full(5, account.Props{"vpcId": nil}), cases.Full(4, account.Props{"vpcId": nil}), "InternetGatewayLimitExceeded"),
		cases.One(ec2.Eip, "domain without vpc", cases.Make(account.Props{"vpc": true}), nil, "conflicts with"),
		cases.One(ec2.Eip, "elastic addresses per region", cases.Full(5, nil), cases.Full(4, nil), "AddressLimitExceeded: The maximum number of addresses has been reached."),
		cases.One(ec2.Eip, "what it is associated with exists", cases.Make(account.Props{"instance": "i-0123456789abcdef0"}), nil, "InvalidInstanceID.NotFound"),
		cases.One(ec2.Eip, "what it is associated with exists", cases.Make(account.Props{"networkInterface": "eni-0123456789abcdef0"}), nil, "InvalidNetworkInterfaceID.NotFound"),
		cases.One(ec2.Eip, "what it is associated with exists", func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"networkInterface": w.Usual(ec2.Nat).Outputs["networkInterfaceId"]})
			return err
		}, nil, "OperationNotPermitted"),
		cases.One(ec2.Eip, "no gateway has it", cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(ec2.Nat) }),
			cases.Delete(nil), "InvalidIPAddress.InUse: Address eipalloc-"),
	}
}

func natCases() []cases.Case {
	private := account.Props{"connectivityType": "private", "allocationId": nil, "secondaryAllocationIds": nil}
	with := func(changes account.Props) account.Props {
		all := private.Copy()
		for name, v := range changes {
			all[name] = v
		}
		return all
	}
	crowded := func(more int) cases.Trial {
		return func(w *cases.World, typ string) error {
			tiny := w.Need(ec2.Subnet, account.Props{"cidrBlock": "10.0.2.0/28", "availabilityZone": "eu-central-1b"})
			in := with(account.Props{"subnetId": tiny.ID, "privateIp": nil})
			endpoint := w.Need(ec2.Endpoint, account.Props{"subnetIds": []any{tiny.ID}})
			w.Fill(endpoint, more-1)
			_, err := w.Make(typ, in)
			return err
		}
	}
	return []cases.Case{
		cases.One(ec2.Nat, "secondaryPrivateIpAddressCount without secondaryPrivateIpAddresses", cases.Make(with(account.Props{
			"secondaryPrivateIpAddressCount": 1.0, "secondaryPrivateIpAddresses": []any{"10.0.0.11"},
		})), nil, "conflicts with"),
		cases.One(ec2.Nat, "a public gateway has an address", cases.Make(account.Props{"allocationId": nil}), nil,
			"MissingParameter: The request must contain the parameter AllocationId"),
		cases.One(ec2.Nat, "a private gateway has no elastic address", cases.Make(account.Props{"connectivityType": "private"}), cases.Make(private), "not supported"),
		cases.One(ec2.Nat, "a public gateway counts no secondary addresses", cases.Make(account.Props{"secondaryPrivateIpAddressCount": 1.0}),
			cases.Make(with(account.Props{"secondaryPrivateIpAddressCount": 1.0})), "not supported"),
		cases.One(ec2.Nat, "the VPC has an internet gateway", func(w *cases.World, typ string) error {
			gateway := w.Usual(ec2.Gateway)
			if err := w.Delete(gateway); err != nil {
				return err
			}
			_, err := w.Make(typ, nil)
			return err
		}, nil, "Gateway.NotAttached: Network vpc-"),
		cases.One(ec2.Nat, "no other gateway has the address", func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, account.Props{"privateIp": nil})
			return err
		}, nil, "Resource.AlreadyAssociated: Elastic IP address [eipalloc-"),
		cases.One(ec2.Nat, "the private address is in the subnet", cases.Make(account.Props{"privateIp": "10.0.1.10"}), nil, "InvalidParameterValue"),
		cases.One(ec2.Nat, "the subnet has a free address", crowded(11), crowded(10), "InsufficientFreeAddressesInSubnet"),
		cases.One(ec2.Nat, "NAT gateways per zone", cases.Full(5, private), cases.Full(4, private), "NatGatewayLimitExceeded: Performing this operation would exceed the limit of 5 NAT gateways"),
	}
}

func routeCases() []cases.Case {
	inline := func(routes ...map[string]any) account.Props {
		list := []any{}
		for _, r := range routes {
			list = append(list, r)
		}
		return account.Props{"routes": list}
	}
	far := func(change func(subnet, gateway, table string) account.Props) cases.Trial {
		return func(w *cases.World, typ string) error {
			subnet, gateway, _, table := elsewhere(w)
			_, err := w.Make(typ, change(subnet, gateway, table))
			return err
		}
	}
	leading := func(target, id string) cases.Trial { return cases.Make(account.Props{"gatewayId": nil, target: id}) }
	toNat := func(w *cases.World, typ string) error {
		_, err := w.Make(typ, account.Props{"gatewayId": w.Usual(ec2.Nat).ID})
		return err
	}
	many := inline()
	for i := range 51 {
		many["routes"] = append(many.List("routes"), map[string]any{"cidrBlock": fmt.Sprintf("192.168.%d.0/24", i), "gatewayId": "local"})
	}
	tableWith := func(n int) cases.Trial {
		return func(w *cases.World, typ string) error {
			table := w.Need(ec2.RouteTable, account.Props{"routes": many.List("routes")[:n]})
			_, err := w.Make(typ, account.Props{"routeTableId": table.ID})
			return err
		}
	}
	return []cases.Case{
		cases.One(ec2.RouteTable, "one destination and one target per route", cases.Make(inline(map[string]any{"cidrBlock": "0.0.0.0/0"})), nil, "must be specified"),
		cases.One(ec2.RouteTable, "routes[].natGatewayId exists", cases.Make(inline(map[string]any{"cidrBlock": "1.0.0.0/8", "natGatewayId": "nat-0"})), nil, "NatGatewayNotFound"),
		cases.One(ec2.RouteTable, "routes[].gatewayId exists", cases.Make(inline(map[string]any{"cidrBlock": "1.0.0.0/8", "gatewayId": "igw-0"})), nil,
			"InvalidGatewayID.NotFound: The gateway ID 'igw-0' does not exist"),
		cases.One(ec2.RouteTable, "one route per destination", cases.Make(inline(
			map[string]any{"cidrBlock": "1.0.0.0/8", "gatewayId": "local"}, map[string]any{"cidrBlock": "1.0.0.0/8", "gatewayId": "local"},
		)), nil, "RouteAlreadyExists: The route identified by 1.0.0.0/8 already exists."),
		cases.One(ec2.RouteTable, "routes per table", cases.Make(many), cases.Make(account.Props{"routes": many.List("routes")[:50]}), "RouteLimitExceeded"),
		cases.One(ec2.RouteTable, "routes lead to the same VPC", far(func(_, gateway, _ string) account.Props {
			return inline(map[string]any{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway})
		}), nil, "belong to different networks"),
		cases.One(ec2.RouteTable, "route tables per VPC", cases.Full(200, nil), cases.Full(199, nil), "RouteTableLimitExceeded"),

		cases.One(ec2.Association, "one of subnetId, gatewayId", cases.Make(account.Props{"subnetId": nil}), nil, "only one of"),
		cases.One(ec2.Association, "gatewayId exists", cases.Make(account.Props{"subnetId": nil, "gatewayId": "igw-0"}), func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"subnetId": nil, "gatewayId": w.Usual(ec2.Gateway).ID})
			return err
		}, "InvalidGatewayID.NotFound"),
		cases.One(ec2.Association, "the table is in the same VPC", far(func(_, _, table string) account.Props {
			return account.Props{"routeTableId": table}
		}), nil, "and subnet subnet-"),
		cases.One(ec2.Association, "the table is in the same VPC", far(func(_, gateway, _ string) account.Props {
			return account.Props{"subnetId": nil, "gatewayId": gateway}
		}), nil, "and network gateway igw-"),
		cases.One(ec2.Association, "no other table has it", func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, nil)
			return err
		}, nil, "Resource.AlreadyAssociated: the specified association for route table rtb-"),

		cases.One(ec2.Route, "one of destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId",
			cases.Make(account.Props{"destinationCidrBlock": nil}), nil, "only one of"),
		cases.One(ec2.Route, oneTarget, cases.Make(account.Props{"gatewayId": nil}), nil, "only one of"),
		cases.One(ec2.Route, "no route to the VPC itself", cases.Make(account.Props{"gatewayId": "local"}), nil, "cannot create local Route"),
		cases.One(ec2.Route, "natGatewayId exists", leading("natGatewayId", "nat-0"), func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"gatewayId": nil, "natGatewayId": w.Usual(ec2.Nat).ID})
			return err
		}, "NatGatewayNotFound"),
		cases.One(ec2.Route, "the target exists", leading("transitGatewayId", "tgw-0"), nil, "InvalidTransitGatewayID.NotFound"),
		cases.One(ec2.Route, "the target exists", leading("gatewayId", "nat-0"), toNat, "NatGatewayNotFound"),
		cases.One(ec2.Route, "the target is in the same VPC", far(func(_, gateway, _ string) account.Props {
			return account.Props{"gatewayId": gateway}
		}), nil, "and network gateway igw-"),
		cases.One(ec2.Route, "the target is in the same VPC", func(w *cases.World, typ string) error {
			_, _, _, table := elsewhere(w)
			_, err := w.Make(typ, account.Props{"routeTableId": table, "gatewayId": nil, "natGatewayId": w.Usual(ec2.Nat).ID})
			return err
		}, toNat, "belong to different networks"),
		cases.One(ec2.Route, "the VPC's own block stays inside", cases.Make(account.Props{"destinationCidrBlock": "10.0.0.0/16"}), nil,
			"is equal to or more specific than one of this VPC's CIDR blocks"),
		cases.One(ec2.Route, "one route per destination", cases.Make(account.Props{"destinationCidrBlock": "192.168.0.0/16"}), nil,
			"RouteAlreadyExists: The route identified by 192.168.0.0/16 already exists."),
		cases.One(ec2.Route, "one route per destination", func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, nil)
			return err
		}, nil, "RouteAlreadyExists"),
		cases.One(ec2.Route, "routes per table", tableWith(50), tableWith(49), "RouteLimitExceeded"),
	}
}

// oneTarget is the rule that a route leads somewhere.
const oneTarget = "one of carrierGatewayId, coreNetworkArn, egressOnlyGatewayId, gatewayId, localGatewayId, natGatewayId, " +
	"networkInterfaceId, transitGatewayId, vpcEndpointId, vpcPeeringConnectionId"
