package usage_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/task"
	"wordpress-ecs/local/runtime/usage"
)

const definition = "arn:aws:ecs:eu-central-1:123456789012:task-definition/site:1"

// Half a CPU and 512 MiB: a task that keeps a quarter of a core busy is at 50 %.
func TestTasksAreMeasuredAgainstWhatTheyReserved(t *testing.T) {
	t.Parallel()
	e := &engine{cores: map[string]float64{"web": 0.2, "php": 0.05}, memory: 128 << 20}
	in := environment(t, e)
	in.Tasks = tasks{run("one", "web", "php"), run("two", "gone")}
	synctest.Test(t, func(t *testing.T) {
		during(t, in, 3*period)
		cpu := points(in, metrics.ECS, metrics.CPUUtilization, "main/site")
		require.Equal(t, 2, cpu.Count, "a task, two periods: nothing is known of the first")
		require.InDelta(t, 50, cpu.Minimum, 0.1)
		require.InDelta(t, 50, cpu.Maximum, 0.1)
		memory := points(in, metrics.ECS, metrics.MemoryUtilization, "main/site")
		require.Equal(t, 3, memory.Count)
		require.InDelta(t, 50, memory.Average(), 0.1)
	})
}

// Without a size of the task's own, its containers' count, the soft limit before the hard one.
func TestContainersMakeTheSizeOfATask(t *testing.T) {
	t.Parallel()
	e := &engine{cores: map[string]float64{"web": 0.5}, memory: 64 << 20}
	in := environment(t, e)
	put(t, in.Account, account.Resource{
		Type: "aws:ecs/taskDefinition:TaskDefinition", ID: "site:1", Outputs: account.Props{"arn": definition,
			"containerDefinitions": `[{"name":"a","cpu":768,"memory":64,"memoryReservation":32},{"name":"b","cpu":256,"memory":96}]`},
	})
	in.Tasks = tasks{run("one", "web")}
	synctest.Test(t, func(t *testing.T) {
		during(t, in, 2*period)
		require.InDelta(t, 50, points(in, metrics.ECS, metrics.CPUUtilization, "main/site").Average(), 0.1)
		require.InDelta(t, 50, points(in, metrics.ECS, metrics.MemoryUtilization, "main/site").Average(), 0.1)
	})
}

func TestEveryTaskIsAPoint(t *testing.T) {
	t.Parallel()
	e := &engine{cores: map[string]float64{"idle": 0.05, "busy": 0.45, "starting": 1}}
	in := environment(t, e)
	starting := run("three", "starting")
	starting.Status = task.Activating
	in.Tasks = tasks{run("one", "idle"), run("two", "busy"), starting}
	synctest.Test(t, func(t *testing.T) {
		during(t, in, 2*period)
		cpu := points(in, metrics.ECS, metrics.CPUUtilization, "main/site")
		require.Equal(t, 2, cpu.Count)
		require.InDelta(t, 10, cpu.Minimum, 0.1)
		require.InDelta(t, 90, cpu.Maximum, 0.1)
		require.InDelta(t, 50, cpu.Average(), 0.1)
	})
}

// The engine counts from zero after a restart.
func TestARestartIsNoNegativeLoad(t *testing.T) {
	t.Parallel()
	e := &engine{cores: map[string]float64{"web": 0.5}}
	in := environment(t, e)
	in.Tasks = tasks{run("one", "web")}
	synctest.Test(t, func(t *testing.T) {
		stop := start(in)
		sleep(2 * period)
		e.restart()
		sleep(period)
		stop()
		cpu := points(in, metrics.ECS, metrics.CPUUtilization, "main/site")
		require.Equal(t, 2, cpu.Count)
		require.Positive(t, cpu.Minimum)
		require.LessOrEqual(t, cpu.Maximum, 100.1)
	})
}

func TestDatabasesAreMeasured(t *testing.T) {
	t.Parallel()
	e := &engine{cores: map[string]float64{"db": 0.5, "reader": 0.25}, databases: []string{"db", "reader"}}
	in := environment(t, e)
	in.Connections = connections{"db": 7}
	put(t, in.Account, account.Resource{
		Type: "aws:rds/clusterInstance:ClusterInstance", ID: "db",
		Outputs: account.Props{"identifier": "db", "instanceClass": "db.t4g.medium"},
	})
	synctest.Test(t, func(t *testing.T) {
		during(t, in, 2*period)
		// A class of two CPUs on a machine that may have fewer.
		require.InDelta(t, 50, points(in, metrics.RDS, metrics.CPUUtilization, "db").Average(), 25.1)
		require.Positive(t, points(in, metrics.RDS, metrics.CPUUtilization, "reader").Count, "scaling makes readers that the account does not list")
		require.InDelta(t, 7, points(in, metrics.RDS, metrics.DatabaseConnections, "db").Average(), 0)
		require.Zero(t, points(in, metrics.RDS, metrics.DatabaseConnections, "reader").Count, "it does not answer")
	})
}

