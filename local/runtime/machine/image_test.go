package machine_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/docker/docker/api/types/image"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/tests/containers"
)

// The tasks of a first deployment need the same image at once.
func TestAnImageIsBuiltOnce(t *testing.T) {
	t.Parallel()
	docker := containers.Client(t)
	m, err := machine.Connect(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	files := fstest.MapFS{"Dockerfile": {Data: []byte("FROM scratch\nCOPY Dockerfile /\nLABEL for=" + account.NewHex(16) + "\n")}}
	var builds atomic.Int32
	var all sync.WaitGroup
	names := make([]string, 3)
	for i := range names {
		all.Go(func() {
			name, err := m.EnsureImage(t.Context(), "machine-test", files, func(string) { builds.Add(1) })
			if err != nil {
				t.Error(err)
			}
			names[i] = name
		})
	}
	all.Wait()
	t.Cleanup(func() {
		_, err := docker.ImageRemove(context.Background(), names[0], image.RemoveOptions{})
		require.NoError(t, err)
	})
	require.Equal(t, []string{names[0], names[0], names[0]}, names)
	require.EqualValues(t, 1, builds.Load())
}
