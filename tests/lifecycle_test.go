package tests

import (
	"maps"
	"slices"
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
			settings := c.read("Pulumi." + stack + ".yaml")
			for range 2 {
				c.up(stack)
				c.unchanged(stack)
				c.ok("refresh", "--stack", stack, "--yes", "--skip-preview", "--expect-no-changes", "--non-interactive")
				c.unchanged(stack)
				if stack == "prod" {
					c.ok("up", "--stack", stack, "--yes", "--skip-preview", "--non-interactive", "--config", "protected=false")
				}
				c.destroy(stack)
			}
			require.Equal(t, settings, c.read("Pulumi."+stack+".yaml"), "the settings file was written to")
		})
	}
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.up("dev")
	outputs := c.outputs("dev")
	require.Regexp(t, `^http://wordpress-alb-dev-[0-9a-f]{4}-[0-9]+\.eu-central-1\.elb\.amazonaws\.com$`, outputs["url"])
	require.Regexp(t, `@sha256:[0-9a-f]{64}$`, outputs["image"])
	require.Contains(t, outputs["databaseEndpoint"], ".rds.amazonaws.com")
	require.Contains(t, outputs["cacheEndpoint"], ".cache.amazonaws.com")
	require.Len(t, outputs["logGroups"], 6)
	require.ElementsMatch(t, readmeOutputs(t), slices.Collect(maps.Keys(outputs)), "the README's table of outputs")
	for _, secret := range []string{"databaseSecret", "cacheSecret", "keysSecret", "adminSecret"} {
		require.NotRegexp(t, `-[A-Za-z0-9]{6}$`, outputs[secret], "Secrets Manager adds such a suffix to the ARN")
	}
	for name, value := range outputs {
		require.NotEmpty(t, value, name)
	}
	c.destroy("dev")
}

// A protected stack keeps everything, and the message says how to go on.
func TestProtectedStackIsNotDestroyed(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.up("prod")
	before := c.resources()
	r := c.run("destroy", "--stack", "prod", "--yes", "--non-interactive")
	require.NotZero(t, r.code)
	require.Contains(t, r.out, "wordpress:protected")
	require.ElementsMatch(t, before, c.resources())

	// Whoever skips the preview skips the check of the whole: Pulumi deletes what nothing protected depends
	// on. The service, its door, the data and the secrets stay, and an update brings the rest back.
	r = c.run("destroy", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive")
	require.NotZero(t, r.code)
	after := c.resources()
	for _, kept := range before {
		if guarded[kept.Type] {
			require.Contains(t, after, kept)
		}
	}
	c.up("prod")
	require.Len(t, c.resources(), len(before))

	// After the switch is off a destroy leaves nothing.
	c.set("prod", "protected", "false")
	c.up("prod")
	c.destroy("prod")
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
	c.up("dev")
	alone := len(c.resources())
	c.set("prod", "protected", "false")
	c.up("prod")
	c.unchanged("dev")
	c.ok("destroy", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive")
	require.Len(t, c.resources(), alone)
	c.unchanged("dev")
	c.destroy("dev")
}

func TestBadSettingsAreAllNamed(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.set("dev", "natGateways", "two")
	c.set("dev", "tasksMin", "5")
	c.set("dev", "taskMemroy", "2048")
	r := c.run("preview", "--stack", "dev", "--non-interactive")
	require.NotZero(t, r.code)
	require.Contains(t, r.out, `config "wordpress:natGateways": "two" is not allowed; want one of none, single, perAz`)
	require.Contains(t, r.out, `config "wordpress:tasksMin": "5" is not allowed; want at most wordpress:tasksMax, which is 2`)
	require.Contains(t, r.out, `config "wordpress:taskMemroy": unknown key`)
	require.Empty(t, c.resources())
}
