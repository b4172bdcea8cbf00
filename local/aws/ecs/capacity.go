package ecs

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/kind"
)

func capacityProvider() kind.Kind {
	const asg = "autoScalingGroupProvider"
	return kind.Kind{
		Type: CapacityProvider, Title: "ECS Capacity Provider",
		Args: ecs.CapacityProviderArgs{}, State: ecs.CapacityProvider{},
		Name:    kind.Name{Property: "name"},
		Replace: []string{"name", asg + ".autoScalingGroupArn"},
		Defaults: account.Props{
			asg + ".managedDraining": "ENABLED", asg + ".managedTerminationProtection": "DISABLED",
		},
		Rules: []kind.Rule{
			kind.Match("name", nameText, nameHint),
			kind.Reject("name", `^(?i)(aws|ecs|fargate)`, "must not start with aws, ecs or fargate").
				API("InvalidParameterException"),
			kind.OneOf(asg+".managedDraining", "ENABLED", "DISABLED"),
			kind.OneOf(asg+".managedTerminationProtection", "ENABLED", "DISABLED"),
			kind.OneOf(asg+".managedScaling.status", "ENABLED", "DISABLED"),
			kind.Range(asg+".managedScaling.targetCapacity", 1, 100),
			kind.Range(asg+".managedScaling.minimumScalingStepSize", 1, 10000),
			kind.Range(asg+".managedScaling.maximumScalingStepSize", 1, 10000),
			kind.Range(asg+".managedScaling.instanceWarmupPeriod", 0, 10000),
			kind.Whole(func(in account.Props) string {
				if in.String(asg+".managedTerminationProtection") == "ENABLED" &&
					in.String(asg+".managedScaling.status") != "ENABLED" {
					return "The managed termination protection setting for the capacity provider is invalid. " +
						"To enable managed termination protection for a capacity provider, managed scaling must be enabled."
				}
				return ""
			}, asg).API("InvalidParameterException"),
		},
		Refs: []kind.Ref{{
			Path: asg + ".autoScalingGroupArn", To: autoscaling.Group, By: "arn", Loose: true, Missing: kind.Fault{
				Code: "ClientException", Message: "The specified Auto Scaling group ARN is not valid. Specify a valid ARN and try again.",
			},
		}},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "ClientException",
			Message: "The specified capacity provider already exists. To change the configuration of an existing capacity " +
				"provider, update the capacity provider.",
		}}},
		NotFound: kind.Fault{
			Code:    "InvalidParameterException",
			Message: "The specified capacity provider '%s' was not found. Specify a valid capacity provider name and try again.",
		},
		InUse: kind.Fault{Code: "ResourceInUseException", Message: "The specified capacity provider is in use and cannot be removed."},
		Create: func(c *kind.Call) error {
			c.ID = c.ARN("ecs", "capacity-provider/"+c.Out.String("name"))
			c.Set(account.Props{"arn": c.ID})
			return attachGroup(c)
		},
		Update: attachGroup,
	}
}

func attachGroup(c *kind.Call) error {
	const asg = "autoScalingGroupProvider"
	return autoscaling.Attach(c, c.In.String(asg+".autoScalingGroupArn"),
		c.In.String(asg+".managedTerminationProtection") == "ENABLED")
}

// fargate tells the capacity providers that AWS itself has.
func fargate(name string) bool { return name == "FARGATE" || name == "FARGATE_SPOT" }

func clusterProviders() kind.Kind {
	return kind.Kind{
		Type: ClusterProviders, Title: "ECS Cluster Capacity Providers",
		Args: ecs.ClusterCapacityProvidersArgs{}, State: ecs.ClusterCapacityProviders{},
		Replace: []string{"clusterName"},
		Sets:    []string{"capacityProviders", "defaultCapacityProviderStrategies"},
		Rules: append(strategyRules("defaultCapacityProviderStrategies"),
			kind.Whole(func(in account.Props) string {
				listed := in.Strings("capacityProviders")
				for _, s := range in.Objects("defaultCapacityProviderStrategies") {
					if name := s.String("capacityProvider"); !slices.Contains(listed, name) {
						return "The specified capacity provider '" + name + "' is not associated with the cluster. " +
							"Associate it and try again."
					}
				}
				return ""
			}, "capacityProviders", "defaultCapacityProviderStrategies").API("InvalidParameterException")),
		Refs: []kind.Ref{
			{Path: "clusterName", To: Cluster, By: "name", Loose: true},
			{Path: "capacityProviders[]", To: CapacityProvider, By: "name", Foreign: fargate},
		},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("clusterName")
			c.Set(account.Props{"capacityProviders": []any{}, "defaultCapacityProviderStrategies": []any{}})
			return nil
		},
		Update: func(c *kind.Call) error { return stillUsed(c, c.In.Strings("capacityProviders")) },
		Delete: func(c *kind.Call) error { return stillUsed(c, nil) },
	}
}

// stillUsed refuses to take providers off a cluster while a service is placed by them.
func stillUsed(c *kind.Call, remaining []string) error {
	services, err := c.All(ServiceType)
	if err != nil {
		return err
	}
	for _, s := range services {
		if clusterName(s.Outputs.String("cluster")) != c.ID {
			continue
		}
		for _, strategy := range s.Outputs.Objects("capacityProviderStrategies") {
			if !slices.Contains(remaining, strategy.String("capacityProvider")) {
				return kind.RefuseForNow("ResourceInUseException",
					"The specified capacity provider is in use and cannot be removed.")
			}
		}
	}
	return nil
}

// strategyRules are the rules for a capacity provider strategy.
func strategyRules(path string) []kind.Rule {
	return []kind.Rule{
		kind.Count(path, 0, 20),
		kind.Range(path+"[].weight", 0, 1000), kind.Range(path+"[].base", 0, 100000),
		kind.Whole(func(in account.Props) string {
			strategies := in.Objects(path)
			bases, weight := 0, 0.0
			for _, s := range strategies {
				if s.Number("base") > 0 {
					bases++
				}
				weight += s.Number("weight")
			}
			switch {
			case bases > 1:
				return "A capacity provider strategy can only have one capacity provider with a base value greater than 0."
			case len(strategies) > 0 && weight == 0:
				return "A capacity provider strategy must have at least one capacity provider with a weight greater than zero."
			}
			return ""
		}, path).API("InvalidParameterException"),
	}
}
