package kind

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// Op is what happens to a property.
type Op int

// The three things that can happen.
const (
	Added Op = iota
	Removed
	Changed
)

// Change is one property that differs between two sets of inputs.
type Change struct {
	// Path in Pulumi's form: "tags.Name", "subnets[1]".
	Path string
	Op   Op
	// Replaces tells that the change makes a new resource.
	Replaces bool
}

// Diff compares inputs as the provider does: order where it has a meaning, texts
// in their canonical form, defaults in place of what was left out.
func (d *Declared) Diff(before, after account.Props) []Change {
	w := &walk{d: d, replace: slices.Clone(d.Replace)}
	if d.ReplaceIf != nil {
		w.replace = append(w.replace, d.ReplaceIf(before, after)...)
	}
	w.maps(map[string]any(before), map[string]any(after), "", "")
	return w.changes
}

type walk struct {
	d       *Declared
	replace []string
	changes []Change
}

// value compares two values. The path has indexes, plain has none.
func (w *walk) value(before, after any, path, plain string) {
	before, after = w.settled(before, plain), w.settled(after, plain)
	if after == nil && w.d.Schema.computed[plain] {
		return // AWS keeps the value that it has
	}
	if _, unknown := after.(Unknown); unknown {
		w.add(Changed, path, plain)
		return
	}
	if same(before, after) && !w.appeared(before, after, plain) {
		return
	}
	if isFiles(before) && isFiles(after) {
		w.add(Changed, path, plain)
		return
	}
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			w.maps(b, a, path, plain)
			return
		}
	case []any:
		if a, ok := after.([]any); ok {
			w.lists(b, a, path, plain)
			return
		}
	}
	switch {
	case before == nil:
		w.add(Added, path, plain)
	case after == nil:
		w.add(Removed, path, plain)
	default:
		w.add(Changed, path, plain)
	}
}

// appeared tells of a structure that only one side has. An empty one means something, such as WAF's "block: {}".
func (w *walk) appeared(before, after any, plain string) bool {
	return (before == nil) != (after == nil) && w.d.Schema.structure(plain)
}

// settled is a value in its canonical form, or the default if there is none.
func (w *walk) settled(v any, plain string) any {
	if v == nil {
		v = w.d.Defaults[plain]
	}
	if text, ok := v.(string); ok && w.d.Text[plain] != nil {
		return w.d.Text[plain](text)
	}
	return v
}

func (w *walk) maps(before, after map[string]any, path, plain string) {
	union := map[string]any{}
	for key := range before {
		union[key] = nil
	}
	for key := range after {
		union[key] = nil
	}
	for _, key := range sorted(union) {
		if strings.HasPrefix(key, "__") {
			continue // notes to ourselves
		}
		w.value(before[key], after[key], join(path, quoted(key)), join(plain, key))
	}
}

// quoted is a key as Pulumi's property paths write it.
func quoted(key string) string {
	if strings.ContainsAny(key, ".[]\" ") {
		return fmt.Sprintf("[%q]", key)
	}
	return key
}

func (w *walk) lists(before, after []any, path, plain string) {
	old, fresh := indexes(before), indexes(after)
	if slices.Contains(w.d.Sets, plain) {
		old, fresh = w.unmatched(before, after, plain)
	}
	for i := range max(len(old), len(fresh)) {
		at := func(index int) string { return fmt.Sprintf("%s[%d]", path, index) }
		switch {
		case i >= len(fresh):
			w.add(Removed, at(old[i]), plain)
		case i >= len(old):
			w.add(Added, at(fresh[i]), plain)
		default:
			w.value(before[old[i]], after[fresh[i]], at(fresh[i]), plain)
		}
	}
}

func indexes(list []any) []int {
	all := make([]int, len(list))
	for i := range all {
		all[i] = i
	}
	return all
}

// unmatched are the indexes of what only one of two sets contains.
func (w *walk) unmatched(before, after []any, plain string) (old, fresh []int) {
	fresh = indexes(after)
	for b := range before {
		i := slices.IndexFunc(fresh, func(a int) bool { return w.equal(before[b], after[a], plain) })
		if i < 0 {
			old = append(old, b)
			continue
		}
		fresh = slices.Delete(fresh, i, i+1)
	}
	return old, fresh
}

func (w *walk) equal(before, after any, plain string) bool {
	probe := &walk{d: w.d}
	probe.value(before, after, "", plain)
	return len(probe.changes) == 0
}

func (w *walk) add(op Op, path, plain string) {
	replaces := slices.ContainsFunc(w.replace, func(pattern string) bool {
		return plain == pattern || strings.HasPrefix(plain, pattern+".") || strings.HasPrefix(pattern, plain+".")
	})
	w.changes = append(w.changes, Change{strings.ReplaceAll(path, ".[", "["), op, replaces})
}

// same tells whether two values are equal; what is absent equals what is empty, and files are what is in them.
func same(a, b any) bool {
	if empty(a) && empty(b) {
		return true
	}
	if hash := Hash(a); hash != "" && hash == Hash(b) {
		return true
	}
	return reflect.DeepEqual(a, b)
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// CanonicalJSON is a JSON text without what has no meaning; other texts stay.
func CanonicalJSON(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	canonical, err := json.Marshal(v)
	if err != nil {
		return text
	}
	return string(canonical)
}

// CanonicalPolicy is CanonicalJSON for IAM policies, where a list of one equals
// its element, and the order of actions, resources and principals has no meaning.
func CanonicalPolicy(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	canonical, err := json.Marshal(policyValue(v))
	if err != nil {
		return text
	}
	return string(canonical)
}

func policyValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = policyValue(v[key])
		}
		return v
	case []any:
		for i := range v {
			v[i] = policyValue(v[i])
		}
		if len(v) == 1 {
			return v[0]
		}
		if !slices.ContainsFunc(v, func(e any) bool { _, text := e.(string); return !text }) {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		return v
	default:
		return v
	}
}
