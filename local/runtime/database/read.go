package database

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// Resource types of the account.
const (
	clusterType     = "aws:rds/cluster:Cluster"
	instanceType    = "aws:rds/clusterInstance:ClusterInstance"
	parametersType  = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	subnetGroupType = "aws:rds/subnetGroup:SubnetGroup"

	// kind is the label of all that is made here, labelCluster the one with the cluster's name.
	kind = "database"
	// copyKind is the label of containers that copy data, and are gone when that is done.
	copyKind     = "database-copy"
	labelCluster = "wordpress-ecs.cluster"

	// States of a container, in the engine's words.
	running = "running"
	paused  = "paused"

	// Classes of records.
	stateClass    = "rds-cluster"
	readerClass   = "rds-reader"
	snapshotClass = "rds-snapshot"
)

// state is what is known of a cluster beside the account's resources.
type state struct {
	Cluster string `json:"cluster"`
	// Writer is the instance that writes; empty without instances.
	Writer string `json:"writer,omitempty"`
	// Volumes have the data of instances. Kept is the cluster's data while it has no instance.
	Volumes map[string]string `json:"volumes"`
	Kept    string            `json:"kept,omitempty"`
	// Servers are the numbers that tell instances apart in replication, Last the last one given out.
	Servers map[string]int `json:"servers"`
	Last    int            `json:"last"`
	// Filled tells that the first database was made.
	Filled bool `json:"filled"`
	// Replication is the password of the readers.
	Replication string `json:"replication"`
}

// scaled is a reader that scaling has made.
type scaled struct {
	ID       string    `json:"id"`
	Cluster  string    `json:"cluster"`
	Endpoint string    `json:"endpoint"`
	Class    string    `json:"class"`
	Created  time.Time `json:"created"`
}

// cluster is a cluster of the account.
type cluster struct {
	account.Resource
	state      state
	stack, vpc string
	port       int
	members    []member
	parameters []parameter
}

// member is an instance of a cluster.
type member struct {
	id, endpoint, class string
	tier                int
	// asked tells that the account's control plane takes it for the writer; made that scaling has made it.
	asked, made bool
	created     time.Time
}

func (c *cluster) endpoint() string       { return c.Outputs.String("endpoint") }
func (c *cluster) readerEndpoint() string { return c.Outputs.String("readerEndpoint") }

func (c *cluster) member(id string) (member, bool) {
	i := slices.IndexFunc(c.members, func(m member) bool { return m.id == id })
	if i < 0 {
		return member{}, false
	}
	return c.members[i], true
}

// successor is who becomes the writer after another: the lowest tier first, then the greatest class, as with Aurora.
func (c *cluster) successor() (member, bool) {
	var best []member
	for _, m := range c.members {
		if m.id != c.state.Writer && !m.made {
			best = append(best, m)
		}
	}
	slices.SortStableFunc(best, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(connections(b.class), connections(a.class)))
	})
	if len(best) == 0 {
		return member{}, false
	}
	return best[0], true
}

