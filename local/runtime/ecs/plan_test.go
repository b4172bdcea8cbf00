package ecs

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crew makes n tasks of a deployment, named d1, d2, ...
func crew(deployment string, n int, change func(c *candidate)) []candidate {
	var list []candidate
	for i := range n {
		c := candidate{
			id: fmt.Sprintf("%s%d", deployment, i+1), deployment: deployment, zone: fmt.Sprintf("zone-%d", i%2),
			phase: runs, created: time.Unix(int64(i), 0),
		}
		change(&c)
		list = append(list, c)
	}
	return list
}

func ready(c *candidate)   { c.ready = true }
func unready(*candidate)   {}
func sick(c *candidate)    { c.sick = true }
func pending(c *candidate) { c.phase = starts }
func unplaced(c *candidate) {
	c.phase = waitsForRoom
}
func leaving(c *candidate) { c.ready, c.leaving = true, true }
func ending(c *candidate)  { c.phase = stops }

func TestDecide(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		desired, low, high int
		stalled            bool
		tasks              [][]candidate
		start, replacing   int
		stop               []string
		stuck              bool
	}{
		"a new service": {desired: 2, low: 100, high: 200, start: 2},
		"nothing to do": {desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("new", 2, ready)}},
		"a task that ends is replaced": {
			desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("new", 1, ready), crew("gone", 1, ending)}, start: 1,
		},
		"new tasks come first": {desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("old", 2, ready)}, start: 2},
		"old tasks stay until new ones are healthy": {
			desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("old", 2, ready), crew("new", 2, unready)},
		},
		"one healthy new task lets one old task go, the oldest": {
			desired: 2, low: 100, high: 200,
			tasks: [][]candidate{crew("old", 2, ready), crew("new", 1, ready), crew("new-", 1, unready)},
			stop:  []string{"old1"},
		},
		"all new tasks healthy": {
			desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("old", 2, ready), crew("new", 2, ready)},
			stop: []string{"old1", "old2"},
		},
		"the maximum is rounded down": {
			desired: 3, low: 100, high: 150, tasks: [][]candidate{crew("old", 3, ready)}, start: 1,
		},
		"the minimum is rounded up": {
			desired: 3, low: 50, high: 100, tasks: [][]candidate{crew("old", 3, ready)}, stop: []string{"old1"},
		},
		"old tasks that never ran go at once": {
			desired: 2, low: 100, high: 200,
			tasks: [][]candidate{crew("old", 2, ready), crew("older", 1, pending), crew("oldest", 1, unplaced)},
			start: 2, stop: []string{"older1", "oldest1"},
		},
		"a deployment that failed starts nothing": {
			desired: 2, low: 100, high: 200, stalled: true, tasks: [][]candidate{crew("old", 2, ready)},
		},
		"old tasks that are not healthy after a restart of the scheduler stay": {
			desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("old", 2, unready), crew("new", 2, pending)},
		},
		"a sick task is replaced before it goes": {
			desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("new", 1, ready), crew("newer", 1, sick)},
			start: 1, replacing: 1,
		},
		"a sick task goes when its replacement is healthy": {
			desired: 1, low: 100, high: 200, tasks: [][]candidate{crew("new", 1, ready), crew("newer", 1, sick)},
			stop: []string{"newer1"},
		},
		"sick tasks of a rollout make room": {
			desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("old", 2, ready), crew("new", 2, sick)},
			start: 2, replacing: 2, stop: []string{"new1", "new2"},
		},
		"sick tasks go one by one when there is no room": {
			desired: 4, low: 100, high: 125, tasks: [][]candidate{crew("new", 4, sick)},
			start: 2, replacing: 2, stop: []string{"new1"},
		},
		"a draining instance is left when the replacement is healthy": {
			desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("new", 2, ready), crew("newer", 1, leaving)},
			stop: []string{"newer1"},
		},
		"a draining instance is replaced first": {
			desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("new", 1, ready), crew("newer", 1, leaving)}, start: 1,
		},
		"fewer are desired: the newest of the fullest zone": {
			desired: 2, low: 100, high: 200, tasks: [][]candidate{crew("new", 3, ready)}, stop: []string{"new3"},
		},
		"fewer are desired: the one that does not run yet": {
			desired: 1, low: 100, high: 200, tasks: [][]candidate{crew("new", 1, ready), crew("newer", 1, pending)},
			stop: []string{"newer1"},
		},
		"no task can be replaced": {
			desired: 1, low: 100, high: 150, tasks: [][]candidate{crew("old", 1, ready)}, stuck: true,
		},
		"none is desired": {
			desired: 0, low: 100, high: 200, tasks: [][]candidate{crew("new", 1, ready), crew("old", 1, ready)},
			stop: []string{"new1", "old1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := situation{
				desired: tc.desired, minPercent: tc.low, maxPercent: tc.high, primary: "new", stalled: tc.stalled,
				tasks: slices.Concat(tc.tasks...),
			}
			for i := range s.tasks {
				if d := s.tasks[i].deployment; d == "newer" || d == "new-" {
					s.tasks[i].deployment = "new"
				}
			}
			got := decide(s)
			require.Equal(t, tc.start, got.start, "start")
			require.Equal(t, tc.replacing, got.replacing, "replacing")
			require.ElementsMatch(t, tc.stop, got.stop)
			require.Equal(t, tc.stuck, got.stuck, "stuck")
		})
	}
}

func TestThreshold(t *testing.T) {
	t.Parallel()
	for desired, want := range map[int]int{1: 3, 2: 3, 6: 3, 7: 4, 20: 10, 399: 200, 1000: 200} {
		require.Equal(t, want, threshold(desired), "desired %d", desired)
	}
}

func TestDelaysGrow(t *testing.T) {
	t.Parallel()
	require.Zero(t, delay(4, 2), "two rounds")
	require.Equal(t, 30*time.Second, delay(6, 2))
	require.Equal(t, time.Minute, delay(8, 2))
	require.Equal(t, 27*time.Minute, delay(100, 2))
	require.Positive(t, delay(3, 0))
}

func TestPlacementComplaints(t *testing.T) {
	t.Parallel()
	const want = "was unable to place a task because no container instance met all of its requirements. " +
		"The closest matching container-instance abc has insufficient memory available. " +
		"For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
	for _, reason := range []string{
		"The closest matching container-instance abc has insufficient memory available.",
		"The closest matching container-instance abc has insufficient memory available",
		want, "(service site) " + want,
	} {
		require.Equal(t, want, complain(reason))
	}
	require.Equal(t, "was unable to place a task because no container instance met all of its requirements. "+
		"For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.", complain(""))
}
