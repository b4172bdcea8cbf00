package appautoscaling_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/appautoscaling"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/elasticache"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/rds"
)

type object = map[string]any

func usual() cases.Usual {
	return cases.Usual{
		ec2.Vpc: func(*cases.World) account.Props { return account.Props{"cidrBlock": "10.0.0.0/16"} },
		ec2.Subnet: func(w *cases.World) account.Props {
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"}
		},
		ecs.Cluster: func(*cases.World) account.Props { return account.Props{} },
		ecs.TaskDefinition: func(*cases.World) account.Props {
			return account.Props{"family": "site", "containerDefinitions": `[{"name":"web","image":"nginx:1","essential":true,"memory":128}]`}
		},
		ecs.ServiceType: func(w *cases.World) account.Props {
			return account.Props{
				"cluster": w.Usual(ecs.Cluster).ID, "taskDefinition": w.Usual(ecs.TaskDefinition).Outputs["arn"], "desiredCount": 1.0, "launchType": "EC2",
			}
		},
		rds.Cluster: func(*cases.World) account.Props {
			return account.Props{"engine": "aurora-mysql", "masterUsername": "site", "masterPassword": "sufficient"}
		},
		elasticache.ReplicationGroup: func(*cases.World) account.Props {
			return account.Props{
				"description": "cache", "engine": "valkey", "nodeType": "cache.m7g.large", "numNodeGroups": 1.0, "replicasPerNodeGroup": 1.0,
				"automaticFailoverEnabled": true, "parameterGroupName": "default.valkey8.cluster.on",
			}
		},
		appautoscaling.Target: func(w *cases.World) account.Props {
			return account.Props{
				"serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount", "resourceId": resource(w),
				"minCapacity": 1.0, "maxCapacity": 4.0, "roleArn": "arn:aws:iam::123456789012:role/mine",
			}
		},
		appautoscaling.Policy: func(w *cases.World) account.Props {
			w.Usual(appautoscaling.Target)
			return account.Props{
				"name": "site-" + account.NewHex(8), "policyType": "TargetTrackingScaling", "serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount",
				"resourceId": resource(w), "targetTrackingScalingPolicyConfiguration": object{
					"targetValue": 60.0, "scaleInCooldown": 300.0, "scaleOutCooldown": 60.0,
					"predefinedMetricSpecification": object{"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
				},
			}
		},
	}
}

func resource(w *cases.World) string {
	return "service/" + w.Usual(ecs.Cluster).Outputs.String("name") + "/" + w.Usual(ecs.ServiceType).Outputs.String("name")
}

// cache are the inputs of a target that scales a replication group with some changes.
func cache(w *cases.World, changes account.Props) account.Props {
	return account.Props{
		"serviceNamespace": "elasticache", "scalableDimension": "elasticache:replication-group:Replicas",
		"resourceId": "replication-group/" + w.Need(elasticache.ReplicationGroup, changes).ID,
	}
}

// metric is a tracking configuration of a metric.
func metric(name string, value float64, more object) account.Props {
	specification := object{"predefinedMetricType": name}
	for key, v := range more {
		specification[key] = v
	}
	return account.Props{"targetTrackingScalingPolicyConfiguration": object{"targetValue": value, "predefinedMetricSpecification": specification}}
}

func TestRules(t *testing.T) {
	t.Parallel()
	catalog, err := aws.Catalog()
	require.NoError(t, err)
	cases.Suite{
		Catalog: catalog, Types: []string{appautoscaling.Target, appautoscaling.Policy}, Usual: usual(), Cases: append(targetCases(), policyCases()...),
	}.Run(t)
}

func targetCases() []cases.Case {
	const typ = appautoscaling.Target
	return []cases.Case{
		cases.Refused(typ, "minimum not above maximum", "cannot be less than minimum capacity", account.Props{"minCapacity": 5.0}),
		cases.Refused(typ, "dimension fits the service", "does not belong to the service namespace", account.Props{"serviceNamespace": "rds"}),
		{Type: typ, Rule: "least capacity of the dimension", Says: "must be at least 1", Refused: func(w *cases.World, typ string) error {
			in := cache(w, nil)
			in["minCapacity"] = 0.0
			return cases.Make(in)(w, typ)
		}},
		{Type: typ, Rule: "most readers", Says: "cannot be greater than 15", Refused: readers(16), Accepted: readers(15)},
		{Type: typ, Rule: "targets per resource type", Says: "LimitExceededException", Refused: func(w *cases.World, typ string) error {
			r := w.Need(typ, nil)
			for i := range 500 {
				r.ID = fmt.Sprint(r.ID, i)
				if err := w.Call().Tx.Put(r); err != nil {
					return err
				}
			}
			return cases.Make(nil)(w, typ)
		}},
		cases.Refused(typ, "the resource exists", "ECS service doesn't exist", account.Props{"resourceId": "service/site/none"}),
		{Type: typ, Rule: "the cache can be scaled", Says: "only supported for groups with cluster mode enabled",
			Refused: func(w *cases.World, typ string) error {
				return cases.Make(cache(w, account.Props{
					"numNodeGroups": nil, "replicasPerNodeGroup": nil, "numCacheClusters": 2.0, "parameterGroupName": nil,
				}))(w, typ)
			},
			Accepted: func(w *cases.World, typ string) error { return cases.Make(cache(w, nil))(w, typ) }},
	}
}

func readers(most float64) cases.Trial {
	return func(w *cases.World, typ string) error {
		return cases.Make(account.Props{
			"serviceNamespace": "rds", "scalableDimension": "rds:cluster:ReadReplicaCount", "resourceId": "cluster:" + w.Usual(rds.Cluster).ID,
			"maxCapacity": most,
		})(w, typ)
	}
}

func policyCases() []cases.Case {
	const typ = appautoscaling.Policy
	const label = "app/site/0123456789abcdef/targetgroup/site/0123456789abcdef"
	return []cases.Case{
		cases.Refused(typ, "configuration fits the type", "exactly when policyType is", account.Props{"policyType": "StepScaling"}),
		cases.Refused(typ, "one metric", "Exactly one of predefinedMetricSpecification", account.Props{
			"targetTrackingScalingPolicyConfiguration": object{"targetValue": 60.0},
		}),
		cases.Refused(typ, "metric fits the dimension", "is not supported for ecs:service:DesiredCount", metric("RDSReaderAverageCPUUtilization", 60, nil)),
		cases.Refused(typ, "a label for requests alone", "A resource label is required", metric("ALBRequestCountPerTarget", 60, nil)),
		cases.Refused(typ, "form of targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.resourceLabel", "must be app/",
			metric("ALBRequestCountPerTarget", 60, object{"resourceLabel": "site"})),
		cases.Refused(typ, "percent to keep", "Invalid target value 101", metric("ECSServiceAverageCPUUtilization", 101, nil)),
		{Type: typ, Rule: "the dimension is registered", Says: "ObjectNotFoundException: No scalable target registered for service namespace: ecs",
			Refused: cases.Make(account.Props{"resourceId": "service/site/none"})},
		{Type: typ, Rule: "policies per target", Says: "LimitExceededException", Refused: func(w *cases.World, typ string) error {
			for range 50 {
				w.Need(typ, nil)
			}
			return cases.Make(nil)(w, typ)
		}},
		cases.Refused(typ, "the label is of the service", "is not registered with the ECS service",
			metric("ALBRequestCountPerTarget", 60, object{"resourceLabel": label})),
	}
}

// TestATargetTakesItsPoliciesAlong: deregistering deletes the policies, too.
func TestATargetTakesItsPoliciesAlong(t *testing.T) {
	t.Parallel()
	catalog, err := aws.Catalog()
	require.NoError(t, err)
	cases.Suite{Catalog: catalog, Usual: usual()}.Try(t, func(w *cases.World) {
		w.Usual(appautoscaling.Policy)
		require.NoError(t, w.Delete(w.Usual(appautoscaling.Target)))
		left, err := w.Call().All(appautoscaling.Policy)
		require.NoError(t, err)
		require.Empty(t, left)
	})
}
