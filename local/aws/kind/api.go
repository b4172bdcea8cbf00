package kind

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"wordpress-ecs/local/aws/model"
)

// API names the requests of AWS's API that make, change and delete a kind. What their model says of the members
// becomes rules (see derived.go), and tells which inputs a request sets.
type API struct {
	// Service is its name in the AWS CLI: "elbv2". Empty: the kind has no model.
	Service string
	// Create, Change and Delete are operations of the model; empty where there is none.
	Create, Change, Delete string
	// More are further operations that set some of the inputs.
	More []string
	// Members names the member of the requests for inputs whose names differ in more than case and number, by
	// path: "networkConfiguration": "networkConfiguration.awsvpcConfiguration". What is below a path goes with it.
	// "a|b" is the first of them that an operation has; "Attributes[x.y]" the value of the attribute with that
	// key; "" is none. The path "" says where inputs are that the request itself does not have.
	Members map[string]string
}

// Operations are all that the kind has.
func (a API) Operations() []string {
	var all []string
	for _, name := range append([]string{a.Create, a.Change, a.Delete}, a.More...) {
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// Member is an input of a kind and the member of a request that carries it.
type Member struct {
	Operation string
	// Path of the input: "loadBalancers[].containerPort".
	Path string
	// Name of the member from the top of the request: "loadBalancers[].containerPort".
	Name  string
	Shape *model.Shape

	service *model.Service
	input   *shape
}

// Members are the inputs that the kind's requests carry, operation by operation, what contains others first.
func (d *Declared) Members() []Member { return d.members }

// describe finds the members of a kind's requests in the model, and derives the rules.
func (c *Catalog) describe(d *Declared) error {
	if d.API.Service == "" {
		return nil
	}
	service, err := c.model(d.API.Service)
	if err != nil {
		return err
	}
	for _, operation := range d.API.Operations() {
		input := service.Input(operation)
		if input == nil {
			return fmt.Errorf("the model of %s has no %s: add it to local/aws/model/operations.txt", d.API.Service, operation)
		}
		f := &finder{
			lines: d.API.Members, service: service, operation: operation, root: place{"", input},
			within: map[*shape]bool{},
		}
		f.fields(d.Schema.inputs, "", f.root)
		d.members = append(d.members, f.found...)
	}
	for path, line := range d.API.Members {
		if path != "" && !d.Schema.has(path) {
			return fmt.Errorf("%q is no property of it", path)
		}
		if line != "" && path != "" && !slices.ContainsFunc(d.members, func(m Member) bool { return m.Path == path }) {
			return fmt.Errorf("the model has no %q for %q", line, path)
		}
	}
	return d.derive()
}

// model reads a service's model once.
func (c *Catalog) model(name string) (*model.Service, error) {
	if s, ok := c.models[name]; ok {
		return s, nil
	}
	s, err := model.Load(name)
	if err == nil {
		c.models[name] = s
	}
	return s, err
}

// finder matches the inputs of a kind with the members of one request.
type finder struct {
	lines     map[string]string
	service   *model.Service
	operation string
	root      place
	found     []Member
	// within are the types that the walk is in, so that one that contains itself ends.
	within map[*shape]bool
}

// place is somewhere in a request.
type place struct {
	name  string
	shape *model.Shape
}

func (f *finder) fields(in *shape, path string, at place) {
	if f.within[in] {
		return
	}
	f.within[in] = true
	defer delete(f.within, in)
	for _, name := range sorted(in.fields) {
		p := join(path, name)
		if to, ok := f.find(p, name, at); ok {
			f.visit(in.fields[name], p, to)
		} else if in.fields[name].kind == reflect.Struct {
			// No member contains what is below it; lines may still say where that goes.
			f.fields(in.fields[name], p, place{"-", &model.Shape{}})
		}
	}
}

// find is the member for an input below a place.
func (f *finder) find(path, name string, at place) (place, bool) {
	if line, ok := f.lines[path]; ok {
		for alternative := range strings.SplitSeq(line, "|") {
			from, rest := f.root, alternative
			if below, inside := strings.CutPrefix(alternative, at.name+"."); inside && at.name != "" {
				from, rest = at, below
			}
			if to, ok := f.follow(from, rest); ok {
				return to, true
			}
		}
		return place{}, false
	}
	if to, ok := f.named(at, name); ok {
		return to, true
	}
	if elsewhere, ok := f.lines[""]; ok && at.name == "" {
		if below, ok := f.follow(f.root, elsewhere); ok {
			return f.named(below, name)
		}
	}
	return place{}, false
}

// named is the member of a structure that has an input's name, but for case and number.
func (f *finder) named(at place, name string) (place, bool) {
	for _, same := range []func(a, b string) bool{
		strings.EqualFold, func(a, b string) bool { return singular(a) == singular(b) },
	} {
		for _, member := range sorted(at.shape.Members) {
			if same(member, name) {
				return f.follow(at, member)
			}
		}
	}
	return place{}, false
}

// singular is a name without its number and case.
func singular(name string) string {
	name = strings.ToLower(name)
	for _, ending := range [][2]string{{"ies", "y"}, {"sses", "ss"}, {"ss", "ss"}, {"s", ""}} {
		if stem, ok := strings.CutSuffix(name, ending[0]); ok {
			return stem + ending[1]
		}
	}
	return name
}

// follow goes along a path of members.
func (f *finder) follow(at place, path string) (place, bool) {
	for path != "" {
		step := path[:stepLength(path)]
		path = strings.TrimPrefix(path[len(step):], ".")
		name, key, list := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		next := f.service.Shapes[at.shape.Members[name]]
		if next == nil {
			return place{}, false
		}
		at = place{join(at.name, step), next}
		if !list {
			continue
		}
		if at.shape = f.service.Shapes[next.Element]; at.shape == nil {
			return place{}, false
		}
		if key != "" {
			at.shape = f.service.Shapes[at.shape.Members["Value"]]
		}
		if at.shape == nil {
			return place{}, false
		}
	}
	return at, at.name != ""
}

// stepLength is the length of a path's first step; there may be dots in brackets.
func stepLength(path string) int {
	inside := false
	for i, r := range path {
		switch {
		case r == '[':
			inside = true
		case r == ']':
			inside = false
		case r == '.' && !inside:
			return i
		}
	}
	return len(path)
}

// visit records a match and goes on below it.
func (f *finder) visit(in *shape, path string, at place) {
	if in.scalar() && at.shape.Type == "structure" {
		// Attributes that can be changed alone are wrapped.
		value, ok := f.follow(at, "Value")
		if !ok {
			return
		}
		at = value
	}
	f.found = append(f.found, Member{f.operation, path, at.name, at.shape, f.service, in})
	element := place{at.name + "[]", f.service.Shapes[at.shape.Element]}
	switch {
	case in.kind == reflect.Slice && at.shape.Type == "list":
		f.visit(in.element, path+"[]", element)
	case in.kind == reflect.Slice && at.shape.Type == "structure" && in.element.kind == reflect.Struct:
		f.fields(in.element, path+"[]", at)
	case in.kind == reflect.Struct && at.shape.Type == "structure":
		f.fields(in, path, at)
	case in.kind == reflect.Struct && at.shape.Type == "list" && element.shape.Type == "structure":
		f.fields(in, path, element)
	}
}

// scalar tells whether a value has no parts.
func (s *shape) scalar() bool {
	return s.kind != reflect.Slice && s.kind != reflect.Map && s.kind != reflect.Struct && s.kind != reflect.Interface
}
