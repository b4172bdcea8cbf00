package site

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/image"
	"wordpress-ecs/tests/containers"
)

const (
	// StopTimeout is how long ECS waits for a container before it kills it.
	StopTimeout = 90 * time.Second
	// phpMemory is the hard limit of php-fpm in MiB unless a test gives one.
	phpMemory = 512
)

// owner is as whom every container runs.
var owner = fmt.Sprintf("%d:%d", image.Owner, image.Owner)

// Task is a task as ECS runs it: containers in one network namespace, with one shared volume.
type Task struct {
	Setup, PHP, Nginx, Cron *containers.Container
	// Address is nginx on 127.0.0.1, past the load balancer.
	Address string

	site      *Site
	namespace *containers.Container
}

// StartTask runs setup to its end and then the other containers, in the order of the task definition, and
// has the load balancer route to the task when it is healthy.
func (s *Site) StartTask(t containers.T, v Variation) *Task {
	t.Helper()
	v = s.options.with(v)
	k := &Task{site: s, namespace: s.startNamespace(t, v)}
	k.Address = k.namespace.Address(t, image.Port)
	k.Setup = s.run(t, Setup, k.namespace, v)
	require.Zero(t, k.Setup.Wait(t), "setup ends: %s", k.Setup.Logs(t))
	k.StartPHP(t, v)
	k.StartNginx(t, v)
	k.StartCron(t, v)
	s.Front.Route(k)
	return k
}

// StartNamespace starts a task that has no container yet but the one that holds its network namespace.
func (s *Site) StartNamespace(t containers.T, v Variation) *Task {
	t.Helper()
	k := &Task{site: s, namespace: s.startNamespace(t, s.options.with(v))}
	k.Address = k.namespace.Address(t, image.Port)
	return k
}

// StartPHP starts php-fpm and waits until it is healthy.
func (k *Task) StartPHP(t containers.T, v Variation) {
	t.Helper()
	k.PHP = k.site.run(t, PHP, k.namespace, k.site.options.with(v))
	awaitHealthy(t, k.PHP, func() bool {
		code, _ := k.PHP.Exec(t, "healthcheck", PHP)
		return code == 0
	})
}

// StartNginx starts nginx and waits until it is healthy.
func (k *Task) StartNginx(t containers.T, v Variation) {
	t.Helper()
	k.Nginx = k.site.run(t, Nginx, k.namespace, k.site.options.with(v))
	awaitHealthy(t, k.Nginx, func() bool { return k.status("/healthz") == http.StatusOK })
}

// awaitHealthy waits for a container that may end instead.
func awaitHealthy(t containers.T, c *containers.Container, healthy func() bool) {
	t.Helper()
	Eventually(t, func() bool {
		require.True(t, c.Running(t), "%s has ended", c.Name)
		return healthy()
	}, "%s is healthy", c.Name)
}

// StartCron starts the runner of scheduled events.
func (k *Task) StartCron(t containers.T, v Variation) {
	t.Helper()
	k.Cron = k.site.run(t, Cron, k.namespace, k.site.options.with(v))
}

// RunSetup runs setup alone, in a namespace of its own, and returns without waiting for its end.
func (s *Site) RunSetup(t containers.T, v Variation) *containers.Container {
	t.Helper()
	return s.run(t, Setup, nil, s.options.with(v))
}

// Join runs another container in the task's network namespace.
func (k *Task) Join(t containers.T, spec containers.Spec) *containers.Container {
	t.Helper()
	spec.Join = k.namespace
	return k.site.Engine.Run(t, spec)
}

// Stop stops the task as ECS does when it is drained: nginx before php-fpm, which it depends on.
func (k *Task) Stop(t containers.T) {
	t.Helper()
	stopped := make(chan error, 1)
	go func() { stopped <- k.Cron.Stop(StopTimeout) }()
	require.NoError(t, k.Nginx.Stop(StopTimeout))
	require.NoError(t, k.PHP.Stop(StopTimeout))
	require.NoError(t, <-stopped)
}

// Containers are those of the task that were started, by the order of their start.
func (k *Task) Containers() []*containers.Container {
	all := []*containers.Container{k.Setup, k.PHP, k.Nginx, k.Cron}
	return slices.DeleteFunc(all, func(c *containers.Container) bool { return c == nil })
}

// startNamespace starts what ECS calls the pause container: the others come and go, the address stays.
func (s *Site) startNamespace(t containers.T, v Variation) *containers.Container {
	t.Helper()
	return s.Engine.Run(t, containers.Spec{
		Name: "namespace", Image: v.Image, Command: []string{"sleep", "infinity"}, User: owner,
		Network: s.Network, Publish: image.Port, Restricted: true,
	})
}

// run starts a container of a task. Without a namespace it gets one of its own.
func (s *Site) run(t containers.T, command string, namespace *containers.Container, v Variation) *containers.Container {
	t.Helper()
	return s.Engine.Run(t, s.spec(t, command, namespace, v))
}

// Tmpfs are the file systems in memory that a container of a task has, by path.
func Tmpfs(command string) map[string]string {
	list := map[string]string{}
	for _, writable := range image.Writable(command) {
		list[writable.Path] = fmt.Sprintf("size=%dm", writable.Size)
	}
	return list
}

func (s *Site) spec(t containers.T, command string, namespace *containers.Container, v Variation) containers.Spec {
	t.Helper()
	spec := containers.Spec{
		Name: command, Image: v.Image, Command: []string{command}, User: owner,
		Environment: s.environment(command, v), Restricted: true, Tmpfs: Tmpfs(command),
		Mounts: []containers.Mount{{Volume: s.volume, Target: image.ContentPath, ReadOnly: command == Nginx}},
		Join:   namespace,
	}
	if namespace == nil {
		spec.Network = s.Network
	}
	switch command {
	case Setup:
		if v.SetupSeconds != "" {
			spec.Command = append(spec.Command, v.SetupSeconds)
		}
	case Nginx:
		spec.Memory = image.NginxMemory
	case Cron:
		spec.Memory = image.CronMemory
	case PHP:
		spec.Memory = cmp.Or(v.PHPMemory, phpMemory)
	}
	if command != Nginx {
		spec.Mounts = append(spec.Mounts, containers.Mount{Source: s.trusted, Target: authorityPath, ReadOnly: true})
	}
	for path, content := range v.Files {
		spec.Mounts = append(spec.Mounts,
			containers.Mount{Source: hostFile(t, path, content), Target: path, ReadOnly: true})
	}
	return spec
}

func (s *Site) environment(command string, v Variation) map[string]string {
	all := Environment(command, s.URL)
	if command == Nginx {
		// The load balancer's addresses are in the network of the tasks.
		all["WORDPRESS_TRUSTED_PROXIES"] = s.Network.Subnet
	}
	for name, value := range v.Environment {
		switch {
		case value == "":
			delete(all, name)
		case belongs(name, command):
			all[name] = value
		}
	}
	return all
}

// status asks a page of the task for its status code; 0 is no answer.
func (k *Task) status(path string) int {
	request, err := http.NewRequest(http.MethodGet, "http://"+k.Address+path, http.NoBody)
	if err != nil {
		return 0
	}
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close() // nothing of it is read
	return response.StatusCode
}

// RunShell runs a container with the settings of a command that does nothing by itself.
func (s *Site) RunShell(t containers.T, command string, v Variation) *containers.Container {
	t.Helper()
	spec := s.spec(t, command, nil, s.options.with(v))
	spec.Command = []string{"sleep", "infinity"}
	return s.Engine.Run(t, spec)
}
