package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/engine"
	"wordpress-ecs/local/flock"
)

// childVariable makes the test binary run one command instead of the tests, so that a
// test can kill a command that runs in a process of its own.
const childVariable = "ENGINE_TEST_CHILD"

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == daemon.Command { // daemon --home HOME
		os.Exit(daemon.Main(os.Args[3], openFake))
	}
	if text := os.Getenv(childVariable); text != "" {
		os.Exit(runChild(text))
	}
	var err error
	if scratch, err = os.MkdirTemp("", "engine-test"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(scratch) // nothing to be done about it here
	os.Exit(code)
}

// scratch is a directory for what all tests share; it goes with them.
var scratch string

// child is what a command in a process of its own works on.
type child struct {
	Dir     string
	Home    string
	Program string
	Command engine.Command
}

func runChild(text string) int {
	var c child
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	e := &engine.Engine{
		Project: engine.Project{Dir: c.Dir, Name: "tiny", ProgramDir: c.Dir},
		Home:    c.Home, Program: c.Program,
		Stdout: os.Stdout, Stderr: os.Stderr,
	}
	result, err := e.Run(context.Background(), c.Command)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return result.Code
}

// built are the CLI and the program, made once for all tests.
type built struct{ cli, program string }

var build = sync.OnceValues(func() (built, error) {
	root, err := engine.FindProject(".")
	if err != nil {
		return built{}, err
	}
	cli, err := root.BuildCLI(context.Background(), os.Stderr)
	if err != nil {
		return built{}, err
	}
	program := filepath.Join(scratch, "tiny")
	output, err := exec.Command("go", "build", "-o", program, "./testdata/tiny").CombinedOutput()
	if err != nil {
		return built{}, fmt.Errorf("%w: %s", err, output)
	}
	return built{cli, program}, nil
})

// local is a tiny project with a home of its own.
type local struct {
	t *testing.T
	*engine.Engine
	stdout, stderr printed
}

// printed is what several writers have printed. It has no ReadFrom, which would forget what others write meanwhile.
type printed struct {
	mu   sync.Mutex
	text []byte
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = append(p.text, b...)
	return len(b), nil
}

func (p *printed) Bytes() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Clone(p.text)
}

func (p *printed) String() string { return string(p.Bytes()) }

func (p *printed) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = nil
}

func newLocal(t *testing.T) *local {
	t.Helper()
	made, err := build()
	require.NoError(t, err)
	dir, home := t.TempDir(), filepath.Join(t.TempDir(), "a 100% home") // as people name them
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		text, err := os.ReadFile(filepath.Join("testdata", "tiny", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	// The project pins the CLI that the repository pins, and finds it built.
	root, err := engine.FindProject(".")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(filepath.Join(root.Dir, "tools"), filepath.Join(dir, "tools")))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".local", "bin"), 0o700))
	require.NoError(t, os.Symlink(made.cli, filepath.Join(dir, ".local", "bin", filepath.Base(made.cli))))

	project, err := engine.FindProject(dir)
	require.NoError(t, err)
	l := &local{t: t, Engine: &engine.Engine{
		Project: project, Home: home, Program: made.program,
	}}
	l.Stdout, l.Stderr = &l.stdout, &l.stderr
	t.Cleanup(func() {
		l.await("the background process ends by itself", func() bool { return !l.hasDaemon() })
	})
	return l
}

func command(way engine.Way, words string, rest ...string) engine.Command {
	return engine.Command{Words: strings.Fields(words), Way: way, Rest: rest}
}

func up(rest ...string) engine.Command {
	return command(engine.Operate, "up", append(rest, "--yes", "--non-interactive")...)
}

func destroy() engine.Command {
	return command(engine.Operate, "destroy", "--yes", "--non-interactive")
}

func preview(rest ...string) engine.Command {
	return command(engine.Preview, "preview", append(rest, "--non-interactive")...)
}

func on(stack string, c engine.Command) engine.Command {
	c.Stack = stack
	return c
}

// try runs a command and returns how it ended and what it printed, both streams.
func (l *local) try(c engine.Command) (engine.Result, string, error) {
	l.t.Helper()
	l.stdout.Reset()
	l.stderr.Reset()
	result, err := l.Run(l.t.Context(), c)
	return result, l.stdout.String() + l.stderr.String(), err
}

// must runs a command that has to end well, and returns what it printed.
func (l *local) must(c engine.Command) string {
	l.t.Helper()
	result, output, err := l.try(c)
	require.NoError(l.t, err, output)
	require.Zero(l.t, result.Code, output)
	return output
}

// things are the names of what exists in the account, by the end of their URNs.
func (l *local) things() []string {
	l.t.Helper()
	list, err := l.Resources(l.t.Context())
	require.NoError(l.t, err)
	var things []account.Resource
	require.NoError(l.t, json.Unmarshal(list, &things))
	names := []string{}
	for _, thing := range things {
		names = append(names, thing.URN[strings.LastIndex(thing.URN, "::")+2:])
	}
	return names
}

// daemonPID is the background process of the home; 0 when there is none.
func (l *local) daemonPID() int {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.Home, "daemon.json"))
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	require.NoError(l.t, err)
	var info struct{ PID int }
	require.NoError(l.t, json.Unmarshal(text, &info))
	return info.PID
}

// hasDaemon tells whether a process holds the lock of the home's background process.
func (l *local) hasDaemon() bool {
	l.t.Helper()
	lock, err := os.OpenFile(filepath.Join(l.Home, "daemon.lock"), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false
	}
	require.NoError(l.t, err)
	defer lock.Close()
	free, err := flock.Try(lock)
	require.NoError(l.t, err)
	return !free
}

// start runs a command in a process of its own.
func (l *local) start(c engine.Command) *exec.Cmd {
	l.t.Helper()
	text, err := json.Marshal(child{Dir: l.Project.Dir, Home: l.Home, Program: l.Program, Command: c})
	require.NoError(l.t, err)
	self, err := os.Executable()
	require.NoError(l.t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(l.t, cmd.Start())
	l.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // most tests have waited already
		if l.t.Failed() {
			l.t.Log(output.String())
		}
	})
	return cmd
}

// await waits until a condition holds.
func (l *local) await(what string, condition func() bool) {
	l.t.Helper()
	require.Eventually(l.t, condition, time.Minute, 20*time.Millisecond, what)
}
