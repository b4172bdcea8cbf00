package task

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// failedToStart is AWS's code for tasks that never ran.
const failedToStart = "TaskFailedToStart"

// prepare finds and makes what the containers of a task run in.
func (w *work) prepare(ctx context.Context) {
	have, err := w.supply(ctx)
	w.part.mu.Lock()
	w.preparing = false
	changed := false
	switch {
	case ctx.Err() != nil: // it is being stopped, or another process goes on
	case err != nil:
		w.blame(err)
		changed = w.stopping(failedToStart, err.Error(), Stopping)
	default:
		w.have, w.prepared, changed = have, true, true
	}
	w.part.mu.Unlock()
	part.Wake(w.wake)
	if changed {
		w.part.notify(w)
	}
}

// pullError is an error about the image of containers.
type pullError struct {
	reference string
	error
}

// Unwrap is the error itself.
func (e pullError) Unwrap() error { return e.error }

// blame tells the containers whose image could not be pulled. The lock is held.
func (w *work) blame(err error) {
	var pull pullError
	if !errors.As(err, &pull) {
		return
	}
	for _, u := range w.units {
		if u.def.Image == pull.reference {
			u.Reason = pull.Error()
		}
	}
}

// supply does everything at once that does not depend on other things. Its errors are AWS's.
func (w *work) supply(ctx context.Context) (have supplies, err error) {
	if err := w.permit(); err != nil {
		return have, err
	}
	if have.secrets, err = secretValues(w.part.env.Account, w.def.Containers); err != nil {
		return have, err
	}
	if err := w.checkLogGroups(); err != nil {
		return have, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var all sync.WaitGroup
	have.images, have.volumes, have.readOnly = map[string]string{}, map[string]string{}, map[string]bool{}
	find := func(into map[string]string, name string, get func() (string, error)) {
		all.Go(func() {
			value, err := get()
			if err != nil {
				cancel(err) // the first error is the reason
				return
			}
			mu.Lock()
			defer mu.Unlock()
			into[name] = value
		})
	}
	asked := map[string]bool{}
	for _, c := range w.def.Containers {
		if !asked[c.Image] {
			asked[c.Image] = true
			find(have.images, c.Image, func() (string, error) {
				id, err := w.part.images.get(ctx, c.Image)
				if err != nil {
					err = pullError{c.Image, err}
				}
				return id, err
			})
		}
	}
	for _, v := range w.def.Volumes {
		find(have.volumes, v.Name, func() (string, error) {
			name, readOnly, err := w.volume(ctx, v)
			mu.Lock()
			defer mu.Unlock()
			have.readOnly[v.Name] = readOnly
			return name, err
		})
	}
	all.Go(func() {
		if err := w.namespace(ctx); err != nil {
			cancel(fmt.Errorf("ResourceInitializationError: network interface of the task: %w", err))
		}
	})
	all.Wait()
	return have, context.Cause(ctx)
}

// volume makes a volume, or finds that of a file system, which may be one only to read.
func (w *work) volume(ctx context.Context, v volumeDefinition) (name string, readOnly bool, err error) {
	if v.FileSystem != "" {
		m, err := w.part.env.Volume(ctx, w.mount(v))
		return m.Volume, m.ReadOnly, err
	}
	name, err = w.part.engine.EnsureVolume(ctx, volumeWords(w.task.ID, v.Name),
		w.part.engine.Labels(kind, w.task.ID, map[string]string{labelVolume: v.Name, machine.LabelStack: w.task.Stack}))
	return name, false, err
}

// volumeWords name a volume that lives as long as its task.
func volumeWords(task, volume string) string { return "task-" + short(task) + "-volume-" + volume }

// logGroup is the type of the resources that containers write their output to.
const logGroup = "aws:cloudwatch/logGroup:LogGroup"

// checkLogGroups wants the log groups to be there, as the log driver does.
func (w *work) checkLogGroups() error {
	there := map[string]bool{}
	if err := w.part.env.Account.View(func(tx *account.Tx) error {
		all, err := tx.ByType(logGroup)
		for _, r := range all {
			there[r.Outputs.String("name")] = true
		}
		return err
	}); err != nil {
		return fmt.Errorf("reading the log groups: %w", err)
	}
	for i := range w.def.Containers {
		options, ok := w.def.Containers[i].logs()
		if name := options["awslogs-group"]; ok && !there[name] && !makesGroup(options) {
			return fmt.Errorf("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "+
				"failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. (%s)", name)
		}
	}
	return nil
}

//go:embed pause
var pauseFiles embed.FS

const (
	// pauseReady is what the container of the network namespace says when it is as it should be, pauseTimeout how
	// long that may take.
	pauseReady   = "ready"
	pauseTimeout = 30 * time.Second
)

// namespace starts the container that holds the task's network and publishes its ports, unless it runs.
func (w *work) namespace(ctx context.Context) error {
	w.enter()
	w.part.mu.Lock()
	id := w.pause
	w.part.mu.Unlock()
	if id == "" {
		var err error
		if id, err = w.makeNamespace(ctx); err != nil {
			return err
		}
		w.part.mu.Lock()
		w.pause = id
		w.part.mu.Unlock()
		w.part.notify(w)
	}
	if err := w.part.engine.Start(ctx, id); err != nil {
		return err
	}
	return w.awaitNamespace(ctx, id)
}

func (w *work) makeNamespace(ctx context.Context) (id string, err error) {
	files, err := fs.Sub(pauseFiles, "pause")
	if err != nil {
		return "", err
	}
	image, err := w.part.engine.EnsureImage(ctx, "pause", files, w.part.env.Say)
	if err != nil {
		return "", err
	}
	network, err := w.part.env.Network(ctx, w.task.VPC)
	if err != nil {
		return "", err
	}
	ports := w.def.ports()
	s := machine.Spec{
		Name:   w.part.engine.Name("task-" + short(w.task.ID) + "-network"),
		Labels: w.part.engine.Labels(kind, w.task.ID, map[string]string{machine.LabelStack: w.task.Stack}),
		Image:  image, Command: w.namespaceArguments(ports), Network: network, Publish: ports, Hostname: w.hostname(),
		// What it takes to set the namespace up, and then to become a user who may not.
		CapDrop: []string{"ALL"}, CapAdd: []string{"NET_ADMIN", "NET_RAW", "SETUID", "SETGID"}, Sysctls: w.networkParameters(),
		ReadOnly: true, Tmpfs: map[string]string{"/run": "size=1m"},
	}
	w.part.mu.Lock()
	w.lead(&s)
	w.part.mu.Unlock()
	return w.part.engine.Create(ctx, s)
}

// awaitNamespace waits until the container says that the network is as it should be.
func (w *work) awaitNamespace(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, pauseTimeout, errors.New("it takes too long"))
	defer cancel()
	last, ready := "", errors.New(pauseReady)
	err := w.part.engine.Output(ctx, id, time.Time{}, true, func(_ time.Time, line string) error {
		if line == pauseReady {
			return ready
		}
		last = line
		return nil
	})
	if errors.Is(err, ready) {
		return nil
	}
	return errors.Join(fmt.Errorf("it could not be set up: %s", last), err, context.Cause(ctx))
}

