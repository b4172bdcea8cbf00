package live_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/browser"
	"wordpress-ecs/tests/cloud"
)

// rate is how many requests a second a site gets while it is changed or broken.
const rate = 50

// TestProd follows a production site through its life. The parts stand on each other: a site is expensive.
func TestProd(t *testing.T) {
	t.Parallel()
	chromium := browser.Find(t)
	c := newCloud(t)
	// What follows counts tasks: visitors must not change their number.
	c.Set("prod", "tasksMax", "2")
	d := deploy(t, c, "prod")
	d.Unchanged("prod")

	editor := browser.New(t, chromium)
	browser.LogIn(t, editor, d.url, "admin", d.password(t))
	article := browser.WritePost(t, editor, d.url)
	pictures := browser.UploadPhoto(t, editor, d.url)
	requireOnEveryTask(t, d, article, pictures[0])
	editor.RequireQuiet(t, d.url)

	for _, step := range []struct {
		name string
		do   func(t *testing.T, d deployment)
	}{
		{"a changed file under load", updateUnderLoad},
		{"a killed task", killedTask},
		{"a killed php-fpm", killedPHP},
		{"a paused task", pausedTask},
		{"a terminated instance", terminatedInstance},
		{"no cache", withoutCache},
		{"no database for 20 seconds", withoutDatabase},
		{"a read-only volume", readOnlyFiles},
	} {
		t.Run(step.name, func(t *testing.T) { step.do(t, d) })
		editor.Visit(t, d.url+"/wp-admin/")
		require.Contains(t, editor.Text(t, "h1"), "Dashboard", "the session is kept")
		requireOnEveryTask(t, d, article, pictures[0])
	}

	d.Destroy("prod")
	requireNothingLeft(t, d)
}

// requireOnEveryTask reads pages of the site from each task by itself.
func requireOnEveryTask(t *testing.T, d deployment, addresses ...string) {
	t.Helper()
	eventually(t, func() bool { return d.healthy() >= 2 && len(d.tasks()) >= 2 }, "two tasks serve")
	for _, target := range d.Status(d.stack, "target") {
		if target.State != "healthy" {
			continue
		}
		for _, address := range addresses {
			status, _, err := cloud.At(t.Context(), target.Address, address)
			require.NoError(t, err)
			require.Equal(t, 200, status, "%s from %s", address, target.Name)
		}
	}
}

// updateUnderLoad changes one PHP file and updates the site while visitors keep coming.
func updateUnderLoad(t *testing.T, d deployment) {
	t.Helper()
	before := d.Outputs(d.stack)["image"]
	change(d.Cloud)
	load := cloud.StartLoad(t, d.url, rate, "/", "/sample-page/")
	d.Up(d.stack)
	report := load.Stop()
	t.Logf("rolling update: %s", report)
	require.Zero(t, report.Failed)
	require.Greater(t, report.Requests, 100)
	require.NotEqual(t, before, d.Outputs(d.stack)["image"], "one file more is another image")
	require.Contains(t, d.page(t, d.url+"/?changed=1"), "<!-- changed -->", "the new code answers")
	d.Unchanged(d.stack)
}

// change adds a line to every page.
func change(c *cloud.Cloud) {
	c.Write("image/rootfs/var/www/html/bundled/mu-plugins/changed.php",
		"<?php\nadd_action( 'wp_footer', function () { echo '<!-- changed -->'; } );\n")
}

// requireNothingLeft checks that an account whose deployments were destroyed is as it was before the first.
func requireNothingLeft(t *testing.T, destroyed ...deployment) {
	t.Helper()
	c := destroyed[0].Cloud
	require.Empty(t, c.Resources())
	require.Empty(t, c.Left())
	require.Empty(t, filesBelow(t, filepath.Join(c.Home, "logs")))
	eventually(t, func() bool {
		_, runs := c.Daemon()
		return !runs
	}, "the background process ends when there is nothing to run")
	images := docker(t, "images", "--format", "{{.Repository}}:{{.Tag}}")
	for _, d := range destroyed {
		require.NotContains(t, images, d.repository, "no name of an image is left")
	}
}

// filesBelow lists the files of a directory and of those in it.
func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	return files
}
