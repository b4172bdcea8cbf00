package cloud

import (
	"os"
	"path/filepath"
	"regexp"

	"github.com/stretchr/testify/require"
)

// Write writes a file of the project.
func (c *Cloud) Write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.Project, name)
	require.NoError(c.t, os.MkdirAll(filepath.Dir(path), 0o755))  //nolint:gosec // as a checkout has it
	require.NoError(c.t, os.WriteFile(path, []byte(text), 0o644)) //nolint:gosec // likewise
}

// Read reads a file of the project.
func (c *Cloud) Read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.Project, name)) //nolint:gosec // a file of the test
	require.NoError(c.t, err)
	return string(text)
}

// Set changes a setting of a stack in its settings file, as an editor does.
func (c *Cloud) Set(stack, key, value string) {
	c.t.Helper()
	name := "Pulumi." + stack + ".yaml"
	line := "  wordpress:" + key + ": " + value + "\n"
	pattern := regexp.MustCompile(`(?m)^  wordpress:` + key + `: .*\n`)
	text := c.Read(name)
	if pattern.MatchString(text) {
		c.Write(name, pattern.ReplaceAllString(text, line))
		return
	}
	c.Write(name, text+line)
}
