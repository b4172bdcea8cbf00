// Package appautoscaling is Application Auto Scaling: what scales ECS services,
// Aurora readers and cache nodes.
package appautoscaling

import (
	"slices"
	"strings"

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

// Where rules are from.
const (
	quotas   = "Application Auto Scaling user guide, Quotas"
	register = "Application Auto Scaling RegisterScalableTarget"
	put      = "Application Auto Scaling PutScalingPolicy"
)

// invalid is the code of most refusals.
const invalid = "ValidationException"

// Service declares the kinds of this package.
func Service() kind.Service { return kind.Service{Kinds: []kind.Kind{target(), policy()}} }

// dimension is one thing that can be scaled.
type dimension struct {
	name      string
	namespace string
	// prefix begins the resource id; kind and find lead to what it names.
	prefix  string
	kind    string
	find    func(id string) (property, value string)
	least   float64
	metrics []string
	// role is the service-linked role by which it is done.
	role string
}

// dimensions are those that this cloud knows.
var dimensions = []dimension{
	{
		name: "ecs:service:DesiredCount", namespace: "ecs", prefix: "service/", kind: ecs.ServiceType, role: "ECSService",
		find:    func(id string) (string, string) { return "", id },
		metrics: []string{"ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"},
	},
	{
		name: "rds:cluster:ReadReplicaCount", namespace: "rds", prefix: "cluster:", kind: rds.Cluster, role: "RDSCluster",
		find:    func(id string) (string, string) { return "clusterIdentifier", strings.TrimPrefix(id, "cluster:") },
		metrics: []string{"RDSReaderAverageCPUUtilization", "RDSReaderAverageDatabaseConnections"},
	},
	{
		name: "elasticache:replication-group:Replicas", namespace: "elasticache", prefix: "replication-group/",
		kind: elasticache.ReplicationGroup, find: cacheGroup, least: 1, role: "ElastiCacheRG",
		metrics: []string{"ElastiCacheReplicaEngineCPUUtilization", "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage"},
	},
	{
		name: "elasticache:replication-group:NodeGroups", namespace: "elasticache", prefix: "replication-group/",
		kind: elasticache.ReplicationGroup, find: cacheGroup, least: 1, role: "ElastiCacheRG",
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

// scaled returns what a target scales.
func scaled(c *kind.Call) (*account.Resource, error) {
	d, _ := find(c.In.String("scalableDimension"))
	property, value := d.find(c.In.String("resourceId"))
	if d.namespace == "ecs" {
		value = c.ARN("ecs", value)
	}
	return c.Find(d.kind, property, value)
}
