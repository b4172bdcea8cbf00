package engine

import (
	"context"
	"errors"
	"fmt"

	"wordpress-ecs/local/daemon"
)

// session is the home and a connection to the local cloud, for one command that changes things.
type session struct {
	engine *Engine
	lock   *Lock
	cloud  *daemon.Client
	served *daemon.Session
	pulumi *cli
}

// begin takes the home, connects to the local cloud, which serves the providers, and, when the command before
// was interrupted, puts things in order.
func (e *Engine) begin(ctx context.Context, command string, asked daemon.Asked) (_ *session, err error) {
	s, err := e.take(ctx, command)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	if err := e.ensurePassphrase(); err != nil {
		return nil, err
	}
	if err := s.putInOrder(ctx, asked); err != nil {
		return nil, s.checked(err)
	}
	return s, s.checked(s.serve(ctx, asked))
}

// serve has the local cloud serve the providers.
func (s *session) serve(ctx context.Context, asked daemon.Asked) (err error) {
	s.served, err = s.cloud.Session(ctx, asked, func(line string) { s.engine.say("%s", line) })
	return err
}

// take takes the home and connects to the local cloud.
func (e *Engine) take(ctx context.Context, command string) (_ *session, err error) {
	if err := e.Prepare(); err != nil {
		return nil, err
	}
	s := &session{engine: e}
	if s.lock, err = e.lockHome(ctx, command); err != nil {
		return nil, err
	}
	if s.cloud, err = daemon.Connect(ctx, e.Home, daemon.Options{Exclusive: true, Clock: e.Clock}); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

// isLost tells whether the local cloud has gone in the middle.
func (s *session) isLost() bool {
	select {
	case <-s.cloud.Lost():
		return true
	default:
		return false
	}
}

// checked is an error, and that the local cloud has gone, if it has.
func (s *session) checked(err error) error {
	if s.isLost() {
		return errors.Join(daemon.LostError(s.engine.Home), err)
	}
	return err
}

// putInOrder leaves nothing of an earlier command in the way of this one. What it does meets no faults: they are for
// the command itself.
func (s *session) putInOrder(ctx context.Context, asked daemon.Asked) error {
	if err := s.engine.removeLeftovers(); err != nil {
		return err
	}
	left, err := s.engine.interrupted()
	if err != nil || left == nil {
		return err
	}
	p, err := s.cli(ctx)
	if err != nil {
		return err
	}
	asked = daemon.Asked{Dir: asked.Dir, Start: asked.Start}
	if err := s.serve(ctx, asked); err != nil {
		return err
	}
	defer func() {
		s.served.Close()
		s.served = nil
	}()
	if err := s.engine.recover(ctx, p, s.cloud, left); err != nil {
		return fmt.Errorf("putting stack %s in order after an interrupted command: %w\n"+
			"(to go on without that, remove %s)", left.Stack, err, s.engine.markerFile())
	}
	return nil
}

// cli is the Pulumi CLI with the providers of this session; it is built when needed first.
func (s *session) cli(ctx context.Context) (*cli, error) {
	if s.pulumi != nil {
		return s.pulumi, nil
	}
	path, err := s.engine.Project.BuildCLI(ctx, s.engine.Stderr)
	if err != nil {
		return nil, err
	}
	s.pulumi = &cli{path: path, lock: s.lock.file, lost: s.cloud.Lost(), env: func(workDir string) []string {
		return s.engine.cliEnvironment(workDir, s.served.Providers, s.cloud.ECS())
	}}
	return s.pulumi, nil
}

// end closes everything, the lock last.
func (s *session) end() {
	if s.served != nil {
		s.served.Close()
	}
	if s.cloud != nil {
		s.cloud.Close()
	}
	s.lock.Release()
}
