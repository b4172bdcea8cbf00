// Package autoscaling is EC2 Auto Scaling: the groups that an ECS capacity provider
// takes its instances from.
package autoscaling

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

// Group is the token by which other services refer to an Auto Scaling group.
const Group = "aws:autoscaling/group:Group"

// Service declares the kinds of this package.
func Service() kind.Service { return kind.Service{Kinds: []kind.Kind{group()}} }

// managedTag is what ECS puts on a group that a capacity provider uses.
const managedTag = "AmazonECSManaged"

func group() kind.Kind {
	spec := "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.launchTemplateId"
	return kind.Kind{
		Type: Group, Title: "Auto Scaling Group", Args: autoscaling.GroupArgs{}, State: autoscaling.Group{},
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
			{Path: "launchTemplate.id", To: ec2.LaunchTemplate, Loose: true},
			{Path: "launchTemplate.name", To: ec2.LaunchTemplate, By: "name", Loose: true},
			{Path: spec, To: ec2.LaunchTemplate, Loose: true},
			{Path: "vpcZoneIdentifiers[]", To: ec2.Subnet, Missing: kind.Fault{
				Code: "ValidationError", Message: "The subnet ID '%s' does not exist",
			}},
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "AlreadyExists", Message: "AutoScalingGroup by this name already exists - A group with the name %s already exists",
		}}},
		NotFound: kind.Fault{Code: "ValidationError", Message: "AutoScalingGroup name not found - AutoScalingGroup '%s' not found"},
		InUse:    kind.Fault{Code: "ResourceInUse", Message: "the group %s is in use"},
		Create:   create,
	}
}

func rules() []kind.Rule {
	return []kind.Rule{
		kind.Match("name", `^[!-9;-~]{1,255}$`, "must be ASCII without spaces and colons"),
		kind.ExactlyOne("launchTemplate", "mixedInstancesPolicy", "launchConfiguration"),
		kind.Conflict("availabilityZones", "vpcZoneIdentifiers"),
		kind.Range("minSize", 0, 10000), kind.Range("maxSize", 0, 10000), kind.Range("desiredCapacity", 0, 10000),
		kind.OneOf("healthCheckType", "EC2", "ELB", "EBS", "VPC_LATTICE"),
		kind.Whole(func(in account.Props) string {
			low, high, desired := in.Number("minSize"), in.Number("maxSize"), in.Number("desiredCapacity")
			switch {
			case low > high:
				return fmt.Sprintf("Max bound, %v, must be greater than or equal to min bound, %v", high, low)
			case in.Has("desiredCapacity") && desired < low:
				return fmt.Sprintf("Desired capacity:%v must be between the specified min size:%v and max size:%v",
					desired, low, high)
			case in.Has("desiredCapacity") && desired > high:
				return fmt.Sprintf("Desired capacity:%v must be between the specified min size:%v and max size:%v",
					desired, low, high)
			}
			return ""
		}, "minSize", "maxSize", "desiredCapacity").API("ValidationError"),
		{Path: "maxInstanceLifetime", Test: func(v any, _ account.Props) string {
			if n, ok := v.(float64); ok && n != 0 && (n < 86400 || n > 31536000) {
				return fmt.Sprintf("expected maxInstanceLifetime to be 0 or in the range (86400 - 31536000), got %v", n)
			}
			return ""
		}},
		kind.Whole(func(in account.Props) string {
			if !in.Has("availabilityZones") && !in.Has("vpcZoneIdentifiers") {
				return "At least one Availability Zone or VPC Subnet is required."
			}
			return ""
		}, "availabilityZones", "vpcZoneIdentifiers").API("ValidationError"),
	}
}

func create(c *kind.Call) error {
	c.ID = c.Out.String("name")
	zones := []any{}
	for _, id := range c.In.Strings("vpcZoneIdentifiers") {
		place, err := c.Find(ec2.Subnet, "id", id)
		if err != nil {
			return err
		}
		if zone := place.Outputs["availabilityZone"]; !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	c.Set(account.Props{
		"arn":               c.ARN("autoscaling", "autoScalingGroup:"+account.NewUUID()+":autoScalingGroupName/"+c.ID),
		"availabilityZones": zones, "desiredCapacity": c.In.Number("minSize"), "defaultCooldown": 300.0,
		"healthCheckType": "EC2", "namePrefix": "", "predictedCapacity": 0.0, "warmPoolSize": 0.0,
		"loadBalancers": []any{}, "targetGroupArns": []any{}, "trafficSources": []any{}, "vpcZoneIdentifiers": []any{},
		"serviceLinkedRoleArn": c.GlobalARN("iam",
			"role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"),
	})
	return nil
}

// Attach is what ECS does to a group that becomes the source of a capacity provider:
// it tags it, and protects its instances if they must not be ended while tasks run.
// A program that does not say so itself will see it as a difference.
func Attach(c *kind.Call, arn string, protect bool) error {
	g, err := c.Find(Group, "arn", arn)
	if err != nil || g == nil {
		return err
	}
	if !slices.ContainsFunc(g.Outputs.Objects("tags"), func(t account.Props) bool { return t.String("key") == managedTag }) {
		g.Observe("tags", append(slices.Clone(g.Outputs.List("tags")),
			map[string]any{"key": managedTag, "value": "true", "propagateAtLaunch": true}))
	}
	if protect && !g.Outputs.Bool("protectFromScaleIn") {
		g.Observe("protectFromScaleIn", true)
	}
	return c.Tx.Put(*g)
}
