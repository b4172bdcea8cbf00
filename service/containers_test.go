package service_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/service"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

type pair struct{ Name, Value, ValueFrom string }

type dependency struct{ ContainerName, Condition string }

type mount struct {
	SourceVolume, ContainerPath string
	ReadOnly                    bool
}

// container is a container definition as far as it is asserted on.
type container struct {
	Name, Image, User              string
	Memory, MemoryReservation      int
	StartTimeout, StopTimeout      int
	Essential                      bool
	ReadonlyRootFilesystem         bool
	Privileged                     *bool
	Command, DockerSecurityOptions []string
	Environment, Secrets           []pair
	PortMappings                   []struct{ ContainerPort, HostPort int }
	MountPoints                    []mount
	DependsOn                      []dependency
	RestartPolicy                  *struct {
		Enabled              bool
		IgnoredExitCodes     []int
		RestartAttemptPeriod int
	}
	HealthCheck *struct {
		Command              []string
		Timeout, StartPeriod int
	}
	LinuxParameters struct {
		InitProcessEnabled bool
		Capabilities       struct{ Add, Drop []string }
		Tmpfs              []struct {
			ContainerPath string
			Size          int
			MountOptions  []string
		}
	}
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

// Four containers run one image, each the command of its name.
func TestContainers(t *testing.T) {
	t.Parallel()
	list := containers(t, registered(t))
	require.Len(t, list, 4)
	for name, c := range list {
		require.Equal(t, imageName, c.Image, "by digest, as given")
		if name != "setup" {
			require.Equal(t, []string{name}, c.Command)
		}
		require.True(t, c.LinuxParameters.InitProcessEnabled, "ECS Exec leaves processes behind")
	}
	nginx := list["nginx"]
	require.Len(t, nginx.PortMappings, 1)
	require.Greater(t, nginx.PortMappings[0].ContainerPort, 1023, "not a port for root alone")
	for _, name := range []string{"setup", "php-fpm", "cron"} {
		require.Empty(t, list[name].PortMappings, "nothing but nginx reaches php-fpm")
	}
}

// Nothing serves or schedules before setup has succeeded, and nginx comes last: ECS stops in the order turned round.
func TestContainersStartInOrder(t *testing.T) {
	t.Parallel()
	list := containers(t, registered(t))
	after := []dependency{{"setup", "SUCCESS"}}
	require.Empty(t, list["setup"].DependsOn)
	require.Equal(t, after, list["php-fpm"].DependsOn)
	require.Equal(t, after, list["cron"].DependsOn)
	require.Equal(t, []dependency{{"php-fpm", "HEALTHY"}}, list["nginx"].DependsOn)
	require.GreaterOrEqual(t, list["setup"].StartTimeout, 300, "a failed-over database takes minutes, and so does an upgrade")
	require.Len(t, list["setup"].Command, 2)
	require.Equal(t, "setup", list["setup"].Command[0])
	wait, err := strconv.Atoi(list["setup"].Command[1])
	require.NoError(t, err)
	require.Greater(t, wait, 300, "ten tasks start together, and nine wait for the upgrade of the tenth")
	require.Less(t, wait, list["setup"].StartTimeout)
	require.Positive(t, list["php-fpm"].StartTimeout)
	for _, name := range []string{"php-fpm", "nginx"} {
		require.Equal(t, []string{"CMD", "healthcheck", name}, list[name].HealthCheck.Command)
		require.Positive(t, list[name].HealthCheck.StartPeriod)
	}
	require.Greater(t, list["php-fpm"].StartTimeout, list["php-fpm"].HealthCheck.StartPeriod)
	require.Nil(t, list["setup"].HealthCheck, "it ends")
	require.Nil(t, list["cron"].HealthCheck)
}

// A new release runs before it gets visitors: php-fpm's check may fail for as long, and nginx waits.
func TestNewReleaseProvesItself(t *testing.T) {
	t.Parallel()
	release := func(change func(*service.Args)) (name string, php container) {
		list := containers(t, registered(t, func(a *service.Args) { a.ProvingSeconds = 75 }, change))
		php = list["php-fpm"]
		for _, v := range php.Environment {
			if v.Name == "WORDPRESS_RELEASE" {
				require.Contains(t, list["setup"].Environment, v, "a first release need not prove itself: setup writes it down")
				name = v.Value
			}
		}
		require.Regexp(t, `^[0-9a-f]{12}$`, name)
		return name, php
	}
	same := func(*service.Args) {}
	one, php := release(same)
	require.Contains(t, php.Environment, pair{Name: "WORDPRESS_PROVING_SECONDS", Value: "75"})
	require.Greater(t, php.HealthCheck.StartPeriod, 75, "it is not unhealthy meanwhile")
	require.Greater(t, php.StartTimeout, php.HealthCheck.StartPeriod)

	again, _ := release(same)
	require.Equal(t, one, again)
	for name, change := range map[string]func(*service.Args){
		"image":   func(a *service.Args) { a.Image = pulumi.String("registry/other@sha256:0") },
		"memory":  func(a *service.Args) { a.Memory = 2048 },
		"setting": func(a *service.Args) { a.Site.XMLRPC = true },
	} {
		other, _ := release(change)
		require.NotEqual(t, one, other, name)
	}
}

// A task without nginx or php-fpm is replaced. Setup ends, and cron is started again without harm to the others.
func TestWhatATaskDependsOn(t *testing.T) {
	t.Parallel()
	for name, c := range containers(t, registered(t)) {
		require.Equal(t, name == "nginx" || name == "php-fpm", c.Essential, name)
		if name != "cron" {
			require.Nil(t, c.RestartPolicy, name)
			continue
		}
		require.True(t, c.RestartPolicy.Enabled)
		require.Equal(t, []int{64}, c.RestartPolicy.IgnoredExitCodes, "a wrong setting does not mend itself")
		require.Equal(t, 60, c.RestartPolicy.RestartAttemptPeriod)
	}
}

// No container runs as root, has a capability, or writes anywhere but to the share and to memory.
func TestContainersHaveNoRights(t *testing.T) {
	t.Parallel()
	for name, c := range containers(t, registered(t)) {
		require.Equal(t, "33:33", c.User, "not root, and the owner of the shared files")
		require.True(t, c.ReadonlyRootFilesystem, name)
		require.Nil(t, c.Privileged, name)
		require.Equal(t, []string{"ALL"}, c.LinuxParameters.Capabilities.Drop)
		require.Empty(t, c.LinuxParameters.Capabilities.Add)
		require.Empty(t, c.DockerSecurityOptions, "ECS places no such task on instances without SELinux or AppArmor")
		paths, size := []string{}, 0
		for _, fs := range c.LinuxParameters.Tmpfs {
			require.Equal(t, []string{"noexec", "nosuid", "nodev"}, fs.MountOptions, fs.ContainerPath)
			require.Positive(t, fs.Size, "ECS takes no other")
			size += fs.Size
			paths = append(paths, fs.ContainerPath)
		}
		want := []string{"/tmp", "/var/lib/amazon", "/var/log/amazon"}
		if name == "nginx" {
			want = append(want, "/var/cache/nginx")
		}
		require.ElementsMatch(t, want, paths, name)
		if c.Memory > 0 {
			require.Less(t, size, c.Memory*3/4, "%s: full file systems leave memory to run", name)
		}
	}
}

// All tasks share one volume, which nginx cannot write to.
func TestSharedContent(t *testing.T) {
	t.Parallel()
	for name, c := range containers(t, registered(t)) {
		require.Equal(t, []mount{{"wp-content", "/var/www/html/wp-content", name == "nginx"}}, c.MountPoints)
	}
}

// The memory of a task is php-fpm's, but for what runs beside it. ECS refuses reservations above it.
func TestMemoryGoesToPHP(t *testing.T) {
	t.Parallel()
	for task, php := range map[int]int{settings.TaskMemoryMin: 384, 1024: 560, 3072: 2608} {
		list := containers(t, registered(t, func(a *service.Args) { a.Memory = task }))
		require.Equal(t, php, list["php-fpm"].Memory)
		require.Equal(t, 272, list["nginx"].Memory)
		require.Equal(t, 192, list["cron"].Memory)
		require.Zero(t, list["setup"].Memory, "it has the task's memory for itself")
		reserved := 0
		for name, c := range list {
			require.True(t, c.MemoryReservation <= c.Memory || name == "setup")
			if c.MemoryReservation == 0 {
				c.MemoryReservation = c.Memory
			}
			reserved += c.MemoryReservation
		}
		require.Equal(t, task, reserved)
	}
}

// ECS returns definitions in one form; any other is a new revision, and new tasks, on every update.
func TestContainerDefinitionsAreCanonical(t *testing.T) {
	t.Parallel()
	text := registered(t, mailing).Only(t, definition).Text(t, "containerDefinitions")
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
		linux := c["linuxParameters"].(map[string]any)["capabilities"].(map[string]any)
		require.Equal(t, []any{}, linux["add"], "ECS adds the list that is left out")
	}
	require.True(t, slices.IsSorted(names))
	require.False(t, bytes.Contains([]byte(text), []byte("null")))
}

func TestLogs(t *testing.T) {
	t.Parallel()
	g := registered(t)
	for name, c := range containers(t, g) {
		home := "site-php-fpm"
		if name == "nginx" {
			home = "site-nginx"
		}
		group := g.Named(t, logGroup, home)
		require.Equal(t, 7, group.At("retentionInDays"))
		require.Equal(t, "awslogs", c.LogConfiguration.LogDriver)
		require.Equal(t, group.ID, c.LogConfiguration.Options["awslogs-group"])
		require.Equal(t, name, c.LogConfiguration.Options["awslogs-stream-prefix"], "containers of one group are told apart")
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

// A task gets its stop signal when the load balancer begins to drain it: it must outlive the draining, and a
// deployment must not take the default of five minutes for every task.
func TestTasksOutliveTheirDraining(t *testing.T) {
	t.Parallel()
	g := registered(t)
	const delay = edge.DeregistrationDelay
	require.LessOrEqual(t, delay, 60)
	for name, c := range containers(t, g) {
		require.Greater(t, c.StopTimeout, delay, name)
		require.LessOrEqual(t, c.StopTimeout, 120, "what the instances' agent grants")
	}
}
