package tests

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// drift is what somebody does to a resource past Pulumi.
type drift struct {
	// resource is the "type name" that the next deployment has to mend.
	resource string
	command  []string
	// looking is the command that shows the resource, shown what it then tells, mended what it tells at the end.
	looking       []string
	shown, mended string
}

// What is changed behind Pulumi's back shows in a refresh, and the next deployment mends that and nothing else.
func TestChangesPastPulumiAreMended(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Up("dev")
	cluster := name(t, c, "rds", "describe-db-clusters", "clusterIdentifier")
	group := name(t, c, "elbv2", "describe-target-groups", "arn")
	logs := name(t, c, "logs", "describe-log-groups", "name")
	role := name(t, c, "iam", "list-roles", "name")
	service := name(t, c, "ecs", "describe-services", "name")
	tasks := name(t, c, "ecs", "describe-clusters", "name")
	drifts := []drift{
		{
			"aws:rds/cluster:Cluster", []string{"rds", "modify-db-cluster", "--db-cluster-identifier", cluster, "--backup-retention-period", "3"},
			[]string{"rds", "describe-db-clusters", "--db-cluster-identifier", cluster}, `"backupRetentionPeriod": 3,`, `"backupRetentionPeriod": 1,`,
		},
		{
			"aws:lb/targetGroup:TargetGroup", []string{"elbv2", "modify-target-group", "--target-group-arn", group, "--health-check-interval-seconds", "61"},
			[]string{"elbv2", "describe-target-groups", "--target-group-arns", group}, `"interval": 61,`, `"interval": `,
		},
		{
			"aws:cloudwatch/logGroup:LogGroup", []string{"logs", "put-retention-policy", "--log-group-name", logs, "--retention-in-days", "180"},
			[]string{"logs", "describe-log-groups", "--log-group-name", logs}, `"retentionInDays": 180,`, `"retentionInDays": `,
		},
		{
			"aws:iam/role:Role", []string{"iam", "update-role", "--role-name", role, "--max-session-duration", "7200"},
			[]string{"iam", "get-role", "--role-name", role}, `"maxSessionDuration": 7200,`, `"maxSessionDuration": 3600,`,
		},
		{
			"aws:ecs/service:Service", []string{"ecs", "update-service", "--cluster", tasks, "--service", service, "--no-enable-execute-command"},
			[]string{"ecs", "describe-services", "--cluster", tasks, "--services", service}, `"enableExecuteCommand": false,`, `"enableExecuteCommand": true,`,
		},
	}
	want := map[string]string{}
	for _, d := range drifts {
		require.Contains(t, aws(c, d.command...).Stdout, d.shown)
		want[d.resource] = "update"
	}
	c.Unchanged("dev") // Pulumi does not look unless it is asked to
	c.OK("refresh", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive")
	got := map[string]string{}
	for resource, op := range c.Changes("dev") {
		kind, _, _ := strings.Cut(resource, " ")
		got[kind] = op
	}
	require.Equal(t, want, got)
	c.Up("dev")
	c.Unchanged("dev")
	for _, d := range drifts {
		said := aws(c, d.looking...).Stdout
		require.Contains(t, said, d.mended, "%s", d.resource)
		require.NotContains(t, said, d.shown, "%s", d.resource)
	}
	destroy(t, c, "dev")
}

// What is deleted behind Pulumi's back an update with --refresh makes again, and what depends on it works again.
func TestDeletionsPastPulumiAreMended(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Up("dev")
	before := len(c.Resources())
	deletions := [][]string{
		// First, as it could not drain without what its roles may do.
		{"ecs", "delete-service", "--cluster", name(t, c, "ecs", "describe-clusters", "name"),
			"--service", name(t, c, "ecs", "describe-services", "name"), "--force"},
		{"logs", "delete-log-group", "--log-group-name", name(t, c, "logs", "describe-log-groups", "name")},
		{"application-autoscaling", "delete-scaling-policy",
			"--policy-name", name(t, c, "application-autoscaling", "describe-scaling-policies", "name"),
			"--service-namespace", name(t, c, "application-autoscaling", "describe-scaling-policies", "serviceNamespace"),
			"--resource-id", name(t, c, "application-autoscaling", "describe-scaling-policies", "resourceId"),
			"--scalable-dimension", name(t, c, "application-autoscaling", "describe-scaling-policies", "scalableDimension")},
		{"efs", "delete-mount-target", "--mount-target-id", name(t, c, "efs", "describe-mount-targets", "id")},
		{"iam", "delete-role-policy", "--role-name", name(t, c, "iam", "list-role-policies", "role"),
			"--policy-name", name(t, c, "iam", "list-role-policies", "name")},
		{"ec2", "revoke-security-group-egress", "--group-id", name(t, c, "ec2", "describe-security-group-rules", "securityGroupId"),
			"--security-group-rule-ids", name(t, c, "ec2", "describe-security-group-rules", "id")},
	}
	for _, words := range deletions {
		aws(c, words...)
	}
	require.Len(t, c.Resources(), before-len(deletions))
	c.OK("up", "--stack", "dev", "--yes", "--skip-preview", "--refresh", "--non-interactive")
	require.Len(t, c.Resources(), before)
	c.Unchanged("dev")
	destroy(t, c, "dev")
}

// What AWS refuses is refused here in the CLI's words, and nothing has happened.
func TestTheAWSCommandRefuses(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Up("dev")
	cluster := name(t, c, "rds", "describe-db-clusters", "clusterIdentifier")
	for _, tc := range []struct {
		words []string
		code  int
		says  string
	}{
		{
			[]string{"ec2", "delete-security-group", "--group-id", name(t, c, "ec2", "describe-security-group-rules", "securityGroupId")}, 254,
			"An error occurred (DependencyViolation) when calling the DeleteSecurityGroup operation: ",
		},
		{
			[]string{"iam", "update-role", "--role-name", name(t, c, "iam", "list-roles", "name"), "--max-session-duration", "60"}, 254,
			"when calling the UpdateRole operation: ",
		},
		{
			[]string{"rds", "modify-db-cluster", "--db-cluster-identifier", "nothing", "--backup-retention-period", "3"}, 254,
			"An error occurred (DBClusterNotFoundFault) when calling the ModifyDBCluster operation: ",
		},
		{[]string{"rds", "modify-db-cluster", "--db-cluster-identifier", cluster, "--nonsense", "3"}, 252, "--nonsense"},
		{[]string{"rds", "start-db-cluster"}, 252, "modify-db-cluster"},
		{[]string{"s3", "ls"}, 252, "secretsmanager"},
	} {
		r := c.Run(append([]string{"aws"}, tc.words...)...)
		require.Equal(t, tc.code, r.Code, "%v\n%s", tc.words, r.Out)
		require.Contains(t, r.Out, tc.says, "%v", tc.words)
	}
	require.Contains(t, aws(c, "help").Stdout, "aws ecs update-service")
	require.NotContains(t, aws(c, "rds", "describe-db-clusters").Stdout, secret(t, c))
	c.OK("refresh", "--stack", "dev", "--yes", "--skip-preview", "--expect-no-changes", "--non-interactive")
	destroy(t, c, "dev")
}

// secret is the password of the database's master user.
func secret(t *testing.T, c *cloud.Cloud) string {
	t.Helper()
	value := strings.TrimSpace(c.OK("secret", c.Outputs("dev")["databaseSecret"], "password").Stdout)
	require.NotEmpty(t, value)
	return value
}

func aws(c *cloud.Cloud, words ...string) cloud.Result {
	return c.OK(append([]string{"aws"}, words...)...)
}

// name is a property of the first resource that a command describes.
func name(t *testing.T, c *cloud.Cloud, service, command, property string) string {
	t.Helper()
	var found map[string][]map[string]any
	out := aws(c, service, command).Stdout
	require.NoError(t, json.Unmarshal([]byte(out), &found), out)
	for _, list := range found {
		require.NotEmpty(t, list, out)
		value, _ := list[0][property].(string)
		require.NotEmpty(t, value, out)
		return value
	}
	return ""
}
