package capacity

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/metrics"
)

// ask lets tasks look for a place, as the scheduler does again and again, and returns how many have one.
func (c *cloud) ask(tasks int) int {
	placed := 0
	for n := range tasks {
		if _, _, ok := c.tasks.Place(want(strconv.Itoa(n))); ok {
			placed++
		}
	}
	return placed
}

// setting changes a setting of managed scaling, or of the provider.
func setting(name string, value any) func(g, p account.Props) {
	return func(_, p account.Props) {
		asg := p["autoScalingGroupProvider"].(map[string]any)
		if _, there := asg[name]; there {
			asg[name] = value
			return
		}
		asg["managedScaling"].(map[string]any)[name] = value
	}
}

func minimum(n float64) func(g, p account.Props) {
	return func(g, _ account.Props) { g["minSize"], g["desiredCapacity"] = n, n }
}

func TestWaitingTasksGetInstancesWithinSecondsAndABoot(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(5 * time.Minute)
	require.Equal(t, 4, c.ask(7))
	c.pass(9 * time.Second)
	require.Equal(t, 2, c.desired(), "they may come in numbers")
	c.pass(time.Second)
	require.Equal(t, 4, c.desired(), "three tasks need two more")
	require.Equal(t, 4, c.group().Inputs.Int("desiredCapacity"), "as somebody who reads the group sees it")
	c.pass(time.Minute)
	require.Equal(t, 7, c.ask(7))
	c.pass(20 * time.Minute)
	require.Equal(t, 4, c.desired())
}

func TestScaleOutStopsAtTheMaximum(t *testing.T) {
	t.Parallel()
	c := open(t, func(g, _ account.Props) { g["maxSize"] = 3.0 })
	c.pass(5 * time.Minute)
	c.ask(20)
	c.pass(5 * time.Minute)
	require.Equal(t, 3, c.desired())
	require.Equal(t, 6, c.ask(20))
}

func TestScaleOutWaitsForTheWarmupOfTheLastInstances(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(5 * time.Minute)
	c.ask(5)
	c.pass(30 * time.Second)
	require.Equal(t, 3, c.desired())
	c.ask(9)
	c.pass(time.Minute)
	require.Equal(t, 3, c.desired())
	c.ask(9)
	c.pass(time.Minute)
	require.Equal(t, 5, c.desired())
}

func TestStepSizes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		setting string
		tasks   int
		desired int
	}{
		"minimum": {"minimumScalingStepSize", 5, 5},
		"maximum": {"maximumScalingStepSize", 16, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, setting("managedScaling", map[string]any{
				"status": "ENABLED", "instanceWarmupPeriod": 120.0, tc.setting: 3.0,
			}))
			c.pass(5 * time.Minute)
			c.ask(tc.tasks)
			c.pass(time.Minute)
			require.Equal(t, tc.desired, c.desired())
		})
	}
}

// With nothing to divide by, ECS reports 200 percent, which is two instances.
func TestAnEmptyGroupStartsTwoInstances(t *testing.T) {
	t.Parallel()
	c := open(t, minimum(0))
	c.pass(time.Minute)
	require.Empty(t, c.tasks.Instances())
	c.ask(1)
	c.pass(10 * time.Second)
	require.Equal(t, 2, c.desired())
	c.pass(time.Minute)
	require.Equal(t, 1, c.ask(1))
}

func TestTargetCapacityKeepsSpareInstances(t *testing.T) {
	t.Parallel()
	c := open(t, setting("targetCapacity", 80.0))
	c.pass(5 * time.Minute)
	require.Equal(t, 2, c.ask(2))
	c.pass(5 * time.Minute)
	require.Equal(t, 3, c.desired(), "two of three are in use: under 80 percent")
	c.pass(time.Hour)
	require.Equal(t, 3, c.desired(), "two of two would be over it")
	sum := c.metrics.Between(metrics.Metric{
		Namespace: "AWS/ECS/ManagedScaling", Name: "CapacityProviderReservation", Dimension: "site",
	}, c.now.Add(-10*time.Minute), c.now)
	require.InDelta(t, 66.7, sum.Average(), 0.1)
	require.InDelta(t, 10, sum.Count, 1, "one point a minute")
}

