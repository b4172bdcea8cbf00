package machine

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// Container is a container of the account.
type Container struct {
	ID     string
	Name   string
	Labels map[string]string
	// State is the engine's word: "created", "running", "paused", "exited".
	State   string
	Created time.Time
}

// Create makes a container and does not start it.
func (m *Machine) Create(ctx context.Context, s Spec) (id string, err error) {
	made, err := m.docker.ContainerCreate(ctx, s.config(), s.host(), s.networking(), nil, s.Name)
	if err != nil {
		return "", fmt.Errorf("making container %s: %w", s.Name, err)
	}
	return made.ID, nil
}

// Start starts a container that was made or has ended.
func (m *Machine) Start(ctx context.Context, id string) error {
	if err := m.docker.ContainerStart(ctx, id, container.StartOptions{}); err != nil {
		return fmt.Errorf("starting container %s: %w", short(id), err)
	}
	return nil
}

// Stop sends the stop signal and, after the grace, ends it. One that is gone or has ended is no error.
func (m *Machine) Stop(ctx context.Context, id string, grace time.Duration) error {
	seconds := int(grace.Seconds())
	err := m.docker.ContainerStop(ctx, id, container.StopOptions{Timeout: &seconds})
	if err != nil && !cerrdefs.IsNotFound(err) && !cerrdefs.IsNotModified(err) {
		return fmt.Errorf("stopping container %s: %w", short(id), err)
	}
	return nil
}

// Unpause lets a paused container go on. One that is gone or not paused is no error.
func (m *Machine) Unpause(ctx context.Context, id string) error {
	found, ok, err := m.Inspect(ctx, id)
	if err != nil || !ok || found.State == nil || !found.State.Paused {
		return err
	}
	if err := m.docker.ContainerUnpause(ctx, id); err != nil && !cerrdefs.IsNotFound(err) && !cerrdefs.IsConflict(err) {
		return fmt.Errorf("letting container %s go on: %w", short(id), err)
	}
	return nil
}

// removeAttempts and removePause bound how often the engine is asked again to remove what it is just ending.
const (
	removeAttempts = 50
	removePause    = 100 * time.Millisecond
)

// Remove ends a container at once and removes it with its unnamed volumes. One that is gone is no error.
func (m *Machine) Remove(ctx context.Context, id string) error {
	var err error
	for range removeAttempts {
		err = m.docker.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
		if err == nil || cerrdefs.IsNotFound(err) {
			return nil
		}
		if !cerrdefs.IsConflict(err) { // conflict: its removal is under way
			break
		}
		if err := pause(ctx, removePause); err != nil {
			return err
		}
	}
	return fmt.Errorf("removing container %s: %w", short(id), err)
}

// Find lists the containers of the account that carry the labels, whether they run or not. An empty value of a
// label matches all.
func (m *Machine) Find(ctx context.Context, labels map[string]string) ([]Container, error) {
	found, err := m.docker.ContainerList(ctx, container.ListOptions{All: true, Filters: m.mine(labels)})
	if err != nil {
		return nil, fmt.Errorf("listing containers: %w", err)
	}
	list := make([]Container, 0, len(found))
	for _, c := range found {
		name := ""
		if len(c.Names) > 0 {
			name = c.Names[0][1:]
		}
		list = append(list, Container{
			ID: c.ID, Name: name, Labels: c.Labels, State: c.State, Created: time.Unix(c.Created, 0),
		})
	}
	return list, nil
}

// Inspect tells everything about a container; false when it is gone.
func (m *Machine) Inspect(ctx context.Context, id string) (container.InspectResponse, bool, error) {
	found, err := m.docker.ContainerInspect(ctx, id)
	if cerrdefs.IsNotFound(err) {
		return found, false, nil
	}
	if err != nil {
		return found, false, fmt.Errorf("inspecting container %s: %w", short(id), err)
	}
	return found, true, nil
}

// Published is where a port of a running container listens on this machine, "127.0.0.1:32768".
func (m *Machine) Published(ctx context.Context, id string, port int) (string, error) {
	found, ok, err := m.Inspect(ctx, id)
	if err != nil {
		return "", err
	}
	if ok && found.NetworkSettings != nil {
		for _, binding := range found.NetworkSettings.Ports[tcp(port)] {
			return net.JoinHostPort(loopback, binding.HostPort), nil
		}
	}
	return "", fmt.Errorf("container %s does not publish port %d", short(id), port)
}

// Wait blocks until a container has ended and returns its exit code.
func (m *Machine) Wait(ctx context.Context, id string) (int, error) {
	ended, failed := m.docker.ContainerWait(ctx, id, container.WaitConditionNotRunning)
	select {
	case end := <-ended:
		return int(end.StatusCode), nil
	case err := <-failed:
		return 0, fmt.Errorf("waiting for container %s: %w", short(id), err)
	}
}

// Exec runs a command in a container and returns its exit code and what it wrote. User may be empty.
func (m *Machine) Exec(ctx context.Context, id, user string, command ...string) (code int, output string, err error) {
	made, err := m.docker.ContainerExecCreate(ctx, id, container.ExecOptions{
		User: user, Cmd: command, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		return 0, "", fmt.Errorf("running %s in %s: %w", command[0], short(id), err)
	}
	stream, err := m.docker.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{})
	if err != nil {
		return 0, "", fmt.Errorf("running %s in %s: %w", command[0], short(id), err)
	}
	defer stream.Close()
	defer context.AfterFunc(ctx, stream.Close)()
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, stream.Reader); err != nil {
		return 0, text.String(), fmt.Errorf("running %s in %s: %w", command[0], short(id), errors.Join(ctx.Err(), err))
	}
	ended, err := m.docker.ContainerExecInspect(ctx, made.ID)
	if err != nil {
		return 0, text.String(), fmt.Errorf("running %s in %s: %w", command[0], short(id), err)
	}
	return ended.ExitCode, text.String(), nil
}

// File is a file to be put into a container.
type File struct {
	// Path is absolute; its directory exists in the image.
	Path     string
	Content  []byte
	Mode     int64
	UID, GID int
}

// Put writes files into a container whose root file system is writable, running or not.
func (m *Machine) Put(ctx context.Context, id string, files ...File) error {
	var archive bytes.Buffer
	pack := tar.NewWriter(&archive)
	for _, f := range files {
		header := &tar.Header{
			Name: f.Path[1:], Mode: f.Mode, Size: int64(len(f.Content)), Uid: f.UID, Gid: f.GID, ModTime: time.Now(),
		}
		if err := errors.Join(pack.WriteHeader(header), write(pack, f.Content)); err != nil {
			return fmt.Errorf("packing %s: %w", f.Path, err)
		}
	}
	if err := pack.Close(); err != nil {
		return fmt.Errorf("packing files: %w", err)
	}
	// CopyUIDGID would not keep the owners but ask for the container's user, by name, on this machine.
	if err := m.docker.CopyToContainer(ctx, id, "/", &archive, container.CopyToContainerOptions{}); err != nil {
		return fmt.Errorf("writing files into container %s: %w", short(id), err)
	}
	return nil
}

func write(w io.Writer, content []byte) error {
	_, err := w.Write(content)
	return err
}

func pause(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

func short(id string) string { return id[:min(12, len(id))] }
