package ecs

import (
	"slices"
	"time"

	"wordpress-ecs/local/account"
)

// failedShown is how long a failed deployment stays in the list after its tasks are gone. ECS shows it for some
// minutes, too: whoever asks why it failed finds the reason there.
const failedShown = 5 * time.Minute

// begin makes a new deployment when something else is asked for.
func (r *round) begin() {
	if r.missing != "" || (r.record.primary() != nil && !r.record.Again && !r.record.Asked.renewed(r.asked)) {
		// What does not take a deployment counts from now on.
		r.record.Asked.Forced = r.record.Asked.Forced && r.asked.Forced
		return
	}
	r.record.Asked, r.record.Again = r.asked, false
	r.record.Failures, r.record.Until, r.record.Steady, r.record.Unplaced = 0, time.Time{}, false, ""
	r.lead(newDeployment(r.definition, r.now))
}

// lead makes a deployment the PRIMARY one.
func (r *round) lead(d *deployment) {
	for _, other := range r.record.Deployments {
		if other.Status == primary {
			other.Status, other.Updated = active, r.now
		}
	}
	rest := slices.DeleteFunc(r.record.Deployments, func(other *deployment) bool {
		return other.ID == d.ID || other.Status == inactive
	})
	d.Status = primary
	r.record.Deployments = append([]*deployment{d}, rest...)
}

// breakCircuit ends a deployment whose tasks keep failing, and goes back to the last one that was completed, as
// that same deployment. Without one it stays as it is, and starts nothing.
func (r *round) breakCircuit() {
	d := r.record.primary()
	if d == nil || d.State != inProgress || !r.breaker || d.Failed < threshold(r.desired) {
		return
	}
	d.State, d.Reason, d.Updated = failed, "ECS deployment circuit breaker: tasks failed to start.", r.now
	r.record.tell(r.now, ") (deployment %s) deployment failed: tasks failed to start.", d.ID)
	back := r.record.Completed
	if !r.rollback || back == nil || back.ID == d.ID {
		return
	}
	back.State, back.Updated, back.Failed = inProgress, r.now, 0
	back.Reason = "ECS deployment circuit breaker: rolling back to deploymentId " + back.ID + "."
	r.lead(back)
	// It can be gone back to again when it has completed again.
	r.record.Completed = nil
	r.record.Failures, r.record.Until = 0, time.Time{}
	r.record.tell(r.now, ") rolling back to deployment %s.", back.ID)
	r.record.Asked.Definition = back.Definition.ARN
	r.rolledBack = back.Definition.ARN
}

// observeRollback sets the service's task definition back, as whoever reads the service finds it on AWS, unless
// something else has been asked for in the meantime.
func (r *round) observeRollback(tx *account.Tx) error {
	if r.rolledBack == "" {
		return nil
	}
	now, err := tx.Get(serviceType, r.region, r.arn)
	if err != nil || now == nil {
		return err
	}
	if now.Outputs.String("taskDefinition") != r.asked.Definition {
		return nil
	}
	now.Observe("taskDefinition", r.rolledBack)
	return tx.Put(*now)
}

// conclude notes what is over: deployments without tasks, a rollout that is complete, the way to the steady state.
func (r *round) conclude() {
	r.tidy()
	d := r.record.primary()
	if d == nil {
		return
	}
	if !r.settled() {
		r.record.Steady = false
		return
	}
	if d.State == inProgress {
		d.State, d.Reason, d.Updated, d.Failed = completed, "ECS deployment "+d.ID+" completed.", r.now, 0
		kept := *d
		r.record.Completed = &kept
		r.record.tell(r.now, ") (deployment %s) deployment completed.", d.ID)
		r.record.Steady = false
	}
	if !r.record.Steady && d.State == completed {
		r.record.Steady = true
		r.record.tell(r.now, ") has reached a steady state.")
	}
}

// settled tells whether all tasks are as they should be, and nothing moves.
func (r *round) settled() bool {
	if r.moved || len(r.part.waiting[r.arn]) > 0 {
		return false
	}
	ready := 0
	for _, t := range r.tasks {
		switch {
		case t.phase == stopped:
		case t.ready && t.StartedBy == r.record.primary().ID && !t.leaving:
			ready++
		default:
			return false
		}
	}
	return ready == r.desired
}

// tidy drops what is known of tasks that nobody lists any more, and deployments that have none left.
func (r *round) tidy() {
	alive, listed := map[string]bool{}, map[string]bool{}
	for _, t := range r.tasks {
		listed[t.ID] = true
		alive[t.StartedBy] = alive[t.StartedBy] || t.phase != stopped
	}
	for id := range r.record.Tasks {
		if !listed[id] {
			delete(r.record.Tasks, id)
		}
	}
	r.record.Deployments = slices.DeleteFunc(r.record.Deployments, func(d *deployment) bool {
		if d.Status == primary || alive[d.ID] {
			return false
		}
		if d.State != failed {
			return true
		}
		if d.Status != inactive {
			d.Status, d.Updated = inactive, r.now
		}
		r.soon(d.Updated.Add(failedShown))
		return !r.now.Before(d.Updated.Add(failedShown))
	})
}