func TestATaskThatFitsNoInstanceAddsNone(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(5 * time.Minute)
	w := want("1")
	w.Memory = 9000
	_, _, ok := c.tasks.Place(w)
	require.False(t, ok)
	c.pass(10 * time.Minute)
	require.Equal(t, 2, c.desired())
	require.Equal(t, []string{
		"service:site: a task of 1024 CPU units and 9000 MiB fits no m7i.large, which has 2048 and 7785: no instance is added for it",
	}, c.lines)
}

func TestATaskThatGivesUpAddsNoInstance(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(5 * time.Minute)
	c.ask(5)
	c.tasks.Release("4")
	c.pass(10 * time.Minute)
	require.Equal(t, 2, c.desired())
}

func TestWithoutManagedScalingTheGroupStaysAsItIs(t *testing.T) {
	t.Parallel()
	c := open(t, setting("status", "DISABLED"))
	c.pass(5 * time.Minute)
	c.ask(9)
	c.pass(time.Hour)
	require.Equal(t, 2, c.desired())
	require.Len(t, c.in("ACTIVE"), 2)
}

// grown is a cloud of four instances, each with two tasks.
func grown(t *testing.T, change ...func(g, p account.Props)) (*cloud, []Place) {
	t.Helper()
	c := open(t, append(change, minimum(4))...)
	c.pass(5 * time.Minute)
	places := c.place("0", "1", "2", "3", "4", "5", "6", "7")
	c.change(account.Props{"minSize": 1.0})
	c.pass(time.Minute)
	require.Equal(t, 4, c.desired())
	return c, places
}

func TestScaleInTakesFifteenMinutesAndOnlyIdleInstances(t *testing.T) {
	t.Parallel()
	c, places := grown(t)
	for n := range places {
		if places[n].Instance != places[0].Instance {
			c.tasks.Release(strconv.Itoa(n))
		}
	}
	c.pass(14 * time.Minute)
	require.Equal(t, 4, c.desired())
	c.pass(time.Minute)
	require.Equal(t, 2, c.desired(), "at most the half at once")
	c.pass(time.Minute)
	require.Equal(t, 1, c.desired())
	active := c.in("ACTIVE")
	require.Len(t, active, 1)
	require.Equal(t, places[0].Instance, active[0].ID)
	require.True(t, active[0].Protected)
}

func TestABusySpellStartsTheFifteenMinutesAgain(t *testing.T) {
	t.Parallel()
	c, places := grown(t)
	free := func(instance string) {
		for n := range places {
			if places[n].Instance == instance {
				c.tasks.Release(strconv.Itoa(n))
			}
		}
	}
	free(places[0].Instance)
	c.pass(14 * time.Minute)
	again := c.place("again")
	require.Equal(t, places[0].Instance, again[0].Instance)
	c.pass(time.Minute)
	c.tasks.Release("again")
	c.pass(14 * time.Minute)
	require.Equal(t, 4, c.desired())
	c.pass(2 * time.Minute)
	require.Equal(t, 3, c.desired())
}

// Without termination protection the group does not look at tasks: managed draining moves them first.
func TestUnprotectedInstancesDrainBeforeTheyEnd(t *testing.T) {
	t.Parallel()
	c, places := grown(t, setting("managedTerminationProtection", "DISABLED"),
		func(g, _ account.Props) { g["protectFromScaleIn"] = false })
	for n := 2; n < 8; n++ {
		if places[n].Instance == places[1].Instance || places[n].Instance == places[0].Instance {
			continue
		}
		c.tasks.Release(strconv.Itoa(n))
	}
	before := c.changes
	c.pass(16 * time.Minute)
	draining := c.in("DRAINING")
	require.NotEmpty(t, draining, "the oldest of the fullest zone is one with tasks")
	require.Greater(t, c.changes, before, "the scheduler hears of it")
	for n := range places {
		c.tasks.Release(strconv.Itoa(n)) // they have moved
	}
	c.pass(0)
	require.Empty(t, c.in("DRAINING"))
	require.Contains(t, ids(c.in("terminated")), draining[0].ID)
}

