package image_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// marker is in every file that must not be shown, as source or as what it prints.
const marker = "not for visitors"

// neverShown are files that may come to lie on a site. All of them exist in the test.
var neverShown = []string{
	".env", ".htaccess", ".user.ini", ".git/config", "wp-content/.hidden/a.txt", "wp-content/plugins/a/.git/HEAD",
	"wp-config.php", "wp-config.php.bak", "wp-config.php~", "wp-config.txt", "wp-config-sample.php", "wp-cron.php",
	"dump.sql", "dump.sql.gz", "wp-content/backup.sql.zip", "wp-content/debug.log", "index.php.old", "index.php.orig",
	"index.php.save", "index.php.swp", "wp-content/a.inc", "wp-content/plugins/a/settings.ini", "error_log",
	"composer.json", "composer.lock", "wp-content/themes/a/package.json", "wp-content/plugins/a/composer.lock",
	"readme.html", "license.txt", "wp-content/plugins/a/readme.txt", "wp-content/plugins/a/CHANGELOG.md",
	"bundled/plugins/a/README.md", "wp-content/themes/a/changelog.txt",
	"wp-content/uploads/a.php", "wp-content/uploads/2026/11/a.php", "wp-content/uploads/a.PHP", "wp-content/uploads/a.pHp5",
	"wp-content/uploads/a.phtml", "wp-content/uploads/a.phar", "wp-content/uploads/a.phps", "wp-content/uploads/a.pht",
	"wp-content/uploads/a.php7", "wp-content/uploads/a.php.jpg", "wp-content/uploads/a.cgi", "wp-content/uploads/a.sh",
	"wp-content/uploads/a.pl", "wp-content/uploads/wc-logs/a.txt", "wp-content/uploads/edd/paid.zip",
	"wp-content/uploads/woocommerce_uploads/paid.pdf", "wp-content/uploads/woocommerce_uploads/a.php",
	"wp-content/plugins/a/a.PHP", "wp-content/plugins/a/a.phtml", "wp-content/plugins/a/a.php5",
	"wp-admin/install.php", "wp-admin/setup-config.php", "wp-admin/upgrade.php", "wp-admin/includes/file.php",
	"wp-includes/version.php", "bundled/object-cache.php", "bundled/object-cache/store.php", "wp-content/a.php", "wp-content/upgrade/a/a.php",
	"bundled/mu-plugins/a.php", "bundled/mu-plugins/a/b.php",
}

// shown are files that look similar and are wanted.
var shown = []string{
	".well-known/security.txt", "wp-content/uploads/a.jpg", "wp-content/uploads/2026/11/notes.txt", "wp-content/uploads/table.csv",
	"wp-content/uploads/a.zip", "wp-content/uploads/php.jpg", "wp-content/uploads/edd/cover.jpg", "wp-content/uploads/backup.jpg",
	"wp-content/plugins/a/script.js", "wp-content/plugins/a/block.json", "wp-content/themes/a/style.css",
	"bundled/plugins/a/index.js", "bundled/mu-plugins/a/style.css", "wp-includes/js/a.js", "wp-admin/css/a.css",
}

func TestDeniedFiles(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"wp-content/plugins/a/run.php": `<?php echo 'run';`, "bundled/plugins/a/run.php": `<?php echo 'run';`,
		"wp-content/uploads/x.jpg": "<?php echo 'run';",
	}
	for _, name := range neverShown {
		files[name] = "<?php echo '" + marker + "';"
	}
	for _, name := range shown {
		files[name] = "shown"
	}
	allow, deny := startFront(t, map[string]string{"WORDPRESS_XMLRPC": "allow"}, files),
		startFront(t, map[string]string{"WORDPRESS_FILE_CHANGES": "deny"}, files)
	for _, f := range []*front{allow, deny} {
		for _, name := range neverShown {
			want := http.StatusNotFound
			if name == "wp-admin/upgrade.php" {
				want = http.StatusServiceUnavailable
			}
			for _, path := range []string{"/" + name, "//" + name, "/x/../" + name, "/" + strings.Replace(name, "a", "%61", 1)} {
				a := f.get(t, path)
				assert.Equal(t, want, a.status, path)
				assert.NotContains(t, a.body, marker, path)
			}
		}
		for _, name := range shown {
			assert.Equal(t, "shown", f.get(t, "/"+name).body, name)
		}
		assert.Equal(t, "run", f.get(t, "/bundled/plugins/a/run.php").body)
		assert.Equal(t, http.StatusNotFound, f.get(t, "/wp-content/plugins/a/missing.js").status)
	}
	require.Equal(t, "run", allow.get(t, "/wp-content/plugins/a/run.php").body)
	require.Equal(t, http.StatusNotFound, deny.get(t, "/wp-content/plugins/a/run.php").status)
	require.Equal(t, "run", allow.ask(t, request{method: http.MethodPost, path: "/xmlrpc.php", body: "a"}).body)
	require.Equal(t, http.StatusNotFound, deny.ask(t, request{method: http.MethodPost, path: "/xmlrpc.php", body: "a"}).status)

	for path, want := range map[string]int{
		"/../../etc/passwd": http.StatusBadRequest, "/wp-content/../../../../etc/passwd": http.StatusBadRequest,
		"/wp-content/uploads/..%2f..%2f..%2f..%2fetc/passwd": http.StatusBadRequest, "/wp-content/uploads/x.jpg%00.php": http.StatusBadRequest,
		"/wp-content/uploads/x.jpg/.php": http.StatusNotFound, "/wp-content/uploads/x.jpg/a.php": http.StatusNotFound,
		"/wp-content/uploads/..%5c..%5cwp-config.php": http.StatusNotFound, "/wp-content": http.StatusMovedPermanently,
		"/wp-content/": http.StatusNotFound, "/wp-content/uploads/": http.StatusNotFound,
	} {
		a := allow.get(t, path)
		assert.Equal(t, want, a.status, path)
		assert.NotContains(t, a.body, "run", path)
		assert.NotContains(t, a.body, "root:", path)
	}
	require.Equal(t, "<?php echo 'run';", allow.get(t, "/wp-content/uploads/x.jpg").body, "an image is not run")
	require.Equal(t, "/wp-content/", allow.get(t, "/wp-content").header.Get("Location"), "neither the task's port nor its scheme")
}

