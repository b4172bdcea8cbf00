package ecs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/capacity"
	"wordpress-ecs/local/runtime/task"
)

func TestANewServiceReachesItsSteadyState(t *testing.T) {
	t.Parallel()
	w := steady(t)
	require.Equal(t, []string{
		"(service site) has reached a steady state.",
		"(service site) (deployment ecs-svc/D) deployment completed.",
		"(service site) registered 2 targets in (target-group GROUP)",
		"(service site) has started 2 tasks: (task ID) (task ID).",
	}, w.events())
	s := w.describe()
	require.EqualValues(t, 2, s.RunningCount)
	require.Len(t, s.Deployments, 1)
	d := s.Deployments[0]
	require.Equal(t, "PRIMARY", *d.Status)
	require.Equal(t, types.DeploymentRolloutStateCompleted, d.RolloutState)
	require.Equal(t, "ECS deployment "+*d.Id+" completed.", *d.RolloutStateReason)

	order := w.running()[0].Order
	require.Len(t, order.ID, 32)
	require.Equal(t, task.Order{
		ID: order.ID, ARN: arns + "task/main/" + order.ID, Cluster: arns + "cluster/main",
		Definition: arns + "task-definition/site:1", Group: "service:site", StartedBy: *d.Id, Instance: "i-1",
		Region: region, VPC: "vpc-1", Subnet: "subnet-1", Zone: region + "a", IP: "10.0.100.1", PeerIP: "10.0.0.10",
		Groups: []string{"sg-1"}, Exec: true, Stack: "dev",
	}, order)
	want := w.room.wants[0]
	require.Equal(t, capacity.Want{
		Task: order.ID, Cluster: "main", Provider: "spare", CPU: 512, Memory: 1024, Group: "service:site",
		Strategies: []capacity.Strategy{{Type: "spread", Field: "instanceId"}}, Subnets: []string{"subnet-1"},
	}, want)
	target := w.targets.Health(group)[0]
	require.Equal(t, alb.Target{
		IP: "10.0.100.1", Port: 8080, Zone: region + "a", Subnet: "subnet-1", Groups: []string{"sg-1"}, Address: "127.0.0.1:" + order.ID[:4],
	}, target.Target)
}

// Without a size of its own a task takes what its containers ask for.
func TestTheSizeOfATask(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.put("aws:ecs/taskDefinition:TaskDefinition", "site:1", account.Props{
		"arn": arns + "task-definition/site:1", "family": "site", "revision": 1.0, "containerDefinitions": `[
			{"name":"nginx","cpu":100,"memory":300},{"name":"php","cpu":50,"memory":900,"memoryReservation":400}]`,
	})
	w.step()
	require.Equal(t, 150, w.room.wants[0].CPU)
	require.Equal(t, 700, w.room.wants[0].Memory)
}

// An update at any pace keeps the site up: never fewer healthy tasks than desired, never more than twice as many,
// and no task is stopped before its target has drained.
func TestARollingUpdateKeepsTheServiceUp(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.ask("taskDefinition", w.define(2))
	slow := 0
	for range 30 {
		w.live(1, fine, func(w *world, t task.Task) {
			if slow++; slow%5 == 0 {
				fine(w, t)
			}
		})
		healthy := 0
		for _, h := range w.targets.Health(group) {
			if h.State == alb.Healthy {
				healthy++
			}
		}
		require.GreaterOrEqual(t, healthy, 2)
		require.LessOrEqual(t, len(w.running()), 4)
	}
	require.Equal(t, []string{
		"(service site) has reached a steady state.",
		"(service site) (deployment ecs-svc/D) deployment completed.",
	}, w.events()[:2])
	require.Contains(t, w.events(), "(service site, taskSet ecs-svc/D) has begun draining connections on 1 tasks.")
	require.Contains(t, w.events(), "(service site) has stopped 1 running tasks: (task ID).")
	require.Contains(t, w.events(), "(service site) deregistered 1 targets in (target-group GROUP)")
	s := w.describe()
	require.Len(t, s.Deployments, 1)
	require.Equal(t, arns+"task-definition/site:2", *s.Deployments[0].TaskDefinition)
	for _, r := range w.running() {
		require.Equal(t, arns+"task-definition/site:2", r.Definition)
	}
	for _, reason := range w.ends() {
		require.Equal(t, "Scaling activity initiated by (deployment ecs-svc/D)", reason)
	}
	require.Equal(t, 2, w.room.used(), "the room of the old tasks is free again")
}

