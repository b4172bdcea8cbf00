package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/graph"
)

// component registers a component on the provider of the tests.
func component(ctx *pulumi.Context, name string) (pulumi.Resource, error) {
	in, err := graph.Cloud(ctx)
	if err != nil {
		return nil, err
	}
	c := &pulumi.ResourceState{}
	return c, ctx.RegisterComponentResource("test:index:Component", name, c, in)
}

func TestAGoodGraphHasNoProblems(t *testing.T) {
	t.Parallel()
	for mode, run := range graph.Modes() {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			run.Of(t, func(ctx *pulumi.Context) error {
				parent, err := component(ctx, "good")
				if err != nil {
					return err
				}
				password, err := random.NewRandomPassword(ctx, "password", &random.RandomPasswordArgs{
					Length: pulumi.Int(8),
				}, pulumi.Parent(parent))
				if err != nil {
					return err
				}
				ctx.Export("password", password.Result)
				_, err = cloudwatch.NewLogGroup(ctx, "log", &cloudwatch.LogGroupArgs{
					Name: pulumi.Sprintf("log-%s", password.Result),
				}, pulumi.Parent(parent))
				return err
			}).Check(t)
		})
	}
}

func TestProblemsAreFound(t *testing.T) {
	t.Parallel()
	group := func(ctx *pulumi.Context, name string, args *cloudwatch.LogGroupArgs, opts ...pulumi.ResourceOption) error {
		_, err := cloudwatch.NewLogGroup(ctx, name, args, opts...)
		return err
	}
	for name, tc := range map[string]struct {
		program func(ctx *pulumi.Context, parent pulumi.Resource) error
		want    string
	}{
		"same URN": {func(ctx *pulumi.Context, parent pulumi.Resource) error {
			if err := group(ctx, "twin", nil, pulumi.Parent(parent)); err != nil {
				return err
			}
			return group(ctx, "twin", nil, pulumi.Parent(parent))
		}, "two resources have the URN"},
		"orphan": {func(ctx *pulumi.Context, _ pulumi.Resource) error {
			return group(ctx, "orphan", nil)
		}, "LogGroup orphan: has no component of the program above it"},
		"default provider": {func(ctx *pulumi.Context, _ pulumi.Resource) error {
			return group(ctx, "lost", nil)
		}, `LogGroup lost: is not on an explicit AWS provider ("")`},
		"own tag": {func(ctx *pulumi.Context, parent pulumi.Resource) error {
			return group(ctx, "tagged", &cloudwatch.LogGroupArgs{
				Tags: pulumi.StringMap{"Stack": pulumi.String("other")},
			}, pulumi.Parent(parent))
		}, "LogGroup tagged: sets Stack itself"},
		"plain secret": {func(ctx *pulumi.Context, parent pulumi.Resource) error {
			return group(ctx, "leak", &cloudwatch.LogGroupArgs{
				Name: pulumi.String(`{"a":"` + graph.Secret("x") + `"}`),
			}, pulumi.Parent(parent))
		}, "LogGroup leak: holds a secret in plain text at .name"},
		"encoded secret": {func(ctx *pulumi.Context, parent pulumi.Resource) error {
			return group(ctx, "leak", &cloudwatch.LogGroupArgs{
				Name: pulumi.String("R0VORVJBVEVELVNFQ1JFVC14"),
			}, pulumi.Parent(parent))
		}, "LogGroup leak: holds a secret in plain text"},
		"plain output of a component": {func(ctx *pulumi.Context, parent pulumi.Resource) error {
			return ctx.RegisterResourceOutputs(parent, pulumi.Map{"token": pulumi.String(graph.Secret("x"))})
		}, "Component parent: holds a secret in plain text at .token"},
		"untagged provider": {func(ctx *pulumi.Context, _ pulumi.Resource) error {
			_, err := aws.NewProvider(ctx, "bare", &aws.ProviderArgs{})
			return err
		}, "aws bare: does not carry ManagedBy, Project, Stack"},
		"untagged instances": {func(ctx *pulumi.Context, parent pulumi.Resource) error {
			_, err := autoscaling.NewGroup(ctx, "group", &autoscaling.GroupArgs{
				MinSize: pulumi.Int(0), MaxSize: pulumi.Int(1),
				Tags: autoscaling.GroupTagArray{
					autoscaling.GroupTagArgs{Key: pulumi.String("Project"), Value: pulumi.String("wordpress"), PropagateAtLaunch: pulumi.Bool(true)},
					autoscaling.GroupTagArgs{Key: pulumi.String("Stack"), Value: pulumi.String("test"), PropagateAtLaunch: pulumi.Bool(false)},
				},
			}, pulumi.Parent(parent))
			return err
		}, "Group group: does not carry ManagedBy, Stack"},
		"function on the default provider": {func(ctx *pulumi.Context, _ pulumi.Resource) error {
			_, err := ecr.GetAuthorizationToken(ctx, nil)
			return err
		}, "getAuthorizationToken: called on the default provider"},
		"plain output": {func(ctx *pulumi.Context, _ pulumi.Resource) error {
			ctx.Export("leak", pulumi.StringArray{pulumi.String(graph.Secret("x"))})
			return nil
		}, "output leak: holds a secret in plain text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graph.Run{}.Of(t, func(ctx *pulumi.Context) error {
				parent, err := component(ctx, "parent")
				if err != nil {
					return err
				}
				return tc.program(ctx, parent)
			})
			problems := g.Problems()
			require.Condition(t, func() bool { return containsPart(problems, tc.want) }, "%q is not in %q", tc.want, problems)
		})
	}
}

func containsPart(list []string, part string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
}
