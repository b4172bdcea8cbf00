package task

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
)

// A task like the program's: setup, then what serves, then what stands before it.
func TestATaskRunsAsItsDefinitionSays(t *testing.T) {
	t.Parallel()
	const arnOfSecret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:site-AbCdEf"
	r := onEngine(t, []props{
		{
			"name": "setup", "essential": false, "startTimeout": 60, "command": sh("echo installed > /shared/site; echo done"),
			"mountPoints": []any{props{"sourceVolume": "content", "containerPath": "/shared"}},
		},
		{
			"name": "back", "user": "33:33", "readonlyRootFilesystem": true, "workingDirectory": "/var", "memory": 64,
			"command": sh(`cat /shared/site; hostname; pwd; id -u; echo "$PLAIN $SECRET"; cat "$SSL_CERT_FILE";
				grep ^CapEff /proc/self/status; df -m /scratch | tail -n 1 | awk '{print $2}'; ulimit -n; touch /x 2>/dev/null || echo read-only;
				trap 'echo bye; exit 0' TERM; touch /scratch/up; while :; do sleep 0.1; done`),
			"environment": []any{props{"name": "PLAIN", "value": "plain"}},
			"secrets":     []any{props{"name": "SECRET", "valueFrom": arnOfSecret + ":password::"}},
			"mountPoints": []any{props{"sourceVolume": "content", "containerPath": "/shared", "readOnly": true}},
			"dependsOn":   []any{props{"containerName": "setup", "condition": "SUCCESS"}},
			"healthCheck": props{"command": []any{"CMD", "test", "-e", "/scratch/up"}, "interval": 10, "timeout": 5, "retries": 3},
			"ulimits":     []any{props{"name": "nofile", "softLimit": 1234, "hardLimit": 1234}},
			"linuxParameters": props{
				"initProcessEnabled": true, "capabilities": props{"drop": []any{"ALL"}},
				"tmpfs": []any{props{"containerPath": "/scratch", "size": 7, "mountOptions": []any{"noexec", "mode=1777"}}},
			},
		},
		{
			"name": "front", "portMappings": []any{props{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}},
			"command": []any{"perl", "-MIO::Socket::INET", "-e", `$|=1; $s=IO::Socket::INET->new(LocalPort=>8080,Listen=>5,ReuseAddr=>1)
				or die; $SIG{TERM}=sub{print "front ends\n"; exit 0}; while($c=$s->accept){print $c $c->peerhost; close $c}`},
			"dependsOn": []any{props{"containerName": "back", "condition": "HEALTHY"}},
		},
	}, props{"volumes": []any{props{"name": "content"}}})
	put(t, r.env.Account, account.Resource{Type: secretVersion, ID: arnOfSecret + "|1", Region: region, Outputs: props{
		"secretId": arnOfSecret, "versionStages": []any{"AWSCURRENT"}, "secretString": `{"password":"hunter2"}`,
	}})
	id := strings.Repeat("ab", 16)
	began := time.Now()
	require.NoError(t, r.Start(order(id)))
	require.Equal(t, Pending, get(r.Part, id).Status)
	up := r.within(t, id, func(t Task) bool { return t.Status == Running || t.Status == Stopped })
	t.Logf("up in %s", time.Since(began))
	require.Equal(t, Running, up.Status, "%+v", up)
	require.Equal(t, Healthy, up.Health)
	require.Equal(t, Stopped, up.of("setup").Status)
	require.Zero(t, *up.of("setup").Exit)
	require.False(t, up.Started.IsZero())

	require.Eventually(t, func() bool { return len(r.lines(t, "back", id)) >= 10 }, time.Minute, 20*time.Millisecond)
	require.Equal(t, []string{
		"installed", "ip-10-0-1-23.eu-central-1.compute.internal", "/var", "33", "plain hunter2", "authorities",
		"CapEff:\t0000000000000000", "7", "1234",
	}, r.lines(t, "back", id)[:9])
	require.Contains(t, r.lines(t, "back", id)[9:], "read-only")
	require.Contains(t, strings.Join(addresses(t, r, up), " "), "10.0.1.23")

	// Whoever comes from outside is, for the task, the load balancer.
	address := up.of("front").Listens[8080]
	require.Equal(t, "10.0.0.9", visit(t, address))

	rows, err := r.Status(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 4)
	require.NotContains(t, fmt.Sprint(rows), "hunter2")
	found, err := r.Locate(id[:6] + "/back")
	require.NoError(t, err)
	require.Equal(t, up.of("back").ID, found)

	r.Stop(id, "ServiceSchedulerInitiated", "Scaling activity initiated by deployment")
	require.Equal(t, Deactivating, get(r.Part, id).Status, "it waits for the load balancer")
	require.Equal(t, "10.0.0.9", visit(t, address), "and serves meanwhile")
	r.Drained(id)
	down := r.within(t, id, is(Stopped))
	require.Equal(t, "ServiceSchedulerInitiated", down.StopCode)
	require.Zero(t, *down.of("back").Exit)
	require.Empty(t, r.left(t))
	front, err := r.env.Logs.Read(group, "app/front/"+id, 1)
	require.NoError(t, err)
	back, err := r.env.Logs.Read(group, "app/back/"+id, 1)
	require.NoError(t, err)
	require.Equal(t, "front ends", front[0].Line)
	require.Equal(t, "bye", back[0].Line, "the last line is there")
	require.True(t, front[0].At.Before(back[0].At), "what stands before it stops first")
	r.Forget(id)
	require.Empty(t, r.Tasks())
}

