package task

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// Types are none: services ask for tasks.
func (p *Part) Types() []string { return nil }

// Await has nothing to wait for.
func (p *Part) Await(context.Context, account.Resource, part.Say) error { return nil }

// Release has nothing to end: tasks end with their service.
func (p *Part) Release(context.Context, account.Resource, part.Say) error { return nil }

// Run takes over the tasks that run already, and lets them and those that begin go on until the context ends.
// Containers go on then.
func (p *Part) Run(ctx context.Context, _ <-chan struct{}) error {
	if err := p.load(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.resume(ctx)
	p.tending.Go(func() { p.listen(ctx) })
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	p.compare(ctx)
	for {
		if err := p.save(); err != nil {
			cancel()
			p.rest()
			return err
		}
		select {
		case <-ctx.Done():
			p.rest()
			return p.save()
		case <-p.changed:
		case now := <-look.C:
			p.compare(ctx)
			p.expire(now)
		}
	}
}

// resume lets all tasks go on.
func (p *Part) resume(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running, p.tending = ctx, &sync.WaitGroup{}
	for _, w := range p.tasks {
		if w.task.Status != Stopped {
			p.tendIn(ctx, p.tending, w)
		}
	}
}

// rest waits until nothing is under way any more. The context of Run has ended, or ends with its error.
func (p *Part) rest() {
	p.mu.Lock()
	group := p.tending
	p.running, p.ending = nil, true
	p.mu.Unlock()
	group.Wait()
	p.mu.Lock()
	p.ending = false
	p.mu.Unlock()
}

// listen follows the engine's events, which say sooner what a comparison finds as well.
func (p *Part) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := p.engine.Events(ctx, map[string]string{machine.LabelKind: kind}, p.happened)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			p.sayOnce("tasks", err.Error())
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryPause):
			p.lookAtAll() // what happened meanwhile was not heard
		}
	}
}

// heard are the events that change a container. Commands that run in it have events of their own.
var heard = []string{"start", "die", "oom", "pause", "unpause", "destroy"}

func (p *Part) happened(e machine.Event) {
	if !slices.Contains(heard, e.Action) && !strings.HasPrefix(e.Action, "health_status") {
		return
	}
	p.doubt(e.Labels[machine.LabelID], e.Labels[labelContainer])
}

// doubt has the engine asked for a container.
func (p *Part) doubt(task, container string) {
	p.mu.Lock()
	w := p.tasks[task]
	if w != nil {
		if u := w.unit(container); u != nil {
			u.stale = true
		} else {
			w.lost = true
		}
	}
	p.mu.Unlock()
	if w != nil {
		part.Wake(w.wake)
	}
}

func (p *Part) lookAtAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.tasks {
		w.lost = true
		for _, u := range w.units {
			u.stale = true
		}
		part.Wake(w.wake)
	}
}

// compare compares all containers of the engine with the tasks: containers of no task are removed, and what is not
// as it should be is looked at.
func (p *Part) compare(ctx context.Context) {
	found, err := p.engine.Find(ctx, map[string]string{machine.LabelKind: kind})
	if err == nil {
		err = p.sweep(ctx, found)
	}
	if err != nil {
		if ctx.Err() == nil {
			p.sayOnce("tasks", err.Error())
		}
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	states := map[string]string{}
	for _, c := range found {
		states[c.ID] = c.State
	}
	for _, w := range p.tasks {
		wake := false
		if w.pause != "" && w.prepared && states[w.pause] != "running" && w.task.Wanted == Running {
			w.lost, wake = true, true
		}
		for _, u := range w.units {
			if u.Status == Running && u.ID != "" && !u.busy && states[u.ID] != "running" && states[u.ID] != "paused" {
				u.stale, wake = true, true
			}
		}
		if wake {
			part.Wake(w.wake)
		}
	}
}

// sweep removes the containers of tasks that nobody knows or that have stopped, and their volumes.
func (p *Part) sweep(ctx context.Context, found []machine.Container) error {
	unknown := map[string]bool{}
	for _, c := range found {
		id := c.Labels[machine.LabelID]
		if w := p.task(id); w == nil || w.stopped() {
			unknown[id] = true
		}
	}
	var failed []error
	for id := range unknown {
		w := &work{part: p, task: Task{Order: Order{ID: id}}}
		failed = append(failed, w.remove(ctx))
	}
	return errors.Join(failed...)
}

func (w *work) stopped() bool {
	w.part.mu.Lock()
	defer w.part.mu.Unlock()
	return w.task.Status == Stopped
}

// Suspend stops all tasks, each in its order and all at once, and removes their containers.
func (p *Part) Suspend(ctx context.Context, say part.Say) error {
	if err := p.load(); err != nil {
		return err
	}
	p.mu.Lock()
	var stopping []*work
	for _, w := range p.tasks {
		if w.task.Status != Stopped {
			stopping = append(stopping, w)
		}
	}
	p.mu.Unlock()
	if len(stopping) > 0 {
		say("stopping the tasks")
	}
	var group sync.WaitGroup
	for _, w := range stopping {
		w.stop("UserInitiated", "stopped", Stopping)
		p.mu.Lock()
		p.tendIn(ctx, &group, w)
		p.mu.Unlock()
	}
	group.Wait()
	failed := []error{ctx.Err(), p.save()}
	if ctx.Err() == nil {
		found, err := p.engine.Find(ctx, map[string]string{machine.LabelKind: kind})
		failed = append(failed, err, p.sweep(ctx, found), p.images.release(ctx, p.needs))
	}
	return errors.Join(failed...)
}
