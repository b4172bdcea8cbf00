package autoscaling

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	suffix = 26 // characters that the provider adds to a namePrefix

	leastLifetime, mostLifetime = 86400, 31536000
	// widest is how far apart the percentages of a refresh and of the maintenance policy may be.
	widest = 100
)

func rules() []kind.Rule {
	const (
		hook    = "initialLifecycleHooks[]"
		refresh = "instanceRefresh.preferences"
		keep    = "instanceMaintenancePolicy"
	)
	return []kind.Rule{
		kind.Length("name", 0, 255), kind.Length("namePrefix", 0, 255-suffix), kind.Conflict("name", "namePrefix"),
		kind.Match("name", `^[!-9;-~]*$`, "must be ASCII without spaces and colons").API(validation).
			Refusing("a b").From(reference + "CreateAutoScalingGroup"),
		kind.ExactlyOne("launchTemplate", "mixedInstancesPolicy", "launchConfiguration"),
		kind.Conflict("launchTemplate.id", "launchTemplate.name"),
		kind.Whole("a launch template has an id or a name", func(in account.Props) string {
			if in.Has("launchTemplate") && !in.Has("launchTemplate.id") && !in.Has("launchTemplate.name") {
				return "Valid requests must contain either launchTemplateId or LaunchTemplateName"
			}
			return ""
		}, "launchTemplate").API(validation).From(reference + "LaunchTemplateSpecification"),
		kind.Conflict("availabilityZones", "vpcZoneIdentifiers"),
		kind.Conflict("loadBalancers", "trafficSources"), kind.Conflict("targetGroupArns", "trafficSources"),
		notNegative("minSize"), notNegative("maxSize"), notNegative("desiredCapacity"), notNegative("defaultCooldown"),
		notNegative("healthCheckGracePeriod"),
		kind.OneOf("desiredCapacityType", "units", "vcpu", "memory-mib"),
		among("healthCheckType", "Invalid health check type", "EC2", "ELB", "EBS", "VPC_LATTICE").From(reference + "CreateAutoScalingGroup"),
		among("suspendedProcesses[]", "Invalid scaling process", "Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification",
			"AZRebalance", "HealthCheck", "InstanceRefresh", "ReplaceUnhealthy", "ScheduledActions").From(reference + "SuspendProcesses"),
		terminationPolicies(),
		kind.OneOf(hook+".lifecycleTransition", "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"),
		kind.OneOf(hook+".defaultResult", "CONTINUE", "ABANDON"),
		kind.Range(hook+".heartbeatTimeout", 30, 7200),
		kind.OneOf("instanceRefresh.strategy", "Rolling"),
		kind.Range(refresh+".minHealthyPercentage", 0, 100), kind.Range(refresh+".maxHealthyPercentage", 100, 200),
		kind.OneOf(refresh+".scaleInProtectedInstances", "Refresh", "Ignore", "Wait"),
		kind.OneOf(refresh+".standbyInstances", "Terminate", "Ignore", "Wait"),
		apart(refresh, "RefreshPreferences"), apart(keep, "InstanceMaintenancePolicy"),
		kind.Range(keep+".minHealthyPercentage", -1, 100), kind.Range(keep+".maxHealthyPercentage", -1, 200),
		{
			Name: "form of waitForCapacityTimeout", Path: "waitForCapacityTimeout", Bad: "ten minutes",
			Test: func(v any, _ account.Props) string {
				if d, err := time.ParseDuration(v.(string)); err != nil || d < 0 {
					return fmt.Sprintf("%q cannot be parsed as a duration, or is negative", "waitForCapacityTimeout")
				}
				return ""
			},
		},
		{
			Name: "range of maxInstanceLifetime", Source: reference + "CreateAutoScalingGroup", Path: "maxInstanceLifetime",
			Code: validation, Bad: 3600.0,
			Test: func(v any, _ account.Props) string {
				if n, ok := v.(float64); ok && n != 0 && (n < leastLifetime || n > mostLifetime) {
					return fmt.Sprintf("Instance maximum lifetime must be 0 or between %d and %d seconds.", leastLifetime, mostLifetime)
				}
				return ""
			},
		},
		kind.Whole("maximum not below minimum", func(in account.Props) string {
			if low, high := in.Number("minSize"), in.Number("maxSize"); low > high {
				return fmt.Sprintf("Max bound, %v, must be greater than or equal to min bound, %v", high, low)
			}
			return ""
		}, "minSize", "maxSize").API(validation).From(reference + "CreateAutoScalingGroup"),
		kind.Whole("desired between minimum and maximum", func(in account.Props) string {
			low, high, desired := in.Number("minSize"), in.Number("maxSize"), in.Number("desiredCapacity")
			if in.Has("desiredCapacity") && (desired < low || desired > high) {
				return fmt.Sprintf("Desired capacity:%v must be between the specified min size:%v and max size:%v", desired, low, high)
			}
			return ""
		}, "minSize", "maxSize", "desiredCapacity").API(validation).From(reference + "CreateAutoScalingGroup"),
		kind.Whole("zones or subnets", func(in account.Props) string {
			if len(in.List("availabilityZones"))+len(in.List("vpcZoneIdentifiers")) == 0 {
				return "At least one Availability Zone or VPC Subnet is required."
			}
			return ""
		}, "availabilityZones", "vpcZoneIdentifiers").API(validation).From(reference + "CreateAutoScalingGroup"),
		{
			Name: "tags", Source: reference + "Tag", Path: "tags", Code: validation,
			Bad: []any{map[string]any{"key": "aws:name", "value": "", "propagateAtLaunch": true}}, Test: checkTags,
		},
	}
}

