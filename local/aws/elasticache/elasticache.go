// Package elasticache is Amazon ElastiCache: replication groups of Redis and Valkey,
// their parameter groups and subnet groups.
package elasticache

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	SubnetGroup      = "aws:elasticache/subnetGroup:SubnetGroup"
	ParameterGroup   = "aws:elasticache/parameterGroup:ParameterGroup"
	ReplicationGroup = "aws:elasticache/replicationGroup:ReplicationGroup"
)

// Codes that ElastiCache uses for most of what it does not like.
const (
	combination = "InvalidParameterCombination"
	value       = "InvalidParameterValue"
)

// Where rules are from.
const (
	quotas   = "ElastiCache user guide, Quotas"
	provider = "terraform-provider-aws internal/service/elasticache"
	model    = "ElastiCache CreateReplicationGroup"
	changing = "ElastiCache ModifyReplicationGroup"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{subnetGroup(), parameterGroup(), replicationGroup()}}
}

// clustered tells whether a replication group has shards.
func clustered(in account.Props) bool {
	group := in.String("parameterGroupName")
	return in.Number("numNodeGroups") > 1 || in.String("clusterMode") == "enabled" || strings.HasSuffix(group, ".cluster.on")
}

// shape is the number of shards, and of replicas in each.
func shape(in account.Props) (shards, replicas int) {
	if in.Has("numNodeGroups") || in.Has("replicasPerNodeGroup") {
		return max(1, in.Int("numNodeGroups")), in.Int("replicasPerNodeGroup")
	}
	return 1, max(1, in.Int("numCacheClusters")) - 1
}

func members(id string, in account.Props) []any {
	shards, replicas := shape(in)
	names := []any{}
	for s := range shards {
		for r := range replicas + 1 {
			if clustered(in) {
				names = append(names, fmt.Sprintf("%s-%04d-%03d", id, s+1, r+1))
			} else {
				names = append(names, fmt.Sprintf("%s-%03d", id, r+1))
			}
		}
	}
	return names
}
