package tests

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Killed in the middle of an update, with no chance to tidy up, the next run goes on from what is on disk: nothing
// is there twice, and nothing stays behind after a destroy.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, reached := range []string{"wordpress-s3", "wordpress-database-1", "wordpress-http"} {
		t.Run(reached, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			up := c.Start("up", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive")
			up.Await(reached + " created")
			require.Error(t, up.End(syscall.SIGKILL))
			c.Up("dev")
			c.Unchanged("dev")
			destroy(t, c, "dev")
		})
	}
}
