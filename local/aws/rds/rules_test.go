package rds_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/rds"
)

// list is a list of inputs.
type list = []any

func usual() cases.Usual {
	return cases.Usual{
		ec2.Vpc: func(*cases.World) account.Props {
			return account.Props{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true, "enableDnsSupport": true}
		},
		ec2.Subnet: func(w *cases.World) account.Props {
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"}
		},
		ec2.Gateway: func(w *cases.World) account.Props { return account.Props{"vpcId": w.Usual(ec2.Vpc).ID} },
		ec2.SecurityGroup: func(w *cases.World) account.Props {
			return account.Props{"vpcId": w.Usual(ec2.Vpc).ID}
		},
		cloudwatch.LogGroup: func(*cases.World) account.Props { return account.Props{} },
		iam.Role: func(*cases.World) account.Props {
			return account.Props{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
				`"Principal":{"Service":"monitoring.rds.amazonaws.com"}}]}`}
		},
		rds.SubnetGroup: func(w *cases.World) account.Props {
			return account.Props{"subnetIds": list{w.Usual(ec2.Subnet).ID, subnet(w, 1, "b").ID}}
		},
		rds.ParameterGroup: func(*cases.World) account.Props {
			return account.Props{"family": "aurora-mysql8.0", "parameters": list{
				map[string]any{"name": "require_secure_transport", "value": "ON", "applyMethod": "immediate"},
				map[string]any{"name": "long_query_time", "value": "1"},
			}}
		},
		rds.Cluster: func(w *cases.World) account.Props {
			return account.Props{
				"clusterIdentifier": "site-" + account.NewHex(8), "engine": "aurora-mysql", "engineVersion": "8.0", "engineMode": "provisioned", "masterUsername": "site",
				"masterPassword": "sufficient", "databaseName": "posts", "dbSubnetGroupName": w.Usual(rds.SubnetGroup).ID,
				"dbClusterParameterGroupName": w.Usual(rds.ParameterGroup).ID, "vpcSecurityGroupIds": list{w.Usual(ec2.SecurityGroup).ID},
				"finalSnapshotIdentifier": "last-" + account.NewHex(4), "networkType": "IPV4", "storageType": "aurora-iopt1",
				"enabledCloudwatchLogsExports": list{"audit", "error"}, "backupRetentionPeriod": 7.0, "port": 3306.0, "backtrackWindow": 0.0,
				"preferredBackupWindow": "02:00-03:00", "preferredMaintenanceWindow": "Sun:03:30-Sun:04:30", "databaseInsightsMode": "standard",
				"monitoringRoleArn": w.Usual(iam.Role).Outputs["arn"], "monitoringInterval": 60.0, "applyImmediately": true,
				"engineLifecycleSupport": "open-source-rds-extended-support", "performanceInsightsEnabled": true,
				"performanceInsightsRetentionPeriod": 7.0, "storageEncrypted": true,
				"kmsKeyId": "arn:aws:kms:eu-central-1:123456789012:key/1",
			}
		},
		rds.Instance: func(w *cases.World) account.Props {
			return account.Props{
				"identifier": "site-" + account.NewHex(8), "clusterIdentifier": w.Usual(rds.Cluster).ID, "engine": "aurora-mysql", "instanceClass": "db.r6g.large",
				"dbSubnetGroupName": w.Usual(rds.SubnetGroup).ID, "monitoringRoleArn": w.Usual(iam.Role).Outputs["arn"],
				"monitoringInterval": 60.0, "promotionTier": 1.0, "caCertIdentifier": "rds-ca-rsa2048-g1", "applyImmediately": true,
				"preferredBackupWindow": "02:00-03:00", "preferredMaintenanceWindow": "sun:03:30-sun:04:30",
				"performanceInsightsEnabled": true, "performanceInsightsRetentionPeriod": 7.0,
			}
		},
	}
}

// subnet is one of the VPC's subnets, made when it is not there yet.
func subnet(w *cases.World, n int, zone string) account.Resource {
	if s, err := w.Call().Find(ec2.Subnet, "cidrBlock", fmt.Sprintf("10.0.%d.0/24", n)); err == nil && s != nil {
		return *s
	}
	return w.Need(ec2.Subnet, account.Props{"cidrBlock": fmt.Sprintf("10.0.%d.0/24", n), "availabilityZone": "eu-central-1" + zone})
}

