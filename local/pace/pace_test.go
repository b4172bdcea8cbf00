package pace_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/pace"
)

const minute = time.Minute

func labels(s pace.Schedule) []string {
	var list []string
	for _, span := range s.Critical {
		list = append(list, span.Label)
	}
	return list
}

func TestTheLongestChainDecides(t *testing.T) {
	t.Parallel()
	steps := []pace.Step{
		{Label: "network", Takes: minute},
		{Label: "database", Takes: 7 * minute, After: []int{0}},
		{Label: "balancer", Takes: 3 * minute, After: []int{0}},
		{After: []int{1, 2}}, // takes no time, and nobody wants to read of it
		{Label: "service", Takes: 2 * minute, After: []int{3}},
	}
	s, err := pace.Run(steps, pace.Workers)
	require.NoError(t, err)
	require.Equal(t, 10*minute, s.Makespan)
	require.Equal(t, []string{"network", "database", "service"}, labels(s))
	require.Equal(t, []string{
		"  0:00  +1:00  network", "  1:00  +7:00  database", "  8:00  +2:00  service",
	}, s.Lines())
}

func TestTooFewWorkersMakeStepsWait(t *testing.T) {
	t.Parallel()
	steps := []pace.Step{
		{Label: "a", Takes: 2 * minute}, {Label: "b", Takes: 3 * minute}, {Label: "c", Takes: 4 * minute},
	}
	s, err := pace.Run(steps, 2)
	require.NoError(t, err)
	require.Equal(t, 6*minute, s.Makespan)
	require.Equal(t, []string{"a", "c"}, labels(s))
}

func TestACircleIsNoOrder(t *testing.T) {
	t.Parallel()
	_, err := pace.Run([]pace.Step{{After: []int{1}}, {After: []int{0}}}, 1)
	require.ErrorContains(t, err, "in a circle")
}

func TestOneScheduleAfterAnother(t *testing.T) {
	t.Parallel()
	first := pace.Schedule{Makespan: minute, Critical: []pace.Span{{Label: "a", Takes: minute}}}
	both := first.Then(first)
	require.Equal(t, 2*minute, both.Makespan)
	require.Equal(t, minute, both.Critical[1].Begin)
}

// row is a resource as `pulumi stack export` prints it.
type row map[string]any

const prefix = "urn:pulumi:test::site::"

func urn(typ, name string) string { return prefix + typ + "::" + name }

func one(typ, name string, after ...string) row {
	return row{"urn": urn(typ, name), "type": typ, "id": name, "custom": true, "dependencies": after}
}

func component(typ, name string) row { return row{"urn": urn(typ, name), "type": typ} }

func (r row) in(parent string) row {
	r["parent"] = parent
	return r
}

func stack(t *testing.T, rows ...row) pace.Stack {
	t.Helper()
	text, err := json.Marshal(map[string]any{"deployment": map[string]any{"resources": rows}})
	require.NoError(t, err)
	s, err := pace.Read(text)
	require.NoError(t, err)
	return s
}

// takes gives a figure to the resources of some types.
func takes(figures map[string]time.Duration) pace.Work {
	return func(r pace.Resource) time.Duration { return figures[r.Type] }
}

// What a component of another provider puts out comes when all its children exist, also those that nobody names.
func TestAnUpdateWaitsForAllOfARemoteComponent(t *testing.T) {
	t.Parallel()
	figures := takes(map[string]time.Duration{"subnet": minute, "nat": 2 * minute, "cache": 7 * minute})
	for typ, want := range map[string]time.Duration{"awsx:ec2:Vpc": 10 * minute, "site:index:Network": 8 * minute} {
		vpc := urn(typ, "vpc")
		s := stack(t, component(typ, "vpc"), one("subnet", "s").in(vpc), one("nat", "n", urn("subnet", "s")).in(vpc),
			one("cache", "c", urn("subnet", "s")))
		schedule, err := pace.Run(pace.Up(s, figures), pace.Workers)
		require.NoError(t, err)
		require.Equal(t, want, schedule.Makespan, typ)
	}
}

// The engine deletes by layers: "b" could go at once, but it is in the layer of what "slow" stands on.
func TestADestroyGoesLayerByLayer(t *testing.T) {
	t.Parallel()
	s := stack(t, one("root", "r"), one("base", "a", urn("root", "r")), one("base", "b", urn("root", "r")),
		one("slow", "s", urn("base", "a")))
	schedule, err := pace.Run(pace.Destroy(s, takes(map[string]time.Duration{
		"root": minute, "base": 2 * minute, "slow": 4 * minute,
	})), pace.Workers)
	require.NoError(t, err)
	require.Equal(t, 7*minute, schedule.Makespan)
	require.Equal(t, "slow s", schedule.Critical[0].Label)
}

// A resource that depends on a component goes before all that is in it.
func TestADestroyKnowsWhatIsInAComponent(t *testing.T) {
	t.Parallel()
	vpc := urn("awsx:ec2:Vpc", "vpc")
	s := stack(t, component("awsx:ec2:Vpc", "vpc"), one("subnet", "s").in(vpc), one("nat", "n", urn("subnet", "s")).in(vpc),
		one("task", "t", vpc))
	schedule, err := pace.Run(pace.Destroy(s, takes(map[string]time.Duration{"nat": minute, "task": minute})), pace.Workers)
	require.NoError(t, err)
	require.Equal(t, []string{"task t", "nat n"}, labels(schedule))
}
