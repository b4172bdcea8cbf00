package service_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/policy"
	"wordpress-ecs/service"
)

func TestOnlyTasksTakeTheRoles(t *testing.T) {
	t.Parallel()
	g := registered(t)
	require.Equal(t, []string{"site-execution", "site-task"}, g.Names(role))
	require.Equal(t, []string{"site-execution", "site-task"}, g.Names(rolePolicy))
	require.Empty(t, g.OfType("aws:iam/rolePolicyAttachment:RolePolicyAttachment"), "AWS's own policies reach further")
	for _, r := range g.OfType(role) {
		require.Equal(t, map[string]policy.Statement{"": {
			Effect: policy.Allow, Action: []string{"sts:AssumeRole"},
			Principal: policy.Principal{"Service": "ecs-tasks.amazonaws.com"},
		}}, r.Statements(t, "assumeRolePolicy"))
	}
}

// Actions are named one by one, and resources too, but for actions that AWS ties to none.
func TestLeastPrivilege(t *testing.T) {
	t.Parallel()
	withoutResource := []string{
		"ecr:GetAuthorizationToken", "logs:DescribeLogGroups",
		"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
		"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
	}
	g := registered(t)
	for _, name := range g.Names(role) {
		for sid, s := range statements(t, g, name) {
			require.Equal(t, policy.Allow, s.Effect, sid)
			for _, action := range s.Action {
				require.NotContains(t, action, "*", sid)
				if slices.Contains(s.Resource, "*") {
					require.Contains(t, withoutResource, action, sid)
				}
			}
			for _, resource := range s.Resource {
				require.True(t, resource == "*" || strings.HasPrefix(resource, "arn:"), "%s: %s", sid, resource)
			}
		}
	}
}

func TestExecutionRole(t *testing.T) {
	t.Parallel()
	g := registered(t)
	s := statements(t, g, "site-execution")
	require.ElementsMatch(t, []string{"Logs", "Secrets", "Pull", "Login"}, slices.Collect(maps.Keys(s)))
	require.Equal(t, []string{"secretsmanager:GetSecretValue"}, s["Secrets"].Action)
	secrets := []string{"arn:database-secret", "arn:cache-secret", "arn:keys-secret", "arn:admin-secret"}
	require.ElementsMatch(t, secrets, s["Secrets"].Resource)
	mail := statements(t, registered(t, mailing), "site-execution")
	require.ElementsMatch(t, append(secrets, "arn:smtp-secret"), mail["Secrets"].Resource)
	require.Equal(t, []string{"arn:repository"}, s["Pull"].Resource)
	require.ElementsMatch(t, []string{"logs:CreateLogStream", "logs:PutLogEvents"}, s["Logs"].Action)
	want := []string{}
	for _, group := range g.OfType(logGroup) {
		want = append(want, group.Computed("arn").(string)+":*")
	}
	require.ElementsMatch(t, want, s["Logs"].Resource)
}

// An image of another registry takes no right of ours.
func TestWithoutRepositoryThereIsNothingToPull(t *testing.T) {
	t.Parallel()
	g := registered(t, func(a *service.Args) { a.RepositoryARN = pulumi.String("") })
	require.ElementsMatch(t, []string{"Logs", "Secrets"}, slices.Collect(maps.Keys(statements(t, g, "site-execution"))))
}

func TestTaskRole(t *testing.T) {
	t.Parallel()
	s := statements(t, registered(t), "site-task")
	require.ElementsMatch(t, []string{"Files", "Exec", "ExecLogGroups", "ExecLog"}, slices.Collect(maps.Keys(s)))
	require.Equal(t, policy.Statement{
		Sid: "Files", Effect: policy.Allow,
		Action:    []string{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"},
		Resource:  []string{"arn:fs"},
		Condition: policy.Condition{"StringEquals": {"elasticfilesystem:AccessPointArn": "arn:fsap"}},
	}, s["Files"], "through the access point only, and not as root")
	require.Equal(t, []string{"arn:exec-log:*"}, s["ExecLog"].Resource)
}

// WordPress may tell its own distribution, and write below its own uploads.
func TestTaskRoleBehindACDN(t *testing.T) {
	t.Parallel()
	task := statements(t, registered(t, behindCDN), "site-task")
	require.Equal(t, []string{"cloudfront:CreateInvalidation"}, task["Invalidate"].Action)
	require.Equal(t, []string{"arn:distribution"}, task["Invalidate"].Resource)
	require.Equal(t, []string{"s3:PutObject", "s3:DeleteObject"}, task["Media"].Action)
	require.Equal(t, []string{"arn:media/wp-content/uploads/*"}, task["Media"].Resource)
	without := statements(t, registered(t), "site-task")
	require.NotContains(t, without, "Invalidate")
	require.NotContains(t, without, "Media")
}
