package machine

import (
	"fmt"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"
)

// loopback is where everything that the machine publishes listens.
const loopback = "127.0.0.1"

// Spec is a container to be made.
type Spec struct {
	// Name is the container's; Machine.Name makes one.
	Name string
	// Labels come from Machine.Labels.
	Labels map[string]string
	// Image is an image id or a name that the engine has.
	Image               string
	Entrypoint, Command []string
	// Environment has lines NAME=value.
	Environment []string
	// User is a number or numbers, "33:33"; empty is the image's.
	User       string
	WorkingDir string
	Hostname   string

	ReadOnly bool
	// Tmpfs maps paths to mount options: "size=64m,noexec".
	Tmpfs  map[string]string
	Mounts []mount.Mount
	// Init runs an init process as the first one.
	Init            bool
	CapDrop, CapAdd []string
	NoNewPrivileges bool
	Sysctls         map[string]string
	Ulimits         []*container.Ulimit
	ShmSize         int64
	// CPUShares weigh against other containers, 1024 for one CPU; 0 is the engine's default.
	CPUShares int64
	// Memory is the limit and MemoryReservation what is kept free for it, in bytes; 0 is none.
	Memory, MemoryReservation int64

	// Namespace is a container whose network it shares; else Network, with further names in it.
	Namespace string
	Network   string
	Aliases   []string
	// Hosts are lines NAME:ADDRESS for the names that it and those in its namespace know beside DNS.
	Hosts []string
	// Publish lists TCP ports that get a free port of 127.0.0.1.
	Publish []int

	// Health is the engine's health check; nil is none, not even the image's.
	Health      *container.HealthConfig
	StopSignal  string
	StopTimeout time.Duration
	// LogMax bounds the engine's own log file, such as "10m"; empty keeps 10 MB.
	LogMax string
}

func (s Spec) config() *container.Config {
	config := &container.Config{
		Image: s.Image, Entrypoint: s.Entrypoint, Cmd: s.Command, Env: s.Environment, User: s.User,
		WorkingDir: s.WorkingDir, Hostname: s.Hostname, Labels: s.Labels, StopSignal: s.StopSignal,
		Healthcheck: s.Health, ExposedPorts: nat.PortSet{},
	}
	if s.Health == nil {
		config.Healthcheck = &container.HealthConfig{Test: []string{"NONE"}}
	}
	for _, port := range s.Publish {
		config.ExposedPorts[tcp(port)] = struct{}{}
	}
	if s.StopTimeout > 0 {
		seconds := int(s.StopTimeout.Seconds())
		config.StopTimeout = &seconds
	}
	return config
}

func (s Spec) host() *container.HostConfig {
	logMax := s.LogMax
	if logMax == "" {
		logMax = "10m"
	}
	host := &container.HostConfig{
		ReadonlyRootfs: s.ReadOnly, Tmpfs: s.Tmpfs, Mounts: s.Mounts, Init: &s.Init,
		CapDrop: s.CapDrop, CapAdd: s.CapAdd, Sysctls: s.Sysctls, ShmSize: s.ShmSize,
		PortBindings: nat.PortMap{}, ExtraHosts: s.Hosts,
		LogConfig: container.LogConfig{Type: "json-file", Config: map[string]string{
			"max-size": logMax, "max-file": "2",
		}},
		Resources: container.Resources{
			CPUShares: s.CPUShares, Memory: s.Memory, MemorySwap: s.Memory, MemoryReservation: s.MemoryReservation,
			Ulimits: s.Ulimits,
		},
	}
	if s.NoNewPrivileges {
		host.SecurityOpt = []string{"no-new-privileges"}
	}
	for _, port := range s.Publish {
		host.PortBindings[tcp(port)] = []nat.PortBinding{{HostIP: loopback}}
	}
	switch {
	case s.Namespace != "":
		host.NetworkMode = container.NetworkMode("container:" + s.Namespace)
	case s.Network != "":
		host.NetworkMode = container.NetworkMode(s.Network)
	default:
		host.NetworkMode = "none"
	}
	return host
}

func (s Spec) networking() *network.NetworkingConfig {
	if s.Namespace != "" || s.Network == "" {
		return nil
	}
	return &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
		s.Network: {Aliases: s.Aliases},
	}}
}

func tcp(port int) nat.Port { return nat.Port(fmt.Sprintf("%d/tcp", port)) }
