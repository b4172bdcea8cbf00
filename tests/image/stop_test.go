package image_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// slow is a page that takes its time, and says when it has begun.
var slow = map[string]string{plugins + "slow.php": `<?php
add_action('init', function () {
	if (isset($_GET['slow'])) {
		nocache_headers();
		touch('/tmp/begun');
		for ($end = microtime(true) + (float) $_GET['slow']; microtime(true) < $end && !file_exists('/tmp/enough'); ) {
			usleep(50000);
			clearstatcache();
		}
		exit('finished');
	}
});`}

// askSlow asks for the slow page and returns when it has begun.
func askSlow(t *testing.T, v *site.Visitor, task *site.Task, seconds string) <-chan string {
	t.Helper()
	answer := make(chan string, 1)
	go func() {
		page, err := v.Try(t.Context(), http.MethodGet, "/?slow="+seconds, "", nil)
		if err != nil {
			answer <- err.Error()
			return
		}
		answer <- page.Body
	}()
	site.Eventually(t, func() bool {
		code, _ := task.PHP.Exec(t, "test", "-e", "/tmp/begun")
		return code == 0
	}, "the slow page begins")
	return answer
}

// A task that the load balancer has drained goes without anybody noticing: not those who ask all the time, and not
// who has been waiting for a long page.
func TestTaskStopsUnderLoad(t *testing.T) {
	t.Parallel()
	s := site.New(t, containers.Connect(t), site.Options{Variation: site.Variation{Files: slow}})
	leaving := s.StartTask(t, site.Variation{})
	answer := askSlow(t, s.Visitor(t), leaving, "55")
	staying := s.StartTask(t, site.Variation{})
	load := startLoad(t, s.Visitor(t), 3, "/?s=word-%d")
	cached := startLoad(t, s.Visitor(t), 2, "/")
	load.await(t, 20)
	cached.await(t, 100)

	drained := make(chan struct{})
	go func() { s.Front.Drain(leaving); close(drained) }()
	load.await(t, 20)
	select {
	case <-drained:
		require.Fail(t, "the long page is over too early")
	default:
	}
	leaving.PHP.Must(t, "touch", "/tmp/enough")
	<-drained
	leaving.Stop(t)
	require.Equal(t, "finished", <-answer)
	load.await(t, 20)
	cached.await(t, 100)
	load.stop(t)
	cached.stop(t)
	for _, c := range []*containers.Container{leaving.PHP, leaving.Nginx, leaving.Cron} {
		require.Zero(t, c.Wait(t), "%s ends by itself", c.Name)
	}
	require.True(t, staying.PHP.Running(t))
}

// Even without a load balancer that drains, what has begun is answered, in whatever order the containers are stopped.
func TestRequestInFlightIsAnswered(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]func(*site.Task) []*containers.Container{
		"nginx first": func(k *site.Task) []*containers.Container { return []*containers.Container{k.Nginx, k.PHP} },
		"php first":   func(k *site.Task) []*containers.Container { return []*containers.Container{k.PHP, k.Nginx} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, tasks := start(t, site.Options{Variation: site.Variation{Files: slow}})
			task := tasks[0]
			answer := askSlow(t, task.Visitor(t), task, "5")
			for _, c := range order(task) {
				require.NoError(t, c.Stop(site.StopTimeout))
				require.Zero(t, c.Wait(t), "%s ends by itself", c.Name)
			}
			require.Equal(t, "finished", <-answer)
			require.NoError(t, task.Cron.Stop(site.StopTimeout))
			require.Zero(t, task.Cron.Wait(t))
		})
	}
}