func addresses(t *testing.T, r *live, up Task) []string {
	t.Helper()
	code, output, err := r.env.Machine.Exec(t.Context(), up.of("front").ID, "", "cat", "/proc/net/fib_trie")
	require.NoError(t, err)
	require.Zero(t, code)
	return strings.Fields(output)
}

// visit tells from which address a server was reached.
func visit(t *testing.T, address string) string {
	t.Helper()
	var answer []byte
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		defer func() { _ = connection.Close() }()
		answer, err = io.ReadAll(connection)
		return err == nil && len(answer) > 0
	}, time.Minute, 50*time.Millisecond)
	return string(answer)
}

func TestAnotherProcessTakesOver(t *testing.T) {
	t.Parallel()
	r := onEngine(t, []props{
		{"name": "count", "command": sh("i=0; while :; do echo $i; i=$((i+1)); sleep 0.05; done"), "stopTimeout": 1},
	}, nil)
	kept, ended := strings.Repeat("1", 32), strings.Repeat("2", 32)
	require.NoError(t, r.Start(order(kept)))
	require.NoError(t, r.Start(order(ended)))
	r.within(t, kept, is(Running))
	before := r.within(t, ended, is(Running))
	r.end(t)

	require.NoError(t, r.env.Machine.Remove(t.Context(), before.of("count").ID))
	stray, err := r.env.Machine.Create(t.Context(), machine.Spec{
		Name: r.env.Machine.Name("stray"), Labels: r.env.Machine.Labels(kind, "nobody", nil), Image: debian, Command: []string{"true"},
	})
	require.NoError(t, err)
	seen := len(r.lines(t, "count", kept))
	time.Sleep(300 * time.Millisecond) // lines that nobody reads
	r.begin(t)
	require.Len(t, r.Tasks(), 2, "they are known at once")
	require.Equal(t, Running, get(r.Part, kept).Status)
	gone := r.within(t, ended, is(Stopped))
	require.Equal(t, "EssentialContainerExited", gone.StopCode)
	require.Eventually(t, func() bool {
		_, there, err := r.env.Machine.Inspect(t.Context(), stray)
		return err == nil && !there
	}, time.Minute, 50*time.Millisecond, "what belongs to no task goes")
	require.Eventually(t, func() bool { return len(r.lines(t, "count", kept)) > seen+10 }, time.Minute, 20*time.Millisecond)
	require.Equal(t, Running, get(r.Part, kept).Status)

	r.end(t)
	require.NoError(t, r.Suspend(t.Context(), func(string) {}))
	require.Equal(t, "UserInitiated", get(r.Part, kept).StopCode)
	require.Empty(t, r.left(t))
	for i, line := range r.lines(t, "count", kept) {
		require.Equal(t, strconv.Itoa(i), line, "no line is lost and none is there twice")
	}
}

func TestWhatBecomesOfContainersThatFail(t *testing.T) {
	t.Parallel()
	r := onEngine(t, []props{
		{"name": "side", "essential": false, "command": sh("exit 3")},
		{"name": "main", "command": sh("trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done"), "stopTimeout": 60},
	}, nil)
	id := strings.Repeat("3", 32)
	require.NoError(t, r.Start(order(id)))
	up := r.within(t, id, func(t Task) bool { return t.Status == Running && t.of("side").Exit != nil })
	require.Equal(t, 3, *up.of("side").Exit, "the task does without it")

	// A paused container hears no signal.
	docker := r.env.Machine.Docker()
	require.NoError(t, docker.ContainerPause(t.Context(), up.of("main").ID))
	began := time.Now()
	r.Stop(id, "UserInitiated", "by hand")
	r.Drained(id)
	r.within(t, id, is(Stopped))
	require.Less(t, time.Since(began), time.Minute)

	killed := strings.Repeat("4", 32)
	require.NoError(t, r.Start(order(killed)))
	up = r.within(t, killed, is(Running))
	require.NoError(t, docker.ContainerKill(t.Context(), up.of("main").ID, "KILL"))
	down := r.within(t, killed, is(Stopped))
	require.Equal(t, "EssentialContainerExited", down.StopCode)
	require.Equal(t, "Essential container in task exited", down.Reason)
	require.Equal(t, 137, *down.of("main").Exit)
	require.Empty(t, r.left(t))
}

