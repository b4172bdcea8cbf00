package face

import (
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"wordpress-ecs/local/aws/kind"
)

// Refusals words what is wrong with the inputs of a resource. The engine prints the value of the property that
// a refusal names, also a secret one: such a refusal names its property in the reason alone.
func Refusals(k *kind.Declared, failures []kind.Failure, secrets []string) []*pulumirpc.CheckFailure {
	refusals := make([]*pulumirpc.CheckFailure, 0, len(failures))
	for _, f := range failures {
		name, _, _ := strings.Cut(f.Property, ".")
		name, _, _ = strings.Cut(name, "[")
		if slices.Contains(secrets, name) || slices.Contains(k.Secret, name) {
			f = kind.Failure{Reason: f.Property + ": " + f.Reason}
		}
		refusals = append(refusals, &pulumirpc.CheckFailure{Property: f.Property, Reason: f.Reason})
	}
	return refusals
}
