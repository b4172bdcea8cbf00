package ecs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/efs"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

const (
	trust      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ecs-tasks.amazonaws.com"}}]}`
	access     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"}]}`
	containers = `[{"name":"web","image":"nginx:1","memory":256,"portMappings":[{"containerPort":80}]}]`
)

func tags() map[string]any { return map[string]any{"Project": "site"} }

func usual() cases.Usual {
	u := cases.Usual{
		ecs.Cluster: func(*cases.World) account.Props {
			return account.Props{
				"settings": []any{map[string]any{"name": "containerInsights", "value": "enabled"}}, "tags": tags(),
				"configuration": map[string]any{"executeCommandConfiguration": map[string]any{"logging": "DEFAULT"}},
			}
		},
		ecs.CapacityProvider: func(w *cases.World) account.Props {
			return account.Props{
				"tags": tags(), "autoScalingGroupProvider": map[string]any{
					"autoScalingGroupArn": w.Usual(autoscaling.Group).Outputs["arn"],
					"managedDraining":     "ENABLED", "managedTerminationProtection": "ENABLED",
					"managedScaling": map[string]any{
						"status": "ENABLED", "targetCapacity": 90.0, "minimumScalingStepSize": 1.0, "maximumScalingStepSize": 9.0,
						"instanceWarmupPeriod": 60.0,
					},
				},
			}
		},
		ecs.ClusterProviders: func(w *cases.World) account.Props {
			name := w.Usual(ecs.CapacityProvider).Name
			return account.Props{
				"clusterName": w.Usual(ecs.Cluster).Name, "capacityProviders": []any{name},
				"defaultCapacityProviderStrategies": []any{map[string]any{"capacityProvider": name, "weight": 1.0, "base": 1.0}},
			}
		},
		ecs.TaskDefinition: func(w *cases.World) account.Props {
			role := w.Usual(iam.Role).Outputs["arn"]
			return account.Props{
				"family": "site", "networkMode": "awsvpc", "requiresCompatibilities": []any{"EC2"}, "cpu": "512", "memory": "1024",
				"containerDefinitions": containers, "executionRoleArn": role, "taskRoleArn": role, "ipcMode": "task", "pidMode": "task",
				"runtimePlatform":      map[string]any{"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
				"ephemeralStorage":     map[string]any{"sizeInGib": 21.0},
				"placementConstraints": []any{map[string]any{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}},
				"volumes": []any{map[string]any{"name": "content", "efsVolumeConfiguration": map[string]any{
					"fileSystemId": w.Usual(efs.FileSystem).ID, "transitEncryption": "ENABLED", "transitEncryptionPort": 2999.0,
					"authorizationConfig": map[string]any{"accessPointId": w.Usual(efs.AccessPoint).ID, "iam": "ENABLED"},
				}}}, "tags": tags(),
			}
		},
		ecs.ServiceType: usualService,
	}
	neighbours(u)
	return u
}

func usualService(w *cases.World) account.Props {
	w.Usual(ecs.ClusterProviders)
	w.Usual(elb.Listener)
	return account.Props{
		"cluster": w.Usual(ecs.Cluster).ID, "taskDefinition": w.Usual(ecs.TaskDefinition).Outputs["arn"], "desiredCount": 1.0,
		"capacityProviderStrategies": []any{map[string]any{
			"capacityProvider": w.Usual(ecs.CapacityProvider).Name, "weight": 1.0, "base": 1.0,
		}},
		"networkConfiguration": map[string]any{
			"subnets": []any{w.Usual(ec2.Subnet).ID}, "securityGroups": []any{w.Usual(ec2.SecurityGroup).ID},
		},
		"loadBalancers": []any{map[string]any{
			"targetGroupArn": w.Usual(elb.TargetGroup).ID, "containerName": "web", "containerPort": 80.0,
		}},
		"schedulingStrategy": "REPLICA", "propagateTags": "SERVICE", "availabilityZoneRebalancing": "DISABLED",
		"deploymentController":          map[string]any{"type": "ECS"},
		"orderedPlacementStrategies":    []any{map[string]any{"type": "spread", "field": "attribute:ecs.availability-zone"}},
		"placementConstraints":          []any{map[string]any{"type": "distinctInstance"}},
		"healthCheckGracePeriodSeconds": 60.0, "tags": tags(),
	}
}

// neighbours are what ECS refers to.
func neighbours(u cases.Usual) {
	u[ec2.Vpc] = func(*cases.World) account.Props { return account.Props{"cidrBlock": "10.0.0.0/16"} }
	u[ec2.Gateway] = func(w *cases.World) account.Props { return account.Props{"vpcId": w.Usual(ec2.Vpc).ID} }
	u[ec2.Subnet] = func(w *cases.World) account.Props {
		return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"}
	}
	u[ec2.SecurityGroup] = func(w *cases.World) account.Props { return account.Props{"vpcId": w.Usual(ec2.Vpc).ID} }
	u[elb.TargetGroup] = func(w *cases.World) account.Props {
		return account.Props{"port": 80.0, "protocol": "HTTP", "targetType": "ip", "vpcId": w.Usual(ec2.Vpc).ID, "deregistrationDelay": 60.0}
	}
	u[elb.LoadBalancer] = func(w *cases.World) account.Props {
		second := w.Need(ec2.Subnet, account.Props{"cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-central-1b"})
		return account.Props{
			"internal": true, "subnets": []any{w.Usual(ec2.Subnet).ID, second.ID}, "securityGroups": []any{w.Usual(ec2.SecurityGroup).ID},
		}
	}
	u[elb.Listener] = func(w *cases.World) account.Props {
		return account.Props{
			"loadBalancerArn": w.Usual(elb.LoadBalancer).ID, "port": 80.0, "protocol": "HTTP",
			"defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": w.Usual(elb.TargetGroup).ID}},
		}
	}
	u[iam.Role] = func(*cases.World) account.Props { return account.Props{"assumeRolePolicy": trust} }
	u[iam.RolePolicy] = func(w *cases.World) account.Props {
		return account.Props{"role": w.Usual(iam.Role).ID, "policy": access}
	}
	u[efs.FileSystem] = func(*cases.World) account.Props { return account.Props{} }
	u[efs.AccessPoint] = func(w *cases.World) account.Props { return account.Props{"fileSystemId": w.Usual(efs.FileSystem).ID} }
	u[cloudwatch.LogGroup] = func(*cases.World) account.Props { return account.Props{} }
	u[ec2.LaunchTemplate] = func(*cases.World) account.Props {
		return account.Props{"imageId": "ami-0123456789abcdef0", "instanceType": "t4g.small"}
	}
	u[autoscaling.Group] = func(w *cases.World) account.Props {
		return account.Props{
			"minSize": 0.0, "maxSize": 2.0, "vpcZoneIdentifiers": []any{w.Usual(ec2.Subnet).ID},
			"launchTemplate": map[string]any{"id": w.Usual(ec2.LaunchTemplate).ID, "version": "1"},
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	catalog, err := kind.NewCatalog(ecs.Service(), autoscaling.Service(), cloudwatch.Service(), ec2.Service(), efs.Service(),
		elb.Service(), iam.Service())
	require.NoError(t, err)
	var all []cases.Case
	for _, some := range [][]cases.Case{clusterCases(), taskCases(), serviceCases(), placementCases(), endCases()} {
		all = append(all, some...)
	}
	cases.Suite{
		Catalog: catalog, Usual: usual(), Cases: all,
		Types: []string{ecs.Cluster, ecs.CapacityProvider, ecs.ClusterProviders, ecs.TaskDefinition, ecs.ServiceType},
	}.Run(t)
}
