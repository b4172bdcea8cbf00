package database

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
)

// stopGrace is how long a server may take to write down what it has in memory.
const stopGrace = time.Minute

// tend makes a cluster what the account says. Its lock is held.
func (p *Part) tend(ctx context.Context, id string) error {
	c, err := p.read(id)
	if err != nil {
		return err
	}
	if c == nil {
		return p.clear(ctx, id)
	}
	p.mu.Lock()
	released := p.released[id]
	p.mu.Unlock()
	if released {
		return nil
	}
	t := &tending{Part: p, c: c}
	return t.all(ctx)
}

// clear removes what is left of a cluster that the account no longer has.
func (p *Part) clear(ctx context.Context, id string) error {
	containers, err := p.env.Machine.Find(ctx, map[string]string{labelCluster: id})
	if err != nil {
		return err
	}
	for _, c := range containers {
		if err := p.env.Machine.Remove(ctx, c.ID); err != nil {
			return err
		}
	}
	if err := p.sweep(ctx, id, nil); err != nil {
		return err
	}
	p.mu.Lock()
	delete(p.released, id)
	p.mu.Unlock()
	return p.forget(id)
}

// forget drops the records of a cluster, but not its snapshots.
func (p *Part) forget(id string) error {
	err := p.env.Account.Update(func(tx *account.Tx) error {
		readers, err := account.AllKept[scaled](tx, readerClass)
		if err != nil {
			return err
		}
		for _, r := range readers {
			if r.Cluster == id {
				err = errors.Join(err, tx.Drop(readerClass, r.ID))
			}
		}
		return errors.Join(err, tx.Drop(stateClass, id))
	})
	if err != nil {
		return fmt.Errorf("forgetting cluster %s: %w", id, err)
	}
	return nil
}

// sweep removes the volumes of a cluster that nothing uses.
func (p *Part) sweep(ctx context.Context, id string, used []string) error {
	volumes, err := p.env.Machine.FindVolumes(ctx, map[string]string{machine.LabelKind: kind, labelCluster: id})
	if err != nil {
		return err
	}
	for _, v := range volumes {
		if words := v.Labels[machine.LabelID]; !slices.Contains(used, words) {
			if err := p.env.Machine.RemoveVolume(ctx, words); err != nil {
				return err
			}
		}
	}
	return nil
}

// tending is one pass over a cluster.
type tending struct {
	*Part
	c          *cluster
	image      string
	network    string
	containers map[string]machine.Container // by instance
	// mu guards the state while readers are tended side by side.
	mu sync.Mutex
}

func (t *tending) all(ctx context.Context) error {
	done := t.busy(t.c.ID, "making database cluster "+t.c.ID+" ready")
	defer done()
	if err := t.look(ctx); err != nil {
		return err
	}
	if len(t.c.members) == 0 {
		return t.rest(ctx)
	}
	if err := t.prepare(ctx); err != nil {
		return err
	}
	if err := t.appoint(ctx); err != nil {
		return err
	}
	for id, c := range t.containers { // those of instances that are gone; what they had is safe by now
		if _, member := t.c.member(id); !member {
			if err := t.end(ctx, c); err != nil {
				return err
			}
		}
	}
	writer, _ := t.c.member(t.c.state.Writer)
	failed := t.write(ctx, writer)
	var readers sync.WaitGroup
	var errs []error
	for _, m := range t.c.members {
		if m.id == writer.id {
			continue
		}
		readers.Go(func() {
			if err := t.read(ctx, writer, m); err != nil {
				t.mu.Lock()
				errs = append(errs, err)
				t.mu.Unlock()
			}
		})
	}
	readers.Wait()
	if failed == nil {
		failed = t.name(ctx, writer)
	}
	return errors.Join(append([]error{failed}, append(errs, t.tidy(ctx))...)...)
}

// look finds the containers of the cluster. Helpers that a process left when it ended go.
func (t *tending) look(ctx context.Context) error {
	left, err := t.env.Machine.Find(ctx, map[string]string{machine.LabelKind: copyKind, labelCluster: t.c.ID})
	if err != nil {
		return err
	}
	for _, c := range left {
		if err := t.env.Machine.Remove(ctx, c.ID); err != nil {
			return err
		}
	}
	found, err := t.env.Machine.Find(ctx, map[string]string{machine.LabelKind: kind, labelCluster: t.c.ID})
	t.containers = map[string]machine.Container{}
	for _, c := range found {
		t.containers[c.Labels[machine.LabelID]] = c
	}
	return err
}

