package ecs

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// mostProviders is the quota of capacity providers per cluster and per strategy.
const mostProviders = 20

func clusterProviders() kind.Kind {
	return kind.Kind{
		Type: ClusterProviders, Title: "ECS Cluster Capacity Providers",
		Args: ecs.ClusterCapacityProvidersArgs{}, State: ecs.ClusterCapacityProviders{},
		Takes: providersTakes(),
		API: kind.API{
			Service: "ecs", Create: "PutClusterCapacityProviders", Change: "PutClusterCapacityProviders",
			Members: map[string]string{"clusterName": "cluster"},
		},
		Source:  provider + "cluster_capacity_providers.go",
		Replace: []string{"clusterName"},
		Sets:    []string{"capacityProviders", "defaultCapacityProviderStrategies"},
		Rules: append(strategyRules("defaultCapacityProviderStrategies"),
			kind.Match("clusterName", nameText, nameHint).Refusing("a b"),
			most("capacityProviders", mostProviders, "FARGATE", "The maximum number of capacity providers per cluster has been exceeded.").
				From("aws-cloudformation/cloudformation-coverage-roadmap#1086; ECS service quotas"),
			kind.Whole("default strategy names listed providers", func(in account.Props) string {
				listed := in.Strings("capacityProviders")
				for _, s := range in.Objects("defaultCapacityProviderStrategies") {
					if name := s.String("capacityProvider"); !slices.Contains(listed, name) {
						return "The specified capacity provider '" + name + "' is not associated with the cluster. " +
							"Associate it and try again."
					}
				}
				return ""
			}, "capacityProviders", "defaultCapacityProviderStrategies").API(invalid).From(reference+"PutClusterCapacityProviders")),
		Refs: []kind.Ref{
			{Path: "clusterName", To: Cluster, By: "name", Loose: true},
			{Path: "capacityProviders[]", To: CapacityProvider, By: "name", Foreign: fargate, Loose: true},
		},
		Guards: []kind.Guard{
			{
				Name: "no service uses a provider that goes", Source: reference + "PutClusterCapacityProviders; pahud/cdk-fargate-patterns#71",
				On: kind.Changing | kind.Deleting, Check: unused,
			},
		},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("clusterName")
			c.Set(account.Props{"capacityProviders": []any{}, "defaultCapacityProviderStrategies": []any{}})
			// The request overwrites what the cluster has.
			return c.Tx.Delete(ClusterProviders, c.Region, c.ID)
		},
	}
}

// unused refuses to take providers off a cluster while a service is placed by them.
func unused(c *kind.Call) error {
	remaining := c.In.Strings("capacityProviders")
	if c.Before == nil {
		remaining = nil // it is being deleted
	}
	services, err := c.All(ServiceType)
	for _, s := range services {
		if clusterName(s.Outputs.String("cluster")) != c.ID {
			continue
		}
		for _, strategy := range s.Outputs.Objects("capacityProviderStrategies") {
			if !slices.Contains(remaining, strategy.String("capacityProvider")) {
				return kind.RefuseForNow(inUse, "The specified capacity provider is in use and cannot be removed.")
			}
		}
	}
	return err
}

// strategyRules are the rules for a capacity provider strategy.
func strategyRules(path string) []kind.Rule {
	const item = reference + "CapacityProviderStrategyItem"
	return []kind.Rule{
		kind.Range(path+"[].weight", 0, 1000), kind.Range(path+"[].base", 0, 100000),
		most(path, mostProviders, map[string]any{"capacityProvider": "FARGATE"},
			"A capacity provider strategy can have a maximum of 20 capacity providers.").From(item),
		kind.Whole("one base in "+path, func(in account.Props) string {
			bases := 0
			for _, s := range in.Objects(path) {
				if s.Number("base") > 0 {
					bases++
				}
			}
			if bases > 1 {
				return "A capacity provider strategy can only have one capacity provider with a base value greater than 0."
			}
			return ""
		}, path).API(invalid).From(item),
		kind.Whole("a weight in "+path, func(in account.Props) string {
			weight, strategies := 0.0, in.Objects(path)
			for _, s := range strategies {
				weight += s.Number("weight")
			}
			if len(strategies) > 0 && weight == 0 {
				return "A capacity provider strategy must have at least one capacity provider with a weight greater than zero."
			}
			return ""
		}, path).API(invalid).From(item),
		kind.Whole("no mix of Fargate and groups in "+path, func(in account.Props) string {
			own, ofAWS := false, false
			for _, s := range in.Objects(path) {
				own = own || !fargate(s.String("capacityProvider"))
				ofAWS = ofAWS || fargate(s.String("capacityProvider"))
			}
			if own && ofAWS {
				return "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate providers."
			}
			return ""
		}, path).API(invalid).From(guide + "Amazon ECS capacity providers"),
	}
}

// most bounds the number of elements of a list, with AWS's message.
func most(path string, limit int, element any, message string) kind.Rule {
	bad := slices.Repeat([]any{element}, limit+1)
	return kind.Rule{
		Name: "count of " + path, Path: path, Code: invalid, Bad: bad,
		Test: func(v any, _ account.Props) string {
			if list, ok := v.([]any); ok && len(list) > limit {
				return message
			}
			return ""
		},
	}
}
