package rds

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/region"
)

// identifier is the form of the names of clusters, instances and snapshots.
const (
	identifier     = `^[a-z](-?[a-z0-9])*$`
	identifierHint = "must begin with a letter, be in lower case, and not end in a hyphen or have two in a row"
)

// snapshot is the class of names that final snapshots keep.
const snapshot = "rds cluster snapshot"

func cluster() kind.Kind {
	return kind.Kind{
		Type: Cluster, Title: "RDS Cluster", Args: rds.ClusterArgs{}, State: rds.Cluster{},
		Name: kind.Name{Property: "clusterIdentifier", Prefix: "clusterIdentifierPrefix", Max: 63, Lower: true},
		Replace: []string{
			"availabilityZones", "clusterIdentifier", "clusterIdentifierPrefix", "clusterScalabilityType", "databaseName",
			"dbSubnetGroupName", "dbSystemId", "engine", "engineMode", "kmsKeyId", "masterUsername",
			"restoreToPointInTime", "snapshotIdentifier", "storageEncrypted",
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
				Code: "InvalidParameterValue", Message: "Invalid security group , groupId= %s, groupName=.",
			}},
		},
		Unique: []kind.Unique{{Property: "clusterIdentifier", Taken: kind.Fault{
			Code: "DBClusterAlreadyExistsFault", Message: "DB Cluster already exists",
		}}},
		NotFound: kind.Fault{Code: "DBClusterNotFoundFault", Message: "DBCluster %s not found."},
		InUse: kind.Fault{
			Code: "InvalidDBClusterStateFault", Message: "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
		},
		Create: createCluster,
		Update: func(c *kind.Call) error {
			c.Out["engineVersionActual"] = actual(c.Out.String("engineVersion"))
			return nil
		},
		Delete: deleteCluster,
	}
}

// ofAWS tells the groups that exist in every account.
func ofAWS(name string) bool { return strings.HasPrefix(name, "default.") }

func createCluster(c *kind.Call) error {
	c.ID = c.Out.String("clusterIdentifier")
	if c.In.Has("dbSubnetGroupName") {
		if err := sameNetwork(c); err != nil {
			return err
		}
	}
	here, _ := region.Find(c.Region)
	zones := []any{}
	for _, zone := range here.Zones()[:min(3, len(here.Zones()))] {
		zones = append(zones, zone)
	}
	version := c.In.String("engineVersion")
	if version == "" {
		version = "8.0.mysql_aurora.3.08.2"
	}
	if err := fromSnapshot(c); err != nil {
		return err
	}
	host := account.NewHex(12) + "." + c.Region + ".rds.amazonaws.com"
	c.Set(account.Props{ //nolint:gosec // names of properties, no credentials
		"arn": c.ARN("rds", "cluster:"+c.ID), "clusterResourceId": "cluster-" + account.NewLetters(26),
		"endpoint": c.ID + ".cluster-" + host, "readerEndpoint": c.ID + ".cluster-ro-" + host,
		"hostedZoneId": "Z2R2ITUGPM61AM", "engineVersion": version, "engineVersionActual": actual(version),
		"port": 3306.0, "availabilityZones": zones, "clusterMembers": []any{}, "iamRoles": []any{},
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
	return nil
}

// sameNetwork wants the security groups to be in the VPC of the subnets.
func sameNetwork(c *kind.Call) error {
	group, err := c.Find(SubnetGroup, "name", c.In.String("dbSubnetGroupName"))
	if err != nil {
		return err
	}
	for _, id := range c.In.Strings("vpcSecurityGroupIds") {
		sg, err := c.Find(ec2.SecurityGroup, "id", id)
		if err != nil {
			return err
		}
		if sg.Outputs.String("vpcId") != group.Outputs.String("vpcId") {
			return kind.Refuse("InvalidParameterCombination",
				"The DB instance and EC2 security group are in different VPCs. The DB instance is in %s and the EC2 "+
					"security group is in %s", group.Outputs.String("vpcId"), sg.Outputs.String("vpcId"))
		}
	}
	return nil
}

// actual is the version that runs when a part of one is asked for.
func actual(version string) string {
	switch version {
	case "8.0":
		return "8.0.mysql_aurora.3.08.2"
	case "5.7":
		return "5.7.mysql_aurora.2.12.5"
	default:
		return version
	}
}

func family(engine, version string) string {
	major := strings.SplitN(version, ".", 3)
	if engine == "aurora-postgresql" || len(major) < 2 {
		return engine + major[0]
	}
	return engine + major[0] + "." + major[1]
}

// deleteCluster takes a final snapshot, unless told not to, and needs a name for it.
func deleteCluster(c *kind.Call) error {
	if c.In.Bool("deletionProtection") {
		return kind.Refuse("InvalidParameterCombination",
			"Cannot delete protected Cluster, please disable deletion protection and try again.")
	}
	if c.In.Bool("skipFinalSnapshot") {
		return nil
	}
	name := c.In.String("finalSnapshotIdentifier")
	if name == "" {
		return kind.Fault{Code: "InvalidParameterCombination",
			Message: "RDS Cluster FinalSnapshotIdentifier is required when a final snapshot is required"}
	}
	taken, err := c.Tx.Reserved(snapshot, c.Region, name, c.Now)
	if err != nil {
		return err
	}
	var s stored
	there, err := c.Tx.Kept(storedClass, name, &s)
	if err != nil {
		return err
	}
	// The one of this cluster was written by an attempt that did not get to its end.
	if taken || (there && s.Resource != c.Old.String("clusterResourceId")) {
		return kind.Refuse("DBClusterSnapshotAlreadyExistsFault",
			"Cannot create the cluster snapshot because one with the identifier %s already exists.", name)
	}
	members, err := c.All(Instance)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(members, func(m account.Resource) bool { return m.Outputs.String("clusterIdentifier") == c.ID }) {
		return nil // refused in a moment, by the Ref of the instance
	}
	return c.Tx.Reserve(snapshot, c.Region, name, noEnd)
}
