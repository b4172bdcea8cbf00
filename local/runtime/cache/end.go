package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// Release removes the nodes of a group with their data, after a final snapshot where one is asked for.
func (p *Part) Release(ctx context.Context, r account.Resource, say part.Say) error {
	if r.Type != groupType {
		return nil
	}
	p.mu.Lock()
	p.gone[r.ID] = true
	p.mu.Unlock()
	volumes, err := p.env.Machine.FindVolumes(ctx, map[string]string{machine.LabelKind: kind, labelGroup: r.ID})
	if err != nil {
		return err
	}
	if name := r.Outputs.String("finalSnapshotIdentifier"); name != "" && len(volumes) > 0 && !p.saved(r, name) {
		// It may have been stopped.
		if err := p.settle(ctx, r, say); err != nil {
			return fmt.Errorf("final snapshot %s: %w", name, err)
		}
		file, err := p.save(ctx, r, name)
		if err != nil {
			return fmt.Errorf("final snapshot %s: %w", name, err)
		}
		say("saved " + r.ID + " in " + file)
	}
	if err := p.clear(ctx, r.ID); err != nil {
		return err
	}
	return p.env.Account.Update(func(tx *account.Tx) error { return tx.Drop(stateClass, r.ID) })
}

// saved tells whether an attempt to delete a group that its process did not survive has got as far as its snapshot:
// since then the group is empty.
func (p *Part) saved(r account.Resource, name string) bool {
	_, m, err := p.located(name)
	return err == nil && m.Group == r.ID && m.Taken.After(r.Created)
}

// clear removes all nodes of a group and their data.
func (p *Part) clear(ctx context.Context, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.remove(ctx, id, func(string) bool { return true })
}

// remove removes those nodes of a group that are chosen by their member id, and their data.
func (p *Part) remove(ctx context.Context, id string, chosen func(member string) bool) error {
	labels := map[string]string{machine.LabelKind: kind, labelGroup: id}
	containers, err := p.env.Machine.Find(ctx, labels)
	if err != nil {
		return err
	}
	for _, c := range containers {
		if member := c.Labels[machine.LabelID]; chosen(member) {
			if err := p.env.Machine.Remove(ctx, c.ID); err != nil {
				return err
			}
			delete(p.synced, c.ID)
			delete(p.applied, c.ID)
			delete(p.starts, member)
		}
	}
	volumes, err := p.env.Machine.FindVolumes(ctx, labels)
	if err != nil {
		return err
	}
	for _, v := range volumes {
		if member := v.Labels[machine.LabelID]; chosen(member) {
			if err := p.env.Machine.RemoveVolume(ctx, volumeWords(member)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Suspend stops all nodes, primaries last: whoever starts them again finds the roles as they were.
func (p *Part) Suspend(ctx context.Context, _ part.Say) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	containers, err := p.env.Machine.Find(ctx, map[string]string{machine.LabelKind: kind})
	if err != nil {
		return err
	}
	primaries := map[string]bool{}
	if err := p.env.Account.View(func(tx *account.Tx) error {
		all, err := account.AllKept[state](tx, stateClass)
		for _, s := range all {
			primaries[s.Primary] = true
		}
		return err
	}); err != nil {
		return err
	}
	for _, primary := range []bool{false, true} {
		var stopping sync.WaitGroup
		failed := make([]error, len(containers))
		for i, c := range containers {
			if primaries[c.Labels[machine.LabelID]] == primary {
				stopping.Go(func() { failed[i] = p.env.Machine.Stop(ctx, c.ID, stopGrace) })
			}
		}
		stopping.Wait()
		if err := errors.Join(failed...); err != nil {
			return err
		}
	}
	return nil
}
