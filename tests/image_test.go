package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// With an engine the image is really built and pushed, a changed file is another image, and a destroy leaves
// none in the registry.
func TestImageIsBuiltAndPushed(t *testing.T) {
	t.Parallel()
	if err := exec.Command("docker", "info").Run(); err != nil {
		require.Empty(t, os.Getenv("CI"), "no Docker engine answers, and in CI nothing is skipped")
		t.Skip("no Docker engine answers")
	}
	c := newCloudWithDocker(t)
	c.up("dev")
	first := c.outputs("dev")["image"]
	require.NotEmpty(t, c.manifests())
	c.unchanged("dev")

	sourceFile(c)
	c.up("dev")
	require.NotEqual(t, first, c.outputs("dev")["image"])
	c.unchanged("dev")

	c.destroy("dev")
	require.Empty(t, c.manifests())
}

// manifests are the files of the registry that name images.
func (c *cloud) manifests() []string {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.home, "registry", "repositories", "*", "manifests", "*"))
	require.NoError(c.t, err)
	return files
}
