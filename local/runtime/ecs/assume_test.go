package ecs_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/capacity"
	"wordpress-ecs/local/runtime/task"
)

// role puts a role into the account that a service may assume.
func (w *world) role(name, service string) string {
	w.Helper()
	arn := "arn:aws:iam::123456789012:role/" + name
	require.NoError(w, w.account.Update(func(tx *account.Tx) error {
		return tx.Put(account.Resource{Type: "aws:iam/role:Role", ID: name, Outputs: account.Props{
			"arn": arn, "name": name, "assumeRolePolicy": fmt.Sprintf(
				`{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":%q}}]}`, service),
		}})
	}))
	return arn
}

// roles gives the task definition its roles.
func (w *world) roles(execution, own string) {
	w.Helper()
	w.put("aws:ecs/taskDefinition:TaskDefinition", "site:1", account.Props{
		"arn": arns + "task-definition/site:1", "family": "site", "revision": 1.0, "cpu": "512", "memory": "1024",
		"containerDefinitions": `[{"name":"nginx","essential":true}]`, "executionRoleArn": execution, "taskRoleArn": own,
	})
}

func TestECSHasToBeAbleToAssumeTheRolesOfATask(t *testing.T) {
	t.Parallel()
	const event = "(service site) failed to launch a task with (error ECS was unable to assume the role '%s' that was provided for this " +
		"task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has " +
		"permissions to pass this role.)."
	const good, bad = "good", "bad"
	for _, c := range []struct{ execution, own, refused string }{{good, bad, bad}, {bad, good, bad}, {good, "none", "none"}} {
		w := start(t)
		arn := map[string]string{
			good: w.role(good, "ecs-tasks.amazonaws.com"), bad: w.role(bad, "ecs.amazonaws.com"), "none": "arn:aws:iam::123456789012:role/none",
		}
		w.roles(arn[c.execution], arn[c.own])
		w.live(10, fine)
		require.Empty(t, w.running())
		require.Contains(t, w.events(), fmt.Sprintf(event, arn[c.refused]))
		require.Contains(t, w.events(), "(service site) (deployment ecs-svc/D) deployment failed: tasks failed to start.", "the circuit breaker counts it")
	}
}

func TestTasksRunWithRolesThatECSMayAssume(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.roles(w.role("good", "ecs-tasks.amazonaws.com"), "")
	w.live(10, fine)
	require.Len(t, w.running(), 2)
}

// What a task may and reaches depends on the instance, which does for it what ECS does.
func TestATaskKnowsItsInstance(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.room.instances = []capacity.Instance{{
		ID: "i-1", Zone: region + "a", State: "ACTIVE", Profile: "instance", Subnet: "subnet-9", Groups: []string{"sg-9"}, Public: true,
	}}
	w.live(10, fine)
	o := w.running()[0].Order
	require.Equal(t, task.Host{Profile: "instance", Subnet: "subnet-9", Groups: []string{"sg-9"}, Public: true}, o.Host)
	require.Equal(t, []string{"sg-1"}, o.Groups)
}
