// Package graph runs a program against mocks, records what it registers, and checks the resulting graph.
//
// A program runs as an update, where the mocks answer with computed values as AWS would, or as a preview, where
// computed values are unknown, as the engine has them before a resource exists.
//
// The mocks are a resource monitor of their own and not pulumi.WithMocks: those refuse a value that is secret
// and unknown ("malformed RPC secret"), which every password is in a preview, know no resource that the program
// did not register itself, and do not show the outputs of components.
package graph

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/require"
)

// Run says how a program runs. The zero value is an update of the stack "test" of the project "wordpress".
type Run struct {
	// Stack is the stack's name, "test" unless given.
	Stack string
	// Preview leaves computed values unknown, as before the first update.
	Preview bool
	// Known is for a preview of a stack that exists already: computed values are those of its last update.
	Known bool
	// Outputs replace what the mocks compute, by resource type. They see a resource's inputs.
	Outputs map[string]func(inputs resource.PropertyMap) resource.PropertyMap
	// Answers replace what the mocks answer to functions, by token.
	Answers map[string]func(args resource.PropertyMap) resource.PropertyMap
	// Refused are the functions that fail, with what they say, by token.
	Refused map[string]string
}

const project = "wordpress"

// Modes are the ways to run a program, for tests that hold in all.
func Modes() map[string]Run {
	return map[string]Run{"update": {}, "preview": {Preview: true}, "second preview": {Preview: true, Known: true}}
}

// Graph is what a program registered.
type Graph struct {
	run Run

	mu        sync.Mutex
	resources []*Resource
	calls     []Call
	exports   map[string]Export
}

// Export is an output of the stack.
type Export struct {
	Value  any
	Known  bool
	Secret bool
}

// Call is a function that the program called.
type Call struct {
	Token, Provider string
	Args            resource.PropertyMap
}

// Of runs a program that must succeed.
func (r Run) Of(t *testing.T, program pulumi.RunFunc) *Graph {
	t.Helper()
	g, err := r.Try(program)
	require.NoError(t, err)
	return g
}

// Try runs a program and returns what it registered before it ended, with its error.
func (r Run) Try(program pulumi.RunFunc) (*Graph, error) {
	if r.Stack == "" {
		r.Stack = "test"
	}
	g := &Graph{run: r, exports: map[string]Export{}}
	exports := map[string]pulumi.Input{}
	address, stop, err := serve(g)
	if err != nil {
		return g, err
	}
	defer stop()
	err = pulumi.RunErr(func(ctx *pulumi.Context) error {
		err := program(ctx)
		for key, value := range ctx.GetCurrentExportMap() {
			exports[key] = value
		}
		return err
	}, func(info *pulumi.RunInfo) {
		info.Project, info.Stack, info.DryRun = project, r.Stack, r.Preview
		info.MonitorAddr, info.EngineAddr = address, address
	})
	if err != nil {
		return g, err
	}
	for key, value := range exports {
		resolved, err := internals.UnsafeAwaitOutput(context.Background(), pulumi.ToOutput(value))
		if err != nil {
			return g, fmt.Errorf("output %s: %w", key, err)
		}
		g.exports[key] = Export{Value: resolved.Value, Known: resolved.Known, Secret: resolved.Secret}
	}
	return g, nil
}

func (g *Graph) add(r *Resource) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.resources = append(g.resources, r)
}

// finish adds the outputs of a component, which come after its children.
func (g *Graph) finish(urn string, outputs resource.PropertyMap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.resources {
		if r.URN == urn {
			r.Outputs = outputs
		}
	}
}

func (g *Graph) call(c Call) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, c)
}
