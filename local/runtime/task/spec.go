package task

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"

	"wordpress-ecs/local/runtime/machine"
)

// kind is the label of what belongs to tasks, labelContainer that of a container's name in its task, which the
// container of the network namespace lacks, and labelVolume that of a volume's name.
const (
	kind           = "task"
	labelContainer = "wordpress-ecs.container"
	labelVolume    = "wordpress-ecs.volume"
)

const (
	mebibyte = 1 << 20
	// leastShares is what the ECS agent gives containers that ask for less CPU.
	leastShares = 2
	// bundlePath is where a container finds the authorities that it is to trust.
	bundlePath = "/etc/ssl/wordpress-ecs-local.pem"
	bundleName = "SSL_CERT_FILE"
)

// Defaults of the API.
const (
	defaultStopTimeout    = 30 * time.Second
	defaultHealthInterval = 30
	defaultHealthTimeout  = 5
	defaultHealthRetries  = 3
	// leastInterval is how often a health check runs at most, however fast the clock.
	leastInterval = time.Second
)

// supplies are what a task was found to need.
type supplies struct {
	// images are ids by reference, secrets values by valueFrom, volumes the engine's names by the definition's.
	images, secrets, volumes map[string]string
	// readOnly are the volumes, by the definition's names, that the task may only read.
	readOnly map[string]bool
}

// spec is how the Docker engine runs a container of a task.
func (w *work) spec(u *unit, have supplies) machine.Spec {
	d := u.def
	s := machine.Spec{
		Name: w.part.engine.Name("task-" + short(w.task.ID) + "-" + d.Name), Labels: w.labels(d.Name, d.DockerLabels),
		Image: have.images[d.Image], Entrypoint: d.EntryPoint, Command: d.Command, User: d.User, WorkingDir: d.WorkingDirectory,
		ReadOnly: d.ReadonlyRootFilesystem, NoNewPrivileges: slices.ContainsFunc(d.DockerSecurityOptions, noNewPrivileges),
		Memory: int64(d.Memory) * mebibyte, MemoryReservation: int64(d.MemoryReservation) * mebibyte,
		CPUShares: w.shares(d), Namespace: w.pause, StopTimeout: d.stopTimeout(), Health: w.part.health(d.HealthCheck),
	}
	if s.Memory == 0 {
		s.Memory = int64(w.def.Memory) * mebibyte
	}
	for _, v := range d.Environment {
		s.Environment = append(s.Environment, v.Name+"="+v.Value)
	}
	for _, v := range d.Secrets {
		s.Environment = append(s.Environment, v.Name+"="+have.secrets[v.ValueFrom])
	}
	w.introduce(&s)
	for _, m := range d.MountPoints {
		s.Mounts = append(s.Mounts, mount.Mount{
			Type: mount.TypeVolume, Source: have.volumes[m.SourceVolume], Target: m.ContainerPath,
			ReadOnly:      m.ReadOnly || have.readOnly[m.SourceVolume],
			VolumeOptions: &mount.VolumeOptions{NoCopy: w.def.shared(m.SourceVolume)},
		})
	}
	w.part.trust(&s)
	for _, c := range d.SystemControls {
		if !ofNetwork(c.Namespace) {
			s.Sysctls = with(s.Sysctls, c.Namespace, c.Value)
		}
	}
	for _, l := range d.Ulimits {
		s.Ulimits = append(s.Ulimits, &container.Ulimit{Name: l.Name, Soft: l.SoftLimit, Hard: l.HardLimit})
	}
	if l := d.LinuxParameters; l != nil {
		s.CapAdd, s.CapDrop, s.Init = l.Capabilities.Add, l.Capabilities.Drop, l.InitProcessEnabled
		s.ShmSize = l.SharedMemorySize * mebibyte
		for _, t := range l.Tmpfs {
			options := append([]string{"size=" + strconv.Itoa(t.Size) + "m"}, t.MountOptions...)
			s.Tmpfs = with(s.Tmpfs, t.ContainerPath, strings.Join(options, ","))
		}
	}
	return s
}

// shares weigh a container's CPU. One that asks for none has the weight of the task: ECS puts the containers of a
// task together into a control group of that weight.
func (w *work) shares(d *containerDefinition) int64 {
	switch {
	case d.CPU > 0:
		return int64(max(d.CPU, leastShares))
	case w.def.CPU > 0:
		return int64(max(w.def.CPU, leastShares))
	default:
		return leastShares
	}
}

// labels are those of a container or volume of the task.
func (w *work) labels(name string, more map[string]string) map[string]string {
	labels := maps.Clone(more)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[labelContainer], labels[machine.LabelStack] = name, w.task.Stack
	return w.part.engine.Labels(kind, w.task.ID, labels)
}

// trust lets a container trust the account's authority, unless it says itself whom to trust.
func (p *Part) trust(s *machine.Spec) {
	if p.env.Bundle == "" || slices.ContainsFunc(s.Environment, func(line string) bool {
		return strings.HasPrefix(line, bundleName+"=")
	}) {
		return
	}
	s.Environment = append(s.Environment, bundleName+"="+bundlePath)
	s.Mounts = append(s.Mounts, mount.Mount{Type: mount.TypeBind, Source: p.env.Bundle, Target: bundlePath, ReadOnly: true})
}

// health is the engine's check. It runs as often as the clock says; how long it may take is real.
func (p *Part) health(c *healthCheck) *container.HealthConfig {
	if c == nil || len(c.Command) == 0 || c.Command[0] == "NONE" {
		return nil
	}
	return &container.HealthConfig{
		Test:        c.Command,
		Interval:    max(p.env.Clock.Of(seconds(c.Interval, defaultHealthInterval)), leastInterval),
		Timeout:     seconds(c.Timeout, defaultHealthTimeout),
		StartPeriod: seconds(c.StartPeriod, 0),
		Retries:     cmp.Or(c.Retries, defaultHealthRetries),
	}
}

func (c *containerDefinition) stopTimeout() time.Duration {
	if c.StopTimeout == nil {
		return defaultStopTimeout
	}
	return time.Duration(*c.StopTimeout) * time.Second
}

// shared tells whether a volume is a file system, and not a new and empty one.
func (d *definition) shared(volume string) bool {
	return slices.ContainsFunc(d.Volumes, func(v volumeDefinition) bool { return v.Name == volume && v.FileSystem != "" })
}

// ofNetwork tells whether a kernel parameter is the network namespace's.
func ofNetwork(parameter string) bool { return strings.HasPrefix(parameter, "net.") }

func seconds(n, otherwise int) time.Duration {
	if n == 0 {
		n = otherwise
	}
	return time.Duration(n) * time.Second
}

func with(m map[string]string, key, value string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[key] = value
	return m
}

func short(id string) string { return id[:min(len(id), 12)] }
