package graph

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
)

// requiredTags are on everything, so that a bill or an audit finds where it comes from.
var requiredTags = []string{"ManagedBy", "Project", "Stack"}

const (
	stackType       = "::pulumi:pulumi:Stack::"
	awsProviderType = "pulumi:providers:aws"
	groupType       = "aws:autoscaling/group:Group"
)

// Check asserts what holds for every graph: URNs are unique, everything has its place in a component, AWS
// resources and functions use an explicit provider that tags them, and no secret is in plain text.
func (g *Graph) Check(t *testing.T) {
	t.Helper()
	for _, problem := range g.Problems() {
		assert.Fail(t, problem)
	}
}

// Problems returns what is wrong with a graph, one line each.
func (g *Graph) Problems() []string {
	byURN := map[string]*Resource{}
	var problems []string
	for _, r := range g.All() {
		if byURN[r.URN] != nil {
			problems = append(problems, "two resources have the URN "+r.URN)
		}
		byURN[r.URN] = r
	}
	for _, r := range g.All() {
		for _, check := range []func(*Resource, map[string]*Resource) string{misplaced, unprovided, untagged, exposed} {
			if problem := check(r, byURN); problem != "" {
				problems = append(problems, fmt.Sprintf("%s %s: %s", r.Type, r.Name, problem))
			}
		}
	}
	for _, call := range g.Calls() {
		if strings.HasPrefix(call.Token, "aws:") && byURN[providerURN(call.Provider)] == nil {
			problems = append(problems, call.Token+": called on the default provider")
		}
	}
	for key, export := range g.Exports() {
		if !export.Secret && strings.Contains(fmt.Sprint(export.Value), secretMark) {
			problems = append(problems, "output "+key+": holds a secret in plain text")
		}
	}
	slices.Sort(problems)
	return problems
}

// misplaced finds what does not descend from a component of the stack.
func misplaced(r *Resource, byURN map[string]*Resource) string {
	if r.Type == standInType || strings.HasPrefix(r.Type, "pulumi:providers:") {
		return ""
	}
	top := r
	for !strings.Contains(top.Parent, stackType) {
		parent := byURN[top.Parent]
		if parent == nil {
			return "its parent is not registered: " + top.Parent
		}
		top = parent
	}
	if top.Custom || top.Remote {
		return "has no component of the program above it"
	}
	return ""
}

// unprovided finds AWS resources that are left to the default provider.
func unprovided(r *Resource, byURN map[string]*Resource) string {
	reference := r.Provider
	switch {
	case strings.HasPrefix(r.Type, "aws:"):
	case strings.HasPrefix(r.Type, "awsx:"):
		// The engine hands a component of another process the providers of the components above it.
		for up := r; up != nil && reference == ""; up = byURN[up.Parent] {
			reference = up.Providers["aws"]
		}
	default:
		return ""
	}
	if provider := byURN[providerURN(reference)]; provider == nil || provider.Type != awsProviderType {
		return fmt.Sprintf("is not on an explicit AWS provider (%q)", reference)
	}
	return ""
}

// providerURN is the URN in a reference (URN::ID) to a provider.
func providerURN(reference string) string {
	if at := strings.LastIndex(reference, "::"); at > 0 {
		return reference[:at]
	}
	return ""
}

// untagged finds what the required tags do not reach. They come from the provider, except on the instances of
// an Auto Scaling group, and everything that sets one of them itself hides the provider's.
func untagged(r *Resource, _ map[string]*Resource) string {
	var missing []string
	for _, tag := range requiredTags {
		switch {
		case r.Type == awsProviderType:
			if value, _ := r.At("defaultTags.tags." + tag).(string); value == "" {
				missing = append(missing, tag)
			}
		case r.Type == groupType:
			if !propagates(r, tag) {
				missing = append(missing, tag)
			}
		case strings.HasPrefix(r.Type, "aws") && r.At("tags."+tag) != nil:
			return "sets " + tag + " itself, which hides the provider's"
		}
	}
	if len(missing) > 0 {
		return "does not carry " + strings.Join(missing, ", ")
	}
	return ""
}

func propagates(group *Resource, key string) bool {
	return slices.ContainsFunc(group.List("tags"), func(tag any) bool {
		fields, _ := tag.(map[string]any)
		return fields["key"] == key && fields["value"] != "" && fields["propagateAtLaunch"] == true
	})
}

// exposed finds generated secrets in values that are not marked as secret.
func exposed(r *Resource, _ map[string]*Resource) string {
	for _, values := range []resource.PropertyMap{r.Inputs, r.Outputs} {
		if path := plainSecret(resource.NewProperty(values)); path != "" {
			return "holds a secret in plain text at " + path
		}
	}
	return ""
}

// plainSecret returns the path of the first secret that is not marked as one.
func plainSecret(v resource.PropertyValue) string {
	switch {
	case v.IsString():
		decoded, _ := base64.StdEncoding.DecodeString(v.StringValue())
		if strings.Contains(v.StringValue(), secretMark) || strings.Contains(string(decoded), secretMark) {
			return "."
		}
	case v.IsArray():
		for i, element := range v.ArrayValue() {
			if path := plainSecret(element); path != "" {
				return fmt.Sprintf("[%d]%s", i, path)
			}
		}
	case v.IsObject():
		for _, key := range v.ObjectValue().StableKeys() {
			if path := plainSecret(v.ObjectValue()[key]); path != "" {
				return "." + string(key) + strings.TrimSuffix(path, ".")
			}
		}
	case v.IsAsset(), v.IsArchive():
		return "" // Files of the repository, whose content no secret reaches.
	}
	return ""
}
