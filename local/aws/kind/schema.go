package kind

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"wordpress-ecs/local/account"
)

// SDKArgs is an args struct of the SDK. Its element type is the plain struct
// behind it, whose tags name the inputs.
type SDKArgs interface{ ElementType() reflect.Type }

// Unknown stands for a value that is not known before the deployment runs.
type Unknown struct{}

// IsUnknown tells whether any part of a value is unknown.
func IsUnknown(v any) bool {
	switch v := v.(type) {
	case Unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, IsUnknown)
	case map[string]any:
		for _, element := range v {
			if IsUnknown(element) {
				return true
			}
		}
	}
	return false
}

// Failure is an input that is refused before anything is deployed.
type Failure struct{ Property, Reason string }

// Schema is what the SDK's types say about a kind.
type Schema struct {
	inputs *shape
	// Outputs are the names of all outputs, sorted.
	Outputs []string
	// computed are the inputs that AWS fills in when they are left out: to leave
	// one out later is no change.
	computed map[string]bool
}

// shape is the type of a value.
type shape struct {
	kind     reflect.Kind // String, Bool, Int, Float64, Slice, Map, Struct or Interface
	element  *shape
	fields   map[string]*shape
	required []string
}

func newSchema(k Kind) Schema {
	s := Schema{computed: map[string]bool{}, inputs: shapeOf(k.Args.ElementType(), map[reflect.Type]*shape{})}
	s.inputs.required = append(s.inputs.required, k.Required...)
	state := reflect.TypeOf(k.State)
	for i := range state.NumField() {
		field := state.Field(i)
		name := field.Tag.Get("pulumi")
		if name == "" {
			continue
		}
		s.Outputs = append(s.Outputs, name)
		if input, ok := s.inputs.fields[name]; ok {
			s.computed[name] = fillsIn(input, field.Type.Name())
		}
	}
	for _, name := range k.Kept {
		s.computed[name] = true
	}
	sort.Strings(s.Outputs)
	return s
}

// fillsIn tells whether AWS gives an input a value of its own: the SDK then has
// an output type that is always there. Lists and maps do not show it.
func fillsIn(input *shape, output string) bool {
	return input.kind != reflect.Slice && input.kind != reflect.Map && input.kind != reflect.Interface &&
		!strings.Contains(output, "Ptr")
}

// shapeOf reads a type; known breaks the circle of types that contain themselves.
func shapeOf(t reflect.Type, known map[reflect.Type]*shape) *shape {
	if t.Kind() == reflect.Pointer {
		return shapeOf(t.Elem(), known)
	}
	if s, ok := known[t]; ok {
		return s
	}
	s := &shape{kind: t.Kind()}
	known[t] = s
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		s.element = shapeOf(t.Elem(), known)
	case reflect.Struct:
		s.fields = map[string]*shape{}
		for i := range t.NumField() {
			field := t.Field(i)
			name := field.Tag.Get("pulumi")
			s.fields[name] = shapeOf(field.Type, known)
			if mandatory(field.Type) {
				s.required = append(s.required, name)
			}
		}
	default:
	}
	return s
}

// mandatory tells whether a field of the SDK's plain structs must be set. Lists,
// maps and unions do not show it: Kind.Required names those.
func mandatory(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return false
	default:
		return true
	}
}

// Tagged tells whether the kind takes tags as a map and shows all of them.
func (s Schema) Tagged() bool {
	tags, ok := s.inputs.fields["tags"]
	return ok && tags.kind == reflect.Map && slices.Contains(s.Outputs, "tagsAll")
}

// has tells whether a path, with or without "[]", leads to an input.
func (s Schema) has(path string) bool { return s.at(path) != nil }

// structure tells whether a path leads to an input with fields of its own.
func (s Schema) structure(path string) bool {
	at := s.at(path)
	return at != nil && at.kind == reflect.Struct
}

// at is the type at a path, with or without "[]"; nil when there is none.
func (s Schema) at(path string) *shape {
	at := s.inputs
	for step := range strings.SplitSeq(path, ".") {
		if at.kind == reflect.Slice {
			at = at.element
		}
		next, ok := at.fields[strings.TrimSuffix(step, "[]")]
		if !ok {
			return nil
		}
		at = next
	}
	return at
}

// Check compares inputs with the types: unknown names, wrong types, missing ones.
func (s Schema) Check(in account.Props) []Failure {
	return check(s.inputs, map[string]any(in), "")
}

func check(s *shape, v any, path string) []Failure {
	if _, unknown := v.(Unknown); unknown || v == nil {
		return nil
	}
	switch s.kind {
	case reflect.Interface:
		return nil
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			return mismatch(path, "list", v)
		}
		var failures []Failure
		for i, element := range list {
			failures = append(failures, check(s.element, element, fmt.Sprintf("%s[%d]", path, i))...)
		}
		return failures
	case reflect.Map:
		m, ok := v.(map[string]any)
		if !ok {
			return mismatch(path, "map", v)
		}
		var failures []Failure
		for _, key := range sorted(m) {
			failures = append(failures, check(s.element, m[key], join(path, key))...)
		}
		return failures
	case reflect.Struct:
		m, ok := v.(map[string]any)
		if !ok {
			return mismatch(path, "object", v)
		}
		return checkFields(s, m, path)
	default:
		return checkScalar(s.kind, v, path)
	}
}

func checkFields(s *shape, m map[string]any, path string) []Failure {
	var failures []Failure
	for _, key := range sorted(m) {
		field, ok := s.fields[key]
		if !ok {
			failures = append(failures, Failure{join(path, key), "Invalid or unknown key"})
			continue
		}
		failures = append(failures, check(field, m[key], join(path, key))...)
	}
	for _, key := range s.required {
		if m[key] == nil {
			failures = append(failures, Failure{join(path, key), fmt.Sprintf(
				"Missing required argument: The argument %q is required, but no definition was found", join(path, key))})
		}
	}
	return failures
}

func checkScalar(want reflect.Kind, v any, path string) []Failure {
	switch v := v.(type) {
	case string:
		if want != reflect.String {
			return mismatch(path, name(want), v)
		}
	case bool:
		if want != reflect.Bool {
			return mismatch(path, name(want), v)
		}
	case float64:
		if want == reflect.Int && v != float64(int64(v)) {
			return []Failure{{path, fmt.Sprintf("expected a whole number, got %v", v)}}
		}
		if want != reflect.Int && want != reflect.Float64 {
			return mismatch(path, name(want), v)
		}
	default:
		return mismatch(path, name(want), v)
	}
	return nil
}

func mismatch(path, want string, v any) []Failure {
	got := "object"
	switch v.(type) {
	case string:
		got = "string"
	case bool:
		got = "boolean"
	case float64:
		got = "number"
	case []any:
		got = "list"
	}
	return []Failure{{path, fmt.Sprintf("expected %s type, got %s type", want, got)}}
}

func name(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	default:
		return "number"
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
