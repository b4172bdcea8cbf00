package provider_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/provider"
)

func map2(key, value string) resource.PropertyMap {
	return resource.PropertyMap{resource.PropertyKey(key): resource.NewStringProperty(value)}
}

func TestPropertiesSurviveTheWire(t *testing.T) {
	t.Parallel()
	m := resource.PropertyMap{
		"secret":  resource.MakeSecret(resource.NewStringProperty("hunter2")),
		"unknown": resource.MakeComputed(resource.NewStringProperty("")),
		"list":    resource.NewArrayProperty([]resource.PropertyValue{resource.NewNumberProperty(1)}),
	}
	wire, err := provider.Marshal("test", m)
	require.NoError(t, err)
	back, err := provider.Unmarshal("test", wire)
	require.NoError(t, err)
	require.Equal(t, m, back)
	empty, err := provider.Unmarshal("test", nil)
	require.NoError(t, err)
	require.Empty(t, empty)
}

func TestRevealFindsSecretsAtAnyDepth(t *testing.T) {
	t.Parallel()
	hidden := resource.MakeSecret(resource.NewStringProperty("hunter2"))
	for name, tc := range map[string]struct {
		in     resource.PropertyValue
		secret bool
	}{
		"plain":       {resource.NewStringProperty("x"), false},
		"secret":      {hidden, true},
		"in a list":   {resource.NewArrayProperty([]resource.PropertyValue{hidden}), true},
		"in a map":    {resource.NewObjectProperty(resource.PropertyMap{"k": hidden}), true},
		"an output":   {resource.NewOutputProperty(resource.Output{Element: hidden, Known: true}), true},
		"a reference": {resource.MakeCustomResourceReference("urn:pulumi:s::p::t::n", "i-1", ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain, secret := provider.Reveal(tc.in)
			require.Equal(t, tc.secret, secret)
			require.False(t, plain.ContainsSecrets())
			require.False(t, plain.IsResourceReference())
		})
	}
}
