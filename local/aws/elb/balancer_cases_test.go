package elb_test

import (
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind/cases"
)

// elsewhere is a subnet and a group of another VPC.
func elsewhere(w *cases.World) (vpc, subnet, group string) {
	vpc = w.Need(ec2.Vpc, account.Props{"cidrBlock": "10.9.0.0/16"}).ID
	subnet = w.Need(ec2.Subnet, account.Props{"vpcId": vpc, "cidrBlock": "10.9.0.0/24", "availabilityZone": "eu-central-1c"}).ID
	group = w.Need(ec2.SecurityGroup, account.Props{"vpcId": vpc}).ID
	return vpc, subnet, group
}

func balancerCases() []cases.Case {
	placed := func(subnets func(w *cases.World) []any) cases.Trial {
		return func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"subnets": subnets(w)})
			return err
		}
	}
	tiny := func(block string) cases.Trial {
		return placed(func(w *cases.World) []any {
			small := w.Need(ec2.Subnet, account.Props{"cidrBlock": block, "availabilityZone": "eu-central-1b"}).ID
			in := account.Props{"internal": true, "subnets": []any{w.Usual(ec2.Subnet).ID, small}}
			w.Fill(w.Need(elb.LoadBalancer, in), 3)
			return []any{w.Usual(ec2.Subnet).ID, small}
		})
	}
	mapped := func(changes map[string]any) cases.Trial {
		return func(w *cases.World, typ string) error {
			mappings := []any{map[string]any{"subnetId": w.Usual(ec2.Subnet).ID}, map[string]any{"subnetId": w.Need(ec2.Subnet, next(w)).ID}}
			for name, v := range changes {
				mappings[0].(map[string]any)[name] = v
			}
			_, err := w.Make(typ, account.Props{"subnets": nil, "subnetMappings": mappings})
			return err
		}
	}
	withoutGateway := func(internal bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			if err := w.Delete(w.Usual(ec2.Gateway)); err != nil {
				return err
			}
			_, err := w.Make(typ, account.Props{"internal": internal})
			return err
		}
	}
	groups := func(n int) cases.Trial {
		return func(w *cases.World, typ string) error {
			list := []any{}
			for range n {
				list = append(list, w.Need(ec2.SecurityGroup, nil).ID)
			}
			_, err := w.Make(typ, account.Props{"securityGroups": list})
			return err
		}
	}
	const lb = elb.LoadBalancer
	return []cases.Case{
		cases.One(lb, "form of name", cases.Make(account.Props{"name": "-web"}), nil, "must be 1 to 32 letters"),
		cases.One(lb, "not allowed in name", cases.Make(account.Props{"name": "internal-web"}), nil, "cannot begin with internal-"),
		cases.One(lb, "form of namePrefix", cases.Make(account.Props{"name": nil, "namePrefix": "too-long"}),
			cases.Make(account.Props{"name": nil, "namePrefix": "web-"}), "must be 1 to 6"),
		cases.One(lb, "name without namePrefix", cases.Make(account.Props{"namePrefix": "web"}), nil, "conflicts with"),
		cases.One(lb, "one of subnets, subnetMappings", cases.Make(account.Props{"subnets": nil}), nil, "only one of"),
		cases.One(lb, "count of securityGroups", groups(6), groups(5), "InvalidConfigurationRequest"),
		cases.One(lb, "subnetMappings[].subnetId exists", mapped(map[string]any{"subnetId": "subnet-0"}), mapped(nil), "SubnetNotFound: The subnet ID 'subnet-0' does not exist"),
		cases.One(lb, "subnetMappings[].allocationId exists", mapped(map[string]any{"allocationId": "eipalloc-0"}), mapped(nil), "AllocationIdNotFound"),
		cases.One(lb, "subnets are in one VPC", placed(func(w *cases.World) []any {
			_, subnet, _ := elsewhere(w)
			return []any{w.Usual(ec2.Subnet).ID, subnet}
		}), nil, "InvalidSubnet: All subnets must belong to the same VPC"),
		cases.One(lb, "one subnet per zone", placed(func(w *cases.World) []any {
			same := w.Need(ec2.Subnet, account.Props{"cidrBlock": "10.0.7.0/24"}).ID
			return []any{w.Usual(ec2.Subnet).ID, same, w.Need(ec2.Subnet, next(w)).ID}
		}), nil, "InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same Availability Zone"),
		cases.One(lb, "two zones", placed(func(w *cases.World) []any { return []any{w.Usual(ec2.Subnet).ID} }), nil,
			"ValidationError: At least two subnets in two different Availability Zones must be specified"),
		cases.One(lb, "two zones", func(w *cases.World, typ string) error {
			_, err := w.Change(w.Usual(typ), account.Props{"subnets": []any{w.Usual(ec2.Subnet).ID}})
			return err
		}, cases.Change(account.Props{"idleTimeout": 30.0}), "ValidationError"),
		cases.One(lb, "a way to the internet", withoutGateway(false), withoutGateway(true), "InvalidSubnet: VPC vpc-"),
		cases.One(lb, "8 free addresses in each subnet", tiny("10.0.8.0/28"), tiny("10.0.8.0/27"),
			"ELB requires at least 8 free IP addresses in each subnet."),
		cases.One(lb, "groups are in the same VPC", func(w *cases.World, typ string) error {
			_, _, group := elsewhere(w)
			_, err := w.Make(typ, account.Props{"securityGroups": []any{group}})
			return err
		}, nil, "InvalidConfigurationRequest: One or more security groups are invalid"),
		cases.One(lb, "subnets have the address type", cases.Make(account.Props{"ipAddressType": "dualstack"}), nil, "an associated IPv6 CIDR block"),
		cases.One(lb, "load balancers per region", cases.Full(50, nil), cases.Full(49, nil), "TooManyLoadBalancers: Exceeded quota of account 123456789012"),
		cases.One(lb, "no deletion protection", func(w *cases.World, typ string) error {
			return w.Delete(w.Need(typ, account.Props{"enableDeletionProtection": true}))
		}, cases.Delete(nil), "OperationNotPermitted: Load balancer 'arn:aws:elasticloadbalancing:"),
	}
}

