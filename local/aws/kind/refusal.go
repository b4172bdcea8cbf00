package kind

import (
	"strings"

	"wordpress-ecs/local/account"
)

// Refusal is one reason for which a kind is refused, as the table in local/README.md has it.
type Refusal struct {
	// Type is the Pulumi type.
	Type string
	// Name is unique in its kind.
	Name string
	// When the refusal comes: in a preview, or when the resource is made, changed or deleted.
	When string
	// Code is AWS's error code; empty where the provider refuses, or where the rule has several.
	Code string
	// Source is where the rule is from.
	Source string
	// Derived rules follow from a model of AWS's, and are tried where they are derived.
	Derived bool
}

// Refusals are all rules of a kind, in the order in which they are asked.
func (d *Declared) Refusals() []Refusal {
	var list []Refusal
	row := func(name, when, code, source string) {
		if source == "" {
			source = d.Source
		}
		list = append(list, Refusal{Type: d.Type, Name: name, When: when, Code: code, Source: source})
	}
	for _, rule := range d.Rules {
		when := "preview"
		if rule.Code != "" {
			when = (Making | Changing).String()
		}
		row(rule.Name, when, rule.Code, rule.Source)
		list[len(list)-1].Derived = rule.Derived
	}
	for _, ref := range d.Refs {
		row(ref.Name(), (Making | Changing).String(), ref.Code(), ref.Source)
		if ref.Early.Code != "" {
			row(ref.Available(), (Making | Changing).String(), ref.Early.Code, ref.Source)
		}
	}
	for _, g := range d.Guards {
		row(g.Name, g.On.String(), "", g.Source)
	}
	for _, unique := range d.Unique {
		row(unique.Name(), (Making | Changing).String(), unique.Taken.Code, unique.Source)
	}
	if d.InUse.Code != "" {
		row("nothing uses it", Deleting.String(), d.InUse.Code, "")
	}
	return list
}

// Name of the rule that what a reference names exists.
func (ref Ref) Name() string { return ref.Path + " exists" }

// Available is the name of the rule that what a reference names is made and not being deleted.
func (ref Ref) Available() string { return ref.Path + " is available" }

// Code of the refusal when it does not exist.
func (ref Ref) Code() string {
	if ref.Missing.Code != "" {
		return ref.Missing.Code
	}
	return ref.target.Code
}

// Name of the rule that nothing else has the name.
func (u Unique) Name() string { return u.Property + " is free" }

// Says is what a rule says of a value alone.
func (r Rule) Says(v any) string { return r.Test(v, account.Props{}) }

func (r Request) String() string {
	var words []string
	for _, request := range []struct {
		is   Request
		word string
	}{{Making, "create"}, {Changing, "update"}, {Deleting, "delete"}} {
		if r&request.is != 0 {
			words = append(words, request.word)
		}
	}
	return strings.Join(words, ", ")
}
