package daemon_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/flock"
)

func TestTheProcessEndsWhenNobodyNeedsIt(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	c := h.connect()
	pid := h.info().PID
	require.NotEqual(t, os.Getpid(), pid)
	require.Equal(t, "-rw-------", mode(t, h.path("daemon.json")))
	c.Close()
	h.await("the process ends", func() bool { return !flock.Alive(pid) })
	require.NoFileExists(t, h.path("daemon.json"))
	require.NoFileExists(t, h.path("daemon.log"), "nothing is left in the account")
}

func mode(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().String()
}

func TestTheNextCommandFindsTheProcess(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.connect().Close()
	pid := h.info().PID
	h.connect()
	require.Equal(t, pid, h.info().PID)
}

func TestTheProcessStaysWhileSomethingRuns(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("busy", "")
	h.connect().Close()
	require.Never(t, func() bool { return !h.runs() }, 2*time.Second, 50*time.Millisecond)
}

func TestWithoutAnEngineNothingKeepsTheProcess(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("busy", "")
	h.set("absent", "")
	h.connect().Close()
	h.await("the process ends", func() bool { return !h.runs() })
	require.Empty(t, h.read("fake-starts"))
}

func TestCommandsThatStartAtOnceGetOneProcess(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	var clients sync.WaitGroup
	addresses := make([]string, 4)
	for i := range addresses {
		clients.Go(func() { addresses[i] = h.connect().ECS() })
	}
	clients.Wait()
	for _, address := range addresses {
		require.Equal(t, addresses[0], address)
	}
	require.Equal(t, "1", h.read("fake-starts"))
}

// After a reboot the file names a process that is dead, and a port at which nobody or somebody else listens.
func TestAStaleFileIsNoObstacle(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "welcome")
	}))
	t.Cleanup(other.Close)
	for name, address := range map[string]string{
		"nobody": free.Addr().String(), "somebody else": other.Listener.Addr().String(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			text := `{"address":"` + address + `","token":"t","pid":` + strconv.Itoa(os.Getpid()) + `}`
			require.NoError(t, os.WriteFile(h.path("daemon.json"), []byte(text), 0o600))
			h.connect()
			require.NotEqual(t, address, h.info().Address)
		})
	}
}

func TestAKilledProcessIsNoticedAndReplaced(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	c := h.connect()
	pid := h.info().PID
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	<-c.Lost()
	_, err := c.Resources(t.Context())
	require.ErrorContains(t, err, "ended while the command ran: its log is "+h.path("daemon.log"))

	_, err = h.connect().Resources(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, pid, h.info().PID)
}

func TestAKilledCommandTakesItsProvidersWithIt(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("busy", "")
	cmd, providers := h.command(self(t))
	address := "127.0.0.1:" + strings.TrimPrefix(providers, "fake:")
	connection, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer connection.Close()

	require.NoError(t, cmd.Process.Kill())
	h.await("its providers no longer answer", func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err != nil
	})
	require.True(t, h.runs(), "the process lives on")
}

func TestAHomeThatIsRemovedEndsTheProcess(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("busy", "")
	h.connect()
	pid := h.info().PID
	require.NoError(t, os.RemoveAll(h.dir))
	h.await("the process ends", func() bool { return !flock.Alive(pid) })
	require.FileExists(t, h.dir+"-suspended", "what ran in it is stopped")
	require.NoDirExists(t, h.dir)
}

// build copies the test binary, so that it is another build.
func build(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(self(t))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "other.test")
	require.NoError(t, os.WriteFile(path, append(content, 0), 0o700))
	return path
}

func TestAnotherBuildTakesOver(t *testing.T) {
	t.Parallel()
	other := build(t)
	t.Run("when nobody is connected", func(t *testing.T) {
		t.Parallel()
		h := newHome(t)
		h.set("busy", "")
		h.connect().Close()
		before := h.info().PID
		h.command(other)
		require.NotEqual(t, before, h.info().PID)
	})
	t.Run("but leaves a command alone", func(t *testing.T) {
		t.Parallel()
		h := newHome(t)
		h.connect()
		before := h.info().PID
		h.command(other)
		require.Equal(t, before, h.info().PID)
	})
	t.Run("unless it has the home for itself", func(t *testing.T) {
		t.Parallel()
		h := newHome(t)
		reader := h.connect()
		h.command(other, "EXCLUSIVE=yes")
		<-reader.Lost()
	})
}

func TestAnotherEngineTakesOver(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("busy", "")
	h.connect().Close()
	before := h.info().PID
	h.command(self(t), "DOCKER_HOST=unix:///elsewhere.sock")
	require.NotEqual(t, before, h.info().PID)
}

func TestAProcessThatCannotBeginTellsWhy(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("broken", "")
	_, err := daemon.Connect(t.Context(), h.dir, daemon.Options{})
	require.ErrorContains(t, err, "did not start")
	require.ErrorContains(t, err, "the fake is broken")
}

func TestWhatFailsIsStartedAgain(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("busy", "")
	h.set("failures", "2")
	h.connect()
	h.await("it is started three times", func() bool { return h.read("fake-starts") == "3" })
	require.Contains(t, h.read("daemon.log"), "what runs failed: the engine went away")
}

// A shell waits for everyone who has its pipe.
func TestTheProcessKeepsNothingOfTheCommandOpen(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.set("busy", "")
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	cmd := exec.Command(self(t))
	cmd.Env = append(os.Environ(), commandVariable+"="+h.dir)
	cmd.ExtraFiles = []*os.File{writer}
	h.begin(cmd)
	require.NoError(t, writer.Close())
	require.NoError(t, cmd.Process.Kill())
	_, err = reader.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.True(t, h.runs())
}
