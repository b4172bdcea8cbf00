package containers

import (
	"context"

	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/stretchr/testify/require"
)

// Network is a bridge of its own, on which containers find each other by name.
type Network struct {
	id string
	// Subnet is its range; requests from the host come from an address in it.
	Subnet string
}

// Network makes a network that goes with the test.
func (e *Engine) Network(t T) *Network {
	t.Helper()
	created, err := e.docker.NetworkCreate(t.Context(), unique("network"), network.CreateOptions{
		Driver: "bridge", Labels: map[string]string{label: ""},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.docker.NetworkRemove(context.Background(), created.ID)) })
	state, err := e.docker.NetworkInspect(t.Context(), created.ID, network.InspectOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, state.IPAM.Config)
	return &Network{id: created.ID, Subnet: state.IPAM.Config[0].Subnet}
}

// Volume makes an empty volume that goes with the test, and returns its name.
func (e *Engine) Volume(t T) string {
	t.Helper()
	created, err := e.docker.VolumeCreate(t.Context(), volume.CreateOptions{Labels: map[string]string{label: ""}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.docker.VolumeRemove(context.Background(), created.Name, true)) })
	return created.Name
}
