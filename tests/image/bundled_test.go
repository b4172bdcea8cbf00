package image_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// demo is a plugin that comes with an image. Its uninstaller must never run.
var demo = site.Variation{Files: map[string]string{
	root + "bundled/plugins/demo/demo.php":      "<?php /* Plugin Name: Demo */ add_action('wp_footer', function () { echo 'the demo plugin'; });",
	root + "bundled/plugins/demo/uninstall.php": "<?php update_option('demo_uninstalled', 1);",
}}

// A plugin of the image is there like any other, cannot be deleted, and goes with an image that does not have it.
func TestBundledPlugin(t *testing.T) {
	t.Parallel()
	s := site.New(t, containers.Connect(t), site.Options{})
	task := s.StartTask(t, demo)
	require.Equal(t, "../../bundled/plugins/demo\n", task.PHP.Must(t, "readlink", shared+"plugins/demo"))
	v := task.Visitor(t)
	v.Login(t)
	activated := v.Get(t, link(t, v.Get(t, "/wp-admin/plugins.php"), "action=activate.*demo"))
	require.Equal(t, http.StatusFound, activated.Status, activated.Body)
	requireShows(t, v.Get(t, "/"), "the demo plugin")

	require.Empty(t, wordpress(t, task.PHP, `deactivate();
		function deactivate() { require_once ABSPATH . 'wp-admin/includes/plugin.php'; deactivate_plugins('demo/demo.php'); }`))
	requireHides(t, v.Get(t, "/wp-admin/plugins.php"), "action=delete-selected&amp;checked%5B0%5D=demo")
	code, _ := task.PHP.Exec(t, "php", "-r", "require '"+root+"wp-load.php'; require ABSPATH . 'wp-admin/includes/admin.php'; "+
		"echo json_encode(delete_plugins(array('demo/demo.php')));")
	t.Logf("deleting it ends with %d", code)
	require.Equal(t, "false", wordpress(t, task.PHP, "echo json_encode(get_option('demo_uninstalled'));"))
	task.PHP.Must(t, "test", "-L", shared+"plugins/demo")

	without := install(t, s, site.Variation{})
	require.Contains(t, without.Logs(t), "demo")
	code, _ = task.PHP.Exec(t, "test", "-L", shared+"plugins/demo")
	require.NotZero(t, code, "the link is gone")

	task.PHP.Must(t, "sh", "-c", "mkdir "+shared+"plugins/demo && echo '<?php' >"+shared+"plugins/demo/own.php")
	install(t, s, demo)
	task.PHP.Must(t, "test", "-f", shared+"plugins/demo/own.php")
}

// A database that is new does not show what Redis knows of an older one.
func TestSetupForgetsAnOlderSite(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{})
	v := tasks[0].Visitor(t)
	v.Login(t)
	requireShows(t, v.Get(t, "/wp-admin/"), "gutes")
	s.Database.Query(t, "DROP DATABASE wordpress; CREATE DATABASE wordpress")
	install(t, s, site.Variation{Environment: map[string]string{"WORDPRESS_TITLE": "The second site"}})
	requireShows(t, tasks[0].Visitor(t).Get(t, "/wp-login.php"), "The second site")
}

// What is not an unfinished installation is left alone, whatever a mark says.
func TestSetupGuardsContent(t *testing.T) {
	t.Parallel()
	s := site.New(t, containers.Connect(t), site.Options{})
	install(t, s, site.Variation{})
	s.Database.Query(t, `INSERT INTO wp_options (option_name, option_value) VALUES ('wordpress_ecs_unfinished', 'now');
		INSERT INTO wp_users (user_login) VALUES ('second')`)
	before := checksums(t, s)
	setup := s.RunSetup(t, site.Variation{})
	require.Equal(t, 1, setup.Wait(t))
	require.Contains(t, setup.Logs(t), "nothing was changed")
	require.Equal(t, before, checksums(t, s))
}
