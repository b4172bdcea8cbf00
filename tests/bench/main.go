// Command bench measures what the project promises, side by side on this machine, and fails where a promise is
// not kept. Without arguments it runs every benchmark, else those that are named.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"wordpress-ecs/tests/bench/image"
	"wordpress-ecs/tests/bench/makespan"
	"wordpress-ecs/tests/bench/memory"
	"wordpress-ecs/tests/bench/preview"
)

type benchmark struct {
	name string
	run  func(context.Context) error
}

// benchmarks in the order in which they run.
var benchmarks = []benchmark{
	{"preview", preview.Run}, {"rules", preview.Rules}, {"makespan", makespan.Run}, {"image", image.Run}, {"memory", memory.Run},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // exitAfterDefer: stop has been called
	}
}

func run(ctx context.Context, names []string) error {
	var known []string
	for _, b := range benchmarks {
		known = append(known, b.name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("no benchmark is called %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	for _, b := range benchmarks {
		if len(names) > 0 && !slices.Contains(names, b.name) {
			continue
		}
		if err := b.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
	}
	return nil
}
