package rds

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/window"
)

func instance() kind.Kind {
	return kind.Kind{
		Type: Instance, Title: "RDS Cluster Instance", Args: rds.ClusterInstanceArgs{}, State: rds.ClusterInstance{},
		Takes:  instanceTakes(),
		API:    instanceAPI(),
		Source: "RDS CreateDBInstance",
		Name:   kind.Name{Property: "identifier", Prefix: "identifierPrefix", Max: 63, Lower: true},
		Replace: []string{
			"availabilityZone", "clusterIdentifier", "customIamInstanceProfile", "dbSubnetGroupName", "engine",
			"identifier", "identifierPrefix", "performanceInsightsKmsKeyId", "publiclyAccessible",
		},
		Text: map[string]func(string) string{"preferredMaintenanceWindow": strings.ToLower},
		Defaults: account.Props{
			"autoMinorVersionUpgrade": true, "copyTagsToSnapshot": false, "forceDestroy": false, "promotionTier": 0.0, "monitoringInterval": 0.0,
		},
		Rules: []kind.Rule{
			kind.Length("identifier", 1, 63).From(provider), kind.Match("identifier", identifier, identifierHint).From(provider),
			kind.Conflict("identifier", "identifierPrefix").From(provider),
			kind.OneOf("engine", auroraMySQL, "aurora-postgresql", "mysql", "postgres").From(provider),
			kind.Range("promotionTier", 0, 15).API(value), kind.Number("monitoringInterval", 0, 1, 5, 10, 15, 30, 60).API(value),
			kind.OneOf("caCertIdentifier", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1").API("CertificateNotFound"),
			window.Weekly("preferredMaintenanceWindow", 30), window.Daily("preferredBackupWindow", 30),
			monitoringRole(), retention().From(provider),
		},
		Refs: []kind.Ref{
			{Path: "clusterIdentifier", To: Cluster, By: "clusterIdentifier", Early: kind.Fault{
				Code: "InvalidDBClusterStateFault", Message: "DB cluster is not in available state: %s",
			}},
			{Path: "dbSubnetGroupName", To: SubnetGroup, By: "name"},
			{Path: "monitoringRoleArn", To: iam.Role, By: "arn", Loose: true, Missing: cannotMonitor},
		},
		Guards: instanceGuards(),
		Unique: []kind.Unique{{Property: "identifier", Taken: kind.Fault{
			Code: "DBInstanceAlreadyExists", Message: "DB instance already exists",
		}}},
		NotFound: kind.Fault{Code: "DBInstanceNotFound", Message: "DBInstance %s not found."},
		Create:   createInstance,
		Update: func(c *kind.Call) error {
			window.Wait(c, "instanceClass", "caCertIdentifier")
			return nil
		},
		Delete: func(c *kind.Call) error {
			return electWriter(c, c.Old.String("clusterIdentifier"), c.ID)
		},
	}
}

func instanceAPI() kind.API {
	return kind.API{
		Service: "rds", Create: "CreateDBInstance", Change: "ModifyDBInstance", Delete: "DeleteDBInstance",
		Members: map[string]string{
			"identifier": "DBInstanceIdentifier", "clusterIdentifier": "DBClusterIdentifier", "instanceClass": "DBInstanceClass",
			"caCertIdentifier": "CACertificateIdentifier", "performanceInsightsEnabled": "EnablePerformanceInsights",
		},
	}
}

func createInstance(c *kind.Call) error {
	home, err := c.Find(Cluster, "clusterIdentifier", c.In.String("clusterIdentifier"))
	if err != nil {
		return err
	}
	members, err := membersOf(c, home.ID)
	if err != nil {
		return err
	}
	zones, err := zonesFor(c, home.Outputs)
	if err != nil {
		return err
	}
	c.ID = c.Out.String("identifier")
	_, host, _ := strings.Cut(home.Outputs.String("endpoint"), ".cluster-")
	c.Set(account.Props{
		"arn": c.ARN("rds", "db:"+c.ID), "dbiResourceId": "db-" + account.NewLetters(26), "endpoint": c.ID + "." + host,
		"port": home.Outputs["port"], "engineVersion": home.Outputs["engineVersion"],
		"engineVersionActual": home.Outputs["engineVersionActual"], "dbSubnetGroupName": home.Outputs["dbSubnetGroupName"],
		"storageEncrypted": home.Outputs["storageEncrypted"], "kmsKeyId": home.Outputs["kmsKeyId"], "networkType": "IPV4",
		"availabilityZone": zones[len(members)%len(zones)], "writer": len(members) == 0, "publiclyAccessible": false,
		"dbParameterGroupName": "default." + family(c.In.String("engine"), home.Outputs.String("engineVersionActual")),
		"caCertIdentifier":     "rds-ca-rsa2048-g1", "applyImmediately": false, "identifierPrefix": "", "monitoringRoleArn": "",
		"performanceInsightsEnabled": false, "performanceInsightsKmsKeyId": "", "performanceInsightsRetentionPeriod": 0.0,
		"preferredBackupWindow":      home.Outputs["preferredBackupWindow"],
		"preferredMaintenanceWindow": home.Outputs["preferredMaintenanceWindow"],
	})
	if err := enlist(c, home, append(members, account.Resource{ID: c.ID})); err != nil {
		return err
	}
	return exportLogs(c, home.ID, home.Outputs)
}

// zonesFor are the zones in which a cluster can have instances.
func zonesFor(c *kind.Call, cluster account.Props) ([]string, error) {
	storage := cluster.Strings("availabilityZones")
	group, err := c.Find(SubnetGroup, "name", cluster.String("dbSubnetGroupName"))
	if err != nil || group == nil {
		return storage, err
	}
	subnets, err := ec2.Subnets(c, group.Outputs.Strings("subnetIds"))
	if err != nil {
		return nil, err
	}
	covered := slices.DeleteFunc(zonesOf(subnets), func(zone string) bool { return !slices.Contains(storage, zone) })
	if len(covered) == 0 {
		return storage, nil
	}
	return covered, nil
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
