package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/machine"
)

// container is the Docker engine's id of a container of a task.
func (d deployment) container(t *testing.T, task, name string) string {
	t.Helper()
	m := d.machine(t)
	found, err := m.Find(t.Context(), map[string]string{machine.LabelKind: "task", machine.LabelID: task})
	require.NoError(t, err)
	for _, c := range found {
		if c.Labels["wordpress-ecs.container"] == name {
			return c.ID
		}
	}
	require.Fail(t, "the task has no such container", "%s of %s: %v", name, task, found)
	return ""
}

// containersOf are the running containers of a kind: "database", "cache".
func (d deployment) containersOf(t *testing.T, kind string) []string {
	t.Helper()
	found, err := d.machine(t).Find(t.Context(), map[string]string{machine.LabelKind: kind})
	require.NoError(t, err)
	var ids []string
	for _, c := range found {
		if c.State == "running" {
			ids = append(ids, c.ID)
		}
	}
	require.NotEmpty(t, ids, "containers of kind %s", kind)
	return ids
}

// paused tells whether any of the containers is.
func (d deployment) paused(t *testing.T, ids []string) bool {
	t.Helper()
	for _, id := range ids {
		if docker(t, "inspect", "--format", "{{.State.Paused}}", id) == "true" {
			return true
		}
	}
	return false
}

func (d deployment) machine(t *testing.T) *machine.Machine {
	t.Helper()
	m, err := machine.Connect(t.Context(), d.Home)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}