func targetCases() []cases.Case {
	const tg = elb.TargetGroup
	check := func(changes map[string]any) cases.Trial {
		all := account.Props{}
		for name, v := range changes {
			all["healthCheck."+name] = v
		}
		return cases.Make(all)
	}
	sticky := func(stickiness map[string]any) cases.Trial {
		return cases.Make(account.Props{"protocol": "HTTP", "stickiness": stickiness, "protocolVersion": nil})
	}
	function := func(health map[string]any) cases.Trial {
		in := account.Props{"targetType": "lambda", "vpcId": nil, "port": nil, "protocol": nil, "stickiness": nil, "healthCheck": health}
		if health == nil {
			in["healthCheck"] = nil
		}
		return cases.Make(in)
	}
	used := func(typ string) cases.Trial {
		return cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(typ) })
	}
	return []cases.Case{
		cases.One(tg, "form of name", cases.Make(account.Props{"name": "web-"}), nil, "must be 1 to 32 letters"),
		cases.One(tg, "form of namePrefix", cases.Make(account.Props{"name": nil, "namePrefix": "too-long"}),
			cases.Make(account.Props{"name": nil, "namePrefix": "web-"}), "must be 1 to 6"),
		cases.One(tg, "name without namePrefix", cases.Make(account.Props{"namePrefix": "web"}), nil, "conflicts with"),
		cases.One(tg, "port, protocol and VPC", cases.Make(account.Props{"vpcId": nil}), cases.Make(account.Props{
			"targetType": "lambda", "vpcId": nil, "port": nil, "protocol": nil, "stickiness": nil,
		}), `"vpcId" must be specified`),
		cases.One(tg, "stickiness fits the protocol", sticky(map[string]any{"type": "source_ip"}), sticky(map[string]any{"type": "lb_cookie"}),
			"InvalidConfigurationRequest: Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol"),
		cases.One(tg, "stickiness fits the protocol", sticky(map[string]any{"type": "app_cookie"}),
			sticky(map[string]any{"type": "app_cookie", "cookieName": "session"}), "application cookie name"),
		cases.One(tg, "the algorithm takes slow start", cases.Make(account.Props{"loadBalancingAlgorithmType": "least_outstanding_requests"}),
			cases.Make(account.Props{"loadBalancingAlgorithmType": "least_outstanding_requests", "slowStart": 0.0}), "InvalidConfigurationRequest: Slow start"),
		cases.One(tg, "the algorithm mitigates anomalies", cases.Make(account.Props{"loadBalancingAnomalyMitigation": "on"}), cases.Make(account.Props{
			"loadBalancingAnomalyMitigation": "on", "loadBalancingAlgorithmType": "weighted_random", "slowStart": 0.0,
		}), "InvalidConfigurationRequest: Anomaly mitigation"),
		cases.One(tg, "form of healthCheck.path", check(map[string]any{"path": "health"}), nil, "must begin with a '/'"),
		cases.One(tg, "form of healthCheck.port", check(map[string]any{"port": "http"}), check(map[string]any{"port": "traffic-port"}), "traffic-port"),
		cases.One(tg, "TCP checks have no path and no matcher", cases.Make(account.Props{"protocol": "TCP", "healthCheck.protocol": "TCP"}),
			cases.Make(account.Props{"protocol": "TCP", "stickiness": nil, "protocolVersion": nil, "healthCheck": map[string]any{"protocol": "TCP"}}), "cannot be specified"),
		cases.One(tg, "no TCP checks of HTTP", cases.Make(account.Props{"healthCheck": map[string]any{"protocol": "TCP"}}),
			cases.Make(account.Props{"healthCheck": map[string]any{"protocol": "http"}}), `cannot have value "TCP"`),
		cases.One(tg, "form of healthCheck.matcher", check(map[string]any{"matcher": "ok"}), nil, "must be codes"),
		cases.One(tg, "codes of the matcher", check(map[string]any{"matcher": "200,503"}), check(map[string]any{"matcher": "200,302"}), "'503' must be within '200-499' inclusive"),
		cases.One(tg, "codes of the matcher", cases.Make(account.Props{"protocolVersion": "GRPC"}),
			cases.Make(account.Props{"protocolVersion": "GRPC", "healthCheck.matcher": "0-12"}), "must be within '0-99'"),
		cases.One(tg, "timeout below interval", check(map[string]any{"interval": 5.0}), check(map[string]any{"interval": 6.0}),
			"ValidationError: Health check interval must be greater than the timeout."),
		cases.One(tg, "timeout below interval", cases.Make(account.Props{"healthCheck": map[string]any{"interval": 5.0}}), nil, "ValidationError"),
		cases.One(tg, "timeout below interval", function(map[string]any{"enabled": true}), function(map[string]any{"enabled": true, "interval": 35.0}),
			"ValidationError: Health check interval must be greater"),
		cases.One(tg, "no TCP checks of functions", function(map[string]any{"protocol": "TCP", "interval": 35.0}), function(nil), `cannot have value "TCP" when`),
		cases.One(tg, "checks are on", check(map[string]any{"enabled": false}), function(map[string]any{"enabled": false, "interval": 35.0}),
			"ValidationError: Health check enabled must be true for target groups with target type 'ip'"),
		cases.One(tg, "target groups per region", cases.Full(3000, nil), nil, "TooManyTargetGroups"),
		cases.One(tg, "nothing uses it", used(elb.Listener), cases.Delete(nil), "ResourceInUse: Target group 'arn:aws:elasticloadbalancing:"),
		cases.One(tg, "nothing uses it", func(w *cases.World, typ string) error {
			second := w.Need(typ, nil)
			w.Need(elb.ListenerRule, account.Props{"actions": []any{weighted(second.ID)}})
			return w.Delete(second)
		}, func(w *cases.World, typ string) error {
			second := w.Need(typ, nil)
			rule := w.Need(elb.ListenerRule, account.Props{"actions": []any{weighted(second.ID)}})
			if err := w.Delete(rule); err != nil {
				return err
			}
			return w.Delete(second)
		}, "currently in use by a listener or a rule"),
	}
}

// long is a text of a length.
func long(n int) string { return strings.Repeat("a", n) }
