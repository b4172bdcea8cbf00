package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"
	"golang.org/x/term"

	"wordpress-ecs/local/engine"
	"wordpress-ecs/local/runtime/machine"
)

// execute runs a command in a container as ECS Exec does: as root, with a terminal where there is one.
func execute(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	args, command := c.Rest, []string{"/bin/sh"}
	if at := slices.Index(args, "--"); at >= 0 {
		args, command = args[:at], args[at+1:]
		if len(command) == 0 {
			return 1, errors.New("exec: there is no command after -- (see `go run ./local help`)")
		}
	}
	values, err := parseOwn("exec", args, []string{"TASK|CONTAINER"}, nil)
	if err != nil {
		return 1, err
	}
	cloud, err := connect(ctx, e)
	if err != nil {
		return 1, err
	}
	defer cloud.Close()
	id, err := cloud.Locate(ctx, values[0])
	if err != nil {
		return 1, fmt.Errorf("exec: %w", err)
	}
	m, err := machine.Connect(ctx, e.Home)
	if err != nil {
		return 1, err
	}
	defer m.Close()
	x := &execution{docker: m.Docker(), container: id, command: command}
	code, err := x.run(ctx)
	if err != nil {
		return 1, fmt.Errorf("exec: running %s: %w", strings.Join(command, " "), err)
	}
	return code, nil
}

// execution is a command in a container.
type execution struct {
	docker    *client.Client
	container string
	command   []string
	id        string
}

// run returns the command's exit code.
func (x *execution) run(ctx context.Context) (int, error) {
	terminal := term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))
	options := container.ExecOptions{
		User: "0:0", Cmd: x.command, Tty: terminal, AttachStdin: true, AttachStdout: true, AttachStderr: true,
	}
	made, err := x.docker.ContainerExecCreate(ctx, x.container, options)
	if err != nil {
		return 0, err
	}
	x.id = made.ID
	stream, err := x.docker.ContainerExecAttach(ctx, x.id, container.ExecAttachOptions{Tty: terminal})
	if err != nil {
		return 0, err
	}
	defer stream.Close()
	defer context.AfterFunc(ctx, stream.Close)()
	if terminal {
		state, err := term.MakeRaw(int(os.Stdin.Fd()))
		if err != nil {
			return 0, err
		}
		defer func() { _ = term.Restore(int(os.Stdin.Fd()), state) }() // the terminal is gone if it fails
		defer x.followSize(ctx)()
	}
	go func() {
		_, _ = io.Copy(stream.Conn, os.Stdin) // the command may have ended
		_ = stream.CloseWrite()
	}()
	if terminal {
		_, err = io.Copy(os.Stdout, stream.Reader)
	} else {
		_, err = stdcopy.StdCopy(os.Stdout, os.Stderr, stream.Reader)
	}
	if err != nil {
		return 0, errors.Join(ctx.Err(), err)
	}
	ended, err := x.docker.ContainerExecInspect(ctx, x.id)
	return ended.ExitCode, err
}

// followSize gives the command the size of the terminal, now and when it changes, until the returned function is
// called.
func (x *execution) followSize(ctx context.Context) (stop func()) {
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	changed <- syscall.SIGWINCH // the size at the beginning
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-changed:
			}
			width, height, err := term.GetSize(int(os.Stdout.Fd()))
			if err != nil || width < 0 || height < 0 {
				continue
			}
			// A terminal of another size is no reason to end.
			_ = x.docker.ContainerExecResize(ctx, x.id, container.ResizeOptions{
				Width: uint(width), Height: uint(height),
			})
		}
	}()
	return func() {
		signal.Stop(changed)
		close(done)
	}
}
