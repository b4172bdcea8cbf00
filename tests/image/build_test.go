package image_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/provider/docker/buildcontext"
	"wordpress-ecs/local/provider/docker/builder"
	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

const (
	// nobody is an address where nothing answers.
	nobody  = "https://127.0.0.1:1"
	release = "7.1.3"
)

// quiet is a build that nobody watches.
type quiet struct{}

func (quiet) Info(string)   {}
func (quiet) Status(string) {}

// workshop is a container like the one in which the image's parts are built: its tools, and the scripts in /build.
func workshop(t *testing.T, files ...containers.File) *containers.Container {
	t.Helper()
	e := containers.Connect(t)
	dir := filepath.Join(containers.Root(t), "image")
	engine, err := builder.Connect(t.Context(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	nothing, err := buildcontext.Read(t.TempDir(), filepath.Join(dir, "Dockerfile")) // that stage copies nothing
	require.NoError(t, err)
	tools, err := engine.Build(t.Context(), builder.Options{Context: nothing, Target: "tools"}, quiet{})
	require.NoError(t, err)
	scripts, err := filepath.Glob(filepath.Join(dir, "build/*"))
	require.NoError(t, err)
	for _, script := range scripts {
		content, err := os.ReadFile(script)
		require.NoError(t, err)
		files = append(files, containers.File{
			Name: "/build/" + filepath.Base(script), Content: string(content), Mode: 0o755,
		})
	}
	return e.Run(t, containers.Spec{
		Name: "workshop", Image: tools, Command: []string{"sleep", "infinity"}, Files: files,
	})
}

// archive is what wordpress.org would publish as a version, as far as a build looks at it.
func archive(t *testing.T, version string) (content, sum string) {
	t.Helper()
	var packed bytes.Buffer
	compressed := gzip.NewWriter(&packed)
	files := tar.NewWriter(compressed)
	for name, text := range map[string]string{
		"index.php":                                   "<?php\n",
		"readme.html":                                 "Version " + version,
		"license.txt":                                 "",
		"wp-config-sample.php":                        "<?php\n",
		"wp-includes/version.php":                     "<?php\n$wp_version = '" + version + "';\n$wp_db_version = 1;\n",
		"wp-includes/default-constants.php":           "\t\tdefine( 'WP_DEFAULT_THEME', 'twentysomething' );\n",
		"wp-includes/certificates/ca-bundle.crt":      "old",
		"wp-content/themes/twentysomething/style.css": "",
		"wp-content/themes/twentyother/style.css":     "",
		"wp-content/plugins/akismet/akismet.php":      "",
		"wp-content/plugins/hello.php":                "",
	} {
		header := &tar.Header{Name: "wordpress/" + name, Mode: 0o666, Size: int64(len(text)), Uid: 1000}
		require.NoError(t, files.WriteHeader(header))
		_, err := files.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, files.Close())
	require.NoError(t, compressed.Close())
	digest := sha256.Sum256(packed.Bytes())
	return packed.String(), hex.EncodeToString(digest[:])
}

// core runs the script that provides WordPress.
func core(t *testing.T, c *containers.Container, version, sum, mirror, fallback string) (code int, output string) {
	t.Helper()
	return c.Exec(t, "env", "WORDPRESS_VERSION="+version, "WORDPRESS_SHA256="+sum, "WORDPRESS_MIRROR="+mirror,
		"WORDPRESS_FALLBACK="+fallback, "/build/core", "/out")
}

func TestPinnedReleaseIsUnpacked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ pinned, published string }{
		"usual":             {release, release},
		"first of a series": {"7.2.0", "7.2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, sum := archive(t, tc.published)
			file := "/mirror/wordpress-" + tc.published + ".tar.gz"
			c := workshop(t, containers.File{Name: file, Content: content})
			code, output := core(t, c, tc.pinned, sum, "file:///mirror/", "debian")
			require.Zero(t, code, output)
			require.NotContains(t, output, "NOTE: ", "nothing is missing")
			require.Equal(t, "bundled\nindex.php\nwp-content\nwp-includes\n", c.Must(t, "ls", "/out"+root))
			require.Equal(t, "languages\nmu-plugins\nplugins\nthemes\n", c.Must(t, "ls", "/out"+root+"bundled"))
			require.Equal(t, "twentysomething\n", c.Must(t, "ls", "/out"+root+"bundled/themes"))
			require.Empty(t, c.Must(t, "ls", "-A", "/out"+root+"wp-content"))
			require.Equal(t, "/etc/ssl/certs/ca-certificates.crt\n",
				c.Must(t, "readlink", "/out"+root+"wp-includes/certificates/ca-bundle.crt"))
			require.Equal(t, "0:0 644\n", c.Must(t, "stat", "-c", "%u:%g %a", "/out"+root+"index.php"))
			require.Equal(t, "33:33 755\n", c.Must(t, "stat", "-c", "%u:%g %a", "/out"+root+"wp-content"))
			require.JSONEq(t, `{"version": "`+tc.published+`", "origin": "file://`+file+`", "sha256": "`+sum+`"}`,
				c.Must(t, "cat", "/out/usr/local/share/wordpress/core.json"))
		})
	}
}

