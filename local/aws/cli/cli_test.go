package cli_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/cli"
	"wordpress-ecs/local/aws/kind"
)

// shell is the AWS CLI of an account with a few resources.
type shell struct {
	t *testing.T
	*cli.CLI
}

func newShell(t *testing.T) *shell {
	t.Helper()
	store, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	catalog, err := aws.Catalog()
	require.NoError(t, err)
	return &shell{t, &cli.CLI{Account: store, Catalog: catalog}}
}

// make makes a resource as Pulumi does.
func (s *shell) make(typ string, in account.Props) account.Resource {
	s.t.Helper()
	d, ok := s.Catalog.Kind(typ)
	require.True(s.t, ok)
	var r account.Resource
	require.NoError(s.t, s.Account.Update(func(tx *account.Tx) (err error) {
		r, err = d.Make(&kind.Call{Tx: tx, Region: "eu-central-1", Now: time.Now(), In: in, Catalog: s.Catalog, URN: "urn:pulumi:x::y::z::w"})
		return err
	}))
	return r
}

// now is what the account has of a resource.
func (s *shell) now(r account.Resource) *account.Resource {
	s.t.Helper()
	var now *account.Resource
	require.NoError(s.t, s.Account.View(func(tx *account.Tx) (err error) {
		now, err = tx.Get(r.Type, r.Region, r.ID)
		return err
	}))
	return now
}

func (s *shell) run(command string) cli.Answer {
	return s.Run(context.Background(), strings.Fields(command))
}

func (s *shell) ok(command string) string {
	s.t.Helper()
	a := s.run(command)
	require.Zero(s.t, a.Code, "%s\n%s", command, a.Err)
	return a.Out
}

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

func TestChangesAreWhatTheResourceIsNow(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	logs := s.make("aws:cloudwatch/logGroup:LogGroup", account.Props{"name": "web", "retentionInDays": 7.0})
	role := s.make("aws:iam/role:Role", account.Props{"name": "web", "assumeRolePolicy": trust})
	vpc := s.make("aws:ec2/vpc:Vpc", account.Props{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true})

	out := s.ok("logs put-retention-policy --log-group-name web --retention-in-days 30")
	require.Contains(t, out, `"retentionInDays": 30`)
	s.ok("iam update-role --role-name web --max-session-duration 7200 --description changed")
	s.ok("ec2 modify-vpc-attribute --vpc-id " + vpc.ID + " --no-enable-dns-hostnames --region eu-central-1")

	for _, tc := range []struct {
		r    account.Resource
		name string
		want any
	}{
		{logs, "retentionInDays", 30.0}, {role, "maxSessionDuration", 7200.0}, {role, "description", "changed"}, {vpc, "enableDnsHostnames", false},
	} {
		now := s.now(tc.r)
		require.Equal(t, tc.want, now.Inputs[tc.name], "the input %s, which a refresh compares", tc.name)
		require.Equal(t, tc.want, now.Outputs[tc.name], "the output %s", tc.name)
	}
	require.Equal(t, role.Inputs["assumeRolePolicy"], s.now(role).Inputs["assumeRolePolicy"], "what nobody changed")
	require.Equal(t, 252, s.run("ec2 modify-vpc-attribute --vpc-id "+vpc.ID+" --no-enable-dns-support --nonsense x").Code)
}

func TestListsAndStructures(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	cluster := s.make("aws:ecs/cluster:Cluster", account.Props{"name": "web"})
	for _, settings := range []string{"name=containerInsights,value=enabled", `[{"name":"containerInsights","value":"enabled"}]`} {
		s.ok("ecs update-cluster --cluster web --settings name=containerInsights,value=disabled")
		s.ok("ecs update-cluster --cluster web --settings " + settings)
		require.Equal(t, []any{map[string]any{"name": "containerInsights", "value": "enabled"}}, s.now(cluster).Inputs["settings"])
	}
}

func TestDeletionsAndDescriptions(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	vpc := s.make("aws:ec2/vpc:Vpc", account.Props{"cidrBlock": "10.0.0.0/16"})
	subnet := s.make("aws:ec2/subnet:Subnet", account.Props{
		"vpcId": vpc.ID, "cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-central-1a",
	})
	require.Contains(t, s.ok("ec2 describe-subnets"), subnet.ID)
	require.Contains(t, s.ok("ec2 describe-vpcs --vpc-ids "+vpc.ID), "10.0.0.0/16")

	refused := s.run("ec2 delete-vpc --vpc-id " + vpc.ID)
	require.Equal(t, cli.CodeRefused, refused.Code)
	require.Contains(t, refused.Err, "An error occurred (DependencyViolation) when calling the DeleteVpc operation: ")
	require.NotNil(t, s.now(vpc))

	s.ok("ec2 delete-subnet --subnet-id " + subnet.ID)
	require.Nil(t, s.now(subnet))
	s.ok("ec2 delete-vpc --vpc-id " + vpc.ID)
	require.Nil(t, s.now(vpc))
	again := s.run("ec2 delete-vpc --vpc-id " + vpc.ID)
	require.Equal(t, cli.CodeRefused, again.Code)
	require.Contains(t, again.Err, "InvalidVpcID.NotFound")
}

func TestCommandsThatAreNotUnderstood(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	for command, says := range map[string]string{
		"s3 ls":              "secretsmanager",
		"ecs start-task":     "update-service",
		"ecs update-cluster": "--cluster",
		"logs put-retention-policy --log-group-name web --retention-in-days many": "--retention-in-days",
		"logs put-retention-policy --days 3":                                      "--retention-in-days",
	} {
		a := s.run(command)
		require.Equal(t, cli.CodeMisused, a.Code, command)
		require.Contains(t, a.Err, says, command)
	}
	require.Contains(t, s.ok("help"), "aws ecs update-service")
	require.NotContains(t, s.ok("rds help"), "aws ecs")
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	secret := s.make("aws:secretsmanager/secret:Secret", account.Props{"name": "web"})
	s.make("aws:secretsmanager/secretVersion:SecretVersion", account.Props{"secretId": secret.ID, "secretString": "hunter2"})
	out := s.ok("secretsmanager get-secret-value --secret-id " + secret.ID)
	require.Contains(t, out, "[secret]")
	require.NotContains(t, out, "hunter2")
}
