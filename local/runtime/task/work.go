package task

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"wordpress-ecs/local/runtime/gateway"
	"wordpress-ecs/local/runtime/part"
)

// work is a task at work. One goroutine, live, decides what happens; others do it and come back with the outcome.
// The part's mutex guards everything but def and what live alone uses.
type work struct {
	part *Part
	def  definition
	wake chan struct{}

	task    Task
	pause   string
	have    supplies
	way     gateway.Place
	units   []*unit
	unsaved bool

	// group counts what is under way.
	group *sync.WaitGroup
	// tended says that live runs, preparing that prepare does, prepared that it is through, cleaning that clean does.
	tended, preparing, prepared, cleaning bool
	cancel                                context.CancelFunc // ends prepare
	// restored tasks were begun by an earlier process: what became of their containers has to be looked up.
	restored bool
	// lost says that the pause container has to be looked at.
	lost bool
}

// unit is a container at work.
type unit struct {
	*Container
	def *containerDefinition
	// started is when it was last started, on the engine's clock.
	started time.Time
	// busy says that something is being done to it, stale that the engine has to be asked how it is, again that
	// it is to be started though it ran before.
	busy, stale, again bool
	// called says that it was told to start: from then on it may have ended.
	called bool
	// notBefore bounds how often something that failed is tried.
	notBefore time.Time
	// follow ends with its output.
	follow *follow
}

// record is what is kept of a task.
type record struct {
	Task
	Content definition `json:"content"`
	Pause   string     `json:"pause,omitempty"`
}

func newContainer(d *containerDefinition, taskID string) Container {
	c := Container{Name: d.Name, Status: Pending, Health: HealthUnknown, Essential: d.essential()}
	if options, ok := d.logs(); ok {
		c.LogGroup = options["awslogs-group"]
		c.LogStream = taskID
		if prefix := options["awslogs-stream-prefix"]; prefix != "" {
			c.LogStream = prefix + "/" + d.Name + "/" + taskID
		}
	}
	return c
}

func newWork(p *Part, r record) *work {
	w := &work{part: p, def: r.Content, wake: make(chan struct{}, 1), task: r.Task, pause: r.Pause}
	w.task.Containers = slices.Clone(r.Containers)
	for i := range w.task.Containers {
		c := &w.task.Containers[i]
		if d := w.def.container(c.Name); d != nil {
			w.units = append(w.units, &unit{Container: c, def: d})
		}
	}
	return w
}

func (w *work) record() record { return record{Task: w.snapshot(), Content: w.def, Pause: w.pause} }

// snapshot is the task as it is now, and nobody changes it any more.
func (w *work) snapshot() Task {
	t := w.task
	t.Containers = slices.Clone(t.Containers)
	for i := range t.Containers {
		t.Containers[i].Listens = maps.Clone(t.Containers[i].Listens)
	}
	return t
}

func (w *work) unit(name string) *unit {
	for _, u := range w.units {
		if u.Name == name {
			return u
		}
	}
	return nil
}

// stop makes a task stop, from a status on: DEACTIVATING waits until it is drained. It tells whether it did.
func (w *work) stop(code, reason string, from Status) bool {
	w.part.mu.Lock()
	changed := w.stopping(code, reason, from)
	w.part.mu.Unlock()
	if changed {
		w.part.notify(w)
	}
	return changed
}

// stopping is stop with the lock held.
func (w *work) stopping(code, reason string, from Status) bool {
	t := &w.task
	if t.Status == Stopped || t.Status == Deprovisioning || t.Status == Stopping || t.Status == from {
		return false
	}
	t.Status, t.Wanted = from, Stopped
	if t.StopCode == "" {
		t.StopCode, t.Reason, t.Stopping = code, reason, time.Now()
	}
	if w.cancel != nil {
		w.cancel()
	}
	return true
}

// live does what is to be done until the task has stopped or the context ends.
func (w *work) live(ctx context.Context) {
	for ctx.Err() == nil {
		if !w.refresh(ctx) {
			w.sleep(ctx, retryPause)
			continue
		}
		wait, done := w.step(ctx, time.Now())
		if done {
			return
		}
		w.sleep(ctx, wait)
	}
}

// sleep waits until something has changed, or for a time if that is not 0.
func (w *work) sleep(ctx context.Context, wait time.Duration) {
	var timer <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-w.wake:
	case <-timer:
	}
}

