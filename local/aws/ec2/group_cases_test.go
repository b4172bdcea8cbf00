package ec2_test

import (
	"fmt"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/prefixlist"
)

func endpointCases() []cases.Case {
	gateway := account.Props{
		"serviceName": "com.amazonaws.eu-central-1.s3", "vpcEndpointType": nil, "subnetIds": nil, "securityGroupIds": nil,
		"privateDnsEnabled": nil, "dnsOptions": nil,
	}
	with := func(changes account.Props) account.Props {
		all := gateway.Copy()
		for name, v := range changes {
			all[name] = v
		}
		return all
	}
	atTable := func(w *cases.World, typ string) error {
		_, err := w.Make(typ, with(account.Props{"routeTableIds": []any{w.Usual(ec2.RouteTable).ID}}))
		return err
	}
	far := func(change func(subnet, group, table string) account.Props) cases.Trial {
		return func(w *cases.World, typ string) error {
			subnet, _, group, table := elsewhere(w)
			_, err := w.Make(typ, change(subnet, group, table))
			return err
		}
	}
	crowded := func(there int) cases.Trial {
		return func(w *cases.World, typ string) error {
			tiny := w.Need(ec2.Subnet, account.Props{"cidrBlock": "10.0.2.0/28", "availabilityZone": "eu-central-1b"})
			in := account.Props{"subnetIds": []any{tiny.ID}, "privateDnsEnabled": nil}
			w.Fill(w.Need(typ, in), there-1)
			_, err := w.Make(typ, in)
			return err
		}
	}
	plain := account.Props{"privateDnsEnabled": nil, "subnetIds": nil}
	return []cases.Case{
		cases.One(ec2.Endpoint, "one of serviceName, resourceConfigurationArn, serviceNetworkArn", cases.Make(account.Props{"serviceName": nil}), nil, "only one of"),
		cases.One(ec2.Endpoint, "Route table IDs are only supported for Gateway type VPC Endpoint.", func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"routeTableIds": []any{w.Usual(ec2.RouteTable).ID}})
			return err
		}, atTable, "InvalidParameter: Route table IDs"),
		cases.One(ec2.Endpoint, "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoint.",
			cases.Make(account.Props{"vpcEndpointType": "Gateway"}), nil, "InvalidParameter: Subnet IDs"),
		cases.One(ec2.Endpoint, "Security group IDs are only supported for Interface type VPC Endpoint.",
			cases.Make(account.Props{"vpcEndpointType": "Gateway", "subnetIds": nil}), nil, "InvalidParameter: Security group IDs"),
		cases.One(ec2.Endpoint, "private DNS is for interfaces", cases.Make(with(account.Props{"privateDnsEnabled": true})), cases.Make(gateway), "InvalidParameter: Private DNS"),
		cases.One(ec2.Endpoint, "count of securityGroupIds", func(w *cases.World, typ string) error {
			groups := []any{}
			for range 6 {
				groups = append(groups, w.Need(ec2.SecurityGroup, nil).ID)
			}
			_, err := w.Make(typ, account.Props{"securityGroupIds": groups})
			return err
		}, nil, "SecurityGroupsPerInterfaceLimitExceeded"),
		cases.One(ec2.Endpoint, "routeTableIds[] exists", cases.Make(with(account.Props{"routeTableIds": []any{"rtb-0"}})), atTable, "InvalidRouteTableID.NotFound"),
		cases.One(ec2.Endpoint, "the service exists", cases.Make(account.Props{"serviceName": "com.amazonaws.us-east-1.ecr.api"}), nil,
			"InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.us-east-1.ecr.api' does not exist"),
		cases.One(ec2.Endpoint, "the service has this type of endpoint", cases.Make(with(account.Props{"serviceName": "com.amazonaws.eu-central-1.logs"})),
			cases.Make(gateway), "Endpoint type (Gateway) does not match available service types ([Interface])."),
		cases.One(ec2.Endpoint, "route tables are in the VPC", far(func(_, _, table string) account.Props {
			return with(account.Props{"routeTableIds": []any{table}})
		}), atTable, "InvalidRouteTableId.NotFound"),
		cases.One(ec2.Endpoint, "one endpoint per service and route table", func(w *cases.World, typ string) error {
			if err := atTable(w, typ); err != nil {
				return nil //nolint:nilerr // the second one must be refused
			}
			return atTable(w, typ)
		}, atTable, "already has a route with destination-prefix-list-id pl-"),
		cases.One(ec2.Endpoint, "subnets and groups are in the VPC", far(func(subnet, _, _ string) account.Props {
			return account.Props{"subnetIds": []any{subnet}}
		}), nil, "InvalidParameter: Subnet subnet-"),
		cases.One(ec2.Endpoint, "subnets and groups are in the VPC", far(func(_, group, _ string) account.Props {
			return account.Props{"securityGroupIds": []any{group}}
		}), nil, "belong to different networks"),
		cases.One(ec2.Endpoint, "one subnet per zone", func(w *cases.World, typ string) error {
			other := w.Need(ec2.Subnet, account.Props{"cidrBlock": "10.0.1.0/24"})
			_, err := w.Make(typ, account.Props{"subnetIds": []any{w.Usual(ec2.Subnet).ID, other.ID}})
			return err
		}, nil, "DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of subnet-"),
		cases.One(ec2.Endpoint, "subnets have a free address", crowded(11), crowded(10), "InsufficientFreeAddressesInSubnet"),
		cases.One(ec2.Endpoint, "private DNS needs the VPC's DNS", func(w *cases.World, typ string) error {
			if _, err := w.Change(w.Usual(ec2.Vpc), account.Props{"enableDnsHostnames": false}); err != nil {
				return err
			}
			_, err := w.Make(typ, nil)
			return err
		}, nil, "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for vpc-"),
		cases.One(ec2.Endpoint, "one private DNS name per VPC", func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, nil)
			return err
		}, nil, "there is already a conflicting DNS domain for ecr.api.eu-central-1.amazonaws.com in the VPC vpc-"),
		cases.One(ec2.Endpoint, "gateway endpoints per region", cases.Full(20, gateway), cases.Full(19, gateway), "VpcEndpointLimitExceeded"),
		cases.One(ec2.Endpoint, "interface endpoints per VPC", cases.Full(50, plain), cases.Full(49, plain), "VpcEndpointLimitExceeded"),
	}
}

