package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// cli starts the Pulumi CLI with this home's state.
type cli struct {
	path string
	// env is the environment for a working directory.
	env func(workDir string) []string
	// lock is inherited, so that the home stays locked for as long as Pulumi runs, even
	// when this process is killed; nil for commands that only read.
	lock *os.File
	// lost is closed when the providers have gone; nil if there are none.
	lost <-chan struct{}
}

func (p *cli) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, args...) //nolint:gosec // the pinned CLI with the person's own arguments
	cmd.Dir = dir
	cmd.Env = p.env(dir)
	if p.lock != nil {
		cmd.ExtraFiles = []*os.File{p.lock}
	}
	return cmd
}

// capture runs a command to its end and returns its standard output.
func (p *cli) capture(ctx context.Context, dir string, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd := p.command(ctx, dir, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// Out of the terminal's group, so that an interrupt comes once, and from here.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(stderr.String() + "\n" + stdout.String())
		return nil, fmt.Errorf("pulumi %s: %w: %s", strings.Join(args, " "), err, said)
	}
	return stdout.Bytes(), nil
}

// ending is how Pulumi ended.
type ending struct {
	code   int
	killed bool
}

// lostPatience is how long Pulumi may take to notice that its providers have gone.
const lostPatience = 15 * time.Second

// run runs a command in front of the person. Interrupts are Pulumi's to handle: the first
// ends what is under way, the second ends at once. This process stays until Pulumi has ended.
func (p *cli) run(dir string, stdin io.Reader, stdout, stderr io.Writer, args ...string) (ending, error) {
	cmd := p.command(context.Background(), dir, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr

	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	// At a terminal Pulumi has to be in the terminal's group, to read answers, and a Ctrl-C
	// reaches it there. Otherwise it gets a group of its own and each signal once, from here.
	attended := isTerminal(stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !attended}
	if err := cmd.Start(); err != nil {
		return ending{}, fmt.Errorf("starting Pulumi: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	lost, late := p.lost, (<-chan time.Time)(nil)
	for {
		select {
		case err := <-ended:
			return endingOf(err)
		case <-lost:
			lost, late = nil, time.After(lostPatience)
		case <-late:
			_ = cmd.Process.Signal(os.Interrupt) // it may have ended just now
			late = time.After(lostPatience)
		case received := <-signals:
			if attended && received == os.Interrupt {
				continue
			}
			_ = cmd.Process.Signal(received) // it may have ended just now
		}
	}
}

func endingOf(err error) (ending, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return ending{}, nil
	case !errors.As(err, &exit):
		return ending{}, fmt.Errorf("waiting for Pulumi: %w", err)
	case exit.ExitCode() < 0:
		return ending{code: 1, killed: true}, nil
	default:
		return ending{code: exit.ExitCode()}, nil
	}
}
