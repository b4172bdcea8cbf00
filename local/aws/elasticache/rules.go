package elasticache

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/window"
)

func replicationRules() []kind.Rule {
	return slices.Concat(settingRules(), engineRules(), failoverRules(), encryptionRules())
}

// settingRules are about one setting each.
func settingRules() []kind.Rule {
	return []kind.Rule{
		kind.Length("replicationGroupId", 1, 40).From(provider),
		kind.Match("replicationGroupId", `^[A-Za-z](-?[A-Za-z0-9])*$`,
			"must begin with a letter, and not end in a hyphen or have two in a row").From(provider),
		kind.Match("description", `.`, "must not be empty").From(provider),
		kind.OneOf("clusterMode", "enabled", "disabled", "compatible").From(provider),
		kind.OneOf("ipDiscovery", "ipv4", "ipv6").From(provider), kind.OneOf("networkType", "ipv4", "ipv6", "dual_stack").From(provider),
		kind.Range("numCacheClusters", 1, 6).API(value), kind.Range("replicasPerNodeGroup", 0, 5).API(value),
		kind.Range("numNodeGroups", 1, 500).API(value), kind.Range("snapshotRetentionLimit", 0, 35).From(provider),
		kind.Count("userGroupIds", 0, 1).From("pulumi-aws elasticache.ReplicationGroupArgs"),
		kind.Count("logDeliveryConfigurations", 0, 2).From(provider),
		kind.ARN("notificationTopicArn").From(provider),
		kind.Conflict("numCacheClusters", "numNodeGroups").From(provider),
		kind.Conflict("numCacheClusters", "replicasPerNodeGroup").From(provider),
		kind.Conflict("authToken", "userGroupIds").From(provider),
		window.Weekly("maintenanceWindow", 60), window.Daily("snapshotWindow", 60),
		window.Apart("snapshotWindow", "maintenanceWindow").API(value),
	}
}

// engineRules are about engine, version and nodes.
func engineRules() []kind.Rule {
	return []kind.Rule{
		kind.OneOf("engine", "redis", "valkey").From(provider),
		{
			Name: "form of engineVersion", Source: provider, Path: "engineVersion", Needs: []string{"engine"}, Bad: "8", Test: engineVersion,
		},
		{
			Name: "the version exists", Source: "ElastiCache user guide, Supported engines and versions", Path: "engineVersion",
			Needs: []string{"engine"}, Bad: "8.7", Code: combination, Test: func(v any, in account.Props) string {
				version, _ := v.(string)
				if engine := engineOf(in); !versionExists(engine, version) {
					return fmt.Sprintf("Cannot find version %s for %s", version, engine)
				}
				return ""
			},
		},
		kind.Whole("a node type is given", func(in account.Props) string {
			if !in.Has("nodeType") && !in.Has("globalReplicationGroupId") {
				return `"nodeType" is required unless "globalReplicationGroupId" is set.`
			}
			return ""
		}, "nodeType", "globalReplicationGroupId").API(value).From(provider),
		{
			Name: "the node type exists", Source: "ElastiCache user guide, Supported node types", Path: "nodeType", Bad: "cache.t4g.large",
			Code: value, Test: func(v any, _ account.Props) string {
				if name, _ := v.(string); !nodeTypeExists(name) {
					return fmt.Sprintf("The parameter CacheNodeType is not a valid value: %s", name)
				}
				return ""
			},
		},
		kind.Whole("data tiering exactly on r6gd", func(in account.Props) string {
			tiered := strings.HasPrefix(in.String("nodeType"), "cache.r6gd.")
			if in.Has("nodeType") && tiered != in.Bool("dataTieringEnabled") {
				return "Data tiering is only supported for replication groups using the r6gd node type, and must be enabled with it."
			}
			return ""
		}, "nodeType", "dataTieringEnabled").API(combination).From("pulumi-aws elasticache.ReplicationGroupArgs"),
	}
}

// failoverRules are about what happens when a node fails.
func failoverRules() []kind.Rule {
	return []kind.Rule{
		kind.Whole("zones need failover", func(in account.Props) string {
			if in.Bool("multiAzEnabled") && !in.Bool("automaticFailoverEnabled") {
				return "automaticFailoverEnabled must be true if multiAzEnabled is true"
			}
			return ""
		}, "multiAzEnabled", "automaticFailoverEnabled").From(provider),
		kind.Whole("failover needs two nodes", func(in account.Props) string {
			shards, replicas := shape(in)
			if in.Bool("automaticFailoverEnabled") && !clustered(in) && shards*(replicas+1) < 2 {
				return "if automatic failover is enabled, at least 2 cache clusters are needed"
			}
			return ""
		}, "automaticFailoverEnabled", "numCacheClusters", "numNodeGroups", "replicasPerNodeGroup", "parameterGroupName",
			"clusterMode").From(provider),
		kind.Whole("cluster mode needs failover", func(in account.Props) string {
			if clustered(in) && !in.Bool("automaticFailoverEnabled") {
				return "Automatic failover must be enabled for a replication group with cluster mode enabled."
			}
			return ""
		}, "automaticFailoverEnabled", "numNodeGroups", "parameterGroupName", "clusterMode").API(combination),
	}
}

