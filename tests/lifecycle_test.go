package tests

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each stack goes up, shows no difference, also after a refresh, and comes down to an empty account. Then
// once more: nothing of the first life may be in the way of the second, no name reserved, no snapshot.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			settings := c.Read("Pulumi." + stack + ".yaml")
			for range 2 {
				c.Up(stack)
				c.Unchanged(stack)
				c.OK("refresh", "--stack", stack, "--yes", "--skip-preview", "--expect-no-changes", "--non-interactive")
				c.Unchanged(stack)
				if stack == "prod" {
					c.OK("up", "--stack", stack, "--yes", "--skip-preview", "--non-interactive", "--config", "protected=false")
				}
				destroy(t, c, stack)
			}
			require.Equal(t, settings, c.Read("Pulumi."+stack+".yaml"), "the settings file was written to")
		})
	}
}

// Without a Docker engine the account is deployed all the same, and one line says what does not run.
func TestWithoutEngine(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const nothing = "no task, database, cache or load balancer runs"
	require.Equal(t, 1, strings.Count(c.Up("dev").Out, nothing))
	require.Contains(t, c.OK("status").Out, "no Docker engine answers")
	destroy(t, c, "dev")
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Up("dev")
	require.Regexp(t, `^http://wordpress-alb-dev-[0-9a-f]{4}-[0-9]+\.eu-central-1\.elb\.localhost:[0-9]+$`, c.Outputs("dev")["url"])
	// Some are there with a setting only.
	for key, value := range map[string]string{
		"domain": "example.com", "cdn": "true", "mediaBucket": "true", "accessLogs": "true", "basicAuthUser": "guest",
	} {
		c.Set("dev", key, value)
	}
	c.Up("dev")
	outputs := c.Outputs("dev")
	require.Equal(t, "https://example.com", outputs["url"])
	require.Regexp(t, `@sha256:[0-9a-f]{64}$`, outputs["image"])
	require.Contains(t, outputs["databaseEndpoint"], ".rds.amazonaws.com")
	require.Contains(t, outputs["cacheEndpoint"], ".cache.amazonaws.com")
	var groups []string
	require.NoError(t, json.Unmarshal([]byte(outputs["logGroups"]), &groups))
	require.Len(t, groups, 6)
	require.ElementsMatch(t, readmeOutputs(t), slices.Collect(maps.Keys(outputs)), "the README's table of outputs")
	for _, secret := range []string{"databaseSecret", "cacheSecret", "keysSecret", "adminSecret", "basicAuthSecret"} {
		require.NotRegexp(t, `-[A-Za-z0-9]{6}$`, outputs[secret], "Secrets Manager adds such a suffix to the ARN")
	}
	for name, value := range outputs {
		require.NotEmpty(t, value, name)
	}
	destroy(t, c, "dev")
}

// A protected stack keeps everything, and the message says how to go on.
func TestProtectedStackIsNotDestroyed(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Up("prod")
	before := c.Resources()
	r := c.Run("destroy", "--stack", "prod", "--yes", "--non-interactive")
	require.NotZero(t, r.Code)
	require.Contains(t, r.Out, "wordpress:protected")
	require.ElementsMatch(t, before, c.Resources())

	// Whoever skips the preview skips the check of the whole: Pulumi deletes what nothing protected depends
	// on. The service, its door, the data and the secrets stay, and an update brings the rest back.
	r = c.Run("destroy", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive")
	require.NotZero(t, r.Code)
	after := c.Resources()
	for _, kept := range before {
		if guarded[kept.Type] {
			require.Contains(t, after, kept)
		}
	}
	c.Up("prod")
	require.Len(t, c.Resources(), len(before))

	// After the switch is off a destroy leaves nothing.
	c.Set("prod", "protected", "false")
	c.Up("prod")
	destroy(t, c, "prod")
}

// guarded are the types of what a protected stack must not lose.
var guarded = map[string]bool{
	"aws:ecs/service:Service": true, "aws:lb/loadBalancer:LoadBalancer": true, "aws:lb/listener:Listener": true,
	"aws:autoscaling/group:Group": true, "aws:ecr/repository:Repository": true, "aws:rds/cluster:Cluster": true,
	"aws:rds/clusterInstance:ClusterInstance": true, "aws:efs/fileSystem:FileSystem": true,
	"aws:efs/mountTarget:MountTarget": true, "aws:elasticache/replicationGroup:ReplicationGroup": true,
	"aws:secretsmanager/secret:Secret": true, "aws:secretsmanager/secretVersion:SecretVersion": true,
}

// Two stacks share an account and do not meet.
func TestTwoStacksInOneAccount(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Up("dev")
	alone := len(c.Resources())
	c.Set("prod", "protected", "false")
	c.Up("prod")
	c.Unchanged("dev")
	c.Destroy("prod")
	require.Len(t, c.Resources(), alone)
	c.Unchanged("dev")
	destroy(t, c, "dev")
}

func TestBadSettingsAreAllNamed(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Set("dev", "natGateways", "two")
	c.Set("dev", "tasksMin", "5")
	c.Set("dev", "taskMemroy", "2048")
	r := c.Run("preview", "--stack", "dev", "--non-interactive")
	require.NotZero(t, r.Code)
	require.Contains(t, r.Out, `config "wordpress:natGateways": "two" is not allowed; want one of none, single, perAz`)
	require.Contains(t, r.Out, `config "wordpress:tasksMin": "5" is not allowed; want at most wordpress:tasksMax, which is 2`)
	require.Contains(t, r.Out, `config "wordpress:taskMemroy": unknown key`)
	require.Empty(t, c.Resources())
}
