package faults_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// mostRuns bounds a chain of runs: the graph of the program is not as deep.
const mostRuns = 60

// Each creation and each deletion fails once: cleanly, with its answer lost, and with the process killed before it
// and after it. The next command makes good what the one before has left, and in the end the account holds exactly
// what the state holds; after the deletions, nothing.
//
// The runs of a chain stand for one run per resource. All calls that have not failed yet do, and the engine goes on
// where it can, so a run lets those fail whose dependencies are there, and the next run makes them, like an `up` after
// the failure of one of them alone, and meets the failures of the next ones. Each resource has failed once, with all
// before it made and nothing behind it; that its neighbours fail in the same run leaves more to put in order, not less.
func TestEachCallFailsOnce(t *testing.T) {
	t.Parallel()
	all := everyPart(t)
	for name, fault := range map[string]string{
		"cleanly":        "fault: timeout",
		"answer lost":    "fault: lost",
		"killed, before": "fault: kill, for: 500ms",
		"killed, after":  "fault: kill, for: 500ms, when: after",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloud.WithoutEngine(t, built)
			everything(c)
			chain(t, c, "create", fault, all, "up")
			requireInOrder(t, c)
			c.OK("up", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive", "--config", "protected=false")
			chain(t, c, "delete", fault, all, "destroy")
			require.Empty(t, c.Resources())
		})
	}
}

// everyPart are the resources of a deployment without faults, so that a new one is covered by itself.
func everyPart(t *testing.T) []part {
	t.Helper()
	c := cloud.WithoutEngine(t, built)
	everything(c)
	c.Set("prod", "protected", "false")
	c.Up("prod")
	requireInOrder(t, c)
	all := parts(recorded(t, c))
	c.Destroy("prod")
	return all
}

// chain runs a command until all parts have failed once and it succeeds.
func chain(t *testing.T, c *cloud.Cloud, call, fault string, all []part, command string) {
	t.Helper()
	args := []string{command, "--stack", "prod", "--yes", "--skip-preview", "--non-interactive", "--continue-on-error"}
	left := all
	for range mostRuns {
		if len(left) == 0 {
			c.OK(args...)
			return
		}
		r := c.Run(append(args, plan(t, call, fault, left))...)
		require.NotZero(t, r.Code, "a %s in which no call of %v fails\n%s", command, left, r.Out)
		hit := failed(r.Out)
		require.NotEmpty(t, hit, "it fails by the plan\n%s", r.Out)
		left = without(t, left, hit)
	}
	require.Empty(t, left, "still to fail after %d runs", mostRuns)
}