// hostname is what EC2 calls the address.
func (w *work) hostname() string {
	if w.task.IP == "" {
		return ""
	}
	return "ip-" + strings.ReplaceAll(w.task.IP, ".", "-") + "." + w.task.Region + ".compute.internal"
}

func (w *work) namespaceArguments(ports []int) []string {
	arguments := []string{"-", "-"}
	if w.task.IP != "" {
		arguments[0] = w.task.IP
	}
	if w.task.PeerIP != "" {
		arguments[1] = w.task.PeerIP
	}
	for _, port := range ports {
		arguments = append(arguments, strconv.Itoa(port))
	}
	return arguments
}

// networkParameters are the kernel parameters that belong to the namespace.
func (w *work) networkParameters() map[string]string {
	var parameters map[string]string
	for _, c := range w.def.Containers {
		for _, s := range c.SystemControls {
			if ofNetwork(s.Namespace) {
				parameters = with(parameters, s.Namespace, s.Value)
			}
		}
	}
	return parameters
}

// listens finds where the ports of a container are published.
func listens(namespace container.InspectResponse, ports []int) map[int]string {
	if len(ports) == 0 || namespace.NetworkSettings == nil {
		return nil
	}
	found := map[int]string{}
	for _, port := range ports {
		for name, bindings := range namespace.NetworkSettings.Ports {
			if name.Int() == port && name.Proto() == "tcp" && len(bindings) > 0 {
				found[port] = net.JoinHostPort(bindings[0].HostIP, bindings[0].HostPort)
			}
		}
	}
	return found
}
