package graph

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const standInType = "test:index:StandIn"

// Cloud registers an AWS provider as main.go does, for tests of a component alone. Like every provider of a
// program it hands its tags to all that it makes.
func Cloud(ctx *pulumi.Context) (pulumi.ResourceOption, error) {
	cloud, err := aws.NewProvider(ctx, "aws", &aws.ProviderArgs{
		Region:      pulumi.String(Region),
		DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(Tags(ctx))},
	})
	return pulumi.Provider(cloud), err
}

// Tags are the tags that every resource carries.
func Tags(ctx *pulumi.Context) map[string]string {
	return map[string]string{"Project": ctx.Project(), "Stack": ctx.Stack(), "ManagedBy": "Pulumi"}
}

// StandIn registers a resource in the place of one of another component, to wait for.
func StandIn(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	r := &pulumi.CustomResourceState{}
	if err := ctx.RegisterResource(standInType, name, nil, r, opts...); err != nil {
		return nil, fmt.Errorf("stand-in %s: %w", name, err)
	}
	return r, nil
}

// StandIns returns the stand-ins that were registered.
func (g *Graph) StandIns() []*Resource { return g.OfType(standInType) }
