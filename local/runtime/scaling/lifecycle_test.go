package scaling_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
)

func TestCooldownsOutliveTheProcess(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60, cooldown(3000, 300))
		w.start()
		for range 3 {
			w.pass(w.cpu(120))
		}
		require.Equal(w, 4, w.desired())
		w.stop()
		w.start()
		for range 6 {
			w.pass(w.cpu(90))
		}
		require.Equal(w, 4, w.desired())
	})
}

func TestSuspendedScalingDoesNothing(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		target := w.target()
		target.Outputs["suspendedState"] = map[string]any{"dynamicScalingInSuspended": true, "dynamicScalingOutSuspended": true}
		w.put(target)
		w.policy(cpu, 60)
		w.set(4)
		w.start()
		for range 5 {
			w.pass(w.cpu(120))
		}
		for range 20 {
			w.pass(w.cpu(10))
		}
		require.Equal(w, 4, w.desired())
	})
}

func TestReleaseEndsScalingAndForgets(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		target := w.target()
		w.policy(cpu, 60)
		w.start()
		for range 3 {
			w.pass(w.cpu(120))
		}
		require.Len(w, w.activities(), 1)
		require.NoError(w, w.scaling.Release(context.Background(), target, nil))
		require.Empty(w, w.activities())
		for range 10 {
			w.pass(w.cpu(120))
		}
		require.Equal(w, 4, w.desired(), "it is about to leave the account")
		require.NoError(w, w.scaling.Release(context.Background(), target, nil), "twice is no error")
	})
}

func TestTheLastActivitiesAreKept(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.register(service, count, 1, 100)
		w.policy(cpu, 60, cooldown(0, 0))
		w.start()
		for range 70 {
			w.set(1)
			w.pass(w.running(1, 100))
		}
		list := w.activities()
		require.Len(w, list, 50)
		require.WithinDuration(w, time.Now(), list[49].End, w.period)
	})
}

func TestWhatIsNotDoneIsSaidOnce(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy("visitors", 60, func(c account.Props) {
			delete(c, "predefinedMetricSpecification")
			c["customizedMetricSpecification"] = map[string]any{"metricName": "Visitors"}
		})
		w.register("replication-group/site", "elasticache:replication-group:Replicas", 1, 5)
		w.start()
		for range 3 {
			w.pass()
			w.wake <- struct{}{}
		}
		require.ElementsMatch(w, []string{
			"scaling service/main/site: policy on-visitors is not evaluated: the local cloud knows target tracking of predefined metrics only",
			"scaling replication-group/site: the local cloud runs no cache shards, so elasticache:replication-group:Replicas stays as it is",
		}, w.said)
	})
}

func TestStatusTellsCapacityAndMetrics(t *testing.T) {
	inWorld(t, clock.Default, func(w *world) {
		w.target()
		w.policy(cpu, 60)
		w.start()
		for range 3 {
			w.pass(w.cpu(90))
		}
		rows := w.status()
		require.Equal(w, "3 of 2 to 10", rows[service].State)
		require.Contains(w, rows[service].Detail, "Setting desired count to 3. at ")
		require.Equal(w, "prod", rows[service].Stack)
		require.Equal(w, service, rows["on-"+cpu].Parent)
		require.Equal(w, "ALARM", rows["on-"+cpu].State)
		require.Equal(w, cpu+" 90.0, target 60; low alarm OK", rows["on-"+cpu].Detail)
	})
}
