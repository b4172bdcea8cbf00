package aws

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/face"
)

// Check refuses inputs of the wrong type or form, names what has no name, and adds
// the provider's default tags.
func (s *server) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	c, err := s.current()
	if err != nil {
		return nil, err
	}
	k, err := s.kind(req.GetType(), req.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := provider.Unmarshal("old inputs", req.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := provider.Unmarshal("inputs", req.GetNews())
	if err != nil {
		return nil, err
	}
	inputs, err := written(k, news)
	if err != nil {
		return nil, err
	}
	props, secrets, err := face.FromProperties(inputs)
	if err != nil {
		return nil, err
	}
	var failures []kind.Failure
	if name, err := named(k, props, olds, req); err != nil {
		failures = append(failures, kind.Failure{Property: k.Name.Property, Reason: err.Error()})
	} else if name != "" {
		props[k.Name.Property] = name
		inputs[resource.PropertyKey(k.Name.Property)] = resource.NewStringProperty(name)
		inputs[face.DefaultsKey] = resource.NewArrayProperty(
			[]resource.PropertyValue{resource.NewStringProperty(k.Name.Property)})
	}
	failures = append(failures, k.Check(props, secrets)...)
	if k.Schema.Tagged() {
		inputs["tagsAll"] = allTags(c.defaultTags, inputs["tags"])
	}
	out, err := provider.Marshal("checked inputs", inputs)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: out, Failures: face.Refusals(k, failures, secrets)}, nil
}

// written drops nulls and the tags that an import has read, which follow from the
// others, and writes policies that were given as objects as JSON.
func written(k *kind.Declared, news resource.PropertyMap) (resource.PropertyMap, error) {
	inputs := resource.PropertyMap{}
	for key, value := range news {
		if value.IsNull() || (key == "tagsAll" && k.Schema.Tagged()) {
			continue
		}
		revealed, secret := provider.Reveal(value)
		if k.Text[string(key)] != nil && revealed.IsObject() && !revealed.ContainsUnknowns() {
			object, err := face.Plain(revealed)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			text, err := json.Marshal(object)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			value = resource.NewStringProperty(string(text))
			if secret {
				value = resource.MakeSecret(value)
			}
		}
		inputs[key] = value
	}
	return inputs, nil
}

// named returns the name that an unnamed resource gets; "" if it has one or needs none.
func named(k *kind.Declared, props account.Props, olds resource.PropertyMap, req *pulumirpc.CheckRequest) (string, error) {
	if k.Name.Property == "" || props.Has(k.Name.Property) || (k.Name.Prefix != "" && props.Has(k.Name.Prefix)) {
		return "", nil
	}
	if old := olds[resource.PropertyKey(k.Name.Property)]; old.IsString() && face.Autonamed(olds, k.Name.Property) {
		return old.StringValue(), nil
	}
	logical := req.GetName()
	if logical == "" {
		logical = resource.URN(req.GetUrn()).Name()
	}
	auto := kind.Autonaming{Seed: req.GetRandomSeed()}
	if options := req.GetAutonaming(); options != nil {
		auto.Proposed = options.GetProposedName()
		auto.Enforced = options.GetMode() == pulumirpc.CheckRequest_AutonamingOptions_ENFORCE
		auto.Disabled = options.GetMode() == pulumirpc.CheckRequest_AutonamingOptions_DISABLE
	}
	name, err := k.Name.Generate(logical, auto)
	if err == nil && name == "" {
		err = fmt.Errorf("%s must be set, because pulumi:autonaming is off for it", k.Name.Property)
	}
	return name, err
}

// allTags are the default tags with the resource's own over them.
func allTags(defaults account.Props, own resource.PropertyValue) resource.PropertyValue {
	revealed, secret := provider.Reveal(own)
	if revealed.ContainsUnknowns() {
		return resource.MakeComputed(resource.NewStringProperty(""))
	}
	all := resource.PropertyMap{}
	for key, value := range defaults {
		all[resource.PropertyKey(key)] = face.Property(value)
	}
	if revealed.IsObject() {
		for key, value := range revealed.ObjectValue() {
			all[key] = value
		}
	}
	tags := resource.NewObjectProperty(all)
	if secret {
		return resource.MakeSecret(tags)
	}
	return tags
}
