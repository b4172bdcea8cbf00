package rds

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/window"
)

// maxMembers is what an Aurora cluster holds: a writer and 15 readers.
const maxMembers = 16

func instance() kind.Kind {
	return kind.Kind{
		Type: Instance, Title: "RDS Cluster Instance", Args: rds.ClusterInstanceArgs{}, State: rds.ClusterInstance{},
		Name: kind.Name{Property: "identifier", Prefix: "identifierPrefix", Max: 63, Lower: true},
		Replace: []string{
			"availabilityZone", "clusterIdentifier", "customIamInstanceProfile", "dbSubnetGroupName", "engine",
			"identifier", "identifierPrefix", "performanceInsightsKmsKeyId", "publiclyAccessible",
		},
		Text:     map[string]func(string) string{"preferredMaintenanceWindow": strings.ToLower},
		Defaults: account.Props{"autoMinorVersionUpgrade": true, "copyTagsToSnapshot": false, "forceDestroy": false, "promotionTier": 0.0},
		Rules: []kind.Rule{
			kind.Length("identifier", 1, 63), kind.Match("identifier", identifier, identifierHint),
			kind.OneOf("engine", "aurora-mysql", "aurora-postgresql", "mysql", "postgres"),
			kind.Range("promotionTier", 0, 15), kind.Number("monitoringInterval", 0, 1, 5, 10, 15, 30, 60),
			{Path: "instanceClass", Code: "InvalidParameterCombination", Test: instanceClass},
			window.Weekly("preferredMaintenanceWindow", 30), window.Daily("preferredBackupWindow", 30),
			kind.Whole(func(in account.Props) string {
				if in.Number("monitoringInterval") > 0 && !in.Has("monitoringRoleArn") {
					return "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
				}
				return ""
			}, "monitoringInterval", "monitoringRoleArn").API("InvalidParameterCombination"),
		},
		Refs: []kind.Ref{
			{Path: "clusterIdentifier", To: Cluster, By: "clusterIdentifier"},
			{Path: "dbSubnetGroupName", To: SubnetGroup, By: "name"},
			{Path: "monitoringRoleArn", To: iam.Role, By: "arn", Loose: true, Missing: kind.Fault{
				Code:    "InvalidParameterValue",
				Message: "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING",
			}},
		},
		Unique: []kind.Unique{{Property: "identifier", Taken: kind.Fault{
			Code: "DBInstanceAlreadyExists", Message: "DB instance already exists",
		}}},
		NotFound: kind.Fault{Code: "DBInstanceNotFound", Message: "DBInstance %s not found."},
		Create:   createInstance,
		Delete: func(c *kind.Call) error {
			return electWriter(c, c.Old.String("clusterIdentifier"), c.ID)
		},
	}
}

func createInstance(c *kind.Call) error {
	home, err := c.Find(Cluster, "clusterIdentifier", c.In.String("clusterIdentifier"))
	if err != nil {
		return err
	}
	if c.In.String("engine") != home.Outputs.String("engine") {
		return kind.Refuse("InvalidParameterCombination", "The engine name requested for your DB instance (%s) doesn't match "+
			"the engine name of your DB cluster (%s).", c.In.String("engine"), home.Outputs.String("engine"))
	}
	group := home.Outputs.String("dbSubnetGroupName")
	if named := c.In.String("dbSubnetGroupName"); named != "" && named != group {
		return kind.Refuse("InvalidParameterCombination", "The DB subnet group of an instance must be that of its cluster (%s)", group)
	}
	if c.In.String("instanceClass") == "db.serverless" && !home.Outputs.Has("serverlessv2ScalingConfiguration") {
		return kind.Refuse("InvalidDBClusterStateFault", "Set the Serverless v2 scaling configuration on the parent DB cluster "+
			"before creating a Serverless v2 DB instance.")
	}
	members, err := membersOf(c, home.ID)
	if err != nil {
		return err
	}
	if len(members) >= maxMembers {
		return kind.Refuse("InstanceQuotaExceeded", "DB cluster %s has %d instances already", home.ID, len(members))
	}
	c.ID = c.Out.String("identifier")
	zones := home.Outputs.Strings("availabilityZones")
	_, host, _ := strings.Cut(home.Outputs.String("endpoint"), ".cluster-")
	c.Set(account.Props{
		"arn": c.ARN("rds", "db:"+c.ID), "dbiResourceId": "db-" + account.NewLetters(26), "endpoint": c.ID + "." + host,
		"port": home.Outputs["port"], "engineVersion": home.Outputs["engineVersion"],
		"engineVersionActual": home.Outputs["engineVersionActual"], "dbSubnetGroupName": group,
		"storageEncrypted": home.Outputs["storageEncrypted"], "kmsKeyId": home.Outputs["kmsKeyId"], "networkType": "IPV4",
		"availabilityZone": zones[len(members)%len(zones)], "writer": len(members) == 0, "publiclyAccessible": false,
		"dbParameterGroupName": "default." + family(c.In.String("engine"), home.Outputs.String("engineVersion")),
		"caCertIdentifier":     "rds-ca-rsa2048-g1", "applyImmediately": false, "identifierPrefix": "", "monitoringRoleArn": "",
		"performanceInsightsEnabled": false, "performanceInsightsKmsKeyId": "", "performanceInsightsRetentionPeriod": 0.0,
		"preferredBackupWindow":      home.Outputs["preferredBackupWindow"],
		"preferredMaintenanceWindow": home.Outputs["preferredMaintenanceWindow"],
	})
	return enlist(c, home, append(members, account.Resource{ID: c.ID}))
}

// enlist writes the members of a cluster down with it.
func enlist(c *kind.Call, home *account.Resource, members []account.Resource) error {
	ids := []any{}
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	home.Outputs["clusterMembers"] = ids
	return c.Tx.Put(*home)
}

func membersOf(c *kind.Call, cluster string) ([]account.Resource, error) {
	all, err := c.All(Instance)
	return slices.DeleteFunc(all, func(r account.Resource) bool { return r.Outputs.String("clusterIdentifier") != cluster }), err
}

// electWriter makes the member of the lowest tier the writer when the writer goes.
func electWriter(c *kind.Call, cluster, leaving string) error {
	members, err := membersOf(c, cluster)
	if err != nil {
		return err
	}
	members = slices.DeleteFunc(members, func(r account.Resource) bool { return r.ID == leaving })
	slices.SortStableFunc(members, func(a, b account.Resource) int {
		return cmp.Compare(a.Outputs.Number("promotionTier"), b.Outputs.Number("promotionTier"))
	})
	if c.Old.Bool("writer") && len(members) > 0 {
		members[0].Outputs["writer"] = true
		if err := c.Tx.Put(members[0]); err != nil {
			return err
		}
	}
	home, err := c.Find(Cluster, "clusterIdentifier", cluster)
	if err != nil || home == nil {
		return err
	}
	return enlist(c, home, members)
}
