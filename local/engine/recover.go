package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"wordpress-ecs/local/daemon"
)

// marker is on disk while a command changes resources. What is left of one tells
// the next command that it was interrupted.
type marker struct {
	Command string    `json:"command"`
	Stack   string    `json:"stack"`
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
	// Ended is true when the command has ended by itself, without all answers of the account.
	Ended bool `json:"ended,omitempty"`
}

func (e *Engine) setMarker(m marker) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("noting that resources change: %w", err)
	}
	return writeFile(e.markerFile(), text)
}

func (e *Engine) clearMarker() error {
	if err := os.Remove(e.markerFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("noting that resources no longer change: %w", err)
	}
	return nil
}

// interrupted returns the marker of a command that was interrupted, or nil.
func (e *Engine) interrupted() (*marker, error) {
	text, err := os.ReadFile(e.markerFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for an interrupted command: %w", err)
	}
	var m marker
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s is damaged: remove it, then run `refresh`: %w", e.markerFile(), err)
	}
	return &m, nil
}

// removeLeftovers removes the locks and the unfinished files that a killed Pulumi process
// has left. Whoever holds the home's lock knows that none of them is in use.
func (e *Engine) removeLeftovers() error {
	unfinished, err := filepath.Glob(filepath.Join(e.stacksDir(), "*.tmp"))
	if err != nil {
		return fmt.Errorf("finding unfinished state files: %w", err)
	}
	for _, path := range append(unfinished, e.pulumiLocks()) {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("removing what a killed Pulumi has left: %w", err)
		}
	}
	return nil
}

// recover puts the account and Pulumi's state in order after a command that was interrupted, or whose answers were
// lost: resources that Pulumi never recorded go, and a refresh brings the rest of the state to what really exists.
func (e *Engine) recover(ctx context.Context, p *cli, cloud *daemon.Client, m *marker) error {
	what := "was interrupted"
	if m.Ended {
		what = "failed, and the account is not what its state says"
	}
	e.say("`%s` on stack %s (pid %d, %s) %s; putting its state in order first",
		m.Command, m.Stack, m.PID, m.Since.Local().Format("2006-01-02 15:04:05"), what)
	if !e.stackExists(m.Stack) {
		return e.clearMarker() // it was interrupted before it changed anything
	}
	state, err := e.recorded(ctx, p, m)
	if err != nil {
		return err
	}
	removed, err := cloud.RemoveUnrecorded(ctx, state, func(line string) { e.say("%s", line) })
	for _, r := range removed {
		e.say("removed, as Pulumi had not recorded it yet: %s %s. On AWS it stays, and costs, until it is deleted there "+
			"or imported: pulumi import %s %s %s", r.Type, r.ID, r.Type, r.Name, r.ID)
	}
	if err != nil {
		return fmt.Errorf("removing what Pulumi never recorded: %w", err)
	}
	settings, err := e.prepareStack(ctx, p, m.Stack, "")
	if err != nil {
		return err
	}
	_, err = p.capture(ctx, e.Project.Dir, "refresh", "--stack", m.Stack, "--config-file", settings,
		"--yes", "--skip-preview", "--clear-pending-creates", "--non-interactive")
	if err != nil {
		return fmt.Errorf("refreshing stack %s: %w", m.Stack, err)
	}
	return e.clearMarker()
}

// settled tells whether a command that has ended by itself leaves nothing for the next one to put in order: all that
// it made is recorded, and a destroy has left nothing in the state that is gone.
func (e *Engine) settled(ctx context.Context, p *cli, cloud *daemon.Client, m *marker, destroying bool) bool {
	if !e.stackExists(m.Stack) {
		return true
	}
	state, err := e.recorded(ctx, p, m)
	if err != nil {
		return false
	}
	different, err := cloud.Unrecorded(ctx, state)
	return err == nil && len(different.Unrecorded) == 0 && (!destroying || len(different.Missing) == 0)
}

func (e *Engine) pulumiLocks() string { return filepath.Join(e.stateDir(), ".pulumi", "locks") }

// leftLocked says whether Pulumi ended without giving its lock back, that is, not in order.
func (e *Engine) leftLocked() bool {
	left, err := filepath.Glob(filepath.Join(e.pulumiLocks(), "*", "*", "*", "*.json"))
	return err == nil && len(left) > 0
}

// stateless are the packages whose resources the account does not hold: their only place is Pulumi's state.
var stateless = []string{"pulumi", "random", "docker"}

// recorded are the resources that the stack's checkpoint names.
func (e *Engine) recorded(ctx context.Context, p *cli, m *marker) (daemon.Recorded, error) {
	// Times in the account are exact, that of the marker is not.
	state := daemon.Recorded{
		Prefix: "urn:pulumi:" + m.Stack + "::" + e.Project.Name + "::", Since: m.Since.Add(-time.Second), Known: []daemon.Known{},
	}
	output, err := p.capture(ctx, e.Project.Dir, "stack", "export", "--stack", m.Stack)
	if err != nil {
		return state, fmt.Errorf("reading the checkpoint: %w", err)
	}
	var export struct {
		Deployment struct {
			Resources []struct {
				URN      string `json:"urn"`
				Type     string `json:"type"`
				ID       string `json:"id"`
				External bool   `json:"external"`
			} `json:"resources"`
		} `json:"deployment"`
	}
	if err := json.Unmarshal(output, &export); err != nil {
		return state, fmt.Errorf("reading the checkpoint: %w", err)
	}
	for _, r := range export.Deployment.Resources {
		provider, _, _ := strings.Cut(r.Type, ":")
		if r.ID == "" || r.External || slices.Contains(stateless, provider) {
			continue
		}
		state.Known = append(state.Known, daemon.Known{Type: r.Type, ID: r.ID, Name: resource.URN(r.URN).Name()})
	}
	return state, nil
}
