package kind

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// Asked are the inputs of a resource after a request has set some of them. The request has the members' names and
// types of the model; naming are those of its members that say which resource is meant.
func (d *Declared) Asked(operation string, request map[string]any, in account.Props, naming []string) (account.Props, error) {
	out, _ := cloned(map[string]any(in)).(map[string]any)
	if out == nil {
		out = map[string]any{}
	}
	heard := map[string]bool{}
	for _, m := range d.members {
		top := m.Name[:strings.IndexAny(m.Name+".", ".[")]
		if m.Operation != operation || slices.Contains(naming, top) {
			continue
		}
		found := m.in(request)
		if len(found) > 0 {
			heard[top] = true
		}
		for _, f := range found {
			if v, ok := m.value(f.value); ok {
				put(out, strings.Split(m.Path, "."), f.at, v)
			}
		}
	}
	for _, member := range sorted(request) {
		if !heard[member] && !slices.Contains(naming, member) && request[member] != nil && !passing(member) {
			return nil, fmt.Errorf("%s of %s has no equal among the inputs of %s, and is not known here", member, operation, d.Type)
		}
	}
	if _, tagged := out["tags"]; tagged && !reflect.DeepEqual(out["tags"], in["tags"]) && d.Schema.Tagged() {
		out["tagsAll"] = out["tags"]
	}
	return out, nil
}

// passing are members about the request and not about the resource.
func passing(member string) bool {
	return slices.Contains([]string{
		"ApplyImmediately", "ClientToken", "ClientRequestToken", "DryRun", "forceNewDeployment", "force", "ForceDeleteWithoutRecovery",
	}, member)
}

// found is a value in a request, with its place in the lists around it.
type found struct {
	at    []int
	value any
}

// in are the values of a member in a request. A list of structures is itself no value, but clears the way for theirs.
func (m Member) in(request map[string]any) []found {
	all := []found{{value: request}}
	rest := m.Name
	for rest != "" {
		step := rest[:stepLength(rest)]
		rest = strings.TrimPrefix(rest[len(step):], ".")
		name, key, list := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		var next []found
		for _, f := range all {
			object, _ := f.value.(map[string]any)
			v, ok := object[name]
			if !ok {
				continue
			}
			elements, _ := v.([]any)
			switch {
			case !list:
				next = append(next, found{f.at, v})
			case key != "":
				for _, e := range elements {
					if pair, _ := e.(map[string]any); pair["Key"] == key {
						next = append(next, found{f.at, pair["Value"]})
					}
				}
			default:
				for i, e := range elements {
					next = append(next, found{append(slices.Clone(f.at), i), e})
				}
			}
		}
		all = next
	}
	return all
}

// value is what an input gets for a value of the request; false for what its parts give.
func (m Member) value(v any) (any, bool) {
	switch m.input.kind {
	case reflect.Struct:
		return nil, false
	case reflect.Slice:
		if m.input.element.kind == reflect.Struct {
			return []any{}, m.Shape.Type == "list"
		}
		if text, ok := v.(string); ok {
			v = parts(text)
		}
		return v, true
	case reflect.Map:
		if pairs, ok := v.([]any); ok {
			entries := map[string]any{}
			for _, pair := range pairs {
				p, _ := pair.(map[string]any)
				entries[fmt.Sprint(either(p, "Key", "key"))] = either(p, "Value", "value")
			}
			return entries, true
		}
		return v, true
	case reflect.Bool:
		if text, ok := v.(string); ok {
			return slices.Contains([]string{"ENABLED", "enabled", "true", "on"}, text), true
		}
	case reflect.Int, reflect.Float64:
		if text, ok := v.(string); ok {
			var n float64
			_, err := fmt.Sscan(text, &n)
			return n, err == nil
		}
	case reflect.String:
		if n, ok := v.(float64); ok {
			return fmt.Sprintf("%.0f", n), true
		}
	default:
	}
	return v, true
}

