package metrics_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/metrics"
)

var requests = metrics.Metric{Namespace: "AWS/ApplicationELB", Name: "RequestCount", Dimension: "targetgroup/site/0123456789abcdef"}

var start = time.Unix(1_700_000_000, 0)

func TestSumsAreExact(t *testing.T) {
	t.Parallel()
	var s metrics.Store
	for i := range 5000 {
		s.Put(requests, start.Add(time.Duration(i)*time.Millisecond), 1)
	}
	require.InDelta(t, 2000, s.Between(requests, start.Add(time.Second), start.Add(3*time.Second)).Sum, 0)
	all := s.Between(requests, start, start.Add(time.Minute))
	require.Equal(t, 5000, all.Count)
	require.InDelta(t, 1, all.Average(), 0)
	require.Zero(t, s.Between(requests, start.Add(time.Minute), start.Add(time.Hour)).Count)
	require.Zero(t, s.Between(metrics.Metric{Name: "other"}, start, start.Add(time.Hour)).Count)
}

// Requests that end at the same time report in any order.
func TestPointsMayComeLate(t *testing.T) {
	t.Parallel()
	var s metrics.Store
	for _, second := range []int{3, 1, 2, 1, 0} {
		s.Put(requests, start.Add(time.Duration(second)*time.Second), float64(second))
	}
	sum := s.Between(requests, start.Add(time.Second), start.Add(3*time.Second))
	require.Equal(t, 3, sum.Count)
	require.InDelta(t, 4, sum.Sum, 0)
	require.InDelta(t, 1, sum.Minimum, 0)
	require.InDelta(t, 2, sum.Maximum, 0)
}

func TestPercentiles(t *testing.T) {
	t.Parallel()
	var s metrics.Store
	for i := range 100 {
		s.Put(requests, start.Add(time.Duration(i)*time.Second), float64(i))
	}
	few := s.Between(requests, start, start.Add(time.Hour))
	require.InDelta(t, 50, few.Percentile(50), 0)
	require.InDelta(t, 99, few.Percentile(99), 0)
	require.InDelta(t, 99, few.Percentile(100), 0)
	require.Zero(t, s.Between(requests, start.Add(-time.Hour), start).Percentile(50))
	// A second of a thousand quick requests outweighs one of a single slow one.
	var busy metrics.Store
	for range 1000 {
		busy.Put(requests, start, 0.1)
	}
	busy.Put(requests, start.Add(time.Second), 9)
	require.InDelta(t, 0.1, busy.Between(requests, start, start.Add(time.Hour)).Percentile(99), 0)
}

func TestOldPointsGo(t *testing.T) {
	t.Parallel()
	var s metrics.Store
	for hour := range 10 {
		s.Put(requests, start.Add(time.Duration(hour)*time.Hour), 1)
	}
	require.Equal(t, 3, s.Between(requests, start, start.Add(24*time.Hour)).Count)
}

func TestPeriodFollowsTheClock(t *testing.T) {
	t.Parallel()
	require.Equal(t, time.Minute, metrics.Period(clock.Clock{}))
	require.Equal(t, 6*time.Second, metrics.Period(clock.New(clock.Default)))
	require.Equal(t, 9*time.Second, metrics.Period(clock.New(7)), "seconds are the grain")
	require.Equal(t, 5*time.Second, metrics.Period(clock.New(1000)), "sampling takes time")
}
