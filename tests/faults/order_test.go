package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// seeds is how many orders are tried.
const seeds = 6

// However long each call takes, up and destroy succeed: no edge of the graph is there by luck.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			c := cloud.WithoutEngine(t, built)
			everything(c)
			c.Set("prod", "protected", "false")
			file := filepath.Join(t.TempDir(), "delays.yaml")
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "seed: %d\nfaults:\n"+
				"  - {call: create, fault: delay, upTo: 500ms}\n"+
				"  - {call: delete, fault: delay, upTo: 500ms}\n", seed), 0o600))
			c.OK("up", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive", "--faults", file)
			c.Unchanged("prod")
			c.OK("destroy", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive", "--faults", file)
			require.Empty(t, c.Resources())
		})
	}
}
