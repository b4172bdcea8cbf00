// Package appautoscaling is Application Auto Scaling: what scales ECS services,
// Aurora readers and cache nodes.
package appautoscaling

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ecs"
	"wordpress-ecs/local/aws/elasticache"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/rds"
)

// Tokens by which other services refer to what is declared here.
const (
	Target = "aws:appautoscaling/target:Target"
	Policy = "aws:appautoscaling/policy:Policy"
)

// Service declares the kinds of this package.
func Service() kind.Service { return kind.Service{Kinds: []kind.Kind{target(), policy()}} }

// dimension is one thing that can be scaled.
type dimension struct {
	name      string
	namespace string
	// resource is the form of the resource id; kind and find lead to what it names.
	prefix  string
	kind    string
	find    func(id string) (property, value string)
	least   float64
	metrics []string
}

// dimensions are those that this cloud knows.
var dimensions = []dimension{
	{
		name: "ecs:service:DesiredCount", namespace: "ecs", prefix: "service/", kind: ecs.ServiceType,
		find:    func(id string) (string, string) { return "", id },
		metrics: []string{"ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"},
	},
	{
		name: "rds:cluster:ReadReplicaCount", namespace: "rds", prefix: "cluster:", kind: rds.Cluster,
		find:    func(id string) (string, string) { return "clusterIdentifier", strings.TrimPrefix(id, "cluster:") },
		metrics: []string{"RDSReaderAverageCPUUtilization", "RDSReaderAverageDatabaseConnections"},
	},
	{
		name: "elasticache:replication-group:Replicas", namespace: "elasticache", prefix: "replication-group/",
		kind: elasticache.ReplicationGroup, find: cacheGroup, least: 1,
		metrics: []string{"ElastiCacheReplicaEngineCPUUtilization", "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage"},
	},
	{
		name: "elasticache:replication-group:NodeGroups", namespace: "elasticache", prefix: "replication-group/",
		kind: elasticache.ReplicationGroup, find: cacheGroup, least: 1,
		metrics: []string{"ElastiCachePrimaryEngineCPUUtilization", "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage"},
	},
}

func cacheGroup(id string) (property, value string) {
	return "replicationGroupId", strings.TrimPrefix(id, "replication-group/")
}

func find(name string) (dimension, bool) {
	i := slices.IndexFunc(dimensions, func(d dimension) bool { return d.name == name })
	if i < 0 {
		return dimension{}, false
	}
	return dimensions[i], true
}

const invalid = "ValidationException"

func target() kind.Kind {
	return kind.Kind{
		Type: Target, Title: "Application AutoScaling Target", Args: appautoscaling.TargetArgs{}, State: appautoscaling.Target{},
		Replace: []string{"resourceId", "scalableDimension", "serviceNamespace"},
		Rules: []kind.Rule{
			kind.Range("minCapacity", 0, 100000), kind.Range("maxCapacity", 0, 100000),
			kind.Whole(func(in account.Props) string {
				if in.Number("minCapacity") > in.Number("maxCapacity") {
					return fmt.Sprintf("Maximum capacity (%v) cannot be less than minimum capacity (%v)",
						in.Number("maxCapacity"), in.Number("minCapacity"))
				}
				return ""
			}, "minCapacity", "maxCapacity").API(invalid),
			kind.Whole(fitting, "scalableDimension", "serviceNamespace", "resourceId", "minCapacity").API(invalid),
		},
		InUse: kind.Fault{Code: "ConcurrentUpdateException", Message: "You already have a pending update to an Auto Scaling resource."},
		Create: func(c *kind.Call) error {
			if err := exists(c); err != nil {
				return err
			}
			c.ID = c.In.String("resourceId")
			role := map[string]string{
				"ecs": "ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService",
				"rds": "rds.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_RDSCluster",
				"elasticache": "elasticache.application-autoscaling.amazonaws.com/" +
					"AWSServiceRoleForApplicationAutoScaling_ElastiCacheRG",
			}[c.In.String("serviceNamespace")]
			c.Set(account.Props{
				"arn":     c.ARN("application-autoscaling", "scalable-target/"+account.NewHex(32)),
				"roleArn": c.GlobalARN("iam", "role/aws-service-role/"+role),
				"suspendedState": map[string]any{
					"dynamicScalingInSuspended": false, "dynamicScalingOutSuspended": false, "scheduledScalingSuspended": false,
				},
			})
			return lift(c)
		},
		Update: lift,
	}
}

// fitting wants the namespace, the id and the least capacity to fit the dimension.
func fitting(in account.Props) string {
	d, ok := find(in.String("scalableDimension"))
	id := in.String("resourceId")
	switch {
	case !ok:
		return fmt.Sprintf("Unsupported service namespace, resource type or scalable dimension: %s", in.String("scalableDimension"))
	case d.namespace != in.String("serviceNamespace"):
		return fmt.Sprintf("Scalable dimension %s does not belong to the service namespace %s", d.name, in.String("serviceNamespace"))
	case !strings.HasPrefix(id, d.prefix):
		return fmt.Sprintf("Invalid resource id %q: for %s it begins with %q", id, d.name, d.prefix)
	case in.Has("minCapacity") && in.Number("minCapacity") < d.least:
		return fmt.Sprintf("Minimum capacity for %s must be at least %v", d.name, d.least)
	}
	return ""
}