// notNegative wants a size or a time.
func notNegative(path string) kind.Rule {
	return kind.Rule{
		Name: path + " is not negative", Source: reference + "CreateAutoScalingGroup", Path: path, Code: validation, Bad: -1.0,
		Test: func(v any, _ account.Props) string {
			if n, ok := v.(float64); ok && n < 0 {
				return fmt.Sprintf("%s must not be negative: %v", path, n)
			}
			return ""
		},
	}
}

// among is OneOf for what the API alone refuses.
func among(path, message string, allowed ...string) kind.Rule {
	return kind.Rule{
		Name: "values of " + path, Path: path, Code: validation, Bad: "no-such-value",
		Test: func(v any, _ account.Props) string {
			if s, ok := v.(string); ok && !slices.Contains(allowed, s) {
				return fmt.Sprintf("%s: %s. Valid values are %s.", message, s, strings.Join(allowed, ", "))
			}
			return ""
		},
	}
}

func terminationPolicies() kind.Rule {
	rule := among("terminationPolicies[]", "Invalid termination policy", "Default", "AllocationStrategy", "ClosestToNextInstanceHour",
		"NewestInstance", "OldestInstance", "OldestLaunchConfiguration", "OldestLaunchTemplate").From(reference + "CreateAutoScalingGroup")
	test := rule.Test
	rule.Test = func(v any, in account.Props) string {
		if s, _ := v.(string); strings.HasPrefix(s, "arn:aws:lambda:") {
			return ""
		}
		return test(v, in)
	}
	return rule
}

// apart bounds the difference between two percentages.
func apart(path, name string) kind.Rule {
	return kind.Whole("percentages of "+path, func(in account.Props) string {
		low, high := in.At(path+".minHealthyPercentage"), in.At(path+".maxHealthyPercentage")
		if low == nil || high == nil {
			return ""
		}
		if in.Number(path+".maxHealthyPercentage")-in.Number(path+".minHealthyPercentage") > widest {
			return fmt.Sprintf("The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be greater than %d.", widest)
		}
		return ""
	}, path).API(validation).From(reference + name)
}

const mostTags = 50

// checkTags looks at tags, which in this API are a list.
func checkTags(v any, _ account.Props) string {
	list, _ := v.([]any)
	if len(list) > mostTags {
		return fmt.Sprintf("The number of tags exceeds the limit of %d.", mostTags)
	}
	seen := map[string]bool{}
	for _, element := range list {
		tag, _ := element.(map[string]any)
		key := account.Props(tag).String("key")
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return "Tag keys starting with 'aws:' are reserved for internal use"
		case seen[key]:
			return fmt.Sprintf("Duplicate keys are not allowed: %s", key)
		}
		seen[key] = true
	}
	return ""
}