func (t *tending) prepare(ctx context.Context) (err error) {
	if t.image, err = t.Part.image(ctx, func(line string) { t.tell(t.c.ID, line) }); err != nil {
		return err
	}
	t.network, err = t.env.Networks.Ensure(ctx, t.c.vpc)
	return err
}

// rest is for a cluster without instances: it has its data, and nothing that runs.
func (t *tending) rest(ctx context.Context) error {
	for _, c := range t.containers {
		if err := t.end(ctx, c); err != nil {
			return err
		}
	}
	s := &t.c.state
	if s.Writer != "" { // the control plane removed it on its own
		s.Kept, s.Writer = s.Volumes[s.Writer], ""
		s.Volumes = map[string]string{}
		return t.save(t.c)
	}
	return nil
}

// end stops a server in order and removes its container.
func (t *tending) end(ctx context.Context, c machine.Container) error {
	id := c.Labels[machine.LabelID]
	if c.State == paused {
		if err := t.env.Machine.Unpause(ctx, c.ID); err != nil {
			return err
		}
	}
	if err := t.env.Machine.Stop(ctx, c.ID, stopGrace); err != nil {
		return err
	}
	delete(t.containers, id)
	t.unready(id)
	return t.env.Machine.Remove(ctx, c.ID)
}

func (p *Part) unready(id string) {
	p.mu.Lock()
	delete(p.ready, id)
	p.mu.Unlock()
}

// appoint settles who writes, and gives the writer the cluster's data.
func (t *tending) appoint(ctx context.Context) error {
	s := &t.c.state
	if _, ok := t.c.member(s.Writer); !ok {
		next := t.c.members[0]
		if i := slices.IndexFunc(t.c.members, func(m member) bool { return m.asked }); i >= 0 {
			next = t.c.members[i]
		}
		if err := t.inherit(ctx, next.id); err != nil {
			return err
		}
	}
	if s.Volumes[s.Writer] == "" {
		volume, err := t.origin(ctx)
		if err != nil {
			return err
		}
		s.Volumes[s.Writer] = volume
	}
	for _, m := range t.c.members {
		if s.Servers[m.id] == 0 {
			s.Last++
			s.Servers[m.id] = s.Last
		}
	}
	if s.Replication == "" {
		s.Replication = account.NewHex(32)
	}
	for id := range s.Volumes {
		if _, ok := t.c.member(id); !ok {
			delete(s.Volumes, id)
		}
	}
	return t.save(t.c)
}

// inherit makes an instance the writer with the data of the last one: storage is the cluster's. What the instance had
// itself may be behind, and goes.
func (t *tending) inherit(ctx context.Context, id string) error {
	s := &t.c.state
	volume := s.Kept
	if s.Writer != "" {
		volume = s.Volumes[s.Writer]
		for _, involved := range []string{s.Writer, id} {
			if c, ok := t.containers[involved]; ok {
				if err := t.end(ctx, c); err != nil {
					return err
				}
			}
		}
		delete(s.Volumes, s.Writer)
	}
	if volume != "" {
		s.Volumes[id] = volume
	}
	s.Writer, s.Kept = id, ""
	return t.save(t.c)
}

// origin makes the first volume of a cluster: an empty one, or that of a snapshot.
func (t *tending) origin(ctx context.Context) (string, error) {
	words := t.volume()
	snapshot := t.c.Inputs.String("snapshotIdentifier")
	if snapshot == "" {
		return words, t.ensureVolume(ctx, words)
	}
	t.c.state.Filled = true
	done := t.busy(t.c.ID, "restoring snapshot "+snapshot)
	defer done()
	return words, t.unpack(ctx, snapshot, words)
}

// volume is a name for a new volume of the cluster.
func (t *tending) volume() string { return "database-" + t.c.ID + "-" + account.NewHex(6) }

func (t *tending) ensureVolume(ctx context.Context, words string) error {
	_, err := t.env.Machine.EnsureVolume(ctx, words, t.labels(words))
	return err
}

func (t *tending) labels(id string) map[string]string {
	return t.env.Machine.Labels(kind, id, map[string]string{labelCluster: t.c.ID, machine.LabelStack: t.c.stack})
}

// tidy removes volumes that nobody uses any more.
func (t *tending) tidy(ctx context.Context) error {
	used := []string{t.c.state.Kept}
	for _, words := range t.c.state.Volumes {
		used = append(used, words)
	}
	return t.sweep(ctx, t.c.ID, used)
}