// scaled returns what a target scales.
func scaled(c *kind.Call) (*account.Resource, error) {
	d, _ := find(c.In.String("scalableDimension"))
	property, value := d.find(c.In.String("resourceId"))
	if d.namespace == "ecs" {
		value = c.ARN("ecs", value)
	}
	return c.Find(d.kind, property, value)
}

func exists(c *kind.Call) error {
	r, err := scaled(c)
	if err != nil {
		return err
	}
	if r == nil {
		return kind.Refuse(invalid, "%s doesn't exist: %s", strings.ToUpper(c.In.String("serviceNamespace"))+" resource",
			c.In.String("resourceId"))
	}
	if d, _ := find(c.In.String("scalableDimension")); d.namespace == "elasticache" {
		return eligible(r.Outputs)
	}
	return nil
}

// eligible refuses the cache groups that AWS does not scale.
func eligible(group account.Props) error {
	if !group.Bool("clusterEnabled") {
		return kind.Refuse(invalid, "ElastiCache auto scaling is only supported for groups with cluster mode enabled")
	}
	parts := strings.Split(strings.TrimPrefix(group.String("nodeType"), "cache."), ".")
	families := []string{"r7g", "r6g", "r6gd", "r5", "m7g", "m6g", "m5", "c7gn"}
	if len(parts) != 2 || !slices.Contains(families, parts[0]) || !slices.Contains([]string{"large", "xlarge", "2xlarge"}, parts[1]) {
		return kind.Refuse(invalid, "ElastiCache auto scaling does not support the node type %s", group.String("nodeType"))
	}
	return nil
}

// lift brings a service that has fewer tasks than the least, or more than the most,
// into its bounds, as AWS does on registration.
func lift(c *kind.Call) error {
	if c.In.String("serviceNamespace") != "ecs" {
		return nil
	}
	service, err := scaled(c)
	if err != nil || service == nil {
		return err
	}
	count := service.Outputs.Number("desiredCount")
	bounded := min(max(count, c.In.Number("minCapacity")), c.In.Number("maxCapacity"))
	if bounded == count {
		return nil
	}
	service.Observe("desiredCount", bounded)
	return c.Tx.Put(*service)
}

func policy() kind.Kind {
	const tracking = "targetTrackingScalingPolicyConfiguration"
	return kind.Kind{
		Type: Policy, Title: "Application AutoScaling Policy",
		Args: appautoscaling.PolicyArgs{}, State: appautoscaling.Policy{},
		Name:     kind.Name{Property: "name"},
		Replace:  []string{"name", "resourceId", "scalableDimension", "serviceNamespace"},
		Defaults: account.Props{"policyType": "StepScaling", tracking + ".disableScaleIn": false},
		Rules: []kind.Rule{
			kind.Length("name", 1, 255),
			kind.OneOf("policyType", "StepScaling", "TargetTrackingScaling"),
			kind.Whole(func(in account.Props) string {
				tracks := in.String("policyType") == "TargetTrackingScaling"
				if tracks != in.Has(tracking) {
					return "targetTrackingScalingPolicyConfiguration must be given exactly when policyType is \"TargetTrackingScaling\""
				}
				return ""
			}, "policyType", tracking).API(invalid),
			kind.Whole(func(in account.Props) string {
				metric := in.String(tracking + ".predefinedMetricSpecification.predefinedMetricType")
				d, known := find(in.String("scalableDimension"))
				label := in.Has(tracking + ".predefinedMetricSpecification.resourceLabel")
				switch {
				case metric != "" && known && !slices.Contains(d.metrics, metric):
					return fmt.Sprintf("The metric %s is not supported for %s; supported are %s", metric, d.name,
						strings.Join(d.metrics, ", "))
				case metric == "ALBRequestCountPerTarget" && !label:
					return "A resource label is required for the metric ALBRequestCountPerTarget"
				case metric != "" && metric != "ALBRequestCountPerTarget" && label:
					return "A resource label is only supported for the metric ALBRequestCountPerTarget"
				}
				return ""
			}, "scalableDimension", tracking).API(invalid),
			kind.Match(tracking+".predefinedMetricSpecification.resourceLabel",
				`^app/[^/]+/[0-9a-f]{16}/targetgroup/[^/]+/[0-9a-f]{16}$`,
				"must be app/<name>/<id>/targetgroup/<name>/<id>").API(invalid),
		},
		Refs: []kind.Ref{{Path: "resourceId", To: Target, Missing: kind.Fault{
			Code: "ObjectNotFoundException", Message: "No scalable target registered for resource ID: %s",
		}}},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			arn := c.ARN("autoscaling", "scalingPolicy:"+account.NewUUID()+":resource/"+c.In.String("serviceNamespace")+"/"+
				c.In.String("resourceId")+":policyName/"+c.ID)
			alarms := []any{}
			for _, bound := range []string{"AlarmHigh", "AlarmLow"} {
				alarms = append(alarms, c.ARN("cloudwatch", "alarm:TargetTracking-"+c.In.String("resourceId")+"-"+bound+"-"+account.NewUUID()))
			}
			c.Set(account.Props{"arn": arn, "alarmArns": alarms})
			return nil
		},
	}
}
