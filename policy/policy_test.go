package policy_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/policy"
	"wordpress-ecs/tests/graph"
)

// exported is a policy as JSON, once what it needs is known.
func exported(t *testing.T, build func(*pulumi.Context) (pulumi.StringOutput, error)) policy.Document {
	t.Helper()
	g := graph.Run{}.Of(t, func(ctx *pulumi.Context) error {
		text, err := build(ctx)
		ctx.Export("policy", text)
		return err
	})
	text, ok := g.Exports()["policy"].Value.(string)
	require.True(t, ok)
	var document policy.Document
	require.NoError(t, json.Unmarshal([]byte(text), &document))
	return document
}

func TestTrustNamesOneService(t *testing.T) {
	t.Parallel()
	document := exported(t, func(*pulumi.Context) (pulumi.StringOutput, error) {
		return policy.Trust("ecs-tasks.amazonaws.com"), nil
	})
	require.Equal(t, policy.Document{Version: "2012-10-17", Statement: []policy.Statement{{
		Effect: policy.Allow, Action: []string{"sts:AssumeRole"},
		Principal: policy.Principal{"Service": "ecs-tasks.amazonaws.com"},
	}}}, document)
}

// ARNs come in the order given, whenever they become known.
func TestOfResolvesARNsInOrder(t *testing.T) {
	t.Parallel()
	document := exported(t, func(ctx *pulumi.Context) (pulumi.StringOutput, error) {
		later, err := graph.StandIn(ctx, "later")
		return policy.Of(func(arns []string) []policy.Statement {
			return []policy.Statement{{Effect: policy.Allow, Action: []string{"s3:GetObject"}, Resource: arns}}
		}, later.URN().ToStringOutput(), pulumi.String("second")), err
	})
	require.Len(t, document.Statement, 1)
	require.Len(t, document.Statement[0].Resource, 2)
	require.Contains(t, document.Statement[0].Resource[0], "later")
	require.Equal(t, "second", document.Statement[0].Resource[1])
}

// A statement without a resource has none, as the policy of a role's trust wants it.
func TestEmptyFieldsAreLeftOut(t *testing.T) {
	t.Parallel()
	text, err := policy.JSON(policy.Statement{Effect: policy.Deny, Action: []string{"*"}})
	require.NoError(t, err)
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["*"]}]}`, text)
}