// known names the clusters of the account and those of which something is left.
func (p *Part) known(ctx context.Context) ([]string, error) {
	ids := map[string]bool{}
	err := p.env.Account.View(func(tx *account.Tx) error {
		clusters, err := tx.ByType(clusterType)
		for _, c := range clusters {
			ids[c.ID] = true
		}
		states, failed := account.AllKept[state](tx, stateClass)
		for _, s := range states {
			ids[s.Cluster] = true
		}
		return errors.Join(err, failed)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the clusters: %w", err)
	}
	ours := map[string]string{machine.LabelKind: kind}
	containers, err := p.env.Machine.Find(ctx, ours)
	if err != nil {
		return nil, err
	}
	for _, c := range containers {
		ids[c.Labels[labelCluster]] = true
	}
	volumes, err := p.env.Machine.FindVolumes(ctx, ours)
	if err != nil {
		return nil, err
	}
	for _, v := range volumes {
		ids[v.Labels[labelCluster]] = true
	}
	return slices.Sorted(maps.Keys(ids)), nil
}

// read returns a cluster of the account with its instances; nil when there is none.
func (p *Part) read(id string) (*cluster, error) {
	var c *cluster
	err := p.env.Account.View(func(tx *account.Tx) (err error) {
		c, err = p.readIn(tx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading cluster %s: %w", id, err)
	}
	return c, nil
}

func (p *Part) readIn(tx *account.Tx, id string) (*cluster, error) {
	all, err := tx.ByType(clusterType)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(r account.Resource) bool { return r.ID == id })
	if i < 0 {
		return nil, nil
	}
	c := &cluster{Resource: all[i], stack: part.Stack(all[i]), port: all[i].Outputs.Int("port"), vpc: "default"}
	if err := p.readGroups(tx, c); err != nil {
		return nil, err
	}
	c.state = state{Cluster: id}
	if _, err := tx.Kept(stateClass, id, &c.state); err != nil {
		return nil, err
	}
	if c.state.Volumes == nil {
		c.state.Volumes, c.state.Servers = map[string]string{}, map[string]int{}
	}
	return c, p.readMembers(tx, c)
}

// readGroups finds the VPC and the parameters.
func (p *Part) readGroups(tx *account.Tx, c *cluster) error {
	groups, err := tx.ByType(subnetGroupType)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.Region == c.Region && g.Outputs.String("name") == c.Outputs.String("dbSubnetGroupName") {
			c.vpc = g.Outputs.String("vpcId")
		}
	}
	groups, err = tx.ByType(parametersType)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.Region == c.Region && g.Outputs.String("name") == c.Outputs.String("dbClusterParameterGroupName") {
			for _, one := range g.Outputs.Objects("parameters") {
				c.parameters = append(c.parameters, parameter{
					name: strings.ToLower(one.String("name")), value: one.String("value"),
					reboot: one.String("applyMethod") == "pending-reboot",
				})
			}
		}
	}
	slices.SortFunc(c.parameters, func(a, b parameter) int { return cmp.Compare(a.name, b.name) })
	return nil
}

func (p *Part) readMembers(tx *account.Tx, c *cluster) error {
	instances, err := tx.ByType(instanceType)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range instances {
		if r.Region == c.Region && r.Outputs.String("clusterIdentifier") == c.ID && !p.released[r.ID] {
			c.members = append(c.members, member{
				id: r.ID, endpoint: r.Outputs.String("endpoint"), class: r.Outputs.String("instanceClass"),
				tier: r.Outputs.Int("promotionTier"), asked: r.Outputs.Bool("writer"), created: r.Created,
			})
		}
	}
	if len(c.members) == 0 {
		return nil // readers of scaling follow a writer
	}
	readers, err := account.AllKept[scaled](tx, readerClass)
	if err != nil {
		return err
	}
	slices.SortFunc(readers, func(a, b scaled) int { return a.Created.Compare(b.Created) })
	for _, r := range readers {
		if r.Cluster == c.ID {
			c.members = append(c.members, member{
				id: r.ID, endpoint: r.Endpoint, class: r.Class, tier: lastTier, made: true, created: r.Created,
			})
		}
	}
	return nil
}

// lastTier is the promotion tier of what scaling makes.
const lastTier = 15

// save keeps the state, and tells the account who the writer is.
func (p *Part) save(c *cluster) error {
	err := p.env.Account.Update(func(tx *account.Tx) error {
		instances, err := tx.ByType(instanceType)
		if err != nil {
			return err
		}
		for _, r := range instances {
			writes := r.ID == c.state.Writer
			if r.Region != c.Region || r.Outputs.String("clusterIdentifier") != c.ID || c.state.Writer == "" ||
				r.Outputs.Bool("writer") == writes {
				continue
			}
			r.Outputs = r.Outputs.Copy()
			r.Outputs["writer"] = writes
			if err := tx.Put(r); err != nil {
				return err
			}
		}
		return tx.Keep(stateClass, c.ID, c.state)
	})
	if err != nil {
		return fmt.Errorf("keeping the state of cluster %s: %w", c.ID, err)
	}
	return nil
}
