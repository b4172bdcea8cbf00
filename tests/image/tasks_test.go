package image_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

// probe is a plugin that shows its version and keeps a word in the PHP session.
func probe(version string) map[string]string {
	return map[string]string{"probe/probe.php": `<?php
/* Plugin Name: Probe
   Version: ` + version + ` */
require __DIR__ . '/part.php';
add_action('init', function () {
	if (isset($_GET['probe_version'])) { nocache_headers(); exit('version ' . PROBE_VERSION); }
	if (isset($_GET['probe_kept'])) { nocache_headers(); exit(json_encode(opcache_is_script_cached(__DIR__ . '/part.php'))); }
	if (isset($_GET['probe_write'])) { session_start(); $_SESSION['word'] = $_GET['probe_write']; exit('written'); }
	if (isset($_GET['probe_read'])) { session_start(); exit('read ' . ($_SESSION['word'] ?? 'nothing')); }
});`, "probe/part.php": `<?php const PROBE_VERSION = '` + version + `';`}
}

var theme = map[string]string{
	"plain/style.css": "/*\nTheme Name: Plain\nVersion: 1.0\n*/\nbody { color: rebeccapurple; }",
	"plain/index.php": "<?php wp_head(); ?><h1>The plain theme</h1><link rel=stylesheet href='<?php echo get_stylesheet_uri(); ?>'>",
}

// What one task has, the others have: logins, sessions, uploads, plugins and themes; and tasks that come later.
func TestTasksShare(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{Tasks: 2})
	one := tasks[0].Visitor(t)
	one.Login(t)
	two := one.At(tasks[1])
	requireShows(t, two.Get(t, "/wp-admin/"), "Dashboard", "the login holds in the other task")

	t.Log("an upload and its thumbnails")
	uploaded, page := uploadMedia(t, one, "photo.jpg", photo(t))
	require.Equal(t, http.StatusCreated, page.Status, page.Body)
	require.Greater(t, len(uploaded.Details.Sizes), 2)
	requireSame(t, one, two, s.URL, uploaded.SourceURL)
	for _, size := range uploaded.Details.Sizes {
		requireSame(t, one, two, s.URL, size.SourceURL)
	}

	t.Log("a plugin, first installed, then changed")
	installPlugin(t, one, "probe", probe("1.0"))
	awaitVersion(t, "version 1.0", one, two)
	require.Equal(t, "written", one.Get(t, "/?probe_write=hello").Body)
	require.Equal(t, "read hello", two.Get(t, "/?probe_read=1").Body)
	require.Equal(t, "read nothing", tasks[1].Visitor(t).Get(t, "/?probe_read=1").Body, "somebody else's session")
	require.Contains(t, s.Redis.Command(t, "KEYS", "*session*"), "session")
	// PHP keeps what it has compiled when the file is some seconds old: from then on a change can be missed.
	for _, v := range []*site.Visitor{one, two} {
		site.Eventually(t, func() bool { return v.Get(t, "/?probe_kept=1").Body == "true" }, "the plugin is kept compiled")
	}
	installPlugin(t, two, "probe", probe("2.0"))
	awaitVersion(t, "version 2.0", one, two)

	t.Log("a theme")
	installTheme(t, one, "plain", theme)
	for _, v := range []*site.Visitor{one, two} {
		requireShows(t, v.Get(t, "/"), "The plain theme")
		requireShows(t, v.Get(t, "/wp-content/themes/plain/style.css"), "rebeccapurple")
	}

	t.Log("a task that comes when those are gone")
	for _, task := range tasks {
		s.Front.Drain(task)
		task.Stop(t)
	}
	later := one.At(s.StartTask(t, site.Variation{}))
	require.Equal(t, "version 2.0", later.Get(t, "/?probe_version=1").Body)
	requireShows(t, later.Get(t, "/"), "The plain theme")
	requireShows(t, later.Get(t, "/wp-admin/"), "Dashboard")
	require.Equal(t, "read hello", later.Get(t, "/?probe_read=1").Body)
	require.Equal(t, http.StatusOK, later.Get(t, strings.TrimPrefix(uploaded.SourceURL, s.URL)).Status)
}

func requireSame(t *testing.T, one, two *site.Visitor, base, address string) {
	t.Helper()
	path, found := strings.CutPrefix(address, base)
	require.True(t, found, address)
	a, b := one.Get(t, path), two.Get(t, path)
	require.Equal(t, http.StatusOK, a.Status, address)
	require.Equal(t, http.StatusOK, b.Status, address)
	require.Equal(t, "image/jpeg", b.Header.Get("Content-Type"))
	require.True(t, a.Body == b.Body && len(a.Body) > 1000, address)
}

// awaitVersion waits for a version of the plugin in all tasks, for a minute.
func awaitVersion(t *testing.T, want string, visitors ...*site.Visitor) {
	t.Helper()
	begin := time.Now()
	for n, v := range visitors {
		for v.Get(t, "/?probe_version=1").Body != want {
			require.Less(t, time.Since(begin), time.Minute, "%s, in task %d", want, n+1)
			time.Sleep(100 * time.Millisecond)
		}
	}
	t.Logf("%s was in all tasks after %s", want, time.Since(begin))
}

// Where the policy allows changes in wp-admin, the core and what the image bundles are still not among them.
func TestAllowedChangesLeaveTheImageAlone(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{})
	php := tasks[0].PHP
	require.Equal(t, "true", wordpress(t, php, `echo json_encode(wp_is_file_mod_allowed('test'));`))
	v := s.Visitor(t)
	v.Login(t)
	core := v.Get(t, "/wp-admin/update-core.php?action=do-core-reinstall")
	requireHides(t, core, "Unpacking")
	requireHides(t, v.Get(t, "/wp-admin/update-core.php"), `name="upgrade"`, "a newer core is not offered")
	refusal := wordpress(t, php, `require ABSPATH . 'wp-admin/includes/theme.php'; require ABSPATH . 'wp-admin/includes/file.php';
		delete_theme(WP_DEFAULT_THEME); echo 'deleted';`)
	require.Contains(t, refusal, "part of the image", "the bundled theme cannot be deleted")
	require.NotContains(t, refusal, "deleted")
	require.Equal(t, http.StatusOK, v.Get(t, "/").Status)
}
