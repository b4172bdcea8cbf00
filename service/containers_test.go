package service_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/service"
	"wordpress-ecs/tests/graph"
)

type pair struct{ Name, Value, ValueFrom string }

// container is a container definition as far as it is asserted on.
type container struct {
	Name, Image, User    string
	Memory, StopTimeout  int
	Essential            bool
	Command              []string
	Environment, Secrets []pair
	PortMappings         []struct{ ContainerPort, HostPort int }
	MountPoints          []struct {
		SourceVolume, ContainerPath string
		ReadOnly                    bool
	}
	DependsOn        []struct{ ContainerName, Condition string }
	HealthCheck      struct{ Command []string }
	LinuxParameters  struct{ InitProcessEnabled bool }
	LogConfiguration struct {
		LogDriver string
		Options   map[string]string
	}
}

func containers(t *testing.T, g *graph.Graph) map[string]container {
	t.Helper()
	var list []container
	require.NoError(t, json.Unmarshal([]byte(g.Only(t, definition).Text(t, "containerDefinitions")), &list))
	byName := map[string]container{}
	for _, c := range list {
		byName[c.Name] = c
	}
	require.Len(t, byName, len(list))
	return byName
}

func TestContainers(t *testing.T) {
	t.Parallel()
	g := registered(t)
	list := containers(t, g)
	require.Len(t, list, 2)
	memory := 0
	for name, c := range list {
		require.Equal(t, imageName, c.Image, "by digest, as given")
		require.True(t, c.Essential, name)
		require.Equal(t, []string{name}, c.Command)
		require.Equal(t, "33:33", c.User, "not root, and the owner of the shared files")
		require.True(t, c.LinuxParameters.InitProcessEnabled, "ECS Exec leaves processes behind")
		require.Equal(t, []string{"CMD", "healthcheck", name}, c.HealthCheck.Command)
		memory += c.Memory
	}
	require.Equal(t, 1024, memory, "the task's memory, all of it")
	nginx, php := list["nginx"], list["php-fpm"]
	require.Len(t, nginx.PortMappings, 1)
	require.Greater(t, nginx.PortMappings[0].ContainerPort, 1023, "not a port for root alone")
	require.Empty(t, php.PortMappings, "nothing but nginx reaches php-fpm")
	require.Len(t, nginx.DependsOn, 1)
	require.Equal(t, "php-fpm", nginx.DependsOn[0].ContainerName)
	require.Equal(t, "HEALTHY", nginx.DependsOn[0].Condition)
	require.Len(t, nginx.MountPoints, 1)
	require.True(t, nginx.MountPoints[0].ReadOnly)
	require.Len(t, php.MountPoints, 1)
	require.False(t, php.MountPoints[0].ReadOnly)
	require.Equal(t, php.MountPoints[0].SourceVolume, nginx.MountPoints[0].SourceVolume)
}

// ECS returns definitions in one form; any other is a new revision, and new tasks, on every update.
func TestContainerDefinitionsAreCanonical(t *testing.T) {
	t.Parallel()
	text := registered(t).Only(t, definition).Text(t, "containerDefinitions")
	var raw []map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &raw))
	names := []string{}
	for _, c := range raw {
		names = append(names, c["name"].(string))
		for _, key := range []string{"environment", "secrets", "portMappings", "mountPoints", "volumesFrom", "systemControls"} {
			list, ok := c[key].([]any)
			require.True(t, ok && list != nil, "%s: %s is %v, not a list", c["name"], key, c[key])
			sorted := []string{}
			for _, element := range list {
				if name, ok := element.(map[string]any)["name"].(string); ok {
					sorted = append(sorted, name)
				}
			}
			require.True(t, slices.IsSorted(sorted), "%s: %s are not in order: %v", c["name"], key, sorted)
		}
		for _, mapping := range c["portMappings"].([]any) {
			fields := mapping.(map[string]any)
			require.Equal(t, fields["containerPort"], fields["hostPort"])
			require.Equal(t, "tcp", fields["protocol"])
		}
	}
	require.True(t, slices.IsSorted(names))
	require.False(t, bytes.Contains([]byte(text), []byte("null")))
}