func TestLinks(t *testing.T) {
	t.Parallel()
	f := startFront(t, nil, map[string]string{
		"bundled/plugins/a/script.js": "of the image", "secret.txt": marker, "wp-content/uploads/kept.txt": "kept", "wp-content/plugins/keep": "",
	})
	for link, target := range map[string]string{
		"wp-content/plugins/a": "../../bundled/plugins/a", "wp-content/uploads/out.txt": "../../secret.txt",
		"wp-content/uploads/2026": "../..", "wp-content/uploads/passwd.txt": "/etc/passwd",
	} {
		require.NoError(t, os.Symlink(target, filepath.Join(f.files, link)))
	}
	require.Equal(t, "of the image", f.get(t, "/wp-content/plugins/a/script.js").body)
	require.Equal(t, "kept", f.get(t, "/wp-content/uploads/kept.txt").body)
	for _, path := range []string{"/wp-content/uploads/out.txt", "/wp-content/uploads/2026/secret.txt", "/wp-content/uploads/passwd.txt"} {
		a := f.get(t, path)
		require.GreaterOrEqual(t, a.status, http.StatusForbidden, path)
		require.NotContains(t, a.body, marker)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	const year, week, hour = "public, max-age=31536000, immutable", "public, max-age=604800", "public, max-age=3600"
	script := strings.Repeat("let variable = 'text';\n", 200)
	f := startFront(t, nil, map[string]string{
		"wp-includes/js/a.min.js": script, "wp-includes/a-3f9c2b1d.wasm": "w", "wp-includes/fonts/a.woff2": "f",
		"wp-content/uploads/2026/11/a.avif": "i", "wp-content/uploads/a.webp": "i", "wp-content/uploads/a.svg": "<svg/>", "wp-content/uploads/data.json": "{}",
		"wp-content/themes/a/style.css": "body{}", "wp-content/themes/a/logo.png": "p", "wp-admin/css/a.css": "body{}", "bundled/themes/a/a.mjs": "m",
	})
	for path, want := range map[string][2]string{
		"/wp-includes/js/a.min.js?ver=7.1":       {year, "application/javascript; charset=utf-8"},
		"/wp-includes/js/a.min.js":               {hour, "application/javascript; charset=utf-8"},
		"/wp-includes/a-3f9c2b1d.wasm":           {year, "application/wasm"},
		"/wp-includes/fonts/a.woff2":             {week, "font/woff2"},
		"/wp-content/uploads/2026/11/a.avif":     {year, "image/avif"},
		"/wp-content/uploads/a.webp":             {year, "image/webp"},
		"/wp-content/uploads/data.json":          {hour, "application/json"},
		"/wp-content/themes/a/style.css?ver=1":   {year, "text/css; charset=utf-8"},
		"/wp-content/themes/a/style.css?ver=":    {hour, "text/css; charset=utf-8"},
		"/wp-content/themes/a/logo.png":          {week, "image/png"},
		"/wp-admin/css/a.css?ver=1":              {year, "text/css; charset=utf-8"},
		"/bundled/themes/a/a.mjs":                {hour, "text/javascript; charset=utf-8"},
		"/wp-content/themes/a/missing.css?ver=1": {"", "text/html; charset=utf-8"},
		"/wp-login.php?ver=1":                    {"", "text/html; charset=UTF-8"},
	} {
		a := f.get(t, path)
		assert.Equal(t, want[0], a.header.Get("Cache-Control"), path)
		assert.Equal(t, want[1], a.header.Get("Content-Type"), path)
	}
	for _, path := range []string{"/wp-includes/js/a.min.js"} {
		for accepted, want := range map[string]string{"gzip, br": "br", "gzip": "gzip", "": ""} {
			a := f.ask(t, request{path: path, header: header("Accept-Encoding", accepted, "Via", "1.1 cloudfront")})
			assert.Equal(t, want, a.header.Get("Content-Encoding"), accepted)
			assert.Equal(t, "Accept-Encoding", a.header.Get("Vary"), accepted)
		}
	}
	// Known files are not sent again.
	known := f.get(t, "/wp-content/themes/a/logo.png").header.Get("Etag")
	require.NotEmpty(t, known)
	require.Equal(t, http.StatusNotModified,
		f.ask(t, request{path: "/wp-content/themes/a/logo.png", header: header("If-None-Match", known)}).status)

	// Another task replaces, adds and removes files: that is seen at once.
	for path, name := range map[string]string{"/wp-content/themes/a/style.css": "wp-content/themes/a/style.css", "/wp-content/uploads/new.jpg": "wp-content/uploads/new.jpg"} {
		for range 5 {
			f.get(t, path)
		}
		f.write(t, name, "replaced")
		require.Equal(t, "replaced", f.get(t, path).body)
		require.NoError(t, os.Remove(filepath.Join(f.files, name)))
		require.Equal(t, http.StatusNotFound, f.get(t, path).status)
	}
	svg := f.get(t, "/wp-content/uploads/a.svg")
	require.Contains(t, svg.header.Get("Content-Security-Policy"), "default-src 'none'", "an SVG runs no script")
}
