package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// manyValues is the length from which on an enumeration is left out: such lists (types of instances, of resources)
// grow every month, and the model is as old as its module.
const manyValues = 100

// api is an api-2.json as far as it is read.
type api struct {
	Metadata struct {
		Protocol string `json:"protocol"`
	} `json:"metadata"`
	Operations map[string]struct {
		Input struct {
			Shape string `json:"shape"`
		} `json:"input"`
	} `json:"operations"`
	Shapes map[string]shape `json:"shapes"`
}

type named struct {
	Shape string `json:"shape"`
}

type shape struct {
	Type     string           `json:"type"`
	Required []string         `json:"required"`
	Members  map[string]named `json:"members"`
	Member   named            `json:"member"`
	Key      named            `json:"key"`
	Value    named            `json:"value"`
	Min      *float64         `json:"min"`
	Max      *float64         `json:"max"`
	Pattern  string           `json:"pattern"`
	Enum     []string         `json:"enum"`
}

// kept is a shape as local/aws/model reads it.
type kept struct {
	Type     string            `json:"type"`
	Required []string          `json:"required,omitempty"`
	Members  map[string]string `json:"members,omitempty"`
	Element  string            `json:"element,omitempty"`
	Key      string            `json:"key,omitempty"`
	Value    string            `json:"value,omitempty"`
	Min      *float64          `json:"min,omitempty"`
	Max      *float64          `json:"max,omitempty"`
	Pattern  string            `json:"pattern,omitempty"`
	// Expression is Pattern for Go's regexp, where it differs.
	Expression string `json:"expression,omitempty"`
	// Except is what a text must not begin with, which Go's regexp has no word for.
	Except string   `json:"except,omitempty"`
	Enum   []string `json:"enum,omitempty"`
}

// extract is the service's file.
func (s service) extract(dir, version string) ([]byte, error) {
	from := filepath.Join("models", "apis", s.model, s.version)
	text, err := os.ReadFile(filepath.Join(dir, from, "api-2.json")) //nolint:gosec // in the module
	if err != nil {
		return nil, err
	}
	var whole api
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	operations, shapes := map[string]string{}, map[string]kept{}
	for _, name := range s.operations {
		operation, ok := whole.Operations[name]
		if !ok {
			return nil, fmt.Errorf("the model has no operation %s", name)
		}
		operations[name] = operation.Input.Shape
		if err := whole.keep(shapes, operation.Input.Shape); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n\"source\": %q,\n\"protocol\": %q,\n\"operations\": {\n",
		sdkName+" "+version+" "+filepath.ToSlash(from), whole.Metadata.Protocol)
	if err := list(&b, operations); err != nil {
		return nil, err
	}
	b.WriteString("},\n\"shapes\": {\n")
	if err := list(&b, shapes); err != nil {
		return nil, err
	}
	b.WriteString("}\n}\n")
	return b.Bytes(), nil
}

const sdkName = "aws-sdk-go"

// list writes one entry per line, so that a change of a model shows as what it is.
func list[T any](b *bytes.Buffer, entries map[string]T) error {
	names := slices.Sorted(maps.Keys(entries))
	for i, name := range names {
		text, err := json.Marshal(entries[name])
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "%q: %s", name, text)
		if i < len(names)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	return nil
}

// keep adds a shape and all that it reaches.
func (a api) keep(into map[string]kept, name string) error {
	if name == "" {
		return nil
	}
	if _, known := into[name]; known {
		return nil
	}
	s, ok := a.Shapes[name]
	if !ok {
		return fmt.Errorf("the model has no shape %s", name)
	}
	k := kept{
		Type: s.Type, Required: s.Required, Element: s.Member.Shape, Key: s.Key.Shape, Value: s.Value.Shape,
		Min: s.Min, Max: s.Max, Pattern: s.Pattern, Enum: s.Enum,
	}
	if len(k.Enum) >= manyValues {
		k.Enum = nil
	}
	if s.Pattern != "" {
		expression, except, err := convert(s.Pattern)
		if err != nil {
			return fmt.Errorf("shape %s: %w", name, err)
		}
		k.Except = except
		if expression != s.Pattern {
			k.Expression = expression
		}
	}
	next := []string{s.Member.Shape, s.Key.Shape, s.Value.Shape}
	for member, of := range s.Members {
		if k.Members == nil {
			k.Members = map[string]string{}
		}
		k.Members[member] = of.Shape
		next = append(next, of.Shape)
	}
	into[name] = k
	for _, n := range next {
		if err := a.keep(into, n); err != nil {
			return err
		}
	}
	return nil
}
