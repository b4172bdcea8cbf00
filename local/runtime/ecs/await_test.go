package ecs_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part/trial"
	"wordpress-ecs/local/runtime/task"
)

// await waits for the service while time passes.
func (w *world) await(fates ...fate) (said string, err error) {
	w.Helper()
	var told trial.Lines
	done := make(chan error, 1)
	go func() { done <- w.part.Await(w.Context(), w.resource(), told.Say) }()
	for range 1000 {
		select {
		case err := <-done:
			return w.plain(told.String()), err
		case <-time.After(time.Millisecond):
			w.live(1, fates...)
		}
	}
	require.Fail(w, "it waits forever")
	return "", nil
}

func TestAwaitTellsTheEvents(t *testing.T) {
	t.Parallel()
	w := start(t)
	said, err := w.await(fine)
	require.NoError(t, err)
	require.Equal(t, "(service site) has started 2 tasks: (task ID) (task ID).\n"+
		"(service site) registered 2 targets in (target-group GROUP)\n"+
		"(service site) (deployment ecs-svc/D) deployment completed.\n"+
		"(service site) has reached a steady state.", said)
	w.clock.pass(time.Minute)
	said, err = w.await(fine)
	require.NoError(t, err)
	require.Empty(t, said, "nothing has happened since")
}

// A deployment that was asked for and not begun yet is not taken for the one before it.
func TestAwaitWaitsForTheNewDeployment(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.ask("taskDefinition", w.define(2))
	said, err := w.await(fine, fine)
	require.NoError(t, err)
	require.Contains(t, said, "has stopped")
	require.Equal(t, arns+"task-definition/site:2", w.running()[0].Definition)
	w.ask("desiredCount", 3.0)
	_, err = w.await(fine, fine)
	require.NoError(t, err)
	require.Len(t, w.running(), 3)
}

func TestAwaitDoesNotWaitUnlessAsked(t *testing.T) {
	t.Parallel()
	w := start(t, func(p account.Props) { p["waitForSteadyState"] = false })
	require.NoError(t, w.part.Await(t.Context(), w.resource(), w.log.Say))
}

func TestAwaitEndsWithTheRollback(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.ask("taskDefinition", w.define(2))
	said, err := w.await(fine, broken)
	require.NoError(t, err, "as the real provider")
	require.Contains(t, said, "task ID stopped: CannotPullContainerError: no such image; container nginx: exit code 1")
	require.Contains(t, said, "rolling back to deployment")
	require.Equal(t, arns+"task-definition/site:1", w.resource().Outputs.String("taskDefinition"))
}

// A first deployment that fails is an error at once, with the reason; the next attempt, with what was missing,
// starts tasks again.
func TestAwaitNamesWhyTheFirstDeploymentFailed(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, err := w.await(broken)
	require.ErrorContains(t, err, "ECS deployment circuit breaker: tasks failed to start.")
	require.ErrorContains(t, err, "CannotPullContainerError: no such image")
	_, err = w.await(fine)
	require.NoError(t, err)
}

