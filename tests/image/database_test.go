package image_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

// While the database is away visitors get the pages that nginx keeps, the task stays healthy, and its readiness
// says what is missing. Afterwards everything works again by itself.
func TestDatabaseIsLost(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{})
	task := tasks[0]
	visitor, editor := task.Visitor(t), task.Visitor(t)
	editor.Login(t)
	visitor.Get(t, "/")
	site.Eventually(t, func() bool { return visitor.Get(t, "/").Header.Get("X-Page-Cache") == "HIT" }, "the page is kept")
	before := ready(t, task)
	require.Equal(t, "ok", before.Checks["database"].State)

	s.Database.Down(t)
	// Until what was kept is older than the site allowed, and after that.
	states := map[string]bool{}
	site.Eventually(t, func() bool {
		page := visitor.Get(t, "/")
		assert.Equal(t, http.StatusOK, page.Status)
		assert.Contains(t, page.Body, "Hello world!")
		states[page.Header.Get("X-Page-Cache")] = true
		return states["STALE"] || states["UPDATING"]
	}, "an old page is served")
	for range 20 {
		page := visitor.Get(t, "/")
		require.Equal(t, http.StatusOK, page.Status)
		requireShows(t, page, "Hello world!")
	}
	for _, path := range []string{"/wp-admin/", "/sample-page/", "/?s=word", "/feed/", "/wp-json/wp/v2/posts"} {
		for _, v := range []*site.Visitor{editor, visitor} {
			page := v.Get(t, path)
			require.GreaterOrEqual(t, page.Status, 500, "%s, neither an empty page nor another address: %s", path, excerpt(page))
		}
	}
	require.Equal(t, http.StatusOK, visitor.Get(t, "/healthz").Status)
	task.PHP.Must(t, "healthcheck", site.PHP)
	during := ready(t, task)
	require.Equal(t, http.StatusServiceUnavailable, during.Status)
	require.Equal(t, "failed", during.Checks["database"].State)
	require.NotEmpty(t, during.Checks["database"].Error)
	require.Equal(t, "ok", during.Checks["redis"].State)
	require.Equal(t, "ok", during.Checks["storage"].State)

	// Without Redis nothing tells WordPress that it is installed.
	s.Redis.Down(t)
	page := visitor.Get(t, "/?s=word")
	require.GreaterOrEqual(t, page.Status, 500, "%s", excerpt(page))
	s.Redis.Up(t)

	s.Database.Up(t)
	site.Eventually(t, func() bool { return strings.Contains(editor.Get(t, "/wp-admin/").Body, "Dashboard") }, "wp-admin works")
	require.Equal(t, "ok", ready(t, task).Checks["database"].State)
	site.Eventually(t, func() bool {
		state := visitor.Get(t, "/").Header.Get("X-Page-Cache")
		return state == "HIT" || state == "MISS"
	}, "new pages are kept")
	require.True(t, task.PHP.Running(t) && task.Nginx.Running(t) && task.Cron.Running(t))
}

// A database that does not answer, unlike one that refuses, holds the workers that ask it. Health checks get one
// again before the task would be replaced, which is after a minute, and later visitors do not wait.
func TestDatabaseIsSilent(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{})
	task := tasks[0]
	visitor := task.Visitor(t)
	require.Equal(t, http.StatusOK, visitor.Get(t, "/?s=before").Status)
	s.Database.Pause(t)
	const visitors = 12 // more than there are workers
	var waiting sync.WaitGroup
	for i := range visitors {
		waiting.Go(func() {
			page, err := visitor.Try(t.Context(), http.MethodGet, fmt.Sprintf("/?s=word-%d", i), "", nil)
			if assert.NoError(t, err) {
				assert.GreaterOrEqual(t, page.Status, 500)
			}
		})
	}
	// As the load balancer asks: unhealthy after six checks in a row that had no answer within five seconds.
	check := func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		page, err := visitor.Try(ctx, http.MethodGet, "/healthz", "", nil)
		return err == nil && page.Status == http.StatusOK
	}
	failed, tick := 0, time.NewTicker(10*time.Second)
	defer tick.Stop()
	for ; !check(); <-tick.C {
		failed++
		require.Less(t, failed, 6, "the load balancer has taken the task out")
	}
	waiting.Wait()
	require.GreaterOrEqual(t, visitor.Get(t, "/?s=during").Status, 500)
	require.True(t, check(), "a visitor during the silence holds no worker")
	s.Database.Unpause(t)
	site.Eventually(t, func() bool { return visitor.Get(t, "/?s=after").Status == http.StatusOK }, "the site is back")
}

// A request that ends in the middle of a transaction, as plugins do, leaves nothing locked on the connection that
// its worker keeps.
func TestRequestsLeaveNoTransaction(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{Variation: site.Variation{Files: map[string]string{
		plugins + "leaves.php": `<?php add_action('init', function () {
			if (!isset($_GET['leave'])) { return; }
			$GLOBALS['wpdb']->query('START TRANSACTION');
			$GLOBALS['wpdb']->query("UPDATE wp_options SET option_value = 'changed' WHERE option_name = 'blogdescription'");
			echo $GLOBALS['wpdb']->rows_affected, ' row changed';
			exit;
		});`,
	}}})
	requireShows(t, tasks[0].Visitor(t).Get(t, "/?leave"), "1 row changed")
	site.Eventually(t, func() bool {
		return s.Database.Query(t, "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_rows_modified > 0") == "0"
	}, "the transaction is undone")
	require.NotEqual(t, "changed", s.Database.Query(t, "SELECT option_value FROM wp_options WHERE option_name = 'blogdescription'"))
}
