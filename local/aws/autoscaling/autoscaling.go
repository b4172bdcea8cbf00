// Package autoscaling is EC2 Auto Scaling: the groups that an ECS capacity provider
// takes its instances from.
package autoscaling

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind"
)

// Group is the token by which other services refer to an Auto Scaling group.
const Group = "aws:autoscaling/group:Group"

const (
	validation = "ValidationError"
	provider   = "terraform-provider-aws internal/service/autoscaling/group.go"
	reference  = "EC2 Auto Scaling API reference, "
	// unformed begins what is said of the group's launch template.
	unformed = "You must use a valid fully-formed launch template. "
	// mixed is where a mixed instances policy names its launch template.
	mixed = "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification"
)

// Service declares the kinds of this package.
func Service() kind.Service { return kind.Service{Kinds: []kind.Kind{group()}} }

func group() kind.Kind {
	noTemplate := kind.Fault{
		Code: validation, Message: unformed + "The specified launch template, with template ID %s, does not exist.",
	}
	return kind.Kind{
		Type: Group, Title: "Auto Scaling Group", Args: autoscaling.GroupArgs{}, State: autoscaling.Group{},
		Takes: groupTakes(),
		API: kind.API{
			Service: "autoscaling", Create: "CreateAutoScalingGroup", Change: "UpdateAutoScalingGroup",
			Delete: "DeleteAutoScalingGroup",
			Members: map[string]string{
				"name": "AutoScalingGroupName", "launchTemplate.id": "LaunchTemplate.LaunchTemplateId",
				"launchTemplate.name": "LaunchTemplate.LaunchTemplateName", "launchConfiguration": "LaunchConfigurationName",
				"loadBalancers": "LoadBalancerNames", "protectFromScaleIn": "NewInstancesProtectedFromScaleIn",
				"initialLifecycleHooks":        "LifecycleHookSpecificationList",
				"initialLifecycleHooks[].name": "LifecycleHookSpecificationList[].LifecycleHookName",
			},
		},
		Source:  provider,
		Name:    kind.Name{Property: "name", Prefix: "namePrefix"},
		Replace: []string{"name", "namePrefix", "initialLifecycleHooks"},
		Sets: []string{
			"availabilityZones", "vpcZoneIdentifiers", "targetGroupArns", "loadBalancers", "enabledMetrics",
			"suspendedProcesses", "tags", "trafficSources", "initialLifecycleHooks",
		},
		Kept: []string{
			"availabilityZones", "vpcZoneIdentifiers", "targetGroupArns", "loadBalancers", "trafficSources",
		},
		Defaults: account.Props{
			"forceDelete": false, "forceDeleteWarmPool": false, "healthCheckGracePeriod": 300.0,
			"ignoreFailedScalingActivities": false, "metricsGranularity": "1Minute", "protectFromScaleIn": false,
			"waitForCapacityTimeout": "10m", "maxInstanceLifetime": 0.0,
		},
		Rules: rules(),
		Refs: []kind.Ref{
			{Path: "launchTemplate.id", To: ec2.LaunchTemplate, Loose: true, Missing: noTemplate},
			{Path: "launchTemplate.name", To: ec2.LaunchTemplate, By: "name", Loose: true, Missing: kind.Fault{
				Code: validation, Message: unformed + "The specified launch template, with template name %s, does not exist.",
			}},
			{Path: mixed + ".launchTemplateId", To: ec2.LaunchTemplate, Loose: true, Missing: noTemplate},
			{Path: "vpcZoneIdentifiers[]", To: ec2.Subnet, Missing: kind.Fault{
				Code: validation, Message: "The subnet ID '%s' does not exist",
			}},
			{Path: "targetGroupArns[]", To: elb.TargetGroup, By: "arn", Loose: true, Missing: kind.Fault{
				Code: validation, Message: "Provided Target Groups may not be valid. Please ensure they exist and try again.",
			}},
		},
		Guards: guards(),
		Unique: []kind.Unique{{Property: "name", Source: reference + "CreateAutoScalingGroup", Taken: kind.Fault{
			Code: "AlreadyExists", Message: "AutoScalingGroup by this name already exists - A group with the name %s already exists",
		}}},
		NotFound: kind.Fault{Code: validation, Message: "AutoScalingGroup name not found - AutoScalingGroup '%s' not found"},
		Create:   create,
		Update:   update,
		Delete:   forget,
	}
}

func create(c *kind.Call) error {
	c.ID = c.Out.String("name")
	c.Set(account.Props{
		"arn":             c.ARN("autoscaling", "autoScalingGroup:"+account.NewUUID()+":autoScalingGroupName/"+c.ID),
		"desiredCapacity": c.In.Number("minSize"), "defaultCooldown": 300.0,
		"healthCheckType": "EC2", "namePrefix": "", "predictedCapacity": 0.0, "warmPoolSize": 0.0,
		"loadBalancers": []any{}, "targetGroupArns": []any{}, "trafficSources": []any{}, "vpcZoneIdentifiers": []any{},
		"serviceLinkedRoleArn": c.GlobalARN("iam",
			"role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"),
	})
	return settleZones(c)
}

func update(c *kind.Call) error {
	// A group that is to be larger or smaller than it is moves into its new bounds.
	if desired := c.Out.Number("desiredCapacity"); !c.In.Has("desiredCapacity") {
		c.Out["desiredCapacity"] = max(c.In.Number("minSize"), min(desired, c.In.Number("maxSize")))
	}
	return settleZones(c)
}

// settleZones gives a group in subnets the zones that these are in.
func settleZones(c *kind.Call) error {
	if len(c.In.List("vpcZoneIdentifiers")) == 0 {
		return nil
	}
	zones := []any{}
	seen := map[any]bool{}
	subnets, err := ec2.Subnets(c, c.In.Strings("vpcZoneIdentifiers"))
	for _, s := range subnets {
		if zone := s.Outputs["availabilityZone"]; !seen[zone] {
			seen[zone] = true
			zones = append(zones, zone)
		}
	}
	c.Out["availabilityZones"] = zones
	return err
}
