package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// Feed is Exec of a command that reads its standard input, for what must not appear among its arguments. What it
// wrote to stdout and to stderr is apart.
func (m *Machine) Feed(ctx context.Context, id, input string, command ...string) (code int, output, complaint string, err error) {
	made, err := m.docker.ContainerExecCreate(ctx, id, container.ExecOptions{
		Cmd: command, AttachStdin: true, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		return 0, "", "", fmt.Errorf("running %s in %s: %w", command[0], short(id), err)
	}
	stream, err := m.docker.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{})
	if err != nil {
		return 0, "", "", fmt.Errorf("running %s in %s: %w", command[0], short(id), err)
	}
	defer stream.Close()
	defer context.AfterFunc(ctx, stream.Close)()
	go func() {
		_, _ = io.WriteString(stream.Conn, input) // a command that does not read to the end says so itself
		_ = stream.CloseWrite()
	}()
	var text, errs bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &errs, stream.Reader); err != nil {
		return 0, "", "", fmt.Errorf("running %s in %s: %w", command[0], short(id), errors.Join(ctx.Err(), err))
	}
	ended, err := m.docker.ContainerExecInspect(ctx, made.ID)
	if err != nil {
		return 0, "", "", fmt.Errorf("running %s in %s: %w", command[0], short(id), err)
	}
	return ended.ExitCode, text.String(), errs.String(), nil
}
