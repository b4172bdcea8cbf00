package capacity

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/part"
)

const (
	// class is that of the records of instances.
	class = "instance"

	// How an instance is: EC2's and ECS's words.
	statePending    = "pending"
	stateActive     = "ACTIVE"
	stateDraining   = "DRAINING"
	stateTerminated = "terminated"

	// bootTime is how long an instance takes until its agent has registered, on AWS's clock.
	bootTime = time.Minute
	// remembered is how long EC2 still lists an instance that is terminated.
	remembered = time.Hour
	// settling is how long tasks that run since before this process have to be told of with Held, before an
	// instance counts as free of tasks.
	settling = 5 * time.Second
	// idle is how long Run looks away when nothing calls it.
	idle = time.Minute
)

// Env is what the part needs.
type Env struct {
	Account *account.Account
	Clock   clock.Clock
	// Say gets what happens while nobody waits for it.
	Say part.Say
	// Metrics gets CapacityProviderReservation; nil for nobody.
	Metrics *metrics.Store
	// Now tells the time; nil is the machine's clock.
	Now func() time.Time
}

// Part keeps the container instances.
type Part struct {
	env  Env
	kick chan struct{}

	// work is held by whoever changes instances: a step of Run, a person's action, a deletion. It comes before mu,
	// which is never held while something is written to the account: Place and Release do not wait for the disk.
	work sync.Mutex

	mu sync.Mutex
	// loaded is set once the records have been read; began is when, if there were any.
	loaded    bool
	began     time.Time
	instances map[string]*instance
	holds     map[string]hold
	waits     map[string]wait
	// last is the address that was given out last, by subnet.
	last map[string]netip.Addr
	// scaling is what managed scaling remembers, by the group's key.
	scaling map[string]*tracking
	// leaving are the groups that are being deleted, by key.
	leaving map[string]bool
	said    map[string]bool
	watch   []func()
	news    chan struct{}
}

// instance is what is kept of an instance.
type instance struct {
	Instance
	Region string `json:"region"`
	// TemplateID is the launch template's; Instance.Template is its version.
	TemplateID string `json:"templateId"`
	// Online says that its user data does not get to the cluster's name without the internet, Broken that it did not.
	Online bool `json:"online,omitempty"`
	Broken bool `json:"broken,omitempty"`
	// Leaving instances end as soon as they have no task.
	Leaving bool      `json:"leaving,omitempty"`
	Ended   time.Time `json:"ended,omitzero"`
}

// hold is the room that a task has.
type hold struct {
	want  Want
	place Place
}

// wait is a task without room.
type wait struct {
	want  Want
	since time.Time
}

var (
	_ part.Part  = (*Part)(nil)
	_ part.Actor = (*Part)(nil)
	_ Capacity   = places{}
)

// New returns the part.
func New(e Env) *Part {
	if e.Now == nil {
		e.Now = time.Now
	}
	return &Part{
		env: e, kick: make(chan struct{}, 1), instances: map[string]*instance{}, holds: map[string]hold{},
		waits: map[string]wait{}, last: map[string]netip.Addr{}, scaling: map[string]*tracking{}, leaving: map[string]bool{},
		said: map[string]bool{}, news: make(chan struct{}),
	}
}

// Types are those that it makes real.
func (p *Part) Types() []string {
	return []string{groupType, providerType, associationType, clusterType}
}

