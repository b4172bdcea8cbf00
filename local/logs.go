package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/engine"
	"wordpress-ecs/local/runtime/logs"
)

// defaultTail is how many of the newest lines are shown.
const defaultTail = 100

// printLogs prints what containers wrote to their log groups.
func printLogs(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	follow, asJSON, tail := false, false, defaultTail
	values, err := parseOwn("logs", c.Rest, []string{"[CONTAINER|TASK|GROUP]"}, func(flags *flag.FlagSet) {
		flags.BoolVar(&follow, "follow", false, "")
		flags.BoolVar(&follow, "f", false, "")
		flags.BoolVar(&asJSON, "json", false, "")
		flags.IntVar(&tail, "tail", tail, "")
	})
	if err != nil {
		return 1, err
	}
	if tail < 0 {
		return 1, fmt.Errorf("logs: --tail %d is not allowed: 0 (all lines) or more", tail)
	}
	chosen := selection{name: values[0]}
	if c.Stack != "" {
		if chosen.groups, err = groupsOf(ctx, e, c.Stack); err != nil {
			return 1, err
		}
	}
	store, err := logs.Open(filepath.Join(e.Home, "logs"))
	if err != nil {
		return 1, err
	}
	show := printer(os.Stdout, asJSON)
	last, err := showTail(store, chosen, tail, show)
	if err != nil {
		return 1, err
	}
	if !follow {
		return 0, nil
	}
	return 0, store.Follow(ctx, chosen.has, last.Add(1), show)
}

// selection says which streams to show.
type selection struct {
	// name is of a container, a task or a group; "" takes all.
	name string
	// groups are those of a stack; nil takes all.
	groups []string
}

// has knows how the awslogs driver names streams: prefix/container/task.
func (s selection) has(group, stream string) bool {
	if s.groups != nil && !slices.Contains(s.groups, group) {
		return false
	}
	if s.name == "" || s.name == group || s.name == stream || strings.HasSuffix(group, "/"+s.name) {
		return true
	}
	parts := strings.Split(stream, "/")
	if len(parts) < 3 {
		return false
	}
	container, task := parts[len(parts)-2], parts[len(parts)-1]
	return s.name == container || isTask(s.name, task) || matchesBoth(s.name, task, container)
}

// shortest is how much of a task's id has to be given.
const shortest = 4

func isTask(name, task string) bool { return len(name) >= shortest && strings.HasPrefix(task, name) }

// matchesBoth is for the beginning of a task's id, a slash and a container's name.
func matchesBoth(name, task, container string) bool {
	beginning, last, both := strings.Cut(name, "/")
	return both && last == container && isTask(beginning, task)
}

// showTail shows the newest events, oldest first, and returns the time of the last. Names that choose nothing are
// an error, which says what there is.
func showTail(store *logs.Store, chosen selection, tail int, show func(logs.Event) error) (time.Time, error) {
	streams, err := store.Streams()
	if err != nil {
		return time.Time{}, err
	}
	var events []logs.Event
	found := false
	for _, stream := range streams {
		if !chosen.has(stream.Group, stream.Name) {
			continue
		}
		found = true
		more, err := store.Read(stream.Group, stream.Name, tail)
		if err != nil {
			return time.Time{}, err
		}
		events = append(events, more...)
	}
	if !found && chosen.name != "" {
		return time.Time{}, fmt.Errorf("logs: there is no container, task or log group %q; there are %s",
			chosen.name, namesOf(streams))
	}
	slices.SortStableFunc(events, func(a, b logs.Event) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Stream, b.Stream))
	})
	if tail > 0 {
		events = events[max(0, len(events)-tail):]
	}
	last := time.Time{}
	for _, event := range events {
		if err := show(event); err != nil {
			return last, err
		}
		last = event.At
	}
	return last, nil
}

// namesOf are the groups and containers that have streams.
func namesOf(streams []logs.Stream) string {
	var names []string
	for _, stream := range streams {
		names = append(names, stream.Group)
		if parts := strings.Split(stream.Name, "/"); len(parts) >= 3 {
			names = append(names, parts[len(parts)-2])
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(slices.Compact(names), ", ")
}

// printer prints events, with where they come from, or as JSON.
func printer(out io.Writer, asJSON bool) func(logs.Event) error {
	return func(event logs.Event) error {
		if asJSON {
			return json.NewEncoder(out).Encode(map[string]any{
				"group": event.Group, "stream": event.Stream, "at": event.At, "line": event.Line,
			})
		}
		_, err := fmt.Fprintf(out, "%s %s  %s\n", event.At.Local().Format("2006-01-02 15:04:05.000"), source(event), event.Line)
		return err
	}
}

// source is the container and the beginning of the task's id, or the whole stream.
func source(event logs.Event) string {
	parts := strings.Split(event.Stream, "/")
	if len(parts) < 3 {
		return event.Stream
	}
	task := parts[len(parts)-1]
	return parts[len(parts)-2] + "/" + task[:min(8, len(task))]
}

// groupsOf are the log groups of a stack.
func groupsOf(ctx context.Context, e *engine.Engine, stack string) ([]string, error) {
	list, err := e.Resources(ctx)
	if err != nil {
		return nil, err
	}
	var resources []row
	if err := json.Unmarshal(list, &resources); err != nil {
		return nil, fmt.Errorf("reading the account's list: %w", err)
	}
	groups := []string{}
	for _, r := range resources {
		if r.Type == "aws:cloudwatch/logGroup:LogGroup" && r.inStack(stack) {
			groups = append(groups, r.Name)
		}
	}
	return groups, nil
}
