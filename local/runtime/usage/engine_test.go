package usage_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/docker/docker/api/types/image"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/tests/containers"
)

// A container that holds 20 MB and is never idle, as the real engine tells it.
func TestTheEngineTellsWhatAContainerUses(t *testing.T) {
	t.Parallel()
	docker := containers.Client(t)
	m, err := machine.Connect(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	name, err := m.EnsureImage(t.Context(), "usage-test", fstest.MapFS{"Dockerfile": {
		Data: []byte("FROM public.ecr.aws/docker/library/debian:trixie-slim\nLABEL for=usage-test\n"),
	}}, func(line string) { t.Log(line) })
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := docker.ImageRemove(context.Background(), name, image.RemoveOptions{})
		require.NoError(t, err)
	})
	t.Cleanup(func() { require.NoError(t, m.RemoveAll(context.Background())) })

	id, err := m.Create(t.Context(), machine.Spec{
		Name: m.Name("busy"), Labels: m.Labels("task", "busy", nil), Image: name,
		Command: []string{"sh", "-c", `held=$(head -c 20000000 /dev/zero | tr '\0' x); while :; do :; done`},
	})
	require.NoError(t, err)
	_, runs, err := m.Usage(t.Context(), id)
	require.NoError(t, err)
	require.False(t, runs, "it was only made")

	require.NoError(t, m.Start(t.Context(), id))
	first, runs, err := m.Usage(t.Context(), id)
	require.NoError(t, err)
	require.True(t, runs)
	require.Eventually(t, func() bool {
		now, _, err := m.Usage(t.Context(), id)
		return err == nil && now.Memory > 20e6 && now.Memory < 100e6 && now.CPU > first.CPU+50*time.Millisecond &&
			now.CPU-first.CPU <= 2*now.At.Sub(first.At)
	}, time.Minute, 100*time.Millisecond)

	require.NoError(t, m.Remove(t.Context(), id))
	_, runs, err = m.Usage(t.Context(), id)
	require.NoError(t, err)
	require.False(t, runs)
}
