package cases

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// World is an account that a trial has for itself.
type World struct {
	t     *testing.T
	tx    *account.Tx
	suite Suite
	made  map[string]account.Resource

	Region string
	// Later is how much time has passed since the trial began.
	Later time.Duration
	// Pace is how fast things are made and deleted; 0 is at once.
	Pace kind.Pace
}

// Make is the trial of making the type with its usual inputs, some of them changed. A nil takes an input away.
func Make(changes account.Props) Trial {
	return func(w *World, typ string) error {
		_, err := w.Make(typ, changes)
		return err
	}
}

// Change is the trial of making the type as usual and then changing some inputs.
func Change(changes account.Props) Trial {
	return func(w *World, typ string) error {
		_, err := w.Change(w.Usual(typ), changes)
		return err
	}
}

// Delete is the trial of deleting one as usual, after something else has happened.
func Delete(after func(w *World, r account.Resource)) Trial {
	return func(w *World, typ string) error {
		r := w.Usual(typ)
		if after != nil {
			after(w, r)
		}
		return w.Delete(r)
	}
}

// Usual returns the one resource of a type that has its usual inputs, and makes it the first time.
func (w *World) Usual(typ string) account.Resource {
	w.t.Helper()
	if r, ok := w.made[typ]; ok {
		return r
	}
	r := w.Need(typ, nil)
	w.made[typ] = r
	return r
}

// Need makes another one, which must succeed.
func (w *World) Need(typ string, changes account.Props) account.Resource {
	w.t.Helper()
	r, err := w.Make(typ, changes)
	require.NoError(w.t, err, "%s with %v", typ, changes)
	return r
}

// Fill puts more of the same beside a resource, without asking any rule.
func (w *World) Fill(r account.Resource, more int) {
	w.t.Helper()
	for range more {
		same := r
		same.ID, same.Outputs = r.ID+account.NewHex(8), r.Outputs.Copy()
		if d := w.kind(r.Type); d.Name.Property != "" {
			same.Outputs[d.Name.Property] = same.ID
		}
		require.NoError(w.t, w.tx.Put(same))
	}
}

// Make makes another one of a type with its usual inputs, some of them changed.
func (w *World) Make(typ string, changes account.Props) (account.Resource, error) {
	w.t.Helper()
	return w.create(typ, w.inputs(typ, changes))
}

func (w *World) create(typ string, in account.Props) (account.Resource, error) {
	w.t.Helper()
	d := w.kind(typ)
	if err := refused(d.Check(in, d.Secret)); err != nil {
		return account.Resource{}, err
	}
	c := w.Call()
	c.In = in
	return d.Make(c)
}

// Change changes some inputs of a resource.
func (w *World) Change(r account.Resource, changes account.Props) (account.Resource, error) {
	w.t.Helper()
	d := w.kind(r.Type)
	in := patched(r.Inputs, changes)
	if err := refused(d.Check(in, d.Secret)); err != nil {
		return r, err
	}
	c := w.Call()
	c.ID, c.In = r.ID, in
	return d.Change(c)
}

// Delete deletes a resource.
func (w *World) Delete(r account.Resource) error {
	w.t.Helper()
	c := w.Call()
	c.ID = r.ID
	return w.kind(r.Type).Remove(c)
}

// Call is a request of the world, for what the functions above do not do.
func (w *World) Call() *kind.Call {
	return &kind.Call{
		Tx: w.tx, Region: w.Region, Now: time.Now().Add(w.Later), Catalog: w.suite.Catalog, Images: noImages{}, Pace: w.Pace,
		URN: "urn:pulumi:test::case::x::case",
	}
}

func (w *World) kind(typ string) *kind.Declared {
	w.t.Helper()
	d, ok := w.suite.Catalog.Kind(typ)
	require.True(w.t, ok, "no kind %s", typ)
	return d
}

func (w *World) inputs(typ string, changes account.Props) account.Props {
	w.t.Helper()
	usual, ok := w.suite.Usual[typ]
	require.True(w.t, ok, "no usual inputs of %s", typ)
	in := patched(usual(w), changes)
	d := w.kind(typ)
	if name := d.Name.Property; name != "" && in[name] == nil && (d.Name.Prefix == "" || in[d.Name.Prefix] == nil) {
		in[name] = strings.ToLower("case-" + account.NewHex(8))
	}
	return in
}

// patched are inputs with changes by dotted path; nil takes one away.
func patched(in, changes account.Props) account.Props {
	in = in.Copy()
	for path, value := range changes {
		head, rest, nested := strings.Cut(path, ".")
		switch {
		case nested:
			inner, _ := in[head].(map[string]any)
			in[head] = map[string]any(patched(maps.Clone(inner), account.Props{rest: value}))
		case value == nil:
			delete(in, path)
		default:
			in[path] = value
		}
	}
	return in
}

// early is the trial of the usual inputs while what they name is being made.
func early(w *World, typ string) error {
	w.Pace = 1
	return Make(nil)(w, typ)
}

// with is the trial of the usual inputs with every value at a path changed.
func with(path string, change func(any) any) Trial {
	return func(w *World, typ string) error {
		in, _ := edited(map[string]any(w.inputs(typ, nil)), strings.Split(path, "."), change).(map[string]any)
		_, err := w.create(typ, in)
		return err
	}
}

// edited is a value with a change at a path; what is not there yet is made.
func edited(v any, path []string, change func(any) any) any {
	if len(path) == 0 {
		return change(v)
	}
	name, each := strings.CutSuffix(path[0], "[]")
	object, _ := v.(map[string]any)
	object = maps.Clone(object)
	if object == nil {
		object = map[string]any{}
	}
	if !each {
		object[name] = edited(object[name], path[1:], change)
		return object
	}
	old, _ := object[name].([]any)
	if len(old) == 0 {
		old = []any{nil}
	}
	list := make([]any, len(old))
	for i := range old {
		list[i] = edited(old[i], path[1:], change)
	}
	object[name] = list
	return object
}

// having is the trial of the usual inputs, which must have something at a path, or nothing would be accepted.
func having(path string) Trial {
	return func(w *World, typ string) error {
		if in := w.inputs(typ, nil); len(in.All(path)) == 0 {
			return fmt.Errorf("the usual inputs of %s have no %s: add it, or write the case", typ, path)
		}
		return Make(nil)(w, typ)
	}
}

func refused(failures []kind.Failure) error {
	var all []error
	for _, f := range failures {
		all = append(all, fmt.Errorf("%s: %s", f.Property, f.Reason))
	}
	return errors.Join(all...)
}

// noImages is a registry without content.
type noImages struct{}

func (noImages) Digests(string) ([]string, error) { return nil, nil }
func (noImages) Remove(string) error              { return nil }
