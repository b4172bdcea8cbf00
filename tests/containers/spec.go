package containers

import (
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"
)

// Spec says how a container is run.
type Spec struct {
	// Name is what logs and messages call it.
	Name        string
	Image       string
	Command     []string
	Entrypoint  []string
	Environment map[string]string
	// User is "uid:gid"; empty is the image's.
	User string
	// Network and Hostname make it known to its neighbours.
	Network  *Network
	Hostname string
	// Join is the container whose network namespace is shared, as in an awsvpc task.
	Join *Container
	// Publish is a port to reach on 127.0.0.1; the engine chooses its number there.
	Publish int
	// Restricted takes all capabilities and the right to write the root file system.
	Restricted bool
	// Capabilities are added to those that Docker gives.
	Capabilities []string
	// Tmpfs are writable places in memory, and what is to be known about each, such as "size=48m".
	Tmpfs  map[string]string
	Mounts []Mount
	// Files are put into the container before it starts.
	Files []File
	// Memory is the hard limit in MiB; 0 is none.
	Memory int64
}

// Mount puts a volume or, with a path of the host, a file or directory into a container.
type Mount struct {
	Volume, Source, Target string
	ReadOnly               bool
}

// File is a file to put into a container.
type File struct {
	Name    string
	Content string
	// Mode is 0644 unless given, Owner is root.
	Mode  int64
	Owner int
}

func (s Spec) config() *container.Config {
	config := &container.Config{
		Image: s.Image, Cmd: s.Command, Entrypoint: s.Entrypoint, User: s.User, Labels: map[string]string{label: ""},
	}
	if s.Join == nil {
		config.Hostname = s.Hostname
	}
	for name, value := range s.Environment {
		config.Env = append(config.Env, name+"="+value)
	}
	slices.Sort(config.Env)
	if s.Publish != 0 {
		config.ExposedPorts = nat.PortSet{tcp(s.Publish): {}}
	}
	return config
}

func (s Spec) host() *container.HostConfig {
	reap := true
	host := &container.HostConfig{Init: &reap, Tmpfs: s.Tmpfs, CapAdd: s.Capabilities}
	if s.Restricted {
		host.ReadonlyRootfs = true
		host.CapDrop = []string{"ALL"}
	}
	// No more memory by swapping than without.
	host.Memory, host.MemorySwap = s.Memory<<20, s.Memory<<20
	for _, m := range s.Mounts {
		kind, source := mount.TypeVolume, m.Volume
		if m.Source != "" {
			kind, source = mount.TypeBind, m.Source
		}
		host.Mounts = append(host.Mounts, mount.Mount{Type: kind, Source: source, Target: m.Target, ReadOnly: m.ReadOnly})
	}
	if s.Publish != 0 {
		host.PortBindings = nat.PortMap{tcp(s.Publish): {{HostIP: "127.0.0.1"}}}
	}
	switch {
	case s.Join != nil:
		host.NetworkMode = container.NetworkMode("container:" + s.Join.id)
	case s.Network != nil:
		host.NetworkMode = container.NetworkMode(s.Network.id)
	}
	return host
}

func (s Spec) networking() *network.NetworkingConfig {
	if s.Join != nil || s.Network == nil || s.Hostname == "" {
		return nil
	}
	return &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
		s.Network.id: {Aliases: []string{s.Hostname}},
	}}
}

func tcp(port int) nat.Port { return nat.Port(fmt.Sprintf("%d/tcp", port)) }

// unique is a name that no other test has.
func unique(kind string) string { return "wordpress-tests-" + kind + "-" + rand.Text()[:12] }
