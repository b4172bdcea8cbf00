package image_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

// Whatever goes wrong, no log holds a secret; nor do the arguments of a process, nginx's environment or an image.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	// Where the task gets its role's credentials is for WordPress, not for its pages.
	const role = "address-of-credentials"
	settings := mailSettings(map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/" + role})
	s, tasks := start(t, site.Options{Variation: site.Variation{Environment: settings, Files: map[string]string{
		plugins + "fails.php": `<?php add_action('init', function () {
			if (isset($_GET['fail'])) { throw new RuntimeException('as a plugin may'); }
			if (isset($_GET['server'])) { echo json_encode($_SERVER); exit; }
			if (isset($_GET['info'])) { new mysqli(DB_HOST, DB_USER, DB_PASSWORD . 'x'); }
		});`,
	}}})
	task := tasks[0]
	v := task.Visitor(t)
	v.Login(t)
	ask := func() {
		for _, path := range []string{"/", "/?s=x", "/?fail", "/?info", "/?server", "/wp-admin/", "/readyz", "/healthz", "/missing"} {
			page := v.Get(t, path)
			requireNoSecrets(t, page.Body, append(site.Secrets(), role)...)
			requireHides(t, page, "Stack trace", path)
		}
		wordpress(t, task.Cron, "wp_mail('someone@example.com', 'There is no server', 'text');")
	}
	ask()
	s.Redis.Down(t)
	ask()
	s.Database.Down(t)
	for _, path := range []string{"/?s=down", "/wp-admin/", "/readyz"} {
		page := v.Get(t, path)
		require.GreaterOrEqual(t, page.Status, 500, "%s: %s", path, excerpt(page))
		requireNoSecrets(t, page.Body, site.Secrets()...)
	}
	s.Database.Up(t)
	v.Post(t, "/wp-login.php", url.Values{"log": {site.AdminUser}, "pwd": {site.AdminPassword + "x"}})
	require.Equal(t, http.StatusOK, v.Get(t, "/?pwd=in-the-address&token=in-the-address").Status)

	secrets := append(site.Secrets(), mailPassword)
	for _, c := range task.Containers() {
		log := c.Logs(t)
		require.NotEmpty(t, log, c.Name)
		requireNoSecrets(t, log, secrets...)
		require.NotContains(t, log, "in-the-address")
		if c == task.Setup {
			continue
		}
		requireNoSecrets(t, c.Must(t, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"), secrets...)
		requireNoSecrets(t, c.Must(t, "sh", "-c", "find /tmp -type f -exec cat {} + 2>/dev/null || true"), secrets...)
	}
	require.Contains(t, task.PHP.Logs(t), "as a plugin may", "errors are logged")
	for variable := range strings.Lines(task.Nginx.Must(t, "env")) {
		require.NotRegexp(t, `(?i)password|token|_KEY=|_SALT=|_DB_|_REDIS_|_SMTP_`, variable)
	}
}
