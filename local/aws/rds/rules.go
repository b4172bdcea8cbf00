package rds

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/window"
)

// noEnd reserves a name until someone deletes what has it.
var noEnd time.Time

// identifier is the form of the names of clusters, instances and snapshots.
const (
	identifier     = `^[a-z](-?[a-z0-9])*$`
	identifierHint = "must begin with a letter, be in lower case, and not end in a hyphen or have two in a row"
)

// reserved are the words that Aurora MySQL does not take as the master user.
const reserved = `^(?i)(admin_user|rdsadmin|root|mysql|rdsrepladmin|user|select|table|all|any)$`

func clusterRules() []kind.Rule {
	return slices.Concat(identityRules(), settingRules(), combinationRules(), insightRules())
}

// identityRules are about names and credentials.
func identityRules() []kind.Rule {
	const names = "Aurora user guide, Naming constraints"
	return []kind.Rule{
		kind.Length("clusterIdentifier", 1, 63).From(provider), kind.Match("clusterIdentifier", identifier, identifierHint).From(provider),
		kind.Match("finalSnapshotIdentifier", `^[A-Za-z](-?[0-9A-Za-z])*$`,
			"must begin with a letter, and not end in a hyphen or have two in a row").From(provider),
		kind.Length("finalSnapshotIdentifier", 1, 255).From("RDS DeleteDBCluster"),
		kind.Match("masterUsername", `^[A-Za-z][A-Za-z0-9]{0,15}$`,
			"must be 1 to 16 letters and numbers, a letter first").API(value).From(names),
		kind.Reject("masterUsername", reserved, "is a word reserved by the engine").API(value).From(names),
		kind.Match("masterPassword", `^[!#-.0-?A-~]{8,41}$`,
			"must be 8 to 41 printable ASCII characters except / @ \" and space").API(value).From(names),
		kind.Match("databaseName", `^[A-Za-z][A-Za-z0-9_]{0,63}$`,
			"must be 1 to 64 letters and numbers, a letter first").API(value).From(names),
		kind.Reject("databaseName", `^(?i)(mysql|sys|information_schema|performance_schema)$`,
			"is a word reserved by the engine").API(value).From(names),
		kind.Conflict("clusterIdentifier", "clusterIdentifierPrefix").From(provider),
		kind.Conflict("manageMasterUserPassword", "masterPassword").From(provider),
		kind.Whole("master user and password", credentials, "masterUsername", "masterPassword", "manageMasterUserPassword",
			"snapshotIdentifier", "restoreToPointInTime").API(combination),
	}
}

// settingRules are about one setting each.
func settingRules() []kind.Rule {
	return []kind.Rule{
		kind.OneOf("engine", auroraMySQL, "aurora-postgresql", "mysql", "postgres").From(provider),
		kind.OneOf("engineMode", "", "global", "multimaster", "parallelquery", "provisioned", "serverless").From(provider),
		kind.Reject("engineMode", `^(global|multimaster|parallelquery|serverless)$`, "is an engine mode that is no longer available").
			API(value).From("cloudposse/terraform-aws-rds-cluster#68"),
		{
			Name: "the version exists", Source: guideVersions, Path: "engineVersion", Needs: []string{"engine"}, Code: combination,
			Bad: "8.0.mysql_aurora.3.99.0", Test: versionExists,
		},
		kind.OneOf("networkType", "IPV4", "DUAL").From(provider),
		kind.OneOf("enabledCloudwatchLogsExports[]",
			"audit", "error", "general", "iam-db-auth-error", "instance", "postgresql", "slowquery", "upgrade").From(provider),
		kind.OneOf("storageType", "", "aurora", "aurora-iopt1", "io1", "io2", "gp3").API(value),
		kind.OneOf("engineLifecycleSupport", "open-source-rds-extended-support", "open-source-rds-extended-support-disabled").From(provider),
		kind.Count("availabilityZones", 0, 3).From("pulumi-aws rds.ClusterArgs"),
		kind.Range("backupRetentionPeriod", 1, 35), kind.Range("port", 1150, 65535).API(value),
		kind.Range("backtrackWindow", 0, 259200).From(provider),
		kind.ARN("kmsKeyId").From(provider),
		window.Daily("preferredBackupWindow", 30), window.Weekly("preferredMaintenanceWindow", 30),
	}
}

