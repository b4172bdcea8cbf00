// Package cloud is a local cloud of a test's own: the command, an empty home, and a copy of the project whose
// files and settings the test changes as people do.
package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/machine"
)

// commandTimeout ends a command that hangs. The slowest thing it may do is to build the image.
const commandTimeout = 15 * time.Minute

// discardTimeout is how long removing containers may take on a busy machine.
const discardTimeout = 2 * time.Minute

// Cloud is an account with nothing in it yet.
type Cloud struct {
	t        *testing.T
	binaries Binaries
	// Home is the account's directory, Project the copy of the project.
	Home, Project string
	env           []string
}

// New makes an empty account that uses this machine's Docker engine. What is left of it goes with the test.
func New(t *testing.T, b Binaries) *Cloud {
	t.Helper()
	c := newCloud(t, b)
	c.env = os.Environ()
	t.Cleanup(c.discard)
	return c
}

// WithoutEngine makes an empty account that finds no Docker engine: nothing is built or run, which is all that
// many tests need.
func WithoutEngine(t *testing.T, b Binaries) *Cloud {
	t.Helper()
	c := newCloud(t, b)
	c.env = append(os.Environ(), "DOCKER_HOST=unix://"+filepath.Join(c.Home, "no-engine.sock"))
	return c
}

func newCloud(t *testing.T, b Binaries) *Cloud {
	t.Helper()
	dir := t.TempDir()
	c := &Cloud{t: t, binaries: b, Home: filepath.Join(dir, "home"), Project: filepath.Join(dir, "project")}
	root := os.DirFS(b.root)
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		text, err := fs.ReadFile(root, name)
		require.NoError(t, err)
		c.Write(name, string(text))
	}
	image, err := fs.Sub(root, "image")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(filepath.Join(c.Project, "image"), image))
	return c
}

// discard removes what a failed test left running: the process, and what the engine has of the account.
func (c *Cloud) discard() {
	if c.t.Failed() {
		c.t.Logf("status:\n%s", c.Run("status").Out)
		if log, err := os.ReadFile(filepath.Join(c.Home, "daemon.log")); err == nil {
			c.t.Logf("daemon.log ends:\n%s", tail(string(log), 60))
		}
	}
	if pid, ok := c.Daemon(); ok {
		_ = syscall.Kill(pid, syscall.SIGKILL) // gone already, if it is
	}
	ctx, cancel := context.WithTimeout(context.Background(), discardTimeout)
	defer cancel()
	m, err := machine.Connect(ctx, c.Home)
	if errors.Is(err, machine.ErrNoEngine) {
		return
	}
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, m.Close()) }()
	require.NoError(c.t, m.RemoveAll(ctx))
}

// Daemon is the process id of the cloud's background process, if there is one.
func (c *Cloud) Daemon() (pid int, ok bool) {
	text, err := os.ReadFile(filepath.Join(c.Home, "daemon.json"))
	if err != nil {
		return 0, false
	}
	var found struct{ PID int }
	if json.Unmarshal(text, &found) != nil || found.PID == 0 {
		return 0, false
	}
	return found.PID, syscall.Kill(found.PID, 0) == nil
}

// Left is what the Docker engine has of the account.
func (c *Cloud) Left() []string {
	c.t.Helper()
	m, err := machine.Connect(c.t.Context(), c.Home)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, m.Close()) }()
	left, err := m.Left(c.t.Context())
	require.NoError(c.t, err)
	return left
}

// Write writes a file of the project.
func (c *Cloud) Write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.Project, name)
	require.NoError(c.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(c.t, os.WriteFile(path, []byte(text), 0o644))
}

// Read reads a file of the project.
func (c *Cloud) Read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.Project, name))
	require.NoError(c.t, err)
	return string(text)
}

// Set changes a setting of a stack in its settings file, as an editor does.
func (c *Cloud) Set(stack, key, value string) {
	c.t.Helper()
	name := "Pulumi." + stack + ".yaml"
	line := "  wordpress:" + key + ": " + value + "\n"
	pattern := regexp.MustCompile(`(?m)^  wordpress:` + key + `: .*\n`)
	text := c.Read(name)
	if pattern.MatchString(text) {
		c.Write(name, pattern.ReplaceAllString(text, line))
		return
	}
	c.Write(name, text+line)
}

// Result is how a command ended.
type Result struct {
	Code int
	// Out is all that it wrote, Stdout the part on standard output.
	Out, Stdout string
}

// Run runs a command of the local cloud in the project's copy.
func (c *Cloud) Run(args ...string) Result {
	c.t.Helper()
	cmd := c.Command(args...)
	all, stdout := &transcript{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = io.MultiWriter(stdout, all), all
	err := cmd.Run()
	if cmd.ProcessState == nil {
		require.NoError(c.t, err)
	}
	return Result{Code: cmd.ProcessState.ExitCode(), Out: all.String(), Stdout: stdout.String()}
}

// Command is a command that ends in time.
func (c *Cloud) Command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	c.t.Cleanup(cancel)
	args = append([]string{"--home", c.Home, "--cwd", c.Project, "--program", c.binaries.Program}, args...)
	cmd := exec.CommandContext(ctx, c.binaries.Local, args...)
	// The root of the repository: tools/ and .local/bin are found from here, settings in the copy.
	cmd.Dir = c.binaries.root
	cmd.Env = c.env
	return cmd
}

// OK runs a command that must succeed.
func (c *Cloud) OK(args ...string) Result {
	c.t.Helper()
	r := c.Run(args...)
	require.Zero(c.t, r.Code, "%s\n%s", strings.Join(args, " "), r.Out)
	return r
}

// Up deploys a stack as `make up` does.
func (c *Cloud) Up(stack string) Result {
	c.t.Helper()
	return c.OK(upArguments(stack)...)
}

// TryUp is Up where it may fail.
func (c *Cloud) TryUp(stack string) Result {
	c.t.Helper()
	return c.Run(upArguments(stack)...)
}

func upArguments(stack string) []string {
	return []string{"up", "--stack", stack, "--yes", "--skip-preview", "--non-interactive"}
}

// Unchanged checks that nothing is left to do.
func (c *Cloud) Unchanged(stack string) {
	c.t.Helper()
	c.OK("preview", "--stack", stack, "--expect-no-changes", "--diff", "--non-interactive")
}

// Destroy removes a stack.
func (c *Cloud) Destroy(stack string) {
	c.t.Helper()
	c.OK("destroy", "--stack", stack, "--yes", "--skip-preview", "--non-interactive")
}

// Outputs are the stack's outputs that are text.
func (c *Cloud) Outputs(stack string) map[string]string {
	c.t.Helper()
	var outputs map[string]any
	out := c.OK("stack", "output", "--stack", stack, "--json").Stdout
	require.NoError(c.t, json.Unmarshal([]byte(out), &outputs), out)
	texts := map[string]string{}
	for name, value := range outputs {
		if text, ok := value.(string); ok {
			texts[name] = text
		}
	}
	return texts
}

// Resource is a line of `resources --json`, as far as it is used here.
type Resource struct {
	Type, ID, Name string
}

// Resources are what exists in the account.
func (c *Cloud) Resources() []Resource {
	c.t.Helper()
	var list []Resource
	require.NoError(c.t, json.Unmarshal([]byte(c.OK("resources", "--json").Stdout), &list))
	return list
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

func tail(text string, lines int) string {
	all := strings.Split(text, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