// Run keeps the groups at their desired capacity until the context ends.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	for {
		next, err := p.step()
		if err != nil {
			return fmt.Errorf("keeping instances: %w", err)
		}
		pause := idle
		if !next.IsZero() {
			pause = min(idle, max(next.Sub(p.env.Now()), time.Millisecond))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-wake:
		case <-p.kick:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// step brings every group nearer to what the account says, and tells when to look again.
func (p *Part) step() (next time.Time, err error) {
	p.work.Lock()
	defer p.work.Unlock()
	w, err := p.look()
	if err != nil {
		return next, err
	}
	obstacles, err := p.obstacles()
	if err != nil {
		return next, err
	}
	p.mu.Lock()
	r := &round{Part: p, world: w, now: p.env.Now(), kept: map[string]*instance{}, desired: map[string]int{}, obstacles: obstacles}
	r.run()
	p.mu.Unlock()
	return r.next, r.finish()
}

// look reads the account and, the first time, the instances.
func (p *Part) look() (w *world, err error) {
	err = p.env.Account.View(func(tx *account.Tx) error {
		if w, err = read(tx); err != nil {
			return err
		}
		p.mu.Lock()
		loaded := p.loaded
		p.mu.Unlock()
		if loaded {
			return nil
		}
		all, err := account.AllKept[instance](tx, class)
		if err != nil {
			return err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.loaded {
			return nil
		}
		p.loaded = true
		for _, i := range all {
			p.instances[i.ID] = &i
		}
		if len(all) > 0 {
			p.began = p.env.Now()
		}
		return nil
	})
	return w, err
}

// Await waits for the instances of a group, if the program wants to: waitForCapacityTimeout says how long.
func (p *Part) Await(ctx context.Context, r account.Resource, say part.Say) error {
	if r.Type != groupType {
		return nil
	}
	p.mu.Lock()
	delete(p.leaving, keyOf(r.Region, r.ID))
	p.mu.Unlock()
	w, err := p.look()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(w.groups, func(g group) bool { return g.id == r.ID && g.region == r.Region })
	if i < 0 {
		return nil
	}
	g := w.groups[i]
	if g.fault != nil {
		return g.fault
	}
	timeout, err := time.ParseDuration(r.Outputs.String("waitForCapacityTimeout"))
	if err != nil || timeout == 0 || g.desired == 0 {
		return nil // "0" is not to wait, and the program's provider has refused what is no duration
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	part.Wake(p.kick)
	for {
		news := p.heard()
		active := 0
		for _, i := range p.Instances() {
			if i.Group == g.name && i.runs() {
				active++
			}
		}
		if active >= g.desired {
			return nil
		}
		say(fmt.Sprintf("%d of %d instances are in service", active, g.desired))
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for Auto Scaling Group (%s) capacity satisfied: "+
				"want exactly %d healthy instance(s), have %d: %w", g.name, g.desired, active, ctx.Err())
		case <-news:
		}
	}
}

// Release ends the instances of a group.
func (p *Part) Release(_ context.Context, r account.Resource, _ part.Say) error {
	if r.Type != groupType && r.Type != clusterType {
		return nil
	}
	p.work.Lock()
	defer p.work.Unlock()
	if _, err := p.look(); err != nil {
		return err
	}
	p.mu.Lock()
	var gone []string
	for id, i := range p.instances {
		if i.Region != r.Region {
			continue
		}
		// A cluster that can be deleted has no instances but those that EC2 still remembers.
		if (r.Type == groupType && i.Group == r.ID) ||
			(r.Type == clusterType && i.Cluster == r.Name && i.State == stateTerminated) {
			gone = append(gone, id)
		}
	}
	if r.Type == groupType {
		p.leaving[keyOf(r.Region, r.ID)] = true
	}
	for _, id := range gone {
		delete(p.instances, id)
	}
	p.mu.Unlock()
	if len(gone) == 0 {
		return nil
	}
	err := p.env.Account.Update(func(tx *account.Tx) error {
		for _, id := range gone {
			if err := tx.Drop(class, id); err != nil {
				return err
			}
		}
		return nil
	})
	p.announce()
	return err
}

// Suspend does nothing: instances are no process.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// announce tells those who watch that instances or their room have changed.
func (p *Part) announce() {
	p.mu.Lock()
	close(p.news)
	p.news = make(chan struct{})
	watch := slices.Clone(p.watch)
	p.mu.Unlock()
	for _, f := range watch {
		f()
	}
}

// heard is closed at the next change.
func (p *Part) heard() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.news
}
