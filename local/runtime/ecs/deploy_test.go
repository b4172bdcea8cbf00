package ecs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/task"
)

// A rollout whose tasks fail, however they do it, is rolled back; the old tasks serve all the time.
func TestTheCircuitBreakerRollsBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fate fate
		// patience is how many seconds it may take.
		patience int
	}{
		"does not start": {fate: broken, patience: 10},
		"crashes":        {fate: crashing, patience: 20},
		"unhealthy":      {fate: unhealthy, patience: 2*int(grace.Seconds()) + 20},
		"container unhealthy": {patience: 2*int(grace.Seconds()) + 20, fate: func(w *world, t task.Task) {
			w.runner.works(t.ID)
			w.runner.change(t.ID, func(t *task.Task) { t.Health = task.Unhealthy })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := steady(t)
			old := w.running()
			good := *w.describe().Deployments[0].Id
			w.ask("taskDefinition", w.define(2))
			w.step()
			bad := *w.describe().Deployments[0].Id
			for range tc.patience {
				w.live(1, fine, tc.fate)
				for _, r := range old {
					require.Contains(t, w.running(), r, "the old tasks are left alone")
				}
				if *w.describe().Deployments[0].Id == good {
					break
				}
			}
			s := w.describe()
			require.Equal(t, good, *s.Deployments[0].Id, "the deployment that was completed leads again")
			require.Equal(t, "PRIMARY", *s.Deployments[0].Status)
			require.Equal(t, types.DeploymentRolloutStateFailed, s.Deployments[1].RolloutState)
			require.Equal(t, bad, *s.Deployments[1].Id)
			require.Equal(t, "ECS deployment circuit breaker: tasks failed to start.", *s.Deployments[1].RolloutStateReason)
			require.GreaterOrEqual(t, s.Deployments[1].FailedTasks, int32(3))
			require.Equal(t, arns+"task-definition/site:1", w.resource().Outputs.String("taskDefinition"))
			require.Equal(t, arns+"task-definition/site:1", *s.TaskDefinition)
			events := w.events()
			require.Contains(t, events, "(service site) (deployment ecs-svc/D) deployment failed: tasks failed to start.")
			require.Contains(t, events, "(service site) rolling back to deployment ecs-svc/D.")

			w.live(20, fine, tc.fate)
			s = w.describe()
			require.Contains(t, w.events()[0], "steady state")
			require.Equal(t, types.DeploymentRolloutStateCompleted, s.Deployments[0].RolloutState)
			require.Equal(t, "INACTIVE", *s.Deployments[1].Status)
			require.Equal(t, "ECS deployment circuit breaker: tasks failed to start.", *s.Deployments[1].RolloutStateReason)
			require.Len(t, w.running(), 2)
			w.clock.pass(5 * time.Minute)
			w.step()
			require.Len(t, w.describe().Deployments, 1, "the failed one is shown for a while")

			w.ask("taskDefinition", w.define(3))
			w.live(30, fine, tc.fate, fine)
			require.Equal(t, arns+"task-definition/site:3", *w.describe().Deployments[0].TaskDefinition)
			require.Equal(t, types.DeploymentRolloutStateCompleted, w.describe().Deployments[0].RolloutState, "the next good one recovers")
		})
	}
}

// While a rollback is under way, its reason says so.
func TestARollbackSaysWhy(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.ask("taskDefinition", w.define(2))
	for *w.describe().TaskDefinition != arns+"task-definition/site:1" || len(w.describe().Deployments) < 2 {
		w.step()
		for _, r := range w.runner.Tasks() {
			if r.Definition == arns+"task-definition/site:2" && r.Wanted == task.Running {
				w.runner.works(r.ID)
				w.runner.dies(r.ID, "EssentialContainerExited", "Essential container in task exited")
			}
		}
		// An old task that is not healthy keeps the rollback from being complete at once.
		w.targets.set(group, "10.0.100.1", 8080, alb.Initial, "")
	}
	d := w.describe().Deployments
	require.Equal(t, types.DeploymentRolloutStateInProgress, d[0].RolloutState)
	require.Equal(t, "ECS deployment circuit breaker: rolling back to deploymentId "+*d[0].Id+".", *d[0].RolloutStateReason)
}

// A healthy task between two failures begins the count anew.
func TestAHealthyTaskResetsTheCount(t *testing.T) {
	t.Parallel()
	w := start(t, func(p account.Props) { p["desiredCount"] = 1.0 })
	fail := func() {
		w.step()
		for _, r := range w.running() {
			w.runner.dies(r.ID, "TaskFailedToStart", "no")
		}
		w.step()
	}
	fail()
	fail()
	require.EqualValues(t, 2, w.describe().Deployments[0].FailedTasks)
	w.room.places = 1
	w.ask("desiredCount", 2.0)
	w.live(3, fine)
	require.Zero(t, w.describe().Deployments[0].FailedTasks)
	require.Equal(t, types.DeploymentRolloutStateInProgress, w.describe().Deployments[0].RolloutState)
}

// The first deployment has nothing to go back to: it stays failed and starts no more tasks.
func TestAFailedFirstDeploymentStalls(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.live(30, broken)
	s := w.describe()
	require.Len(t, s.Deployments, 1)
	require.Equal(t, types.DeploymentRolloutStateFailed, s.Deployments[0].RolloutState)
	require.Equal(t, "PRIMARY", *s.Deployments[0].Status)
	require.Len(t, w.runner.Tasks(), 4, "two rounds of two are three failures and one")
	require.Equal(t, "(service site) (deployment ecs-svc/D) deployment failed: tasks failed to start.", w.events()[0])
	w.ask("taskDefinition", w.define(2))
	w.live(10, fine)
	require.Contains(t, w.events()[0], "steady state")
}