// web is a rule of a group's own.
func web(changes map[string]any) map[string]any {
	rule := map[string]any{"protocol": "tcp", "fromPort": 80.0, "toPort": 80.0}
	for name, v := range changes {
		rule[name] = v
	}
	return rule
}

// blocks are as many networks.
func blocks(n int) []any {
	list := []any{}
	for i := range n {
		list = append(list, fmt.Sprintf("10.1.%d.0/24", i))
	}
	return list
}

// cdn is the list of CloudFront's addresses in the region of the trials.
var cdn = prefixlist.ID("eu-central-1", prefixlist.CloudFront)

// inlineCases are those of the rules that the two kinds of groups share.
func inlineCases(typ string) []cases.Case {
	var list []cases.Case
	for _, direction := range []string{"ingress", "egress"} {
		with := func(changes map[string]any) cases.Trial {
			return cases.Make(account.Props{direction: []any{web(changes)}})
		}
		list = append(list,
			cases.Case{Type: typ, Rule: "ports of " + direction, Refused: with(map[string]any{"protocol": "-1"}),
				Accepted: with(map[string]any{"protocol": "-1", "fromPort": 0.0, "toPort": 0.0}), Says: "must both be 0"},
			cases.Case{Type: typ, Rule: "ports of " + direction, Refused: with(map[string]any{"toPort": 79.0}), Says: "is greater than to_port"},
			cases.Case{Type: typ, Rule: "form of " + direction + "[].description", Refused: with(map[string]any{"description": "wéb"}), Says: "characters"},
			cases.Case{Type: typ, Rule: "one rule per peer in " + direction, Refused: with(map[string]any{"cidrBlocks": []any{"10.0.0.0/8", "10.0.0.0/8"}}),
				Says: "InvalidPermission.Duplicate"},
		)
	}
	lists := func(n int, ids ...any) cases.Trial {
		return cases.Make(account.Props{"ingress": []any{web(map[string]any{"cidrBlocks": blocks(n), "prefixListIds": ids})}})
	}
	list = append(list,
		cases.One(typ, "the prefix list exists", lists(1, cdn, "pl-0"), lists(1, cdn), "InvalidPrefixListID.NotFound"),
		cases.One(typ, "rules per direction", lists(6, cdn), lists(5, cdn), "RulesPerSecurityGroupLimitExceeded"))
	return append(list, cases.Case{Type: typ, Rule: "rules per direction",
		Refused:  cases.Make(account.Props{"ingress": []any{web(map[string]any{"cidrBlocks": blocks(61)})}}),
		Accepted: cases.Make(account.Props{"ingress": []any{web(map[string]any{"cidrBlocks": blocks(60)})}}), Says: "RulesPerSecurityGroupLimitExceeded"})
}

