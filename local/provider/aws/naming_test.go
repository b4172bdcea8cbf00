package aws

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/ecr"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/glue"
)

func TestNames(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	propose := func(name string) *pulumirpc.CheckRequest_AutonamingOptions {
		return &pulumirpc.CheckRequest_AutonamingOptions{ProposedName: name}
	}
	for name, tc := range map[string]struct {
		typ, logical string
		options      *pulumirpc.CheckRequest_AutonamingOptions
		want, reason string
	}{
		"by default":              {cloudwatch.LogGroup, "Site", nil, `^Site-[0-9a-f]{7}$`, ""},
		"in lower case":           {ecr.Repository, "Site", nil, `^site-[0-9a-f]{7}$`, ""},
		"proposed":                {cloudwatch.LogGroup, "site", propose("Mine"), `^Mine$`, ""},
		"proposed, in lower":      {ecr.Repository, "site", propose("Mine"), `^mine$`, ""},
		"of a database":           {glue.Database, "Site", nil, `^site_[a-z]{8}$`, ""},
		"proposed for a database": {glue.Database, "site", propose("Mine-Now"), `^mine-now$`, ""},
		"enforced": {ecr.Repository, "site", &pulumirpc.CheckRequest_AutonamingOptions{
			ProposedName: "Mine", Mode: pulumirpc.CheckRequest_AutonamingOptions_ENFORCE,
		}, `^Mine$`, ""}, // AWS refuses it when it is made
		"off": {cloudwatch.LogGroup, "site", &pulumirpc.CheckRequest_AutonamingOptions{
			Mode: pulumirpc.CheckRequest_AutonamingOptions_DISABLE,
		}, "", "pulumi:autonaming is off"},
		"too long":          {elb.LoadBalancer, "a-logical-name-of-25-chars", nil, "", "shorten the resource's name"},
		"proposed too long": {elb.LoadBalancer, "a", propose("a-physical-name-of-more-than-32-chars"), "", "32 are allowed"},
	} {
		resp, err := c.client.Check(t.Context(), &pulumirpc.CheckRequest{
			Urn: urn(tc.typ, tc.logical), Type: tc.typ, Name: tc.logical, News: c.wire(props{}), RandomSeed: []byte("seed"),
			Autonaming: tc.options,
		})
		require.NoError(t, err, name)
		if tc.reason == "" {
			require.Empty(t, resp.GetFailures(), name)
		} else {
			require.NotEmpty(t, resp.GetFailures(), name)
			require.Contains(t, resp.GetFailures()[0].GetReason(), tc.reason, name)
		}
		if tc.want != "" {
			require.Regexp(t, tc.want, resp.GetInputs().GetFields()["name"].GetStringValue(), name)
		}
	}
}

func TestANameIsTheSameInPreviewAndUpdateAndStays(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	check := func(seed string, olds, news props) props {
		resp, err := c.client.Check(t.Context(), &pulumirpc.CheckRequest{
			Urn: urn(cloudwatch.LogGroup, "site"), Type: cloudwatch.LogGroup, Name: "site",
			Olds: c.wire(olds), News: c.wire(news), RandomSeed: []byte(seed),
		})
		require.NoError(t, err)
		return resp.GetInputs().AsMap()
	}
	first := check("one", nil, props{})
	require.Equal(t, first["name"], check("one", nil, props{})["name"], "the seed decides")
	require.NotEqual(t, first["name"], check("two", nil, props{})["name"])
	require.Equal(t, first["name"], check("two", first, props{})["name"], "a name that was made once stays")
	require.Equal(t, "mine", check("two", first, props{"name": "mine"})["name"])
	require.NotEqual(t, "mine", check("two", props{"name": "mine"}, props{})["name"], "a name that was given goes with the input")
}
