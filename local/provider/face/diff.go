package face

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/provider"
)

// Diff says which inputs of a kind change, and which of the changes make a new resource.
func Diff(k *kind.Declared, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := provider.Unmarshal("old inputs", req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := provider.Unmarshal("inputs", req.GetNews())
	if err != nil {
		return nil, err
	}
	before, _, err := FromProperties(olds)
	if err != nil {
		return nil, err
	}
	after, _, err := FromProperties(news)
	if err != nil {
		return nil, err
	}
	if len(k.ReadBack) > 0 {
		state, err := provider.Unmarshal("old outputs", req.GetOlds())
		if err != nil {
			return nil, err
		}
		answered, _, err := FromProperties(state)
		if err != nil {
			return nil, err
		}
		before = readBack(k, before, answered)
	}
	resp := &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_NONE, HasDetailedDiff: true,
		DetailedDiff: map[string]*pulumirpc.PropertyDiff{},
	}
	for _, change := range k.Diff(before, after) {
		resp.Changes = pulumirpc.DiffResponse_DIFF_SOME
		resp.DetailedDiff[change.Path] = &pulumirpc.PropertyDiff{Kind: protocolKind(change), InputDiff: true}
		top := topLevel(change.Path)
		resp.Diffs = appendOnce(resp.Diffs, top)
		if change.Replaces {
			resp.Replaces = appendOnce(resp.Replaces, top)
		}
	}
	resp.DeleteBeforeReplace = len(resp.GetReplaces()) > 0 && (k.DeleteFirst || keepsName(k, before, after, news))
	return resp, nil
}

// readBack are the old inputs, with AWS's answers in place of those for which they count.
func readBack(k *kind.Declared, before, answered account.Props) account.Props {
	if len(answered) == 0 {
		return before
	}
	before = before.Copy()
	for _, name := range k.ReadBack {
		before[name] = answered[name]
	}
	return before
}

// keepsName tells whether the name was given by the program and stays: two resources
// cannot have it at the same time.
func keepsName(k *kind.Declared, before, after account.Props, news resource.PropertyMap) bool {
	name := k.Name.Property
	return name != "" && after.String(name) != "" && after.String(name) == before.String(name) && !Autonamed(news, name)
}

func protocolKind(c kind.Change) pulumirpc.PropertyDiff_Kind {
	switch {
	case c.Op == kind.Added && c.Replaces:
		return pulumirpc.PropertyDiff_ADD_REPLACE
	case c.Op == kind.Added:
		return pulumirpc.PropertyDiff_ADD
	case c.Op == kind.Removed && c.Replaces:
		return pulumirpc.PropertyDiff_DELETE_REPLACE
	case c.Op == kind.Removed:
		return pulumirpc.PropertyDiff_DELETE
	case c.Replaces:
		return pulumirpc.PropertyDiff_UPDATE_REPLACE
	default:
		return pulumirpc.PropertyDiff_UPDATE
	}
}

func topLevel(path string) string {
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return path
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// Autonamed tells whether inputs note that the provider made a name.
func Autonamed(inputs resource.PropertyMap, property string) bool {
	note := inputs[DefaultsKey]
	return note.IsArray() && slices.ContainsFunc(note.ArrayValue(), func(v resource.PropertyValue) bool {
		return v.IsString() && v.StringValue() == property
	})
}
