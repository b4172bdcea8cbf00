package elasticache

import (
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
		Takes: replicationTakes(),
		API: kind.API{
			Service: "elasticache", Create: "CreateReplicationGroup", Change: "ModifyReplicationGroup", Delete: "DeleteReplicationGroup",
			Members: map[string]string{
				"description": "ReplicationGroupDescription", "maintenanceWindow": "PreferredMaintenanceWindow", "nodeType": "CacheNodeType",
				"parameterGroupName": "CacheParameterGroupName", "subnetGroupName": "CacheSubnetGroupName",
				"securityGroupNames": "CacheSecurityGroupNames",
			},
		},
		Source: model,
		Name:   kind.Name{Property: "replicationGroupId", Max: 40, Lower: true},
		Replace: []string{
			"atRestEncryptionEnabled", "dataTieringEnabled", "globalReplicationGroupId", "kmsKeyId", "networkType", "port",
			"replicationGroupId", "securityGroupNames", "snapshotArns", "snapshotName", "subnetGroupName",
		},
		ReplaceIf: olderEngine,
		Sets:      []string{"securityGroupIds", "securityGroupNames", "snapshotArns", "userGroupIds", "logDeliveryConfigurations"},
		Kept:      []string{"securityGroupIds", "securityGroupNames"},
		Text:      map[string]func(string) string{"maintenanceWindow": strings.ToLower, "replicationGroupId": strings.ToLower},
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
				Code: value, Message: "Some security groups are not valid: [%s]",
			}},
		},
		Guards: replicationGuards(),
		Unique: []kind.Unique{{Property: "replicationGroupId", Taken: kind.Fault{
			Code: "ReplicationGroupAlreadyExists", Message: "Replication group %s already exists.",
		}}},
		NotFound: kind.Fault{Code: "ReplicationGroupNotFoundFault", Message: "ReplicationGroup %s not found."},
		Create:   createReplication,
		Update:   changeReplication,
		Delete: func(c *kind.Call) error {
			if name := c.In.String("finalSnapshotIdentifier"); name != "" {
				return c.Tx.Reserve(snapshot, c.Region, name, noEnd)
			}
			return nil
		},
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
	if has := before.String("engineVersion"); has != "" && olderThanSwitch(before.String("engine"), has) {
		paths = append(paths, "transitEncryptionEnabled")
	}
	return paths
}

// olderThanSwitch tells versions that cannot switch encryption in transit on or off.
func olderThanSwitch(engine, version string) bool {
	return engine != "valkey" && older(actual("redis", version), "7.0.5")
}

func createReplication(c *kind.Call) error {
	lower(c, "replicationGroupId")
	c.ID = c.Out.String("replicationGroupId")
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
		"replicasPerNodeGroup": float64(replicas), "port": 6379.0, "networkType": "ipv4",
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

func changeReplication(c *kind.Call) error {
	lower(c, "replicationGroupId")
	window.Wait(c, "nodeType", "engine", "engineVersion")
	shards, replicas := shape(c.In)
	c.Out["memberClusters"] = members(c.ID, c.Out)
	c.Out["numCacheClusters"] = float64(shards * (replicas + 1))
	c.Out["numNodeGroups"], c.Out["replicasPerNodeGroup"] = float64(shards), float64(replicas)
	c.Out["engineVersionActual"] = actual(c.Out.String("engine"), c.Out.String("engineVersion"))
	if !c.Out.Bool("transitEncryptionEnabled") {
		c.Out["transitEncryptionMode"] = ""
	}
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
