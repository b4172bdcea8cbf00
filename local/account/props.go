package account

import (
	"maps"
	"strings"
)

// Props are the properties of a resource as JSON has them: nil, bool, float64,
// string, []any and map[string]any. The accessors below answer the zero value
// for what is absent or of another type: Check has refused the latter already.
type Props map[string]any

// Copy is a shallow copy; a nil map gives an empty one.
func (p Props) Copy() Props {
	c := make(Props, len(p))
	maps.Copy(c, p)
	return c
}

// At follows a dotted path such as "healthCheck.path".
func (p Props) At(path string) any {
	head, rest, nested := strings.Cut(path, ".")
	v := p[head]
	if !nested {
		return v
	}
	if m, ok := v.(map[string]any); ok {
		return Props(m).At(rest)
	}
	return nil
}

// Has tells whether there is a value at the path.
func (p Props) Has(path string) bool { return p.At(path) != nil }

// String at a path.
func (p Props) String(path string) string {
	s, _ := p.At(path).(string)
	return s
}

// Bool at a path.
func (p Props) Bool(path string) bool {
	b, _ := p.At(path).(bool)
	return b
}

// Number at a path.
func (p Props) Number(path string) float64 {
	n, _ := p.At(path).(float64)
	return n
}

// Int is Number as an integer.
func (p Props) Int(path string) int { return int(p.Number(path)) }

// List at a path.
func (p Props) List(path string) []any {
	l, _ := p.At(path).([]any)
	return l
}

// Strings are the texts in the list at a path.
func (p Props) Strings(path string) []string {
	var list []string
	for _, v := range p.List(path) {
		if s, ok := v.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// Objects are the objects in the list at a path.
func (p Props) Objects(path string) []Props {
	var list []Props
	for _, v := range p.List(path) {
		if m, ok := v.(map[string]any); ok {
			list = append(list, Props(m))
		}
	}
	return list
}

// Object at a path; nil when there is none.
func (p Props) Object(path string) Props {
	m, _ := p.At(path).(map[string]any)
	return m
}

// All returns the values that a path leads to. "[]" after a name stands for each
// element of the list there: "loadBalancers[].containerName".
func (p Props) All(path string) []any {
	return collect([]any{map[string]any(p)}, strings.Split(path, "."))
}

func collect(values []any, steps []string) []any {
	for _, step := range steps {
		name, each := strings.CutSuffix(step, "[]")
		var next []any
		for _, v := range values {
			m, ok := v.(map[string]any)
			if !ok || m[name] == nil {
				continue
			}
			if list, isList := m[name].([]any); each && isList {
				next = append(next, list...)
			} else if !each {
				next = append(next, m[name])
			}
		}
		values = next
	}
	return values
}
