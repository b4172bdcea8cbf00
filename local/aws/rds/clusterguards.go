package rds

import (
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/region"
)

// readers is the class of the records of instances that Application Auto Scaling has made; what runs clusters keeps them.
const readers = "rds-reader"

func clusterGuards() []kind.Guard {
	const deletion = "RDS DeleteDBCluster"
	both := kind.Making | kind.Changing
	return []kind.Guard{
		kind.Quota("clusters per region", 40, kind.Fault{
			Code: "DBClusterQuotaExceededFault", Message: "Cannot create more than 40 DB clusters",
		}, kind.Alike(Cluster)).From(guideQuotas),
		{Name: "security groups in the VPC of the subnets", On: both, Check: sameNetwork},
		{Name: "zones of the region", On: kind.Making, Check: zonesExist},
		{Name: "parameter group of the family", Source: "aws-quickstart/quickstart-r3-corda#25", On: both, Check: groupOfFamily},
		{Name: "role for monitoring", Source: "RDS user guide, Enhanced Monitoring", On: both, Check: mayMonitor},
		{Name: "the source exists", Source: "RDS RestoreDBClusterToPointInTime", On: kind.Making, Check: sourceExists},
		{Name: "the snapshot exists", Source: "RDS RestoreDBClusterFromSnapshot", On: kind.Making, Check: snapshotExists},
		{Name: "engine of the snapshot", Source: "RDS RestoreDBClusterFromSnapshot", On: kind.Making, Check: engineOfSnapshot},
		{Name: "upgrades only", Source: "RDS ModifyDBCluster", On: kind.Changing, Check: upgrade},
		{Name: "not protected", Source: deletion, On: kind.Deleting, Check: notProtected},
		{Name: "name of the final snapshot", Source: provider, On: kind.Deleting, Check: snapshotNamed},
		{Name: "final snapshot is new", Source: deletion, On: kind.Deleting, Check: snapshotNew},
		{Name: "no reader of auto scaling", Source: "terraform-provider-aws#19536", On: kind.Deleting, Check: noReaders},
	}
}

// sameNetwork wants the security groups to be in the VPC of the subnets.
func sameNetwork(c *kind.Call) error {
	group, err := c.Find(SubnetGroup, "name", c.Out.String("dbSubnetGroupName"))
	if err != nil || group == nil {
		return err
	}
	vpcID := group.Outputs.String("vpcId")
	other, err := ec2.GroupElsewhere(c, c.In.Strings("vpcSecurityGroupIds"), vpcID)
	if err != nil {
		return err
	}
	if other != nil {
		return kind.Refuse(combination, "The DB instance and EC2 security group are in different VPCs. The DB instance is in %s and the EC2 "+
			"security group is in %s", vpcID, other.Outputs.String("vpcId"))
	}
	return nil
}

func zonesExist(c *kind.Call) error {
	here, _ := region.Find(c.Region)
	for _, zone := range c.In.Strings("availabilityZones") {
		if here.ZoneID(zone) == "" {
			return kind.Refuse(value, "Availability zone '%s' is unavailable in this region, please choose another zone set.", zone)
		}
	}
	return nil
}

// groupOfFamily wants the parameters to be those of the version.
func groupOfFamily(c *kind.Call) error {
	name := c.In.String("dbClusterParameterGroupName")
	if name == "" {
		return nil
	}
	version := c.In.String("engineVersion")
	if version == "" {
		version = c.Old.String("engineVersionActual")
	}
	want := family(c.In.String("engine"), actual(version))
	has, own := strings.CutPrefix(name, "default.")
	if !own {
		group, err := c.Find(ParameterGroup, "name", name)
		if err != nil {
			return err
		}
		has = group.Outputs.String("family")
	}
	if has != want {
		return kind.Refuse(combination, "The Parameter Group %s with DBParameterGroupFamily %s cannot be used for this instance. "+
			"Please use a Parameter Group with DBParameterGroupFamily %s", name, has, want)
	}
	return nil
}

// mayMonitor wants a role that enhanced monitoring may assume. A role that was just made may not be known yet.
func mayMonitor(c *kind.Call) error {
	arn := c.In.String("monitoringRoleArn")
	if arn == "" {
		return nil
	}
	role, err := c.Find(iam.Role, "arn", arn)
	if err != nil || role == nil {
		return err
	}
	if !strings.Contains(role.Outputs.String("assumeRolePolicy"), "monitoring.rds.amazonaws.com") {
		fault := cannotMonitor
		fault.Passing = true
		return fault
	}
	return nil
}

func sourceExists(c *kind.Call) error {
	id := c.In.String("restoreToPointInTime.sourceClusterIdentifier")
	if id == "" || strings.HasPrefix(id, "arn:") {
		return nil
	}
	source, err := c.Find(Cluster, "clusterIdentifier", id)
	if err == nil && source == nil {
		err = kind.Refuse("DBClusterNotFoundFault", "DBCluster %s not found.", id)
	}
	return err
}

func notProtected(c *kind.Call) error {
	if c.In.Bool("deletionProtection") {
		return kind.Refuse(combination, "Cannot delete protected Cluster, please disable deletion protection and try again.")
	}
	return nil
}

func snapshotNamed(c *kind.Call) error {
	if !c.In.Bool("skipFinalSnapshot") && c.In.String("finalSnapshotIdentifier") == "" {
		return kind.Refuse(combination, "RDS Cluster FinalSnapshotIdentifier is required when a final snapshot is required")
	}
	return nil
}

func snapshotNew(c *kind.Call) error {
	if c.In.Bool("skipFinalSnapshot") {
		return nil
	}
	name := c.In.String("finalSnapshotIdentifier")
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
	return nil
}

// noReaders refuses while there are instances that Application Auto Scaling has made. They are in nobody's state, and
// stay when the scalable target goes; a lower maximum of the target takes them away.
func noReaders(c *kind.Call) error {
	all, err := account.AllKept[struct {
		Cluster string `json:"cluster"`
	}](c.Tx, readers)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Cluster == c.ID {
			return stillMembers
		}
	}
	return nil
}
