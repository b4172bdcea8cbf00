package task

import (
	"context"
	"maps"
	"time"

	"github.com/docker/docker/api/types/container"

	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// refresh asks the engine for what may have changed; false when it does not answer.
func (w *work) refresh(ctx context.Context) bool {
	if w.restored {
		if err := w.adopt(ctx); err != nil {
			w.trouble(ctx, err)
			return false
		}
		w.restored = false
	}
	w.part.mu.Lock()
	lost, pause := w.lost && w.prepared, w.pause
	w.lost = false
	w.part.mu.Unlock()
	if lost {
		if err := w.lookAtNamespace(ctx, pause); err != nil {
			w.trouble(ctx, err)
			return false
		}
	}
	for _, u := range w.units {
		w.part.mu.Lock()
		stale, id := u.stale && !u.busy && u.ID != "" && u.Status != Stopped, u.ID
		if stale {
			u.stale = false
		}
		w.part.mu.Unlock()
		if !stale {
			continue
		}
		if err := w.look(ctx, u, id, pause); err != nil {
			w.part.mu.Lock()
			u.stale = true
			w.part.mu.Unlock()
			w.trouble(ctx, err)
			return false
		}
	}
	return true
}

func (w *work) trouble(ctx context.Context, err error) {
	if ctx.Err() == nil {
		w.part.sayOnce("task "+w.task.ID, err.Error())
	}
}

// adopt finds the containers of a task that an earlier process has begun.
func (w *work) adopt(ctx context.Context) error {
	found, err := w.part.engine.Find(ctx, map[string]string{machine.LabelKind: kind, machine.LabelID: w.task.ID})
	if err != nil {
		return err
	}
	w.enter()
	w.part.mu.Lock()
	defer w.part.mu.Unlock()
	w.pause = ""
	ids := map[string]machine.Container{}
	for _, c := range found {
		ids[c.Labels[labelContainer]] = c
		if isNamespace(c) {
			w.pause = c.ID
		}
	}
	complete := w.pause != ""
	for _, u := range w.units {
		c, there := ids[u.Name]
		if u.Status == Stopped {
			continue
		}
		u.called = u.called || u.Status != Pending || there && c.State != "created"
		u.stale = true
		switch {
		case there:
			u.ID = c.ID
		case u.called: // it ran, and is gone
			u.Status, u.Reason = Stopped, gone
		default:
			u.ID = ""
			complete = false
		}
	}
	w.prepared = complete
	w.lost = true
	if !begins(w.task.Status) {
		w.prepared = true // nothing is made any more
	}
	return nil
}

// begins tells whether a task has not run yet.
func begins(s Status) bool { return s == Provisioning || s == Pending || s == Activating }

// gone is the reason of a container that somebody has removed.
const gone = "DockerStateError: the container is gone"

// lookAtNamespace stops a task whose network is gone: its containers reach nothing any more.
func (w *work) lookAtNamespace(ctx context.Context, id string) error {
	running := false
	if id != "" {
		found, ok, err := w.part.engine.Inspect(ctx, id)
		if err != nil {
			return err
		}
		running = ok && found.State != nil && found.State.Running
	}
	if !running {
		w.stop("EssentialContainerExited", "DockerStateError: the network namespace of the task is gone", Stopping)
	}
	return nil
}

// look takes over what the engine knows of a container.
func (w *work) look(ctx context.Context, u *unit, id, pause string) error {
	found, ok, err := w.part.engine.Inspect(ctx, id)
	if err != nil {
		return err
	}
	var published map[int]string
	if ports := u.def.ports(); len(ports) > 0 && ok && found.State.Running && pause != "" {
		namespace, there, err := w.part.engine.Inspect(ctx, pause)
		if err != nil {
			return err
		}
		if there {
			published = listens(namespace, ports)
		}
	}
	w.part.mu.Lock()
	before := *u.Container
	switch {
	case !ok:
		u.Status, u.Reason, u.Health = Stopped, gone, HealthUnknown
	case found.State.Running: // also when it is paused
		w.runs(ctx, u, found.State)
		u.Listens = published
	case u.called && found.State.Status != "created":
		w.ended(ctx, u, found.State)
	}
	changed := before.Status != u.Status || before.Health != u.Health || before.Restarts != u.Restarts ||
		!maps.Equal(before.Listens, u.Listens)
	w.part.mu.Unlock()
	if changed {
		w.part.notify(w)
	}
	return nil
}

// runs takes note that a container runs. The lock is held.
func (w *work) runs(ctx context.Context, u *unit, state *container.State) {
	u.called, u.started = true, moment(state.StartedAt)
	if w.task.Wanted == Running || u.Status == Pending {
		u.Status = Running
	}
	u.Health = healthOf(state)
	w.read(ctx, u)
}

// ended takes note of the end of a container, which may have to be started again. The lock is held.
func (w *work) ended(ctx context.Context, u *unit, state *container.State) {
	u.started = moment(state.StartedAt)
	w.read(ctx, u)
	u.Health = HealthUnknown
	if w.task.Wanted == Running && u.restarts(state.ExitCode, moment(state.FinishedAt)) {
		u.again, u.Status = true, Running
		u.Restarts++
		return
	}
	exit := state.ExitCode
	u.Status, u.Exit = Stopped, &exit
	switch {
	case state.OOMKilled && exit != 0:
		u.Reason = "OutOfMemoryError: Container killed due to memory usage"
	case state.Error != "":
		u.Reason = "CannotStartContainerError: " + state.Error
	}
	part.Wake(w.wake)
}

// moment reads a time of the engine's; zero if it has none.
func moment(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Year() <= 1 {
		return time.Time{}
	}
	return at
}

func healthOf(state *container.State) Health {
	if state.Health == nil {
		return HealthUnknown
	}
	switch state.Health.Status {
	case container.Healthy:
		return Healthy
	case container.Unhealthy:
		return Unhealthy
	default:
		return HealthUnknown
	}
}
