package tests

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Killed in the middle of an update, the next run goes on from what is on disk: nothing is there twice, and
// nothing stays behind after a destroy.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, reached := range []string{"wordpress-s3", "wordpress-database-writer", "wordpress-http"} {
		t.Run(reached, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			c.killWhen(reached+" created", "up", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive")
			c.up("dev")
			c.unchanged("dev")
			c.destroy("dev")
		})
	}
}

// killWhen starts a command and kills it as soon as it has said something, with no chance to tidy up.
func (c *cloud) killWhen(said string, args ...string) {
	c.t.Helper()
	cmd := c.command(args...)
	out := &transcript{}
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(c.t, cmd.Start())
	require.Eventually(c.t, func() bool { return strings.Contains(out.String(), said) },
		commandTimeout, 10*time.Millisecond)
	require.NoError(c.t, cmd.Process.Signal(syscall.SIGKILL))
	require.Error(c.t, cmd.Wait())
}