func groupCases() []cases.Case {
	peered := func(group func(w *cases.World) string, direction string) cases.Trial {
		return func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{direction: []any{web(map[string]any{"securityGroups": []any{group(w)}})}})
			return err
		}
	}
	near := func(w *cases.World) string { return w.Need(ec2.SecurityGroup, nil).ID }
	nowhere := func(*cases.World) string { return "sg-0" }
	far := func(w *cases.World) string { _, _, group, _ := elsewhere(w); return group }
	list := append(inlineCases(ec2.SecurityGroup), inlineCases(ec2.DefaultGroup)...)
	list = append(list,
		cases.Case{Type: ec2.SecurityGroup, Rule: "not allowed in name", Refused: cases.Make(account.Props{"name": "sg-web"}), Says: "cannot begin with sg-"},
		cases.Case{Type: ec2.SecurityGroup, Rule: "name without namePrefix", Refused: cases.Make(account.Props{"namePrefix": "web"}), Says: "conflicts with"},
		cases.Case{Type: ec2.SecurityGroup, Rule: "length of namePrefix",
			Refused:  cases.Make(account.Props{"name": nil, "namePrefix": ""}),
			Accepted: cases.Make(account.Props{"name": nil, "namePrefix": "web-"}), Says: "expected length of namePrefix"},
		cases.Case{Type: ec2.SecurityGroup, Rule: "form of description", Refused: cases.Make(account.Props{"description": "wéb"}), Says: "characters"},
		cases.Case{Type: ec2.SecurityGroup, Rule: "characters of name", Refused: cases.Make(account.Props{"name": "wéb"}), Says: "InvalidParameterValue"},
		cases.Case{Type: ec2.SecurityGroup, Rule: "ingress[].securityGroups[] exists", Refused: peered(nowhere, "ingress"),
			Accepted: peered(near, "ingress"), Says: "InvalidGroup.NotFound"},
		cases.Case{Type: ec2.SecurityGroup, Rule: "egress[].securityGroups[] exists", Refused: peered(nowhere, "egress"),
			Accepted: peered(near, "egress"), Says: "InvalidGroup.NotFound"},
		cases.Case{Type: ec2.SecurityGroup, Rule: "a VPC", Refused: cases.Make(account.Props{"vpcId": nil}), Says: "VPCIdNotSpecified"},
		cases.Case{Type: ec2.SecurityGroup, Rule: "the name is free in the VPC", Says: "InvalidGroup.Duplicate: The security group 'web' already exists for VPC",
			Refused: func(w *cases.World, typ string) error {
				w.Need(typ, account.Props{"name": "web"})
				_, err := w.Make(typ, account.Props{"name": "web"})
				return err
			},
			Accepted: func(w *cases.World, typ string) error {
				vpc := w.Need(ec2.Vpc, account.Props{"cidrBlock": "10.9.0.0/16"}).ID
				w.Need(typ, account.Props{"name": "web", "vpcId": vpc})
				_, err := w.Make(typ, account.Props{"name": "web"})
				return err
			}},
		cases.Case{Type: ec2.SecurityGroup, Rule: "rules name groups of the same VPC", Refused: peered(far, "ingress"), Accepted: peered(near, "ingress"),
			Says: "You have specified two resources that belong to different networks."},
		cases.Case{Type: ec2.SecurityGroup, Rule: "security groups per region", Refused: cases.Full(2500, nil), Says: "SecurityGroupLimitExceeded"},
		cases.Case{Type: ec2.DefaultGroup, Rule: "the VPC has one", Refused: cases.Make(account.Props{"vpcId": nil}), Says: "InvalidGroup.NotFound"},
	)
	for _, holder := range []cases.Trial{
		func(w *cases.World, _ string) error {
			_, err := w.Make(ec2.Ingress, account.Props{"securityGroupId": near(w), "cidrIpv4": nil, "referencedSecurityGroupId": w.Usual(ec2.SecurityGroup).ID})
			return err
		},
		func(w *cases.World, _ string) error {
			_, err := w.Make(elb.LoadBalancer, account.Props{"securityGroups": []any{w.Usual(ec2.SecurityGroup).ID}})
			return err
		},
		func(w *cases.World, _ string) error {
			_, err := w.Make(ec2.SecurityGroup, account.Props{"egress": []any{web(map[string]any{"securityGroups": []any{w.Usual(ec2.SecurityGroup).ID}})}})
			return err
		},
	} {
		list = append(list, cases.Case{Type: ec2.SecurityGroup, Rule: "nothing uses it", Says: "DependencyViolation: resource sg-", Refused: func(w *cases.World, typ string) error {
			w.Usual(typ)
			if err := holder(w, typ); err != nil {
				return err
			}
			return w.Delete(w.Usual(typ))
		}, Accepted: func(w *cases.World, typ string) error {
			w.Usual(ec2.Ingress) // its own rule
			return w.Delete(w.Usual(typ))
		}})
	}
	return append(list, append(ruleCases(ec2.Ingress, "ingress"), ruleCases(ec2.Egress, "egress")...)...)
}

