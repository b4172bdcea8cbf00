package engine_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/engine"
	"wordpress-ecs/local/flock"
)

// startSlow starts an update that does not end by itself, and waits until it has made both
// things: the first is recorded, the second is in the account only.
func (l *local) startSlow() *exec.Cmd {
	l.t.Helper()
	cmd := l.start(up("--config", "slow=true"))
	l.await("the update makes both things", func() bool {
		return slices.Contains(l.things(), "second")
	})
	return cmd
}

func TestTheSecondCommandSaysWhoHoldsTheLock(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	first := l.startSlow()

	_, _, err := l.try(on("prod", up()))
	var held *engine.HeldError
	require.ErrorAs(t, err, &held)
	require.Equal(t, first.Process.Pid, held.Holder.PID)
	require.ErrorContains(t, err, "in use by `up` (pid "+strconv.Itoa(first.Process.Pid)+", since ")

	require.ElementsMatch(t, []string{"first", "second"}, l.things(), "resources can be listed meanwhile")
	require.Contains(t, l.must(command(engine.Read, "stack")), "first", "and the state can be read")
}

func TestTwoHomesDoNotKnowEachOther(t *testing.T) {
	t.Parallel()
	busy, free := newLocal(t), newLocal(t)
	busy.startSlow()
	free.must(up())
}

func TestTheNextCommandRecoversFromAKill(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	cmd := l.startSlow()
	require.NoError(t, cmd.Process.Kill()) // Pulumi lives on for a moment, without its providers
	_ = cmd.Wait()

	output := l.must(up())
	require.Contains(t, output, "`up` on stack dev (pid "+strconv.Itoa(cmd.Process.Pid))
	require.Contains(t, output, "was interrupted")
	require.Contains(t, output, "not recorded it yet: ")
	require.Equal(t, []string{"first"}, l.things())

	require.NotContains(t, l.must(preview("--expect-no-changes")), "interrupted")
	l.must(destroy())
	require.Empty(t, l.things())
}

func TestTheNextCommandRecoversFromAKillOfEverything(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	cmd := l.startSlow()
	output, err := exec.Command("pgrep", "-P", strconv.Itoa(cmd.Process.Pid)).Output()
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Kill())
	for _, pid := range strings.Fields(string(output)) {
		number, err := strconv.Atoi(pid)
		require.NoError(t, err)
		_ = syscall.Kill(number, syscall.SIGKILL)
	}
	_ = cmd.Wait()

	require.Contains(t, l.must(destroy()), "was interrupted")
	require.Empty(t, l.things())
	l.must(up())
}

func TestAnInterruptEndsInOrder(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]os.Signal{"Ctrl-C": os.Interrupt, "terminated": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLocal(t)
			cmd := l.startSlow()
			require.NoError(t, cmd.Process.Signal(signal))
			var exit *exec.ExitError
			require.ErrorAs(t, cmd.Wait(), &exit)
			require.Positive(t, exit.ExitCode(), "it ends by itself, with Pulumi's exit code")

			require.Contains(t, l.must(up()), notAsRecorded, "the second thing was made, and nobody was told")
			require.Equal(t, []string{"first"}, l.things())
			l.must(destroy())
		})
	}
}

func TestALockOfAKilledPulumiIsNotInTheWay(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.must(up())
	stale := filepath.Join(l.Home, "state", ".pulumi", "locks", "organization", "tiny", "dev", "b0e4.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(stale), 0o700))
	require.NoError(t, os.WriteFile(stale, []byte("{}"), 0o600))
	l.must(destroy())
}

func TestAStateThatCannotBePutInOrderNamesTheWayOut(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.must(up())
	marker := filepath.Join(l.Home, "running.json")
	require.NoError(t, os.WriteFile(marker, []byte(`{"command":"up","stack":"dev","pid":1}`), 0o600))
	checkpoint := filepath.Join(l.Home, "state", ".pulumi", "stacks", "tiny", "dev.json")
	require.NoError(t, os.WriteFile(checkpoint, []byte("{"), 0o600))

	_, _, err := l.try(up())
	require.ErrorContains(t, err, "putting stack dev in order after an interrupted command: ")
	require.ErrorContains(t, err, "remove "+marker)
	require.Equal(t, []string{"first"}, l.things(), "nothing is removed on the word of a checkpoint that cannot be read")
}

// killDaemon kills the home's background process, with no chance to tidy up.
func (l *local) killDaemon() {
	l.t.Helper()
	pid := l.daemonPID()
	require.NotZero(l.t, pid)
	require.NoError(l.t, syscall.Kill(pid, syscall.SIGKILL))
}

func TestTheNextCommandRecoversFromAKillOfTheBackgroundProcess(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]engine.Command{"up": up(), "destroy": destroy()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLocal(t)
			cmd := l.startSlow()
			l.killDaemon()
			var exit *exec.ExitError
			require.ErrorAs(t, cmd.Wait(), &exit, "the command fails by itself")
			require.Positive(t, exit.ExitCode())
			require.Contains(t, cmd.Stdout.(*bytes.Buffer).String(), "the background process of the local cloud ended while "+
				"the command ran: its log is "+filepath.Join(l.Home, "daemon.log"))

			output := l.must(next)
			require.Contains(t, output, "was interrupted")
			require.Contains(t, output, "not recorded it yet: ")
			l.must(destroy())
			require.Empty(t, l.things())
		})
	}
}

func TestTheNextCommandRecoversFromAKillOfBothProcesses(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	cmd := l.startSlow()
	l.killDaemon()
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	require.Contains(t, l.must(up()), "was interrupted")
	require.Equal(t, []string{"first"}, l.things())
	l.must(destroy())
	require.Empty(t, l.things())
}

func TestAfterADestroyNoProcessIsLeft(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.must(up())
	pid := l.daemonPID()
	require.NotZero(t, pid)
	l.must(destroy())
	require.Equal(t, pid, l.daemonPID(), "commands one after the other share a process")
	l.await("the process ends", func() bool { return !flock.Alive(pid) })
	require.NoFileExists(t, filepath.Join(l.Home, "daemon.json"))
	require.NoFileExists(t, filepath.Join(l.Home, "daemon.log"))
}
