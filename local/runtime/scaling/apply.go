package scaling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wordpress-ecs/local/account"
)

// scale brings a target to another capacity. That of a service is a number in the account; readers take their
// time, and the target is busy meanwhile.
func (s *Scaling) scale(ctx context.Context, t target, from int, d decision) error {
	a := Activity{
		Target: t.arn, ResourceID: t.id, Dimension: t.dimension, Cause: d.cause, Start: time.Now(),
		From: from, To: d.to, Base: d.base,
	}
	if t.dimension == readReplicaCount {
		a.Description = fmt.Sprintf("Setting replica count to %d.", d.to)
		s.begin(ctx, t, a, func() error { return nil })
		return nil
	}
	a.Description = fmt.Sprintf("Setting desired count to %d.", d.to)
	a.succeed(fmt.Sprintf("Successfully set desired count to %d. Change successfully fulfilled by ecs.", d.to))
	changed := false
	err := s.Account.Update(func(tx *account.Tx) error {
		service, err := t.service(tx)
		if err != nil || service == nil || service.Outputs.Int("desiredCount") != from {
			return err // someone else was quicker: the next period sees
		}
		changed = true
		service.Observe("desiredCount", float64(d.to))
		return errors.Join(tx.Put(*service), keep(tx, a))
	})
	if err != nil || !changed {
		return err
	}
	s.Say(a.line())
	s.Changed()
	return nil
}

// begin changes the number of readers in the background. After does what is to follow when that went well.
func (s *Scaling) begin(ctx context.Context, t target, a Activity, after func() error) {
	ctx, cancel := context.WithCancel(ctx)
	j := job{cancel: cancel, done: make(chan struct{})}
	s.jobs[t.arn] = j
	s.Say(a.line())
	go func() {
		defer close(j.done)
		defer cancel()
		err := s.setReaders(ctx, t.cluster(), a.To)
		if ctx.Err() == nil {
			if err == nil {
				err = after()
			}
			s.told(t, a, err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.jobs[t.arn].done == j.done {
			delete(s.jobs, t.arn)
		}
	}()
}

// setReaders adds or removes readers one by one.
func (s *Scaling) setReaders(ctx context.Context, cluster string, wanted int) error {
	n := len(s.Readers.Readers(cluster))
	for ; n < wanted; n++ {
		if _, err := s.Readers.AddReader(ctx, cluster); err != nil {
			return fmt.Errorf("adding a reader to %s: %w", cluster, err)
		}
	}
	for ; n > wanted; n-- {
		if err := s.Readers.RemoveReader(ctx, cluster); err != nil {
			return fmt.Errorf("removing a reader of %s: %w", cluster, err)
		}
	}
	return nil
}

// told keeps how a change of readers ended.
func (s *Scaling) told(t target, a Activity, err error) {
	if err == nil {
		a.succeed(fmt.Sprintf("Successfully set replica count to %d. Change successfully fulfilled by rds.", a.To))
	} else {
		a.fail(fmt.Sprintf("Failed to set replica count to %d. Reason: %v", a.To, err))
		s.Say(fmt.Sprintf("scaling %s: %s", t.id, a.StatusMessage))
	}
	if err := s.Account.Update(func(tx *account.Tx) error { return keep(tx, a) }); err != nil {
		s.Say(fmt.Sprintf("scaling %s: the activity is not kept: %v", t.id, err))
	}
	s.Changed()
}

// registration is what AWS has brought a target inside of already.
type registration struct{ Min, Max int }

const classRegistration = "scaling-registration"

// bringInside adds or removes readers when a target is new or has other bounds: AWS looks at the bounds then,
// and when a policy triggers. What a service has is brought inside by the control plane.
func (s *Scaling) bringInside(ctx context.Context, t target) error {
	if _, busy := s.jobs[t.arn]; busy {
		return nil
	}
	bounds, was := registration{t.min, t.max}, registration{}
	seen, wait := false, false
	err := s.Account.View(func(tx *account.Tx) (err error) {
		if seen, err = tx.Kept(classRegistration, t.arn, &was); err != nil {
			return err
		}
		done, err := activitiesOf(tx, t.arn)
		// What has just failed is tried again after a while.
		wait = len(done) > 0 && done[len(done)-1].StatusCode == failed && time.Since(done[len(done)-1].End) < s.period
		return err
	})
	if err != nil || wait || (seen && was == bounds) {
		return err
	}
	now, _, err := s.situation(t)
	if err != nil {
		return err
	}
	inside := func() error {
		return s.Account.Update(func(tx *account.Tx) error { return tx.Keep(classRegistration, t.arn, bounds) })
	}
	to := max(t.bounded(now.current), min(now.least, now.current))
	if to == now.current {
		return inside()
	}
	cause := fmt.Sprintf("minimum capacity was set to %d", t.min)
	if to < now.current {
		cause = fmt.Sprintf("maximum capacity was set to %d", t.max)
	}
	s.begin(ctx, t, Activity{
		Target: t.arn, ResourceID: t.id, Dimension: t.dimension, Cause: cause, Start: time.Now(),
		Description: fmt.Sprintf("Setting replica count to %d.", to), From: now.current, To: to, Base: now.current,
	}, inside)
	return nil
}
