// Package cache makes ElastiCache real: each node of a replication group is a container with Redis or Valkey, as the
// group asks for, with its TLS, its token, its parameters and its endpoints.
//
// What differs from ElastiCache: a node holds 128 MiB at most, whatever its type; the engines are Debian's, Redis
// 8.0 and Valkey 8.1, whatever version is asked for; a node that dies comes back with its data, even alone;
// security groups are not enforced; snapshots are made where a final one is asked for, not every day.
package cache

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

const (
	// soon is when a group that waits for something is looked at again, later when one is that does not.
	soon  = 100 * time.Millisecond
	later = 5 * time.Second
)

//go:embed image
var image embed.FS

// Networks gives containers of a VPC their network.
type Networks interface {
	Ensure(ctx context.Context, vpcID string) (string, error)
}

// Env is what the part needs.
type Env struct {
	Account   *account.Account
	Machine   *machine.Machine
	Authority *authority.Authority
	Networks  Networks
	// Home is the account's directory: snapshots go below it.
	Home string
	// Say gets what happens while nobody waits for it.
	Say part.Say
}

// Part runs replication groups.
type Part struct {
	env Env

	// mu guards the nodes, and what follows: what is known only while the process runs.
	mu sync.Mutex
	// built is the name of the image.
	built string
	// gone are groups that were released: they are about to leave the account.
	gone map[string]bool
	// starts are those of nodes that have not answered since, by member.
	starts map[string]starts
	// synced are containers that had all of their primary's data, applied those with their settings.
	synced  map[string]bool
	applied map[string]string
	told    map[string]bool
}

type starts struct {
	count int
	last  time.Time
}

// New returns the part.
func New(e Env) *Part {
	return &Part{
		env: e, gone: map[string]bool{}, starts: map[string]starts{}, synced: map[string]bool{}, applied: map[string]string{},
		told: map[string]bool{},
	}
}

// Types are those that it makes real.
func (p *Part) Types() []string { return []string{groupType, parametersType} }

// Run keeps the groups as the account has them: nodes that died come back, or leave their role to another.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	events := make(chan struct{}, 1)
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { p.watch(ctx, events) })
	for ctx.Err() == nil {
		pause, err := p.round(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-events:
		case <-time.After(pause):
		}
	}
	return nil
}

// watch signals what happens to nodes. Without the engine it tries again: it may be restarting.
func (p *Part) watch(ctx context.Context, events chan struct{}) {
	for ctx.Err() == nil {
		_ = p.env.Machine.Events(ctx, map[string]string{machine.LabelKind: kind}, func(machine.Event) { part.Wake(events) })
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// round looks at every group once, and says when to look again. What the engine refuses is said, not returned: the
// next round tries again.
func (p *Part) round(ctx context.Context) (time.Duration, error) {
	if err := p.tidy(ctx); err != nil && ctx.Err() == nil {
		p.tell(err.Error())
	}
	var all []group
	if err := p.env.Account.View(func(tx *account.Tx) (err error) {
		all, err = groups(tx)
		return err
	}); err != nil {
		return 0, err
	}
	pause := later
	for _, g := range all {
		if p.released(g.id) {
			continue
		}
		waiting, err := p.pass(ctx, g, p.env.Say)
		if err != nil && ctx.Err() == nil {
			p.tell(err.Error())
		}
		if waiting != "" {
			pause = soon
		}
	}
	return pause, nil
}

// tell says a line once.
func (p *Part) tell(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sayOnce(line, p.env.Say)
}

func (p *Part) sayOnce(line string, say part.Say) {
	if !p.told[line] {
		p.told[line] = true
		say(line)
	}
}

func (p *Part) released(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone[id]
}

// tidy removes nodes and volumes of groups that are gone: a process that died may have left them.
func (p *Part) tidy(ctx context.Context) error {
	// What is there first: a group is in the account before it has nodes.
	labels := map[string]string{machine.LabelKind: kind}
	containers, err := p.env.Machine.Find(ctx, labels)
	if err != nil {
		return err
	}
	volumes, err := p.env.Machine.FindVolumes(ctx, labels)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	if err := p.env.Account.View(func(tx *account.Tx) error {
		all, err := tx.ByType(groupType)
		for _, r := range all {
			known[r.ID] = true
		}
		return err
	}); err != nil {
		return err
	}
	var failed []error
	for _, c := range containers {
		if !known[c.Labels[labelGroup]] {
			failed = append(failed, p.env.Machine.Remove(ctx, c.ID))
		}
	}
	for _, v := range volumes {
		if id := v.Labels[labelGroup]; !known[id] {
			failed = append(failed, p.env.Machine.RemoveVolume(ctx, volumeWords(v.Labels[machine.LabelID])),
				p.env.Account.Update(func(tx *account.Tx) error { return tx.Drop(stateClass, id) }))
		}
	}
	return errors.Join(failed...)
}

// Await blocks until all nodes of a group answer and have their data.
func (p *Part) Await(ctx context.Context, r account.Resource, say part.Say) error {
	if r.Type != groupType {
		return nil
	}
	p.mu.Lock()
	delete(p.gone, r.ID)
	p.mu.Unlock()
	return p.settle(ctx, r, say)
}

func (p *Part) settle(ctx context.Context, r account.Resource, say part.Say) error {
	said := ""
	for {
		var g group
		if err := p.env.Account.View(func(tx *account.Tx) (err error) {
			g, err = groupOf(tx, r)
			return err
		}); err != nil {
			return err
		}
		waiting, err := p.pass(ctx, g, say)
		if err != nil || waiting == "" {
			return err
		}
		if waiting != said {
			said = waiting
			say("waiting for " + waiting)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cache %s: still waiting for %s: %w", g.id, waiting, ctx.Err())
		case <-time.After(soon):
		}
	}
}
