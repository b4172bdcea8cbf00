package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/pace"
	"wordpress-ecs/tests/bench/makespan"
)

// A person who wants to know how long a deployment takes on AWS is told, with what it waits for.
func TestAWSTakesItsTime(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const total = `local: on AWS this takes \d+\.\d minutes; what it waits for:\n`
	up := c.OK("up", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive", "--latency", "1000")
	require.Regexp(t, total+`(local: .*\n)*local: .* aws:(rds/clusterInstance:ClusterInstance|elasticache/replicationGroup:ReplicationGroup) .*\n(local: .*\n)*`+
		`local: .* aws:ecs/service:Service `, up.Out)
	c.Unchanged("dev")
	destroy := c.OK("destroy", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive", "--latency", "1000")
	require.Regexp(t, total+`(local: .*\n)*local: .* aws:ecs/service:Service .*\n(local: .*\n)*local: .* aws:rds/cluster:Cluster `, destroy.Out)
	require.NotContains(t, c.OK("up", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive").Out, "on AWS this takes")
}

// No edge of prod's graph and no layer of its destroy costs much beyond what AWS itself forces; makespan has the bounds. A
// domain makes an update hardly longer. Of a destroy that is not asked: CloudFront goes before what it stands on.
func TestProdTakesHardlyLongerThanAWSForces(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]map[string]string{
		"as committed": nil,
		"in a domain":  {"domain": "example.com", "mediaBucket": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t)
			for key, value := range settings {
				c.Set("prod", key, value)
			}
			c.Up("prod")
			stack, err := pace.Read([]byte(c.OK("stack", "export", "--stack", "prod").Stdout))
			require.NoError(t, err)
			up, destroyed, err := makespan.Of(stack)
			require.NoError(t, err)
			t.Logf("update: %s; destroy: %s", up, destroyed)
			require.NoError(t, up.Kept())
			if settings == nil {
				require.NoError(t, destroyed.Kept())
			}
		})
	}
}
