package rds

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/region"
	"wordpress-ecs/local/aws/window"
)

// snapshot is the class of names that final snapshots keep.
const snapshot = "rds cluster snapshot"

func cluster() kind.Kind {
	return kind.Kind{
		Type: Cluster, Title: "RDS Cluster", Args: rds.ClusterArgs{}, State: rds.Cluster{},
		Takes:  clusterTakes(),
		API:    clusterAPI(),
		Source: "RDS CreateDBCluster",
		Name:   kind.Name{Property: "clusterIdentifier", Prefix: "clusterIdentifierPrefix", Max: 63, Lower: true},
		Replace: []string{
			"availabilityZones", "clusterIdentifier", "clusterIdentifierPrefix", "clusterScalabilityType", "databaseName",
			"dbSubnetGroupName", "dbSystemId", "engine", "engineMode", "kmsKeyId", "masterUsername",
			"restoreToPointInTime", "s3Import", "snapshotIdentifier", "sourceRegion", "storageEncrypted",
		},
		Sets: []string{
			"availabilityZones", "clusterMembers", "enabledCloudwatchLogsExports", "iamRoles", "vpcSecurityGroupIds",
		},
		Kept: []string{"availabilityZones", "clusterMembers", "iamRoles", "vpcSecurityGroupIds"},
		Text: map[string]func(string) string{"preferredMaintenanceWindow": strings.ToLower},
		Defaults: account.Props{
			"copyTagsToSnapshot": false, "deleteAutomatedBackups": true, "enableGlobalWriteForwarding": false,
			"enableHttpEndpoint": false, "enableLocalWriteForwarding": false, "engineMode": "provisioned",
			"skipFinalSnapshot": false,
		},
		Secret: []string{"masterPassword"},
		Rules:  clusterRules(),
		Refs: []kind.Ref{
			{Path: "dbSubnetGroupName", To: SubnetGroup, By: "name"},
			{Path: "dbClusterParameterGroupName", To: ParameterGroup, By: "name", Foreign: ofAWS},
			{Path: "vpcSecurityGroupIds[]", To: ec2.SecurityGroup, Missing: kind.Fault{
				Code: value, Message: "Invalid security group , groupId= %s, groupName=.",
			}},
			{Path: "monitoringRoleArn", To: iam.Role, By: "arn", Loose: true, Missing: cannotMonitor},
		},
		Guards: clusterGuards(),
		Unique: []kind.Unique{{Property: "clusterIdentifier", Taken: kind.Fault{
			Code: "DBClusterAlreadyExistsFault", Message: "DB Cluster already exists",
		}}},
		NotFound: kind.Fault{Code: "DBClusterNotFoundFault", Message: "DBCluster %s not found."},
		InUse:    stillMembers,
		Create:   createCluster,
		Update:   changeCluster,
		Delete:   deleteCluster,
	}
}

func clusterAPI() kind.API {
	return kind.API{
		Service: "rds", Create: "CreateDBCluster", Change: "ModifyDBCluster", Delete: "DeleteDBCluster",
		Members: map[string]string{
			"clusterIdentifier": "DBClusterIdentifier", "masterPassword": "MasterUserPassword",
			"iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
			"enabledCloudwatchLogsExports":     "EnableCloudwatchLogsExports", "performanceInsightsEnabled": "EnablePerformanceInsights",
		},
	}
}

// stillMembers is AWS's answer when a cluster goes before its instances.
var stillMembers = kind.Fault{
	Code: "InvalidDBClusterStateFault", Message: "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
}

// cannotMonitor is AWS's answer to a role that enhanced monitoring cannot use.
var cannotMonitor = kind.Fault{
	Code: value, Message: "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING",
}

