package ecs_test

import (
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind/cases"
)

// placed is a rule about what a service is put together from.
func placed(rule, says string, refused, accepted cases.Trial) cases.Case {
	return cases.Case{Type: ecs.ServiceType, Rule: rule, Refused: refused, Accepted: accepted, Says: says}
}

// balanced is a service with a target group that is another than the usual one.
func balanced(change account.Props) cases.Trial {
	return func(w *cases.World, typ string) error {
		balancer := map[string]any{"targetGroupArn": w.Usual(elb.TargetGroup).ID, "containerName": "web", "containerPort": 80.0}
		for name, v := range change {
			balancer[name] = v
		}
		_, err := w.Make(typ, account.Props{"loadBalancers": []any{balancer}})
		return err
	}
}

// bridged is a service of tasks with another network mode, with its own role or not.
func bridged(changes account.Props) cases.Trial {
	return func(w *cases.World, typ string) error {
		task := w.Need(ecs.TaskDefinition, account.Props{"networkMode": "bridge"})
		_, err := w.Make(typ, and(account.Props{
			"taskDefinition": task.Outputs["arn"], "loadBalancers": nil, "healthCheckGracePeriodSeconds": nil,
		}, changes))
		return err
	}
}

func placementCases() []cases.Case {
	elsewhere := func(w *cases.World) account.Resource {
		return w.Need(ec2.Vpc, account.Props{"cidrBlock": "10.1.0.0/16"})
	}
	return []cases.Case{
		placed("name is free in the cluster", "InvalidParameterException: Creation of service was not idempotent.", func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"name": w.Usual(typ).Name})
			return err
		}, nil),
		placed("task definition is active", "ClientException: TaskDefinition is inactive", func(w *cases.World, typ string) error {
			task := w.Need(ecs.TaskDefinition, nil)
			if err := w.Delete(task); err != nil {
				return err
			}
			_, err := w.Make(typ, account.Props{"taskDefinition": task.ID})
			return err
		}, nil),
		placed("task definition is active", "ClientException: TaskDefinition not found.", cases.Make(account.Props{"taskDefinition": "other:1"}), nil),
		placed("network as the task definition wants it", "Network Configuration must be provided", cases.Make(account.Props{"networkConfiguration": nil}), nil),
		placed("network as the task definition wants it", "Network Configuration is not valid", bridged(nil), bridged(account.Props{"networkConfiguration": nil})),
		placed("subnets of one VPC", "Subnets must be from the same VPC", func(w *cases.World, typ string) error {
			other := w.Need(ec2.Subnet, account.Props{"vpcId": elsewhere(w).ID, "cidrBlock": "10.1.0.0/24"})
			_, err := w.Make(typ, account.Props{"networkConfiguration.subnets": []any{w.Usual(ec2.Subnet).ID, other.ID}})
			return err
		}, nil),
		placed("security groups of the VPC", "does not appear to belong to the same VPC", func(w *cases.World, typ string) error {
			other := w.Need(ec2.SecurityGroup, account.Props{"vpcId": elsewhere(w).ID})
			_, err := w.Make(typ, account.Props{"networkConfiguration.securityGroups": []any{other.ID}})
			return err
		}, nil),
		placed("providers of the cluster", "not associated with the cluster", func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"cluster": w.Need(ecs.Cluster, nil).ID})
			return err
		}, nil),
		placed("container of the load balancer", "The container db does not exist in the task definition.", balanced(account.Props{"containerName": "db"}), nil),
		placed("port of the load balancer", "did not have a container port 81 defined", balanced(account.Props{"containerPort": 81.0}), nil),
		placed("target type of awsvpc", "has target type instance", func(w *cases.World, typ string) error {
			other := w.Need(elb.TargetGroup, account.Props{"targetType": "instance"})
			return balanced(account.Props{"targetGroupArn": other.ID})(w, typ)
		}, nil),
		placed("target group of a load balancer", "does not have an associated load balancer", func(w *cases.World, typ string) error {
			return balanced(account.Props{"targetGroupArn": w.Need(elb.TargetGroup, nil).ID})(w, typ)
		}, nil),
		placed("role that ECS may assume", "Unable to assume role and validate the specified targetGroupArn.", trusting("ec2"), trusting("ecs")),
	}
}

// trusting makes a service on the bridge network with a role of its own that trusts an AWS service.
func trusting(service string) cases.Trial {
	return func(w *cases.World, typ string) error {
		role := w.Need(iam.Role, account.Props{"assumeRolePolicy": strings.Replace(trust, "ecs-tasks", service, 1)})
		balancer := map[string]any{"targetGroupArn": w.Usual(elb.TargetGroup).ID, "containerName": "web", "containerPort": 80.0}
		task := w.Need(ecs.TaskDefinition, account.Props{"networkMode": "bridge"})
		_, err := w.Make(typ, account.Props{
			"iamRole": role.Outputs["arn"], "networkConfiguration": nil, "taskDefinition": task.Outputs["arn"], "loadBalancers": []any{balancer},
		})
		return err
	}
}

// endCases are those of the end of a service.
func endCases() []cases.Case {
	// lost deletes a service after its role has lost its policy, or before.
	lost := func(policyFirst bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			policy := w.Usual(iam.RolePolicy)
			s := w.Usual(typ)
			if policyFirst {
				if err := w.Delete(policy); err != nil {
					return err
				}
			}
			return w.Delete(s)
		}
	}
	drained := func(delay float64, timeout time.Duration) cases.Trial {
		return func(w *cases.World, typ string) error {
			s := w.Usual(typ)
			if _, err := w.Change(w.Usual(elb.TargetGroup), account.Props{"deregistrationDelay": delay}); err != nil {
				return err
			}
			c := w.Call()
			c.ID, c.Timeout = s.ID, timeout
			d, _ := c.Catalog.Kind(typ)
			return d.Remove(c)
		}
	}
	const stuck = "delete: timeout while waiting for state to become 'INACTIVE' (last state: 'DRAINING', timeout: 20m0s)"
	return []cases.Case{
		placed("roles keep their policies", stuck, lost(true), lost(false)),
		placed("ends in time", stuck, drained(3600, 0), drained(3600, 2*time.Hour)),
	}
}
