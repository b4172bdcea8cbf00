package machine

import (
	"context"
	"fmt"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

// EnsureNetwork makes a network of the account, unless it is there, and returns its name. Networks are
// separate: containers of different ones do not reach each other.
func (m *Machine) EnsureNetwork(ctx context.Context, words string, labels map[string]string) (string, error) {
	m.naming.Lock()
	defer m.naming.Unlock()
	name := m.Name(words)
	_, err := m.docker.NetworkInspect(ctx, name, network.InspectOptions{})
	if err == nil {
		return name, nil
	}
	if !cerrdefs.IsNotFound(err) {
		return "", fmt.Errorf("looking for network %s: %w", name, err)
	}
	if _, err := m.docker.NetworkCreate(ctx, name, network.CreateOptions{Driver: "bridge", Labels: labels}); err != nil {
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
