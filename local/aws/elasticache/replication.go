package elasticache

import (
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/window"
)

// snapshot is the class of names that final snapshots keep.
const snapshot = "elasticache snapshot"

// noEnd reserves a name until someone deletes what has it.
var noEnd time.Time

func replicationGroup() kind.Kind {
	return kind.Kind{
		Type: ReplicationGroup, Title: "ElastiCache Replication Group",
		Args: elasticache.ReplicationGroupArgs{}, State: elasticache.ReplicationGroup{},
		Name: kind.Name{Property: "replicationGroupId", Max: 40, Lower: true},
		Replace: []string{
			"atRestEncryptionEnabled", "dataTieringEnabled", "globalReplicationGroupId", "kmsKeyId", "networkType", "port",
			"replicationGroupId", "securityGroupNames", "snapshotArns", "snapshotName", "subnetGroupName",
		},
		ReplaceIf: olderEngine,
		Sets:      []string{"securityGroupIds", "securityGroupNames", "snapshotArns", "userGroupIds", "logDeliveryConfigurations"},
		Kept:      []string{"securityGroupIds", "securityGroupNames"},
		Text:      map[string]func(string) string{"maintenanceWindow": strings.ToLower},
		Defaults: account.Props{
			"automaticFailoverEnabled": false, "multiAzEnabled": false, "authTokenUpdateStrategy": "ROTATE",
		},
		Volatile: []string{"memberClusters"},
		Secret:   []string{"authToken"},
		Rules:    replicationRules(),
		Refs: []kind.Ref{
			{Path: "subnetGroupName", To: SubnetGroup, By: "name"},
			{Path: "parameterGroupName", To: ParameterGroup, By: "name", Foreign: func(name string) bool {
				return strings.HasPrefix(name, "default.")
			}},
			{Path: "securityGroupIds[]", To: ec2.SecurityGroup, Missing: kind.Fault{
				Code: "InvalidParameterValue", Message: "Some security groups are not valid: [%s]",
			}},
		},
		Unique: []kind.Unique{{Property: "replicationGroupId", Taken: kind.Fault{
			Code: "ReplicationGroupAlreadyExists", Message: "Replication group %s already exists.",
		}}},
		NotFound: kind.Fault{Code: "ReplicationGroupNotFoundFault", Message: "ReplicationGroup %s not found."},
		InUse:    kind.Fault{Code: "InvalidReplicationGroupState", Message: "Replication group %s is in use"},
		Create:   createReplication,
		Update: func(c *kind.Call) error {
			shards, replicas := shape(c.In)
			c.Out["memberClusters"] = members(c.ID, c.Out)
			c.Out["numCacheClusters"] = float64(shards * (replicas + 1))
			c.Out["numNodeGroups"], c.Out["replicasPerNodeGroup"] = float64(shards), float64(replicas)
			c.Out["engineVersionActual"] = actual(c.Out.String("engine"), c.Out.String("engineVersion"))
			return nil
		},
		Delete: deleteReplication,
	}
}

// olderEngine makes a new group when the engine goes back, or, before 7.0.5, when
// encryption in transit is switched.
func olderEngine(before, after account.Props) []string {
	paths := []string{}
	if before.String("engine") == "valkey" && after.String("engine") == "redis" {
		paths = append(paths, "engine", "engineVersion")
	}
	if before.String("engine") == after.String("engine") && after.Has("engineVersion") &&
		older(after.String("engineVersion"), before.String("engineVersion")) {
		paths = append(paths, "engineVersion")
	}
	if strings.HasPrefix(before.String("engineVersion"), "6") || strings.HasPrefix(before.String("engineVersion"), "5") {
		paths = append(paths, "transitEncryptionEnabled")
	}
	return paths
}

func older(a, b string) bool {
	var aMajor, aMinor, bMajor, bMinor int
	_, errA := fmt.Sscanf(a, "%d.%d", &aMajor, &aMinor)
	_, errB := fmt.Sscanf(b, "%d.%d", &bMajor, &bMinor)
	if errA != nil || errB != nil {
		return false
	}
	return aMajor < bMajor || (aMajor == bMajor && aMinor < bMinor)
}

