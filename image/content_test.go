package image_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/image"
	"wordpress-ecs/settings"
)

var past = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// tag is the tag of an image of a folder.
func tag(t *testing.T, dir string, changes ...func(*image.Args)) string {
	t.Helper()
	return filepath.Base(registered(t, dir, changes...).Only(t, build).Text(t, "imageName"))
}

// Tags are immutable: whatever changes the image needs a new one, and nothing else may.
func TestTagFollowsContent(t *testing.T) {
	t.Parallel()
	base := tag(t, context(t, nil))
	for name, change := range map[string]func(dir string){
		"content": func(dir string) { write(t, dir, "bin/start", "#!/bin/bash\n") },
		"mode":    func(dir string) { require.NoError(t, os.Chmod(filepath.Join(dir, "bin/start"), 0o755)) },
		"file":    func(dir string) { write(t, dir, "bin/stop", "") },
		"name": func(dir string) {
			require.NoError(t, os.Rename(filepath.Join(dir, "bin/start"), filepath.Join(dir, "bin/run")))
		},
		"dockerfile": func(dir string) { write(t, dir, "Dockerfile", "FROM busybox\n") },
		"link":       func(dir string) { require.NoError(t, os.Symlink("bin/start", filepath.Join(dir, "start"))) },
	} {
		require.NotEqual(t, base, tag(t, context(t, change)), name)
	}
	require.NotEqual(t, base, tag(t, context(t, nil), func(a *image.Args) { a.Architecture = settings.ARM }), "architecture")
	link := func(target string) string {
		return tag(t, context(t, func(dir string) { require.NoError(t, os.Symlink(target, filepath.Join(dir, "link"))) }))
	}
	require.NotEqual(t, link("one"), link("two"), "target of a link")
}

func TestTagIsTheSameForTheSameContent(t *testing.T) {
	t.Parallel()
	base := tag(t, context(t, nil))
	for name, change := range map[string]func(dir string){
		"another folder": nil,
		"ignored file":   func(dir string) { write(t, dir, "README.md", "changed") },
		"ignored folder": func(dir string) { write(t, dir, "notes/today", "changed") },
		"time":           func(dir string) { require.NoError(t, os.Chtimes(filepath.Join(dir, "Dockerfile"), past, past)) },
		"empty folder":   func(dir string) { require.NoError(t, os.Mkdir(filepath.Join(dir, "empty"), 0o755)) },
	} {
		require.Equal(t, base, tag(t, context(t, change)), name)
	}
}

func TestWithoutDockerignoreEverythingCounts(t *testing.T) {
	t.Parallel()
	all := func(dir string) { require.NoError(t, os.Remove(filepath.Join(dir, ".dockerignore"))) }
	readme := func(dir string) { all(dir); write(t, dir, "README.md", "counts") }
	require.NotEqual(t, tag(t, context(t, all)), tag(t, context(t, readme)))
}

// The program's own sources lie in the folder of the image, and do not change it.
func TestOwnFolderIgnoresItsSources(t *testing.T) {
	t.Parallel()
	copied := func(extra ...string) string {
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(dir, os.DirFS(".")))
		for _, name := range extra {
			write(t, dir, name, "package image")
		}
		return dir
	}
	require.Equal(t, tag(t, copied()), tag(t, copied("extra.go", "NOTES.md")))
	require.NotEqual(t, tag(t, copied()), tag(t, copied("extra.php")))
}
