// Package tests deploys the committed stacks to the local cloud, changes them as people do, and destroys them. What
// then runs is for package tests/live: here no engine answers, except where it is about images.
package tests

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

var built cloud.Binaries

func TestMain(m *testing.M) { os.Exit(cloud.Main(m, "..", &built)) }

// newCloud makes an empty account in which nothing runs and images are not built: their digest is computed.
func newCloud(t *testing.T) *cloud.Cloud {
	t.Helper()
	return cloud.WithoutEngine(t, built)
}

// destroy removes the last stack and checks that the account is as empty as it was at first.
func destroy(t *testing.T, c *cloud.Cloud, stack string) {
	t.Helper()
	c.Destroy(stack)
	require.Empty(t, c.Resources())
}