func TestImagesComeFromTheLocalRegistry(t *testing.T) {
	t.Parallel()
	lacking := "123456789012.dkr.ecr.eu-central-1.amazonaws.com/site@sha256:" + strings.Repeat("0", 64)
	r := onEngine(t, []props{{"name": "main", "image": lacking}}, nil)
	id := strings.Repeat("5", 32)
	require.NoError(t, r.Start(order(id)))
	down := r.within(t, id, is(Stopped))
	require.Equal(t, "TaskFailedToStart", down.StopCode)
	require.Equal(t, "CannotPullContainerError: "+lacking+": not found", down.Reason)
	require.Equal(t, down.Reason, down.of("main").Reason)
	require.Empty(t, r.left(t))

	// An image that only the registry has: made here, pushed, and forgotten by the engine.
	docker := r.env.Machine.Docker()
	made, err := r.env.Machine.Create(t.Context(), machine.Spec{
		Name: r.env.Machine.Name("maker"), Labels: r.env.Machine.Labels("test", "maker", nil), Image: debian, Command: []string{"true"},
	})
	require.NoError(t, err)
	listener, err := r.env.Registry.Serve(0)
	require.NoError(t, err)
	name := fmt.Sprintf("127.0.0.1:%d/site:%s", listener.Port(), strings.ToLower(t.Name()))
	_, err = docker.ContainerCommit(t.Context(), made, container.CommitOptions{
		Reference: name, Config: &container.Config{Cmd: []string{"sh", "-c", "echo from the registry; exec sleep 60"}},
	})
	require.NoError(t, err)
	digest := push(t, r, name)
	listener.Close()
	require.NoError(t, r.env.Machine.Remove(t.Context(), made))
	require.NoError(t, r.env.Machine.Unname(t.Context(), name))

	reference := "123456789012.dkr.ecr.eu-central-1.amazonaws.com/site@" + digest
	acct := open(t, []props{{"name": "main", "image": reference, "stopTimeout": 1}}, nil)
	r.end(t)
	r.env.Account = acct
	r.begin(t)
	ids := []string{strings.Repeat("6", 32), strings.Repeat("7", 32)}
	for _, id := range ids { // both at once
		require.NoError(t, r.Start(order(id)))
	}
	for _, id := range ids {
		r.within(t, id, is(Running))
		require.Eventually(t, func() bool { return len(r.lines(t, "main", id)) == 1 }, time.Minute, 20*time.Millisecond)
		require.Equal(t, []string{"from the registry"}, r.lines(t, "main", id))
	}
	r.end(t)
	require.NoError(t, r.Suspend(context.Background(), func(string) {}))
	_, there, err := r.env.Machine.ImageID(t.Context(), strings.Split(name, ":site")[0])
	require.NoError(t, err)
	require.False(t, there)
	var names []pulled
	require.NoError(t, acct.View(func(tx *account.Tx) (err error) {
		names, err = account.AllKept[pulled](tx, pulledClass)
		return err
	}))
	require.Empty(t, names, "no name of an image is left")
}

// A deployment that a process has left behind is destroyed by one that does not run it.
func TestATaskStopsWithoutRun(t *testing.T) {
	t.Parallel()
	r := onEngine(t, []props{{"name": "main", "command": sh("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done")}}, nil)
	id := strings.Repeat("8", 32)
	require.NoError(t, r.Start(order(id)))
	r.within(t, id, is(Running))
	require.Eventually(t, func() bool { return len(r.lines(t, "main", id)) == 1 }, time.Minute, 20*time.Millisecond)
	r.end(t)

	r.Part = New(r.env)
	r.Stop(id, "ServiceSchedulerInitiated", "The service is being deleted.")
	r.Drained(id)
	down := r.within(t, id, is(Stopped))
	require.Zero(t, *down.of("main").Exit)
	require.Equal(t, []string{"up", "bye"}, r.lines(t, "main", id))
	require.Empty(t, r.left(t))
	r.Forget(id)
	require.Eventually(t, func() bool { return len(New(r.env).Tasks()) == 0 }, time.Minute, 20*time.Millisecond)
}
