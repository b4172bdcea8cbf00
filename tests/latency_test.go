package tests

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A person who wants to know how long a deployment takes on AWS is told, with what it waits for.
func TestAWSTakesItsTime(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const total = `local: on AWS this takes \d+\.\d minutes; what it waits for:\n`
	up := c.OK("up", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive", "--latency", "1000")
	require.Regexp(t, total+`(local: .*\n)*local: .* aws:rds/clusterInstance:ClusterInstance .*\n(local: .*\n)*`+
		`local: .* aws:ecs/service:Service `, up.Out)
	c.Unchanged("dev")
	destroy := c.OK("destroy", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive", "--latency", "1000")
	require.Regexp(t, total+`(local: .*\n)*local: .* aws:ec2/vpc:Vpc `, destroy.Out)
	require.NotContains(t, c.OK("up", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive").Out, "on AWS this takes")
}
