package database

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// attempts is how often a failure that may pass is tried again while someone waits.
const attempts = 5

// Await waits until an instance answers in its role. A cluster has nothing to connect to without instances, but a
// change of it reaches those that run.
func (p *Part) Await(ctx context.Context, r account.Resource, say part.Say) error {
	switch r.Type {
	case clusterType:
		p.allow(r.ID)
		return p.awaitCluster(ctx, r, say)
	case instanceType:
		p.allow(r.ID)
		return p.awaitInstance(ctx, r.Outputs.String("clusterIdentifier"), r.ID, say)
	case parametersType:
		return p.awaitParameters(ctx, r)
	}
	return nil
}

// allow takes back that something was released: it is still wanted.
func (p *Part) allow(id string) {
	p.mu.Lock()
	delete(p.released, id)
	p.mu.Unlock()
}

func (p *Part) awaitCluster(ctx context.Context, r account.Resource, say part.Say) error {
	defer p.listen(r.ID, say)()
	if time.Since(r.Created) < time.Minute {
		p.once(r.ID, fmt.Sprintf("database %s: %s is MariaDB 11.8 here, which SELECT VERSION() tells", r.ID, r.Outputs.String("engine")))
	}
	if engine := r.Outputs.String("engine"); engine != "aurora-mysql" {
		return fmt.Errorf("cluster %s: engine = %q: the local cloud runs aurora-mysql", r.ID, engine)
	}
	if r.Outputs.Bool("manageMasterUserPassword") {
		p.once(r.ID, "database "+r.ID+": manageMasterUserPassword is not emulated: nobody can log in as its master user")
	}
	return p.patiently(ctx, r.ID)
}

// awaitParameters brings a changed group to the clusters that use it. What is done with them is said to those who
// wait for the clusters.
func (p *Part) awaitParameters(ctx context.Context, r account.Resource) error {
	var ids []string
	err := p.env.Account.View(func(tx *account.Tx) error {
		clusters, err := tx.ByType(clusterType)
		for _, c := range clusters {
			if c.Region == r.Region && c.Outputs.String("dbClusterParameterGroupName") == r.Outputs.String("name") {
				ids = append(ids, c.ID)
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the clusters: %w", err)
	}
	for _, id := range ids {
		if err := p.patiently(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (p *Part) awaitInstance(ctx context.Context, cluster, id string, say part.Say) error {
	defer p.listen(cluster, say)()
	for {
		if err := p.patiently(ctx, cluster); err != nil {
			return err
		}
		p.mu.Lock()
		container, ready := p.ready[id]
		p.mu.Unlock()
		if ready {
			part.Wake(p.again) // whatever follows from it, such as its log
			return nil
		}
		if now, ok, err := p.env.Machine.Inspect(ctx, container); err == nil && ok && now.State.Paused {
			return fmt.Errorf("instance %s is paused", id)
		}
		if err := wait(ctx, 300*time.Millisecond); err != nil {
			return fmt.Errorf("waiting for instance %s: %w", id, err)
		}
	}
}

// patiently tends a cluster, again if what goes wrong may pass.
func (p *Part) patiently(ctx context.Context, id string) error {
	var err error
	for range attempts {
		err = p.locked(ctx, id, func() error { return p.tend(ctx, id) })
		if final := (startError{}); err == nil || errors.As(err, &final) || ctx.Err() != nil {
			return err
		}
		if err := wait(ctx, time.Second); err != nil {
			return err
		}
	}
	return err
}

// Release ends an instance, whose role another takes; or a cluster, of which a snapshot may stay.
func (p *Part) Release(ctx context.Context, r account.Resource, say part.Say) error {
	switch r.Type {
	case clusterType:
		defer p.listen(r.ID, say)()
		return p.locked(ctx, r.ID, func() error { return p.releaseCluster(ctx, r) })
	case instanceType:
		id := r.Outputs.String("clusterIdentifier")
		defer p.listen(id, say)()
		defer part.Wake(p.again) // the others may have to take over names
		return p.locked(ctx, id, func() error { return p.releaseInstance(ctx, id, r.ID) })
	}
	return nil
}

func (p *Part) releaseInstance(ctx context.Context, cluster, id string) error {
	p.mu.Lock()
	p.released[id] = true
	p.mu.Unlock()
	c, err := p.read(cluster)
	if err != nil || c == nil {
		return err
	}
	t := &tending{Part: p, c: c}
	if err := t.look(ctx); err != nil {
		return err
	}
	s := &c.state
	switch next, others := c.successor(); {
	case s.Writer != id:
	case others:
		if err := t.hand(ctx, next); err != nil {
			return err
		}
	default:
		for _, container := range t.containers {
			if err := t.end(ctx, container); err != nil {
				return err
			}
		}
		s.Kept, s.Writer, s.Volumes = s.Volumes[id], "", map[string]string{}
		if err := p.save(c); err != nil {
			return err
		}
		if err := p.dropScaled(cluster, ""); err != nil {
			return err
		}
	}
	if container, ok := t.containers[id]; ok {
		if err := p.env.Machine.Remove(ctx, container.ID); err != nil {
			return err
		}
	}
	p.unready(id)
	if _, has := s.Volumes[id]; has {
		delete(s.Volumes, id)
		if err := p.save(c); err != nil {
			return err
		}
	}
	return t.tidy(ctx)
}

func (p *Part) releaseCluster(ctx context.Context, r account.Resource) error {
	p.mu.Lock()
	p.released[r.ID] = true
	p.mu.Unlock()
	c, err := p.read(r.ID)
	if err != nil || c == nil {
		return err
	}
	t := &tending{Part: p, c: c}
	if err := t.look(ctx); err != nil {
		return err
	}
	for _, container := range t.containers {
		if err := t.end(ctx, container); err != nil {
			return err
		}
	}
	if err := t.keepSnapshots(ctx); err != nil {
		return fmt.Errorf("cluster %s: %w", r.ID, err)
	}
	if err := p.sweep(ctx, r.ID, nil); err != nil {
		return err
	}
	return p.forget(r.ID)
}

// Suspend stops the servers in order, the readers first.
func (p *Part) Suspend(ctx context.Context, say part.Say) error {
	found, err := p.env.Machine.Find(ctx, map[string]string{machine.LabelKind: kind})
	if err != nil {
		return err
	}
	writers := map[string]bool{}
	if err := p.env.Account.View(func(tx *account.Tx) error {
		states, err := account.AllKept[state](tx, stateClass)
		for _, s := range states {
			writers[s.Writer] = true
		}
		return err
	}); err != nil {
		return fmt.Errorf("reading the clusters: %w", err)
	}
	var failed []error
	for _, role := range []bool{false, true} {
		var stopping sync.WaitGroup
		var mu sync.Mutex
		for _, c := range found {
			if id := c.Labels[machine.LabelID]; writers[id] == role && (c.State == running || c.State == paused) {
				stopping.Go(func() {
					say("stopping database instance " + id)
					var err error
					if c.State == paused {
						err = p.env.Machine.Unpause(ctx, c.ID)
					}
					err = errors.Join(err, p.env.Machine.Stop(ctx, c.ID, stopGrace))
					mu.Lock()
					failed = append(failed, err)
					mu.Unlock()
					p.unready(id)
				})
			}
		}
		stopping.Wait()
	}
	return errors.Join(failed...)
}
