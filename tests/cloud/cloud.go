// Package cloud is a local cloud of a test's own: the command, an empty home, and a copy of the project whose
// files and settings the test changes as people do.
package cloud

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Cloud is an account with nothing in it yet.
type Cloud struct {
	t        *testing.T
	binaries Binaries
	// Home is the account's directory, Project the copy of the project.
	Home, Project string
	env           []string
	engine        bool
}

// New makes an empty account that uses this machine's Docker engine. What is left of it goes with the test.
func New(t *testing.T, b Binaries) *Cloud {
	t.Helper()
	return newCloud(t, b, true)
}

// WithoutEngine makes an empty account that finds no Docker engine: nothing is built or run, which is all that
// many tests need.
func WithoutEngine(t *testing.T, b Binaries) *Cloud {
	t.Helper()
	c := newCloud(t, b, false)
	c.env = append(c.env, "DOCKER_HOST=unix://"+filepath.Join(c.Home, "no-engine.sock"))
	return c
}

func newCloud(t *testing.T, b Binaries, engine bool) *Cloud {
	t.Helper()
	dir := t.TempDir()
	c := &Cloud{
		t: t, binaries: b, env: os.Environ(), engine: engine,
		Home: filepath.Join(dir, "home"), Project: filepath.Join(dir, "project"),
	}
	root := os.DirFS(b.root)
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		text, err := fs.ReadFile(root, name)
		require.NoError(t, err)
		c.Write(name, string(text))
	}
	image, err := fs.Sub(root, "image")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(filepath.Join(c.Project, "image"), image))
	t.Cleanup(c.discard)
	return c
}
