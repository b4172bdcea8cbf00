package autoscaling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}`

func usual() cases.Usual {
	return cases.Usual{
		ec2.Vpc: func(*cases.World) account.Props { return account.Props{"cidrBlock": "10.0.0.0/16"} },
		ec2.Subnet: func(w *cases.World) account.Props {
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"}
		},
		ec2.SecurityGroup: func(w *cases.World) account.Props { return account.Props{"vpcId": w.Usual(ec2.Vpc).ID} },
		elb.TargetGroup: func(w *cases.World) account.Props {
			return account.Props{"port": 80.0, "protocol": "HTTP", "vpcId": w.Usual(ec2.Vpc).ID}
		},
		iam.Role: func(*cases.World) account.Props { return account.Props{"assumeRolePolicy": trust} },
		iam.InstanceProfile: func(w *cases.World) account.Props {
			return account.Props{"role": w.Usual(iam.Role).ID}
		},
		ec2.LaunchTemplate: func(w *cases.World) account.Props {
			return account.Props{
				"imageId": "ami-0123456789abcdef0", "instanceType": "t4g.small",
				"iamInstanceProfile":  map[string]any{"name": w.Usual(iam.InstanceProfile).ID},
				"vpcSecurityGroupIds": []any{w.Usual(ec2.SecurityGroup).ID},
			}
		},
		autoscaling.Group: func(w *cases.World) account.Props {
			return account.Props{
				"minSize": 1.0, "maxSize": 2.0, "desiredCapacity": 1.0, "defaultCooldown": 300.0, "healthCheckGracePeriod": 60.0,
				"vpcZoneIdentifiers":  []any{w.Usual(ec2.Subnet).ID},
				"launchTemplate":      map[string]any{"id": w.Usual(ec2.LaunchTemplate).ID, "version": "1"},
				"targetGroupArns":     []any{w.Usual(elb.TargetGroup).ID},
				"desiredCapacityType": "units", "healthCheckType": "ELB", "suspendedProcesses": []any{"AZRebalance"},
				"terminationPolicies": []any{"OldestInstance"}, "maxInstanceLifetime": 604800.0, "waitForCapacityTimeout": "10m",
				"initialLifecycleHooks": []any{map[string]any{
					"name": "boot", "lifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "defaultResult": "CONTINUE", "heartbeatTimeout": 60.0,
				}},
				"instanceRefresh": map[string]any{"strategy": "Rolling", "preferences": map[string]any{
					"minHealthyPercentage": 100.0, "maxHealthyPercentage": 200.0, "scaleInProtectedInstances": "Refresh", "standbyInstances": "Ignore",
				}},
				"instanceMaintenancePolicy": map[string]any{"minHealthyPercentage": 90.0, "maxHealthyPercentage": 120.0},
				"tags":                      []any{map[string]any{"key": "Project", "value": "site", "propagateAtLaunch": true}},
			}
		},
	}
}

func group(rule, says string, refused, accepted cases.Trial) cases.Case {
	return cases.Case{Type: autoscaling.Group, Rule: rule, Refused: refused, Accepted: accepted, Says: says}
}

// refused are inputs that are not taken; the usual ones are.
func refused(rule, says string, changes account.Props) cases.Case {
	return group(rule, says, cases.Make(changes), nil)
}

// templated is a group with a launch template that is another than the usual one.
func templated(changes account.Props) cases.Trial {
	return func(w *cases.World, typ string) error {
		id := w.Need(ec2.LaunchTemplate, changes).ID
		_, err := w.Make(typ, account.Props{"launchTemplate": map[string]any{"id": id, "version": "1"}})
		return err
	}
}

// ended deletes a group whose capacity provider, which drains or not, is gone.
func ended(drains bool, changes account.Props) cases.Trial {
	return func(w *cases.World, typ string) error {
		r := w.Need(typ, changes)
		arn := r.Outputs.String("arn")
		if err := autoscaling.Attach(w.Call(), arn, autoscaling.Manager{Drains: drains}); err != nil {
			return err
		}
		if err := autoscaling.Detach(w.Call(), arn); err != nil {
			return err
		}
		return w.Delete(r)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	catalog, err := kind.NewCatalog(autoscaling.Service(), ec2.Service(), elb.Service(), iam.Service())
	require.NoError(t, err)
	cases.Suite{
		Catalog: catalog, Types: []string{autoscaling.Group}, Usual: usual(),
		Cases: append(inputCases(), accountCases()...),
	}.Run(t)
}

func inputCases() []cases.Case {
	byName := func(w *cases.World, typ string) error {
		_, err := w.Make(typ, account.Props{"launchTemplate": map[string]any{"name": w.Usual(ec2.LaunchTemplate).Name}})
		return err
	}
	prefix := func(prefix string) cases.Trial { return cases.Make(account.Props{"name": nil, "namePrefix": prefix}) }
	return []cases.Case{
		refused("length of name", "expected length of name", account.Props{"name": string(make([]byte, 256))}),
		refused("form of name", "ValidationError", account.Props{"name": "a:b"}),
		group("length of namePrefix", "expected length of namePrefix", prefix(string(make([]byte, 230))), prefix("site-")),
		refused("name without namePrefix", "conflicts with", account.Props{"name": "site", "namePrefix": "site-"}),
		refused("one of launchTemplate, mixedInstancesPolicy, launchConfiguration", "only one of", account.Props{"launchTemplate": nil}),
		refused("launchTemplate.id without launchTemplate.name", "conflicts with", account.Props{"launchTemplate.name": "site"}),
		refused("a launch template has an id or a name", "Valid requests must contain", account.Props{"launchTemplate.id": nil}),
		refused("availabilityZones without vpcZoneIdentifiers", "conflicts with", account.Props{"availabilityZones": []any{"eu-central-1a"}}),
		refused("loadBalancers without trafficSources", "conflicts with", account.Props{
			"loadBalancers": []any{"a"}, "trafficSources": []any{map[string]any{"identifier": "a", "type": "elb"}}, "targetGroupArns": nil,
		}),
		refused("targetGroupArns without trafficSources", "conflicts with", account.Props{
			"trafficSources": []any{map[string]any{"identifier": "a", "type": "elb"}},
		}),
		refused("percentages of instanceRefresh.preferences", "cannot be greater than 100", account.Props{"instanceRefresh.preferences.minHealthyPercentage": 0.0}),
		refused("percentages of instanceMaintenancePolicy", "cannot be greater than 100", account.Props{"instanceMaintenancePolicy.maxHealthyPercentage": 200.0}),
		refused("maximum not below minimum", "ValidationError: Max bound", account.Props{"maxSize": 0.0, "desiredCapacity": nil}),
		refused("desired between minimum and maximum", "ValidationError: Desired capacity:3", account.Props{"desiredCapacity": 3.0}),
		refused("zones or subnets", "At least one Availability Zone or VPC Subnet is required.", account.Props{"vpcZoneIdentifiers": nil}),
		group("launchTemplate.name exists", "ValidationError: You must use a valid fully-formed launch template.",
			cases.Make(account.Props{"launchTemplate": map[string]any{"name": "nobody"}}), byName),
		group("mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateId exists", "ValidationError",
			mixed("lt-00000000000000000"), mixed("")),
	}
}

// mixed is a group with a mixed instances policy; without an id it has that of the usual launch template.
func mixed(id string) cases.Trial {
	return func(w *cases.World, typ string) error {
		named := id
		if named == "" {
			named = w.Usual(ec2.LaunchTemplate).ID
		}
		_, err := w.Make(typ, account.Props{"launchTemplate": nil, "mixedInstancesPolicy": map[string]any{
			"launchTemplate": map[string]any{"launchTemplateSpecification": map[string]any{"launchTemplateId": named}},
		}})
		return err
	}
}

func accountCases() []cases.Case {
	const unformed = "ValidationError: You must use a valid fully-formed launch template. "
	elsewhere := func(w *cases.World) account.Resource {
		return w.Need(ec2.Vpc, account.Props{"cidrBlock": "10.1.0.0/16"})
	}
	zoned := func(zone string) cases.Trial {
		return cases.Make(account.Props{"vpcZoneIdentifiers": nil, "targetGroupArns": nil, "availabilityZones": []any{zone}})
	}
	return []cases.Case{
		group("zones of the region", "ValidationError", zoned("eu-central-1z"), zoned("eu-central-1a")),
		group("subnets of one VPC", "are not in the same VPC", func(w *cases.World, typ string) error {
			other := w.Need(ec2.Subnet, account.Props{"vpcId": elsewhere(w).ID, "cidrBlock": "10.1.0.0/24"})
			_, err := w.Make(typ, account.Props{"vpcZoneIdentifiers": []any{w.Usual(ec2.Subnet).ID, other.ID}})
			return err
		}, nil),
		refused("version of the launch template exists", unformed+"Could not find the specified version 2", account.Props{"launchTemplate.version": "2"}),
		group("the launch template says what to start", unformed+"The request must contain the parameter ImageId",
			templated(account.Props{"imageId": nil}), templated(nil)),
		group("the instance profile exists", unformed+"Value (", func(w *cases.World, typ string) error {
			w.Usual(ec2.LaunchTemplate)
			if err := w.Delete(w.Usual(iam.InstanceProfile)); err != nil {
				return err
			}
			_, err := w.Make(typ, nil)
			return err
		}, nil),
		group("the instance profile has a role", "has no associated IAM Roles", func(w *cases.World, typ string) error {
			bare := w.Need(iam.InstanceProfile, account.Props{"role": nil})
			return templated(account.Props{"iamInstanceProfile": map[string]any{"name": bare.ID}})(w, typ)
		}, nil),
		group("security groups of the subnets' VPC", "belong to different networks", func(w *cases.World, typ string) error {
			other := w.Need(ec2.SecurityGroup, account.Props{"vpcId": elsewhere(w).ID})
			return templated(account.Props{"vpcSecurityGroupIds": []any{other.ID}})(w, typ)
		}, nil),
		group("5 security groups of an instance", "exceeded the number of VPC security groups", func(w *cases.World, typ string) error {
			var ids []any
			for range 6 {
				ids = append(ids, w.Need(ec2.SecurityGroup, nil).ID)
			}
			return templated(account.Props{"vpcSecurityGroupIds": ids})(w, typ)
		}, nil),
		group("groups of the instance or of its interfaces", "may not be specified on the same request", func(w *cases.World, typ string) error {
			inside := map[string]any{"securityGroups": []any{w.Usual(ec2.SecurityGroup).ID}}
			return templated(account.Props{"networkInterfaces": []any{inside}})(w, typ)
		}, nil),
		group("target groups of instances", "has target type ip", func(w *cases.World, typ string) error {
			other := w.Need(elb.TargetGroup, account.Props{"targetType": "ip"})
			_, err := w.Make(typ, account.Props{"targetGroupArns": []any{other.ID}})
			return err
		}, nil),
		group("instances drain", "drain: timeout while waiting for state to become '0' (last state: '1', timeout: 10m0s)",
			ended(true, nil), ended(true, account.Props{"forceDelete": true})),
		group("instances drain", "timeout while waiting", ended(true, nil), ended(false, nil)),
		group("instances drain", "timeout while waiting", ended(true, nil), ended(true, account.Props{"minSize": 0.0, "desiredCapacity": nil})),
	}
}