// The stop signal waits until the load balancer has answered what it was asked.
func TestATaskStopsAfterItsTargetHasDrained(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.ask("desiredCount", 1.0)
	for range 5 {
		w.step()
	}
	var stopping task.Task
	for _, r := range w.runner.Tasks() {
		if r.Wanted == task.Stopped {
			stopping = r
		}
	}
	require.Equal(t, task.Deactivating, stopping.Status)
	require.Equal(t, "ServiceSchedulerInitiated", stopping.StopCode)
	require.False(t, w.runner.drained[stopping.ID], "its target drains")
	w.targets.drain()
	w.step()
	require.True(t, w.runner.drained[stopping.ID])
}

func TestAForcedDeploymentStartsNewTasks(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world){
		"triggers": func(w *world) { w.ask("triggers", map[string]any{"at": "now"}) },
		"force":    func(w *world) { w.ask("forceNewDeployment", true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := steady(t)
			before := w.running()[0].ID
			change(w)
			w.live(20, fine)
			require.Len(t, w.running(), 2)
			require.NotEqual(t, before, w.running()[0].ID)
			again := w.running()[0].ID
			w.ask("desiredCount", 3.0)
			w.live(20, fine)
			require.Equal(t, again, w.running()[0].ID, "another count is no new deployment")
			require.Len(t, w.running(), 3)
		})
	}
}

func TestADeadTaskIsReplaced(t *testing.T) {
	t.Parallel()
	w := steady(t)
	dead := w.running()[0]
	w.runner.dies(dead.ID, "EssentialContainerExited", "Essential container in task exited")
	w.live(10, fine)
	require.Len(t, w.running(), 2)
	require.Equal(t, []string{
		"(service site) has reached a steady state.",
		"(service site) registered 1 targets in (target-group GROUP)",
		"(service site, taskSet ecs-svc/D) has begun draining connections on 1 tasks.",
		"(service site) deregistered 1 targets in (target-group GROUP)",
		"(service site) has started 1 tasks: (task ID).",
	}, w.events()[:5])
	require.EqualValues(t, 0, w.describe().Deployments[0].FailedTasks, "the deployment was completed")
}

// A task whose health goes is replaced before it is stopped, and not within the grace period.
func TestASickTaskIsReplaced(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		harm         func(w *world, t task.Task)
		event, cause string
	}{
		"load balancer": {
			harm: func(w *world, t task.Task) {
				w.targets.set(group, t.IP, 8080, alb.Unhealthy, "Health checks failed with these codes: [502]")
			},
			event: "(service site) (task ID) (port 8080) is unhealthy in (target-group GROUP) due to " +
				"(reason Health checks failed with these codes: [502]).",
			cause: "Task failed ELB health checks in (target-group GROUP)",
		},
		"container": {
			harm: func(w *world, t task.Task) {
				w.runner.change(t.ID, func(t *task.Task) { t.Health = task.Unhealthy })
			},
			event: "(service site) (task ID) failed container health checks.",
			cause: "Task failed container health checks",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := steady(t)
			bad := w.running()[0]
			fates := func(w *world, t task.Task) {
				if t.ID == bad.ID {
					tc.harm(w, t)
					return
				}
				fine(w, t)
			}
			w.live(50, fates)
			require.Len(t, w.running(), 2, "within the grace period")
			w.clock.pass(grace)
			w.step()
			require.Len(t, w.running(), 3, "the replacement starts first")
			w.live(10, fates)
			require.Len(t, w.running(), 2)
			require.Equal(t, []string{tc.cause}, w.ends())
			require.Contains(t, w.events(), tc.event)
			require.Contains(t, w.events(),
				"(service site) has started 1 tasks: (task ID). Amazon ECS replaced 1 tasks due to an unhealthy status.")
			require.Contains(t, w.events()[0], "steady state")
		})
	}
}

// A task that finds no room waits, is no failure, and says so once.
func TestATaskWithoutRoomWaits(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.room.places, w.room.reason = 1, "The closest matching container-instance 1 has insufficient memory available."
	w.live(100, fine)
	const complaint = "(service site) was unable to place a task because no container instance met all of its requirements. " +
		"The closest matching container-instance 1 has insufficient memory available. " +
		"For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
	require.Equal(t, complaint, w.events()[1])
	require.Len(t, w.events(), 3, "said once")
	s := w.describe()
	require.EqualValues(t, 1, s.RunningCount)
	require.EqualValues(t, 1, s.PendingCount)
	require.Zero(t, s.Deployments[0].FailedTasks)
	require.Equal(t, types.DeploymentRolloutStateInProgress, s.Deployments[0].RolloutState)
	w.room.places = 2
	w.live(10, fine)
	require.Contains(t, w.events()[0], "steady state")
}

