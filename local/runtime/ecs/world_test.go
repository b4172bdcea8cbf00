package ecs_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/capacity"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/ecs"
	"wordpress-ecs/local/runtime/part/trial"
	"wordpress-ecs/local/runtime/task"
)

func TestMain(m *testing.M) {
	// The real client of AWS finds its credentials where users put them.
	for key, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		if err := os.Setenv(key, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

const (
	region     = "eu-west-1"
	arns       = "arn:aws:ecs:" + region + ":123456789012:"
	serviceARN = arns + "service/main/site"
	group      = "arn:aws:elasticloadbalancing:" + region + ":123456789012:targetgroup/web/1"
	serviceTyp = "aws:ecs/service:Service"
	// grace is that of the service.
	grace = 120 * time.Second
)

// world is an account with a service, and a scheduler between pretended tasks, targets and instances.
type world struct {
	*testing.T
	account *account.Account
	part    *ecs.Part
	clock   *times
	runner  *runner
	targets *targets
	room    *room
	log     *trial.Lines
	client  *awsecs.Client
}

// start makes a world in which nothing has happened yet.
func start(t *testing.T, changes ...func(props account.Props)) *world {
	t.Helper()
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	c := &times{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	w := &world{
		T: t, account: acct, clock: c, log: &trial.Lines{},
		runner:  &runner{clock: c, drained: map[string]bool{}},
		targets: &targets{list: map[string][]alb.Health{}},
		room: &room{places: 100, taken: map[string]capacity.Place{}, instances: []capacity.Instance{
			{ID: "i-1", ARN: arns + "container-instance/main/1", Cluster: "main", Zone: region + "a", State: "ACTIVE"},
		}},
	}
	w.restart()
	w.put("aws:ecs/cluster:Cluster", arns+"cluster/main", account.Props{"name": "main"})
	w.put("aws:ec2/subnet:Subnet", "subnet-public", account.Props{"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"})
	w.put("aws:lb/loadBalancer:LoadBalancer", "lb", account.Props{"subnets": []any{"subnet-public"}})
	w.define(1)
	props := account.Props{
		"name": "site", "cluster": arns + "cluster/main", "taskDefinition": arns + "task-definition/site:1", "desiredCount": 2.0,
		"deploymentMinimumHealthyPercent": 100.0, "deploymentMaximumPercent": 200.0, "waitForSteadyState": true,
		"deploymentCircuitBreaker":      map[string]any{"enable": true, "rollback": true},
		"healthCheckGracePeriodSeconds": grace.Seconds(), "enableExecuteCommand": true,
		"loadBalancers":              []any{map[string]any{"targetGroupArn": group, "containerName": "nginx", "containerPort": 8080.0}},
		"networkConfiguration":       map[string]any{"subnets": []any{"subnet-1"}, "securityGroups": []any{"sg-1"}},
		"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "spare", "weight": 1.0}},
		"orderedPlacementStrategies": []any{map[string]any{"type": "spread", "field": "instanceId"}},
	}
	for _, change := range changes {
		change(props)
	}
	w.put(serviceTyp, serviceARN, props)
	return w
}

// restart begins a new process on what there is.
func (w *world) restart() {
	w.part = ecs.New(ecs.Env{
		Account: w.account, Clock: clock.New(10), Say: w.log.Say, Now: w.clock.Now,
		Runner: w.runner, Targets: w.targets, Capacity: w.room,
	})
	cfg, err := config.LoadDefaultConfig(w.Context(), config.WithRegion(region))
	require.NoError(w, err)
	w.client = awsecs.NewFromConfig(cfg, func(o *awsecs.Options) { o.HTTPClient = direct{w.part.Handler()} })
}

// direct carries requests to a handler without a network.
type direct struct{ handler http.Handler }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	d.handler.ServeHTTP(answer, r)
	return answer.Result(), nil
}

func (w *world) put(typ, id string, outputs account.Props) {
	w.Helper()
	require.NoError(w, w.account.Update(func(tx *account.Tx) error {
		return tx.Put(account.Resource{
			Type: typ, ID: id, Name: outputs.String("name"), Region: region, URN: "urn:pulumi:dev::site::" + typ + "::x",
			Created: w.clock.Now(), Inputs: outputs, Outputs: outputs,
		})
	}))
}

// define registers a revision of the task definition.
func (w *world) define(revision int) string {
	w.Helper()
	id := "site:" + strconv.Itoa(revision)
	arn := arns + "task-definition/" + id
	w.put("aws:ecs/taskDefinition:TaskDefinition", id, account.Props{
		"arn": arn, "family": "site", "revision": float64(revision), "cpu": "512", "memory": "1024",
		"containerDefinitions": `[{"name":"nginx","essential":true,"healthCheck":{"command":["CMD","true"]}}]`,
	})
	return arn
}

// resource is the service in the account.
func (w *world) resource() account.Resource {
	w.Helper()
	var r *account.Resource
	require.NoError(w, w.account.View(func(tx *account.Tx) (err error) {
		r, err = tx.Get(serviceTyp, region, serviceARN)
		return err
	}))
	return *r
}

// ask changes the service as an update does.
func (w *world) ask(name string, value any) {
	w.Helper()
	r := w.resource()
	r.Observe(name, value)
	require.NoError(w, w.account.Update(func(tx *account.Tx) error { return tx.Put(r) }))
}

func (w *world) step() {
	w.Helper()
	_, err := w.part.Step()
	require.NoError(w, err)
}

// fate is what becomes of a task.
type fate func(w *world, t task.Task)

// fine tasks run, and their targets are healthy.
func fine(w *world, t task.Task) {
	w.runner.works(t.ID)
	if t.Status == task.Running {
		w.targets.set(group, t.IP, 8080, alb.Healthy, "")
	}
}

// broken tasks never start.
func broken(w *world, t task.Task) {
	if t.Status == task.Pending {
		w.runner.dies(t.ID, "TaskFailedToStart", "CannotPullContainerError: no such image")
	}
}

// crashing tasks run and end before they are healthy.
func crashing(w *world, t task.Task) {
	if t.Status == task.Running {
		w.runner.dies(t.ID, "EssentialContainerExited", "Essential container in task exited")
	}
	w.runner.works(t.ID)
}

// unhealthy tasks run, and their targets are not healthy.
func unhealthy(w *world, t task.Task) {
	w.runner.works(t.ID)
	if t.Status == task.Running {
		w.targets.set(group, t.IP, 8080, alb.Unhealthy, "Health checks failed with these codes: [502]")
	}
}

// idle tasks stay as they are.
func idle(*world, task.Task) {}

// live lets seconds pass in which tasks have their fates, by the revision of their definition.
func (w *world) live(seconds int, fates ...fate) {
	w.Helper()
	for range seconds {
		w.step()
		for _, t := range w.runner.Tasks() {
			revision := int(t.Definition[len(t.Definition)-1] - '0')
			fates[min(revision, len(fates))-1](w, t)
		}
		w.targets.drain()
		w.runner.ends()
		w.clock.pass(time.Second)
	}
	w.step()
}

// steady is a world whose service runs its first revision.
func steady(t *testing.T, changes ...func(props account.Props)) *world {
	t.Helper()
	w := start(t, changes...)
	w.live(10, fine)
	require.Contains(t, w.events()[0], "has reached a steady state")
	return w
}

// describe asks the API for the service.
func (w *world) describe() types.Service {
	w.Helper()
	cluster := "main"
	out, err := w.client.DescribeServices(w.Context(), &awsecs.DescribeServicesInput{
		Cluster: &cluster, Services: []string{"site"},
	})
	require.NoError(w, err)
	require.Len(w, out.Services, 1)
	return out.Services[0]
}

// taskIDs and deploymentIDs differ in every run.
var (
	taskIDs       = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	deploymentIDs = regexp.MustCompile(`ecs-svc/[1-9][0-9]{18}\b`)
)

// plain replaces what differs in every run.
func (w *world) plain(text string) string {
	text = taskIDs.ReplaceAllString(text, "ID")
	text = deploymentIDs.ReplaceAllString(text, "ecs-svc/D")
	return strings.ReplaceAll(text, group, "GROUP")
}

// events are those of the service, the newest first.
func (w *world) events() []string {
	w.Helper()
	var list []string
	for _, e := range w.describe().Events {
		list = append(list, w.plain(*e.Message))
	}
	return list
}

// running are the tasks that run or are about to.
func (w *world) running() []task.Task {
	var list []task.Task
	for _, t := range w.runner.Tasks() {
		if t.Wanted == task.Running {
			list = append(list, t)
		}
	}
	return list
}

// ends are the reasons of tasks that have stopped, in the order of their creation.
func (w *world) ends() []string {
	var list []string
	for _, t := range w.runner.Tasks() {
		if t.Status == task.Stopped {
			list = append(list, w.plain(t.Reason))
		}
	}
	return list
}
