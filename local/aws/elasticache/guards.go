package elasticache

import (
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

func replicationGuards() []kind.Guard {
	both := kind.Making | kind.Changing
	return []kind.Guard{
		{Name: "nodes per region", Source: quotas, On: both, Check: nodesFit},
		{Name: "nodes per group", Source: quotas, On: both, Check: nodesOfGroupFit},
		{Name: "security groups in the VPC of the subnets", On: both, Check: sameNetwork},
		{Name: "zones of the subnets", On: kind.Making, Check: zonesCovered},
		{Name: "parameter group of the family", Source: "hashicorp/terraform#11269", On: both, Check: groupOfFamily},
		{Name: "the snapshot exists", On: kind.Making, Check: snapshotExists},
		{Name: "engine upgrades only", Source: "ElastiCache user guide, How to upgrade engine versions", On: kind.Changing, Check: upgrade},
		{Name: "Valkey comes with its version", Source: provider, On: kind.Changing, Check: explicitVersion},
		{Name: "encryption in transit step by step", Source: changing, On: kind.Changing, Check: encryptionSteps},
		{Name: "cluster mode keeps failover", Source: "terraform-provider-aws#27116", On: kind.Changing, Check: keepFailover},
		{Name: "cluster mode step by step", Source: changing, On: kind.Changing, Check: modeSteps},
		{Name: "final snapshot is new", Source: "ElastiCache DeleteReplicationGroup", On: kind.Deleting, Check: snapshotNew},
	}
}

// Default limits.
const (
	mostNodes   = 300
	mostOfGroup = 90
)

func nodes(in account.Props) int {
	shards, replicas := shape(in)
	return shards * (replicas + 1)
}

func nodesFit(c *kind.Call) error {
	all, err := c.All(ReplicationGroup)
	if err != nil {
		return err
	}
	n := nodes(c.In)
	for _, g := range all {
		if g.ID != c.ID {
			n += g.Outputs.Int("numCacheClusters")
		}
	}
	if n > mostNodes {
		return kind.Refuse("NodeQuotaForCustomerExceeded",
			"You cannot have more than %d cache nodes in a region, this would be %d.", mostNodes, n)
	}
	return nil
}

func nodesOfGroupFit(c *kind.Call) error {
	if n := nodes(c.In); n > mostOfGroup {
		return kind.Refuse("NodeGroupsPerReplicationGroupQuotaExceeded",
			"You cannot have more than %d cache nodes in a replication group, this would be %d.", mostOfGroup, n)
	}
	return nil
}

func sameNetwork(c *kind.Call) error {
	group, err := c.Find(SubnetGroup, "name", c.In.String("subnetGroupName"))
	if err != nil || group == nil {
		return err
	}
	vpcID := group.Outputs.String("vpcId")
	other, err := ec2.GroupElsewhere(c, c.In.Strings("securityGroupIds"), vpcID)
	if err != nil {
		return err
	}
	if other != nil {
		return kind.Refuse(combination, "The security group %s is not in the VPC %s of the cache subnet group.", other.ID, vpcID)
	}
	return nil
}

// zonesCovered wants subnets in the zones that are asked for.
func zonesCovered(c *kind.Call) error {
	group, err := c.Find(SubnetGroup, "name", c.In.String("subnetGroupName"))
	if err != nil || group == nil {
		return err
	}
	zones := map[string]bool{}
	for _, id := range group.Outputs.Strings("subnetIds") {
		s, err := c.Find(ec2.Subnet, "id", id)
		if err != nil {
			return err
		}
		if s != nil {
			zones[s.Outputs.String("availabilityZone")] = true
		}
	}
	for _, zone := range c.In.Strings("preferredCacheClusterAzs") {
		if !zones[zone] {
			return kind.Refuse(value, "The cache subnet group %s has no subnet in the Availability Zone %s.", group.ID, zone)
		}
	}
	return nil
}

func groupOfFamily(c *kind.Call) error {
	name := c.In.String("parameterGroupName")
	version := c.Out.String("engineVersion")
	if name == "" || version == "" {
		return nil
	}
	want := family(engineOf(c.Out), version)
	has, own := strings.CutPrefix(name, "default.")
	has = strings.TrimSuffix(has, ".cluster.on")
	if !own {
		group, err := c.Find(ParameterGroup, "name", name)
		if err != nil {
			return err
		}
		has = group.Outputs.String("family")
	}
	if has != want {
		return kind.Refuse(combination, "Expected a parameter group of family %s but found one of family %s", want, has)
	}
	return nil
}

func snapshotExists(c *kind.Call) error {
	name := c.In.String("snapshotName")
	if name == "" {
		return nil
	}
	there, err := c.Tx.Reserved(snapshot, c.Region, name, c.Now)
	if err == nil && !there {
		err = kind.Refuse("SnapshotNotFoundFault", "Snapshot %s not found.", name)
	}
	return err
}

// upgrade refuses to go back. The provider makes a new group then, so that this is for other ways to the API.
func upgrade(c *kind.Call) error {
	from, to := c.Old.String("engineVersionActual"), c.Out.String("engineVersion")
	crossed := engineOf(c.Old) == "valkey" && engineOf(c.In) == "redis"
	if crossed || (engineOf(c.Old) == engineOf(c.In) && older(to, from) && !strings.HasPrefix(from, to+".") && to != "6.x") {
		return kind.Refuse(combination, "Cannot downgrade from %s %s to %s %s", engineOf(c.Old), from, engineOf(c.In), to)
	}
	return nil
}

func explicitVersion(c *kind.Call) error {
	if engineOf(c.Old) == "redis" && engineOf(c.In) == "valkey" && c.In.String("engineVersion") == c.Before.String("engineVersion") {
		return kind.Refuse(combination, "must explicitly set 'engineVersion' attribute for Replication Group (%s) "+
			"when updating engine to 'valkey'", c.ID)
	}
	return nil
}

// encryptionSteps wants clients to have the time to follow: off, preferred, required, and back the same way.
func encryptionSteps(c *kind.Call) error {
	was, is := c.Old.Bool("transitEncryptionEnabled"), c.Out.Bool("transitEncryptionEnabled")
	from, to := c.Old.String("transitEncryptionMode"), c.In.String("transitEncryptionMode")
	switch {
	case was != is && olderThanSwitch(engineOf(c.Old), c.Old.String("engineVersionActual")):
		return kind.Refuse(combination, "Modification of transit encryption is only supported from version 7.0.5 on.")
	case !was && is && to != "preferred":
		return kind.Refuse(combination, "To enable transit encryption on an existing replication group, "+
			"set TransitEncryptionMode to preferred first.")
	case was && !is && from != "preferred":
		return kind.Refuse(combination, "To disable transit encryption, set TransitEncryptionMode to preferred first.")
	case was != is && c.In.Has("authToken"):
		return kind.Refuse(combination, "Modification of transit encryption is not supported for access control enabled clusters.")
	}
	return nil
}

// modeSteps allow disabled to compatible to enabled, and compatible to disabled.
func modeSteps(c *kind.Call) error {
	from, to := c.Old.String("clusterMode"), c.Out.String("clusterMode")
	if from == to || (from == "disabled" && to == "compatible") || from == "compatible" {
		return nil
	}
	return kind.Refuse(combination, "Cluster mode cannot be changed from %s to %s. "+
		"Change it to compatible first, and then to enabled.", from, to)
}

func keepFailover(c *kind.Call) error {
	if c.Old.Bool("clusterEnabled") && c.Old.Bool("automaticFailoverEnabled") && !c.In.Bool("automaticFailoverEnabled") {
		return kind.Refuse(combination, "Turning off automatic failover for replication group with cluster mode enabled is not supported.")
	}
	return nil
}

func snapshotNew(c *kind.Call) error {
	name := c.In.String("finalSnapshotIdentifier")
	if name == "" {
		return nil
	}
	taken, err := c.Tx.Reserved(snapshot, c.Region, name, c.Now)
	if err == nil && taken {
		err = kind.Refuse("SnapshotAlreadyExistsFault", "Snapshot %s already exists.", name)
	}
	return err
}
