package task

import (
	"fmt"
	"time"
)

// Conditions that a container can wait for.
const (
	conditionStart    = "START"
	conditionComplete = "COMPLETE"
	conditionSuccess  = "SUCCESS"
	conditionHealthy  = "HEALTHY"
)

// unstartedExit is the exit code of a container that cannot be started because of its dependencies. The ECS agent
// takes that of a process that was asked to end.
const unstartedExit = 143

// verdict is whether a container may start.
type verdict struct {
	ready bool
	// failure is why it never will.
	failure string
	// until is when what it waits for has had its time; zero if it has all of it.
	until time.Time
}

// maybeStart judges a container by what it depends on, as the ECS agent does.
func (w *work) maybeStart(u *unit, now time.Time) verdict {
	v := verdict{ready: true}
	for _, d := range u.def.DependsOn {
		on := w.unit(d.ContainerName)
		if on == nil {
			return verdict{failure: fmt.Sprintf("dependency graph: container ordering dependency [%s] for target [%s] does not exist.",
				d.ContainerName, u.Name)}
		}
		if fulfilled(d.Condition, on) {
			continue
		}
		if hopeless(d.Condition, on) {
			return verdict{failure: fmt.Sprintf("dependency graph: failed to resolve container ordering dependency "+
				"[%s] for target [%s] as dependency did not exit successfully.", describe(on), u.Name)}
		}
		v.ready = false
		if d.Condition == conditionStart || on.def.StartTimeout == 0 || on.started.IsZero() {
			continue
		}
		until := on.started.Add(time.Duration(on.def.StartTimeout) * time.Second)
		if !now.Before(until) {
			return verdict{failure: fmt.Sprintf("dependency graph: container ordering dependency [%s] for target [%s] has timed out.",
				describe(on), u.Name)}
		}
		if v.until.IsZero() || until.Before(v.until) {
			v.until = until
		}
	}
	return v
}

// describe is a container as the agent writes it, without its image.
func describe(u *unit) string {
	text := fmt.Sprintf("%s (%s->%s)", u.Name, u.Status, Running)
	if u.Exit != nil {
		text += fmt.Sprintf(" - Exit: %d", *u.Exit)
	}
	return text
}

func fulfilled(condition string, on *unit) bool {
	ended := on.Status == Stopped && on.Exit != nil
	switch condition {
	case conditionStart: // it does not matter whether it has ended since
		return on.Status == Running || on.Status == Stopped
	case conditionComplete:
		return ended
	case conditionSuccess:
		return ended && *on.Exit == 0
	case conditionHealthy:
		return on.Status == Running && on.Health == Healthy
	default:
		return false
	}
}

// hopeless tells whether a condition cannot come true any more.
func hopeless(condition string, on *unit) bool {
	return on.Status == Stopped && !fulfilled(condition, on)
}

// mayStop tells whether all that depend on a container have ended: containers stop in the reverse order of their
// start.
func (w *work) mayStop(u *unit) bool {
	for _, other := range w.units {
		if other.Status == Stopped {
			continue
		}
		for _, d := range other.def.DependsOn {
			if d.ContainerName == u.Name {
				return false
			}
		}
	}
	return true
}

// restarts tells whether a container that has ended is started again: it was up for long enough, and its exit code
// is none of those that mean that this would be of no use.
func (u *unit) restarts(exit int, ended time.Time) bool {
	policy := u.def.RestartPolicy
	if policy == nil || !policy.Enabled {
		return false
	}
	for _, code := range policy.IgnoredExitCodes {
		if code == exit {
			return false
		}
	}
	period := time.Duration(policy.RestartAttemptPeriod) * time.Second
	if period == 0 {
		period = defaultRestartPeriod
	}
	return ended.Sub(u.started) >= period
}

// defaultRestartPeriod is how long a container has to run so that it is started again, unless it says otherwise.
const defaultRestartPeriod = 300 * time.Second
