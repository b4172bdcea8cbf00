package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"wordpress-ecs/local/engine"
)

// restore brings a snapshot or backup back; without arguments it tells which there are, also when nothing is
// deployed any more.
func restore(ctx context.Context, e *engine.Engine, c engine.Command) (int, error) {
	if len(c.Rest) == 0 {
		return 0, listSnapshots(os.Stdout, filepath.Join(e.Home, "snapshots"))
	}
	return act("restore", "NAME|FILE", "TARGET")(ctx, e, c)
}

// listSnapshots prints the files that can be restored.
func listSnapshots(out io.Writer, dir string) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	found := false
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error { //nolint:gosec // below the home that a person names
		if err != nil || entry.IsDir() || filepath.Ext(path) == ".json" || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		about, err := entry.Info()
		if err != nil {
			return err
		}
		if !found {
			_, _ = fmt.Fprintln(table, "FILE\tMADE\tSIZE")
		}
		found = true
		_, _ = fmt.Fprintf(table, "%s\t%s\t%.1f MB\n", path, about.ModTime().Format(time.DateTime), float64(about.Size())/1e6)
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("listing the snapshots: %w", err)
	}
	if !found {
		_, _ = fmt.Fprintf(table, "There is no snapshot and no backup in %s.\n", dir)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the snapshots: %w", err)
	}
	return nil
}

// fromHere makes the names of files absolute: the background process, which opens them, is elsewhere.
func fromHere(args []string) ([]string, error) {
	named := make([]string, len(args))
	for i, arg := range args {
		named[i] = arg
		if about, err := os.Stat(arg); err != nil || !about.Mode().IsRegular() {
			continue
		}
		path, err := filepath.Abs(arg)
		if err != nil {
			return nil, fmt.Errorf("finding %s: %w", arg, err)
		}
		named[i] = path
	}
	return named, nil
}
