package rds

import (
	"fmt"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/window"
)

// noEnd reserves a name until someone deletes what has it.
var noEnd time.Time

// reserved are the words that Aurora MySQL does not take as the master user.
const reserved = `^(?i)(admin_user|rdsadmin|root|mysql|rdsrepladmin|user|select|table|all|any)$`

func clusterRules() []kind.Rule {
	const combination, value = "InvalidParameterCombination", "InvalidParameterValue"
	return []kind.Rule{
		kind.Length("clusterIdentifier", 1, 63), kind.Match("clusterIdentifier", identifier, identifierHint),
		kind.OneOf("engine", "aurora-mysql", "aurora-postgresql", "mysql", "postgres"),
		kind.OneOf("engineMode", "", "global", "multimaster", "parallelquery", "provisioned", "serverless"),
		kind.OneOf("networkType", "IPV4", "DUAL"),
		kind.OneOf("enabledCloudwatchLogsExports[]",
			"audit", "error", "general", "iam-db-auth-error", "instance", "postgresql", "slowquery", "upgrade"),
		kind.OneOf("storageType", "", "aurora", "aurora-iopt1", "io1", "io2", "gp3").API(value),
		kind.Match("finalSnapshotIdentifier", `^[A-Za-z](-?[0-9A-Za-z])*$`,
			"must begin with a letter, and not end in a hyphen or have two in a row"),
		kind.Length("finalSnapshotIdentifier", 1, 255),
		kind.Range("backupRetentionPeriod", 1, 35), kind.Range("port", 1150, 65535).API(value),
		kind.Range("backtrackWindow", 0, 259200),
		kind.Number("monitoringInterval", 0, 1, 5, 10, 15, 30, 60),
		kind.Match("masterUsername", `^[A-Za-z][A-Za-z0-9]{0,15}$`, "must be 1 to 16 letters and numbers, a letter first").API(value),
		kind.Reject("masterUsername", reserved, "is a word reserved by the engine").API(value),
		kind.Match("masterPassword", `^[!#-.0-?A-~]{8,41}$`,
			"must be 8 to 41 printable ASCII characters except / @ \" and space").API(value),
		kind.Match("databaseName", `^[A-Za-z][A-Za-z0-9_]{0,63}$`, "must be 1 to 64 letters and numbers, a letter first").API(value),
		kind.Conflict("clusterIdentifier", "clusterIdentifierPrefix"),
		kind.Conflict("manageMasterUserPassword", "masterPassword"),
		kind.Conflict("snapshotIdentifier", "restoreToPointInTime"),
		window.Daily("preferredBackupWindow", 30), window.Weekly("preferredMaintenanceWindow", 30),
		window.Apart("preferredBackupWindow", "preferredMaintenanceWindow").API(value),
		kind.Whole(func(in account.Props) string {
			if in.Has("kmsKeyId") && !in.Bool("storageEncrypted") {
				return "storageEncrypted must be true when kmsKeyId is given"
			}
			return ""
		}, "kmsKeyId", "storageEncrypted").API(combination),
		kind.Whole(credentials, "masterUsername", "masterPassword", "manageMasterUserPassword",
			"snapshotIdentifier", "restoreToPointInTime").API(combination),
		kind.Whole(func(in account.Props) string {
			if in.Number("monitoringInterval") > 0 && !in.Has("monitoringRoleArn") {
				return "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
			}
			return ""
		}, "monitoringInterval", "monitoringRoleArn").API(combination),
		kind.Whole(capacity, "serverlessv2ScalingConfiguration").API(value),
	}
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

// capacity bounds the Aurora capacity units of a serverless v2 cluster.
func capacity(in account.Props) string {
	const path = "serverlessv2ScalingConfiguration"
	if !in.Has(path) {
		return ""
	}
	low, high := in.Number(path+".minCapacity"), in.Number(path+".maxCapacity")
	switch {
	case low < 0 || high > 256 || high < 1 || low > high:
		return fmt.Sprintf("Serverless v2 capacity must be within 0 and 256 with minimum <= maximum, got %v to %v", low, high)
	case low*2 != float64(int(low*2)) || high*2 != float64(int(high*2)):
		return "Serverless v2 capacity must be a multiple of 0.5"
	}
	return ""
}

// instanceClass tells whether a class belongs to Aurora.
func instanceClass(v any, _ account.Props) string {
	class, _ := v.(string)
	if class == "db.serverless" {
		return ""
	}
	for _, family := range []string{"t3", "t4g", "r5", "r6g", "r6i", "r7g", "r7i", "r8g", "x2g"} {
		if strings.HasPrefix(class, "db."+family+".") {
			return ""
		}
	}
	return fmt.Sprintf("RDS does not support creating a DB instance with the following combination: "+
		"DBInstanceClass=%s, Engine=aurora-mysql.", class)
}
