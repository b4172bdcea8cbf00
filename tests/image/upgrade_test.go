package image_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

const schema = "SELECT option_value FROM wp_options WHERE option_name = 'db_version'"

// A newer core upgrades the schema of an older one once, however many tasks bring it, and an older task that
// starts late leaves it as it is.
func TestSetupUpgrades(t *testing.T) {
	t.Parallel()
	e := containers.Connect(t)
	older := e.Build(t, "older", "tests/image/testdata/older", map[string]string{"IMAGE": site.Image(t, e)})
	s := site.New(t, e, site.Options{})
	install(t, s, site.Variation{Image: older})
	require.Equal(t, "53496", s.Database.Query(t, schema), "WordPress 6.1")
	s.Database.Query(t, `UPDATE wp_posts SET post_content = 'Written before.' WHERE post_name = 'hello-world';
		DELETE FROM wp_options WHERE option_name = 'wp_attachment_pages_enabled';
		CREATE TABLE upgrades (at TIMESTAMP)`)

	count := site.Variation{Files: map[string]string{
		plugins + "count.php": `<?php add_action('wp_upgrade', function () { $GLOBALS['wpdb']->query('INSERT INTO upgrades VALUES ()'); });`,
	}}
	var all []*containers.Container
	for range 5 {
		all = append(all, s.RunSetup(t, count))
	}
	for _, setup := range all {
		require.Zero(t, setup.Wait(t), setup.Logs(t))
	}
	upgraded := s.Database.Query(t, schema)
	require.Greater(t, upgraded, "53496")
	require.Equal(t, "1", s.Database.Query(t, "SELECT COUNT(*) FROM upgrades"))
	require.Equal(t, "1", s.Database.Query(t,
		"SELECT option_value FROM wp_options WHERE option_name = 'wp_attachment_pages_enabled'"), "a step of the upgrade to 6.4")

	task := s.StartTask(t, site.Variation{})
	requireShows(t, task.Visitor(t).Get(t, "/"), "Written before.")

	late := s.RunSetup(t, site.Variation{Image: older})
	require.Zero(t, late.Wait(t), late.Logs(t))
	require.Equal(t, upgraded, s.Database.Query(t, schema))
	require.Equal(t, "1", s.Database.Query(t, "SELECT COUNT(*) FROM wp_posts WHERE post_content = 'Written before.'"))
	visitor := task.Visitor(t)
	visitor.Login(t)
	requireShows(t, visitor.Get(t, "/wp-admin/"), "Dashboard")
}
