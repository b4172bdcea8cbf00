package task

import (
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/stretchr/testify/require"
)

func needs(name, condition string) []any {
	return []any{props{"containerName": name, "condition": condition}}
}

// site is shaped like the program's task.
func site() []props {
	check := props{"command": []any{"CMD", "true"}}
	return []props{
		{"name": "setup", "essential": false, "startTimeout": 60},
		{"name": "php", "dependsOn": needs("setup", "SUCCESS"), "healthCheck": check, "stopTimeout": 90},
		{"name": "nginx", "dependsOn": needs("php", "HEALTHY"), "healthCheck": check},
		{
			"name": "cron", "essential": false, "dependsOn": needs("setup", "SUCCESS"),
			"restartPolicy": props{"enabled": true, "ignoredExitCodes": []any{64}, "restartAttemptPeriod": 60},
		},
	}
}

func up(t *testing.T, r *rig) {
	t.Helper()
	r.noted(t, "start setup")
	r.engine.ends("setup", container.State{})
	r.noted(t, "start php")
	r.noted(t, "start cron")
	require.NotContains(t, r.engine.notes(), "start nginx")
	require.Equal(t, Pending, get(r.Part, taskID).Status)
	r.engine.checked("php", container.Healthy)
	r.noted(t, "start nginx")
	r.engine.checked("nginx", container.Healthy)
	r.until(t, func(t Task) bool { return t.Status == Running && t.Health == Healthy })
}

func TestContainersStartAndStopInOrder(t *testing.T) {
	t.Parallel()
	r := begin(t, site(), func(f *fake) { f.slow["nginx"] = make(chan struct{}) })
	up(t, r)
	r.Stop(taskID, "ServiceSchedulerInitiated", "Scaling activity")
	r.Stop(taskID, "UserInitiated", "again")
	require.Equal(t, Deactivating, get(r.Part, taskID).Status)
	r.Drained(taskID)
	r.noted(t, "stop nginx within 30s")
	r.noted(t, "stopped cron")
	require.NotContains(t, r.engine.notes(), "stop php within 1m30s", "it serves nginx")
	close(r.engine.slow["nginx"])
	down := r.until(t, is(Stopped))
	require.Contains(t, r.engine.notes(), "stop php within 1m30s")
	require.Equal(t, "ServiceSchedulerInitiated", down.StopCode)
	require.False(t, down.Ended.IsZero())
	require.Empty(t, r.engine.all)
}

func TestAnUnhealthyContainerMakesTheTaskUnhealthy(t *testing.T) {
	t.Parallel()
	r := begin(t, site(), nil)
	up(t, r)
	r.engine.checked("php", container.Unhealthy)
	unhealthy := r.until(t, func(t Task) bool { return t.Health == Unhealthy })
	require.Equal(t, Running, unhealthy.Status, "the service decides")
}

func TestWhenAnEssentialContainerEndsTheTaskDoes(t *testing.T) {
	t.Parallel()
	r := begin(t, site(), nil)
	up(t, r)
	r.engine.ends("php", container.State{ExitCode: 137, OOMKilled: true})
	down := r.until(t, is(Stopped)) // without waiting for load balancers
	require.Equal(t, "EssentialContainerExited", down.StopCode)
	require.Equal(t, "Essential container in task exited", down.Reason)
	require.Equal(t, "OutOfMemoryError: Container killed due to memory usage", down.of("php").Reason)
	require.Equal(t, 137, *down.of("php").Exit)
}

func TestWhatWaitsForAFailureNeverStarts(t *testing.T) {
	t.Parallel()
	r := begin(t, site(), nil)
	r.noted(t, "start setup")
	r.engine.ends("setup", container.State{ExitCode: 1})
	down := r.until(t, is(Stopped))
	require.Equal(t, "TaskFailedToStart", down.StopCode)
	require.Equal(t, "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency "+
		"[setup (STOPPED->RUNNING) - Exit: 1] for target [php] as dependency did not exit successfully.", down.Reason)
	require.Equal(t, unstartedExit, *down.of("php").Exit)
	require.NotContains(t, r.engine.notes(), "start php")
}

func TestADependencyHasItsStartTimeout(t *testing.T) {
	t.Parallel()
	containers := site()
	containers[0]["startTimeout"] = 1
	r := begin(t, containers, nil)
	began := time.Now()
	down := r.until(t, is(Stopped))
	require.Greater(t, time.Since(began), 900*time.Millisecond)
	require.Equal(t, "TaskFailedToStart", down.StopCode)
	require.Contains(t, down.Reason, "container ordering dependency [setup (RUNNING->RUNNING)] for target [php] has timed out.")
	require.Contains(t, r.engine.notes(), "stopped setup")
}

func TestAContainerThatCannotStartStopsTheTask(t *testing.T) {
	t.Parallel()
	r := begin(t, site(), func(f *fake) { f.refuses = "setup" })
	down := r.until(t, is(Stopped))
	require.Equal(t, "TaskFailedToStart", down.StopCode)
	require.Equal(t, "CannotStartContainerError: no such file", down.of("setup").Reason)
}

func TestTheRestartPolicyStartsAContainerAgain(t *testing.T) {
	t.Parallel()
	r := begin(t, site(), nil)
	up(t, r)
	old := time.Now().Add(-time.Hour).Format(time.RFC3339Nano)
	r.engine.ends("cron", container.State{ExitCode: 1, StartedAt: old})
	again := r.until(t, func(t Task) bool { return t.of("cron").Restarts == 1 })
	require.Equal(t, Running, again.Status)
	require.Eventually(t, func() bool {
		n := 0
		for _, note := range r.engine.notes() {
			if note == "start cron" {
				n++
			}
		}
		return n == 2
	}, time.Minute, time.Millisecond)

	r.engine.ends("cron", container.State{ExitCode: 1}) // too soon
	ended := r.until(t, func(t Task) bool { return t.of("cron").Status == Stopped })
	require.Equal(t, 1, *ended.of("cron").Exit)
	require.Equal(t, Running, ended.Status, "the task does without it")
}

func TestIgnoredExitCodesAreNotTriedAgain(t *testing.T) {
	t.Parallel()
	u := &unit{def: &containerDefinition{RestartPolicy: &restartPolicy{Enabled: true, IgnoredExitCodes: []int{64}}}}
	u.started = time.Now()
	require.False(t, u.restarts(64, u.started.Add(time.Hour)))
	require.True(t, u.restarts(1, u.started.Add(300*time.Second)))
	require.False(t, u.restarts(1, u.started.Add(299*time.Second)), "the default period")
	u.def.RestartPolicy = nil
	require.False(t, u.restarts(1, u.started.Add(time.Hour)))
}

func TestATaskThatIsStoppedBeforeItRunsGoesQuickly(t *testing.T) {
	t.Parallel()
	r := begin(t, site(), nil)
	r.noted(t, "start setup")
	r.Stop(taskID, "ServiceSchedulerInitiated", "no longer needed")
	r.Drained(taskID)
	down := r.until(t, is(Stopped))
	require.Nil(t, down.of("php").Exit)
	require.NotContains(t, r.engine.notes(), "start php")
	require.Empty(t, r.engine.all)
}

func TestTheEndOfTheNamespaceEndsTheTask(t *testing.T) {
	t.Parallel()
	r := begin(t, site(), nil)
	up(t, r)
	r.engine.ends(pauseID, container.State{ExitCode: 137})
	require.Contains(t, r.until(t, is(Stopped)).Reason, "network namespace")
}