// full is a case of one too many.
func full(typ, rule, says string, most int, alone account.Props) cases.Case {
	return cases.After(typ, rule, says, func(w *cases.World) account.Props {
		for range most {
			w.Need(typ, alone)
		}
		return alone
	})
}

func TestRules(t *testing.T) {
	t.Parallel()
	catalog, err := kind.NewCatalog(rds.Service(), ec2.Service(), iam.Service(), cloudwatch.Service())
	require.NoError(t, err)
	cases.Suite{
		Catalog: catalog, Types: []string{rds.SubnetGroup, rds.ParameterGroup, rds.Cluster, rds.Instance}, Usual: usual(),
		Cases: concat(groupCases(), clusterCases(), clusterStateCases(), instanceCases()),
	}.Run(t)
}

func concat(lists ...[]cases.Case) (all []cases.Case) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func groupCases() []cases.Case {
	const subnets, parameters = rds.SubnetGroup, rds.ParameterGroup
	one := func(name, value string) account.Props {
		return account.Props{"parameters": list{map[string]any{"name": name, "value": value}}}
	}
	return []cases.Case{
		cases.Refused(subnets, "form of name", "only lower-case letters", account.Props{"name": "Site"}),
		cases.Refused(subnets, "not allowed in name", "is not allowed as", account.Props{"name": "default"}),
		cases.Refused(subnets, "name without namePrefix", "conflicts with", account.Props{"name": "a", "namePrefix": "b"}),
		cases.After(subnets, "count of subnetIds", "DBSubnetQuotaExceededFault", func(w *cases.World) account.Props {
			ids := list{}
			for range 21 {
				ids = append(ids, w.Usual(ec2.Subnet).ID)
			}
			return account.Props{"subnetIds": ids}
		}),
		full(subnets, "groups per region", "DBSubnetGroupQuotaExceeded", 50, sameSubnets),
		cases.After(subnets, "one VPC", "InvalidSubnet", func(w *cases.World) account.Props {
			return account.Props{"subnetIds": list{w.Usual(ec2.Subnet).ID, foreign(w).ID}}
		}),
		cases.After(subnets, "two zones", "Current AZ coverage: eu-central-1a. Add subnets", func(w *cases.World) account.Props {
			return account.Props{"subnetIds": list{w.Usual(ec2.Subnet).ID, subnet(w, 7, "a").ID}}
		}),
		{Type: subnets, Rule: "the VPC stays", Says: "not in the same Vpc as the existing", Refused: changed(func(w *cases.World) account.Props {
			a := foreign(w)
			b := w.Need(ec2.Subnet, account.Props{"vpcId": a.Outputs["vpcId"], "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-central-1b"})
			return account.Props{"subnetIds": list{a.ID, b.ID}}
		}), Accepted: changed(func(w *cases.World) account.Props {
			return account.Props{"subnetIds": list{w.Usual(ec2.Subnet).ID, subnet(w, 7, "c").ID}}
		})},
		{Type: subnets, Rule: "subnets of instances stay", Says: "SubnetAlreadyInUse", Refused: changed(func(w *cases.World) account.Props {
			w.Usual(rds.Instance) // in zone a, the first
			return account.Props{"subnetIds": list{subnet(w, 7, "b").ID, subnet(w, 8, "c").ID}}
		})},
		{Type: subnets, Rule: "nothing uses it", Says: "InvalidDBSubnetGroupStateFault", Refused: used, Accepted: cases.Delete(nil)},

		cases.Refused(parameters, "form of name", "must begin with a letter", account.Props{"name": "8-site"}),
		cases.Refused(parameters, "name without namePrefix", "conflicts with", account.Props{"name": "a", "namePrefix": "b"}),
		cases.Refused(parameters, "values of parameters[].applyMethod", "to be one of", account.Props{"parameters": list{
			map[string]any{"name": "long_query_time", "value": "1", "applyMethod": "now"},
		}}),
		cases.Refused(parameters, "parameters exist", "InvalidParameterValue: Could not find parameter with name: rds.force_ssl", one("rds.force_ssl", "1")),
		cases.Refused(parameters, "parameters can be changed", "The parameter innodb_read_io_threads cannot be modified", one("innodb_read_io_threads", "8")),
		cases.Refused(parameters, "values of parameters", "Invalid parameter value: 2 for: slow_query_log allowed values are: 0,1", one("slow_query_log", "2")),
		full(parameters, "groups per region", "DBParameterGroupQuotaExceeded", 50, nil),
		{Type: parameters, Rule: "nothing uses it", Says: "InvalidDBParameterGroupState", Refused: used, Accepted: cases.Delete(nil)},
	}
}

