// Package pace computes how long a deployment takes on AWS: from the graph in Pulumi's state, the order in which the
// engine works through it, and the time that AWS takes for each resource. What this machine adds is not in it.
package pace

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"wordpress-ecs/local/account"
)

// Resource is a resource in Pulumi's state.
type Resource struct {
	account.Resource
	// Custom resources are what a provider makes; the others are components.
	Custom bool
	Parent string
	// After are the URNs of what it depends on, its provider included.
	After []string
}

// Stack is Pulumi's state, in its order: what is depended on stands before what depends on it.
type Stack []Resource

// Read reads what `pulumi stack export` prints.
func Read(export []byte) (Stack, error) {
	var state struct {
		Deployment struct {
			Resources []struct {
				URN, Type, ID, Parent, Provider, DeletedWith string
				Custom, Delete, External                     bool
				Inputs, Outputs                              account.Props
				Dependencies, ReplaceWith                    []string
				PropertyDependencies                         map[string][]string
			}
		}
	}
	if err := json.Unmarshal(export, &state); err != nil {
		return nil, fmt.Errorf("reading a stack's state: %w", err)
	}
	stack := Stack{}
	for _, r := range state.Deployment.Resources {
		if r.Delete || r.External {
			continue
		}
		one := Resource{Custom: r.Custom, Parent: r.Parent, After: slices.Concat(r.Dependencies, r.ReplaceWith)}
		one.URN, one.Type, one.ID, one.Inputs, one.Outputs = r.URN, r.Type, r.ID, r.Inputs, r.Outputs
		for _, urns := range r.PropertyDependencies {
			one.After = append(one.After, urns...)
		}
		if r.DeletedWith != "" {
			one.After = append(one.After, r.DeletedWith)
		}
		if end := strings.LastIndex(r.Provider, "::"); end >= 0 {
			one.After = append(one.After, r.Provider[:end]) // the reference is the URN and the id
		}
		slices.Sort(one.After)
		one.After = slices.Compact(one.After)
		stack = append(stack, one)
	}
	return stack, nil
}

// Label is a resource as people tell it from others.
func (r Resource) Label() string {
	return r.Type + " " + resource.URN(r.URN).Name()
}

// places are the positions of the resources by URN.
func (s Stack) places() map[string]int {
	at := map[string]int{}
	for i, r := range s {
		at[r.URN] = i
	}
	return at
}

// below tells for each resource which components and parents it is below.
func (s Stack) below() []map[int]bool {
	at := s.places()
	above := make([]map[int]bool, len(s))
	for i, r := range s {
		above[i] = map[int]bool{}
		if parent, ok := at[r.Parent]; ok && parent < i {
			above[i][parent] = true
			for grand := range above[parent] {
				above[i][grand] = true
			}
		}
	}
	return above
}

// find returns the outputs of the resource of a type whose property has a value.
func (s Stack) find(typ, property, value string) account.Props {
	for _, r := range s {
		if r.Type == typ && (r.Outputs.String(property) == value || property == "id" && r.ID == value) {
			return r.Outputs
		}
	}
	return nil
}

// Of is the part of the stack that something holds for.
func (s Stack) Of(holds func(Resource) bool) Stack {
	return slices.DeleteFunc(slices.Clone(s), func(r Resource) bool { return !holds(r) })
}
