// Package tests deploys the committed stacks to the local cloud, changes them as people do, and destroys them.
package tests

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// commandTimeout ends a command that hangs. The slowest thing it may do is to build the image.
const commandTimeout = 15 * time.Minute

// binaries are what all tests run, built once.
type binaries struct {
	local, program string
}

var built binaries

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "wordpress-tests-")
	if err == nil {
		built, err = build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// build compiles the program and the command of the local cloud, and has the latter build its CLI.
func build(dir string) (binaries, error) {
	b := binaries{local: filepath.Join(dir, "local"), program: filepath.Join(dir, "program")}
	for _, args := range [][]string{
		{"go", "build", "-o", b.local, "./local"},
		{"go", "build", "-o", b.program, "."},
		{b.local, "version"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = ".."
		if out, err := cmd.CombinedOutput(); err != nil {
			return b, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return b, nil
}

// cloud is an emulated account of its own, with a copy of the project to change at will.
type cloud struct {
	t             *testing.T
	home, project string
	env           []string
}

// newCloud makes an empty account without a Docker engine: images are not built, their digest is computed,
// which is all that most tests need.
func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := newCloudWithDocker(t)
	c.env = append(c.env, "DOCKER_HOST=unix://"+filepath.Join(c.home, "no-engine.sock"))
	return c
}

// newCloudWithDocker makes an empty account that builds images with this machine's engine.
func newCloudWithDocker(t *testing.T) *cloud {
	t.Helper()
	dir := t.TempDir()
	c := &cloud{t: t, home: filepath.Join(dir, "home"), project: filepath.Join(dir, "project")}
	root := os.DirFS("..")
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		text, err := fs.ReadFile(root, name)
		require.NoError(t, err)
		c.write(name, string(text))
	}
	image, err := fs.Sub(root, "image")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(filepath.Join(c.project, "image"), image))
	c.env = os.Environ()
	return c
}

func (c *cloud) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.project, name)
	require.NoError(c.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(c.t, os.WriteFile(path, []byte(text), 0o644))
}

func (c *cloud) read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.project, name))
	require.NoError(c.t, err)
	return string(text)
}

// set changes a setting of a stack in its settings file, as an editor does.
func (c *cloud) set(stack, key, value string) {
	c.t.Helper()
	name := "Pulumi." + stack + ".yaml"
	line := fmt.Sprintf("  wordpress:%s: %s\n", key, value)
	pattern := regexp.MustCompile(`(?m)^  wordpress:` + key + `: .*\n`)
	text := c.read(name)
	if pattern.MatchString(text) {
		c.write(name, pattern.ReplaceAllString(text, line))
		return
	}
	c.write(name, text+line)
}

// result is how a command ended.
type result struct {
	code        int
	out, stdout string
}

// run runs a command of the local cloud in the project's copy.
func (c *cloud) run(args ...string) result {
	c.t.Helper()
	cmd := c.command(args...)
	all, stdout := &transcript{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = io.MultiWriter(stdout, all), all
	err := cmd.Run()
	if cmd.ProcessState == nil {
		require.NoError(c.t, err)
	}
	return result{code: cmd.ProcessState.ExitCode(), out: all.String(), stdout: stdout.String()}
}

// command is a command that ends with the test at the latest.
func (c *cloud) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	c.t.Cleanup(cancel)
	args = append([]string{"--home", c.home, "--cwd", c.project, "--program", built.program}, args...)
	cmd := exec.CommandContext(ctx, built.local, args...)
	// The root of the repository: tools/ and .local/bin are found from here, settings in the copy.
	cmd.Dir = ".."
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

// ok runs a command that must succeed.
func (c *cloud) ok(args ...string) result {
	c.t.Helper()
	r := c.run(args...)
	require.Zero(c.t, r.code, "%s\n%s", strings.Join(args, " "), r.out)
	return r
}

func (c *cloud) up(stack string) {
	c.t.Helper()
	c.ok("up", "--stack", stack, "--yes", "--skip-preview", "--non-interactive")
}

func (c *cloud) unchanged(stack string) {
	c.t.Helper()
	c.ok("preview", "--stack", stack, "--expect-no-changes", "--diff", "--non-interactive")
}

// destroy removes a stack and checks that the account is as empty as it was at first.
func (c *cloud) destroy(stack string) {
	c.t.Helper()
	c.ok("destroy", "--stack", stack, "--yes", "--skip-preview", "--non-interactive")
	require.Empty(c.t, c.resources())
}

// resource is a line of `resources --json`, as far as it is used here.
type resource struct {
	Type, ID, Name string
}

func (c *cloud) resources() []resource {
	c.t.Helper()
	var list []resource
	require.NoError(c.t, json.Unmarshal([]byte(c.ok("resources", "--json").stdout), &list))
	return list
}

// changes is what a preview would do, operation by "type name", without what stays the same.
func (c *cloud) changes(stack string) map[string]string {
	c.t.Helper()
	var preview struct {
		Steps []struct{ Op, URN string }
	}
	out := c.ok("preview", "--stack", stack, "--json", "--non-interactive").stdout
	require.NoError(c.t, json.Unmarshal([]byte(out), &preview), out)
	changes := map[string]string{}
	for _, step := range preview.Steps {
		if step.Op == "same" || step.Op == "read" {
			continue
		}
		parts := strings.Split(step.URN, "::")
		types := strings.Split(parts[2], "$")
		key := types[len(types)-1] + " " + parts[3]
		// A replacement is three steps; the one that says so is the one to keep.
		if changes[key] != "replace" {
			changes[key] = step.Op
		}
	}
	return changes
}

// outputs are the stack's outputs.
func (c *cloud) outputs(stack string) map[string]any {
	c.t.Helper()
	var outputs map[string]any
	out := c.ok("stack", "output", "--stack", stack, "--json").stdout
	require.NoError(c.t, json.Unmarshal([]byte(out), &outputs), out)
	return outputs
}