func ruleCases(typ, direction string) []cases.Case {
	peer := func(group func(w *cases.World) string) cases.Trial {
		return func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"cidrIpv4": nil, "referencedSecurityGroupId": group(w)})
			return err
		}
	}
	near := peer(func(w *cases.World) string { return w.Need(ec2.SecurityGroup, nil).ID })
	inGroup := func(n int) cases.Trial {
		return func(w *cases.World, typ string) error {
			group := w.Need(ec2.SecurityGroup, account.Props{direction: []any{web(map[string]any{"cidrBlocks": blocks(n)})}})
			_, err := w.Make(typ, account.Props{"securityGroupId": group.ID})
			return err
		}
	}
	named := func(id string) account.Props { return account.Props{"cidrIpv4": nil, "prefixListId": id} }
	listed := func(id string) cases.Trial { return cases.Make(named(id)) }
	// beside is a rule for a list where there are n rules.
	beside := func(n int, list string) cases.Trial {
		return func(w *cases.World, typ string) error {
			in := named(list)
			in["securityGroupId"] = w.Need(ec2.SecurityGroup, account.Props{direction: []any{web(map[string]any{"cidrBlocks": blocks(n)})}}).ID
			_, err := w.Make(typ, in)
			return err
		}
	}
	// relisted changes the list of one rule where there are n more and another list.
	relisted := func(n int) cases.Trial {
		return func(w *cases.World, typ string) error {
			in := named(prefixlist.ID(w.Region, "com.amazonaws."+w.Region+".s3"))
			in["securityGroupId"] = w.Need(ec2.SecurityGroup, account.Props{direction: []any{web(map[string]any{"cidrBlocks": blocks(n)})}}).ID
			r := w.Need(typ, in)
			in["prefixListId"] = prefixlist.ID(w.Region, "com.amazonaws."+w.Region+".dynamodb")
			w.Need(typ, in)
			_, err := w.Change(r, account.Props{"prefixListId": cdn})
			return err
		}
	}
	return []cases.Case{
		cases.One(typ, "one of cidrIpv4, cidrIpv6, prefixListId, referencedSecurityGroupId", cases.Make(account.Props{"cidrIpv4": nil}), nil, "only one of"),
		cases.One(typ, "form of description", cases.Make(account.Props{"description": "wéb"}), nil, "InvalidParameterValue"),
		cases.One(typ, "ports fit the protocol", cases.Make(account.Props{"fromPort": nil}), nil, "Must specify both from and to ports with TCP/UDP."),
		cases.One(typ, "ports fit the protocol", cases.Make(account.Props{"toPort": 79.0}), cases.Make(account.Props{"ipProtocol": "-1"}), "Invalid TCP/UDP port range (8080:79)"),
		cases.One(typ, "referencedSecurityGroupId exists", peer(func(*cases.World) string { return "sg-0" }), near, "InvalidGroup.NotFound"),
		cases.One(typ, "the peer is in the same VPC", peer(func(w *cases.World) string { _, _, group, _ := elsewhere(w); return group }), near,
			"InvalidGroup.NotFound: You have specified two resources that belong to different networks."),
		cases.One(typ, "the group has no such rule", func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, nil)
			return err
		}, nil, `InvalidPermission.Duplicate: the specified rule "peer: 10.1.0.0/16, TCP, from port: 8080, to port: 8080, ALLOW" already exists`),
		cases.One(typ, "the group has no such rule", cases.Make(map[string]account.Props{
			"ingress": {"fromPort": 80.0, "toPort": 80.0, "cidrIpv4": "10.0.0.0/8"}, "egress": {"fromPort": 443.0, "toPort": 443.0, "cidrIpv4": "10.0.0.0/8"},
		}[direction]), cases.Change(account.Props{"description": "other"}), "InvalidPermission.Duplicate"),
		cases.One(typ, "the prefix list exists", listed("pl-0"), listed(cdn), "InvalidPrefixListID.NotFound: The prefix list ID 'pl-0' does not exist"),
		cases.One(typ, "rules per direction", beside(6, cdn), beside(5, cdn), "RulesPerSecurityGroupLimitExceeded"),
		cases.One(typ, "rules per direction", relisted(5), relisted(4), "RulesPerSecurityGroupLimitExceeded"),
		cases.One(typ, "rules per direction", inGroup(60), inGroup(59), "RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached."),
	}
}

