package cache

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/network"
	"wordpress-ecs/local/runtime/part"
)

const (
	groupType       = "aws:elasticache/replicationGroup:ReplicationGroup"
	parametersType  = "aws:elasticache/parameterGroup:ParameterGroup"
	subnetGroupType = "aws:elasticache/subnetGroup:SubnetGroup"
)

// group is a replication group as the account has it.
type group struct {
	id, region, stack, vpc string
	// engine is "redis" or "valkey".
	engine string
	port   int
	// members are the ids of the nodes.
	members []string
	// failover makes a replica the primary when the primary dies.
	failover bool
	sharded  bool
	tls      bool
	// mixed lets clients do without TLS, too.
	mixed bool
	// token opens the group, strategy is how it takes the place of the one before.
	token, strategy string
	// primary and reader are names, which every group has; node names follow from them.
	primary, reader string
	parameters      map[string]string
	// seed is the snapshot that it begins with, final the one that it ends with.
	seed, final string
}

// groups reads what the account has.
func groups(tx *account.Tx) ([]group, error) {
	resources, err := tx.ByType(groupType)
	if err != nil {
		return nil, err
	}
	list := make([]group, 0, len(resources))
	for _, r := range resources {
		g, err := groupOf(tx, r)
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

func groupOf(tx *account.Tx, r account.Resource) (group, error) {
	out := r.Outputs
	g := group{
		id: r.ID, region: r.Region, stack: part.Stack(r), engine: out.String("engine"), port: out.Int("port"),
		members: out.Strings("memberClusters"), failover: out.Bool("automaticFailoverEnabled"), sharded: out.Bool("clusterEnabled"),
		tls: out.Bool("transitEncryptionEnabled"), mixed: out.String("transitEncryptionMode") == "preferred",
		token: out.String("authToken"), strategy: out.String("authTokenUpdateStrategy"),
		primary: out.String("primaryEndpointAddress"), reader: out.String("readerEndpointAddress"),
		parameters: map[string]string{}, seed: out.String("snapshotName"), final: out.String("finalSnapshotIdentifier"),
	}
	vpc, err := network.OfSubnetGroup(tx, subnetGroupType, out.String("subnetGroupName"))
	if err != nil {
		return g, err
	}
	g.vpc = vpc
	families, err := tx.ByType(parametersType)
	for _, p := range families {
		if p.ID != out.String("parameterGroupName") || p.Region != r.Region {
			continue
		}
		for _, parameter := range p.Outputs.Objects("parameters") {
			g.parameters[strings.ToLower(parameter.String("name"))] = parameter.String("value")
		}
	}
	return g, err
}

// refuse says what of a group cannot run here.
func (g group) refuse() error {
	switch {
	case g.sharded:
		return fmt.Errorf("cache %s: the local cloud does not run cluster mode; deploy it with cluster mode disabled", g.id)
	case g.vpc == "":
		return fmt.Errorf("cache %s: its subnet group is not in the account, so there is no network to run it in", g.id)
	case len(g.members) == 0:
		return fmt.Errorf("cache %s has no nodes", g.id)
	default:
		return nil
	}
}

// address is the name of a node.
func (g group) address(member string) string {
	if rest, ok := strings.CutPrefix(g.primary, "master."); ok {
		return member + "." + rest
	}
	// GROUP.UNIQUE.ng.0001.ZONE
	rest := strings.Replace(strings.TrimPrefix(g.primary, g.id), ".ng.", ".", 1)
	return member + rest
}

// addresses are all names that the certificate of a node needs.
func (g group) addresses(member string) []string {
	return []string{g.primary, g.reader, g.address(member), "localhost", "127.0.0.1"}
}

// names are those by which a node is found in its network while a member is the primary. The reader endpoint
// is the replicas, or the primary when it is alone.
func (g group) names(member, primary string) []string {
	names := []string{g.address(member)}
	if member == primary {
		names = append(names, g.primary)
	}
	if member != primary || len(g.members) == 1 {
		names = append(names, g.reader)
	}
	slices.Sort(names)
	return names
}
