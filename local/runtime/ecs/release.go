package ecs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

// pace is how often a wait looks again although nobody called.
const pace = time.Second

// Release stops the tasks of a service and forgets it. If the context ends first, the service goes on as before.
func (p *Part) Release(ctx context.Context, r account.Resource, say part.Say) error {
	if r.Type != serviceType {
		return nil
	}
	if err := p.note(r, func(kept *record) { kept.Releasing, p.releasing[r.ID] = true, true }); err != nil {
		return err
	}
	said := ""
	for {
		heard := p.heard()
		left, err := p.releaseOnce(r.ID)
		if err != nil || left == "" {
			return err
		}
		if left != said {
			say("waiting: " + left)
			said = left
		}
		if err := until(ctx, heard, pace); err != nil {
			back := p.note(r, func(kept *record) { kept.Releasing, p.releasing[r.ID] = false, false })
			part.Wake(p.kick)
			return errors.Join(fmt.Errorf("service %s: %s: %w", lastPart(r.ID), left, err), back)
		}
	}
}

// until waits for a signal, but not longer than a while. The error is that the context has ended.
func until(ctx context.Context, heard <-chan struct{}, while time.Duration) error {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-heard:
	case <-timer.C:
	}
	return nil
}

// note changes the record of a service.
func (p *Part) note(r account.Resource, change func(kept *record)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.env.Account.Update(func(tx *account.Tx) error {
		kept, err := recordOf(tx, r)
		if err != nil {
			return err
		}
		change(kept)
		return tx.Keep(class, r.ID, kept)
	})
	if err != nil {
		return fmt.Errorf("service %s: %w", lastPart(r.ID), err)
	}
	return nil
}

// releaseOnce does what can be done now to stop a service, and tells what is left of it.
func (p *Part) releaseOnce(arn string) (left string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	services, err := p.look()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(services, func(s *service) bool { return s.arn == arn })
	if i < 0 {
		return "", nil
	}
	r := &round{part: p, service: services[i], now: p.env.Now()}
	p.hold(r.service)
	if err := r.run(); err != nil {
		return "", err
	}
	return r.left(), nil
}

// release stops what there is of a service that is being deleted.
func (r *round) release() {
	for _, w := range slices.Clone(r.part.waiting[r.arn]) {
		r.forget(w.id)
	}
	reason := "The service was deleted."
	if d := r.record.primary(); d != nil {
		// AWS scales a service to 0 before it deletes it.
		reason = "Scaling activity initiated by (deployment " + d.ID + ")"
	}
	var gone []string
	for _, t := range r.tasks {
		t.mark.Ended = true
		if t.phase < stops {
			r.stop(t, codeScheduler, reason)
			gone = append(gone, t.ID)
		}
	}
	if len(gone) > 0 {
		r.record.tell(r.now, ") has stopped %d running tasks: %s.", len(gone), list(gone))
	}
	r.balance()
	if r.left() != "" {
		return
	}
	for _, t := range r.tasks {
		r.part.env.Runner.Forget(t.ID)
	}
	delete(r.part.waiting, r.arn)
	// As long as the service is in the account, its record keeps tasks from being started.
	r.record.Deployments, r.record.Completed, r.record.Asked, r.record.Steady = nil, nil, asked{}, false
	r.record.Tasks = map[string]*mark{}
	if r.over = r.resource == nil; r.over {
		delete(r.part.releasing, r.arn)
	}
}

// left tells what still runs of a service, nothing when all tasks have stopped and left their target groups.
func (r *round) left() string {
	draining, stopping := 0, 0
	for _, t := range r.tasks {
		switch {
		case t.mark.Released:
		case slices.ContainsFunc(t.targets, func(at target) bool { return at.listed }):
			draining++
		default:
			stopping++
		}
	}
	switch {
	case draining > 0 && stopping > 0:
		return fmt.Sprintf("%d tasks drain their connections, %d tasks stop", draining, stopping)
	case draining > 0:
		return fmt.Sprintf("%d tasks drain their connections", draining)
	case stopping > 0:
		return fmt.Sprintf("%d tasks stop", stopping)
	}
	return ""
}
