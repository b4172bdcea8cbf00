package tests

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
	"wordpress-ecs/tests/containers"
)

// With an engine the image is really built and pushed, a changed file is another image, and a destroy leaves
// none in the registry.
func TestImageIsBuiltAndPushed(t *testing.T) {
	t.Parallel()
	containers.Connect(t)
	c := cloud.New(t, built)
	c.Set("dev", "provingSeconds", "0") // what runs of an image is another test's
	c.Up("dev")
	first := c.Outputs("dev")["image"]
	requirePushed(t, c, first)
	c.Unchanged("dev")

	sourceFile(c)
	c.Up("dev")
	second := c.Outputs("dev")["image"]
	require.NotEqual(t, first, second)
	requirePushed(t, c, second)
	c.Unchanged("dev")

	destroy(t, c, "dev")
	require.Empty(t, manifests(t, c))
	require.Empty(t, c.Left())
}

// requirePushed checks that the image's manifest is in the registry under the digest that names it.
func requirePushed(t *testing.T, c *cloud.Cloud, image string) {
	t.Helper()
	_, digest, ok := strings.Cut(image, "@sha256:")
	require.True(t, ok, image)
	require.Contains(t, manifests(t, c), digest)
}

// manifests are the digests of what is in the registry.
func manifests(t *testing.T, c *cloud.Cloud) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(c.Home, "registry", "repositories", "*", "manifests", "*"))
	require.NoError(t, err)
	for i, file := range files {
		files[i] = filepath.Base(file)
	}
	return files
}
