// Package ecs is the service scheduler of Amazon ECS: it keeps every service at its desired count, replaces tasks
// that fail, rolls deployments out and back, and tells what it does in AWS's words.
package ecs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/capacity"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/task"
)

// Env is what the part needs.
type Env struct {
	Account *account.Account
	Clock   clock.Clock
	// Say gets what goes wrong while nobody waits for it.
	Say      part.Say
	Runner   task.Runner
	Targets  alb.Targets
	Capacity capacity.Capacity
	// Now tells the time; nil is the machine's clock.
	Now func() time.Time
}

// Part schedules the tasks of all services.
type Part struct {
	env Env
	// kick wakes Run when a task, a target or an instance has changed.
	kick chan struct{}

	// mu is held while services are looked at or changed.
	mu sync.Mutex
	// waiting are the tasks that have no place yet, by the ARN of their service. They are nowhere else: a process
	// that takes over makes new ones.
	waiting map[string][]waiting
	// held are the tasks whose place capacity knows of.
	held map[string]bool
	// instances are those that were there once; missing are those that tasks name and that never were.
	instances map[string]bool
	missing   map[string]time.Time
	said      part.Once
	// releasing are the services that this process deletes, by ARN.
	releasing map[string]bool
	// running is set while Run is at work.
	running bool

	newsMu sync.Mutex
	news   chan struct{}
}

// New returns the part.
func New(e Env) *Part {
	if e.Now == nil {
		e.Now = time.Now
	}
	p := &Part{
		env: e, kick: make(chan struct{}, 1), waiting: map[string][]waiting{}, held: map[string]bool{},
		instances: map[string]bool{}, missing: map[string]time.Time{}, releasing: map[string]bool{},
		news: make(chan struct{}),
	}
	changed := func() {
		part.Wake(p.kick)
		p.announce()
	}
	e.Runner.Watch(changed)
	e.Targets.Watch(changed)
	e.Capacity.Watch(changed)
	return p
}

// Types are those that it makes real. Clusters and task definitions are only looked up.
func (p *Part) Types() []string { return []string{serviceType} }

// Run schedules until the context ends. Tasks go on without it.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	p.runs(true)
	defer p.runs(false)
	for {
		next, err := p.step()
		if err != nil {
			return fmt.Errorf("scheduling tasks: %w", err)
		}
		if err := p.rest(ctx, wake, next); err != nil {
			return nil
		}
	}
}

func (p *Part) runs(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = yes
}

// idle is how long the scheduler looks away when nothing calls it.
const idle = time.Minute

// rest waits until there is something to do, at the latest at a moment.
func (p *Part) rest(ctx context.Context, wake <-chan struct{}, next time.Time) error {
	wait := idle
	if !next.IsZero() {
		wait = min(idle, max(next.Sub(p.env.Now()), time.Millisecond))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wake:
	case <-p.kick:
	case <-timer.C:
	}
	return nil
}

// Suspend does nothing: whoever runs the tasks stops them, and without Run nobody starts others.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// step brings every service nearer to what the account says, and tells when to look again if nothing happens
// before; zero is whenever.
func (p *Part) step() (next time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.announce()
	services, err := p.look()
	if err != nil {
		return next, err
	}
	for _, s := range services {
		p.hold(s)
	}
	for _, s := range services {
		r := &round{part: p, service: s, now: p.env.Now()}
		if err := r.run(); err != nil {
			return next, fmt.Errorf("service %s: %w", s.name, err)
		}
		next = earlier(next, r.next)
	}
	return next, nil
}

// hold tells capacity of tasks that have their place since before this process.
func (p *Part) hold(s *service) {
	for _, t := range s.tasks {
		if t.waits || t.Status == task.Stopped || p.held[t.ID] {
			continue
		}
		p.held[t.ID] = true
		p.env.Capacity.Held(t.ID, s.want(t.ID, s.record.find(t.StartedBy)), capacity.Place{
			Instance: t.Instance, Subnet: t.Subnet, Zone: t.Zone, VPC: t.VPC, IP: t.IP,
		})
	}
}

// announce wakes those who wait for a change.
func (p *Part) announce() {
	p.newsMu.Lock()
	defer p.newsMu.Unlock()
	close(p.news)
	p.news = make(chan struct{})
}

// heard is closed at the next change.
func (p *Part) heard() <-chan struct{} {
	p.newsMu.Lock()
	defer p.newsMu.Unlock()
	return p.news
}

// sayOnce tells something once in the life of the process.
func (p *Part) sayOnce(line string) { p.said.Tell(p.env.Say, line) }

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
