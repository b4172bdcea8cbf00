package buildcontext_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/provider/docker/buildcontext"
)

func TestDigestFollowsContentOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "Dockerfile", "FROM scratch\n")
	write(t, dir, ".dockerignore", "*.md\nignored\n!ignored/kept\n")
	write(t, dir, "site/index.php", "one")
	write(t, dir, "ignored/kept", "kept")
	before := digest(t, dir)

	later := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(filepath.Join(dir, "site/index.php"), later, later))
	write(t, dir, "README.md", "left out")
	write(t, dir, "ignored/left", "left out")
	require.Equal(t, before, digest(t, dir), "times and ignored files don't count")

	write(t, dir, "ignored/kept", "changed")
	kept := digest(t, dir)
	require.NotEqual(t, before, kept, "a ! pattern brings a file back")

	write(t, dir, "site/index.php", "two")
	content := digest(t, dir)
	require.NotEqual(t, kept, content)

	require.NoError(t, os.Rename(filepath.Join(dir, "site/index.php"), filepath.Join(dir, "site/home.php")))
	renamed := digest(t, dir)
	require.NotEqual(t, content, renamed)

	require.NoError(t, os.Chmod(filepath.Join(dir, "site/home.php"), 0o755))
	require.NotEqual(t, renamed, digest(t, dir), "a script that becomes executable is another image")
}

func TestDigestCountsADockerfileThatIsIgnored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, ".dockerignore", "Dockerfile\n")
	write(t, dir, "Dockerfile", "FROM scratch\n")
	before := digest(t, dir)
	write(t, dir, "Dockerfile", "FROM scratch\nENV a=b\n")
	require.NotEqual(t, before, digest(t, dir))
}

func TestTarHoldsWhatIsNotIgnored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "Dockerfile", "FROM scratch\n")
	write(t, dir, ".dockerignore", "*.go\nDockerfile\n")
	write(t, dir, "image.go", "package image")
	write(t, dir, "site/index.php", "hello")
	require.NoError(t, os.Symlink("index.php", filepath.Join(dir, "site/home.php")))

	files, dockerfile := unpack(t, dir, filepath.Join(dir, "Dockerfile"))
	require.Equal(t, "Dockerfile", dockerfile)
	require.Equal(t, map[string]string{
		".dockerignore": "*.go\nDockerfile\n", "site/": "", "site/index.php": "hello", "site/home.php": "-> index.php",
		"Dockerfile": "FROM scratch\n",
	}, files)
}

func TestDockerfileOutsideOfTheContextIsPacked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "recipes/Dockerfile", "FROM scratch\n")
	write(t, dir, "site/index.php", "hello")
	files, dockerfile := unpack(t, filepath.Join(dir, "site"), filepath.Join(dir, "recipes/Dockerfile"))
	require.Equal(t, "FROM scratch\n", files[dockerfile])
	require.Equal(t, "hello", files["index.php"])
}

func TestMissingContextIsNamed(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	_, err := buildcontext.Read(missing, filepath.Join(missing, "Dockerfile"))
	require.ErrorContains(t, err, missing)
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o750))
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
}

func digest(t *testing.T, dir string) string {
	t.Helper()
	c, err := buildcontext.Read(dir, filepath.Join(dir, "Dockerfile"))
	require.NoError(t, err)
	d, err := c.Digest()
	require.NoError(t, err)
	require.Len(t, d, 64)
	return d
}

// unpack returns the archive of a context as a map from name to content, and the Dockerfile's name in it.
func unpack(t *testing.T, dir, dockerfile string) (files map[string]string, name string) {
	t.Helper()
	c, err := buildcontext.Read(dir, dockerfile)
	require.NoError(t, err)
	var packed bytes.Buffer
	require.NoError(t, c.Tar(&packed))
	name, err = c.DockerfileName()
	require.NoError(t, err)
	files = map[string]string{}
	archive := tar.NewReader(&packed)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, name
		}
		require.NoError(t, err)
		require.Zero(t, header.Uid)
		content, err := io.ReadAll(archive)
		require.NoError(t, err)
		files[header.Name] = string(content)
		if header.Typeflag == tar.TypeSymlink {
			files[header.Name] = "-> " + header.Linkname
		}
	}
}