func createReplication(c *kind.Call) error {
	c.ID = c.Out.String("replicationGroupId")
	if name := c.In.String("snapshotName"); name != "" {
		there, err := c.Tx.Reserved(snapshot, c.Region, name, c.Now)
		if err != nil {
			return err
		}
		if !there {
			return kind.Refuse("SnapshotNotFoundFault", "Snapshot %s not found.", name)
		}
	}
	engine := c.Out.String("engine")
	if engine == "" {
		engine = "redis"
	}
	version := c.In.String("engineVersion")
	if version == "" {
		version = map[string]string{"redis": "7.1", "valkey": "8.0"}[engine]
	}
	shards, replicas := shape(c.In)
	sharded := clustered(c.In)
	c.Set(account.Props{
		"arn": c.ARN("elasticache", "replicationgroup:"+c.ID), "engine": engine, "engineVersion": version,
		"engineVersionActual": actual(engine, version), "clusterEnabled": sharded,
		"clusterMode": map[bool]string{true: "enabled", false: "disabled"}[sharded], "memberClusters": members(c.ID, c.In),
		"numCacheClusters": float64(shards * (replicas + 1)), "numNodeGroups": float64(shards),
		"replicasPerNodeGroup": float64(replicas), "nodeType": "cache.t4g.micro", "port": 6379.0, "networkType": "ipv4",
		"ipDiscovery": "ipv4", "parameterGroupName": "default." + family(engine, version) + map[bool]string{true: ".cluster.on"}[sharded],
		"atRestEncryptionEnabled": engine == "valkey", "transitEncryptionEnabled": engine == "valkey",
		"transitEncryptionMode": "", "autoMinorVersionUpgrade": true, "applyImmediately": false, "dataTieringEnabled": false,
		"maintenanceWindow": "sun:05:00-sun:06:00", "snapshotWindow": "03:00-04:00", "securityGroupIds": []any{},
		"securityGroupNames": []any{}, "subnetGroupName": "default", "globalReplicationGroupId": "",
	})
	if c.In.Bool("transitEncryptionEnabled") && !c.In.Has("transitEncryptionMode") {
		c.Out["transitEncryptionMode"] = "required"
	}
	endpoints(c, sharded)
	return nil
}

// endpoints are the names by which a group is reached. They depend on whether it
// has shards and whether it is encrypted.
func endpoints(c *kind.Call, sharded bool) {
	unique := account.NewHex(6)
	zone := shortRegion(c.Region) + ".cache.amazonaws.com"
	named := func(role string) string {
		switch {
		case c.Out.Bool("transitEncryptionEnabled"):
			return role + "." + c.ID + "." + unique + "." + zone
		case role == "master":
			return c.ID + "." + unique + ".ng.0001." + zone
		case role == "replica":
			return c.ID + "-ro." + unique + ".ng.0001." + zone
		default:
			return c.ID + "." + unique + "." + role + "." + zone
		}
	}
	blank := account.Props{"configurationEndpointAddress": "", "primaryEndpointAddress": "", "readerEndpointAddress": ""}
	if sharded {
		c.Set(account.Props{"configurationEndpointAddress": named("clustercfg")})
	} else {
		c.Set(account.Props{"primaryEndpointAddress": named("master"), "readerEndpointAddress": named("replica")})
	}
	c.Set(blank)
}

func shortRegion(region string) string {
	parts := strings.Split(region, "-")
	if len(parts) != 3 {
		return region
	}
	short := map[string]string{
		"east": "e", "west": "w", "central": "c", "north": "n", "south": "s", "northeast": "ne", "southeast": "se",
	}
	return parts[0] + short[parts[1]] + parts[2]
}

// actual is the version that runs when a part of one is asked for.
func actual(engine, version string) string {
	switch {
	case engine == "valkey" && strings.Count(version, ".") < 2:
		return version + ".1"
	case version == "6.x":
		return "6.2.6"
	case strings.Count(version, ".") == 1:
		return version + ".0"
	default:
		return version
	}
}

func family(engine, version string) string {
	major, _, _ := strings.Cut(version, ".")
	if engine == "redis" && major == "6" {
		return "redis6.x"
	}
	return engine + major
}

