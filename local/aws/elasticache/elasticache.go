// Package elasticache is Amazon ElastiCache: replication groups of Redis and Valkey,
// their parameter groups and subnet groups.
package elasticache

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	SubnetGroup      = "aws:elasticache/subnetGroup:SubnetGroup"
	ParameterGroup   = "aws:elasticache/parameterGroup:ParameterGroup"
	ReplicationGroup = "aws:elasticache/replicationGroup:ReplicationGroup"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{subnetGroup(), parameterGroup(), replicationGroup()}}
}

func subnetGroup() kind.Kind {
	return kind.Kind{
		Type: SubnetGroup, Title: "ElastiCache Subnet Group", Args: elasticache.SubnetGroupArgs{}, State: elasticache.SubnetGroup{},
		Required: []string{"subnetIds"},
		Name:     kind.Name{Property: "name", Lower: true},
		Replace:  []string{"name"},
		Sets:     []string{"subnetIds"},
		Defaults: account.Props{"description": "Managed by Pulumi"},
		Rules: []kind.Rule{
			kind.Match("name", `^[a-z0-9-]{1,255}$`, "must be lower-case letters, numbers and hyphens").API("InvalidParameterValue"),
			kind.Reject("name", `^default$`, "is not allowed as \"default\""),
		},
		Refs: []kind.Ref{{Path: "subnetIds[]", To: ec2.Subnet, Missing: kind.Fault{
			Code: "InvalidSubnet", Message: "Subnet %s is not valid",
		}}},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "CacheSubnetGroupAlreadyExists", Message: "Cache subnet group %s already exists.",
		}}},
		NotFound: kind.Fault{Code: "CacheSubnetGroupNotFoundFault", Message: "Cache Subnet Group %s does not exist."},
		InUse:    kind.Fault{Code: "CacheSubnetGroupInUse", Message: "Cache subnet group %s is currently in use by a cache cluster."},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("elasticache", "subnetgroup:"+c.ID)})
			return network(c)
		},
		Update: network,
	}
}

func network(c *kind.Call) error {
	for _, id := range c.In.Strings("subnetIds") {
		s, err := c.Find(ec2.Subnet, "id", id)
		if err != nil {
			return err
		}
		c.Out["vpcId"] = s.Outputs["vpcId"]
	}
	return nil
}

func parameterGroup() kind.Kind {
	return kind.Kind{
		Type: ParameterGroup, Title: "ElastiCache Parameter Group",
		Args: elasticache.ParameterGroupArgs{}, State: elasticache.ParameterGroup{},
		Name:     kind.Name{Property: "name", Lower: true},
		Replace:  []string{"name", "family", "description"},
		Sets:     []string{"parameters"},
		Defaults: account.Props{"description": "Managed by Pulumi"},
		Rules: []kind.Rule{
			kind.OneOf("family", "redis2.6", "redis2.8", "redis3.2", "redis4.0", "redis5.0", "redis6.x", "redis7",
				"valkey7", "valkey8", "memcached1.4", "memcached1.5", "memcached1.6").API("InvalidParameterValue"),
			kind.Match("name", `^[a-z](-?[a-z0-9.])*$`, "must begin with a letter, and not end in a hyphen or have two in a row").
				API("InvalidParameterValue"),
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "CacheParameterGroupAlreadyExists", Message: "Parameter group %s already exists",
		}}},
		NotFound: kind.Fault{Code: "CacheParameterGroupNotFound", Message: "CacheParameterGroup not found: %s"},
		InUse: kind.Fault{
			Code:    "InvalidCacheParameterGroupState",
			Message: "One or more cache clusters are still members of this parameter group %s, so the group cannot be deleted.",
		},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("elasticache", "parametergroup:"+c.ID)})
			return nil
		},
	}
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
