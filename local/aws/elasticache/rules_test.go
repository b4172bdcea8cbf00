package elasticache_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elasticache"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

type (
	list   = []any
	object = map[string]any
)

const (
	subnets    = elasticache.SubnetGroup
	parameters = elasticache.ParameterGroup
	group      = elasticache.ReplicationGroup
)

func usual() cases.Usual {
	return cases.Usual{
		ec2.Vpc: func(*cases.World) account.Props { return account.Props{"cidrBlock": "10.0.0.0/16"} },
		ec2.Subnet: func(w *cases.World) account.Props {
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"}
		},
		ec2.SecurityGroup: func(w *cases.World) account.Props { return account.Props{"vpcId": w.Usual(ec2.Vpc).ID} },
		subnets:           func(w *cases.World) account.Props { return account.Props{"subnetIds": list{w.Usual(ec2.Subnet).ID}} },
		parameters: func(*cases.World) account.Props {
			return account.Props{"family": "valkey8", "parameters": list{object{"name": "maxmemory-policy", "value": "allkeys-lfu"}}}
		},
		group: func(w *cases.World) account.Props {
			return account.Props{
				"replicationGroupId": "site-" + account.NewHex(8), "description": "cache", "engine": "valkey", "engineVersion": "8.0", "nodeType": "cache.t4g.micro", "numCacheClusters": 2.0,
				"automaticFailoverEnabled": true, "parameterGroupName": w.Usual(parameters).ID, "subnetGroupName": w.Usual(subnets).ID,
				"securityGroupIds": list{w.Usual(ec2.SecurityGroup).ID}, "transitEncryptionEnabled": true, "transitEncryptionMode": "required",
				"authToken": "sixteen-characters", "authTokenUpdateStrategy": "ROTATE", "clusterMode": "disabled", "ipDiscovery": "ipv4",
				"networkType": "ipv4", "notificationTopicArn": "arn:aws:sns:eu-central-1:123456789012:cache", "snapshotRetentionLimit": 1.0,
				"maintenanceWindow": "Sun:03:30-Sun:04:30", "snapshotWindow": "02:00-03:00", "applyImmediately": true,
			}
		},
	}
}

// open takes encryption in transit and what needs it out of the usual inputs.
func open(more account.Props) account.Props {
	in := account.Props{"transitEncryptionEnabled": false, "transitEncryptionMode": nil, "authToken": nil}
	for path, v := range more {
		in[path] = v
	}
	return in
}

// sharded makes the usual group one with cluster mode.
func sharded(more account.Props) account.Props {
	in := account.Props{
		"numCacheClusters": nil, "numNodeGroups": 1.0, "replicasPerNodeGroup": 1.0, "clusterMode": "enabled",
		"parameterGroupName": "default.valkey8.cluster.on",
	}
	for path, v := range more {
		in[path] = v
	}
	return in
}

// change is a case of two changes of a group that is made with some inputs of its own.
func change(rule, says string, made, bad, good account.Props) cases.Case {
	try := func(to account.Props) cases.Trial {
		return func(w *cases.World, typ string) error {
			_, err := w.Change(w.Need(typ, made), to)
			return err
		}
	}
	return cases.Case{Type: group, Rule: rule, Says: says, Refused: try(bad), Accepted: try(good)}
}

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(elasticache.Service(), ec2.Service(), iam.Service())
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Usual: usual()}
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Types = []string{subnets, parameters, group}
	for _, some := range [][]cases.Case{groupCases(), settingCases(), encryptionCases(), stateCases()} {
		s.Cases = append(s.Cases, some...)
	}
	s.Run(t)
}

// used is the trial of deleting the usual one while the usual group has it.
func used(w *cases.World, typ string) error {
	w.Usual(group)
	return w.Delete(w.Usual(typ))
}

