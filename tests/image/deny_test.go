package image_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/site"
)

// With file changes denied, code comes with the image alone, and uploads work as ever.
func TestFileChangesDenied(t *testing.T) {
	t.Parallel()
	s, tasks := start(t, site.Options{Tasks: 2, Variation: site.Variation{
		Environment: map[string]string{"WORDPRESS_FILE_CHANGES": "deny"},
	}})
	v := tasks[0].Visitor(t)
	v.Login(t)
	for _, path := range []string{
		"plugin-install.php?tab=upload", "theme-install.php", "plugin-editor.php", "theme-editor.php",
		"update.php?action=upload-plugin", "update.php?action=upload-theme",
	} {
		page := v.Get(t, "/wp-admin/"+path)
		require.NotEqual(t, http.StatusOK, page.Status, "%s: %s", path, excerpt(page))
		requireShows(t, page, "not allowed", path)
	}

	t.Log("code on the volume is neither loaded nor run")
	php := tasks[0].PHP
	for _, path := range []string{"uploads/evil.php", "plugins/evil/evil.php", "themes/evil/index.php", "mu-plugins/evil.php", "evil.php", "db.php", "advanced-cache.php"} {
		php.Must(t, "sh", "-c", `mkdir -p "$(dirname "$1")" && printf '%s' "$2" >"$1"`, "sh", shared+path,
			"<?php /* Plugin Name: Evil */ header('X-Evil: 1'); define('EVIL', 6 * 7); ")
		for _, task := range tasks {
			page := task.Visitor(t).Get(t, "/wp-content/"+path)
			require.Equal(t, http.StatusNotFound, page.Status, path)
			require.Empty(t, page.Header.Get("X-Evil"))
			requireHides(t, page, "<?php")
		}
	}
	require.Equal(t, "false", wordpress(t, php, `echo json_encode(defined('EVIL') || isset(plugins_there()["evil/evil.php"]));
		function plugins_there() { require_once ABSPATH . 'wp-admin/includes/plugin.php'; return get_plugins(); }`))
	require.Empty(t, v.Get(t, "/").Header.Get("X-Evil"))

	t.Log("uploads have the addresses that they have with changes allowed")
	uploaded, page := uploadMedia(t, v, "photo.jpg", photo(t))
	require.Equal(t, http.StatusCreated, page.Status, page.Body)
	require.Contains(t, uploaded.SourceURL, s.URL+"/wp-content/uploads/")
	require.Equal(t, http.StatusOK, v.At(tasks[1]).Get(t, strings.TrimPrefix(uploaded.SourceURL, s.URL)).Status)
	front := v.Get(t, "/").Body
	require.Contains(t, front, s.URL+"/bundled/themes/")
	require.NotContains(t, front, "/wp-content/themes/")
}
