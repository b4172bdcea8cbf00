package task

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// outputPatience is how long the last output of a container may take after its end.
const outputPatience = 5 * time.Second

// follow is the way of a container's output into its log stream.
type follow struct {
	run    time.Time // when what is followed was started
	cancel context.CancelFunc
	done   chan struct{}
	// rest reads what is there and was not read.
	rest func(ctx context.Context) error
}

// over tells whether it has come to its end.
func (f *follow) over() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// finish waits until all output of a container that has ended is written.
func (f *follow) finish(ctx context.Context) {
	select {
	case <-f.done:
		return
	case <-ctx.Done():
		return
	case <-time.After(outputPatience):
	}
	f.cancel()
	<-f.done
	_ = f.rest(ctx) // the engine does not end the output of a container that has ended: more cannot be had
}

// read follows the output of a container, unless that is done already. The lock is held.
func (w *work) read(ctx context.Context, u *unit) {
	before := u.follow
	if u.LogGroup == "" || before != nil && before.run.Equal(u.started) && !before.over() {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	id, group, stream := u.ID, u.LogGroup, u.LogStream
	f := &follow{run: u.started, cancel: cancel, done: make(chan struct{})}
	f.rest = func(ctx context.Context) error { return w.copyOutput(ctx, id, group, stream, false) }
	u.follow = f
	w.group.Go(func() {
		defer cancel()
		defer close(f.done)
		if before != nil {
			<-before.done
		}
		err := w.copyOutput(ctx, id, group, stream, true)
		if err == nil && ctx.Err() == nil {
			err = f.rest(ctx) // the engine may end with a container before it has passed on the last lines
		}
		if err != nil && ctx.Err() == nil {
			w.part.sayOnce(fmt.Sprintf("log stream %s of %s", stream, group), err.Error())
		}
	})
}

// copyOutput writes a container's output to its log stream, from where the stream ends.
func (w *work) copyOutput(ctx context.Context, id, group, stream string, follow bool) (err error) {
	to, err := w.part.env.Logs.Writer(group, stream)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	last := to.Last()
	return w.part.engine.Output(ctx, id, last, follow, func(at time.Time, line string) error {
		if !at.After(last) {
			return nil // it is there already
		}
		return to.Write(at, line)
	})
}
