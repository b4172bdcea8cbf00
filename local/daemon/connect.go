package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"wordpress-ecs/local/flock"
)

const (
	// startPatience is how long a process may take until it answers.
	startPatience = time.Minute
	// connectPause is how often a process that begins or ends is looked at.
	connectPause = 20 * time.Millisecond
)

// Options say what a command needs.
type Options struct {
	// Exclusive commands hold the home, so that no other one changes anything: they replace a process of another
	// build even when commands that only read are connected to it.
	Exclusive bool
	// Clock sets how many times faster than AWS's the clock runs; 0 leaves it. It needs Exclusive.
	Clock float64
}

// Connect finds the process of a home, or starts one: this executable with the command "daemon --home HOME".
func Connect(ctx context.Context, home string, o Options) (*Client, error) {
	own, err := build()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("creating the local cloud's home: %w", err)
	}
	begun := &begun{home: home}
	defer begun.release()
	for deadline := time.Now().Add(startPatience); ; {
		c, err := find(ctx, home)
		if err == nil {
			var fits bool
			if fits, err = c.fit(ctx, own, o); fits && err == nil {
				begun.found(c)
				return c, nil
			}
			c.Close()
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && !passing(err):
			return nil, err
		case time.Now().After(deadline):
			return nil, fmt.Errorf("the background process of the local cloud does not answer after %s; its log, %s, ends with\n%s",
				startPatience, LogFile(home), lastLines(home, 0))
		}
		if err := begun.begin(); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(connectPause):
		}
	}
}

// passing tells whether an error is one of a process that begins or ends.
func passing(err error) bool {
	return errors.Is(err, errNobody) || errors.Is(err, errEnding) || errors.Is(err, errBroken)
}

// find connects to the process that daemon.json names. The error is errNobody when there is none.
func find(ctx context.Context, home string) (*Client, error) {
	at := readInfo(home)
	if at == nil {
		return nil, errNobody
	}
	c, err := dial(ctx, home, *at)
	if err == nil || passing(err) { // also a connection that breaks: the process begins, ends or was killed
		return c, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	// It took too long. The file may be of a process that is dead, and another program may listen there by now.
	lock, lockErr := flock.Open(lockFile(home))
	if lockErr != nil {
		return nil, lockErr
	}
	defer lock.Close()
	if free, lockErr := flock.Try(lock); free || lockErr != nil {
		return nil, errors.Join(errNobody, lockErr)
	}
	return nil, fmt.Errorf("the background process of the local cloud (pid %d) does not answer: end it (kill %d), "+
		"then run the command again; its log is %s", at.PID, at.PID, LogFile(home))
}

// fit tells whether the process is what a command needs, and ends it if not.
func (c *Client) fit(ctx context.Context, own string, o Options) (bool, error) {
	if o.Clock != 0 && o.Clock != c.hello.Clock {
		if err := c.setClock(ctx, o.Clock); err != nil {
			return false, err
		}
		return false, c.takeOver(ctx, o.Exclusive)
	}
	if own == c.hello.Build {
		return true, nil
	}
	err := c.takeOver(ctx, o.Exclusive)
	if err != nil && !o.Exclusive {
		return true, nil // others are connected to it, and it can answer this one, too
	}
	return false, err
}

// begun is the process that a command has started.
type begun struct {
	home string
	cmd  *exec.Cmd
	// ended gets how it ended.
	ended chan error
	// from is how long the log was.
	from int64
}

// begin starts a process unless one was started that is still at it. It waits there for the end of another one.
func (b *begun) begin() error {
	if b.cmd != nil {
		select {
		case err := <-b.ended:
			b.cmd = nil
			if err == nil {
				return nil // it ended in order; another one is needed
			}
			return fmt.Errorf("the background process of the local cloud did not start (%w): %s", err, lastLines(b.home, b.from))
		default:
			return nil
		}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding the own executable: %w", err)
	}
	log, err := openLog(b.home)
	if err != nil {
		return err
	}
	defer log.Close()
	stat, err := log.Stat()
	if err != nil {
		return fmt.Errorf("reading the local cloud's log: %w", err)
	}
	b.from = stat.Size()
	b.cmd = exec.Command(self, Command, "--home", b.home) //nolint:gosec // the program itself
	b.cmd.Dir, b.cmd.Env = b.home, environment()
	b.cmd.Stdout, b.cmd.Stderr = log, log
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no signal of the terminal is for it
	if err := b.cmd.Start(); err != nil {
		return fmt.Errorf("starting the background process of the local cloud: %w", err)
	}
	ended, cmd := make(chan error, 1), b.cmd
	b.ended = ended
	go func() { ended <- cmd.Wait() }()
	return nil
}

// found ends the started process when another one answered: it only waits for that one's end.
func (b *begun) found(c *Client) {
	if b.cmd != nil && b.cmd.Process.Pid != c.info.PID {
		_ = b.cmd.Process.Kill() // it may have ended by itself
	}
	b.cmd = nil
}

// release ends a started process that the command no longer waits for.
func (b *begun) release() {
	if b.cmd != nil {
		_ = b.cmd.Process.Signal(syscall.SIGTERM)
	}
}

// Command is the hidden command that is the process.
const Command = "daemon"
