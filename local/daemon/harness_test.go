package daemon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/flock"
)

// commandVariable makes the test binary a command that opens a session, says so, and stays.
const commandVariable = "DAEMON_TEST_COMMAND"

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == daemon.Command { // daemon --home HOME
		os.Exit(daemon.Main(os.Args[3], openFake))
	}
	if home := os.Getenv(commandVariable); home != "" {
		if err := beCommand(home); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// beCommand stays until its standard input ends.
func beCommand(home string) error {
	c, err := daemon.Connect(context.Background(), home, daemon.Options{Exclusive: os.Getenv("EXCLUSIVE") != ""})
	if err != nil {
		return err
	}
	s, err := c.Session(context.Background(), daemon.Asked{Dir: "/"}, func(string) {})
	if err != nil {
		return err
	}
	fmt.Println(s.Providers)
	_, _ = os.Stdin.Read(make([]byte, 1))
	return nil
}

// home is a home whose process is gone when the test ends.
type home struct {
	t   *testing.T
	dir string
}

func newHome(t *testing.T) home {
	t.Helper()
	h := home{t, filepath.Join(t.TempDir(), "home")}
	require.NoError(t, os.MkdirAll(h.dir, 0o700))
	t.Cleanup(func() {
		_ = os.Remove(h.path("fake-busy"))
		h.await("the process ends by itself", func() bool { return !h.runs() })
		require.NoFileExists(t, h.path("daemon.json"))
	})
	return h
}

func (h home) path(name string) string { return filepath.Join(h.dir, name) }

// set writes a file that directs the fake.
func (h home) set(name, text string) {
	h.t.Helper()
	require.NoError(h.t, os.WriteFile(h.path("fake-"+name), []byte(text), 0o600))
}

func (h home) read(name string) string {
	text, _ := os.ReadFile(h.path(name))
	return string(text)
}

// runs tells whether a process holds the lock.
func (h home) runs() bool {
	h.t.Helper()
	lock, err := os.OpenFile(h.path("daemon.lock"), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false
	}
	require.NoError(h.t, err)
	defer lock.Close()
	free, err := flock.Try(lock)
	require.NoError(h.t, err)
	return !free
}

// info is what daemon.json says.
func (h home) info() (info struct {
	Address, Token string
	PID            int
},
) {
	h.t.Helper()
	text, err := os.ReadFile(h.path("daemon.json"))
	require.NoError(h.t, err)
	require.NoError(h.t, json.Unmarshal(text, &info))
	return info
}

func (h home) connect() *daemon.Client {
	h.t.Helper()
	c, err := daemon.Connect(h.t.Context(), h.dir, daemon.Options{})
	require.NoError(h.t, err)
	h.t.Cleanup(c.Close)
	return c
}

func (h home) exclusively() *daemon.Client {
	h.t.Helper()
	c, err := daemon.Connect(h.t.Context(), h.dir, daemon.Options{Exclusive: true})
	require.NoError(h.t, err)
	h.t.Cleanup(c.Close)
	return c
}

func (h home) await(what string, condition func() bool) {
	h.t.Helper()
	require.Eventually(h.t, condition, time.Minute, 10*time.Millisecond, what)
}

// put makes resources in the account, as another process does while none has it open.
func (h home) put(resources ...account.Resource) {
	h.t.Helper()
	acct, err := account.Open(daemon.AccountFile(h.dir))
	require.NoError(h.t, err)
	defer acct.Close()
	require.NoError(h.t, acct.Update(func(tx *account.Tx) error {
		for _, r := range resources {
			if err := tx.Put(r); err != nil {
				return err
			}
		}
		return nil
	}))
}

// command starts a command in a process of its own and returns once its session is open, with what it printed.
func (h home) command(executable string, env ...string) (*exec.Cmd, string) {
	h.t.Helper()
	cmd := exec.Command(executable)
	cmd.Env = append(append(os.Environ(), commandVariable+"="+h.dir), env...)
	return cmd, h.begin(cmd)
}

func (h home) begin(cmd *exec.Cmd) string {
	h.t.Helper()
	stdin, err := cmd.StdinPipe()
	require.NoError(h.t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(h.t, err)
	cmd.Stderr = os.Stderr
	require.NoError(h.t, cmd.Start())
	h.t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // most tests have waited already
	})
	line := make([]byte, 100)
	n, err := stdout.Read(line)
	require.NoError(h.t, err)
	return strings.TrimSpace(string(line[:n]))
}

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	require.NoError(t, err)
	return path
}