// A gap is not a load of nothing, and it is told once.
func TestAnEngineThatDoesNotAnswerLeavesAGap(t *testing.T) {
	t.Parallel()
	e := &engine{cores: map[string]float64{"web": 0.25}}
	in := environment(t, e)
	in.Tasks = tasks{run("one", "web")}
	var said []string
	in.Say = func(line string) { said = append(said, line) }
	synctest.Test(t, func(t *testing.T) {
		e.fail(errors.New("no answer"))
		stop := start(in)
		sleep(3 * period)
		e.fail(nil)
		sleep(2 * period)
		stop()
		require.Equal(t, []string{"CPU and memory are not measured: no answer"}, said)
		cpu := points(in, metrics.ECS, metrics.CPUUtilization, "main/site")
		require.Equal(t, 1, cpu.Count)
		require.InDelta(t, 50, cpu.Average(), 0.1)
	})
}

const period = 6 * time.Second

// engine is an engine whose containers keep cores busy.
type engine struct {
	mu        sync.Mutex
	cores     map[string]float64
	memory    int64
	databases []string
	started   time.Time
	err       error
}

func (e *engine) restart() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.started = time.Now()
}

func (e *engine) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
}

func (e *engine) Find(_ context.Context, labels map[string]string) ([]machine.Container, error) {
	var list []machine.Container
	for _, id := range e.databases {
		list = append(list, machine.Container{ID: id, Labels: map[string]string{
			machine.LabelKind: labels[machine.LabelKind], machine.LabelID: id,
		}})
	}
	return list, nil
}

func (e *engine) Usage(_ context.Context, id string) (machine.Usage, bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.started.IsZero() {
		e.started = time.Now().Add(-time.Hour)
	}
	cores, ok := e.cores[id]
	cpu := time.Duration(cores * float64(time.Since(e.started)))
	return machine.Usage{CPU: cpu, Memory: e.memory, At: time.Now()}, ok, e.err
}

type tasks []task.Task

func (t tasks) Tasks() []task.Task { return t }

func run(id string, containers ...string) task.Task {
	t := task.Task{
		Order: task.Order{
			ID: id, Cluster: "arn:aws:ecs:eu-central-1:123456789012:cluster/main", Group: "service:site", Definition: definition,
		},
		Status: task.Running,
	}
	for _, c := range containers {
		t.Containers = append(t.Containers, task.Container{Name: c, ID: c})
	}
	return t
}

type connections map[string]int

func (c connections) Connections(id string) (int, error) {
	if n, ok := c[id]; ok {
		return n, nil
	}
	return 0, errors.New("no answer")
}

func environment(t *testing.T, e *engine) usage.Env {
	t.Helper()
	a, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	put(t, a, account.Resource{
		Type: "aws:ecs/taskDefinition:TaskDefinition", ID: "site:1", Outputs: account.Props{
			"arn": definition, "cpu": "512", "memory": "512", "containerDefinitions": `[{"name":"web","cpu":64,"memory":96}]`,
		},
	})
	return usage.Env{
		Account: a, Engine: e, Clock: clock.New(clock.Default), Metrics: &metrics.Store{}, Tasks: tasks{}, Say: func(string) {},
	}
}

func put(t *testing.T, a *account.Account, r account.Resource) {
	t.Helper()
	require.NoError(t, a.Update(func(tx *account.Tx) error { return tx.Put(r) }))
}

func start(in usage.Env) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = usage.New(in).Run(ctx, nil)
	}()
	return func() { cancel(); <-done }
}

// during lets a while pass that begins with a period.
func during(t *testing.T, in usage.Env, while time.Duration) {
	t.Helper()
	stop := start(in)
	sleep(while)
	stop()
}

func sleep(while time.Duration) {
	time.Sleep(while)
	synctest.Wait()
}

func points(in usage.Env, namespace, name, dimension string) metrics.Summary {
	return in.Metrics.Between(metrics.Metric{Namespace: namespace, Name: name, Dimension: dimension},
		time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
}
