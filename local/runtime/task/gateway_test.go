package task

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/docker/docker/api/types/mount"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/gateway"
	"wordpress-ecs/local/runtime/reach"
)

const taskRole = "arn:aws:iam::123456789012:role/site-task"

// door is a gateway that notes who comes and goes.
type door struct {
	fails error

	mu     sync.Mutex
	opened []gateway.Caller
	closed []string
}

func (d *door) Open(c gateway.Caller) (gateway.Place, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened = append(d.opened, c)
	if d.fails != nil {
		return gateway.Place{}, d.fails
	}
	p := gateway.Place{Directory: "/home/gateway/" + c.Task, Hosts: []string{"s3.eu-central-1.amazonaws.com"}}
	if c.Role != "" {
		p.CredentialsURI = "/v2/credentials/of-" + c.Task
	}
	return p, nil
}

func (d *door) Close(task string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = append(d.closed, task)
	return nil
}

// through begins a task whose gateway is a door.
func through(t *testing.T, d *door, role string, env ...any) *rig {
	t.Helper()
	containers := []props{{"name": "main", "environment": append(env, props{"name": "PLAIN", "value": "plain"})}}
	return beginWith(t, open(t, containers, props{"taskRoleArn": role}), nil, func(e *Env) { e.Gateway = d })
}

func TestATaskFindsItsCredentialsAndAWS(t *testing.T) {
	t.Parallel()
	d := &door{}
	r := through(t, d, taskRole, props{"name": credentialsName, "value": "/elsewhere"})
	r.until(t, is(Running))
	main, pause := r.engine.spec("main"), r.engine.spec(pauseID)
	require.Contains(t, main.Environment, credentialsName+"=/v2/credentials/of-"+taskID)
	require.NotContains(t, strings.Join(main.Environment, " "), "/elsewhere")
	require.Contains(t, main.Environment, "PLAIN=plain")
	require.Equal(t, []mount.Mount{{Type: mount.TypeBind, Source: "/home/gateway/" + taskID, Target: "/gateway", ReadOnly: true}}, pause.Mounts)
	require.Equal(t, []string{"s3.eu-central-1.amazonaws.com:192.0.2.1"}, pause.Hosts)
	require.Empty(t, main.Mounts, "the sockets are the namespace's alone")
	require.Equal(t, gateway.Caller{Task: taskID, Role: taskRole, Region: region}, d.opened[0])

	r.Stop(taskID, "UserInitiated", "by hand")
	r.Drained(taskID)
	r.until(t, is(Stopped))
	require.Contains(t, d.closed, taskID)
}

func TestATaskWithoutARoleHasNoCredentials(t *testing.T) {
	t.Parallel()
	r := through(t, &door{}, "")
	r.until(t, is(Running))
	require.NotContains(t, strings.Join(r.engine.spec("main").Environment, " "), credentialsName)
	require.NotEmpty(t, r.engine.spec(pauseID).Mounts)
}

func TestATaskRunsWithoutTheGateway(t *testing.T) {
	t.Parallel()
	r := through(t, &door{fails: errors.New("no room for a socket")}, taskRole)
	r.until(t, is(Running))
	require.Empty(t, r.engine.spec(pauseID).Mounts)
	require.Equal(t, "task "+taskID+": no room for a socket", <-r.said)
}

// The gateway looks at the way out where the instance is known.
func TestTheGatewayKnowsTheNetworkOfATask(t *testing.T) {
	t.Parallel()
	d := &door{}
	p := &Part{env: Env{Gateway: d}}
	o := order(taskID)
	o.Subnet, o.Groups, o.Host.Profile = "subnet-1", []string{"sg-1"}, "instance"
	newWork(p, record{Task: Task{Order: o}}).enter()
	require.Equal(t, reach.Interface{Subnet: "subnet-1", Groups: []string{"sg-1"}, IP: "10.0.1.23"}, d.opened[0].From)
}

// Another process opens the gateway for the tasks that it finds.
func TestTheGatewayOpensAgainForTasksThatRun(t *testing.T) {
	t.Parallel()
	d := &door{}
	r := through(t, d, taskRole)
	r.until(t, is(Running))
	r.end()
	before := len(d.opened)
	again := newPart(r.env, r.engine)
	require.NoError(t, again.load())
	w := again.task(taskID)
	require.NoError(t, w.adopt(t.Context()))
	require.Greater(t, len(d.opened), before)
	require.Equal(t, d.opened[0], d.opened[before])
	require.Equal(t, "/v2/credentials/of-"+taskID, w.way.CredentialsURI)
}
