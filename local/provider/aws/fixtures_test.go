package aws

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/appautoscaling"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
)

func typeOf(token string) tokens.Type { return tokens.Type(token) }

// with is a copy of inputs in which some are others; nil takes one out.
func with(inputs, changes props) props {
	c := maps.Clone(inputs)
	for name, v := range changes {
		if v == nil {
			delete(c, name)
			continue
		}
		c[name] = v
	}
	return c
}

// network is a VPC with an internet gateway, a subnet in each of two zones, and a
// security group.
type network struct {
	vpc, gateway, a, b, group made
}

func (n network) subnets() []any { return []any{n.a.id, n.b.id} }

func (c *cloud) network() network {
	c.t.Helper()
	n := network{vpc: c.make(ec2.Vpc, props{"cidrBlock": "10.0.0.0/16"})}
	n.gateway = c.make(ec2.Gateway, props{"vpcId": n.vpc.id})
	n.a = c.make(ec2.Subnet, props{"vpcId": n.vpc.id, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-west-1a"})
	n.b = c.make(ec2.Subnet, props{"vpcId": n.vpc.id, "cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-west-1b"})
	n.group = c.make(ec2.SecurityGroup, props{"vpcId": n.vpc.id})
	return n
}

func trust(service string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",`+
		`"Principal":{"Service":%q}}]}`, service)
}

// site is a whole ECS service behind a load balancer.
type site struct {
	network
	role, balancer, target, listener       made
	template, group                        made
	cluster, capacity, providers, task, up made
}

func containers(image string) string {
	b, err := json.Marshal([]props{{
		"name": "web", "image": image, "essential": true, "memory": 256,
		"portMappings": []props{{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}},
	}})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func taskInputs(s site) props {
	return props{
		"family": "site", "networkMode": "awsvpc", "containerDefinitions": containers("nginx:1"),
		"executionRoleArn": s.role.text("arn"),
	}
}

func serviceInputs(s site) props {
	return props{
		"cluster": s.cluster.id, "taskDefinition": s.task.text("arn"), "desiredCount": 1,
		"capacityProviderStrategies": []any{props{"capacityProvider": s.capacity.text("name"), "weight": 1}},
		"networkConfiguration":       props{"subnets": s.subnets(), "securityGroups": []any{s.network.group.id}},
		"loadBalancers":              []any{props{"targetGroupArn": s.target.id, "containerName": "web", "containerPort": 8080}},
	}
}

func (c *cloud) site() site {
	c.t.Helper()
	s := site{network: c.network()}
	s.role = c.make(iam.Role, props{"assumeRolePolicy": trust("ecs-tasks.amazonaws.com")})
	s.balancer = c.make(elb.LoadBalancer, props{"subnets": s.subnets(), "securityGroups": []any{s.network.group.id}})
	s.target = c.make(elb.TargetGroup, props{"port": 8080, "protocol": "HTTP", "targetType": "ip", "vpcId": s.vpc.id})
	s.listener = c.make(elb.Listener, props{
		"loadBalancerArn": s.balancer.id, "port": 80, "protocol": "HTTP",
		"defaultActions": []any{props{"type": "forward", "targetGroupArn": s.target.id}},
	})
	s.template = c.make(ec2.LaunchTemplate, props{"imageId": "ami-0123456789abcdef0", "instanceType": "t4g.small"})
	s.group = c.make(autoscaling.Group, props{
		"minSize": 0, "maxSize": 2, "vpcZoneIdentifiers": s.subnets(),
		"launchTemplate": props{"id": s.template.id, "version": "1"},
	})
	s.cluster = c.make(ecs.Cluster, props{})
	s.capacity = c.make(ecs.CapacityProvider, props{"autoScalingGroupProvider": props{
		"autoScalingGroupArn": s.group.text("arn"), "managedScaling": props{"status": "ENABLED", "targetCapacity": 90},
	}})
	s.providers = c.make(ecs.ClusterProviders, props{
		"clusterName": s.cluster.text("name"), "capacityProviders": []any{s.capacity.text("name")},
	})
	s.task = c.make(ecs.TaskDefinition, taskInputs(s))
	s.up = c.make(ecs.ServiceType, serviceInputs(s))
	return s
}

// scaling are the inputs of a target that scales the service.
func (c *cloud) scaling(s site, low, high int) props {
	c.t.Helper()
	require.NotEmpty(c.t, s.up.text("name"))
	return props{
		"resourceId": "service/" + s.cluster.text("name") + "/" + s.up.text("name"), "scalableDimension": "ecs:service:DesiredCount", "serviceNamespace": "ecs",
		"minCapacity": low, "maxCapacity": high,
	}
}

const scalingTarget = appautoscaling.Target
