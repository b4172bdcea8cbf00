package scaling_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/scaling"
)

const (
	region    = "eu-central-1"
	arns      = "arn:aws:service:" + region + ":123456789012:"
	service   = "service/main/site"
	cluster   = "site-database"
	group     = "targetgroup/site/0123456789abcdef"
	count     = "ecs:service:DesiredCount"
	replicas  = "rds:cluster:ReadReplicaCount"
	cpu       = "ECSServiceAverageCPUUtilization"
	memory    = "ECSServiceAverageMemoryUtilization"
	requests  = "ALBRequestCountPerTarget"
	readerCPU = "RDSReaderAverageCPUUtilization"
)

// world is an account, what is measured in it and what scaling does to it. Time is that of its bubble.
type world struct {
	*testing.T
	account *account.Account
	env     scaling.Env
	period  time.Duration
	readers *readers
	scaling *scaling.Scaling
	wake    chan struct{}
	stop    func()

	mu      sync.Mutex
	said    []string
	changed int
}

// inWorld runs a test in an account with a service of two tasks, on a clock.
func inWorld(t *testing.T, speed float64, f func(w *world)) {
	t.Helper()
	t.Parallel()
	a, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, account: a, period: metrics.Period(clock.New(speed)), readers: &readers{}}
		w.env = scaling.Env{
			Account: a, Clock: clock.New(speed), Metrics: &metrics.Store{}, Readers: w.readers,
			Healthy: func(group string) int {
				require.Equal(w, arns+"group", group)
				return w.desired()
			},
			Changed: func() { w.mu.Lock(); w.changed++; w.mu.Unlock() },
			Say:     func(line string) { w.mu.Lock(); w.said = append(w.said, line); w.mu.Unlock() },
		}
		w.put(account.Resource{
			Type: "aws:ecs/service:Service", Region: region, ID: arns + service, Outputs: account.Props{"desiredCount": 2.0},
		})
		w.put(account.Resource{Type: "aws:lb/targetGroup:TargetGroup", Region: region, ID: arns + "group", Outputs: account.Props{
			"arn": arns + "group", "arnSuffix": group,
		}})
		w.stop = func() {}
		defer func() { w.stop() }()
		f(w)
	})
}

func (w *world) put(r account.Resource) {
	w.Helper()
	require.NoError(w, w.account.Update(func(tx *account.Tx) error { return tx.Put(r) }))
}

// target registers the service, between 2 and 10 tasks.
func (w *world) target() account.Resource {
	return w.register(service, count, 2, 10)
}

func (w *world) register(id, dimension string, least, most float64) account.Resource {
	r := account.Resource{
		Type: "aws:appautoscaling/target:Target", Region: region, ID: id, URN: "urn:pulumi:prod::wordpress::x::y",
		Outputs: account.Props{
			"arn": arns + "target/" + id, "resourceId": id, "scalableDimension": dimension, "minCapacity": least, "maxCapacity": most,
		},
	}
	w.put(r)
	return r
}

// policy makes a policy of the service; a change may say more.
func (w *world) policy(metric string, value float64, changes ...func(configuration account.Props)) {
	w.policyOf(service, count, metric, value, changes...)
}

func (w *world) policyOf(id, dimension, metric string, value float64, changes ...func(configuration account.Props)) {
	specification := map[string]any{"predefinedMetricType": metric}
	if metric == requests {
		specification["resourceLabel"] = "app/site/fedcba9876543210/" + group
	}
	configuration := account.Props{"targetValue": value, "predefinedMetricSpecification": specification}
	for _, change := range changes {
		change(configuration)
	}
	w.put(account.Resource{
		Type: "aws:appautoscaling/policy:Policy", Region: region, ID: metric, Outputs: account.Props{
			"name": "on-" + metric, "arn": arns + "policy/" + metric, "resourceId": id, "scalableDimension": dimension,
			"alarmArns": []any{
				arns + "alarm:TargetTracking-" + id + "-AlarmHigh-1", arns + "alarm:TargetTracking-" + id + "-AlarmLow-2",
			},
			"targetTrackingScalingPolicyConfiguration": map[string]any(configuration),
		},
	})
}