// What is not what was pinned is no reason to take something else, whether or not a fallback is allowed.
func TestOtherReleaseIsRefused(t *testing.T) {
	t.Parallel()
	content, sum := archive(t, release)
	other, otherSum := archive(t, "7.1.2")
	c := workshop(t, containers.File{Name: "/mirror/wordpress-7.1.3.tar.gz", Content: content},
		containers.File{Name: "/other/wordpress-7.1.3.tar.gz", Content: other})
	for name, tc := range map[string]struct{ version, sum, mirror, fallback, want string }{
		"sum": {release, otherSum, "file:///mirror", "",
			"WordPress: file:///mirror/wordpress-7.1.3.tar.gz is not the release that is pinned:\n" +
				"  expected sha256 " + otherSum + "\n  got      sha256 " + sum + "\n"},
		"sum, with fallback": {release, otherSum, "file:///mirror", "debian", "got      sha256 " + sum},
		"version": {release, otherSum, "file:///other", "debian",
			`holds version "7.1.2"; WORDPRESS_VERSION is 7.1.3`},
		"missing": {"7.1.4", sum, "file:///mirror", "debian",
			"file:///mirror/wordpress-7.1.4.tar.gz could not be downloaded\n"},
		"unreachable": {release, sum, nobody, "",
			nobody + "/wordpress-7.1.3.tar.gz cannot be reached, and WORDPRESS_FALLBACK is not set\n"},
		"unknown fallback": {release, sum, nobody, "ubuntu",
			`WORDPRESS_FALLBACK is "ubuntu"; it takes debian, or nothing`},
	} {
		code, output := core(t, c, tc.version, tc.sum, tc.mirror, tc.fallback)
		require.NotZero(t, code, name)
		require.Contains(t, output, tc.want, name)
		require.NotContains(t, output, "NOTE: ", name)
		code, _ = c.Exec(t, "test", "-e", "/out")
		require.NotZero(t, code, "%s: something is left", name)
	}
	require.Empty(t, c.Must(t, "ls", "/tmp"))
}

// A mirror that answers and does not have the release is no reason for another one either.
func TestMirrorThatAnswersIsBelieved(t *testing.T) {
	t.Parallel()
	content, sum := archive(t, release)
	c := workshop(t, containers.File{Name: "/mirror/wordpress-7.1.3.tar.gz", Content: content})
	e := containers.Connect(t)
	server := e.Run(t, containers.Spec{
		Name: "mirror", Image: site.Image(t, e), Join: c,
		Entrypoint: []string{"php", "-S", "127.0.0.1:8081", "-t", "/tmp"},
		Files:      []containers.File{{Name: "/tmp/wordpress-7.1.3.tar.gz", Content: content}},
	})
	const mirror = "http://127.0.0.1:8081"
	c.Must(t, "curl", "--silent", "--fail", "--output", "/dev/null",
		"--retry", "50", "--retry-connrefused", "--retry-delay", "1", mirror+"/wordpress-7.1.3.tar.gz")
	code, output := core(t, c, "7.1.4", sum, mirror, "debian")
	require.Equal(t, 1, code, output)
	require.Contains(t, output, mirror+"/wordpress-7.1.4.tar.gz could not be downloaded\n")
	require.Contains(t, output, "404")
	code, output = core(t, c, release, sum, mirror, "debian")
	require.Zero(t, code, output)

	server.Kill(t)
	c.Must(t, "rm", "-r", "/out")
	code, output = core(t, c, release, sum, mirror, "")
	require.Equal(t, 1, code, output)
	require.Contains(t, output, "cannot be reached")
}

func TestFallbackIsDebiansPackage(t *testing.T) {
	t.Parallel()
	c := workshop(t)
	code, output := core(t, c, release, "0", nobody, "debian")
	require.Zero(t, code, output)
	require.Regexp(t, `(?m)^NOTE: `+nobody+` cannot be reached: `+
		`WordPress is the Debian package wordpress \S+, not 7\.1\.3$`, output)
	require.Empty(t, c.Must(t, "find", "/out"+root, "-xtype", "l", "!", "-name", "ca-bundle.crt"), "no link leads out")
	require.Contains(t, c.Must(t, "cat", "/out/usr/local/share/wordpress/core.json"),
		`"origin": "Debian package wordpress `)
	require.Contains(t, c.Must(t, "cat", "/out/var/lib/dpkg/status.d/wordpress"), "\nVersion: ")
	require.Empty(t, c.Must(t, "ls", "-A", "/out"+root+"wp-content"))
}
