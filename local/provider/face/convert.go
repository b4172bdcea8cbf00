// Package face stands between the provider protocol and declared kinds: it converts
// properties, and words checks and differences as the engine wants them.
package face

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/provider"
)

// DefaultsKey lists, among the inputs, those that the provider itself set. The real
// provider keeps the same note.
const DefaultsKey = "__defaults"

// FromProperties reads a property map as plain values and names those that hold
// secrets. Notes ("__defaults") and nulls are left out.
func FromProperties(m resource.PropertyMap) (props account.Props, secrets []string, err error) {
	props = account.Props{}
	for key, value := range m {
		name := string(key)
		if strings.HasPrefix(name, "__") {
			continue
		}
		revealed, secret := provider.Reveal(value)
		v, err := Plain(revealed)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		if v == nil {
			continue
		}
		props[name] = v
		if secret {
			secrets = append(secrets, name)
		}
	}
	slices.Sort(secrets)
	return props, secrets, nil
}

// Plain is a value without secrets and references, as JSON would have it. Assets and archives are objects with Pulumi's
// signature: a hash of the content, and the content or where it is.
func Plain(v resource.PropertyValue) (any, error) {
	switch {
	case v.IsNull():
		return nil, nil
	case v.IsBool():
		return v.BoolValue(), nil
	case v.IsNumber():
		return v.NumberValue(), nil
	case v.IsString():
		return v.StringValue(), nil
	case v.IsComputed():
		return kind.Unknown{}, nil
	case v.IsArray():
		list := make([]any, 0, len(v.ArrayValue()))
		for _, element := range v.ArrayValue() {
			e, err := Plain(element)
			if err != nil {
				return nil, err
			}
			list = append(list, e)
		}
		return list, nil
	case v.IsObject():
		m := map[string]any{}
		for key, element := range v.ObjectValue() {
			e, err := Plain(element)
			if err != nil {
				return nil, err
			}
			if e != nil && key != DefaultsKey {
				m[string(key)] = e
			}
		}
		return m, nil
	case v.IsAsset():
		return v.AssetValue().Serialize(), nil
	case v.IsArchive():
		return v.ArchiveValue().Serialize(), nil
	default:
		return nil, fmt.Errorf("a value of type %s is not accepted", v.TypeString())
	}
}

// ToProperties writes plain values as a property map, with the named ones secret.
func ToProperties(props account.Props, secrets []string) resource.PropertyMap {
	m := resource.PropertyMap{}
	for name, value := range props {
		v := Property(value)
		if slices.Contains(secrets, name) {
			v = resource.MakeSecret(v)
		}
		m[resource.PropertyKey(name)] = v
	}
	return m
}

// Property is the reverse of Plain.
func Property(v any) resource.PropertyValue {
	switch v := v.(type) {
	case kind.Unknown:
		return resource.MakeComputed(resource.NewStringProperty(""))
	case []any:
		list := make([]resource.PropertyValue, len(v))
		for i, element := range v {
			list[i] = Property(element)
		}
		return resource.NewArrayProperty(list)
	case map[string]any:
		if files, ok := filesOf(v); ok {
			return files
		}
		m := resource.PropertyMap{}
		for key, element := range v {
			m[resource.PropertyKey(key)] = Property(element)
		}
		return resource.NewObjectProperty(m)
	case account.Props:
		return Property(map[string]any(v))
	default:
		return resource.NewPropertyValue(v)
	}
}

// filesOf is an asset or archive that Plain made an object of.
func filesOf(object map[string]any) (resource.PropertyValue, bool) {
	if a, ok, err := asset.Deserialize(object); ok && err == nil {
		return resource.NewAssetProperty(a), true
	}
	if a, ok, err := archive.Deserialize(object); ok && err == nil {
		return resource.NewArchiveProperty(a), true
	}
	return resource.PropertyValue{}, false
}
