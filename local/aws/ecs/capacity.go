package ecs

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/kind"
)

// asg is the input of a capacity provider that names its group.
const asg = "autoScalingGroupProvider"

func capacityProvider() kind.Kind {
	return kind.Kind{
		Type: CapacityProvider, Title: "ECS Capacity Provider",
		Args: ecs.CapacityProviderArgs{}, State: ecs.CapacityProvider{},
		Takes: capacityTakes(),
		API: kind.API{
			Service: "ecs", Create: "CreateCapacityProvider", Change: "UpdateCapacityProvider", Delete: "DeleteCapacityProvider",
		},
		Source:  provider + "capacity_provider.go",
		Name:    kind.Name{Property: "name"},
		Replace: []string{"name", asg + ".autoScalingGroupArn"},
		Defaults: account.Props{
			asg + ".managedDraining": enabled, asg + ".managedTerminationProtection": "DISABLED",
		},
		Rules: append([]kind.Rule{
			kind.Match("name", nameText, nameHint).Refusing("a b"),
			kind.Reject("name", `^(?i)(aws|ecs|fargate)`, "must not start with aws, ecs or fargate").
				API(invalid).Refusing("ecs-site").From(reference + "CreateCapacityProvider"),
			kind.ARN(asg + ".autoScalingGroupArn"),
			kind.OneOf(asg+".managedDraining", enabled, "DISABLED"),
			kind.OneOf(asg+".managedTerminationProtection", enabled, "DISABLED"),
			kind.OneOf(asg+".managedScaling.status", enabled, "DISABLED"),
			kind.Range(asg+".managedScaling.targetCapacity", 1, 100),
			kind.Range(asg+".managedScaling.minimumScalingStepSize", 1, 10000),
			kind.Range(asg+".managedScaling.maximumScalingStepSize", 1, 10000),
			kind.Range(asg+".managedScaling.instanceWarmupPeriod", 0, 10000),
			kind.Whole("termination protection needs managed scaling", func(in account.Props) string {
				if in.String(asg+".managedTerminationProtection") == enabled && in.String(asg+".managedScaling.status") != enabled {
					return "The managed termination protection setting for the capacity provider is invalid. " +
						"To enable managed termination protection for a capacity provider, managed scaling must be enabled."
				}
				return ""
			}, asg).API(invalid).From(reference + "AutoScalingGroupProvider"),
		}, kind.Tags(invalid, invalid)...),
		Refs: []kind.Ref{{
			Path: asg + ".autoScalingGroupArn", To: autoscaling.Group, By: "arn", Loose: true, Missing: kind.Fault{
				Code: client, Message: "The specified Auto Scaling group ARN is not valid. Specify a valid ARN and try again.",
			},
		}},
		Guards: []kind.Guard{
			{
				Name: "one capacity provider for a group", Source: "aws/containers-roadmap#632", On: kind.Making, Check: sharesNone,
			},
			{
				Name: "on no cluster", Source: reference + "DeleteCapacityProvider; hashicorp/terraform-provider-aws#14393",
				On: kind.Deleting, Check: associatedNowhere,
			},
		},
		Unique: []kind.Unique{{Property: "name", Source: reference + "CreateCapacityProvider", Taken: kind.Fault{
			Code: client,
			Message: "The specified capacity provider already exists. To change the configuration of an existing capacity " +
				"provider, update the capacity provider.",
		}}},
		NotFound: kind.Fault{
			Code:    invalid,
			Message: "The specified capacity provider '%s' was not found. Specify a valid capacity provider name and try again.",
		},
		InUse: kind.Fault{Code: inUse, Message: "The specified capacity provider is in use and cannot be removed."},
		Create: func(c *kind.Call) error {
			c.ID = c.ARN("ecs", "capacity-provider/"+c.Out.String("name"))
			c.Set(account.Props{"arn": c.ID})
			return attachGroup(c)
		},
		Update: attachGroup,
		Delete: func(c *kind.Call) error {
			return autoscaling.Detach(c, c.In.String(asg+".autoScalingGroupArn"))
		},
	}
}

// sharesNone refuses a group that another provider has.
func sharesNone(c *kind.Call) error {
	other, err := providerOf(c, c.In.String(asg+".autoScalingGroupArn"))
	if err == nil && other != nil {
		err = kind.Refuse(client, "The specified Auto Scaling group ARN is already being used by another capacity provider. "+
			"Specify a unique Auto Scaling group ARN and try again.")
	}
	return err
}

// providerOf is the capacity provider of a group; nil if it has none.
func providerOf(c *kind.Call, arn string) (*account.Resource, error) {
	all, err := c.All(CapacityProvider)
	for _, r := range all {
		if r.Outputs.String(asg+".autoScalingGroupArn") == arn {
			return &r, err
		}
	}
	return nil, err
}

// associatedNowhere refuses to delete a provider that a cluster has. AWS takes the request and marks it as failed; the
// real provider waits for the end of its time.
func associatedNowhere(c *kind.Call) error {
	associations, err := c.All(ClusterProviders)
	for _, r := range associations {
		for _, name := range r.Outputs.Strings("capacityProviders") {
			if name == c.Old.String("name") {
				return kind.RefuseForNow(inUse, "The capacity provider cannot be deleted because it is associated with "+
					"cluster: %s. Remove the capacity provider from the cluster and try again.", r.ID)
			}
		}
	}
	return err
}

// attachGroup is what ECS does to the group, and what it answers for what was left out.
func attachGroup(c *kind.Call) error {
	provider := c.Out.Object(asg).Copy()
	scaling := account.Props{
		"instanceWarmupPeriod": 300.0, "maximumScalingStepSize": 10000.0, "minimumScalingStepSize": 1.0,
		"status": "DISABLED", "targetCapacity": 100.0,
	}
	for name, value := range provider.Object("managedScaling") {
		scaling[name] = value
	}
	provider["managedScaling"] = map[string]any(scaling)
	for name, value := range map[string]any{"managedDraining": enabled, "managedTerminationProtection": "DISABLED"} {
		if provider[name] == nil {
			provider[name] = value
		}
	}
	c.Out[asg] = map[string]any(provider)
	return autoscaling.Attach(c, provider.String("autoScalingGroupArn"), autoscaling.Manager{
		Protects: provider.String("managedTerminationProtection") == enabled,
		Drains:   provider.String("managedDraining") == enabled,
	})
}
