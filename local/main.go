// The local command is Pulumi with this machine as its cloud: any Pulumi command
// for this project, against an emulated AWS account.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/engine"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run returns the exit code: Pulumi's own, or 1 for an error of the local cloud.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := dispatch(ctx, args)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "local: %v\n", err)
		if code == 0 {
			code = 1
		}
	}
	return code
}

func dispatch(ctx context.Context, args []string) (int, error) {
	inv, err := parseArguments(args)
	if err != nil {
		return 1, err
	}
	words := inv.command.Words
	if asksForHelp(inv) {
		fmt.Print(helpText)
		return 0, nil
	}
	if len(words) == 0 {
		return 1, fmt.Errorf("%s without a command (see `go run ./local help`)", strings.Join(inv.command.Rest, " "))
	}
	switch words[0] {
	case daemon.Command:
		return daemon.Main(inv.home, openCloud), nil
	case "restore":
		inv.command.Rest, err = fromHere(inv.command.Rest)
	case "aws":
		inv.command.Rest, err = withFiles(inv.command.Rest)
	}
	if err != nil {
		return 1, err
	}
	e, err := newEngine(inv) // which enters the project's directory
	if err != nil {
		return 1, err
	}
	own, isOwn := ownCommands[words[0]]
	switch {
	case words[0] == "help":
		return helpOf(ctx, e, inv.command.Rest)
	case inv.help:
		return helpOf(ctx, e, words)
	case isOwn:
		return own(ctx, e, inv.command)
	}
	return runPulumi(ctx, e, inv.command)
}

// asksForHelp is about the local cloud and its own commands; Pulumi tells about the others itself.
func asksForHelp(inv invocation) bool {
	words, rest := inv.command.Words, inv.command.Rest
	switch {
	case len(words) == 0:
		return inv.help || len(rest) == 0
	case words[0] == "help":
		return len(rest) == 0 || isOwn(rest[0])
	}
	return inv.help && isOwn(words[0])
}

func isOwn(word string) bool {
	_, ok := ownCommands[word]
	return ok
}

func newEngine(inv invocation) (*engine.Engine, error) {
	project, err := engine.FindProject(inv.cwd)
	if err != nil {
		return nil, err
	}
	home := filepath.Join(project.Dir, ".local")
	if inv.home != "" {
		if home, err = filepath.Abs(inv.home); err != nil {
			return nil, fmt.Errorf("finding --home %s: %w", inv.home, err)
		}
	}
	program := inv.program
	if program != "" {
		if program, err = filepath.Abs(program); err != nil {
			return nil, fmt.Errorf("finding --program %s: %w", inv.program, err)
		}
		if _, err := os.Stat(program); err != nil {
			return nil, fmt.Errorf("finding --program: %w", err)
		}
	}
	e := &engine.Engine{
		Project: project, Home: home, Program: program, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}
	if err := behave(e, inv); err != nil {
		return nil, err
	}
	// Pulumi starts its provider plugins in the project's directory, and paths of programs count on it.
	if err := os.Chdir(project.Dir); err != nil {
		return nil, fmt.Errorf("entering the project: %w", err)
	}
	return e, nil
}

func runPulumi(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	c, err := classify(c)
	if err != nil {
		return 1, err
	}
	if c.ConfigFile != "" {
		if c.ConfigFile, err = filepath.Abs(c.ConfigFile); err != nil {
			return 1, fmt.Errorf("finding --config-file: %w", err)
		}
	}
	result, err := e.Run(ctx, c)
	if result.Protected {
		fmt.Fprintf(os.Stderr, "local: the %[1]s stack is protected: set %[2]s:protected to false "+
			"(go run ./local up --stack %[1]s --config protected=false), then destroy\n", result.Stack, e.Project.Name)
	}
	return result.Code, err
}

func helpOf(ctx context.Context, e *engine.Engine, words []string) (int, error) {
	result, err := e.Help(ctx, append(slices.Clone(words), "--help"))
	return result.Code, err
}
