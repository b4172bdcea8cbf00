package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// run stands in for a test: what it starts goes with it, also when it fails or is interrupted.
type run struct {
	ctx      context.Context //nolint:containedctx // as testing.T has one
	mu       sync.Mutex
	cleanups []func()
	failures []string
}

// measure calls f and returns what went wrong in it.
func measure(ctx context.Context, f func(*run)) error {
	r := &run{ctx: ctx}
	done := make(chan struct{})
	go func() { // FailNow ends the goroutine that it is called in
		defer close(done)
		defer r.cleanUp()
		f(r)
	}()
	<-done
	if r.Failed() {
		return errors.New(strings.Join(r.failures, "\n"))
	}
	return ctx.Err()
}

func (r *run) cleanUp() {
	for _, cleanup := range slices.Backward(r.cleanups) {
		// Each in its own goroutine: one that fails must not keep the others from being done.
		done := make(chan struct{})
		go func() {
			defer close(done)
			cleanup()
		}()
		<-done
	}
}

func (r *run) Helper()                           {}
func (r *run) Context() context.Context          { return r.ctx }
func (r *run) Cleanup(cleanup func())            { r.cleanups = append(r.cleanups, cleanup) }
func (r *run) Logf(format string, args ...any)   { fmt.Fprintf(os.Stderr, format+"\n", args...) }
func (r *run) Skipf(format string, args ...any)  { r.fail(format, args...) }
func (r *run) Fatalf(format string, args ...any) { r.fail(format, args...) }

func (r *run) fail(format string, args ...any) {
	r.Errorf(format, args...)
	r.FailNow()
}

func (r *run) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures) > 0
}

func (r *run) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *run) FailNow() {
	r.mu.Lock()
	if len(r.failures) == 0 {
		r.failures = []string{"failed"}
	}
	r.mu.Unlock()
	runtime.Goexit()
}

// check ends the benchmark if there is an error.
func (r *run) check(err error, what string) {
	if err != nil {
		r.fail("%s: %v", what, err)
	}
}
