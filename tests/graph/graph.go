// Package graph runs a program against mocks, records what it registers, and checks the resulting graph.
//
// A program runs as an update, where the mocks answer with computed values as AWS would, or as a preview, where
// computed values are unknown, as the engine has them before a resource exists.
package graph

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/require"
)

// Run says how a program runs. The zero value is an update of the stack "test" of the project "wordpress".
type Run struct {
	// Stack is the stack's name, "test" unless given.
	Stack string
	// Preview leaves computed values unknown.
	Preview bool
	// Outputs replace what the mocks compute, by resource type. They see a resource's inputs.
	Outputs map[string]func(inputs resource.PropertyMap) resource.PropertyMap
	// Answers replace what the mocks answer to functions, by token.
	Answers map[string]func(args resource.PropertyMap) resource.PropertyMap
}

const project = "wordpress"

// Modes are the two ways to run a program, for tests that hold in both.
func Modes() map[string]Run {
	return map[string]Run{"update": {}, "preview": {Preview: true}}
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
func (r Run) Of(t testing.TB, program pulumi.RunFunc) *Graph {
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
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		if err := registerRouteTables(ctx); err != nil {
			return err
		}
		err := program(ctx)
		for key, value := range ctx.GetCurrentExportMap() {
			exports[key] = value
		}
		return err
	}, pulumi.WithMocks(project, r.Stack, (*mocks)(g)), func(info *pulumi.RunInfo) { info.DryRun = r.Preview })
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

// mocks is a graph as Pulumi's SDK sees it. The SDK calls it from many goroutines.
type mocks Graph

// NewResource records a resource and answers with its state.
func (m *mocks) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.RegisterRPC == nil {
		return "", nil, fmt.Errorf("%s %s is read, not registered", args.TypeToken, args.Name)
	}
	// The inputs that the SDK hands over have lost what is unknown.
	inputs, err := plugin.UnmarshalProperties(args.RegisterRPC.GetObject(), plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true,
	})
	if err != nil {
		return "", nil, err
	}
	rpc := args.RegisterRPC
	r := &Resource{
		Type: args.TypeToken, Name: args.Name, URN: m.urn(rpc.GetParent(), args.TypeToken, args.Name),
		Parent: rpc.GetParent(), Custom: args.Custom, Remote: rpc.GetRemote(),
		Provider: rpc.GetProvider(), Providers: rpc.GetProviders(),
		Inputs: inputs, Dependencies: rpc.GetDependencies(), Protect: rpc.GetProtect(),
		IgnoreChanges: rpc.GetIgnoreChanges(), Aliases: len(rpc.GetAliases()),
	}
	if isRouteTable(r) {
		return m.routeTable(r)
	}
	m.mu.Lock()
	m.resources = append(m.resources, r)
	m.mu.Unlock()
	id, state := m.state(r)
	return id, state, nil
}

// Call records a function and answers it.
func (m *mocks) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	m.mu.Lock()
	m.calls = append(m.calls, Call{Token: args.Token, Provider: args.Provider, Args: args.Args.Copy()})
	m.mu.Unlock()
	if answer, ok := m.run.Answers[args.Token]; ok {
		return answer(args.Args.Copy()), nil
	}
	return m.answer(args.Token, args.Args)
}

// urn is the URN that the SDK's mock monitor gives a resource.
func (m *mocks) urn(parent, typ, name string) string {
	parentType := tokens.Type("")
	if urn := resource.URN(parent); urn != "" && urn.QualifiedType() != resource.RootStackType {
		parentType = urn.QualifiedType()
	}
	return string(resource.NewURN(tokens.QName(m.run.Stack), project, parentType, tokens.Type(typ), name))
}
