package live_test

import (
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// underLoad breaks something while visitors come, who have been coming for some seconds, waits until the site is whole again, and reports.
func underLoad(t *testing.T, d deployment, breakIt func(), whole func() bool) cloud.Report {
	t.Helper()
	load := cloud.StartLoad(t, d.url, rate, "/", "/sample-page/")
	eventually(t, func() bool { return load.Answered() > 3*rate }, "visitors get answers")
	breakIt()
	eventually(t, whole, "the site is whole again")
	report := load.Stop()
	t.Logf("%s: %s", t.Name(), report)
	require.Greater(t, report.Requests, 20)
	return report
}

// replaced tells whether two tasks serve and none of them is the old one.
func (d deployment) replaced(old string) func() bool {
	return func() bool {
		tasks := d.tasks()
		return len(tasks) >= 2 && !slices.Contains(tasks, old) && d.healthy() >= 2
	}
}

// killedTask kills nginx of a task: requests that it was serving are lost, no others.
func killedTask(t *testing.T, d deployment) {
	t.Helper()
	task := d.tasks()[0]
	report := underLoad(t, d, func() { docker(t, "kill", d.container(t, task, "nginx")) }, d.replaced(task))
	require.LessOrEqual(t, report.Failed, rate, "at most what one second brings")
}

// killedPHP kills php-fpm of a task: nginx answers with errors until ECS takes the task out.
func killedPHP(t *testing.T, d deployment) {
	t.Helper()
	task := d.tasks()[0]
	report := underLoad(t, d, func() { docker(t, "kill", d.container(t, task, "php-fpm")) }, d.replaced(task))
	require.LessOrEqual(t, report.Failed, 2*rate, "at most what two seconds bring")
}

// pausedTask freezes a task: it answers nothing and ends nothing until its checks fail.
func pausedTask(t *testing.T, d deployment) {
	t.Helper()
	task := d.tasks()[0]
	paused := []string{d.container(t, task, "nginx"), d.container(t, task, "php-fpm")}
	report := underLoad(t, d, func() {
		for _, container := range paused {
			docker(t, "pause", container)
		}
	}, d.replaced(task))
	require.Less(t, report.Failed, report.Requests/2, "the other task serves its half")
}

// terminatedInstance ends a machine with the tasks on it.
func terminatedInstance(t *testing.T, d deployment) {
	t.Helper()
	instances := d.Status(d.stack, "instance")
	require.NotEmpty(t, instances)
	report := underLoad(t, d, func() { d.OK("terminate", instances[0].Name) }, func() bool {
		left := d.Status(d.stack, "instance")
		gone := !slices.ContainsFunc(left, func(row cloud.Row) bool {
			return row.Name == instances[0].Name && row.State != "terminated"
		})
		return gone && len(d.tasks()) >= 2 && d.healthy() >= 2
	})
	require.Less(t, report.Failed, report.Requests, "tasks elsewhere go on")
}

// withoutCache takes the cache away: the site goes on without it, and with it when it is back.
func withoutCache(t *testing.T, d deployment) {
	t.Helper()
	nodes := d.containersOf(t, "cache")
	report := underLoad(t, d, func() {
		for _, node := range nodes {
			docker(t, "pause", node)
		}
		time.AfterFunc(10*time.Second, func() {
			for _, node := range nodes {
				docker(t, "unpause", node)
			}
		})
	}, func() bool { return !d.paused(t, nodes) && d.healthy() >= 2 })
	require.Zero(t, report.Failed, "pages are slower and not missing")
}

// withoutDatabase stops the database for 20 seconds: pages in nginx's cache go on, others wait or fail, and
// nothing that was written is lost.
func withoutDatabase(t *testing.T, d deployment) {
	t.Helper()
	nodes := d.containersOf(t, "database")
	before := d.tasks()
	report := underLoad(t, d, func() {
		for _, node := range nodes {
			docker(t, "pause", node)
		}
		time.AfterFunc(20*time.Second, func() {
			for _, node := range nodes {
				docker(t, "unpause", node)
			}
		})
	}, func() bool { return !d.paused(t, nodes) && d.healthy() >= 2 })
	require.Less(t, report.Outage, 40*time.Second, "the site is back soon after its database")
	require.ElementsMatch(t, before, d.tasks(), "no task was replaced for it")
}

// readOnlyFiles makes the shared volume read-only: nothing can be uploaded, and pages go on.
func readOnlyFiles(t *testing.T, d deployment) {
	t.Helper()
	const uploads = "/var/www/html/wp-content/uploads"
	container := d.container(t, d.tasks()[0], "php-fpm")
	inside := func(command ...string) error {
		return exec.Command("docker", append([]string{"exec", "--user", "33", container}, command...)...).Run()
	}
	require.NoError(t, inside("touch", uploads+"/before"))
	looks := 0
	report := underLoad(t, d, func() {
		require.NoError(t, inside("chmod", "0555", "/var/www/html/wp-content", uploads))
		require.Error(t, inside("touch", uploads+"/meanwhile"))
	}, func() bool {
		looks++
		return looks > 3 && d.healthy() >= 2
	})
	require.NoError(t, inside("chmod", "0755", "/var/www/html/wp-content", uploads))
	require.NoError(t, inside("rm", uploads+"/before"), "nothing is lost")
	require.Zero(t, report.Failed)
}