// parts are the elements of a list that a request has as one text.
func parts(text string) []any {
	list := []any{}
	for part := range strings.SplitSeq(text, ",") {
		list = append(list, part)
	}
	return list
}

func either(object map[string]any, names ...string) any {
	for _, name := range names {
		if v, ok := object[name]; ok {
			return v
		}
	}
	return ""
}

// put sets the value at a path; at says which elements of the lists on it.
func put(object map[string]any, path []string, at []int, v any) {
	name, each := strings.CutSuffix(path[0], "[]")
	if len(path) == 1 && !each {
		object[name] = v
		return
	}
	if !each {
		inner, ok := object[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			object[name] = inner
		}
		put(inner, path[1:], at, v)
		return
	}
	list, _ := object[name].([]any)
	index := 0
	if len(at) > 0 {
		index, at = at[0], at[1:]
	}
	for len(list) <= index {
		list = append(list, nil)
	}
	object[name] = list
	if len(path) == 1 {
		list[index] = v
		return
	}
	inner, ok := list[index].(map[string]any)
	if !ok {
		inner = map[string]any{}
		list[index] = inner
	}
	put(inner, path[1:], at, v)
}

// cloned is a value that shares nothing with another.
func cloned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := maps.Clone(v)
		for name := range c {
			c[name] = cloned(c[name])
		}
		return c
	case []any:
		c := slices.Clone(v)
		for i := range c {
			c[i] = cloned(c[i])
		}
		return c
	}
	return v
}

// Changeable tells whether a member of an operation carries an input that an update can change.
func (d *Declared) Changeable(operation, member string) bool {
	return slices.ContainsFunc(d.members, func(m Member) bool {
		if m.Operation != operation || m.Name != member && !strings.HasPrefix(m.Name, member+"[") && !strings.HasPrefix(m.Name, member+".") {
			return false
		}
		top, _, _ := strings.Cut(strings.TrimSuffix(m.Path, "[]"), ".")
		return top != d.Name.Property && !slices.Contains(d.Replace, top)
	})
}

// Belongs tells whether a member of an operation carries an input that names a resource for its life: its own name,
// or what it belongs to.
func (d *Declared) Belongs(operation, member string) bool {
	return slices.ContainsFunc(d.members, func(m Member) bool {
		return m.Operation == operation && m.Name == member && (m.Path == d.Name.Property ||
			slices.Contains(d.Replace, m.Path) && slices.ContainsFunc(d.Refs, func(ref Ref) bool { return ref.Path == m.Path }))
	})
}

// Named tells whether a resource is the one that the members of a request name.
func (d *Declared) Named(operation string, r account.Resource, naming map[string]string) bool {
	for member, value := range naming {
		path := member
		for _, m := range d.members {
			if m.Operation == operation && m.Name == member {
				path = m.Path
			}
		}
		if !d.Means(r, value) && !refersTo(r.Outputs.At(path), value) && !refersTo(r.Outputs.At(lowered(member)), value) {
			return false
		}
	}
	return true
}

// Means tells whether a name is a resource's: its id, its ARN, or the name that people know it by.
func (d *Declared) Means(r account.Resource, name string) bool {
	return refersTo(r.ID, name) || refersTo(r.Outputs["arn"], name) || refersTo(r.Outputs[d.Name.Property], name)
}

// refersTo tells whether a text names something: all of it, or what is behind its last slash.
func refersTo(v any, name string) bool {
	text, ok := v.(string)
	return ok && text != "" && (text == name || text[strings.LastIndex(text, "/")+1:] == name)
}

// lowered is a member's name as inputs are written.
func lowered(member string) string { return strings.ToLower(member[:1]) + member[1:] }

// Gone is AWS's answer about a name that nothing has.
func (d *Declared) Gone(name string) error { return d.gone(name) }

// Invalid is the code with which a service refuses a value.
func Invalid(service, operation string) string {
	code, _ := words(service, operation)
	return code
}
