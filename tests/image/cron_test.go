package image_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// events is a plugin whose events write down that they begin and end, and where.
var events = site.Variation{Files: map[string]string{plugins + "events.php": `<?php
function note($event, $moment) {
	$GLOBALS['wpdb']->insert('events', array('name' => $event, 'moment' => $moment, 'host' => gethostname()));
}
add_action('short_event', function ($name) { note($name, 'ran'); });
add_action('long_event', function ($name) {
	note($name, 'began');
	for ($end = time() + 10; time() < $end; ) { usleep(100000); }
	note($name, 'ended');
});`}}

// newSiteWithEvents makes a site without visitors, and events that are due. WordPress keeps all events in one option:
// one that is added while cron takes others out may be lost, so they are there before cron is.
func newSiteWithEvents(t *testing.T, hook string, names ...string) *site.Site {
	t.Helper()
	s := site.New(t, containers.Connect(t), site.Options{Variation: events})
	install(t, s, site.Variation{})
	s.Database.Query(t, "CREATE TABLE events (name VARCHAR(50), moment VARCHAR(10), host VARCHAR(64), at TIMESTAMP)")
	schedule(t, s, hook, names...)
	return s
}

// startCrons starts the cron containers of so many tasks.
func startCrons(t *testing.T, s *site.Site, tasks int) []*containers.Container {
	t.Helper()
	var crons []*containers.Container
	for range tasks {
		task := s.StartNamespace(t, site.Variation{})
		task.StartCron(t, site.Variation{})
		crons = append(crons, task.Cron)
	}
	return crons
}

// schedule has an event be due at once.
func schedule(t *testing.T, s *site.Site, hook string, names ...string) {
	t.Helper()
	c := s.RunShell(t, site.Cron, site.Variation{})
	for _, name := range names {
		require.Equal(t, "true", wordpress(t, c,
			`echo json_encode(wp_schedule_single_event(time() - 1, '`+hook+`', array('`+name+`')));`))
	}
}

// forgetRun has cron run at the next full minute, however short ago it ran.
func forgetRun(t *testing.T, s *site.Site) {
	t.Helper()
	s.Database.Query(t, "DELETE FROM wp_options WHERE option_name = 'wordpress_ecs_cron'")
}

// Events run without a visitor, each of them once, however many tasks there are; and when the task that ran them
// dies, another one does.
func TestCronRunsOnce(t *testing.T) {
	t.Parallel()
	s := newSiteWithEvents(t, "short_event", "one", "two", "three")
	crons := startCrons(t, s, 3)
	site.Eventually(t, func() bool { return s.Database.Query(t, "SELECT COUNT(*) FROM events") == "3" }, "all events run")

	// The runner dies in the middle of an event.
	schedule(t, s, "long_event", "cut")
	forgetRun(t, s)
	site.Eventually(t, func() bool {
		return s.Database.Query(t, "SELECT COUNT(*) FROM events WHERE name = 'cut'") != "0"
	}, "the long event begins")
	runner := s.Database.Query(t, "SELECT host FROM events WHERE name = 'cut'")
	killed := false
	for _, cron := range crons {
		if strings.TrimSpace(cron.Must(t, "hostname")) == runner {
			cron.Kill(t)
			killed = true
		}
	}
	require.True(t, killed, "%s is one of the tasks", runner)
	schedule(t, s, "short_event", "later")
	site.Eventually(t, func() bool {
		return s.Database.Query(t, "SELECT COUNT(*) FROM events WHERE name = 'later'") == "1"
	}, "another task runs the next event")
	require.NotEqual(t, runner, s.Database.Query(t, "SELECT host FROM events WHERE name = 'later'"))
	require.Equal(t, "cut\t1\nlater\t1\none\t1\nthree\t1\ntwo\t1",
		s.Database.Query(t, "SELECT name, COUNT(*) FROM events GROUP BY name ORDER BY name"))
}

// A task that is stopped ends the event that it is at, and no other.
func TestCronEndsItsEvent(t *testing.T) {
	t.Parallel()
	s := newSiteWithEvents(t, "long_event", "first", "second")
	crons := startCrons(t, s, 1)
	site.Eventually(t, func() bool { return s.Database.Query(t, "SELECT COUNT(*) FROM events") == "1" }, "an event begins")
	require.NoError(t, crons[0].Stop(site.StopTimeout))
	require.Zero(t, crons[0].Wait(t), "cron ends by itself")
	require.Equal(t, "began\nended", s.Database.Query(t, "SELECT moment FROM events ORDER BY moment"))
	require.Equal(t, "1", s.Database.Query(t, "SELECT COUNT(DISTINCT name) FROM events"))
}

// Visits run nothing: the task that is visited has other things to do.
func TestVisitsRunNoEvents(t *testing.T) {
	t.Parallel()
	s := newSiteWithEvents(t, "short_event", "one")
	task := s.StartNamespace(t, site.Variation{})
	task.StartPHP(t, site.Variation{})
	task.StartNginx(t, site.Variation{})
	task.Visitor(t).Get(t, "/?s=visit")
	for _, path := range []string{"/wp-cron.php", "/wp-cron.php?doing_wp_cron"} {
		require.Equal(t, http.StatusNotFound, task.Visitor(t).Get(t, path).Status, path)
	}
	require.Equal(t, "true", wordpress(t, task.PHP, "echo json_encode(DISABLE_WP_CRON);"), "a visit starts nothing in the background")
	require.Equal(t, "0", s.Database.Query(t, "SELECT COUNT(*) FROM events"))
}