// encryptionRules are about encryption and access.
func encryptionRules() []kind.Rule {
	return []kind.Rule{
		kind.OneOf("transitEncryptionMode", "preferred", "required").From(provider),
		kind.OneOf("authTokenUpdateStrategy", "SET", "ROTATE", "DELETE").From(provider),
		kind.Match("authToken", `^[A-Za-z0-9!&#$^<>-]{16,128}$`, "must be 16 to 128 letters, numbers and ! & # $ ^ < > -").From(provider),
		kind.Whole("a token needs encryption in transit", func(in account.Props) string {
			if in.Has("authToken") && !in.Bool("transitEncryptionEnabled") {
				return "The AUTH token is only supported when encryption-in-transit is enabled."
			}
			return ""
		}, "authToken", "transitEncryptionEnabled").API(combination),
		kind.Whole("user groups need encryption in transit", func(in account.Props) string {
			if len(in.List("userGroupIds")) > 0 && !in.Bool("transitEncryptionEnabled") {
				return "User group based access control requires encryption-in-transit to be enabled on the replication group."
			}
			return ""
		}, "userGroupIds", "transitEncryptionEnabled").API(combination).From("terraform-provider-aws#42966"),
		kind.Whole("a token requires encryption", func(in account.Props) string {
			if in.Has("authToken") && in.String("transitEncryptionMode") == "preferred" {
				return "Transit encryption preferred is not supported with redis access control."
			}
			return ""
		}, "authToken", "transitEncryptionMode").API(combination).From("cloudposse/terraform-aws-elasticache-redis#239"),
		kind.Whole("a mode needs encryption in transit", func(in account.Props) string {
			if in.Has("transitEncryptionMode") && !in.Bool("transitEncryptionEnabled") {
				return "To modify transit encryption mode, set encryption-in-transit as enabled."
			}
			return ""
		}, "transitEncryptionEnabled", "transitEncryptionMode").API(combination).From("cloudposse/terraform-aws-elasticache-redis#240"),
		kind.Whole("encryption needs a VPC", func(in account.Props) string {
			if in.Bool("transitEncryptionEnabled") && !in.Has("subnetGroupName") {
				return "Encryption features are only supported in a VPC: name a cache subnet group."
			}
			return ""
		}, "transitEncryptionEnabled", "subnetGroupName").API(combination),
		kind.Whole("a key needs encryption at rest", func(in account.Props) string {
			if in.Has("kmsKeyId") && in.Has("atRestEncryptionEnabled") && !in.Bool("atRestEncryptionEnabled") {
				return "A KMS key can only be given when encryption at rest is enabled."
			}
			return ""
		}, "kmsKeyId", "atRestEncryptionEnabled").API(combination),
		kind.Whole("a snapshot for the last one has a name", func(in account.Props) string {
			name := in.String("finalSnapshotIdentifier")
			if name != "" && (strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") || strings.Contains(name, "--")) {
				return fmt.Sprintf("invalid value for finalSnapshotIdentifier (must not begin or end with a hyphen or have two in a row): %q", name)
			}
			return ""
		}, "finalSnapshotIdentifier").API(value).From("ElastiCache DeleteReplicationGroup"),
	}
}

func engineOf(in account.Props) string {
	if engine := in.String("engine"); engine != "" {
		return engine
	}
	return "redis"
}

func engineVersion(v any, in account.Props) string {
	version, _ := v.(string)
	pattern := `^([789]|\d{2})\.\d+$|^6\.(\d+|x)$|^[1-5]\.\d+\.\d+$`
	what := "for redis 7 and later \"major.minor\", for 6 \"6.minor\" or \"6.x\", before that all three numbers"
	if in.String("engine") == "valkey" {
		pattern, what = `^(7\.[2-9]|[89]\.\d+|\d{2}\.\d+)$`, "for valkey \"major.minor\", 7.2 or later"
	}
	return kind.Match("engineVersion", pattern, what).Test(version, in)
}
