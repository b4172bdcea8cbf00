package flock_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/flock"
)

func TestOneHoldsALock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := flock.Open(path)
	require.NoError(t, err)
	second, err := flock.Open(path)
	require.NoError(t, err)
	defer second.Close()

	got, err := flock.Try(first)
	require.NoError(t, err)
	require.True(t, got)
	got, err = flock.Try(second)
	require.NoError(t, err)
	require.False(t, got)

	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, flock.Wait(impatient, second), context.Canceled)
	require.NoError(t, first.Close())
	require.NoError(t, flock.Wait(t.Context(), second))
}

func TestAlive(t *testing.T) {
	t.Parallel()
	require.True(t, flock.Alive(os.Getpid()))
	require.False(t, flock.Alive(0))
}
