// The mistakes of the statements, as small programs: each deploys only what its mistake needs.
//
// The setting program names the program, and mistake the mistake that it makes. Without a mistake it does the
// same as it should be done.
package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// program deploys something with a mistake in it, or without if the name of the mistake is empty.
type program func(ctx *pulumi.Context, mistake string) error

// programs are all of them, by what they deploy.
func programs() map[string]program {
	all := map[string]program{}
	for _, subject := range []map[string]program{
		networkPrograms(), domainPrograms(), capacityPrograms(), taskPrograms(), storePrograms(), releasePrograms(),
	} {
		maps.Copy(all, subject)
	}
	return all
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		name, _ := ctx.GetConfig("mistakes:program")
		mistake, _ := ctx.GetConfig("mistakes:mistake")
		deploy, ok := programs()[name]
		if !ok {
			return fmt.Errorf("there is no program %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(programs())), ", "))
		}
		return deploy(ctx, mistake)
	})
}

// must is a resource whose registration cannot fail but by an error in its program.
func must[T any](resource T, err error) T {
	if err != nil {
		panic(err)
	}
	return resource
}

// after is the option that makes a resource wait for others.
func after(resources ...pulumi.Resource) pulumi.ResourceOption { return pulumi.DependsOn(resources) }