func TestWithoutBreakerTheRolloutGoesOn(t *testing.T) {
	t.Parallel()
	w := steady(t, func(p account.Props) {
		p["deploymentCircuitBreaker"] = map[string]any{"enable": false, "rollback": false}
	})
	w.ask("taskDefinition", w.define(2))
	w.live(120, fine, broken)
	d := w.describe().Deployments
	require.Len(t, d, 2)
	require.Equal(t, types.DeploymentRolloutStateInProgress, d[0].RolloutState)
	require.Greater(t, d[0].FailedTasks, int32(3))
	require.EqualValues(t, 2, d[1].RunningCount, "the old tasks serve on")
}

func TestWithoutRollbackTheDeploymentStaysFailed(t *testing.T) {
	t.Parallel()
	w := steady(t, func(p account.Props) {
		p["deploymentCircuitBreaker"] = map[string]any{"enable": true, "rollback": false}
	})
	w.ask("taskDefinition", w.define(2))
	w.live(30, fine, broken)
	d := w.describe().Deployments
	require.Len(t, d, 2)
	require.Equal(t, types.DeploymentRolloutStateFailed, d[0].RolloutState)
	require.EqualValues(t, 2, d[1].RunningCount)
	require.Equal(t, arns+"task-definition/site:2", w.resource().Outputs.String("taskDefinition"))
}

// What was asked for while a rollback happened is not overwritten by it.
func TestANewDeploymentWinsOverARollback(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.ask("taskDefinition", w.define(2))
	w.live(1, fine, idle)
	w.ask("taskDefinition", w.define(3))
	w.live(20, fine, broken, fine)
	require.Equal(t, arns+"task-definition/site:3", w.resource().Outputs.String("taskDefinition"))
	require.Equal(t, types.DeploymentRolloutStateCompleted, w.describe().Deployments[0].RolloutState)
	require.Len(t, w.describe().Deployments, 1)
}

// It is not overwritten either when it is asked for at the moment of the rollback.
func TestARollbackOverwritesNothing(t *testing.T) {
	t.Parallel()
	w := steady(t)
	third := w.define(3)
	w.ask("taskDefinition", w.define(2))
	for len(w.ends()) < 4 {
		w.step()
		for _, r := range w.runner.Tasks() {
			if r.Definition == arns+"task-definition/site:2" && r.Wanted == task.Running {
				w.runner.dies(r.ID, "TaskFailedToStart", "no")
			}
		}
	}
	w.runner.listing = func() {
		w.runner.listing = nil
		w.ask("taskDefinition", third)
	}
	w.step()
	require.Contains(t, w.events(), "(service site) rolling back to deployment ecs-svc/D.")
	require.Equal(t, third, w.resource().Outputs.String("taskDefinition"))
	w.live(20, fine)
	require.Equal(t, third, *w.describe().Deployments[0].TaskDefinition)
	require.Equal(t, types.DeploymentRolloutStateCompleted, w.describe().Deployments[0].RolloutState)
}

// A task that is unhealthy and then ends has failed once.
func TestATaskFailsOnce(t *testing.T) {
	t.Parallel()
	w := start(t, func(p account.Props) { p["desiredCount"] = 1.0 })
	w.live(3, unhealthy)
	first := w.running()[0].ID
	w.clock.pass(grace)
	w.step()
	require.EqualValues(t, 1, w.describe().Deployments[0].FailedTasks)
	w.runner.dies(first, "EssentialContainerExited", "Essential container in task exited")
	w.step()
	require.EqualValues(t, 1, w.describe().Deployments[0].FailedTasks)
}

// A deployment that failed after a rollback that was not complete has nothing to go back to, as on AWS.
func TestOnlyACompletedDeploymentIsGoneBackTo(t *testing.T) {
	t.Parallel()
	w := steady(t)
	harmed := func(w *world, t task.Task) {
		fine(w, t)
		w.targets.set(group, "10.0.100.1", 8080, alb.Initial, "")
	}
	w.ask("taskDefinition", w.define(2))
	w.live(10, harmed, broken)
	require.Contains(t, *w.describe().Deployments[0].RolloutStateReason, "rolling back")
	w.ask("taskDefinition", w.define(3))
	w.live(10, harmed, broken, broken)
	d := w.describe().Deployments
	require.Equal(t, types.DeploymentRolloutStateFailed, d[0].RolloutState)
	require.Equal(t, arns+"task-definition/site:3", *d[0].TaskDefinition)
	require.EqualValues(t, 2, d[1].RunningCount)
}

func TestARolloutThatTheConfigurationForbids(t *testing.T) {
	t.Parallel()
	w := steady(t, func(p account.Props) { p["deploymentMaximumPercent"] = 149.0 })
	w.ask("taskDefinition", w.define(2))
	w.live(10, fine)
	require.Equal(t, "(service site) was unable to stop or start tasks during a deployment because of the service deployment "+
		"configuration. Update the minimumHealthyPercent or maximumPercent value and try again.", w.events()[0])
	require.NotEqual(t, w.events()[0], w.events()[1], "said once")
}

// A minimum below 100 percent lets old tasks go before there is room for new ones.
func TestARolloutWithoutRoom(t *testing.T) {
	t.Parallel()
	w := steady(t, func(p account.Props) {
		p["deploymentMinimumHealthyPercent"], p["deploymentMaximumPercent"] = 50.0, 100.0
	})
	w.ask("taskDefinition", w.define(2))
	for range 30 {
		w.live(1, fine, fine)
		require.LessOrEqual(t, len(w.running()), 2)
	}
	require.Equal(t, types.DeploymentRolloutStateCompleted, w.describe().Deployments[0].RolloutState)
	require.Equal(t, arns+"task-definition/site:2", w.running()[0].Definition)
}
