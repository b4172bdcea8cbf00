package machine

import (
	"context"
	"fmt"
	"slices"

	cerrdefs "github.com/containerd/errdefs"
	settings "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

// EnsureNetwork makes a network of the account, unless it is there, and returns its name. Networks are
// separate: containers of different ones do not reach each other.
func (m *Machine) EnsureNetwork(ctx context.Context, words string, labels map[string]string) (string, error) {
	m.naming.Lock()
	defer m.naming.Unlock()
	name := m.Name(words)
	_, err := m.docker.NetworkInspect(ctx, name, settings.InspectOptions{})
	if err == nil {
		return name, nil
	}
	if !cerrdefs.IsNotFound(err) {
		return "", fmt.Errorf("looking for network %s: %w", name, err)
	}
	if _, err := m.docker.NetworkCreate(ctx, name, settings.CreateOptions{Driver: "bridge", Labels: labels}); err != nil {
		return "", fmt.Errorf("making network %s: %w", name, err)
	}
	return name, nil
}

// RemoveNetwork removes a network of the account. One that is gone is no error.
func (m *Machine) RemoveNetwork(ctx context.Context, words string) error {
	name := m.Name(words)
	if err := m.docker.NetworkRemove(ctx, name); err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("removing network %s: %w", name, err)
	}
	return nil
}

// Rename gives a container other names in a network. It breaks the connections of one that runs, and the ports that it
// publishes change.
func (m *Machine) Rename(ctx context.Context, id, network string, aliases []string) error {
	found, ok, err := m.Inspect(ctx, id)
	if err != nil {
		return err
	}
	if ok && found.NetworkSettings != nil && found.NetworkSettings.Networks[network] != nil {
		if err := m.docker.NetworkDisconnect(ctx, network, id, true); err != nil {
			return fmt.Errorf("taking container %s from network %s: %w", short(id), network, err)
		}
	}
	if err := m.docker.NetworkConnect(ctx, network, id, &settings.EndpointSettings{Aliases: aliases}); err != nil {
		return fmt.Errorf("putting container %s into network %s: %w", short(id), network, err)
	}
	return nil
}

// Names are the names of a container in a network, beside those that the engine gives it.
func (m *Machine) Names(ctx context.Context, id, network string) ([]string, error) {
	found, ok, err := m.Inspect(ctx, id)
	if err != nil || !ok || found.NetworkSettings == nil || found.NetworkSettings.Networks[network] == nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(found.NetworkSettings.Networks[network].Aliases), func(name string) bool {
		return name == short(id)
	}), nil
}

// EnsureVolume makes a volume of the account, unless it is there, and returns its name.
func (m *Machine) EnsureVolume(ctx context.Context, words string, labels map[string]string) (string, error) {
	name := m.Name(words)
	if _, err := m.docker.VolumeCreate(ctx, volume.CreateOptions{Name: name, Labels: labels}); err != nil {
		return "", fmt.Errorf("making volume %s: %w", name, err)
	}
	return name, nil
}

// HasVolume tells whether a volume of the account is there.
func (m *Machine) HasVolume(ctx context.Context, words string) (bool, error) {
	_, err := m.docker.VolumeInspect(ctx, m.Name(words))
	if cerrdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for volume %s: %w", m.Name(words), err)
	}
	return true, nil
}

// RemoveVolume removes a volume of the account with its data. One that is gone is no error.
func (m *Machine) RemoveVolume(ctx context.Context, words string) error {
	name := m.Name(words)
	if err := m.docker.VolumeRemove(ctx, name, true); err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("removing volume %s: %w", name, err)
	}
	return nil
}