// sameSubnets takes nothing away from the usual inputs.
var sameSubnets account.Props

// foreign is a subnet of another VPC.
func foreign(w *cases.World) account.Resource {
	other := w.Need(ec2.Vpc, nil)
	return w.Need(ec2.Subnet, account.Props{"vpcId": other.ID, "cidrBlock": "10.0.8.0/24"})
}

// changed is the trial of a change of the usual one.
func changed(to func(w *cases.World) account.Props) cases.Trial {
	return func(w *cases.World, typ string) error {
		r := w.Usual(typ)
		_, err := w.Change(r, to(w))
		return err
	}
}

// used is the trial of deleting the usual one while the usual cluster has it.
func used(w *cases.World, typ string) error {
	w.Usual(rds.Cluster)
	return w.Delete(w.Usual(typ))
}

func clusterCases() []cases.Case {
	const typ = rds.Cluster
	return []cases.Case{
		cases.Refused(typ, "form of clusterIdentifier", "must begin with a letter", account.Props{"clusterIdentifier": "Site"}),
		cases.Refused(typ, "form of finalSnapshotIdentifier", "have two in a row", account.Props{"finalSnapshotIdentifier": "a--b"}),
		cases.Refused(typ, "form of masterUsername", "1 to 16 letters", account.Props{"masterUsername": "1site"}),
		cases.Refused(typ, "not allowed in masterUsername", "reserved by the engine", account.Props{"masterUsername": "rdsadmin"}),
		cases.Refused(typ, "form of masterPassword", "printable ASCII", account.Props{"masterPassword": "with@sign"}),
		cases.Refused(typ, "form of databaseName", "1 to 64 letters", account.Props{"databaseName": "my-posts"}),
		cases.Refused(typ, "not allowed in databaseName", "reserved by the engine", account.Props{"databaseName": "mysql"}),
		cases.Refused(typ, "clusterIdentifier without clusterIdentifierPrefix", "conflicts with",
			account.Props{"clusterIdentifier": "a", "clusterIdentifierPrefix": "b"}),
		cases.Refused(typ, "manageMasterUserPassword without masterPassword", "conflicts with", account.Props{"manageMasterUserPassword": true}),
		cases.Refused(typ, "master user and password", "MasterUserPassword must be provided", account.Props{"masterPassword": nil}),
		cases.Refused(typ, "not allowed in engineMode", "no longer available", account.Props{"engineMode": "serverless"}),
		cases.Refused(typ, "values of enabledCloudwatchLogsExports[]", "to be one of", account.Props{"enabledCloudwatchLogsExports": list{"binlog"}}),
		cases.Refused(typ, "count of availabilityZones", "supports 3 item maximum", account.Props{
			"availabilityZones": list{"eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d"},
		}),
		cases.Refused(typ, "snapshotIdentifier without restoreToPointInTime", "conflicts with", account.Props{
			"snapshotIdentifier": "a", "restoreToPointInTime": map[string]any{"sourceClusterIdentifier": "b"},
		}),
		cases.Refused(typ, "preferredBackupWindow apart from preferredMaintenanceWindow", "must not overlap",
			account.Props{"preferredBackupWindow": "03:00-04:00"}),
		cases.Refused(typ, "a key needs encryption", "storageEncrypted must be true", account.Props{"storageEncrypted": false}),
		cases.Refused(typ, "no class for Aurora", "DBClusterInstanceClass isn't supported for DB engine aurora-mysql",
			account.Props{"dbClusterInstanceClass": "db.r6g.large"}),
		cases.Refused(typ, "logs of the engine", "You cannot use the log types 'postgresql'", account.Props{"enabledCloudwatchLogsExports": list{"postgresql"}}),
		cases.Refused(typ, "serverless capacity", "multiple of 0.5", account.Props{
			"serverlessv2ScalingConfiguration": map[string]any{"minCapacity": 0.7, "maxCapacity": 2.0},
		}),
		cases.Refused(typ, "numbers of monitoringInterval", "InvalidParameterValue", account.Props{"monitoringInterval": 7.0}),
		cases.Refused(typ, "monitoring needs a role", "A MonitoringRoleARN value is required", account.Props{"monitoringRoleArn": nil}),
		cases.Refused(typ, "advanced insights keep 465 days", "at least 465 days", account.Props{"databaseInsightsMode": "advanced"}),
	}
}

