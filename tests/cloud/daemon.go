package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/flock"
	"wordpress-ecs/local/runtime/machine"
)

const (
	// endPatience is how long the background process may take to end after the last command: it waits a second
	// for another one, and asks the Docker engine every five.
	endPatience = 30 * time.Second
	// statusTimeout is how long a process that may be broken is asked how it is.
	statusTimeout = 30 * time.Second
	// removeTimeout is how long removing containers may take on a busy machine.
	removeTimeout = 2 * time.Minute
)

// Daemon is the process id of the cloud's background process, if one answers.
func (c *Cloud) Daemon() (pid int, ok bool) {
	text, err := os.ReadFile(filepath.Join(c.Home, "daemon.json"))
	if err != nil || !c.hasDaemon() {
		return 0, false // a file without a process is what a killed one leaves
	}
	var found struct{ PID int }
	if json.Unmarshal(text, &found) != nil || found.PID == 0 {
		return 0, false
	}
	return found.PID, true
}

// hasDaemon tells whether a process holds the lock of the home. The process id would not do: a killed process
// keeps it until its parent asks.
func (c *Cloud) hasDaemon() bool {
	c.t.Helper()
	lock, err := os.OpenFile(filepath.Join(c.Home, "daemon.lock"), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	require.NoError(c.t, err)
	defer lock.Close()
	free, err := flock.Try(lock)
	require.NoError(c.t, err)
	return !free
}

// discard is the end of a test: the background process ends, and nothing of the account stays in the engine.
func (c *Cloud) discard() {
	if c.t.Failed() {
		c.explain()
		c.kill()
	} else if !assert.Eventually(c.t, func() bool { return !c.hasDaemon() }, endPatience, 20*time.Millisecond,
		"the background process ends when there is nothing to run") {
		c.explain()
		c.kill()
	}
	if c.engine {
		c.removeAll()
	}
}

// explain logs what may help to understand a failure.
func (c *Cloud) explain() {
	if log, err := os.ReadFile(daemon.LogFile(c.Home)); err == nil {
		c.t.Logf("daemon.log ends:\n%s", tail(string(log), 60))
	}
	ctx, cancel := context.WithTimeout(context.Background(), statusTimeout)
	defer cancel()
	c.t.Logf("status:\n%s", c.run(ctx, "status").Out)
}

// kill ends the background process.
func (c *Cloud) kill() {
	require.Eventually(c.t, func() bool {
		if pid, ok := c.Daemon(); ok {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended meanwhile
		}
		return !c.hasDaemon()
	}, endPatience, 20*time.Millisecond, "a killed process ends")
}

// removeAll removes what the Docker engine has of the account.
func (c *Cloud) removeAll() {
	ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
	defer cancel()
	m, err := machine.Connect(ctx, c.Home)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, m.Close()) }()
	require.NoError(c.t, m.RemoveAll(ctx))
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
