package machine

import (
	"context"
	"errors"
	"fmt"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

// Left names what the engine still has of the account: containers, networks and volumes.
func (m *Machine) Left(ctx context.Context) ([]string, error) {
	var left []string
	containers, err := m.Find(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, c := range containers {
		left = append(left, "container "+c.Name)
	}
	networks, err := m.docker.NetworkList(ctx, network.ListOptions{Filters: m.mine(nil)})
	if err != nil {
		return nil, fmt.Errorf("listing networks: %w", err)
	}
	for _, n := range networks {
		left = append(left, "network "+n.Name)
	}
	volumes, err := m.docker.VolumeList(ctx, volume.ListOptions{Filters: m.mine(nil)})
	if err != nil {
		return nil, fmt.Errorf("listing volumes: %w", err)
	}
	for _, v := range volumes.Volumes {
		left = append(left, "volume "+v.Name)
	}
	return left, nil
}

// RemoveAll removes everything that the engine has of the account, data and all.
func (m *Machine) RemoveAll(ctx context.Context) error {
	containers, err := m.Find(ctx, nil)
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range containers {
		failed = append(failed, m.Remove(ctx, c.ID))
	}
	networks, err := m.docker.NetworkList(ctx, network.ListOptions{Filters: m.mine(nil)})
	failed = append(failed, err)
	for _, n := range networks {
		if err := m.docker.NetworkRemove(ctx, n.ID); err != nil && !cerrdefs.IsNotFound(err) {
			failed = append(failed, fmt.Errorf("removing network %s: %w", n.Name, err))
		}
	}
	volumes, err := m.docker.VolumeList(ctx, volume.ListOptions{Filters: m.mine(nil)})
	failed = append(failed, err)
	for _, v := range volumes.Volumes {
		if err := m.docker.VolumeRemove(ctx, v.Name, true); err != nil && !cerrdefs.IsNotFound(err) {
			failed = append(failed, fmt.Errorf("removing volume %s: %w", v.Name, err))
		}
	}
	return errors.Join(failed...)
}
