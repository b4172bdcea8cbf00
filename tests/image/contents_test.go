package image_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/client"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// idle is a container of the image that does nothing. Its root file system can be written, as far as the image
// lets one.
func idle(t *testing.T, user string) *containers.Container {
	t.Helper()
	e := containers.Connect(t)
	return e.Run(t, containers.Spec{
		Name: "idle", Image: site.Image(t, e), User: user, Command: []string{"sleep", "infinity"},
	})
}

// writable prints the paths that it may write, as whom it runs.
const writable = `
$keep = fn ($file) => !in_array($file->getPathname(), ["//proc", "//sys", "//dev"]);
$all = new RecursiveDirectoryIterator("/", FilesystemIterator::SKIP_DOTS);
$tree = new RecursiveIteratorIterator(new RecursiveCallbackFilterIterator($all, $keep),
	RecursiveIteratorIterator::SELF_FIRST, RecursiveIteratorIterator::CATCH_GET_CHILD);
foreach ($tree as $path => $file) {
	$seen++;
	if (!$file->isLink() && $file->isWritable()) $found[] = substr($path, 1);
}
sort($found);
echo json_encode(["seen" => $seen, "found" => $found], JSON_UNESCAPED_SLASHES);`

func TestImageBelongsToRoot(t *testing.T) {
	t.Parallel()
	var files struct {
		Seen  int
		Found []string
	}
	output := idle(t, "33:33").Must(t, "php", "-r", `$seen = 0; $found = [];`+writable)
	require.NoError(t, json.Unmarshal([]byte(output), &files), output)
	require.Equal(t, []string{"/tmp", "/var/cache/nginx", "/var/www/html/wp-content"}, files.Found)
	require.Greater(t, files.Seen, 4000, "the whole tree was looked at")

	c := idle(t, "0:0")
	require.Empty(t, c.Must(t, "find", "/", "-xdev", "-type", "f", "(", "-perm", "-4000", "-o", "-perm", "-2000", ")"))
	require.Equal(t, "1777 0:0\n", c.Must(t, "stat", "-c", "%a %u:%g", "/tmp"))
	require.Equal(t, "1777\n", c.Must(t, "stat", "-c", "%a", "/var/cache/nginx"), "a tmpfs over it is root's, with this mode")
	for _, path := range []string{"/var/lib/amazon", "/var/log/amazon"} {
		require.Equal(t, "755 0:0\n", c.Must(t, "stat", "-c", "%a %u:%g", path), "where ECS Exec gets its tmpfs")
	}
}

// What installs packages or reaches the network is not there, and a look around is possible.
func TestToolsOfTheImage(t *testing.T) {
	t.Parallel()
	c := idle(t, "")
	for _, tool := range []string{
		"apt", "apt-get", "dpkg", "perl", "bash", "curl", "wget", "nc", "telnet", "openssl", "tar", "su", "mount",
	} {
		code, output := c.Exec(t, "sh", "-c", "command -v "+tool)
		require.NotZero(t, code, "%s is %s", tool, output)
	}
	c.Must(t, "sh", "-c", `ls -la / && ps && df && free && date && du -s /tmp && find /tmp && stat /tmp &&
		head -n 1 /etc/group | cut -d : -f 1 | sed s/o/0/g && sort /etc/group | uniq | tail -n 1 | grep -c .`)
	require.Contains(t, c.Must(t, "php", "-v"), "OPcache")
	require.Contains(t, c.Must(t, "script", "-q", "-c", "echo a session", "/tmp/log"), "a session", "ECS Exec logs with it")
}

func TestWordPressOfTheImage(t *testing.T) {
	t.Parallel()
	c := idle(t, "")
	var pinned struct{ Version, Origin, SHA256 string }
	require.NoError(t, json.Unmarshal([]byte(c.Must(t, "cat", "/usr/local/share/wordpress/core.json")), &pinned))
	require.Equal(t, pinned.Version,
		c.Must(t, "php", "-r", `require "`+root+`wp-includes/version.php"; echo $wp_version;`))
	require.NotEmpty(t, pinned.Origin)
	require.Empty(t, c.Must(t, "ls", "-A", shared))
	theme := c.Must(t, "sed", "-n", `s/.*define( 'WP_DEFAULT_THEME', '\(.*\)' );/\1/p`,
		root+"wp-includes/default-constants.php")
	require.Equal(t, theme, c.Must(t, "ls", root+"bundled/themes"))
	for _, name := range []string{"readme.html", "license.txt", "wp-config-sample.php", ".htaccess"} {
		code, _ := c.Exec(t, "test", "-e", root+name)
		require.NotZero(t, code, name)
	}
	require.Contains(t, c.Must(t, "head", "-n", "3", root+"wp-includes/certificates/ca-bundle.crt"), "BEGIN CERTIFICATE")
}

// Scanners find every package that the image has, with its version.
func TestPackagesAreRecorded(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile(filepath.Join(containers.Root(t), "image/packages.txt"))
	require.NoError(t, err)
	var want []string
	for line := range strings.Lines(string(list)) {
		name, _, _ := strings.Cut(line, "#")
		if name = strings.TrimSpace(name); name != "" {
			want = append(want, name)
		}
	}
	var got []string
	c := idle(t, "")
	for record := range strings.SplitSeq(strings.TrimSpace(c.Must(t, "cat", "/var/lib/dpkg/status")), "\n\n") {
		fields := map[string]string{}
		for line := range strings.Lines(record) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			fields[key] = value
		}
		got = append(got, fields["Package"])
		require.NotEmpty(t, fields["Version"], record)
		require.Equal(t, "install ok installed", fields["Status"], record)
	}
	require.ElementsMatch(t, want, got)
	require.Contains(t, c.Must(t, "cat", "/etc/os-release"), "VERSION_CODENAME=trixie")
}

func TestImageIsLabelled(t *testing.T) {
	t.Parallel()
	engine, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	found, err := engine.ImageInspect(t.Context(), site.Image(t, containers.Connect(t)))
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"org.opencontainers.image.title":    "WordPress on Amazon ECS",
		"org.opencontainers.image.revision": "",
		// A build that may fall back does not know it beforehand.
		"org.opencontainers.image.version": "unpinned",
	}, found.Config.Labels)
	require.Equal(t, "www-data", found.Config.User)
	require.Equal(t, "SIGQUIT", found.Config.StopSignal)
	require.LessOrEqual(t, len(found.RootFS.Layers), 4, "few layers pull fast")
}
