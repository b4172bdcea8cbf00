package ecs_test

import (
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/autoscaling"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/kind/cases"
)

// strategy is a list of shares, by provider.
func strategy(shares ...map[string]any) []any {
	list := []any{}
	for _, share := range shares {
		list = append(list, share)
	}
	return list
}

func share(provider string, weight, base float64) map[string]any {
	return map[string]any{"capacityProvider": provider, "weight": weight, "base": base}
}

// strategyCases are those of the strategies of a type.
func strategyCases(typ, path string) []cases.Case {
	made := func(list []any) cases.Trial { return cases.Make(account.Props{path: list}) }
	return []cases.Case{
		{Type: typ, Rule: "one base in " + path, Refused: made(strategy(share("FARGATE", 1, 1), share("FARGATE_SPOT", 1, 1))), Says: "only have one capacity provider with a base"},
		{Type: typ, Rule: "a weight in " + path, Refused: made(strategy(share("FARGATE", 0, 0))), Says: "a weight greater than zero"},
		{Type: typ, Rule: "no mix of Fargate and groups in " + path, Refused: made(strategy(share("FARGATE", 1, 0), share("site", 1, 0))), Says: "cannot contain a mix"},
	}
}

func clusterCases() []cases.Case {
	// instances are on the cluster, in a state.
	instances := func(state string) cases.Trial {
		return cases.Delete(func(w *cases.World, r account.Resource) {
			if err := w.Call().Tx.Keep("instance", "i-1", map[string]string{
				"cluster": r.Name, "region": r.Region, "state": state,
			}); err != nil {
				panic(err)
			}
		})
	}
	all := []cases.Case{
		{
			Type: ecs.Cluster, Rule: "where ECS Exec logs to", Says: "InvalidParameterException: You must specify a log configuration",
			Refused: cases.Make(account.Props{"configuration": map[string]any{"executeCommandConfiguration": map[string]any{"logging": "OVERRIDE"}}}),
		},
		{
			Type: ecs.Cluster, Rule: "no container instance is registered", Says: "ClusterContainsContainerInstancesException",
			Refused: instances("ACTIVE"), Accepted: instances("terminated"),
		},
		{
			Type: ecs.Cluster, Rule: "nothing uses it", Says: "ClusterContainsServicesException: The Cluster cannot be deleted while Services are active.",
			Refused: cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(ecs.ServiceType) }), Accepted: cases.Delete(nil),
		},
		{
			Type: ecs.CapacityProvider, Rule: "termination protection needs managed scaling", Says: "managed scaling must be enabled",
			Refused: cases.Make(account.Props{"autoScalingGroupProvider.managedScaling.status": "DISABLED"}),
		},
		{
			Type: ecs.CapacityProvider, Rule: "one capacity provider for a group", Says: "ClientException: The specified Auto Scaling group ARN is already being used",
			Refused: func(w *cases.World, typ string) error {
				w.Usual(typ)
				_, err := w.Make(typ, nil)
				return err
			},
			Accepted: func(w *cases.World, typ string) error {
				w.Usual(typ)
				other := w.Need(autoscaling.Group, nil)
				_, err := w.Make(typ, account.Props{"autoScalingGroupProvider.autoScalingGroupArn": other.Outputs["arn"]})
				return err
			},
		},
		{
			Type: ecs.CapacityProvider, Rule: "name is free", Says: "ClientException: The specified capacity provider already exists.",
			Refused: func(w *cases.World, typ string) error {
				first := w.Usual(typ)
				other := w.Need(autoscaling.Group, nil)
				_, err := w.Make(typ, account.Props{"name": first.Name, "autoScalingGroupProvider.autoScalingGroupArn": other.Outputs["arn"]})
				return err
			},
		},
		{
			Type: ecs.CapacityProvider, Rule: "on no cluster", Says: "ResourceInUseException: The capacity provider cannot be deleted because it is associated",
			Refused: cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(ecs.ClusterProviders) }), Accepted: cases.Delete(nil),
		},
		{
			Type: ecs.CapacityProvider, Rule: "nothing uses it", Says: "ResourceInUseException",
			Refused: cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(ecs.ServiceType) }), Accepted: cases.Delete(nil),
		},
		{
			Type: ecs.ClusterProviders, Rule: "default strategy names listed providers", Says: "is not associated with the cluster",
			Refused: cases.Make(account.Props{"defaultCapacityProviderStrategies": strategy(share("FARGATE", 1, 0))}),
		},
		{
			Type: ecs.ClusterProviders, Rule: "no service uses a provider that goes", Says: "ResourceInUseException: The specified capacity provider is in use and cannot be removed.",
			Refused: cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(ecs.ServiceType) }), Accepted: cases.Delete(nil),
		},
	}
	return append(all, strategyCases(ecs.ClusterProviders, "defaultCapacityProviderStrategies")...)
}
