package ecs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/model"
)

// modelled is where the rules for the members of container definitions are from.
const modelled = "aws-sdk-go models/apis/ecs, ContainerDefinition"

// shapes are those of ECS's model, with what container definitions have got since.
var shapes = sync.OnceValues(func() (map[string]*model.Shape, error) {
	m, err := model.Load("ecs")
	if err != nil {
		return nil, err
	}
	definition := m.Shapes["ContainerDefinition"]
	for name, shape := range map[string]string{"restartPolicy": "ContainerRestartPolicy", "versionConsistency": "VersionConsistency"} {
		definition.Members[name] = shape
	}
	for name, shape := range map[string]*model.Shape{
		"ContainerRestartPolicy": {Type: "structure", Members: map[string]string{
			"enabled": "BoxedBoolean", "ignoredExitCodes": "IntegerList", "restartAttemptPeriod": "BoxedInteger",
		}},
		"IntegerList":        {Type: "list", Element: "BoxedInteger"},
		"VersionConsistency": {Type: "string", Enum: []string{"enabled", "disabled"}},
	} {
		m.Shapes[name] = shape
	}
	return m.Shapes, nil
})

// memberRules compare container definitions with the model of the API: names and types, which the real provider drops
// or refuses before it asks AWS, and what is required and which values there are.
func memberRules() []kind.Rule {
	const one = `[{"name":"web","image":"nginx:1","memory":256,%s}]`
	return []kind.Rule{
		{
			Name: "members of containers", Source: modelled, Path: "containerDefinitions",
			Bad: fmt.Sprintf(one, `"readOnlyRootFilesystem":true`), Test: each(checkNames),
		},
		{
			Name: "types in containers", Source: modelled, Path: "containerDefinitions",
			Bad: fmt.Sprintf(one, `"cpu":"256"`), Test: each(checkTypes),
		},
		{
			Name: "required members in containers", Source: modelled, Path: "containerDefinitions", Code: client,
			Bad: fmt.Sprintf(one, `"logConfiguration":{"options":{}}`), Test: each(checkRequired),
		},
		{
			Name: "values in containers", Source: modelled, Path: "containerDefinitions", Code: client,
			Bad: fmt.Sprintf(one, `"portMappings":[{"containerPort":80,"protocol":"icmp"}]`), Test: each(checkValues),
		},
	}
}

// visit is called for every value of a container definition that has a shape, what contains others first. It tells what
// is wrong.
type visit func(s *model.Shape, v any, path string) (wrong string)

// each applies a check to every container.
func each(check visit) func(v any, _ account.Props) string {
	return func(v any, _ account.Props) string {
		text, _ := v.(string)
		known, err := shapes()
		if err != nil {
			return err.Error() // never: the model is in the program
		}
		for i, c := range containersOf(text) {
			path := fmt.Sprintf("containerDefinitions.%d.member", i+1)
			if wrong := walk(known, "ContainerDefinition", map[string]any(c), path, check); wrong != "" {
				if name := c.String("name"); !strings.Contains(wrong, "validation error") {
					wrong = fmt.Sprintf("containerDefinitions: container '%s' %s", name, wrong)
				}
				return wrong
			}
		}
		return ""
	}
}

// walk visits a value and what is in it.
func walk(known map[string]*model.Shape, shape string, v any, path string, check visit) string {
	s := known[shape]
	if s == nil || v == nil {
		return ""
	}
	if wrong := check(s, v, path); wrong != "" {
		return wrong
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := s.Members[name]
			if s.Type == "map" {
				inner = s.Value
			}
			if wrong := walk(known, inner, v[name], path+"."+name, check); wrong != "" {
				return wrong
			}
		}
	case []any:
		for i, element := range v {
			if wrong := walk(known, s.Element, element, fmt.Sprintf("%s.%d.member", path, i+1), check); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

// checkNames finds members that the API does not have. The real provider drops them without a word, and the
// container runs without what they were meant to say.
func checkNames(s *model.Shape, v any, path string) string {
	object, ok := v.(map[string]any)
	if !ok || s.Type != "structure" {
		return ""
	}
	var unknown []string
	for name := range object {
		if _, known := s.Members[name]; !known {
			unknown = append(unknown, plain(path+"."+name))
		}
	}
	if len(unknown) == 0 {
		return ""
	}
	slices.Sort(unknown)
	return "has fields that ECS does not know: " + strings.Join(unknown, ", ")
}

// plain is a path without the container and the numbers in it: "linuxParameters.tmpfs.path".
func plain(path string) string {
	steps := strings.Split(path, ".")
	var named []string
	for i := 0; i < len(steps); i++ {
		if i+1 < len(steps) && steps[i+1] == "member" {
			i++
			continue
		}
		named = append(named, steps[i])
	}
	return strings.Join(named[1:], ".")
}

func checkTypes(s *model.Shape, v any, path string) string {
	fits := true
	switch s.Type {
	case "structure", "map":
		_, fits = v.(map[string]any)
	case "list":
		_, fits = v.([]any)
	case "string":
		_, fits = v.(string)
	case "boolean":
		_, fits = v.(bool)
	case "integer", "long":
		var n float64
		n, fits = v.(float64)
		fits = fits && n == float64(int(n))
	}
	if fits {
		return ""
	}
	return fmt.Sprintf("cannot be read: %s must be of the type %s", plain(path), s.Type)
}

// worded are members whose absence another rule words as ECS does.
var worded = []string{"size"}

func checkRequired(s *model.Shape, v any, path string) string {
	object, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	for _, name := range s.Required {
		if object[name] == nil && !slices.Contains(worded, name) {
			return fmt.Sprintf("1 validation error detected: Value null at '%s.%s' failed to satisfy constraint: "+
				"Member must not be null", path, name)
		}
	}
	return ""
}

func checkValues(s *model.Shape, v any, path string) string {
	text, ok := v.(string)
	if !ok || len(s.Enum) == 0 || slices.Contains(s.Enum, text) {
		return ""
	}
	return fmt.Sprintf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: "+
		"Member must satisfy enum value set: [%s]", text, path, strings.Join(s.Enum, ", "))
}
