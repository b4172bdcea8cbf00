package rds

import (
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

// maxMembers is what an Aurora cluster holds: a writer and 15 readers.
const maxMembers = 16

func instanceGuards() []kind.Guard {
	both := kind.Making | kind.Changing
	return []kind.Guard{
		kind.Quota("instances per region", 40, kind.Fault{
			Code: "InstanceQuotaExceeded", Message: "Cannot create more than 40 DB instances",
		}, kind.Alike(Instance)).From(guideQuotas),
		kind.Quota("instances per cluster", maxMembers, kind.Fault{
			Code: "InstanceQuotaExceeded", Message: "Cannot create more than 15 Aurora Replicas in a DB cluster",
		}, kind.Alike(Instance, "clusterIdentifier")).From(guideQuotas),
		{Name: "engine of the cluster", On: kind.Making, Check: ofHome(sameEngine)},
		{Name: "subnets of the cluster", Source: "pulumi-aws rds.ClusterInstanceArgs", On: kind.Making, Check: ofHome(sameSubnets)},
		{Name: "class fits engine and version", Source: guideClasses, On: both, Check: ofHome(classFits)},
		{Name: "bounds for serverless instances", On: both, Check: ofHome(bounded)},
		{Name: "zone of the subnets", On: kind.Making, Check: ofHome(zoneCovered)},
		{Name: "backups are the cluster's", On: kind.Making, Check: ofHome(backupsOfCluster)},
		{
			Name: "insights fit the class", Source: "Aurora user guide, instance class support for Database Insights", On: both,
			Check: insightsFit,
		},
		{Name: "role for monitoring", Source: "RDS user guide, Enhanced Monitoring", On: both, Check: mayMonitor},
		{Name: "public instances need a gateway", On: kind.Making, Check: ofHome(reachable)},
	}
}

// ofHome gives a check the cluster of the instance.
func ofHome(check func(c *kind.Call, home account.Props) error) func(*kind.Call) error {
	return func(c *kind.Call) error {
		home, err := c.Find(Cluster, "clusterIdentifier", c.In.String("clusterIdentifier"))
		if err != nil || home == nil {
			return err
		}
		return check(c, home.Outputs)
	}
}

func sameEngine(c *kind.Call, home account.Props) error {
	if c.In.String("engine") != home.String("engine") {
		return kind.Refuse(combination, "The engine name requested for your DB instance (%s) doesn't match "+
			"the engine name of your DB cluster (%s).", c.In.String("engine"), home.String("engine"))
	}
	return nil
}

func sameSubnets(c *kind.Call, home account.Props) error {
	group := home.String("dbSubnetGroupName")
	if named := c.In.String("dbSubnetGroupName"); named != "" && named != group {
		return kind.Refuse(combination, "The DB subnet group of an instance must be that of its cluster (%s)", group)
	}
	return nil
}

func classFits(c *kind.Call, home account.Props) error {
	class, engine, version := c.In.String("instanceClass"), home.String("engine"), home.String("engineVersionActual")
	if runsOn(engine, version, class) {
		return nil
	}
	license := "general-public-license"
	if strings.HasSuffix(engine, "postgresql") {
		license = "postgresql-license"
	}
	return kind.Refuse(combination, "RDS does not support creating a DB instance with the following combination: "+
		"DBInstanceClass=%s, Engine=%s, EngineVersion=%s, LicenseModel=%s. For supported combinations of instance class and "+
		"database engine version, see the documentation.", class, engine, version, license)
}

func bounded(c *kind.Call, home account.Props) error {
	if c.In.String("instanceClass") == "db.serverless" && !home.Has("serverlessv2ScalingConfiguration") {
		return kind.Refuse("InvalidDBClusterStateFault", "Set the Serverless v2 scaling configuration on the parent DB cluster "+
			"before creating a Serverless v2 DB instance.")
	}
	return nil
}

func zoneCovered(c *kind.Call, home account.Props) error {
	zones, err := zonesFor(c, home)
	if zone := c.In.String("availabilityZone"); err == nil && zone != "" && !slices.Contains(zones, zone) {
		return kind.Refuse("InvalidVPCNetworkStateFault", "DB subnet group %s doesn't cover the Availability Zone %s; it covers %s.",
			home.String("dbSubnetGroupName"), zone, strings.Join(zones, ", "))
	}
	return err
}

func backupsOfCluster(c *kind.Call, home account.Props) error {
	if w := c.In.String("preferredBackupWindow"); w != "" && w != home.String("preferredBackupWindow") {
		return kind.Refuse(combination, "The requested DB Instance will be a member of a DB Cluster. Set backup window for the DB Cluster.")
	}
	return nil
}

func insightsFit(c *kind.Call) error {
	class := c.In.String("instanceClass")
	small := strings.HasPrefix(class, "db.t2.") || strings.HasPrefix(class, "db.t3.") || class == "db.t4g.micro" || class == "db.t4g.small"
	if c.In.Bool("performanceInsightsEnabled") && c.In.String("engine") == auroraMySQL && small {
		return kind.Refuse(combination, "Performance Insights not supported for this configuration.")
	}
	return nil
}

// reachable wants what a public instance needs of its VPC.
func reachable(c *kind.Call, home account.Props) error {
	if !c.In.Bool("publiclyAccessible") {
		return nil
	}
	group, err := c.Find(SubnetGroup, "name", home.String("dbSubnetGroupName"))
	if err != nil || group == nil {
		return err
	}
	gateway, err := c.Find(ec2.Gateway, "vpcId", group.Outputs.String("vpcId"))
	if err != nil {
		return err
	}
	if gateway == nil {
		return kind.Refuse("InvalidVPCNetworkStateFault", "Cannot create a publicly accessible DBInstance. The specified VPC has no "+
			"internet gateway attached. Update the VPC and then try again")
	}
	network, err := c.Find(ec2.Vpc, "id", group.Outputs.String("vpcId"))
	if err != nil || network == nil {
		return err
	}
	if !network.Outputs.Bool("enableDnsHostnames") || !network.Outputs.Bool("enableDnsSupport") {
		return kind.Refuse("InvalidVPCNetworkStateFault", "Cannot create a publicly accessible DBInstance. The specified VPC does not "+
			"support DNS resolution, DNS hostnames, or both. Update the VPC and then try again")
	}
	return nil
}
