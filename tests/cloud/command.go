package cloud

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

// commandTimeout ends a command that hangs. The slowest thing it may do is to build the image.
const commandTimeout = 15 * time.Minute

// Result is how a command ended.
type Result struct {
	Code int
	// Out is all that it wrote, Stdout the part on standard output.
	Out, Stdout string
}

// Run runs a command of the local cloud in the project's copy.
func (c *Cloud) Run(args ...string) Result {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	return c.run(ctx, args...)
}

func (c *Cloud) run(ctx context.Context, args ...string) Result {
	c.t.Helper()
	cmd := c.command(ctx, args...)
	all, stdout := &transcript{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = io.MultiWriter(stdout, all), all
	err := cmd.Run()
	if cmd.ProcessState == nil {
		require.NoError(c.t, err)
	}
	return Result{Code: cmd.ProcessState.ExitCode(), Out: all.String(), Stdout: stdout.String()}
}

// OK runs a command that must succeed.
func (c *Cloud) OK(args ...string) Result {
	c.t.Helper()
	r := c.Run(args...)
	require.Zero(c.t, r.Code, "%s\n%s", strings.Join(args, " "), r.Out)
	return r
}

// Running is a command that goes on while the test does.
type Running struct {
	c   *Cloud
	cmd *exec.Cmd
	out transcript
	// ended is closed when err is known.
	ended chan struct{}
	err   error
}

// Start starts a command. It ends with the test at the latest.
func (c *Cloud) Start(args ...string) *Running {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	r := &Running{c: c, cmd: c.command(ctx, args...), ended: make(chan struct{})}
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.out
	require.NoError(c.t, r.cmd.Start())
	go func() {
		defer close(r.ended)
		r.err = r.cmd.Wait()
	}()
	c.t.Cleanup(func() {
		cancel()
		<-r.ended
	})
	return r
}

// Await waits until the command has written what matches, and returns the match and its groups.
func (r *Running) Await(pattern string) []string {
	r.c.t.Helper()
	wanted := regexp.MustCompile(pattern)
	for {
		if found := wanted.FindStringSubmatch(r.out.String()); found != nil {
			return found
		}
		select {
		case <-r.ended:
			require.Fail(r.c.t, "the command ended", "before it wrote %s: %v\n%s", pattern, r.err, r.out.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// End sends a signal to the command and returns how it ended.
func (r *Running) End(signal os.Signal) error {
	r.c.t.Helper()
	require.NoError(r.c.t, r.cmd.Process.Signal(signal))
	<-r.ended
	return r.err
}

func (c *Cloud) command(ctx context.Context, args ...string) *exec.Cmd {
	args = append([]string{"--home", c.Home, "--cwd", c.Project, "--program", c.binaries.Program}, args...)
	cmd := exec.CommandContext(ctx, c.binaries.Local, args...) //nolint:gosec // what this package built
	// The root of the repository: tools/ and .local/bin are found from here, settings in the copy.
	cmd.Dir = c.binaries.root
	cmd.Env = c.env
	return cmd
}

// transcript keeps standard output and standard error together, which come at the same time.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