func TestADrainingInstanceIsLeft(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.room.instances[0].State = "DRAINING"
	w.room.instances = append(w.room.instances, capacity.Instance{ID: "i-2", State: "ACTIVE", Zone: region + "b"})
	w.step()
	require.Len(t, w.running(), 4, "the replacements start first")
	w.live(10, fine)
	require.Len(t, w.running(), 2)
	for _, r := range w.running() {
		require.Equal(t, "i-2", r.Instance)
	}
}

func TestTasksOfALostInstanceEndAtOnce(t *testing.T) {
	t.Parallel()
	w := steady(t)
	lost := w.running()
	w.room.instances = []capacity.Instance{{ID: "i-2", State: "ACTIVE", Zone: region + "b"}}
	w.step()
	for _, r := range lost {
		require.True(t, w.runner.drained[r.ID], "nobody waits for their connections")
	}
	w.live(10, fine)
	require.Equal(t, []string{"Host EC2 (instance i-1) terminated.", "Host EC2 (instance i-1) terminated."}, w.ends())
	require.Len(t, w.running(), 2)
}

// A container that was started again listens elsewhere.
func TestATargetFollowsItsTask(t *testing.T) {
	t.Parallel()
	w := steady(t)
	moved := w.running()[0]
	w.runner.change(moved.ID, func(t *task.Task) { t.Containers[0].Listens = map[int]string{8080: "127.0.0.1:9"} })
	events := len(w.events())
	w.step()
	require.Equal(t, "127.0.0.1:9", w.targets.Health(group)[0].Address)
	w.targets.mu.Lock()
	w.targets.list = map[string][]alb.Health{}
	w.targets.mu.Unlock()
	w.step()
	require.Len(t, w.targets.Health(group), 2, "a load balancer that has forgotten them hears of them again")
	require.Len(t, w.events(), events)
}

// Tasks that keep failing after the rollout are started less and less often.
func TestFailingTasksAreThrottled(t *testing.T) {
	t.Parallel()
	w := steady(t)
	for _, r := range w.running() {
		w.runner.dies(r.ID, "EssentialContainerExited", "Essential container in task exited")
	}
	w.live(300, broken)
	require.Contains(t, w.events(), "(service site) is unable to consistently start tasks successfully.")
	tries := len(w.runner.Tasks())
	require.Less(t, tries, 40, "not every second")
	require.Greater(t, tries, 10)
	w.ask("taskDefinition", w.define(2))
	w.step()
	require.Len(t, w.running(), 2, "a new deployment is not made to wait")
}

func TestAnOrderThatCannotBeKept(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.runner.refuse = errors.New("volume site: no such file system")
	w.live(20, fine)
	require.Contains(t, w.events(), "(service site) was unable to place a task. Reason: volume site: no such file system.")
	require.Zero(t, w.room.used(), "no room is kept for it")
	require.Equal(t, types.DeploymentRolloutStateFailed, w.describe().Deployments[0].RolloutState)
}

// Without any health check a task counts 40 seconds after it runs, which are 4 on the account's clock.
func TestATaskWithoutHealthChecks(t *testing.T) {
	t.Parallel()
	w := start(t, func(p account.Props) { delete(p, "loadBalancers") })
	w.put("aws:ecs/taskDefinition:TaskDefinition", "site:1", account.Props{
		"arn": arns + "task-definition/site:1", "family": "site", "revision": 1.0, "containerDefinitions": `[{"name":"nginx"}]`,
	})
	w.step()
	for _, r := range w.running() {
		w.runner.works(r.ID)
		w.runner.change(r.ID, func(t *task.Task) { t.Health = task.HealthUnknown })
	}
	next, err := w.part.Step()
	require.NoError(t, err)
	require.Equal(t, w.clock.Now().Add(4*time.Second), next, "it looks again then")
	require.Len(t, w.events(), 1)
	w.clock.pass(4 * time.Second)
	w.step()
	require.Contains(t, w.events()[0], "steady state")
}