func templateCases() []cases.Case {
	image := func(changes map[string]any) cases.Trial {
		volume := disk()
		for name, v := range changes {
			volume[name] = v
			if v == nil {
				delete(volume, name)
			}
		}
		return cases.Make(account.Props{"blockDeviceMappings": []any{map[string]any{"deviceName": "/dev/xvda", "ebs": volume}}})
	}
	profile := func(w *cases.World, typ string) error {
		in := w.Usual(typ).Inputs.Object("iamInstanceProfile")
		_, err := w.Make(typ, account.Props{"iamInstanceProfile": map[string]any{"arn": "arn:aws:iam::123456789012:instance-profile/" + in.String("name")}})
		return err
	}
	return []cases.Case{
		cases.One(ec2.LaunchTemplate, "form of name", cases.Make(account.Props{"name": "a b c"}), nil, "must contain only"),
		cases.One(ec2.LaunchTemplate, "name without namePrefix", cases.Make(account.Props{"namePrefix": "web"}), nil, "conflicts with"),
		cases.One(ec2.LaunchTemplate, "length of namePrefix", cases.Make(account.Props{"name": nil, "namePrefix": "w"}),
			cases.Make(account.Props{"name": nil, "namePrefix": "web"}), "expected length of namePrefix"),
		cases.One(ec2.LaunchTemplate, "defaultVersion without updateDefaultVersion", cases.Make(account.Props{"defaultVersion": 1.0, "updateDefaultVersion": true}), nil, "conflicts with"),
		cases.One(ec2.LaunchTemplate, "instanceType without instanceRequirements", cases.Make(account.Props{"instanceRequirements": map[string]any{
			"memoryMib": map[string]any{"min": 1.0}, "vcpuCount": map[string]any{"min": 1.0},
		}}), nil, "conflicts with"),
		cases.One(ec2.LaunchTemplate, "securityGroupNames without vpcSecurityGroupIds", cases.Make(account.Props{"securityGroupNames": []any{"web"}}), nil, "conflicts with"),
		cases.One(ec2.LaunchTemplate, "iamInstanceProfile.name without iamInstanceProfile.arn",
			cases.Make(account.Props{"iamInstanceProfile.arn": "arn:aws:iam::123456789012:instance-profile/web"}), nil, "conflicts with"),
		cases.One(ec2.LaunchTemplate, "form of instanceType", cases.Make(account.Props{"instanceType": "small"}), nil, "is no instance type"),
		cases.One(ec2.LaunchTemplate, "form of imageId", cases.Make(account.Props{"imageId": "ubuntu"}), cases.Make(account.Props{"imageId": "ami-0123456789abcdef0"}), "InvalidAMIID.Malformed"),
		cases.One(ec2.LaunchTemplate, "tags of instances once per type", cases.Make(account.Props{"tagSpecifications": []any{
			map[string]any{"resourceType": "volume"}, map[string]any{"resourceType": "volume"},
		}}), nil, "Duplicate resource type 'volume'"),
		cases.One(ec2.LaunchTemplate, "iamInstanceProfile.arn exists",
			cases.Make(account.Props{"iamInstanceProfile": map[string]any{"arn": "arn:aws:iam::123456789012:instance-profile/none"}}), profile, "Invalid IAM Instance Profile"),
		cases.One(ec2.LaunchTemplate, "volumes fit their type", image(map[string]any{"volumeType": "gp2"}),
			image(map[string]any{"volumeType": "gp2", "iops": nil, "throughput": nil}), "The parameter iops is not supported for gp2 volumes."),
		cases.One(ec2.LaunchTemplate, "volumes fit their type", image(map[string]any{"volumeSize": 16385.0}), nil, "outside the range of 1-16384GiB"),
		cases.One(ec2.LaunchTemplate, "volumes fit their type", image(map[string]any{"iops": 2999.0}), nil, "outside the range of 3000-16000"),
		cases.One(ec2.LaunchTemplate, "volumes fit their type", image(map[string]any{"volumeType": "io2"}), nil, "throughput is not supported for io2"),
		cases.One(ec2.LaunchTemplate, "encryption of volumes", image(map[string]any{"encrypted": "false", "kmsKeyId": "alias/x"}),
			image(map[string]any{"kmsKeyId": "alias/x"}), "InvalidParameterDependency"),
		cases.One(ec2.LaunchTemplate, "launch templates per region", cases.Full(5000, nil), nil, "LaunchTemplateLimitExceeded"),
		cases.One(ec2.LaunchTemplate, "the default version exists", cases.Make(account.Props{"defaultVersion": 2.0}), cases.Make(account.Props{"defaultVersion": 1.0}),
			"InvalidLaunchTemplateId.VersionNotFound"),
		cases.One(ec2.LaunchTemplate, "the default version exists", cases.Change(account.Props{"defaultVersion": 3.0, "instanceType": "t4g.large"}),
			cases.Change(account.Props{"defaultVersion": 2.0, "instanceType": "t4g.large"}), "Could not find the specified version 3"),
	}
}
