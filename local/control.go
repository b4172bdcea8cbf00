package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/engine"
)

// stop stops what runs and keeps its data.
func stop(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	if err := takesNothing("stop", c); err != nil {
		return 1, err
	}
	if !e.HasAccount() {
		return 0, say("nothing to stop: %s in %s", daemon.NothingDeployed, e.Home)
	}
	if err := e.Stop(ctx); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted; what has begun to stop goes on to its end")
		}
		return 1, err
	}
	return 0, say("stopped; the data is kept, and `go run ./local start` starts it again")
}

// start runs what was stopped.
func start(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	if err := takesNothing("start", c); err != nil {
		return 1, err
	}
	if !e.HasAccount() {
		return 0, say("nothing to start: %s in %s", daemon.NothingDeployed, e.Home)
	}
	if err := e.Start(ctx); err != nil {
		return 1, err
	}
	return 0, nil
}

// takesNothing refuses arguments and a stack: a home runs or is stopped as a whole.
func takesNothing(name string, c engine.Command) error {
	if _, err := parseOwn(name, c.Rest, nil, nil); err != nil {
		return err
	}
	if c.Stack != "" {
		return fmt.Errorf("%s takes no --stack: all stacks of a home run or are stopped together", name)
	}
	return nil
}

// act is a command that does something beyond Pulumi to what runs; its arguments are the action's to check,
// except for how many there are where they have names.
func act(action string, names ...string) ownCommand {
	return func(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
		args := c.Rest
		if len(names) > 0 {
			var err error
			if args, err = parseOwn(action, c.Rest, names, nil); err != nil {
				return 1, err
			}
		}
		cloud, err := connect(ctx, e)
		if err != nil {
			return 1, err
		}
		defer cloud.Close()
		if err := cloud.Act(ctx, action, args, func(line string) { _ = say("%s", line) }); err != nil {
			return 1, fmt.Errorf("%s: %w", action, err)
		}
		return 0, nil
	}
}

// say prints a line of the local cloud's own.
func say(format string, args ...any) error {
	_, err := fmt.Fprintf(os.Stderr, "local: "+format+"\n", args...)
	return err
}

// printSecret prints the value of a secret, or of one key of it, and nothing else.
func printSecret(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	values, err := parseOwn("secret", c.Rest, []string{"NAME", "[KEY]"}, nil)
	if err != nil {
		return 1, err
	}
	cloud, err := connect(ctx, e)
	if err != nil {
		return 1, err
	}
	defer cloud.Close()
	value, err := cloud.Secret(ctx, values[0], values[1])
	if err != nil {
		return 1, err
	}
	fmt.Println(value)
	return 0, nil
}

// printCertificate prints the file with the certificate of the account's authority, for browsers and curl to trust it.
func printCertificate(_ context.Context, e *engine.Engine, c engine.Command) (int, error) {
	if _, err := parseOwn("certificate", c.Rest, nil, nil); err != nil {
		return 1, err
	}
	file := e.AuthorityFile()
	if _, err := os.Stat(file); err != nil { //nolint:gosec // below the home that a person names
		return 1, fmt.Errorf("certificate: nothing has run in %s yet, so there is no authority: %w", e.Home, err)
	}
	fmt.Println(file)
	return 0, nil
}

func serve(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	port := 0
	if _, err := parseOwn("serve", c.Rest, nil, func(flags *flag.FlagSet) {
		flags.IntVar(&port, "port", 0, "")
	}); err != nil {
		return 1, err
	}
	if port < 0 || port > maxPort {
		return 1, fmt.Errorf("serve: --port %d is not allowed: 0 (free ports) to %d", port, maxPort)
	}
	err := e.Serve(ctx, port, func(env []string) {
		fmt.Printf(serveText, e.Home, "  export "+strings.Join(env, "\n  export "))
	})
	return 0, err
}

// maxPort leaves room for the ports that follow the first.
const maxPort = 65000

const serveText = `The local cloud answers; its account is in %s.
In another terminal, the official Pulumi CLI deploys to it with

%s
  pulumi preview --stack dev
  pulumi up --stack dev

Ctrl-C ends it; what exists in the account is kept, and what runs goes on.
`

func printVersion(_ context.Context, e *engine.Engine, _ engine.Command) (int, error) {
	version, err := e.Project.CLIVersion()
	if err != nil {
		return 1, err
	}
	fmt.Println("Pulumi CLI", version)
	return 0, nil
}
