package engine

import (
	"context"
	"errors"
	"fmt"
)

// session is the home, the account and the providers, for one command that changes things.
type session struct {
	engine   *Engine
	lock     *Lock
	cloud    *Cloud
	attached *Attached
	pulumi   *cli
	stopList func()
}

// begin takes the home, opens the account, attaches the providers and, when the command
// before was interrupted, puts things in order. FirstPort is as for Attach.
func (e *Engine) begin(ctx context.Context, command string, firstPort int) (_ *session, err error) {
	if err := e.Prepare(); err != nil {
		return nil, err
	}
	s := &session{engine: e}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.end())
		}
	}()
	if s.lock, err = e.lockHome(ctx, command); err != nil {
		return nil, err
	}
	if err := e.ensurePassphrase(); err != nil {
		return nil, err
	}
	if s.cloud, err = e.Open(e.Home, func(line string) { e.say("%s", line) }); err != nil {
		return nil, err
	}
	if s.attached, err = Attach(s.cloud.Providers, firstPort); err != nil {
		return nil, err
	}
	address, stop, err := serveList(s.cloud.List)
	if err != nil {
		return nil, err
	}
	s.stopList = stop
	if err := s.lock.offer(address); err != nil {
		return nil, err
	}
	return s, s.putInOrder(ctx)
}

// putInOrder leaves nothing of an earlier command in the way of this one.
func (s *session) putInOrder(ctx context.Context) error {
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
	s.pulumi = &cli{path: path, lock: s.lock.file, env: func(workDir string) []string {
		return s.engine.cliEnvironment(workDir, s.attached.Providers)
	}}
	return s.pulumi, nil
}

// end closes everything, the lock last.
func (s *session) end() error {
	var err error
	if s.stopList != nil {
		s.stopList()
	}
	if s.attached != nil {
		s.attached.Close()
	}
	if s.cloud != nil {
		err = s.cloud.Close()
	}
	if s.lock != nil {
		s.lock.Release()
	}
	return err
}