func clusterStateCases() []cases.Case {
	const typ = rds.Cluster
	restored := account.Props{"snapshotIdentifier": "old"}
	return []cases.Case{
		full(typ, "clusters per region", "DBClusterQuotaExceededFault", 40, nil),
		cases.After(typ, "security groups in the VPC of the subnets", "are in different VPCs", func(w *cases.World) account.Props {
			other := w.Need(ec2.Vpc, nil)
			return account.Props{"vpcSecurityGroupIds": list{w.Need(ec2.SecurityGroup, account.Props{"vpcId": other.ID}).ID}}
		}),
		cases.Refused(typ, "zones of the region", "is unavailable in this region", account.Props{"availabilityZones": list{"eu-west-1a"}}),
		cases.After(typ, "parameter group of the family", "Please use a Parameter Group with DBParameterGroupFamily aurora-mysql8.0",
			func(w *cases.World) account.Props {
				group := w.Need(rds.ParameterGroup, account.Props{"family": "aurora-mysql5.7", "parameters": nil})
				return account.Props{"dbClusterParameterGroupName": group.ID}
			}),
		cases.After(typ, "role for monitoring", "required permissions for: ENHANCED_MONITORING", untrusted),
		cases.Refused(typ, "the source exists", "DBClusterNotFoundFault", account.Props{
			"restoreToPointInTime": map[string]any{"sourceClusterIdentifier": "none", "useLatestRestorableTime": true},
		}),
		cases.Refused(typ, "the snapshot exists", "DBClusterSnapshotNotFoundFault", restored),
		{
			Type: typ, Rule: "engine of the snapshot", Says: "does not match the engine", Refused: fromSnapshot("aurora-postgresql"),
			Accepted: fromSnapshot("aurora-mysql"),
		},
		{
			Type: typ, Rule: "upgrades only", Says: "Cannot upgrade aurora-mysql from 8.0.mysql_aurora.3.08.2 to 8.0.mysql_aurora.3.05.2",
			Refused:  cases.Change(account.Props{"engineVersion": "8.0.mysql_aurora.3.05.2"}),
			Accepted: cases.Change(account.Props{"engineVersion": "8.0.mysql_aurora.3.10.1"}),
		},
		{
			Type: typ, Rule: "not protected", Says: "disable deletion protection", Refused: protected,
			Accepted: cases.Delete(nil),
		},
		{
			Type: typ, Rule: "name of the final snapshot", Says: "FinalSnapshotIdentifier is required",
			Refused: deleted(account.Props{"finalSnapshotIdentifier": nil}), Accepted: deleted(account.Props{"skipFinalSnapshot": true}),
		},
		{
			Type: typ, Rule: "final snapshot is new", Says: "DBClusterSnapshotAlreadyExistsFault", Accepted: cases.Delete(nil),
			Refused: func(w *cases.World, typ string) error {
				last := account.Props{"finalSnapshotIdentifier": "last"}
				if err := w.Delete(w.Need(typ, last)); err != nil {
					return fmt.Errorf("the first: %w", err)
				}
				return w.Delete(w.Need(typ, last))
			},
		},
		{
			Type: typ, Rule: "no reader of auto scaling", Says: "it still contains DB instances in non-deleting state", Accepted: cases.Delete(nil),
			Refused: cases.Delete(func(w *cases.World, r account.Resource) {
				_ = w.Call().Tx.Keep("rds-reader", "application-autoscaling-1", map[string]string{"cluster": r.ID})
			}),
		},
		{
			Type: typ, Rule: "nothing uses it", Says: "it still contains DB instances in non-deleting state", Accepted: cases.Delete(nil),
			Refused: cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(rds.Instance) }),
		},
	}
}