// step decides what is to be done next and lets it be done. It returns for how long there is nothing to do, 0 for
// until something changes, and whether the task has stopped.
func (w *work) step(ctx context.Context, now time.Time) (wait time.Duration, done bool) {
	w.part.mu.Lock()
	before := w.task.Status
	health := w.task.Health
	changed := false
	switch w.task.Status {
	case Stopped:
		done = true
	case Deactivating:
		changed = w.essentialEnded()
	case Stopping:
		wait, changed = w.stepDown(ctx, now)
	case Deprovisioning:
		w.clear(ctx)
	default:
		wait, changed = w.stepUp(ctx, now)
	}
	w.task.Health = w.health()
	changed = changed || before != w.task.Status || health != w.task.Health
	again := before != w.task.Status
	w.part.mu.Unlock()
	if changed {
		w.part.notify(w)
	}
	if again {
		part.Wake(w.wake)
	}
	return wait, done
}

// stepUp brings a task up.
func (w *work) stepUp(ctx context.Context, now time.Time) (wait time.Duration, changed bool) {
	if !w.prepared {
		if !w.preparing {
			w.preparing = true
			ctx, w.cancel = context.WithCancel(ctx)
			w.group.Go(func() { w.prepare(ctx) })
		}
		return 0, false
	}
	for _, u := range w.units {
		changed = w.bring(ctx, u, now, &wait) || changed
	}
	if w.essentialEnded() {
		return 0, true
	}
	if w.task.Status != Running && !slices.ContainsFunc(w.units, func(u *unit) bool { return u.Status == Pending }) {
		w.task.Status, w.task.Started = Running, now
		changed = true
	}
	return wait, changed
}

// bring makes or starts a container when it is time, and tells whether it has changed.
func (w *work) bring(ctx context.Context, u *unit, now time.Time, wait *time.Duration) bool {
	switch {
	case u.Status == Stopped || u.unknown():
		return false
	case u.ID == "":
		w.do(u, func() { w.create(ctx, u) })
		return false
	case u.again:
		u.again = false
		w.do(u, func() { w.start(ctx, u) })
		return false
	case u.called:
		return false
	}
	v := w.maybeStart(u, now)
	switch {
	case v.failure != "":
		exit := unstartedExit
		u.Status, u.Exit, u.Reason = Stopped, &exit, "CannotStartContainerError: "+v.failure
		part.Wake(w.wake) // others may depend on it
		return true
	case v.ready:
		w.do(u, func() { w.start(ctx, u) })
	case !v.until.IsZero():
		soonest(wait, v.until.Sub(now))
	}
	return false
}

// stepDown ends the containers of a task in their order.
func (w *work) stepDown(ctx context.Context, now time.Time) (wait time.Duration, changed bool) {
	ended := !w.preparing
	for _, u := range w.units {
		u.again = false
		switch {
		case u.Status == Stopped:
		case u.unknown():
			ended = false
		case !u.called:
			u.Status = Stopped
			changed = true
			part.Wake(w.wake) // others may wait for it
		case now.Before(u.notBefore):
			soonest(&wait, u.notBefore.Sub(now))
			ended = false
		case w.mayStop(u):
			u.Status = Stopping
			changed = true
			w.do(u, func() { w.end(ctx, u) })
			ended = false
		default:
			ended = false
		}
	}
	if ended {
		w.task.Status = Deprovisioning
	}
	return wait, changed
}

// clear removes what the task leaves behind.
func (w *work) clear(ctx context.Context) {
	if w.cleaning {
		return
	}
	w.cleaning = true
	w.group.Go(func() { w.clean(ctx) })
}

// unknown tells whether it is not known how a container is: something is being done to it, or the engine has to be
// asked.
func (u *unit) unknown() bool { return u.busy || u.stale && u.ID != "" }

// do lets something be done to a container. The lock is held.
func (w *work) do(u *unit, f func()) {
	u.busy = true
	w.group.Go(f)
}

// essentialEnded stops the task when a container has ended that it cannot do without. The lock is held.
func (w *work) essentialEnded() bool {
	for _, u := range w.units {
		if u.Status != Stopped || !u.Essential {
			continue
		}
		code, reason := "EssentialContainerExited", "Essential container in task exited"
		if !u.called && u.Reason != "" {
			code, reason = "TaskFailedToStart", u.Reason
		}
		return w.stopping(code, reason, Stopping)
	}
	return false
}

// health is what the health checks of the essential containers say together.
func (w *work) health() Health {
	said := map[Health]bool{}
	for _, u := range w.units {
		if u.Essential && u.def.HealthCheck != nil {
			said[u.Health] = true
		}
	}
	switch {
	case said[Unhealthy]:
		return Unhealthy
	case said[Healthy] && !said[HealthUnknown]:
		return Healthy
	default:
		return HealthUnknown
	}
}

func soonest(wait *time.Duration, d time.Duration) {
	d = max(d, time.Millisecond)
	if *wait == 0 || d < *wait {
		*wait = d
	}
}
