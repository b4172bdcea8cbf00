package task

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
)

func TestWhatIsNotRunIsSaid(t *testing.T) {
	t.Parallel()
	_, notes, err := parseDefinition(props{
		"arn": arn, "networkMode": "awsvpc", "pidMode": "task",
		"volumes": []any{map[string]any{"name": "v", "hostPath": "/etc"}},
		"containerDefinitions": `[{"name":"a","image":"x","privileged":true,"dnsServers":[],"interactive":false,
			"volumesFrom":[{"sourceContainer":"b"}],"linuxParameters":{"devices":[{"hostPath":"/dev/fuse"}],"initProcessEnabled":true},
			"portMappings":[{"containerPort":53,"protocol":"udp"}],"logConfiguration":{"logDriver":"splunk"},
			"dockerSecurityOptions":["no-new-privileges","label:x"]}]`,
	})
	require.NoError(t, err)
	text := strings.Join(notes, "\n")
	for _, what := range []string{
		"pidMode", "volumes.hostPath", "container a: privileged", "container a: volumesFrom", "linuxParameters.devices",
		"UDP port 53", "log driver splunk", `"label:x"`,
	} {
		require.Contains(t, text, what)
	}
	require.Len(t, notes, 8, "what is empty or run is not mentioned: %s", text)
}

// The control plane accepts no field that is neither run nor said: what is new there fails here.
func TestTheProgramsDefinitionIsRunWhole(t *testing.T) {
	t.Parallel()
	_, notes, err := parseDefinition(props{
		"arn": arn, "networkMode": "awsvpc", "cpu": "512", "memory": "1024", "enableFaultInjection": false,
		"runtimePlatform": map[string]any{"cpuArchitecture": "X86_64"},
		"volumes": []any{map[string]any{"name": "wp-content", "efsVolumeConfiguration": map[string]any{
			"fileSystemId": "fs-1", "transitEncryption": "ENABLED",
			"authorizationConfig": map[string]any{"accessPointId": "fsap-1", "iam": "ENABLED"},
		}}},
		"containerDefinitions": `[{"name":"php","image":"x","cpu":0,"memory":512,"memoryReservation":256,"essential":true,
			"restartPolicy":{"enabled":true},"command":["php"],"user":"33:33","readonlyRootFilesystem":true,"environment":[],
			"secrets":[],"portMappings":[{"containerPort":8080,"hostPort":8080,"protocol":"tcp"}],"mountPoints":[],
			"volumesFrom":[],"systemControls":[],"dependsOn":[],"healthCheck":{"command":["CMD","true"]},
			"linuxParameters":{"capabilities":{"add":[],"drop":["ALL"]},"initProcessEnabled":true,"tmpfs":[]},
			"logConfiguration":{"logDriver":"awslogs","options":{"mode":"non-blocking"}},"startTimeout":60,"stopTimeout":90}]`,
	})
	require.NoError(t, err)
	require.Empty(t, notes)
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	const id = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:site-AbCdEf"
	acct := open(t, nil, nil)
	version := func(name, stage, text string) {
		put(t, acct, account.Resource{Type: secretVersion, ID: id + "|" + name, Region: region, Outputs: props{
			"secretId": id, "versionId": name, "versionStages": []any{stage}, "secretString": text,
		}})
	}
	version("1", "AWSPREVIOUS", `{"password":"old"}`)
	version("2", "AWSCURRENT", `{"password":"new","port":3306}`)
	read := func(from string) (string, error) {
		values, err := secretValues(acct, []containerDefinition{{Secrets: []secret{{"X", from}}}})
		return values[from], err
	}
	for from, want := range map[string]string{
		id:                             `{"password":"new","port":3306}`,
		id + ":password::":             "new",
		id + ":port::":                 "3306",
		id + ":password:AWSPREVIOUS:":  "old",
		id + ":password::1":            "old",
		id + ":password:AWSPREVIOUS:1": "old",
		id + ":::":                     `{"password":"new","port":3306}`,
	} {
		value, err := read(from)
		require.NoError(t, err, from)
		require.Equal(t, want, value, from)
	}
	for from, want := range map[string]string{
		id + ":user::":                   "did not contain json key user",
		id + "x:password::":              "The task can't retrieve the secret with ARN '" + id + "x'",
		id + ":password":                 "invalid ARN format",
		"/site/password":                 "no SSM parameters",
		"arn:aws:ssm:eu-central-1:1:p/x": "no SSM parameters",
	} {
		_, err := read(from)
		require.ErrorContains(t, err, "ResourceInitializationError", from)
		require.ErrorContains(t, err, want, from)
		require.NotContains(t, err.Error(), "new")
	}
}

func TestHealthChecksFollowTheClock(t *testing.T) {
	t.Parallel()
	p := &Part{env: Env{Clock: clock.New(10)}}
	check := p.health(&healthCheck{Command: []string{"CMD-SHELL", "true"}, Interval: 30, StartPeriod: 60})
	require.Equal(t, 3*time.Second, check.Interval)
	require.Equal(t, 5*time.Second, check.Timeout, "work takes its time")
	require.Equal(t, time.Minute, check.StartPeriod)
	require.Equal(t, 3, check.Retries)
	require.Equal(t, time.Second, p.health(&healthCheck{Command: []string{"CMD", "true"}, Interval: 5}).Interval)
	require.Nil(t, p.health(nil))
}

func TestAContainerIsFoundByWhatPeopleCallIt(t *testing.T) {
	t.Parallel()
	of := func(id string, age time.Duration, containers ...string) Task {
		task := Task{Order: Order{ID: id}, Created: time.Now().Add(-age)}
		for _, name := range containers {
			task.Containers = append(task.Containers, Container{Name: name, ID: id + name, Status: Running})
		}
		return task
	}
	tasks := []Task{of("abc", 2*time.Hour, "php", "nginx"), of("abd", time.Hour, "php", "nginx"), of("ff", 0, "once")}
	tasks[0].Containers = append(tasks[0].Containers, Container{Name: "setup", Status: Stopped})
	for name, want := range map[string]string{"abc/php": "abcphp", "nginx": "abdnginx", "ff": "ffonce", "f/once": "ffonce"} {
		_, c, err := Find(tasks, name)
		require.NoError(t, err, name)
		require.Equal(t, want, c.ID, name)
	}
	for name, want := range map[string]string{
		"abc": "say which, one of abc/php, abc/nginx", "ab/php": "several tasks begin with", "setup": "there are",
		"abc/setup": "no running container", "x/php": "no running container",
	} {
		_, _, err := Find(tasks, name)
		require.ErrorContains(t, err, want, name)
	}
	_, _, err := Find(nil, "php")
	require.EqualError(t, err, "no task runs")
}
