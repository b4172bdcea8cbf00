package ecs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/task"
)

// AWS's codes of why a task has stopped.
const (
	codeScheduler = "ServiceSchedulerInitiated"
	codeLost      = "TerminationNotice"
	codeStart     = "TaskFailedToStart"
	codeExited    = "EssentialContainerExited"
)

// round is one look at a service and what follows from it.
type round struct {
	*service
	part *Part
	now  time.Time
	// next is when to look again if nothing happens before.
	next time.Time
	// rolledBack, if not empty, is what the service runs now although something else was asked for.
	rolledBack string
	// moved is set when tasks were started or stopped.
	moved bool
	// over is set when nothing is left of a service that has left the account.
	over bool
}

func (r *round) run() error {
	if r.resource != nil && !r.part.releasing[r.arn] {
		// Whoever was deleting it has died, and whoever looks after it next finds it as it was.
		r.record.Releasing = false
	}
	if r.record.Releasing {
		r.release()
		return r.save()
	}
	if r.missing != "" {
		r.part.sayOnce(fmt.Sprintf("service %s: %s", r.name, r.missing))
	}
	r.simplify()
	r.begin()
	r.judge()
	r.breakCircuit()
	// What tasks are started for has to be known to whoever takes over.
	if err := r.save(); err != nil {
		return err
	}
	if r.record.primary() != nil {
		r.follow()
		r.place()
	}
	r.balance()
	r.conclude()
	return r.save()
}

// simplify says what is not as on AWS.
func (r *round) simplify() {
	if r.resource.Outputs.String("schedulingStrategy") == "DAEMON" {
		r.part.sayOnce("service " + r.name + ": DAEMON is not emulated, it runs its desired count of tasks")
	}
	if strategy := r.resource.Outputs.List("capacityProviderStrategies"); len(strategy) > 1 {
		r.part.sayOnce(fmt.Sprintf("service %s: all tasks run on %s, strategies of several capacity providers are not emulated",
			r.name, r.provider))
	}
	if len(r.resource.Outputs.List("placementConstraints")) > 0 {
		r.part.sayOnce("service " + r.name + ": placement constraints are not emulated")
	}
}

// judge notes what became of tasks since the last look: which are healthy now, which are not any more, and which
// have ended without being told to.
func (r *round) judge() {
	for _, t := range r.tasks {
		if t.waits || t.mark.Ended {
			continue
		}
		if t.lost && t.phase < stops {
			t.mark.Lost = true
			r.stop(t, codeLost, fmt.Sprintf("Host EC2 (instance %s) terminated.", t.Instance))
		}
		switch {
		case t.phase >= stops:
			t.mark.Ended = true
			if !t.mark.Ordered && !t.mark.Sick && (t.StopCode == codeExited || t.StopCode == codeStart) {
				r.count(t.StartedBy, t.mark.Ready)
			}
		case t.ready && !t.mark.Ready:
			t.mark.Ready = true
			r.record.Failures, r.record.Until = 0, time.Time{}
			if d := r.record.find(t.StartedBy); d != nil {
				d.Failed = 0
			}
		}
		if t.phase != runs {
			continue
		}
		if t.sick != "" && !t.mark.Sick {
			r.record.tell(r.now, "%s", t.said)
			r.count(t.StartedBy, true)
		}
		t.mark.Sick = t.sick != ""
		r.soon(t.Started.Add(r.grace))
		r.soon(t.Started.Add(r.part.env.Clock.Of(bareWait)))
	}
}

// count counts a failed task against the deployment that rolls out. One that never got far enough to be checked
// also makes the next ones wait. (ECS lets only those wait that never ran; here it is also those that exit as soon
// as they run, or they would keep the machine busy.)
func (r *round) count(deployment string, got bool) {
	if d := r.record.find(deployment); d != nil && d.State == inProgress && d.Status == primary {
		d.Failed++
		d.Updated = r.now
	}
	if got {
		return
	}
	r.record.Failures++
	wait := delay(r.record.Failures, r.desired)
	if wait == 0 {
		return
	}
	if r.record.Until.IsZero() {
		r.record.tell(r.now, ") is unable to consistently start tasks successfully.")
	}
	r.record.Until = r.now.Add(r.part.env.Clock.Of(wait))
}

