package cli

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/aws/model"
)

// request is what a command asks of an operation.
type request struct {
	// members are the values by the members' names in the model.
	members map[string]any
	region  string
}

// isGlobal tells whether an option is one that every command takes, with a value.
func isGlobal(name string) bool {
	return slices.Contains([]string{"--region", "--output", "--profile", "--color"}, name)
}

// parse reads the options of a command.
func parse(input *model.Shape, service *model.Service, words []string) (request, error) {
	q := request{members: map[string]any{}}
	for len(words) > 0 {
		name, value, joined := strings.Cut(words[0], "=")
		if !strings.HasPrefix(name, "--") {
			return q, misused("unknown options: %s", words[0])
		}
		words = words[1:]
		var values []string
		if joined {
			values = []string{value}
		}
		for !joined && len(words) > 0 && !strings.HasPrefix(words[0], "--") {
			values, words = append(values, words[0]), words[1:]
		}
		switch {
		case isGlobal(name):
			if len(values) != 1 {
				return q, misused("%s: expected one argument", name)
			}
			if name == "--region" {
				q.region = values[0]
			}
			continue
		case name == "--no-cli-pager":
			continue
		}
		member, v, err := argument(input, service, strings.TrimPrefix(name, "--"), values)
		if err != nil {
			return q, err
		}
		q.members[member] = v
	}
	return q, nil
}

// argument is the member of an option, and its value.
func argument(input *model.Shape, service *model.Service, name string, values []string) (string, any, error) {
	for _, member := range sortedKeys(input.Members) {
		s := service.Shapes[input.Members[member]]
		wrapped := s.Type == "structure" && len(s.Members) == 1 && s.Members["Value"] != ""
		switches := s.Type == "boolean" || wrapped && service.Shapes[s.Members["Value"]].Type == "boolean"
		switch {
		case option(member) == name && switches && len(values) == 0:
			return member, lifted(wrapped, true), nil
		case "no-"+option(member) == name && switches && len(values) == 0:
			return member, lifted(wrapped, false), nil
		case option(member) == name:
			v, err := read(s, service, values)
			if err != nil {
				return "", nil, misused("--%s: %v", name, err)
			}
			return member, v, nil
		}
	}
	return "", nil, misused("unknown options: --%s; there are --%s", name, strings.Join(options(sortedKeys(input.Members)), ", --"))
}

// lifted is a value in the structure that some attributes are wrapped in.
func lifted(wrapped bool, v bool) any {
	if wrapped {
		return map[string]any{"Value": v}
	}
	return v
}

// read reads the words of an option as a shape.
func read(s *model.Shape, service *model.Service, words []string) (any, error) {
	if s.Type == "list" {
		if len(words) == 1 && strings.HasPrefix(words[0], "[") {
			return document(s, service, words[0])
		}
		list := []any{}
		for _, word := range words {
			v, err := read(service.Shapes[s.Element], service, []string{word})
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	if len(words) != 1 {
		return nil, misused("expected one argument")
	}
	switch s.Type {
	case "structure", "map":
		if strings.HasPrefix(words[0], "{") {
			return document(s, service, words[0])
		}
		p := &shorthand{text: words[0]}
		v := p.pairs()
		if p.text != "" {
			return nil, misused("expected NAME=VALUE,..., got %s", words[0])
		}
		return typed(s, service, v)
	}
	return typed(s, service, words[0])
}

// document reads JSON.
func document(s *model.Shape, service *model.Service, text string) (any, error) {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, misused("invalid JSON: %v", err)
	}
	return typed(s, service, v)
}

// typed is a value with the types of its shape, or what is wrong with it.
func typed(s *model.Shape, service *model.Service, v any) (any, error) {
	text, isText := v.(string)
	switch s.Type {
	case "structure":
		object, ok := v.(map[string]any)
		if !ok {
			return nil, misused("expected a structure, got %v", v)
		}
		return eachTyped(object, service, func(name string) *model.Shape { return service.Shapes[s.Members[name]] })
	case "map":
		object, ok := v.(map[string]any)
		if !ok {
			return nil, misused("expected a map, got %v", v)
		}
		return eachTyped(object, service, func(string) *model.Shape { return service.Shapes[s.Value] })
	case "list":
		values, ok := v.([]any)
		if !ok {
			values = []any{v}
		}
		list := make([]any, len(values))
		for i := range values {
			var err error
			if list[i], err = typed(service.Shapes[s.Element], service, values[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case "boolean":
		if isText {
			return strconv.ParseBool(text)
		}
	case "integer", "long", "float", "double":
		if isText {
			return strconv.ParseFloat(text, 64)
		}
	}
	return v, nil
}

func eachTyped(object map[string]any, service *model.Service, shapeOf func(name string) *model.Shape) (any, error) {
	out := map[string]any{}
	for name, value := range object {
		s := shapeOf(name)
		if s == nil {
			return nil, misused("unknown parameter %q", name)
		}
		v, err := typed(s, service, value)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// shorthand reads the CLI's NAME=VALUE,NAME={...},NAME=[...]; texts stay texts.
type shorthand struct{ text string }

func (p *shorthand) pairs() map[string]any {
	out := map[string]any{}
	last := ""
	for p.text != "" && p.text[0] != '}' {
		end := strings.IndexAny(p.text, "=,}")
		if end < 0 || p.text[end] != '=' {
			if last == "" {
				return out
			}
			out[last] = more(out[last], p.scalar()) // NAME=a,b is a list
		} else {
			last = p.text[:end]
			p.text = p.text[end+1:]
			out[last] = p.value()
		}
		p.text = strings.TrimPrefix(p.text, ",")
	}
	return out
}

// more adds to a value that turns out to be a list.
func more(v, another any) any {
	if list, ok := v.([]any); ok {
		return append(list, another)
	}
	return []any{v, another}
}

func (p *shorthand) value() any {
	switch {
	case strings.HasPrefix(p.text, "{"):
		p.text = p.text[1:]
		v := p.pairs()
		p.text = strings.TrimPrefix(p.text, "}")
		return v
	case strings.HasPrefix(p.text, "["):
		p.text = p.text[1:]
		list := []any{}
		for p.text != "" && p.text[0] != ']' {
			list = append(list, p.value())
			p.text = strings.TrimPrefix(p.text, ",")
		}
		p.text = strings.TrimPrefix(p.text, "]")
		return list
	}
	return p.scalar()
}

func (p *shorthand) scalar() string {
	end := strings.IndexAny(p.text, ",]}")
	if end < 0 {
		end = len(p.text)
	}
	text := p.text[:end]
	p.text = p.text[end:]
	return text
}