func TestAwaitTellsWhatIsMissingInTheEnd(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.live(3, func(w *world, t task.Task) { w.runner.works(t.ID) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := w.part.Await(ctx, w.resource(), w.log.Say)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "2 of 2 tasks running; target 10.0.100.1:8080 is initial: Initial health checks in progress")
	require.ErrorContains(t, err, "registered 2 targets")
}

func TestAwaitNamesADefinitionThatIsMissing(t *testing.T) {
	t.Parallel()
	w := start(t, func(p account.Props) { p["taskDefinition"] = "nothing:1" })
	_, err := w.await(fine)
	require.ErrorContains(t, err, `the task definition "nothing:1" does not exist`)
}

// release releases the service while time passes.
func (w *world) release(ctx context.Context, live func()) (said string, err error) {
	w.Helper()
	var told trial.Lines
	done := make(chan error, 1)
	go func() { done <- w.part.Release(ctx, w.resource(), told.Say) }()
	for range 1000 {
		select {
		case err := <-done:
			return told.String(), err
		case <-time.After(5 * time.Millisecond):
			live()
		}
	}
	require.Fail(w, "it waits forever")
	return "", nil
}

func TestReleaseDrainsAndStops(t *testing.T) {
	t.Parallel()
	w := steady(t)
	said, err := w.release(t.Context(), func() { w.live(1, fine) })
	require.NoError(t, err)
	require.Contains(t, said, "waiting: 2 tasks drain their connections")
	require.Empty(t, w.runner.Tasks())
	require.Empty(t, w.targets.Health(group))
	require.Zero(t, w.room.used())
	w.live(5, fine)
	require.Empty(t, w.runner.Tasks(), "nothing starts before the service is out of the account")
	_, err = w.release(t.Context(), func() {})
	require.NoError(t, err, "twice is once")

	require.NoError(t, w.account.Update(func(tx *account.Tx) error { return tx.Delete(serviceTyp, region, serviceARN) }))
	w.clock.pass(time.Second)
	w.put(serviceTyp, serviceARN, account.Props{
		"name": "site", "cluster": "main", "taskDefinition": "site:1", "desiredCount": 1.0,
		"networkConfiguration": map[string]any{"subnets": []any{"subnet-1"}},
	})
	w.live(5, fine)
	require.Len(t, w.running(), 1, "another service of the same name starts anew")
}

// Whoever stopped the local cloud can still destroy: no load balancer drains then.
func TestReleaseWithoutRun(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.restart()
	_, err := w.release(t.Context(), w.runner.ends)
	require.NoError(t, err)
	require.Empty(t, w.runner.Tasks())
	require.Zero(t, w.room.used())
}

func TestAReleaseThatIsGivenUp(t *testing.T) {
	t.Parallel()
	w := steady(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := w.release(ctx, cancel)
	require.ErrorIs(t, err, context.Canceled)
	w.live(15, fine)
	require.Len(t, w.running(), 2, "the service lives on")
}

// Pulumi asks nothing of a service that it has as it should be: a deletion that was cut off leaves it as it was.
func TestAReleaseThatAProcessDoesNotSurvive(t *testing.T) {
	t.Parallel()
	w := steady(t)
	_, err := w.release(t.Context(), func() { w.live(1, fine) })
	require.NoError(t, err)
	require.Empty(t, w.running())
	w.restart()
	w.live(15, fine)
	require.Len(t, w.running(), 2, "the service lives on")
}

func TestStatus(t *testing.T) {
	t.Parallel()
	w := steady(t)
	w.ask("taskDefinition", w.define(2))
	w.live(1, fine, idle)
	rows, err := w.part.Status(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.Equal(t, "service", rows[0].Kind)
	require.Equal(t, "site", rows[0].Name)
	require.Equal(t, "ACTIVE", rows[0].State)
	require.Equal(t, "dev", rows[0].Stack)
	require.Equal(t, "2 of 2 tasks running, 2 pending; task ID starts: nginx PENDING; task ID starts: nginx PENDING; site:2, "+
		"deployment IN_PROGRESS", w.plain(rows[0].Detail))
	require.Equal(t, "deployment", rows[1].Kind)
	require.Equal(t, "site", rows[1].Parent)
	require.True(t, w.part.Deploying(serviceARN))
	w.live(20, fine, fine)
	require.False(t, w.part.Deploying(serviceARN))
}

func TestTheAPIDescribesTasks(t *testing.T) {
	t.Parallel()
	w := steady(t)
	cluster, service := arns+"cluster/main", "site"
	listed, err := w.client.ListTasks(t.Context(), &awsecs.ListTasksInput{Cluster: &cluster, ServiceName: &service})
	require.NoError(t, err)
	require.Len(t, listed.TaskArns, 2)
	out, err := w.client.DescribeTasks(t.Context(), &awsecs.DescribeTasksInput{
		Cluster: &cluster, Tasks: append(listed.TaskArns, "feed"),
	})
	require.NoError(t, err)
	require.Len(t, out.Tasks, 2)
	require.Len(t, out.Failures, 1)
	one := out.Tasks[0]
	require.Equal(t, "RUNNING", *one.LastStatus)
	require.EqualValues(t, "HEALTHY", one.HealthStatus)
	require.Equal(t, "512", *one.Cpu)
	require.Equal(t, arns+"container-instance/main/1", *one.ContainerInstanceArn)
	require.Equal(t, "nginx", *one.Containers[0].Name)
	require.NotNil(t, one.StartedAt)

	stopped := w.running()[0]
	w.runner.dies(stopped.ID, "EssentialContainerExited", "Essential container in task exited")
	w.step()
	ended, err := w.client.ListTasks(t.Context(), &awsecs.ListTasksInput{Cluster: &cluster, DesiredStatus: "STOPPED"})
	require.NoError(t, err)
	require.Equal(t, []string{stopped.ARN}, ended.TaskArns)
	out, err = w.client.DescribeTasks(t.Context(), &awsecs.DescribeTasksInput{Cluster: &cluster, Tasks: ended.TaskArns})
	require.NoError(t, err)
	require.EqualValues(t, "EssentialContainerExited", out.Tasks[0].StopCode)
	require.EqualValues(t, 1, *out.Tasks[0].Containers[0].ExitCode)
}

func TestTheAPIDescribesServicesAndClusters(t *testing.T) {
	t.Parallel()
	w := steady(t)
	s := w.describe()
	require.Equal(t, serviceARN, *s.ServiceArn)
	require.Equal(t, arns+"cluster/main", *s.ClusterArn)
	require.Equal(t, "ACTIVE", *s.Status)
	require.EqualValues(t, 100, *s.DeploymentConfiguration.MinimumHealthyPercent)
	require.True(t, s.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback)
	require.Equal(t, group, *s.LoadBalancers[0].TargetGroupArn)
	require.Equal(t, "spare", *s.CapacityProviderStrategy[0].CapacityProvider)
	require.Equal(t, []string{"subnet-1"}, s.NetworkConfiguration.AwsvpcConfiguration.Subnets)
	require.WithinDuration(t, w.clock.Now(), *s.Events[0].CreatedAt, time.Minute)
	require.NotEmpty(t, *s.Events[0].Id)

	cluster := "main"
	listed, err := w.client.ListServices(t.Context(), &awsecs.ListServicesInput{Cluster: &cluster})
	require.NoError(t, err)
	require.Equal(t, []string{serviceARN}, listed.ServiceArns)
	out, err := w.client.DescribeClusters(t.Context(), &awsecs.DescribeClustersInput{Clusters: []string{"main", "other"}})
	require.NoError(t, err)
	require.EqualValues(t, 2, out.Clusters[0].RunningTasksCount)
	require.EqualValues(t, 1, out.Clusters[0].RegisteredContainerInstancesCount)
	require.Len(t, out.Failures, 1)
	clusters, err := w.client.ListClusters(t.Context(), &awsecs.ListClustersInput{})
	require.NoError(t, err)
	require.Equal(t, []string{arns + "cluster/main"}, clusters.ClusterArns)
}

func TestTheAPIOverHTTP(t *testing.T) {
	t.Parallel()
	w := steady(t)
	server := httptest.NewServer(w.part.Handler())
	t.Cleanup(server.Close)
	over := w.client.Options().Copy()
	over.BaseEndpoint, over.HTTPClient = &server.URL, server.Client()
	cluster := "main"
	out, err := awsecs.New(over).DescribeServices(t.Context(), &awsecs.DescribeServicesInput{Cluster: &cluster, Services: []string{"site"}})
	require.NoError(t, err)
	require.Equal(t, serviceARN, *out.Services[0].ServiceArn)
}

func TestTheAPIRefusesAsAWSDoes(t *testing.T) {
	t.Parallel()
	w := start(t)
	cluster := "nowhere"
	_, err := w.client.DescribeServices(t.Context(), &awsecs.DescribeServicesInput{Cluster: &cluster, Services: []string{"site"}})
	requireCode(t, err, "ClusterNotFoundException")
	cluster = "main"
	out, err := w.client.DescribeServices(t.Context(), &awsecs.DescribeServicesInput{Cluster: &cluster, Services: []string{"shop"}})
	require.NoError(t, err)
	require.Empty(t, out.Services)
	require.Equal(t, "MISSING", *out.Failures[0].Reason)
	require.Equal(t, arns+"service/main/shop", *out.Failures[0].Arn)
	_, err = w.client.DeleteCluster(t.Context(), &awsecs.DeleteClusterInput{Cluster: &cluster})
	requireCode(t, err, "UnknownOperationException")
	abroad := w.client.Options().Copy()
	abroad.Region = "us-east-1"
	_, err = awsecs.New(abroad).DescribeServices(t.Context(), &awsecs.DescribeServicesInput{Cluster: &cluster, Services: []string{"site"}})
	requireCode(t, err, "ClusterNotFoundException")
}

func requireCode(t *testing.T, err error, code string) {
	t.Helper()
	var refused interface {
		error
		ErrorCode() string
	}
	require.ErrorAs(t, err, &refused)
	require.Equal(t, code, refused.ErrorCode())
}