// follow does what the situation asks for.
func (r *round) follow() {
	d := decide(r.situation())
	byID := map[string]*seen{}
	for _, t := range r.tasks {
		byID[t.ID] = t
	}
	var stopped []string
	for _, id := range d.stop {
		t := byID[id]
		r.moved = true
		if t.waits {
			r.forget(id)
			continue
		}
		reason := fmt.Sprintf("Scaling activity initiated by (deployment %s)", r.record.primary().ID)
		if t.sick != "" {
			reason = t.sick
		}
		r.stop(t, codeScheduler, reason)
		stopped = append(stopped, id)
	}
	if len(stopped) > 0 {
		r.record.tell(r.now, ") has stopped %d running tasks: %s.", len(stopped), list(stopped))
	}
	if d.stuck && !r.record.Stuck {
		r.record.tell(r.now, ") was unable to stop or start tasks during a deployment because of the service deployment "+
			"configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
	}
	r.record.Stuck = d.stuck
	if d.start > 0 && r.now.Before(r.record.Until) {
		r.soon(r.record.Until)
		return
	}
	for i := range d.start {
		r.moved = true
		r.part.waiting[r.arn] = append(r.part.waiting[r.arn], waiting{
			id: account.NewHex(32), deployment: r.record.primary().ID, replaces: i < d.replacing, created: r.now,
		})
	}
}

func (r *round) situation() situation {
	d := r.record.primary()
	s := situation{
		desired: r.desired, minPercent: r.minPercent, maxPercent: r.maxPercent, primary: d.ID, stalled: d.State == failed,
	}
	for _, t := range r.tasks {
		s.tasks = append(s.tasks, candidate{
			id: t.ID, deployment: t.StartedBy, zone: t.Zone, phase: t.phase,
			ready: t.ready, sick: t.sick != "", leaving: t.leaving, created: t.Created,
		})
	}
	return s
}

// stop begins the end of a task.
func (r *round) stop(t *seen, code, reason string) {
	t.mark.Ordered = true
	t.phase, t.Status, t.Wanted, t.ready = stops, task.Deactivating, task.Stopped, false
	t.StopCode, t.Reason = code, reason
	r.moved = true
	r.part.env.Runner.Stop(t.ID, code, reason)
}

// forget drops a task that had no place.
func (r *round) forget(id string) {
	r.part.waiting[r.arn] = slices.DeleteFunc(r.part.waiting[r.arn], func(w waiting) bool { return w.id == id })
	r.tasks = slices.DeleteFunc(r.tasks, func(t *seen) bool { return t.ID == id })
	r.part.env.Capacity.Release(id)
}

// soon makes sure that the next look is not later than a moment that is still to come.
func (r *round) soon(at time.Time) {
	if at.After(r.now) {
		r.next = earlier(r.next, at)
	}
}

// list names tasks as ECS does in its events.
func list(ids []string) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = "(task " + id + ")"
	}
	return strings.Join(parts, " ")
}

// save keeps the record if it has changed, and the definition that a rollback went to.
func (r *round) save() error {
	text, err := r.record.text()
	if err != nil || (text == r.saved && r.rolledBack == "" && !r.over) {
		return err
	}
	err = r.part.env.Account.Update(func(tx *account.Tx) error {
		if r.over {
			return tx.Drop(class, r.arn)
		}
		if err := r.observeRollback(tx); err != nil {
			return err
		}
		return tx.Keep(class, r.arn, r.record)
	})
	r.saved, r.rolledBack = text, ""
	return err
}