func deleteReplication(c *kind.Call) error {
	name := c.In.String("finalSnapshotIdentifier")
	if name == "" {
		return nil
	}
	taken, err := c.Tx.Reserved(snapshot, c.Region, name, c.Now)
	if err != nil {
		return err
	}
	if taken {
		return kind.Refuse("SnapshotAlreadyExistsFault", "Snapshot %s already exists.", name)
	}
	return c.Tx.Reserve(snapshot, c.Region, name, noEnd)
}

func replicationRules() []kind.Rule {
	const combination, value = "InvalidParameterCombination", "InvalidParameterValue"
	return []kind.Rule{
		kind.Length("replicationGroupId", 1, 40),
		kind.Match("replicationGroupId", `^[a-z](-?[a-z0-9])*$`,
			"must begin with a letter, be in lower case, and not end in a hyphen or have two in a row"),
		kind.OneOf("engine", "redis", "valkey"),
		{Path: "engineVersion", Needs: []string{"engine"}, Test: engineVersion},
		kind.Match("nodeType", `^cache\.[a-z0-9-]+\.[a-z0-9]+$`, "is no cache node type").API(value),
		kind.OneOf("clusterMode", "enabled", "disabled", "compatible"),
		kind.OneOf("transitEncryptionMode", "preferred", "required"), kind.OneOf("ipDiscovery", "ipv4", "ipv6"),
		kind.OneOf("authTokenUpdateStrategy", "SET", "ROTATE", "DELETE"),
		kind.Match("authToken", `^[A-Za-z0-9!&#$^<>-]{16,128}$`,
			"must be 16 to 128 letters, numbers and ! & # $ ^ < > -"),
		kind.Range("numCacheClusters", 1, 6).API(value), kind.Range("replicasPerNodeGroup", 0, 5),
		kind.Range("numNodeGroups", 1, 500).API(value), kind.Range("snapshotRetentionLimit", 0, 35),
		kind.Count("userGroupIds", 0, 1), kind.Count("logDeliveryConfigurations", 0, 2),
		kind.Conflict("numCacheClusters", "numNodeGroups"), kind.Conflict("numCacheClusters", "replicasPerNodeGroup"),
		kind.Conflict("authToken", "userGroupIds"),
		window.Weekly("maintenanceWindow", 60), window.Daily("snapshotWindow", 60),
		kind.Whole(func(in account.Props) string {
			if in.Bool("multiAzEnabled") && !in.Bool("automaticFailoverEnabled") {
				return "automaticFailoverEnabled must be true if multiAzEnabled is true"
			}
			return ""
		}, "multiAzEnabled", "automaticFailoverEnabled"),
		kind.Whole(func(in account.Props) string {
			shards, replicas := shape(in)
			if in.Bool("automaticFailoverEnabled") && !clustered(in) && shards*(replicas+1) < 2 {
				return "if automatic failover is enabled, at least 2 cache clusters are needed"
			}
			return ""
		}, "automaticFailoverEnabled", "numCacheClusters", "numNodeGroups", "replicasPerNodeGroup", "parameterGroupName", "clusterMode"),
		kind.Whole(func(in account.Props) string {
			if clustered(in) && !in.Bool("automaticFailoverEnabled") {
				return "Automatic failover must be enabled for a replication group with cluster mode enabled."
			}
			return ""
		}, "automaticFailoverEnabled", "numNodeGroups", "parameterGroupName", "clusterMode").API(combination),
		kind.Whole(func(in account.Props) string {
			if in.Has("authToken") && !in.Bool("transitEncryptionEnabled") {
				return "The AUTH token is only supported when encryption-in-transit is enabled."
			}
			return ""
		}, "authToken", "transitEncryptionEnabled").API(combination),
		kind.Whole(func(in account.Props) string {
			if in.Bool("transitEncryptionEnabled") && !in.Has("subnetGroupName") {
				return "Encryption features are only supported in a VPC: name a cache subnet group."
			}
			return ""
		}, "transitEncryptionEnabled", "subnetGroupName").API(combination),
	}
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
