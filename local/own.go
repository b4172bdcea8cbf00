package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/engine"
)

// ownCommand is a command of the local cloud itself. It returns the exit code.
type ownCommand func(ctx context.Context, e *engine.Engine, c engine.Command) (int, error)

// ownCommands are those that are not Pulumi's.
var ownCommands = map[string]ownCommand{
	"resources": listResources, "serve": serve, "version": printVersion,
	"status": printStatus, "logs": printLogs, "exec": execute, "secret": printSecret,
	"certificate": printCertificate,
	"stop":        stop, "start": start,
	"failover": act("failover", "CLUSTER|GROUP"),
	"drain":    act("drain", "INSTANCE"), "terminate": act("terminate", "INSTANCE"),
	"restore": restore, "aws": awsCLI,
}

// parseOwn parses the flags and arguments of a command of our own, in any order. Names are those of the
// arguments that it takes, in brackets where they may be left out; values for them are returned, "" for those
// that are left out.
func parseOwn(command string, args, names []string, define func(*flag.FlagSet)) ([]string, error) {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it; `help` has the rest
	if define != nil {
		define(flags)
	}
	values := make([]string, len(names))
	for given := 0; ; given++ {
		if err := flags.Parse(args); err != nil {
			return nil, fmt.Errorf("%s: %w (see `go run ./local help`)", command, err)
		}
		if flags.NArg() == 0 {
			break
		}
		if given == len(names) {
			return nil, fmt.Errorf("%s takes no argument %q (see `go run ./local help`)", command, flags.Arg(0))
		}
		values[given], args = flags.Arg(0), flags.Args()[1:]
	}
	for i, name := range names {
		if values[i] == "" && !strings.HasPrefix(name, "[") {
			return nil, fmt.Errorf("%s needs %s (see `go run ./local help`)", command, name)
		}
	}
	return values, nil
}

// connect finds the local cloud for a command that changes nothing of Pulumi's.
func connect(ctx context.Context, e *engine.Engine) (*daemon.Client, error) {
	if !e.HasAccount() {
		return nil, errors.New(daemon.NothingDeployed + " in " + e.Home)
	}
	return daemon.Connect(ctx, e.Home, daemon.Options{})
}