func groupCases() []cases.Case {
	one := func(name, value string) account.Props {
		return account.Props{"parameters": list{object{"name": name, "value": value}}}
	}
	second := func(w *cases.World) account.Resource {
		return w.Need(ec2.Subnet, account.Props{"cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-central-1b"})
	}
	swapped := func(busy bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			r := w.Usual(typ)
			if busy {
				w.Usual(group)
			}
			_, err := w.Change(r, account.Props{"subnetIds": list{second(w).ID}})
			return err
		}
	}
	return []cases.Case{
		cases.Refused(subnets, "form of name", "must be letters, numbers and hyphens", account.Props{"name": "my_site"}),
		cases.Refused(subnets, "not allowed in name", "is not allowed as", account.Props{"name": "default"}),
		cases.After(subnets, "count of subnetIds", "CacheSubnetQuotaExceededFault", func(w *cases.World) account.Props {
			ids := list{}
			for range 21 {
				ids = append(ids, w.Usual(ec2.Subnet).ID)
			}
			return account.Props{"subnetIds": ids}
		}),
		{Type: subnets, Rule: "groups per region", Says: "CacheSubnetGroupQuotaExceeded", Refused: cases.Full(300, nil)},
		cases.After(subnets, "one VPC", "InvalidSubnet", func(w *cases.World) account.Props {
			other := w.Need(ec2.Subnet, account.Props{"vpcId": w.Need(ec2.Vpc, nil).ID})
			return account.Props{"subnetIds": list{w.Usual(ec2.Subnet).ID, other.ID}}
		}),
		{Type: subnets, Rule: "subnets of nodes stay", Says: "SubnetInUse", Refused: swapped(true), Accepted: swapped(false)},
		{Type: subnets, Rule: "nothing uses it", Says: "CacheSubnetGroupInUse", Refused: used, Accepted: cases.Delete(nil)},

		cases.Refused(parameters, "form of name", "consist of letters, digits and hyphens", account.Props{"name": "site-redis6.x"}),
		cases.Refused(parameters, "parameters exist", "InvalidParameterValue: Could not find parameter with name: max-memory", one("max-memory", "1")),
		cases.Refused(parameters, "parameters can be changed", "The parameter maxmemory cannot be modified", one("maxmemory", "1000000")),
		cases.Refused(parameters, "values of parameters", "Invalid value lfu for parameter maxmemory-policy", one("maxmemory-policy", "lfu")),
		{Type: parameters, Rule: "groups per region", Says: "CacheParameterGroupQuotaExceeded", Refused: cases.Full(300, nil)},
		{Type: parameters, Rule: "nothing uses it", Says: "InvalidCacheParameterGroupState", Refused: used, Accepted: cases.Delete(nil)},
	}
}

func settingCases() []cases.Case {
	several := func(rule, path string, bad float64) cases.Case {
		return cases.Case{
			Type: group, Rule: rule, Says: "InvalidParameterValue", Refused: cases.Make(sharded(account.Props{path: bad})), Accepted: cases.Make(sharded(nil)),
		}
	}
	delivery := object{"destination": "logs", "destinationType": "cloudwatch-logs", "logFormat": "json", "logType": "slow-log"}
	return []cases.Case{
		cases.Refused(group, "form of replicationGroupId", "must begin with a letter", account.Props{"replicationGroupId": "1-cache"}),
		cases.Refused(group, "form of description", "must not be empty", account.Props{"description": ""}),
		several("range of replicasPerNodeGroup", "replicasPerNodeGroup", 6), several("range of numNodeGroups", "numNodeGroups", 501),
		cases.Refused(group, "count of userGroupIds", "supports 1 item maximum", open(account.Props{"userGroupIds": list{"a", "b"}})),
		cases.Refused(group, "count of logDeliveryConfigurations", "supports 2 item maximum", account.Props{"logDeliveryConfigurations": list{delivery, delivery, delivery}}),
		cases.Refused(group, "numCacheClusters without numNodeGroups", "conflicts with", account.Props{"numNodeGroups": 1.0}),
		cases.Refused(group, "numCacheClusters without replicasPerNodeGroup", "conflicts with", account.Props{"replicasPerNodeGroup": 1.0}),
		cases.Refused(group, "authToken without userGroupIds", "conflicts with", account.Props{"userGroupIds": list{"a"}}),
		cases.Refused(group, "snapshotWindow apart from maintenanceWindow", "must not overlap", account.Props{"snapshotWindow": "03:00-04:00"}),
		cases.Refused(group, "a node type is given", `"nodeType" is required`, account.Props{"nodeType": nil}),
		cases.Refused(group, "data tiering exactly on r6gd", "Data tiering is only supported", account.Props{"dataTieringEnabled": true}),
		cases.Refused(group, "zones need failover", "automaticFailoverEnabled must be true", account.Props{"multiAzEnabled": true, "automaticFailoverEnabled": false}),
		cases.Refused(group, "failover needs two nodes", "at least 2 cache clusters", account.Props{"numCacheClusters": 1.0}),
		{Type: group, Rule: "cluster mode needs failover", Says: "Automatic failover must be enabled", Accepted: cases.Make(sharded(nil)),
			Refused: cases.Make(sharded(account.Props{"automaticFailoverEnabled": false}))},
		cases.Refused(group, "a snapshot for the last one has a name", "must not begin or end with a hyphen", account.Props{"finalSnapshotIdentifier": "last-"}),
	}
}

