package ecs

import (
	"fmt"
	"slices"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Quotas of a service.
const (
	mostSubnets     = 16
	mostGroups      = 5
	mostTargets     = 5
	mostTasks       = 5000
	mostStrategies  = 5
	mostConstraints = 10
)

func serviceRules() []kind.Rule {
	const (
		create = reference + "CreateService"
		vpc    = reference + "AwsVpcConfiguration"
	)
	return slices.Concat([]kind.Rule{
		kind.Match("name", nameText, nameHint).API(invalid).Refusing("a b").From(create),
		kind.OneOf("launchType", "EC2", "FARGATE", "EXTERNAL"),
		kind.OneOf("schedulingStrategy", "REPLICA", "DAEMON"),
		kind.OneOf("propagateTags", "SERVICE", "TASK_DEFINITION", "NONE"),
		kind.OneOf("availabilityZoneRebalancing", enabled, "DISABLED"),
		kind.OneOf("deploymentController.type", "ECS", "CODE_DEPLOY", "EXTERNAL"),
		kind.OneOf("orderedPlacementStrategies[].type", "binpack", "random", "spread"),
		kind.OneOf("placementConstraints[].type", "distinctInstance", "memberOf"),
		kind.Range("healthCheckGracePeriodSeconds", 0, 2147483647),
		kind.Range("desiredCount", 0, mostTasks).API(invalid).From("ECS service quotas, Tasks per service"),
		kind.Range("loadBalancers[].containerPort", 0, 65536),
		kind.ARN("loadBalancers[].targetGroupArn"),
		kind.Count("orderedPlacementStrategies", 0, mostStrategies).
			Refusing(slices.Repeat([]any{map[string]any{"type": "random"}}, mostStrategies+1)),
		kind.Count("placementConstraints", 0, mostConstraints).
			Refusing(slices.Repeat([]any{map[string]any{"type": "distinctInstance"}}, mostConstraints+1)),
		most(network+".subnets", mostSubnets, "subnet-0", "subnets can have at most 16 items.").From(vpc),
		most(network+".securityGroups", mostGroups, "sg-0", "securityGroups can have at most 5 items.").From(vpc),
		most("loadBalancers", mostTargets, map[string]any{"containerName": "web", "containerPort": 80.0},
			"loadBalancers can have at most 5 items.").From("ECS service quotas, Target groups per service"),
		whole("subnets", vpc, func(in account.Props) string {
			if in.Has(network) && len(in.List(network+".subnets")) == 0 {
				return "subnets can not be empty."
			}
			return ""
		}, network),
		whole("a strategy or a launch type", create, func(in account.Props) string {
			if in.Has("launchType") && len(in.List(strategies)) > 0 {
				return "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
			}
			return ""
		}, "launchType", strategies),
		whole("maximum percent above minimum", reference+"DeploymentConfiguration", checkPercents,
			"deploymentMinimumHealthyPercent", "deploymentMaximumPercent"),
		whole("no public address on EC2", vpc, func(in account.Props) string {
			if in.Bool(network+".assignPublicIp") && in.String("launchType") != "FARGATE" && !fargateAlone(in) {
				return "Assign public IP is not supported for this launch type."
			}
			return ""
		}, network, "launchType", strategies),
		whole("platform version of Fargate", create, func(in account.Props) string {
			if in.String("platformVersion") != "" && in.String("launchType") != "FARGATE" && !fargateAlone(in) {
				return "The platform version must be null when specifying an EC2 launch type."
			}
			return ""
		}, "platformVersion", "launchType", strategies),
		whole("grace period of a load balancer", create, func(in account.Props) string {
			if in.Number("healthCheckGracePeriodSeconds") > 0 && len(in.List("loadBalancers")) == 0 {
				return "Health check grace period is only valid for services configured to use load balancers"
			}
			return ""
		}, "healthCheckGracePeriodSeconds", "loadBalancers"),
		whole("circuit breaker of rolling updates", reference+"DeploymentCircuitBreaker", func(in account.Props) string {
			controller := in.String("deploymentController.type")
			if in.Bool("deploymentCircuitBreaker.enable") && controller != "" && controller != "ECS" {
				return "Deployment circuit breaker feature is only supported with ECS deployment controller."
			}
			return ""
		}, "deploymentCircuitBreaker", "deploymentController"),
		whole("placement strategies", provider+"service.go, validPlacementStrategy", checkStrategies, "orderedPlacementStrategies"),
		whole("placement constraints", provider+"service.go, validPlacementConstraint", checkConstraints, "placementConstraints"),
		whole("daemons", create, checkDaemon, "schedulingStrategy", "orderedPlacementStrategies", "launchType", "deploymentController"),
	}, strategyRules(strategies), kind.Tags(invalid, invalid))
}

// whole is kind.Whole for a refusal of the API.
func whole(name, source string, test func(in account.Props) string, needs ...string) kind.Rule {
	return kind.Whole(name, test, needs...).API(invalid).From(source)
}

// fargateAlone tells whether a strategy has no groups.
func fargateAlone(in account.Props) bool {
	list := in.Objects(strategies)
	return len(list) > 0 && !slices.ContainsFunc(list, func(s account.Props) bool { return !fargate(s.String("capacityProvider")) })
}

func checkPercents(in account.Props) string {
	low, high := in.Number("deploymentMinimumHealthyPercent"), in.Number("deploymentMaximumPercent")
	if in.Has("deploymentMaximumPercent") && in.Has("deploymentMinimumHealthyPercent") && high <= low {
		return "maximumPercent must be greater than minimumHealthyPercent, or no task could be replaced"
	}
	return ""
}

func checkStrategies(in account.Props) string {
	for _, s := range in.Objects("orderedPlacementStrategies") {
		field := s.String("field")
		switch t := s.String("type"); {
		case t == "random" && field != "":
			return fmt.Sprintf("random type requires the field attribute to be unset. Got: %s", field)
		case t == "spread" && field == "":
			return "spread type requires the field attribute"
		case t == "binpack" && field != "cpu" && field != "memory":
			return fmt.Sprintf("binpack type requires the field attribute to be either 'cpu' or 'memory'. Got: %s", field)
		}
	}
	return ""
}

// longestExpression is the size of a cluster query.
const longestExpression = 2000

func checkConstraints(in account.Props) string {
	for _, p := range in.Objects("placementConstraints") {
		expression := p.String("expression")
		switch t := p.String("type"); {
		case t == "memberOf" && expression == "":
			return "cluster query expression required with 'memberOf' type"
		case t == "distinctInstance" && expression != "":
			return "An expression is not supported with the constraint type distinctInstance."
		case len(expression) > longestExpression:
			return fmt.Sprintf("The expression of a placement constraint can have at most %d characters.", longestExpression)
		}
	}
	return ""
}

func checkDaemon(in account.Props) string {
	controller := in.String("deploymentController.type")
	switch {
	case in.String("schedulingStrategy") != "DAEMON":
		return ""
	case len(in.List("orderedPlacementStrategies")) > 0:
		return "The daemon scheduling strategy does not support a placement strategy. Remove the placement strategy and try again."
	case in.String("launchType") == "FARGATE":
		return "The daemon scheduling strategy is not supported with the Fargate launch type."
	case controller != "" && controller != "ECS":
		return "The daemon scheduling strategy is only supported with the ECS deployment controller."
	}
	return ""
}
