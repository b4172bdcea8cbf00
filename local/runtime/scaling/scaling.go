// Package scaling is Application Auto Scaling's target tracking: it adds tasks to a service and readers to a
// database cluster when a metric is above its target, and removes them when it stays well below.
//
// Each policy has the two alarms that AWS makes for it: three minutes above the target, and fifteen below nine
// tenths of it. Those minutes, and cooldowns, go by the clock of the account. Traffic does not: people come in
// real time. So a figure "per minute", such as requests per target, is what a period would have brought had it
// been a real minute, however short the period is: on a clock ten times faster a period takes six seconds, and
// what came in them counts ten times. A site under one load has one figure on every clock.
package scaling

import (
	"context"
	"fmt"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/part"
)

// Readers are the readers of database clusters.
type Readers interface {
	// Readers lists the instances of a cluster that only read, those that the account lists among them.
	Readers(cluster string) []string
	// AddReader makes one more and returns its identifier when it answers.
	AddReader(ctx context.Context, cluster string) (string, error)
	// RemoveReader removes one that AddReader has made.
	RemoveReader(ctx context.Context, cluster string) error
}

// Env is what Scaling needs.
type Env struct {
	Account *account.Account
	Clock   clock.Clock
	Metrics *metrics.Store
	// Healthy counts the healthy targets of a target group, by its ARN.
	Healthy func(group string) int
	// Readers is nil where no database runs.
	Readers Readers
	// Deploying tells whether a service, by its ARN, is being deployed: meanwhile it loses no task. Nil is never.
	Deploying func(service string) bool
	// Changed tells the other parts that the account has changed.
	Changed func()
	Say     part.Say
}

// Scaling scales what the account's targets name.
type Scaling struct {
	Env
	period time.Duration

	mu sync.Mutex
	// histories are of policies, jobs, released and said of targets, by ARN.
	histories map[string]history
	jobs      map[string]job
	released  map[string]bool
	said      map[string]bool
}

// job changes the number of readers, which takes its time.
type job struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// New returns one that scales while it runs.
func New(env Env) *Scaling {
	return &Scaling{
		Env: env, period: metrics.Period(env.Clock),
		histories: map[string]history{}, jobs: map[string]job{}, released: map[string]bool{}, said: map[string]bool{},
	}
}

// Types are scalable targets and scaling policies.
func (s *Scaling) Types() []string { return []string{targetType, policyType} }

// Run looks at the metrics once a period until the context ends.
func (s *Scaling) Run(ctx context.Context, wake <-chan struct{}) error {
	defer s.finish()
	next := s.due(time.Now())
	for {
		if err := s.look(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-time.After(time.Until(next)): // at once if its moment came while the account was looked at
			if err := s.evaluate(ctx, next.Truncate(s.period).Add(-s.period)); err != nil {
				return err
			}
			next = s.due(time.Now())
		}
	}
}

// due is when the next period is evaluated: half a period after one has ended, everybody has measured it.
func (s *Scaling) due(now time.Time) time.Time {
	next := now.Truncate(s.period).Add(s.period / 2)
	if !next.After(now) {
		next = next.Add(s.period)
	}
	return next
}

// finish waits for what is under way; its context has ended.
func (s *Scaling) finish() {
	s.mu.Lock()
	jobs := s.jobs
	s.jobs = map[string]job{}
	s.mu.Unlock()
	for _, j := range jobs {
		<-j.done
	}
}

// look does what a registration asks for, and forgets what is gone.
func (s *Scaling) look(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	targets, err := s.targets()
	if err != nil {
		return err
	}
	s.forget(targets)
	for _, t := range targets {
		s.mention(t)
		if t.dimension != readReplicaCount || s.Readers == nil || s.released[t.arn] {
			continue
		}
		if err := s.bringInside(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// forget drops what is known of targets and policies that are gone.
func (s *Scaling) forget(targets []target) {
	histories, released := map[string]history{}, map[string]bool{}
	for _, t := range targets {
		if s.released[t.arn] {
			released[t.arn] = true
		}
		for _, p := range t.policies {
			if h, ok := s.histories[p.arn]; ok {
				histories[p.arn] = h
			}
		}
	}
	s.histories, s.released = histories, released
}

// mention says once what of a target the local cloud does not do.
func (s *Scaling) mention(t target) {
	once := func(line string) {
		if !s.said[line] {
			s.said[line] = true
			s.Say(line)
		}
	}
	switch {
	case t.dimension == readReplicaCount && s.Readers == nil:
		once(fmt.Sprintf("scaling %s: no database runs here, so it keeps its readers", t.id))
	case t.dimension != readReplicaCount && t.dimension != desiredCount:
		once(fmt.Sprintf("scaling %s: the local cloud runs no cache shards, so %s stays as it is", t.id, t.dimension))
	}
	for _, p := range t.ignored {
		once(fmt.Sprintf("scaling %s: policy %s is not evaluated: the local cloud knows %s", t.id, p, known))
	}
}

// Await has nothing to wait for: AWS answers at once, too.
func (s *Scaling) Await(_ context.Context, r account.Resource, _ part.Say) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.released, r.Outputs.String("arn")) // its deletion may have failed
	return nil
}

// Suspend has nothing to stop.
func (s *Scaling) Suspend(context.Context, part.Say) error { return nil }

// Release ends the scaling of a target and drops its activities. Readers that scaling has made stay, as on AWS:
// they go with their cluster.
func (s *Scaling) Release(ctx context.Context, r account.Resource, _ part.Say) error {
	arn := r.Outputs.String("arn")
	s.mu.Lock()
	delete(s.histories, arn)
	if r.Type != targetType {
		s.mu.Unlock()
		return nil
	}
	s.released[arn] = true
	j, busy := s.jobs[arn]
	s.mu.Unlock()
	if busy {
		j.cancel()
		select {
		case <-j.done:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the scaling of %s to end: %w", r.ID, ctx.Err())
		}
	}
	return s.Account.Update(func(tx *account.Tx) error { return dropActivities(tx, arn) })
}
