// Package usage measures what the tasks and databases of an account use, as CloudWatch would: once a period it
// reads their containers from the Docker engine and puts the metrics of AWS/ECS, a point per task, and AWS/RDS.
package usage

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/task"
)

// atOnce is how many containers are asked about at the same time. Each answer may take the engine a second, and
// all of them have to be there before scaling looks, half a period after its end.
const atOnce = 32

// Engine is the Docker engine, as far as it tells what containers use.
type Engine interface {
	Find(ctx context.Context, labels map[string]string) ([]machine.Container, error)
	Usage(ctx context.Context, id string) (machine.Usage, bool, error)
}

// Env is what Usage needs.
type Env struct {
	Account *account.Account
	Engine  Engine
	Clock   clock.Clock
	Metrics *metrics.Store
	// Tasks lists what runs.
	Tasks interface{ Tasks() []task.Task }
	// Connections counts the clients of a database instance; nil when nobody can.
	Connections interface {
		Connections(instance string) (int, error)
	}
	Say part.Say
}

// Usage measures. It is a part of the cloud that makes no resource real.
type Usage struct {
	Env
	cores int

	readings map[string]machine.Usage
	sizes    map[string]size
	failed   bool
}

// New returns one that measures while it runs.
func New(env Env) *Usage {
	return &Usage{Env: env, cores: runtime.NumCPU(), readings: map[string]machine.Usage{}, sizes: map[string]size{}}
}

// Types are none.
func (u *Usage) Types() []string { return nil }

// Await has nothing to wait for.
func (u *Usage) Await(context.Context, account.Resource, part.Say) error { return nil }

// Release has nothing to end.
func (u *Usage) Release(context.Context, account.Resource, part.Say) error { return nil }

// Suspend has nothing to stop.
func (u *Usage) Suspend(context.Context, part.Say) error { return nil }

// Status has nothing to tell: what is measured shows where it matters.
func (u *Usage) Status(context.Context) ([]part.Row, error) { return nil, nil }

// Run measures at the end of every period until the context ends. An engine that does not answer is said once,
// and leaves a gap.
func (u *Usage) Run(ctx context.Context, _ <-chan struct{}) error {
	period := metrics.Period(u.Clock)
	for {
		end := time.Now().Truncate(period).Add(period)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(end)):
		}
		// CloudWatch's points are stamped with the beginning of their period.
		err := u.measure(ctx, end.Add(-period))
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !u.failed {
			u.Say("CPU and memory are not measured: " + err.Error())
		}
		u.failed = err != nil
	}
}

// measure reads all containers and puts the points of a period that has just ended.
func (u *Usage) measure(ctx context.Context, period time.Time) error {
	tasks := u.running()
	databases, err := u.Engine.Find(ctx, map[string]string{machine.LabelKind: "database"})
	if err != nil {
		return fmt.Errorf("looking for databases: %w", err)
	}
	var ids []string
	for _, t := range tasks {
		ids = append(ids, t.containers...)
	}
	for _, c := range databases {
		ids = append(ids, c.ID)
	}
	now, err := u.read(ctx, ids)
	before := u.readings
	u.readings = now
	if err != nil {
		return err
	}
	for _, t := range tasks {
		u.putTask(t, period, before)
	}
	return u.putDatabases(databases, period, before)
}

// read asks the engine about several containers at once. What has ended is not among the answers.
func (u *Usage) read(ctx context.Context, ids []string) (map[string]machine.Usage, error) {
	var mu sync.Mutex
	var failed error
	var running sync.WaitGroup
	readings := map[string]machine.Usage{}
	turn := make(chan struct{}, atOnce)
	for _, id := range ids {
		turn <- struct{}{}
		running.Go(func() {
			defer func() { <-turn }()
			reading, ok, err := u.Engine.Usage(ctx, id)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
			} else if ok {
				readings[id] = reading
			}
		})
	}
	running.Wait()
	return readings, failed
}

// busy is how many cores containers kept busy since they were read before, and whether that is known of any.
// One that is new has no such time: AWS, too, knows nothing of a task's first minute.
func (u *Usage) busy(containers []string, before map[string]machine.Usage) (cores float64, known bool) {
	for _, id := range containers {
		now, ok := u.readings[id]
		last, was := before[id]
		if !ok || !was || !now.At.After(last.At) {
			continue
		}
		used := now.CPU - last.CPU
		if used < 0 { // it was restarted and counts from zero
			used = now.CPU
		}
		cores += used.Seconds() / now.At.Sub(last.At).Seconds()
		known = true
	}
	return cores, known
}

func (u *Usage) put(namespace, name, dimension string, at time.Time, value float64) {
	u.Metrics.Put(metrics.Metric{Namespace: namespace, Name: name, Dimension: dimension}, at, value)
}