// start lets scaling run. From now on the world is three quarters into a period, between two evaluations.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.scaling, w.wake = scaling.New(w.env), make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.scaling.Run(ctx, w.wake); err != nil {
			w.Errorf("scaling ended: %v", err)
		}
	}()
	w.stop = func() { cancel(); <-done }
	now := time.Now()
	time.Sleep(now.Truncate(w.period).Add(w.period).Sub(now) + 3*w.period/4)
	synctest.Wait()
}

// feed is what is measured in a period.
type feed func(at time.Time)

// cpu is what every task of the service uses, in percent; memory too.
func (w *world) cpu(percent float64) feed {
	return w.tasks(metrics.CPUUtilization, w.desired(), percent)
}

func (w *world) memory(percent float64) feed {
	return w.tasks(metrics.MemoryUtilization, w.desired(), percent)
}

func (w *world) tasks(name string, n int, percent float64) feed {
	return w.measured(metrics.ECS, name, "main/site", slices.Repeat([]float64{percent}, n)...)
}

// running is what so many tasks use, whatever is asked for, in percent.
func (w *world) running(n int, percent float64) feed {
	return w.tasks(metrics.CPUUtilization, n, percent)
}

func (w *world) measured(namespace, name, dimension string, values ...float64) feed {
	return func(at time.Time) {
		for _, value := range values {
			w.env.Metrics.Put(metrics.Metric{Namespace: namespace, Name: name, Dimension: dimension}, at, value)
		}
	}
}

// traffic is 60 requests every second, in real time.
func (w *world) traffic() feed {
	return func(at time.Time) {
		for second := range int(w.period / time.Second) {
			for range 60 {
				w.env.Metrics.Put(metrics.Metric{Namespace: metrics.ELB, Name: metrics.RequestCount, Dimension: group},
					at.Add(time.Duration(second)*time.Second), 1)
			}
		}
	}
}

// pass lets a period pass in which this was measured.
func (w *world) pass(feeds ...feed) {
	for _, f := range feeds {
		f(time.Now().Truncate(w.period))
	}
	time.Sleep(w.period)
	synctest.Wait()
}

// desired is how many tasks the service shall have.
func (w *world) desired() int {
	var found *account.Resource
	require.NoError(w, w.account.View(func(tx *account.Tx) (err error) {
		found, err = tx.Get("aws:ecs/service:Service", region, arns+service)
		return err
	}))
	return found.Outputs.Int("desiredCount")
}

func (w *world) set(desired int) {
	w.put(account.Resource{
		Type: "aws:ecs/service:Service", Region: region, ID: arns + service, Outputs: account.Props{"desiredCount": float64(desired)},
	})
}

func (w *world) activities() []scaling.Activity {
	var list []scaling.Activity
	require.NoError(w, w.account.View(func(tx *account.Tx) (err error) {
		list, err = account.AllKept[scaling.Activity](tx, "scaling-activity")
		return err
	}))
	return list
}

func (w *world) status() map[string]part.Row {
	rows, err := w.scaling.Status(context.Background())
	require.NoError(w, err)
	byName := map[string]part.Row{}
	for _, r := range rows {
		byName[r.Name] = r
	}
	return byName
}

// readers are the readers of a cluster.
type readers struct {
	mu          sync.Mutex
	fixed, made []string
	err         error
}

func (r *readers) Readers(id string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id != cluster {
		return nil
	}
	return slices.Concat(r.fixed, r.made)
}

func (r *readers) AddReader(context.Context, string) (string, error) {
	time.Sleep(time.Second) // a database needs a while
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return "", r.err
	}
	id := fmt.Sprintf("made-%d", len(r.made))
	r.made = append(r.made, id)
	return id, nil
}

func (r *readers) RemoveReader(context.Context, string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.made) == 0 {
		return errors.New("there is none to remove")
	}
	r.made = r.made[:len(r.made)-1]
	return nil
}
