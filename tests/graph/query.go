package graph

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/policy"
)

// Unknown stands for a value that is not known in a preview.
const Unknown = "<unknown>"

// Resource is a registered resource.
type Resource struct {
	Type, Name, URN, Parent string
	// ID is empty in a preview and for components.
	ID string
	// Custom resources are made by a provider; the others are components. Remote components are another
	// process's, such as those of awsx.
	Custom, Remote bool
	// Provider is the reference (URN::ID) of the provider of a custom resource, empty for the default one.
	// Providers are those that a remote component gets, by package.
	Provider  string
	Providers map[string]string
	// Inputs keep secrets and unknown values marked.
	Inputs resource.PropertyMap
	// Outputs are those that a component registered.
	Outputs resource.PropertyMap
	// Aliases are the URNs that the resource may have had before.
	Aliases []string
	// Dependencies are the URNs of what comes first, through inputs or by option.
	Dependencies  []string
	Protect       bool
	IgnoreChanges []string
	// ReplaceOnChanges are the inputs whose change makes another resource.
	ReplaceOnChanges []string
	// DeleteBeforeReplace says that the old resource goes before the new one comes.
	DeleteBeforeReplace bool

	state resource.PropertyMap
}

// All returns the resources in the order in which they were registered.
func (g *Graph) All() []*Resource {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.resources)
}

// OfType returns the resources of a type, by name.
func (g *Graph) OfType(typ string) []*Resource {
	var found []*Resource
	for _, r := range g.All() {
		if r.Type == typ {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *Resource) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// Names returns the names of the resources of a type, sorted.
func (g *Graph) Names(typ string) []string {
	names := []string{}
	for _, r := range g.OfType(typ) {
		names = append(names, r.Name)
	}
	return names
}

// Named returns the one resource of a type with a name.
func (g *Graph) Named(t *testing.T, typ, name string) *Resource {
	t.Helper()
	for _, r := range g.OfType(typ) {
		if r.Name == name {
			return r
		}
	}
	require.Failf(t, "no such resource", "%s %q; there are %v", typ, name, g.Names(typ))
	return nil
}

// Only returns the resource of a type of which there is one.
func (g *Graph) Only(t *testing.T, typ string) *Resource {
	t.Helper()
	found := g.OfType(typ)
	require.Len(t, found, 1, "%s: there are %v", typ, g.Names(typ))
	return found[0]
}

// Calls returns the functions that the program called.
func (g *Graph) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.calls)
}

// Exports are the outputs of the stack. There are none after an error.
func (g *Graph) Exports() map[string]Export { return maps.Clone(g.exports) }

// At returns the input at a path such as "ebs.volumes[0].size" as a plain Go value: whole numbers as int,
// lists as []any, objects as map[string]any, Unknown for what is not known, nil for what is not set.
func (r *Resource) At(path string) any {
	v, _ := r.find(path)
	return plain(v)
}

// Plain are properties as At returns them.
func Plain(properties resource.PropertyMap) any { return plain(resource.NewProperty(properties)) }

// Text returns the string at a path.
func (r *Resource) Text(t *testing.T, path string) string {
	t.Helper()
	text, ok := r.At(path).(string)
	require.True(t, ok, "%s %s: %s is %v", r.Type, r.Name, path, r.At(path))
	return text
}

// Statements returns those of the policy at a path, by their ids, of which each is there once.
func (r *Resource) Statements(t *testing.T, path string) map[string]policy.Statement {
	t.Helper()
	var document policy.Document
	require.NoError(t, json.Unmarshal([]byte(r.Text(t, path)), &document))
	statements := map[string]policy.Statement{}
	for _, s := range document.Statement {
		require.NotContains(t, statements, s.Sid)
		statements[s.Sid] = s
	}
	return statements
}

// Computed returns what the mocks computed for a resource, such as its "arn".
func (r *Resource) Computed(key resource.PropertyKey) any { return plain(r.state[key]) }

// List returns the list at a path, empty if it is not set.
func (r *Resource) List(path string) []any {
	list, _ := r.At(path).([]any)
	return list
}

// Secret says whether the value at a path is marked as secret, by itself or with what it is part of.
func (r *Resource) Secret(path string) bool {
	_, secret := r.find(path)
	return secret
}

// After says whether a resource waits for another.
func (r *Resource) After(other *Resource) bool { return slices.Contains(r.Dependencies, other.URN) }

// RequireAfter asserts that a resource waits for all of the others.
func (r *Resource) RequireAfter(t *testing.T, others ...*Resource) {
	t.Helper()
	for _, other := range others {
		require.True(t, r.After(other), "%s %s does not wait for %s %s", r.Type, r.Name, other.Type, other.Name)
	}
}

// find returns the value at a path, null if there is none, and whether it is secret.
func (r *Resource) find(path string) (v resource.PropertyValue, secret bool) {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return resource.NewNullProperty(), false
	}
	v = resource.NewProperty(r.Inputs)
	for i := range parsed {
		next, ok := parsed[i : i+1].Get(bare(v))
		if !ok {
			return resource.NewNullProperty(), false
		}
		v, secret = next, secret || next.IsSecret()
	}
	return v, secret
}

// bare takes the mark of a secret off.
func bare(v resource.PropertyValue) resource.PropertyValue {
	for v.IsSecret() {
		v = v.SecretValue().Element
	}
	return v
}

func plain(v resource.PropertyValue) any {
	v = bare(v)
	switch {
	case v.IsComputed():
		return Unknown
	case v.IsArray():
		list := make([]any, len(v.ArrayValue()))
		for i, element := range v.ArrayValue() {
			list[i] = plain(element)
		}
		return list
	case v.IsObject():
		object := map[string]any{}
		for key, element := range v.ObjectValue() {
			object[string(key)] = plain(element)
		}
		return object
	case v.IsNumber() && v.NumberValue() == math.Trunc(v.NumberValue()):
		return int(v.NumberValue())
	case v.IsResourceReference():
		return fmt.Sprint(v.ResourceReferenceValue().URN)
	}
	return v.V
}
