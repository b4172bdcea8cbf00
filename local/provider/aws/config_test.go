package aws

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
)

func TestTheProviderNeedsAKnownRegion(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	for name, tc := range map[string]struct {
		args props
		want string
	}{
		"none":        {props{}, `missing required configuration key "aws:region"`},
		"no such one": {props{"region": "eu-west-77"}, "invalid AWS Region: eu-west-77"},
		"known":       {props{"region": "eu-west-1"}, ""},
		"not yet":     {props{"region": unknown{}}, ""},
		"bad tags":    {props{"region": "eu-west-1", "defaultTags": "{"}, "defaultTags"},
	} {
		resp, err := c.client.CheckConfig(t.Context(), &pulumirpc.CheckRequest{News: c.wire(tc.args)})
		require.NoError(t, err, name)
		if tc.want == "" {
			require.Empty(t, resp.GetFailures(), name)
			continue
		}
		require.Len(t, resp.GetFailures(), 1, name)
		require.Contains(t, resp.GetFailures()[0].GetReason(), tc.want, name)
	}
}

func TestAnotherRegionReplacesTheProvider(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	for name, tc := range map[string]struct {
		before, after props
		want          []string
		changes       pulumirpc.DiffResponse_DiffChanges
	}{
		"region": {props{"region": "eu-west-1"}, props{"region": "us-east-1"}, []string{"region"}, pulumirpc.DiffResponse_DIFF_SOME},
		"profile": {
			props{"region": "eu-west-1"}, props{"region": "eu-west-1", "profile": "x"}, nil, pulumirpc.DiffResponse_DIFF_SOME,
		},
		"nothing": {props{"region": "eu-west-1"}, props{"region": "eu-west-1"}, nil, pulumirpc.DiffResponse_DIFF_NONE},
	} {
		resp, err := c.client.DiffConfig(t.Context(), &pulumirpc.DiffRequest{OldInputs: c.wire(tc.before), News: c.wire(tc.after)})
		require.NoError(t, err, name)
		require.Equal(t, tc.want, resp.GetReplaces(), name)
		require.Equal(t, tc.changes, resp.GetChanges(), name)
	}
}

func TestAConnectionThatWasNotConfiguredSaysSo(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	c.client = c.connect(newFactory(c.acct, noImages{}, nil, Options{}, 0))
	_, err := c.client.Check(t.Context(), &pulumirpc.CheckRequest{Type: "aws:ec2/vpc:Vpc"})
	require.ErrorContains(t, err, "not configured on this connection")
}

func TestWhatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	_, err := c.client.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn("aws:s3/bucket:Bucket", "b")})
	require.ErrorContains(t, err, "the local cloud has no resource type aws:s3/bucket:Bucket")
	_, err = c.client.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "aws:s3/getBucket:getBucket"})
	require.ErrorContains(t, err, "the local cloud has no function aws:s3/getBucket:getBucket")
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	s := c.site()
	for name, tc := range map[string]struct {
		token  string
		args   props
		output string
		want   any
	}{
		"zones": {
			"aws:index/getAvailabilityZones:getAvailabilityZones", props{"state": "available"}, "names",
			[]any{"eu-west-1a", "eu-west-1b", "eu-west-1c"},
		},
		"account":   {"aws:index/getCallerIdentity:getCallerIdentity", nil, "accountId", "123456789012"},
		"region":    {"aws:index/getRegion:getRegion", nil, "name", "eu-west-1"},
		"partition": {"aws:index/getPartition:getPartition", nil, "dnsSuffix", "amazonaws.com"},
		"registry": {
			"aws:ecr/getAuthorizationToken:getAuthorizationToken", nil, "proxyEndpoint",
			"https://123456789012.dkr.ecr.eu-west-1.amazonaws.com",
		},
		"service": {
			"aws:ecs/getService:getService", props{"clusterArn": s.cluster.id, "serviceName": s.up.text("name")},
			"taskDefinition", s.task.text("arn"),
		},
	} {
		resp, err := c.client.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: tc.token, Args: c.wire(tc.args)})
		require.NoError(t, err, name)
		require.Empty(t, resp.GetFailures(), name)
		out := resp.GetReturn().AsMap()
		require.Equal(t, tc.want, out[tc.output], name)
	}
	resp, err := c.client.Invoke(t.Context(), &pulumirpc.InvokeRequest{
		Tok: "aws:ecr/getAuthorizationToken:getAuthorizationToken", Args: c.wire(props{"registry": "x"}),
	})
	require.NoError(t, err)
	require.Equal(t, "registry", resp.GetFailures()[0].GetProperty())
	_, err = c.client.Invoke(t.Context(), &pulumirpc.InvokeRequest{
		Tok: "aws:ssm/getParameter:getParameter", Args: c.wire(props{"name": "/mine"}),
	})
	require.ErrorContains(t, err, "ParameterNotFound")
}
