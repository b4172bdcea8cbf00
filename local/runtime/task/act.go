package task

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// stopMargin is how much longer than its grace the engine may take to end a container.
const stopMargin = 20 * time.Second

// back ends what was done to a container. Unless it was only made, the engine is asked how it is now.
func (w *work) back(u *unit, f func()) {
	w.part.mu.Lock()
	f()
	u.busy, u.stale = false, u.stale || u.called
	w.part.mu.Unlock()
	w.part.notify(w)
}

// create makes a container.
func (w *work) create(ctx context.Context, u *unit) {
	w.part.mu.Lock()
	s := w.spec(u, w.have)
	w.part.mu.Unlock()
	id, err := w.part.engine.Create(ctx, s)
	w.back(u, func() {
		switch {
		case err == nil:
			u.ID = id
		case ctx.Err() == nil:
			u.Status, u.Reason = Stopped, "CannotCreateContainerError: "+strings.TrimSpace(err.Error())
		}
	})
}

// start starts a container, for the first time or again.
func (w *work) start(ctx context.Context, u *unit) {
	w.part.mu.Lock()
	id := u.ID
	w.part.mu.Unlock()
	err := w.part.engine.Start(ctx, id)
	w.back(u, func() {
		switch {
		case err == nil:
			u.called = true
		case ctx.Err() == nil:
			u.Status, u.Reason = Stopped, "CannotStartContainerError: "+strings.TrimSpace(err.Error())
		}
	})
}

// end asks a container to end, and ends it when its grace is over. One that is paused could not hear it.
func (w *work) end(ctx context.Context, u *unit) {
	w.part.mu.Lock()
	id, grace := u.ID, u.def.stopTimeout()
	w.part.mu.Unlock()
	bounded, cancel := context.WithTimeout(ctx, grace+stopMargin)
	defer cancel()
	err := w.part.engine.Unpause(bounded, id)
	if err == nil {
		err = w.part.engine.Stop(bounded, id, grace)
	}
	if err != nil && ctx.Err() == nil {
		w.part.sayOnce(w.task.ID, err.Error())
		// An engine that does not end a container may still remove it.
		err = w.part.engine.Remove(ctx, id)
	}
	w.back(u, func() {
		if err != nil {
			u.notBefore = time.Now().Add(retryPause)
		}
	})
}

// clean removes what the task leaves behind, once its output is written down.
func (w *work) clean(ctx context.Context) {
	for _, u := range w.units {
		w.part.mu.Lock()
		f := u.follow
		w.part.mu.Unlock()
		if f != nil {
			f.finish(ctx)
		}
	}
	err := w.remove(ctx)
	w.part.mu.Lock()
	w.cleaning = false
	if err == nil {
		w.task.Status, w.task.Ended, w.pause = Stopped, time.Now(), ""
	}
	w.part.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		w.part.sayOnce(w.task.ID, err.Error())
		time.AfterFunc(retryPause, func() { part.Wake(w.wake) })
		return
	}
	w.part.notify(w)
	if err := w.part.images.release(ctx, w.part.needs); err != nil && ctx.Err() == nil {
		w.part.sayOnce("images", err.Error()) // the next task that stops tries it again
	}
}

// remove removes all containers and volumes that carry the task's label.
func (w *work) remove(ctx context.Context) error {
	labels := map[string]string{machine.LabelKind: kind, machine.LabelID: w.task.ID}
	containers, err := w.part.engine.Find(ctx, labels)
	if err != nil {
		return err
	}
	// The namespace last: the others are in it.
	inside := slices.DeleteFunc(slices.Clone(containers), isNamespace)
	around := slices.DeleteFunc(slices.Clone(containers), func(c machine.Container) bool { return !isNamespace(c) })
	drop := func(c machine.Container) error { return w.part.engine.Remove(ctx, c.ID) }
	if err := each(inside, drop); err != nil {
		return err
	}
	if err := each(around, drop); err != nil {
		return err
	}
	volumes, err := w.part.engine.FindVolumes(ctx, labels)
	if err != nil {
		return err
	}
	if err := each(volumes, func(v machine.Named) error {
		return w.part.engine.RemoveVolume(ctx, volumeWords(w.task.ID, v.Labels[labelVolume]))
	}); err != nil {
		return err
	}
	return w.leave()
}

func isNamespace(c machine.Container) bool { return c.Labels[labelContainer] == "" }

// each does something for all elements at once.
func each[T any](list []T, f func(T) error) error {
	failed := make([]error, len(list))
	var all sync.WaitGroup
	for i, element := range list {
		all.Go(func() { failed[i] = f(element) })
	}
	all.Wait()
	return errors.Join(failed...)
}

// needs tells whether a task that has not stopped uses an image.
func (p *Part) needs(reference string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.tasks {
		if w.task.Status != Stopped &&
			slices.ContainsFunc(w.def.Containers, func(c containerDefinition) bool { return c.Image == reference }) {
			return true
		}
	}
	return false
}