// Another process takes over in the middle of a rollout.
func TestARestartChangesNothing(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.ask("taskDefinition", w.define(2))
	w.live(2, fine, idle)
	before := w.describe()
	tasks := len(w.runner.Tasks())
	w.targets.mu.Lock()
	w.targets.list = map[string][]alb.Health{}
	w.targets.mu.Unlock()
	w.room.taken, w.room.held = map[string]capacity.Place{}, nil
	w.restart()
	w.step()
	require.Len(t, w.runner.Tasks(), tasks, "nothing is started or stopped")
	require.Len(t, w.running(), 4)
	require.Len(t, w.room.held, 4)
	require.Len(t, w.targets.Health(group), 2, "those that run are registered again")
	after := w.describe()
	require.Equal(t, *before.Deployments[0].Id, *after.Deployments[0].Id)
	require.Len(t, after.Deployments, 2)
	require.Len(t, after.Events, len(before.Events))
	w.live(20, fine, fine)
	require.Contains(t, w.events()[0], "steady state")
	require.Len(t, w.describe().Deployments, 1)
}

// A process that ends right after it has started a task leaves one that the next process knows the deployment of.
func TestADeploymentIsKeptBeforeItsTasks(t *testing.T) {
	t.Parallel()
	w := start(t)
	known := false
	w.runner.starting = func(o task.Order) {
		require.NoError(t, w.account.View(func(tx *account.Tx) error {
			kept, err := account.AllKept[struct{ Deployments []struct{ ID string } }](tx, "ecs-service")
			known = len(kept) == 1 && kept[0].Deployments[0].ID == o.StartedBy
			return err
		}))
	}
	w.step()
	require.True(t, known)
}

// Run looks when it begins and when it is woken, and leaves the tasks alone when it ends.
func TestRun(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	wake, done := make(chan struct{}, 1), make(chan error, 1)
	go func() { done <- w.part.Run(ctx, wake) }()
	require.Eventually(t, func() bool { return len(w.running()) == 2 }, time.Minute, 5*time.Millisecond)
	w.ask("desiredCount", 3.0)
	wake <- struct{}{}
	require.Eventually(t, func() bool { return len(w.running()) == 3 }, time.Minute, 5*time.Millisecond)
	dead := w.running()[0].ID
	w.runner.dies(dead, "EssentialContainerExited", "Essential container in task exited")
	require.Eventually(t, func() bool { return len(w.running()) == 3 && w.running()[0].ID != dead }, time.Minute, 5*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	require.NoError(t, w.part.Suspend(t.Context(), w.log.Say))
	require.Len(t, w.running(), 3)
}

// Instances may be read after tasks when a process begins.
func TestTasksOutliveASlowStart(t *testing.T) {
	t.Parallel()
	w := steady(t)
	instances := w.room.instances
	w.room.instances = nil
	w.restart()
	w.live(5, fine)
	require.Len(t, w.running(), 2)
	w.room.instances = instances
	w.live(20, fine)
	require.Empty(t, w.ends())
}

// What stopped with the local cloud is no failure of a deployment.
func TestSuspendedTasksAreStartedAgain(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i := range 5 {
		w.live(2, idle)
		require.Len(t, w.running(), 2, fmt.Sprint("round ", i))
		for _, r := range w.running() {
			w.runner.dies(r.ID, "UserInitiated", "stopped")
		}
	}
	w.live(10, fine)
	require.Contains(t, w.events()[0], "steady state")
	require.NotContains(t, w.events(), "(service site) is unable to consistently start tasks successfully.")
}

// An address is another task's only when the load balancer is done with it.
func TestADeadTaskKeepsItsAddressUntilItHasDrained(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.runner.dies(w.running()[0].ID, "EssentialContainerExited", "Essential container in task exited")
	w.step()
	w.step()
	require.Equal(t, 3, w.room.used())
	w.targets.drain()
	w.step()
	require.Equal(t, 2, w.room.used())
}

func TestTasksOfAServiceThatIsGoneEnd(t *testing.T) {
	t.Parallel()
	w := steady(t)
	require.NoError(t, w.account.Update(func(tx *account.Tx) error { return tx.Delete(serviceTyp, region, serviceARN) }))
	w.restart()
	w.live(5, fine)
	require.Empty(t, w.runner.Tasks())
	require.Zero(t, w.room.used())
	require.Empty(t, w.targets.Health(group))
	require.NoError(t, w.account.View(func(tx *account.Tx) error {
		kept, err := account.AllKept[map[string]any](tx, "ecs-service")
		require.Empty(t, kept)
		return err
	}))
}