// combinationRules are about settings that belong together.
func combinationRules() []kind.Rule {
	return []kind.Rule{
		kind.Conflict("snapshotIdentifier", "restoreToPointInTime").From(provider),
		window.Apart("preferredBackupWindow", "preferredMaintenanceWindow").API(value),
		kind.Whole("a key needs encryption", func(in account.Props) string {
			if in.Has("kmsKeyId") && !in.Bool("storageEncrypted") {
				return "storageEncrypted must be true when kmsKeyId is given"
			}
			return ""
		}, "kmsKeyId", "storageEncrypted").API(combination),
		kind.Whole("no class for Aurora", func(in account.Props) string {
			if in.Has("dbClusterInstanceClass") && strings.HasPrefix(in.String("engine"), "aurora") {
				return fmt.Sprintf("DBClusterInstanceClass isn't supported for DB engine %s.", in.String("engine"))
			}
			return ""
		}, "engine", "dbClusterInstanceClass").API(combination).From("crossplane-contrib/provider-upjet-aws#901"),
		kind.Whole("logs of the engine", logTypes, "engine", "enabledCloudwatchLogsExports").API(combination),
		kind.Whole("serverless capacity", capacity, "serverlessv2ScalingConfiguration").API(value),
	}
}

// insightRules are about monitoring.
func insightRules() []kind.Rule {
	return []kind.Rule{
		kind.Number("monitoringInterval", 0, 1, 5, 10, 15, 30, 60).API(value),
		monitoringRole(),
		retention().API(value),
		kind.OneOf("databaseInsightsMode", "standard", "advanced").From(provider),
		kind.Whole("advanced insights keep 465 days", func(in account.Props) string {
			if in.String("databaseInsightsMode") == "advanced" &&
				(!in.Bool("performanceInsightsEnabled") || in.Number("performanceInsightsRetentionPeriod") < 465) {
				return "To enable the Advanced mode of Database Insights, " +
					"turn on Performance Insights and set its retention period to at least 465 days."
			}
			return ""
		}, "databaseInsightsMode", "performanceInsightsEnabled", "performanceInsightsRetentionPeriod").API(combination).
			From("RDS CreateDBCluster, DatabaseInsightsMode"),
	}
}

func monitoringRole() kind.Rule {
	return kind.Whole("monitoring needs a role", func(in account.Props) string {
		if in.Number("monitoringInterval") > 0 && !in.Has("monitoringRoleArn") {
			return "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
		}
		return ""
	}, "monitoringInterval", "monitoringRoleArn").API(combination)
}

// retention bounds the days for which Performance Insights keeps its data.
func retention() kind.Rule {
	const path = "performanceInsightsRetentionPeriod"
	return kind.Rule{Name: "days of " + path, Path: path, Bad: 8.0, Test: func(v any, _ account.Props) string {
		days, ok := v.(float64)
		if !ok || days == 0 || days == 7 || days == 731 || (days > 0 && days <= 23*31 && int(days)%31 == 0) {
			return ""
		}
		return "Invalid Performance Insights retention period. Valid values are: 7, month * 31 (month 1 to 23), 731"
	}}
}

func credentials(in account.Props) string {
	if in.Has("snapshotIdentifier") || in.Has("restoreToPointInTime") {
		return ""
	}
	if !in.Has("masterUsername") {
		return "The parameter MasterUsername must be provided and must not be blank."
	}
	if !in.Has("masterPassword") && !in.Bool("manageMasterUserPassword") {
		return "The parameter MasterUserPassword must be provided and must not be blank."
	}
	return ""
}

// logTypes are those that an engine writes.
func logTypes(in account.Props) string {
	allowed := []string{"audit", "error", "general", "iam-db-auth-error", "instance", "slowquery"}
	if in.String("engine") == "aurora-postgresql" || in.String("engine") == "postgres" {
		allowed = []string{"iam-db-auth-error", "instance", "postgresql", "upgrade"}
	}
	for _, name := range in.Strings("enabledCloudwatchLogsExports") {
		if !slices.Contains(allowed, name) {
			return fmt.Sprintf("You cannot use the log types '%s' with engine version %s %s. For supported log types, see the documentation.",
				name, in.String("engine"), actual(in.String("engineVersion")))
		}
	}
	return ""
}

// capacity bounds the Aurora capacity units of a serverless v2 cluster.
func capacity(in account.Props) string {
	const path = "serverlessv2ScalingConfiguration"
	if !in.Has(path) {
		return ""
	}
	low, high := in.Number(path+".minCapacity"), in.Number(path+".maxCapacity")
	pause := in.Number(path + ".secondsUntilAutoPause")
	switch {
	case low < 0 || high > 256 || high < 1 || low > high:
		return fmt.Sprintf("Serverless v2 capacity must be within 0 and 256 with minimum <= maximum, got %v to %v", low, high)
	case low*2 != float64(int(low*2)) || high*2 != float64(int(high*2)):
		return "Serverless v2 capacity must be a multiple of 0.5"
	case in.Has(path+".secondsUntilAutoPause") && (pause < 300 || pause > 86400):
		return fmt.Sprintf("SecondsUntilAutoPause must be between 300 and 86400, got %v", pause)
	}
	return ""
}
