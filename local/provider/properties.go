package provider

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

// options keeps everything that a property map can carry over the wire.
func options(label string) plugin.MarshalOptions {
	return plugin.MarshalOptions{
		Label:            label,
		KeepUnknowns:     true,
		KeepSecrets:      true,
		KeepResources:    true,
		KeepOutputValues: true,
	}
}

// Unmarshal reads the properties of a request. Secrets, unknowns, resource
// references and outputs stay what they are. A nil struct gives an empty map.
func Unmarshal(label string, properties *structpb.Struct) (resource.PropertyMap, error) {
	m, err := plugin.UnmarshalProperties(properties, options(label))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", label, err)
	}
	return m, nil
}

// Marshal writes the properties of a response.
func Marshal(label string, properties resource.PropertyMap) (*structpb.Struct, error) {
	s, err := plugin.MarshalProperties(properties, options(label))
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", label, err)
	}
	return s, nil
}

// Reveal takes secrets, outputs and resource references off a value, deeply,
// and tells whether any of it was secret. Unknown parts become computed values.
func Reveal(v resource.PropertyValue) (plain resource.PropertyValue, secret bool) {
	switch {
	case v.IsSecret():
		plain, _ = Reveal(v.SecretValue().Element)
		return plain, true
	case v.IsOutput():
		out := v.OutputValue()
		if !out.Known {
			return resource.MakeComputed(resource.NewStringProperty("")), out.Secret
		}
		plain, secret = Reveal(out.Element)
		return plain, secret || out.Secret
	case v.IsResourceReference():
		return Reveal(v.ResourceReferenceValue().ID)
	case v.IsArray():
		list := make([]resource.PropertyValue, len(v.ArrayValue()))
		for i, element := range v.ArrayValue() {
			var s bool
			list[i], s = Reveal(element)
			secret = secret || s
		}
		return resource.NewArrayProperty(list), secret
	case v.IsObject():
		m := resource.PropertyMap{}
		for key, element := range v.ObjectValue() {
			var s bool
			m[key], s = Reveal(element)
			secret = secret || s
		}
		return resource.NewObjectProperty(m), secret
	default:
		return v, false
	}
}
