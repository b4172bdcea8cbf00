package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"wordpress-ecs/local/faults"
	"wordpress-ecs/local/provider"
)

// slotPatience is how long a command waits for the end of what the one before began.
const slotPatience = time.Minute

// Asked is what a session is wanted for.
type Asked struct {
	// Dir is the project's directory, from which the programs' paths count.
	Dir string `json:"dir"`
	// FirstPort is where the first provider listens, the next on the port after it; 0 takes free ones.
	FirstPort int `json:"firstPort"`
	// Start runs an account that was stopped.
	Start bool `json:"start"`
	// Faults is the text of a plan of faults, as package faults reads it; "" is none.
	Faults string `json:"faults,omitempty"`
	// Lenient turns AWS's rules off: the account takes what it is given.
	Lenient bool `json:"lenient,omitempty"`
	// Latency is how many times faster than on AWS things are made and deleted; 0 is at once.
	Latency float64 `json:"latency,omitempty"`
}

// opened is how a session begins.
type opened struct {
	Providers string `json:"providers"`
	// Absence is why what is deployed does not run, or "".
	Absence string `json:"absence,omitempty"`
}

// session serves the providers to one command that runs Pulumi's engine, for as long as it lasts.
func (s *server) session(w http.ResponseWriter, r *http.Request) {
	var asked Asked
	if !read(w, r, &asked) {
		return
	}
	answer := newStream(w)
	answer.end(s.serve(r, asked, answer))
}

func (s *server) serve(r *http.Request, asked Asked, answer *stream) error {
	leave, err := s.alone(r.Context())
	if err != nil {
		return err
	}
	defer leave()
	if asked.Start {
		if err := s.resume(); err != nil {
			return err
		}
	}
	absence, err := s.absence()
	if err != nil {
		return err
	}
	// There is one session at a time, and only providers use relative paths.
	if err := os.Chdir(asked.Dir); err != nil {
		return fmt.Errorf("entering the project: %w", err)
	}
	defer func() { _ = os.Chdir(s.home) }() // the project's directory can be removed meanwhile
	factories, err := s.providers(asked, answer.say)
	if err != nil {
		return err
	}
	providers, err := attach(factories, asked.FirstPort)
	if err != nil {
		return err
	}
	defer providers.close()
	l := s.listenIn()
	defer s.listenNoMore(l)
	answer.send(message{Session: &opened{Providers: providers.providers, Absence: absence}})
	for {
		select {
		case <-r.Context().Done():
			return r.Context().Err()
		case line := <-l.lines:
			answer.say(line)
		case <-l.over:
			for len(l.lines) > 0 {
				answer.say(<-l.lines)
			}
			return nil
		}
	}
}

// endSession ends the session after what there is to say.
func (s *server) endSession(http.ResponseWriter, *http.Request) {
	s.linesMu.Lock()
	defer s.linesMu.Unlock()
	for l := range s.sessions {
		l.end()
	}
}

// providers are those of one session, with its faults in front of them.
func (s *server) providers(asked Asked, say func(line string)) (map[string]provider.Factory, error) {
	factories := s.cloud.Providers(asked)
	if asked.Faults == "" {
		return factories, nil
	}
	plan, err := faults.Parse([]byte(asked.Faults))
	if err != nil {
		return nil, fmt.Errorf("reading the plan of faults: %w", err)
	}
	run, err := plan.Begin(faults.Env{Account: s.cloud.Account, Clock: s.clock, Say: say, Kill: s.kill})
	if err != nil {
		return nil, fmt.Errorf("reading the plan of faults: %w", err)
	}
	wrapped := map[string]provider.Factory{}
	for name, factory := range factories {
		wrapped[name] = run.Wrap(factory)
	}
	return wrapped, nil
}

// kill ends the process as a broken machine does.
func (s *server) kill() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing is left to be told of an error
	<-s.ctx.Done()
}

// alone waits until nothing is under way any more that a command before began: one that was killed has left the home
// to the next one already.
func (s *server) alone(ctx context.Context) (leave func(), err error) {
	select {
	case s.slot <- struct{}{}:
	case <-ctx.Done():
		return nil, cmp.Or(s.refusal(), ctx.Err())
	case <-time.After(slotPatience):
		return nil, errors.New("what the command before began has not ended yet: try again in a moment")
	}
	if err := s.refusal(); err != nil {
		<-s.slot
		return nil, err
	}
	return func() { <-s.slot }, nil
}

// refusal is why nothing begins any more; nil while it may.
func (s *server) refusal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return errors.New("the command before has stopped the local cloud just now: run this one again")
	}
	return nil
}

// absence is why what a session deploys will not run, or "".
func (s *server) absence() (string, error) {
	if s.cloud.Runtime.Absence() != nil {
		return "no Docker engine answers: the account is deployed, but no task, database, cache or load balancer runs", nil
	}
	isStopped, err := stopped(s.cloud.Account)
	if err != nil || !isStopped {
		return "", err
	}
	return "the account was stopped: what is deployed runs after `go run ./local start`", nil
}

// concernsAll tells which of the lines that nobody waits for a connected command should show: why it may have to
// wait at all.
func concernsAll(line string) bool {
	return strings.HasPrefix(line, "building ") || strings.HasPrefix(line, "starting ")
}

// listener is a session that hears what concerns all.
type listener struct {
	lines chan string
	over  chan struct{}
	// end closes over.
	end func()
}

// listenIn gets the lines that concern all.
func (s *server) listenIn() *listener {
	l := &listener{lines: make(chan string, 64), over: make(chan struct{})}
	l.end = sync.OnceFunc(func() { close(l.over) })
	s.linesMu.Lock()
	defer s.linesMu.Unlock()
	s.sessions[l] = true
	return l
}

func (s *server) listenNoMore(l *listener) {
	s.linesMu.Lock()
	defer s.linesMu.Unlock()
	delete(s.sessions, l)
}