// A new process does not take an instance for idle whose tasks it has not been told of yet.
func TestARestartedProcessWaitsForItsTasksBeforeItEndsInstances(t *testing.T) {
	t.Parallel()
	c, places := grown(t)
	c.put(newTemplate("m7i.large"))
	c.change(account.Props{"launchTemplate": map[string]any{"id": "lt-1", "version": "2"}})
	c.pass(7 * time.Minute)
	require.Len(t, c.in("DRAINING"), 4)
	c.restart()
	c.pass(4 * time.Second)
	require.Len(t, c.in("DRAINING"), 4)
	for n, p := range places {
		c.tasks.Held(strconv.Itoa(n), want(""), p)
	}
	c.pass(time.Hour)
	require.Len(t, c.in("DRAINING"), 4)
	for n := range places {
		c.tasks.Release(strconv.Itoa(n))
	}
	c.pass(0)
	require.Empty(t, c.in("DRAINING"))
}

func ids(list []Instance) []string {
	var names []string
	for _, i := range list {
		names = append(names, i.ID)
	}
	return names
}

func newTemplate(instanceType string) account.Resource {
	return templateOf(instanceType, 2, "ECS_CLUSTER=site\n")
}

func TestARefreshStartsNewInstancesBeforeOldOnesGo(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(5 * time.Minute)
	c.place("1", "2")
	old := ids(c.in("ACTIVE"))
	c.put(newTemplate("m7i.xlarge"))
	c.pass(time.Minute)
	require.Equal(t, old, ids(c.in("ACTIVE")), "the group still names the old version")
	c.change(account.Props{"launchTemplate": map[string]any{"id": "lt-1", "version": "2"}})
	c.pass(5 * time.Minute)
	require.Len(t, c.in("ACTIVE"), 4)
	c.pass(time.Minute)
	require.Equal(t, old, ids(c.in("DRAINING")), "after the new ones have warmed up")
	for n, p := range c.place("3", "4") {
		require.NotContains(t, old, p.Instance)
		c.tasks.Release(strconv.Itoa(n + 1))
	}
	c.pass(0)
	require.ElementsMatch(t, old, ids(c.in("terminated")))
	for _, i := range c.in("ACTIVE") {
		require.Equal(t, []any{"m7i.xlarge", "2"}, []any{i.Type, i.Template})
	}
	require.Equal(t, 2, c.desired())
}

// Without room for more than the desired capacity, the minimum decides how many may be missing.
func TestARefreshWithoutRoomGoesOneByOne(t *testing.T) {
	t.Parallel()
	c := open(t, func(g, _ account.Props) {
		g["instanceRefresh"] = map[string]any{"strategy": "Rolling", "preferences": map[string]any{
			"minHealthyPercentage": 50.0, "instanceWarmup": 0.0,
		}}
	})
	c.pass(5 * time.Minute)
	c.put(newTemplate("m7i.large"))
	c.change(account.Props{"launchTemplate": map[string]any{"id": "lt-1", "version": "2"}})
	for range 150 {
		c.pass(time.Second)
		require.NotEmpty(t, c.in("ACTIVE"))
	}
	for _, i := range c.in("ACTIVE") {
		require.Equal(t, "2", i.Template)
	}
	require.Len(t, c.in("ACTIVE"), 2)
}

func TestWithoutRefreshOnlyNewInstancesHaveTheNewTemplate(t *testing.T) {
	t.Parallel()
	c := open(t, func(g, _ account.Props) { delete(g, "instanceRefresh") })
	c.pass(5 * time.Minute)
	c.put(newTemplate("m7i.xlarge"))
	c.change(account.Props{"launchTemplate": map[string]any{"id": "lt-1", "version": "2"}, "minSize": 3.0})
	c.pass(time.Hour)
	types := map[string]int{}
	for _, i := range c.in("ACTIVE") {
		types[i.Type]++
	}
	require.Equal(t, map[string]int{"m7i.large": 2, "m7i.xlarge": 1}, types)
}

func TestOldInstancesAreReplacedWhenTheyAreIdle(t *testing.T) {
	t.Parallel()
	c := open(t, func(g, _ account.Props) { g["maxInstanceLifetime"] = 3600.0 })
	c.pass(5 * time.Minute)
	busy := c.place("1")[0].Instance
	old := ids(c.in("ACTIVE"))
	c.pass(time.Hour)
	active := ids(c.in("ACTIVE"))
	require.Len(t, active, 2)
	require.Contains(t, active, busy, "it is protected")
	require.NotSubset(t, active, old)
}