// Credentials come by ARN from Secrets Manager; the environment is readable for everyone who may describe
// a task definition.
func TestSecretsAreNotInTheEnvironment(t *testing.T) {
	t.Parallel()
	list := containers(t, registered(t))
	require.Equal(t, []pair{
		{Name: "WORDPRESS_DB_HOST", Value: "db.host"},
		{Name: "WORDPRESS_DB_NAME", Value: "wp"},
		{Name: "WORDPRESS_DB_USER", Value: "wpuser"},
		{Name: "WORDPRESS_REDIS_HOST", Value: "cache.host"},
		{Name: "WORDPRESS_REDIS_PORT", Value: "6379"},
	}, list["php-fpm"].Environment)
	require.Equal(t, []pair{
		{Name: "WORDPRESS_AUTH_KEY", ValueFrom: "arn:keys-secret:AUTH_KEY::"},
		{Name: "WORDPRESS_DB_PASSWORD", ValueFrom: "arn:database-secret:password::"},
		{Name: "WORDPRESS_NONCE_SALT", ValueFrom: "arn:keys-secret:NONCE_SALT::"},
		{Name: "WORDPRESS_REDIS_AUTH_TOKEN", ValueFrom: "arn:cache-secret:token::"},
	}, list["php-fpm"].Secrets)
	require.Empty(t, list["nginx"].Environment)
	require.Empty(t, list["nginx"].Secrets, "nginx needs none")
}

func TestLogs(t *testing.T) {
	t.Parallel()
	g := registered(t)
	for name, c := range containers(t, g) {
		group := g.Named(t, logGroup, "site-"+name)
		require.Equal(t, 7, group.At("retentionInDays"))
		require.Equal(t, "awslogs", c.LogConfiguration.LogDriver)
		require.Equal(t, group.ID, c.LogConfiguration.Options["awslogs-group"])
		require.Equal(t, graph.Region, c.LogConfiguration.Options["awslogs-region"])
		require.Equal(t, "non-blocking", c.LogConfiguration.Options["mode"], "a slow log service must not stop the site")
	}
}

func TestTaskDefinition(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, definition)
	require.Equal(t, "site-test", r.At("family"))
	require.Equal(t, "awsvpc", r.At("networkMode"))
	require.Equal(t, []any{"EC2"}, r.At("requiresCompatibilities"))
	require.Equal(t, "512", r.At("cpu"))
	require.Equal(t, "1024", r.At("memory"))
	require.Equal(t, "LINUX", r.At("runtimePlatform.operatingSystemFamily"))
	require.Equal(t, "ARM64", r.At("runtimePlatform.cpuArchitecture"))
	require.Equal(t, g.Named(t, role, "site-execution").Computed("arn"), r.At("executionRoleArn"))
	require.Equal(t, g.Named(t, role, "site-task").Computed("arn"), r.At("taskRoleArn"))
	require.NotEqual(t, r.At("executionRoleArn"), r.At("taskRoleArn"))
	require.Equal(t, []any{map[string]any{
		"name": containers(t, g)["nginx"].MountPoints[0].SourceVolume,
		"efsVolumeConfiguration": map[string]any{
			"fileSystemId": "fs-1", "transitEncryption": "ENABLED",
			"authorizationConfig": map[string]any{"accessPointId": "fsap-1", "iam": "ENABLED"},
		},
	}}, r.At("volumes"))
}

// The memory of a task is php-fpm's, but for what nginx takes.
func TestMemoryGoesToPHP(t *testing.T) {
	t.Parallel()
	list := containers(t, registered(t, func(a *service.Args) { a.Memory = 3072 }))
	require.Equal(t, 128, list["nginx"].Memory)
	require.Equal(t, 2944, list["php-fpm"].Memory)
}
