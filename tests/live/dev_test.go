package live_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// TestDev follows a small site: nothing to change, stopped and started, updates that must fail, crashes.
func TestDev(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	// Most of what follows is not about how long a new release has to run first.
	c.Set("dev", "provingSeconds", "0")
	// Nor about more tasks for more visitors.
	c.Set("dev", "tasksMax", "1")
	d := deploy(t, c, "dev")

	start := time.Now()
	d.Up("dev")
	t.Logf("dev: an update with nothing to change took %s", time.Since(start).Round(100*time.Millisecond))

	for _, step := range []struct {
		name string
		do   func(t *testing.T, d deployment)
	}{
		{"stopped and started", stoppedAndStarted},
		{"an image that does not start", imageThatDoesNotStart},
		{"an image that is never healthy", imageThatIsNeverHealthy},
		{"an image that crashes after a minute", imageThatCrashesLater},
		{"a good image after bad ones", goodImage},
		{"the background process killed", daemonKilled},
	} {
		t.Run(step.name, func(t *testing.T) { step.do(t, d) })
	}
	destroyedAfterCrash(t, d)
}

// stoppedAndStarted checks that a site comes back as it was, at the same address.
func stoppedAndStarted(t *testing.T, d deployment) {
	t.Helper()
	password := d.password(t)
	d.OK("stop")
	require.Empty(t, docker(t, "ps", "--quiet", "--filter", "label=wordpress-ecs.stack=dev", "--filter", "status=running"),
		"nothing runs")
	_, runs := d.Daemon()
	require.False(t, runs)
	d.Unchanged("dev")
	d.OK("start")
	eventually(t, func() bool { return d.healthy() == 1 }, "the site is back")
	require.Contains(t, d.page(t, d.url+"/"), "</html>")
	require.Equal(t, password, d.password(t))
}

// imageThatDoesNotStart has a command that fails.
func imageThatDoesNotStart(t *testing.T, d deployment) {
	t.Helper()
	requireRefused(t, d, "image/rootfs/usr/local/lib/wordpress/start-php-fpm", func(file string) string {
		return strings.Replace(file, "set -eu\n", "set -eu\necho 'the disk is on fire' >&2; exit 3\n", 1)
	}, "tasks failed to start")
}

// imageThatIsNeverHealthy runs and does not answer its check.
func imageThatIsNeverHealthy(t *testing.T, d deployment) {
	t.Helper()
	requireRefused(t, d, "image/rootfs/usr/local/bin/healthcheck", func(file string) string {
		return strings.Replace(file, "set -eu\n", "set -eu\nexit 1\n", 1)
	}, "tasks failed to start")
}

// imageThatCrashesLater works at first. No visitor sees it, because a new release has to run for longer than that.
func imageThatCrashesLater(t *testing.T, d deployment) {
	t.Helper()
	d.Set("dev", "provingSeconds", "75")
	defer d.Set("dev", "provingSeconds", "0")
	requireRefused(t, d, "image/rootfs/usr/local/lib/wordpress/start-php-fpm", func(file string) string {
		return strings.Replace(file, "set -eu\n", "set -eu\n( sleep 60; kill -KILL $$ ) &\n", 1)
	}, "tasks failed to start")
}

// requireRefused deploys a broken image: the update fails and names the cause, visitors notice nothing, and the
// file is as before afterwards.
func requireRefused(t *testing.T, d deployment, file string, spoil func(string) string, cause string) {
	t.Helper()
	good := d.Read(file)
	bad := spoil(good)
	require.NotEqual(t, good, bad)
	d.Write(file, bad)
	tasks := d.tasks()
	load := cloud.StartLoad(t, d.url, rate/2, "/", "/sample-page/")
	r := d.TryUp("dev")
	report := load.Stop()
	d.Write(file, good)
	t.Logf("%s: %s", t.Name(), report)
	require.NotZero(t, r.Code)
	require.Contains(t, r.Out, cause)
	require.Contains(t, r.Out, "rolled the deployment", "the program says what happened")
	require.Zero(t, report.Failed)
	require.ElementsMatch(t, tasks, d.tasks(), "the old tasks serve")
}

// goodImage is what follows: the next update works.
func goodImage(t *testing.T, d deployment) {
	t.Helper()
	change(d.Cloud)
	d.OK("up", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive", "--refresh")
	require.Contains(t, d.page(t, d.url+"/?changed=1"), "<!-- changed -->")
	d.Unchanged("dev")
}

// daemonKilled ends the process that everything depends on: what runs in containers goes on, and the next
// command takes over.
func daemonKilled(t *testing.T, d deployment) {
	t.Helper()
	tasks := d.tasks()
	pid, runs := d.Daemon()
	require.True(t, runs)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	eventually(t, func() bool { return d.healthy() == 1 }, "another process took over")
	require.Equal(t, tasks, d.tasks(), "no task was lost")
	require.Contains(t, d.page(t, d.url+"/"), "</html>")
}

// destroyedAfterCrash removes everything although parts have crashed.
func destroyedAfterCrash(t *testing.T, d deployment) {
	t.Helper()
	pid, runs := d.Daemon()
	require.True(t, runs)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	// As after the machine was restarted: nothing runs, and nobody saw it end.
	for _, kind := range []string{"task", "database", "cache"} {
		for _, id := range d.containersOf(t, kind) {
			docker(t, "kill", id)
		}
	}
	d.Destroy("dev")
	requireNothingLeft(t, d)
}

// scaled brings so many visitors that one task is not enough, and waits until they are gone again.
func scaled(t *testing.T, d deployment) {
	t.Helper()
	load := cloud.StartLoad(t, d.url, rate/2, "/")
	eventually(t, func() bool { return d.healthy() == 2 }, "more tasks for more visitors")
	report := load.Stop()
	t.Logf("while a task was added: %s", report)
	require.Zero(t, report.Failed)
	eventually(t, func() bool { return len(d.tasks()) == 1 }, "one task when they are gone")
	d.Unchanged(d.stack)
}

// TestTwoStacks runs dev and prod in one account: each has its own site, and one goes without the other.
func TestTwoStacks(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Set("dev", "siteTitle", "The small one")
	c.Set("prod", "siteTitle", "The large one")
	dev, prod := deploy(t, c, "dev"), deploy(t, c, "prod")
	require.NotEqual(t, dev.url, prod.url)
	require.Contains(t, dev.page(t, dev.url+"/"), "The small one")
	require.Contains(t, prod.page(t, prod.url+"/"), "The large one")

	scaled(t, dev)

	load := cloud.StartLoad(t, prod.url, rate/5, "/", "/sample-page/")
	c.Destroy("dev")
	report := load.Stop()
	require.Zero(t, report.Failed, report)
	require.Empty(t, c.Status("dev", ""))
	c.Destroy("prod")
	requireNothingLeft(t, dev, prod)
}
