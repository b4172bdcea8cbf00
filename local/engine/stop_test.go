package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const notRunning = "local: no Docker engine answers: the account is deployed, but no task, database, cache or load balancer runs\n"

func TestWithoutAnEngineOneLineSaysWhatDoesNotRun(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	require.Equal(t, 1, strings.Count(l.must(up()), notRunning))
	require.NotContains(t, l.must(preview()), notRunning)
}

func TestAStoppedAccountStaysStoppedUntilUpOrStart(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	require.NoError(t, l.Prepare())
	require.NoError(t, os.WriteFile(filepath.Join(l.Home, "fake-engine"), nil, 0o600))
	running := filepath.Join(l.Home, "fake-running")
	require.NotContains(t, l.must(up()), notRunning)
	require.FileExists(t, running)

	require.NoError(t, l.Stop(t.Context()))
	require.Contains(t, l.stderr.String(), "local: stopping the fake\n")
	l.await("the process ends", func() bool { return !l.hasDaemon() })
	l.must(preview())
	require.Len(t, l.things(), 1)
	require.NoFileExists(t, running)

	require.NoError(t, l.Start(t.Context()))
	require.FileExists(t, running)
	require.Contains(t, l.stderr.String(), "the fake starts\n")
	require.NoError(t, l.Stop(t.Context()))
	l.must(up())
	require.FileExists(t, running)

	require.NoError(t, l.Stop(t.Context()))
	l.must(destroy())
	require.NoFileExists(t, running, "a stopped account is destroyed without starting it")
	require.Empty(t, l.things())
}

func TestStopWaitsForNoOtherCommand(t *testing.T) {
	t.Parallel()
	l := newLocal(t)
	l.startSlow()
	require.ErrorContains(t, l.Stop(t.Context()), "in use by `up`")
}
