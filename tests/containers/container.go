package containers

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
	"github.com/stretchr/testify/require"
)

// shownLines is how much of a container's log a failed test shows.
const shownLines = 60

// Container is a container of a test.
type Container struct {
	engine *Engine
	id     string
	// Name is what logs and messages call it.
	Name string
}

// Run starts a container. It goes with the test; its log shows when the test failed.
func (e *Engine) Run(t T, s Spec) *Container {
	t.Helper()
	c := e.Create(t, s)
	c.Start(t)
	return c
}

// Create makes a container without starting it.
func (e *Engine) Create(t T, s Spec) *Container {
	t.Helper()
	created, err := e.docker.ContainerCreate(t.Context(), s.config(), s.host(), s.networking(), nil, unique(s.Name))
	require.NoError(t, err, s.Name)
	c := &Container{e, created.ID, s.Name}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", c.Name, c.tail(t))
		}
		require.NoError(t, e.docker.ContainerRemove(context.Background(), c.id,
			container.RemoveOptions{Force: true, RemoveVolumes: true}))
	})
	c.addFiles(t, s.Files)
	return c
}

// addFiles packs files as docker cp does.
func (c *Container) addFiles(t T, files []File) {
	t.Helper()
	if len(files) == 0 {
		return
	}
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	for _, f := range files {
		require.NoError(t, archive.WriteHeader(&tar.Header{
			Name: strings.TrimPrefix(f.Name, "/"), Mode: cmp.Or(f.Mode, 0o644), Size: int64(len(f.Content)),
			Uid: f.Owner, Gid: f.Owner,
		}))
		_, err := archive.Write([]byte(f.Content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, c.engine.docker.CopyToContainer(t.Context(), c.id, "/", &packed, container.CopyToContainerOptions{}))
}

// Start starts a container that was created, or stopped.
func (c *Container) Start(t T) {
	t.Helper()
	require.NoError(t, c.engine.docker.ContainerStart(t.Context(), c.id, container.StartOptions{}), c.Name)
}

// Address is "127.0.0.1:port" of a container that publishes a port.
func (c *Container) Address(t T, port int) string {
	t.Helper()
	state, err := c.engine.docker.ContainerInspect(t.Context(), c.id)
	require.NoError(t, err)
	bindings := state.NetworkSettings.Ports[tcp(port)]
	require.NotEmpty(t, bindings, "%s publishes no port %d", c.Name, port)
	return fmt.Sprintf("%s:%s", bindings[0].HostIP, bindings[0].HostPort)
}

// ID is what the engine calls the container.
func (c *Container) ID() string { return c.id }

// Exec runs a command in the container and returns its exit code and what it wrote.
func (c *Container) Exec(t T, command ...string) (code int, output string) {
	t.Helper()
	return c.exec(t, container.ExecOptions{Cmd: command})
}

// ExecAs is Exec as another user.
func (c *Container) ExecAs(t T, user string, command ...string) (code int, output string) {
	t.Helper()
	return c.exec(t, container.ExecOptions{Cmd: command, User: user})
}

func (c *Container) exec(t T, options container.ExecOptions) (code int, output string) {
	t.Helper()
	options.AttachStdout, options.AttachStderr = true, true
	created, err := c.engine.docker.ContainerExecCreate(t.Context(), c.id, options)
	require.NoError(t, err, c.Name)
	attached, err := c.engine.docker.ContainerExecAttach(t.Context(), created.ID, container.ExecAttachOptions{})
	require.NoError(t, err, c.Name)
	defer attached.Close()
	var written bytes.Buffer
	_, err = stdcopy.StdCopy(&written, &written, attached.Reader)
	require.NoError(t, err)
	state, err := c.engine.docker.ContainerExecInspect(t.Context(), created.ID)
	require.NoError(t, err)
	return state.ExitCode, written.String()
}

// Must is Exec of a command that has to end with 0.
func (c *Container) Must(t T, command ...string) string {
	t.Helper()
	code, output := c.Exec(t, command...)
	require.Zero(t, code, "%s: %q: %s", c.Name, command, output)
	return output
}

// Stop stops the container as ECS does: with the image's signal, killed when the time is over.
func (c *Container) Stop(timeout time.Duration) error {
	seconds := int(timeout.Seconds())
	return c.engine.docker.ContainerStop(context.Background(), c.id, container.StopOptions{Timeout: &seconds})
}

// Kill ends the container at once.
func (c *Container) Kill(t T) {
	t.Helper()
	require.NoError(t, c.engine.docker.ContainerKill(t.Context(), c.id, "KILL"), c.Name)
}

// Pause freezes every process: peers see connections that are open and silent.
func (c *Container) Pause(t T) {
	t.Helper()
	require.NoError(t, c.engine.docker.ContainerPause(t.Context(), c.id), c.Name)
}

// Unpause lets them go on.
func (c *Container) Unpause(t T) {
	t.Helper()
	require.NoError(t, c.engine.docker.ContainerUnpause(t.Context(), c.id), c.Name)
}

// Wait returns the exit code of a container that ends.
func (c *Container) Wait(t T) int {
	t.Helper()
	ended, failed := c.engine.docker.ContainerWait(t.Context(), c.id, container.WaitConditionNotRunning)
	select {
	case err := <-failed:
		require.NoError(t, err, c.Name)
		return -1
	case result := <-ended:
		return int(result.StatusCode)
	}
}

// Running tells whether the container runs.
func (c *Container) Running(t T) bool {
	t.Helper()
	state, err := c.engine.docker.ContainerInspect(t.Context(), c.id)
	require.NoError(t, err, c.Name)
	return state.State.Running
}

// Logs returns what the container wrote to stdout and stderr. Cleanups call it too, when the
// test's own context is over.
func (c *Container) Logs(t T) string {
	t.Helper()
	return c.logs(t, container.LogsOptions{ShowStdout: true, ShowStderr: true})
}

func (c *Container) tail(t T) string {
	t.Helper()
	return c.logs(t, container.LogsOptions{ShowStdout: true, ShowStderr: true, Tail: strconv.Itoa(shownLines)})
}

func (c *Container) logs(t T, options container.LogsOptions) string {
	t.Helper()
	stream, err := c.engine.docker.ContainerLogs(context.Background(), c.id, options)
	require.NoError(t, err, c.Name)
	defer func() { require.NoError(t, stream.Close()) }()
	var output bytes.Buffer
	_, err = stdcopy.StdCopy(&output, &output, io.Reader(stream))
	require.NoError(t, err)
	return output.String()
}
