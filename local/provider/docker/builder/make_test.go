package builder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/docker/docker/api/types/image"
	"github.com/stretchr/testify/require"
)

func TestBaseImageIsWhatMmdebstrapWrites(t *testing.T) {
	t.Parallel()
	e := requireEngine(t)
	name := fmt.Sprintf("made-%d.test.invalid/debian:trixie-slim", os.Getpid())
	t.Cleanup(func() {
		_, err := e.docker.ImageRemove(context.Background(), name, image.RemoveOptions{})
		require.NoError(t, err)
	})
	// An empty tar archive is two blocks of zeros.
	require.NoError(t, e.makeTrixieSlim(t.Context(), script(t, "head -c 1024 /dev/zero"), name, silent{}))
	made, err := e.docker.ImageInspect(t.Context(), name)
	require.NoError(t, err)
	require.Equal(t, e.Platform, made.Os+"/"+made.Architecture)
}

func TestBrokenBootstrapMakesNoImage(t *testing.T) {
	t.Parallel()
	e := requireEngine(t)
	name := fmt.Sprintf("broken-%d.test.invalid/debian:trixie-slim", os.Getpid())
	broken := script(t, "head -c 700 /dev/zero; echo 'E: no mirror in reach' >&2; exit 3")
	err := e.makeTrixieSlim(t.Context(), broken, name, silent{})
	require.ErrorContains(t, err, "E: no mirror in reach")
	require.ErrorContains(t, err, "exit status 3")
	_, err = e.docker.ImageInspect(t.Context(), name)
	require.Error(t, err, "half of an image is none")
}

func requireEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := Connect(t.Context(), "")
	if errors.Is(err, ErrNoEngine) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

// script stands in for mmdebstrap.
func script(t *testing.T, body string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "mmdebstrap")
	require.NoError(t, os.WriteFile(name, []byte("#!/bin/sh\n"+body+"\n"), 0o700))
	return name
}

type silent struct{}

func (silent) Info(string)   {}
func (silent) Status(string) {}
