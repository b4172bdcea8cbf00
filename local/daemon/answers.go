package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

// resources lists what exists in the account.
func (s *server) resources(w http.ResponseWriter, _ *http.Request) {
	list, err := s.cloud.Account.List()
	reply(w, list, err)
}

// Status tells what runs.
type Status struct {
	Running bool `json:"running"`
	// Reason is why nothing runs.
	Reason string     `json:"reason,omitempty"`
	Rows   []part.Row `json:"rows"`
	// Clock is how many times faster than AWS's the clock runs.
	Clock float64   `json:"clock,omitempty"`
	PID   int       `json:"pid,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// Reasons why nothing runs.
const (
	// NothingDeployed is the reason of an empty account.
	NothingDeployed = "nothing is deployed"
	reasonStopped   = "it was stopped; `go run ./local start` starts it again"
)

func (s *server) status(w http.ResponseWriter, r *http.Request) {
	now := Status{Rows: []part.Row{}, Clock: s.clock, PID: s.info.PID, Since: s.info.Since}
	var err error
	if now.Reason, err = s.idleness(); err != nil {
		reply(w, nil, err)
		return
	}
	if now.Reason == "" {
		now.Running = true
		rows, err := s.cloud.Runtime.Status(r.Context())
		if err != nil {
			reply(w, nil, fmt.Errorf("asking what runs: %w", err))
			return
		}
		now.Rows = append(now.Rows, rows...)
	}
	reply(w, now, nil)
}

// idleness is why nothing runs; "" when the account runs.
func (s *server) idleness() (string, error) {
	list, err := s.cloud.Account.List()
	if err != nil {
		return "", err
	}
	isStopped, err := stopped(s.cloud.Account)
	if err != nil {
		return "", err
	}
	switch absence := s.cloud.Runtime.Absence(); {
	case len(list) == 0:
		return NothingDeployed, nil
	case isStopped:
		return reasonStopped, nil
	case absence != nil:
		return absence.Error(), nil
	}
	return "", nil
}

type action struct {
	Name string   `json:"name"`
	Args []string `json:"args"`
}

// act does what a person asks for beyond Pulumi.
func (s *server) act(w http.ResponseWriter, r *http.Request) {
	var asked action
	if !read(w, r, &asked) {
		return
	}
	answer := newStream(w)
	reason, err := s.idleness()
	if err == nil && reason != "" {
		err = errors.New("nothing runs: " + reason)
	}
	if err == nil {
		err = s.cloud.Runtime.Act(r.Context(), asked.Name, asked.Args, answer.say)
	}
	answer.end(err)
}

// locate finds the container for an exec.
func (s *server) locate(w http.ResponseWriter, r *http.Request) {
	var name string
	if !read(w, r, &name) {
		return
	}
	reason, err := s.idleness()
	if err == nil && reason != "" {
		err = errors.New("nothing runs: " + reason)
	}
	if err != nil {
		reply(w, nil, err)
		return
	}
	id, err := s.cloud.Locate(r.Context(), name)
	reply(w, id, err)
}

// suspend stops what runs, to its end even when the command goes, and then the process.
func (s *server) suspend(w http.ResponseWriter, _ *http.Request) {
	answer := newStream(w)
	leave, err := s.alone(s.ctx)
	if err != nil {
		answer.end(err)
		return
	}
	defer leave()
	if err = setStopped(s.cloud.Account, true); err == nil {
		s.mu.Lock()
		s.started = false
		s.mu.Unlock()
		err = s.cloud.Runtime.Suspend(s.ctx, answer.say)
	}
	if err != nil {
		answer.end(err)
		return
	}
	// Before the answer, so that the next command does not begin with a process that ends.
	s.close(func() bool { return true })
	answer.end(nil)
	s.end("it was stopped")
}

// startAgain runs a stopped account and waits until all of it works.
func (s *server) startAgain(w http.ResponseWriter, r *http.Request) {
	answer := newStream(w)
	answer.end(s.await(r.Context(), answer))
}

func (s *server) await(ctx context.Context, answer *stream) error {
	leave, err := s.alone(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if err := s.resume(); err != nil {
		return err
	}
	reason, err := s.idleness()
	if err != nil {
		return err
	}
	if reason != "" {
		answer.say("nothing runs: " + reason)
		return nil
	}
	var all []account.Resource
	if err := s.cloud.Account.View(func(tx *account.Tx) (err error) {
		all, err = tx.ByType("") // of all types
		return err
	}); err != nil {
		return err
	}
	var waits sync.WaitGroup
	failed := make([]error, len(all))
	for i, resource := range all {
		waits.Go(func() {
			name := resource.Name
			if name == "" {
				name = resource.ID
			}
			err := s.cloud.Runtime.Await(ctx, resource, func(line string) { answer.say(name + ": " + line) })
			if err != nil {
				failed[i] = fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	waits.Wait()
	return errors.Join(failed...)
}

// setClock keeps the speed of the clock. It takes effect with the next process.
func (s *server) setClock(w http.ResponseWriter, r *http.Request) {
	var speed float64
	if !read(w, r, &speed) {
		return
	}
	err := CheckClock(speed)
	if err == nil {
		err = setClock(s.cloud.Account, speed)
	}
	reply(w, true, err)
}

// shutdown ends the process; what runs goes on. Unless it has to be, it stays when other commands are connected.
func (s *server) shutdown(w http.ResponseWriter, r *http.Request) {
	var force bool
	if !read(w, r, &force) {
		return
	}
	if !s.close(func() bool { return force || s.connected <= 1 }) {
		http.Error(w, "other commands are connected", http.StatusConflict)
		return
	}
	reply(w, true, nil)
	s.end("another process takes over")
}

// end tells the process to end.
func (s *server) end(reason string) {
	s.close(func() bool { return true })
	select {
	case s.ends <- reason:
	default: // it has a reason already
	}
}
