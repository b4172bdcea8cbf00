package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"wordpress-ecs/local/daemon"
	"wordpress-ecs/local/engine"
	"wordpress-ecs/local/runtime/part"
)

// printStatus tells what runs.
func printStatus(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	asJSON := false
	if _, err := parseOwn("status", c.Rest, nil, func(flags *flag.FlagSet) {
		flags.BoolVar(&asJSON, "json", false, "")
	}); err != nil {
		return 1, err
	}
	now := daemon.Status{Reason: daemon.NothingDeployed, Rows: []part.Row{}}
	if e.HasAccount() {
		cloud, err := daemon.Connect(ctx, e.Home, daemon.Options{})
		if err != nil {
			return 1, err
		}
		defer cloud.Close()
		if now, err = cloud.Status(ctx); err != nil {
			return 1, err
		}
	}
	if c.Stack != "" {
		now.Rows = slices.DeleteFunc(now.Rows, func(r part.Row) bool { return r.Stack != c.Stack })
	}
	if asJSON {
		return 0, printJSON(os.Stdout, now)
	}
	return 0, writeStatus(os.Stdout, now)
}

// writeStatus prints a table in which what belongs to something stands below it.
func writeStatus(out io.Writer, now daemon.Status) error {
	if !now.Running {
		_, err := fmt.Fprintf(out, "Nothing runs: %s.\n", now.Reason)
		return err
	}
	if len(now.Rows) == 0 {
		_, err := fmt.Fprintln(out, "Nothing runs yet.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "KIND\tNAME\tSTATE\tADDRESS\tDETAIL")
	for _, r := range nested(now.Rows) {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Kind, r.Name, r.State, r.Address, r.Detail)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the status: %w", err)
	}
	return nil
}

// nested puts rows below those that they belong to, and indents their kinds.
func nested(rows []part.Row) []part.Row {
	type key struct{ stack, name string }
	names := map[key]bool{}
	children := map[key][]part.Row{}
	for _, r := range rows {
		names[key{r.Stack, r.Name}] = true
	}
	var roots []part.Row
	for _, r := range rows {
		parent := key{r.Stack, r.Parent}
		if r.Parent == "" || r.Parent == r.Name || !names[parent] {
			roots = append(roots, r)
			continue
		}
		children[parent] = append(children[parent], r)
	}
	var sorted []part.Row
	var add func(r part.Row, depth int)
	add = func(r part.Row, depth int) {
		k := key{r.Stack, r.Name}
		below := children[k]
		delete(children, k) // several rows of one name share them: they stand below the first
		r.Kind = strings.Repeat("  ", depth) + r.Kind
		sorted = append(sorted, r)
		for _, child := range below {
			add(child, depth+1)
		}
	}
	for _, r := range roots {
		add(r, 0)
	}
	for _, r := range rows { // those that belong to each other in a circle
		sorted = append(sorted, children[key{r.Stack, r.Name}]...)
	}
	return sorted
}