func encryptionCases() []cases.Case {
	const key = "arn:aws:kms:eu-central-1:123456789012:key/1"
	return []cases.Case{
		cases.Refused(group, "form of authToken", "16 to 128", account.Props{"authToken": "short"}),
		cases.Refused(group, "a token needs encryption in transit", "The AUTH token is only supported", open(account.Props{"authToken": "sixteen-characters"})),
		cases.Refused(group, "user groups need encryption in transit", "User group based access control", open(account.Props{"userGroupIds": list{"a"}})),
		cases.Refused(group, "a token requires encryption", "Transit encryption preferred is not supported with redis access control",
			account.Props{"transitEncryptionMode": "preferred"}),
		cases.Refused(group, "a mode needs encryption in transit", "To modify transit encryption mode, set encryption-in-transit", open(account.Props{"transitEncryptionMode": "required"})),
		cases.Refused(group, "encryption needs a VPC", "only supported in a VPC", account.Props{"subnetGroupName": nil, "securityGroupIds": nil}),
		{Type: group, Rule: "a key needs encryption at rest", Says: "A KMS key can only be given",
			Refused:  cases.Make(account.Props{"kmsKeyId": key, "atRestEncryptionEnabled": false}),
			Accepted: cases.Make(account.Props{"kmsKeyId": key, "atRestEncryptionEnabled": true})},
	}
}

func stateCases() []cases.Case {
	redis := account.Props{"engine": "redis", "engineVersion": "7.1", "parameterGroupName": "default.redis7"}
	last := account.Props{"finalSnapshotIdentifier": "last"}
	twice := func(w *cases.World, typ string) error {
		if err := w.Delete(w.Need(typ, last)); err != nil {
			return fmt.Errorf("the first: %w", err)
		}
		return w.Delete(w.Need(typ, last))
	}
	return []cases.Case{
		cases.Refused(group, "form of engineVersion", "for valkey", account.Props{"engineVersion": "8"}),
		cases.Refused(group, "the version exists", "Cannot find version 8.7 for valkey", account.Props{"engineVersion": "8.7"}),
		{Type: group, Rule: "nodes per region", Says: "NodeQuotaForCustomerExceeded", Refused: cases.Full(150, nil)},
		{Type: group, Rule: "nodes per group", Says: "NodeGroupsPerReplicationGroupQuotaExceeded", Accepted: cases.Make(sharded(account.Props{"numNodeGroups": 45.0})),
			Refused: cases.Make(sharded(account.Props{"numNodeGroups": 46.0}))},
		cases.After(group, "security groups in the VPC of the subnets", "is not in the VPC", func(w *cases.World) account.Props {
			other := w.Need(ec2.Vpc, nil)
			return account.Props{"securityGroupIds": list{w.Need(ec2.SecurityGroup, account.Props{"vpcId": other.ID}).ID}}
		}),
		cases.Refused(group, "zones of the subnets", "has no subnet in the Availability Zone eu-central-1b",
			account.Props{"preferredCacheClusterAzs": list{"eu-central-1a", "eu-central-1b"}}),
		{Type: group, Rule: "parameter group of the family", Says: "Expected a parameter group of family redis7 but found one of family valkey8",
			Refused: cases.Make(account.Props{"engine": "redis", "engineVersion": "7.1"}), Accepted: cases.Make(redis)},
		{Type: group, Rule: "the snapshot exists", Says: "SnapshotNotFoundFault", Refused: cases.Make(account.Props{"snapshotName": "last"}),
			Accepted: func(w *cases.World, typ string) error {
				if err := w.Delete(w.Need(typ, last)); err != nil {
					return err
				}
				return cases.Make(account.Props{"snapshotName": "last"})(w, typ)
			}},
		change("engine upgrades only", "Cannot downgrade from valkey 8.0.1 to valkey 7.2", nil,
			account.Props{"engineVersion": "7.2", "parameterGroupName": "default.valkey7"}, account.Props{"engineVersion": "8.1"}),
		change("Valkey comes with its version", "must explicitly set 'engineVersion'",
			account.Props{"engine": "redis", "engineVersion": nil, "parameterGroupName": nil}, account.Props{"engine": "valkey"},
			account.Props{"engine": "valkey", "engineVersion": "8.0"}),
		change("encryption in transit step by step", "set TransitEncryptionMode to preferred first", open(nil),
			account.Props{"transitEncryptionEnabled": true, "transitEncryptionMode": "required"},
			account.Props{"transitEncryptionEnabled": true, "transitEncryptionMode": "preferred"}),
		change("cluster mode step by step", "cannot be changed from disabled to enabled", nil,
			account.Props{"clusterMode": "enabled"}, account.Props{"clusterMode": "compatible"}),
		change("cluster mode keeps failover", "Turning off automatic failover", sharded(account.Props{"clusterMode": nil}),
			account.Props{"automaticFailoverEnabled": false, "clusterMode": "disabled", "parameterGroupName": "default.valkey8"}, account.Props{"description": "x"}),
		{Type: group, Rule: "final snapshot is new", Says: "SnapshotAlreadyExistsFault", Refused: twice, Accepted: deleted(last)},
	}
}

func deleted(made account.Props) cases.Trial {
	return func(w *cases.World, typ string) error { return w.Delete(w.Need(typ, made)) }
}