func createCluster(c *kind.Call) error {
	c.ID = c.Out.String("clusterIdentifier")
	version := c.In.String("engineVersion")
	if version == "" {
		version = actual("")
	}
	if err := fromSnapshot(c); err != nil {
		return err
	}
	normalise(c)
	host := account.NewHex(12) + "." + c.Region + ".rds.amazonaws.com"
	c.Set(account.Props{ //nolint:gosec // names of properties, no credentials
		"arn": c.ARN("rds", "cluster:"+c.ID), "clusterResourceId": "cluster-" + account.NewLetters(26),
		"endpoint": c.ID + ".cluster-" + host, "readerEndpoint": c.ID + ".cluster-ro-" + host,
		"hostedZoneId": "Z2R2ITUGPM61AM", "engineVersion": version, "engineVersionActual": actual(version),
		"port": 3306.0, "availabilityZones": threeZones(c), "clusterMembers": []any{}, "iamRoles": []any{},
		"vpcSecurityGroupIds": []any{}, "allocatedStorage": 1.0, "applyImmediately": false, "storageEncrypted": false,
		"backupRetentionPeriod": 1.0, "preferredBackupWindow": "07:00-07:30", "networkType": "IPV4", "storageType": "",
		"preferredMaintenanceWindow": "sun:05:00-sun:05:30", "dbSubnetGroupName": "default", "masterUsername": "",
		"dbClusterParameterGroupName": "default." + family(c.In.String("engine"), version), "databaseName": "",
		"clusterIdentifierPrefix": "", "engineLifecycleSupport": "open-source-rds-extended-support", "dbSystemId": "",
		"caCertificateIdentifier": "", "caCertificateValidTill": "", "clusterScalabilityType": "standard", "kmsKeyId": "",
		"databaseInsightsMode": "standard", "monitoringInterval": 0.0, "monitoringRoleArn": "", "masterUserSecrets": []any{},
		"masterUserSecretKmsKeyId": "", "performanceInsightsKmsKeyId": "", "performanceInsightsRetentionPeriod": 0.0,
	})
	if c.In.Bool("storageEncrypted") && !c.In.Has("kmsKeyId") {
		c.Out["kmsKeyId"] = c.ARN("kms", "key/"+account.NewUUID())
	}
	managed(c)
	return nil
}

// threeZones are the zones of the storage, as many as there are up to three.
func threeZones(c *kind.Call) []any {
	here, _ := region.Find(c.Region)
	zones := []any{}
	for _, zone := range here.Zones()[:min(3, len(here.Zones()))] {
		zones = append(zones, zone)
	}
	return zones
}

// normalise stores inputs as AWS tells them afterwards. A program that asks for something else sees a change for ever.
func normalise(c *kind.Call) {
	in := c.In.Copy()
	if in.String("storageType") == "aurora" {
		in["storageType"], c.Out["storageType"] = "", "" // the standard storage has no name
	}
	if zones := in.List("availabilityZones"); len(zones) > 0 && len(zones) < 3 {
		for _, zone := range threeZones(c) {
			if len(zones) < 3 && !containsText(zones, zone) {
				zones = append(zones, zone)
			}
		}
		in["availabilityZones"], c.Out["availabilityZones"] = zones, zones
	}
	c.In = in
}

func containsText(list []any, v any) bool {
	for _, element := range list {
		if element == v {
			return true
		}
	}
	return false
}

// managed gives a cluster whose password RDS manages the secret that holds it.
func managed(c *kind.Call) {
	if !c.Out.Bool("manageMasterUserPassword") {
		c.Out["masterUserSecrets"] = []any{}
		return
	}
	if len(c.Out.List("masterUserSecrets")) > 0 {
		return
	}
	key := c.Out.String("masterUserSecretKmsKeyId")
	if key == "" {
		key = c.ARN("kms", "key/"+account.NewUUID())
	}
	c.Out["masterUserSecretKmsKeyId"] = key
	c.Out["masterUserSecrets"] = []any{map[string]any{
		"kmsKeyId": key, "secretStatus": "active",
		"secretArn": c.ARN("secretsmanager", "secret:rds!cluster-"+account.NewUUID()+"-"+account.NewLetters(6)),
	}}
}

func changeCluster(c *kind.Call) error {
	if to := wanted(c); to != "" && c.In.Bool("applyImmediately") {
		c.Out["engineVersionActual"] = to
		if err := upgradeMembers(c, to); err != nil {
			return err
		}
	}
	normalise(c)
	window.Wait(c, "iamDatabaseAuthenticationEnabled", "networkType", "caCertificateIdentifier")
	managed(c)
	members, err := membersOf(c, c.ID)
	if err != nil || len(members) == 0 {
		return err // nothing writes logs
	}
	return exportLogs(c, c.ID, c.In)
}

// upgradeMembers gives the instances of a cluster the version of their cluster.
func upgradeMembers(c *kind.Call, version string) error {
	members, err := membersOf(c, c.ID)
	if err != nil {
		return err
	}
	for _, m := range members {
		m.Outputs["engineVersion"], m.Outputs["engineVersionActual"] = c.Out["engineVersion"], version
		if err := c.Tx.Put(m); err != nil {
			return err
		}
	}
	return nil
}

// deleteCluster takes a final snapshot, unless told not to.
func deleteCluster(c *kind.Call) error {
	members, err := membersOf(c, c.ID)
	if err != nil || len(members) > 0 {
		return err // refused in a moment, by the Ref of the instance
	}
	if err := exportLogs(c, c.ID, c.Old); err != nil {
		return err
	}
	if c.In.Bool("skipFinalSnapshot") {
		return nil
	}
	return c.Tx.Reserve(snapshot, c.Region, c.In.String("finalSnapshotIdentifier"), noEnd)
}
