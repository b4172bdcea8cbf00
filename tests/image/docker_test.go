package image_test

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"
	"github.com/docker/go-connections/nat"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/provider/docker/buildcontext"
	"wordpress-ecs/local/provider/docker/builder"
)

// port is where nginx listens.
const port nat.Port = "8080/tcp"

// docker runs containers for one test and removes them after it.
type docker struct{ *client.Client }

// box is a container.
type box struct {
	docker docker
	id     string
	name   string
}

// requireDocker skips the test where no Docker engine answers, except in CI, which has one.
func requireDocker(t *testing.T) docker {
	t.Helper()
	engine, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	if _, err := engine.Ping(t.Context()); err != nil {
		if os.Getenv("CI") == "true" {
			require.NoError(t, err, "CI needs a Docker engine")
		}
		t.Skipf("no Docker engine answers: %v", err)
	}
	return docker{engine}
}

// build builds a context and returns the image's id. The engine keeps the layers for next time, by name: the
// image of the site is the one that a deployment builds.
func (d docker) build(t *testing.T, name, dir string) (id string) {
	t.Helper()
	engine, err := builder.Connect(t.Context(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	files, err := buildcontext.Read(dir, filepath.Join(dir, "Dockerfile"))
	require.NoError(t, err)
	urn := resource.NewURN("test", "wordpress", "", "docker:index/image:Image", name)
	id, err = engine.Build(t.Context(), builder.Options{Context: files, Cache: builder.CacheTag(urn)}, reporter{t})
	require.NoError(t, err)
	return id
}

// reporter shows a build's lines with the test's, when it fails or runs with -v.
type reporter struct{ t *testing.T }

func (r reporter) Info(line string)   { r.t.Log(line) }
func (r reporter) Status(line string) { r.t.Log(line) }

// run starts a container. It goes with the test; its log shows when the test failed.
func (d docker) run(t *testing.T, s spec) *box {
	t.Helper()
	host := &container.HostConfig{}
	config := s.config()
	if s.network != nil {
		host.NetworkMode = container.NetworkMode("container:" + s.network.id)
	}
	if s.publish {
		config.ExposedPorts = nat.PortSet{port: {}}
		host.PortBindings = nat.PortMap{port: {{HostIP: "127.0.0.1"}}}
	}
	created, err := d.ContainerCreate(t.Context(), config, host, nil, nil, "")
	require.NoError(t, err)
	b := &box{d, created.ID, s.name}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", b.name, b.logs(t))
		}
		require.NoError(t, d.ContainerRemove(context.Background(), b.id,
			container.RemoveOptions{Force: true, RemoveVolumes: true}))
	})
	require.NoError(t, d.ContainerStart(t.Context(), b.id, container.StartOptions{}))
	return b
}

// address is "127.0.0.1:port" of a container that publishes one.
func (b *box) address(t *testing.T) string {
	t.Helper()
	state, err := b.docker.ContainerInspect(t.Context(), b.id)
	require.NoError(t, err)
	bindings := state.NetworkSettings.Ports[port]
	require.NotEmpty(t, bindings, "%s publishes no port", b.name)
	return fmt.Sprintf("%s:%s", bindings[0].HostIP, bindings[0].HostPort)
}

// exec runs a command in the container and returns its exit code.
func (b *box) exec(t *testing.T, command ...string) int {
	t.Helper()
	created, err := b.docker.ContainerExecCreate(t.Context(), b.id, container.ExecOptions{
		Cmd: command, AttachStdout: true, AttachStderr: true,
	})
	require.NoError(t, err)
	attached, err := b.docker.ContainerExecAttach(t.Context(), created.ID, container.ExecAttachOptions{})
	require.NoError(t, err)
	defer attached.Close()
	var output bytes.Buffer
	_, err = stdcopy.StdCopy(&output, &output, attached.Reader)
	require.NoError(t, err)
	state, err := b.docker.ContainerExecInspect(t.Context(), created.ID)
	require.NoError(t, err)
	t.Logf("%s: %q ends with %d: %s", b.name, command, state.ExitCode, output.String())
	return state.ExitCode
}

// addFile puts a file into the container, readable for everybody.
func (b *box) addFile(t *testing.T, name, content string) {
	t.Helper()
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	require.NoError(t, archive.WriteHeader(&tar.Header{Name: path.Base(name), Mode: 0o644, Size: int64(len(content))}))
	_, err := archive.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.NoError(t, b.docker.CopyToContainer(t.Context(), b.id, path.Dir(name), &packed, container.CopyToContainerOptions{}))
}

// stop stops the container as ECS does, with the image's signal.
func (b *box) stop() error {
	seconds := 30
	return b.docker.ContainerStop(context.Background(), b.id, container.StopOptions{Timeout: &seconds})
}

// wait returns the exit code of a container that ends.
func (b *box) wait(t *testing.T) int {
	t.Helper()
	ended, failed := b.docker.ContainerWait(t.Context(), b.id, container.WaitConditionNotRunning)
	select {
	case err := <-failed:
		require.NoError(t, err)
		return -1
	case result := <-ended:
		return int(result.StatusCode)
	}
}

// logs returns what the container wrote to stdout and stderr. Cleanups call it too, when the
// test's own context is over.
func (b *box) logs(t *testing.T) string {
	t.Helper()
	stream, err := b.docker.ContainerLogs(context.Background(), b.id,
		container.LogsOptions{ShowStdout: true, ShowStderr: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, stream.Close()) }()
	var output bytes.Buffer
	_, err = stdcopy.StdCopy(&output, &output, stream)
	require.NoError(t, err)
	return output.String()
}
