// Package containers runs containers for a test or a measurement, and removes them after it.
package containers

import (
	"context"
	"os"
	"path/filepath"

	"github.com/docker/docker/client"
	"github.com/stretchr/testify/require"
)

// T is what this package needs of a test. *testing.T has it; what measures brings its own.
type T interface {
	Helper()
	Context() context.Context
	Cleanup(cleanup func())
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Skipf(format string, args ...any)
	FailNow()
}

// label marks what this package made, for whoever has to tidy up after a run that was killed.
const label = "wordpress-ecs.tests"

// Engine is a connection to this machine's Docker engine.
type Engine struct{ docker *client.Client }

// Connect is for tests that need a Docker engine, as Client is.
func Connect(t T) *Engine {
	t.Helper()
	return &Engine{Client(t)}
}

// Client skips the test where no Docker engine answers, except in CI, which has one.
func Client(t T) *client.Client {
	t.Helper()
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, docker.Close()) })
	if _, err := docker.Ping(t.Context()); err != nil {
		if os.Getenv("CI") == "true" {
			require.NoError(t, err, "CI needs a Docker engine")
		}
		t.Skipf("no Docker engine answers: %v", err)
	}
	return docker
}

// Root is the directory of the project that the working directory is in.
func Root(t T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		require.NotEqual(t, dir, parent, "no go.mod above the working directory")
		dir = parent
	}
}
