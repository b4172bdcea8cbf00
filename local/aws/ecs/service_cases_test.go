package ecs_test

import (
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/kind/cases"
)

func service(rule, says string, refused account.Props, accepted ...account.Props) cases.Case {
	c := cases.Case{Type: ecs.ServiceType, Rule: rule, Refused: cases.Make(refused), Says: says}
	if len(accepted) > 0 {
		c.Accepted = cases.Make(accepted[0])
	}
	return c
}

// serviceCases are those of rules about inputs.
func serviceCases() []cases.Case {
	strategies := func(t, field string) account.Props {
		return account.Props{"orderedPlacementStrategies": []any{map[string]any{"type": t, "field": field}}}
	}
	all := []cases.Case{
		service("subnets", "subnets can not be empty.", account.Props{"networkConfiguration.subnets": []any{}}),
		service("a strategy or a launch type", "Specifying both a launch type and capacity provider strategy is not supported.",
			account.Props{"launchType": "EC2"}, account.Props{"launchType": "EC2", "capacityProviderStrategies": nil}),
		service("values of launchType", "expected launchType to be one of",
			account.Props{"launchType": "VM", "capacityProviderStrategies": nil}, account.Props{"launchType": "EC2", "capacityProviderStrategies": nil}),
		service("maximum percent above minimum", "maximumPercent must be greater than minimumHealthyPercent",
			account.Props{"deploymentMaximumPercent": 100.0, "deploymentMinimumHealthyPercent": 100.0},
			account.Props{"deploymentMaximumPercent": 100.0, "deploymentMinimumHealthyPercent": 50.0}),
		service("no public address on EC2", "Assign public IP is not supported for this launch type.",
			account.Props{"networkConfiguration.assignPublicIp": true}),
		service("platform version of Fargate", "The platform version must be null", account.Props{"platformVersion": "LATEST"}),
		service("grace period of a load balancer", "Health check grace period is only valid", account.Props{"loadBalancers": nil},
			account.Props{"loadBalancers": nil, "healthCheckGracePeriodSeconds": nil}),
		service("circuit breaker of rolling updates", "only supported with ECS deployment controller", account.Props{
			"deploymentController.type": "EXTERNAL", "deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": true},
		}, account.Props{"deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": true}}),
		service("placement strategies", "requires the field attribute to be either 'cpu' or 'memory'", strategies("binpack", "disk"), strategies("binpack", "cpu")),
		service("placement constraints", "cluster query expression required",
			account.Props{"placementConstraints": []any{map[string]any{"type": "memberOf"}}}),
		service("daemons", "does not support a placement strategy", account.Props{"schedulingStrategy": "DAEMON"},
			account.Props{"schedulingStrategy": "DAEMON", "orderedPlacementStrategies": nil}),
	}
	return append(all, strategyCases(ecs.ServiceType, "capacityProviderStrategies")...)
}
