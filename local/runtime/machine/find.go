package machine

import (
	"context"
	"fmt"

	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

// Named is a network or a volume of the account.
type Named struct {
	Name   string
	Labels map[string]string
}

// FindNetworks lists the networks of the account that carry the labels. An empty value of a label matches all.
func (m *Machine) FindNetworks(ctx context.Context, labels map[string]string) ([]Named, error) {
	found, err := m.docker.NetworkList(ctx, network.ListOptions{Filters: m.mine(labels)})
	if err != nil {
		return nil, fmt.Errorf("listing networks: %w", err)
	}
	list := make([]Named, 0, len(found))
	for _, n := range found {
		list = append(list, Named{n.Name, n.Labels})
	}
	return list, nil
}

// FindVolumes lists the volumes of the account that carry the labels. An empty value of a label matches all.
func (m *Machine) FindVolumes(ctx context.Context, labels map[string]string) ([]Named, error) {
	found, err := m.docker.VolumeList(ctx, volume.ListOptions{Filters: m.mine(labels)})
	if err != nil {
		return nil, fmt.Errorf("listing volumes: %w", err)
	}
	list := make([]Named, 0, len(found.Volumes))
	for _, v := range found.Volumes {
		list = append(list, Named{v.Name, v.Labels})
	}
	return list, nil
}