func untrusted(w *cases.World) account.Props {
	role := w.Need(iam.Role, account.Props{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Action":"sts:AssumeRole","Principal":{"Service":"rds.amazonaws.com"}}]}`})
	return account.Props{"monitoringRoleArn": role.Outputs["arn"]}
}

func fromSnapshot(engine string) cases.Trial {
	return func(w *cases.World, typ string) error {
		if err := w.Call().Tx.Keep("rds-snapshot", "old", map[string]string{"engine": engine, "masterUsername": "owner"}); err != nil {
			return err
		}
		_, err := w.Make(typ, account.Props{"snapshotIdentifier": "old"})
		return err
	}
}

func protected(w *cases.World, typ string) error {
	return deleted(account.Props{"deletionProtection": true})(w, typ)
}

// deleted is the trial of making one with changes and deleting it.
func deleted(changes account.Props) cases.Trial {
	return func(w *cases.World, typ string) error { return w.Delete(w.Need(typ, changes)) }
}

func instanceCases() []cases.Case {
	const typ = rds.Instance
	return []cases.Case{
		cases.Refused(typ, "form of identifier", "must begin with a letter", account.Props{"identifier": "One"}),
		cases.Refused(typ, "identifier without identifierPrefix", "conflicts with", account.Props{"identifier": "a", "identifierPrefix": "b"}),
		cases.Refused(typ, "numbers of monitoringInterval", "InvalidParameterValue", account.Props{"monitoringInterval": 7.0}),
		cases.Refused(typ, "monitoring needs a role", "A MonitoringRoleARN value is required", account.Props{"monitoringRoleArn": nil}),
		{Type: typ, Rule: "clusterIdentifier exists", Says: "DBClusterNotFoundFault", Refused: cases.Make(account.Props{"clusterIdentifier": "none"})},
		cases.After(typ, "instances per region", "InstanceQuotaExceeded", func(w *cases.World) account.Props {
			for range 3 {
				home := w.Need(rds.Cluster, nil)
				for range 14 {
					if _, err := w.Make(typ, account.Props{"clusterIdentifier": home.ID}); err != nil {
						return account.Props{"clusterIdentifier": home.ID}
					}
				}
			}
			return nil
		}),
		full(typ, "instances per cluster", "InstanceQuotaExceeded", 16, nil),
		cases.Refused(typ, "engine of the cluster", "doesn't match the engine name", account.Props{"engine": "aurora-postgresql"}),
		cases.After(typ, "subnets of the cluster", "must be that of its cluster", func(w *cases.World) account.Props {
			return account.Props{"dbSubnetGroupName": w.Need(rds.SubnetGroup, account.Props{
				"subnetIds": list{subnet(w, 7, "a").ID, subnet(w, 8, "b").ID},
			}).ID}
		}),
		cases.Refused(typ, "class fits engine and version", "DBInstanceClass=db.t3.small, Engine=aurora-mysql, EngineVersion=8.0.mysql_aurora.3.08.2",
			account.Props{"instanceClass": "db.t3.small", "performanceInsightsEnabled": false}),
		cases.Refused(typ, "bounds for serverless instances", "Set the Serverless v2 scaling configuration", account.Props{"instanceClass": "db.serverless"}),
		cases.Refused(typ, "zone of the subnets", "it covers eu-central-1a, eu-central-1b", account.Props{"availabilityZone": "eu-central-1c"}),
		cases.Refused(typ, "backups are the cluster's", "Set backup window for the DB Cluster", account.Props{"preferredBackupWindow": "05:00-06:00"}),
		cases.Refused(typ, "insights fit the class", "Performance Insights not supported", account.Props{"instanceClass": "db.t3.medium"}),
		cases.After(typ, "role for monitoring", "required permissions for: ENHANCED_MONITORING", untrusted),
		{
			Type: typ, Rule: "public instances need a gateway", Says: "no internet gateway attached",
			Refused: cases.Make(account.Props{"publiclyAccessible": true}),
			Accepted: func(w *cases.World, typ string) error {
				w.Usual(ec2.Gateway)
				return cases.Make(account.Props{"publiclyAccessible": true})(w, typ)
			},
		},
	}
}
