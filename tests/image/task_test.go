package image_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// A task serves the site that setup has installed, as an unprivileged user who can change nothing of the image.
func TestTask(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{})
	task, visitor := tasks[0], s.Visitor(t)

	front := visitor.Get(t, "/")
	require.Equal(t, http.StatusOK, front.Status)
	requireShows(t, front, "<title>Böses &amp; &quot;gutes&quot; Site&#039;s title</title>")
	requireShows(t, front, "Hello world!")
	require.Equal(t, http.StatusOK, visitor.Get(t, "/wp-includes/css/dist/block-library/style.min.css").Status)
	requireShows(t, visitor.Get(t, "/wp-login.php"), "Log In")
	visitor.Login(t)
	requireShows(t, visitor.Get(t, "/wp-admin/"), "Dashboard")

	require.Equal(t, "ok", visitor.Get(t, "/healthz").Body)
	task.Nginx.Must(t, "healthcheck", "nginx")
	task.PHP.Must(t, "healthcheck", "php-fpm")
	for _, arguments := range [][]string{{"healthcheck"}, {"healthcheck", "other"}} {
		code, _ := task.PHP.Exec(t, arguments...)
		require.NotZero(t, code, "%q", arguments)
	}

	for _, c := range []*containers.Container{task.PHP, task.Nginx, task.Cron} {
		require.Equal(t, "33:33\n", c.Must(t, "sh", "-c", `echo "$(id -u):$(id -g)"`), "the owner of the EFS access point")
		for _, path := range []string{root + "index.php", root + "wp-includes/version.php", root + "new.php", root + "bundled/new.php", "/etc/passwd"} {
			code, _ := c.Exec(t, "sh", "-c", "echo >> "+path)
			require.NotZero(t, code, "%s can write %s", c.Name, path)
			_, output := c.ExecAs(t, "0:0", "sh", "-c", "echo >> "+path)
			require.Contains(t, output, "Read-only file system", "%s, even for root", c.Name)
		}
	}
	require.Equal(t, "33:33\n", task.PHP.Must(t, "stat", "-c", "%u:%g", shared),
		"Docker gives the volume the owner of the path that it covers, and the access point takes no other")
	code, _ := task.Nginx.Exec(t, "touch", shared+"new")
	require.NotZero(t, code, "nginx only reads the volume")
	site.Eventually(t, func() bool { return strings.Contains(task.Nginx.Logs(t), "/wp-login.php") }, "requests are logged")
}
