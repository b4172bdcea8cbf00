// Package engine runs the real Pulumi CLI and engine against the local cloud:
// it builds the pinned CLI, compiles the program, is its language host, keeps
// the state on disk, lets one command run at a time and puts things in order
// after one that was interrupted.
package engine

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Engine is one project with one home directory for its local cloud.
type Engine struct {
	Project Project
	// Home holds the account, Pulumi's state and the settings copies.
	Home string
	// Program is a compiled program to run; "" compiles the project's own.
	Program string
	// Clock sets how many times faster than AWS's the clock of the account runs;
	// 0 leaves it as it is.
	Clock float64
	// Faults is the text of a plan of faults for the next command; "" is none.
	Faults string
	// Lenient lets the account take what it is given.
	Lenient bool
	// Latency lets things be made and deleted this many times faster than on AWS; 0 is at once.
	Latency float64

	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// Prepare creates the home directory.
func (e *Engine) Prepare() error {
	for _, dir := range []string{e.Home, e.stateDir(), e.settingsDir(), e.pulumiHome()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("creating the local cloud's home: %w", err)
		}
	}
	return nil
}

// say prints one line of the local cloud's own. Standard output belongs to Pulumi
// (people pipe --json), so it goes to standard error.
func (e *Engine) say(format string, args ...any) {
	_, _ = fmt.Fprintf(e.Stderr, "local: "+format+"\n", args...)
}

func (e *Engine) stateDir() string       { return filepath.Join(e.Home, "state") }
func (e *Engine) settingsDir() string    { return filepath.Join(e.Home, "settings") }
func (e *Engine) pulumiHome() string     { return filepath.Join(e.Home, "pulumi") }
func (e *Engine) passphraseFile() string { return filepath.Join(e.Home, "passphrase") }
func (e *Engine) lockFile() string       { return filepath.Join(e.Home, "lock") }
func (e *Engine) markerFile() string     { return filepath.Join(e.Home, "running.json") }
func (e *Engine) eventsFile() string     { return filepath.Join(e.Home, "events.jsonl") }
