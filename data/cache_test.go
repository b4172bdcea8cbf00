package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/data"
	"wordpress-ecs/network"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

const cache = "aws:elasticache/replicationGroup:ReplicationGroup"

func TestCache(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, cache)
	require.Equal(t, true, r.At("transitEncryptionEnabled"))
	require.Equal(t, true, r.At("atRestEncryptionEnabled"))
	require.Equal(t, graph.Secret("site-cache"), r.At("authToken"))
	require.True(t, r.Secret("authToken"))
	require.Equal(t, []any{"sg-cache"}, r.At("securityGroupIds"))
	require.Equal(t, network.CachePort, r.At("port"))
	require.Equal(t, "cache.t4g.micro", r.At("nodeType"))
	group := g.Only(t, "aws:elasticache/subnetGroup:SubnetGroup")
	require.Equal(t, subnets(), group.At("subnetIds"))
	require.Equal(t, group.ID, r.At("subnetGroupName"))
}

// One node has nowhere to fail over to, and AWS refuses to promise it.
func TestCacheFailsOverWithTwoNodes(t *testing.T) {
	t.Parallel()
	for nodes, several := range map[int]bool{1: false, 2: true, 3: true} {
		r := registered(t, func(a *data.Args) { a.CacheNodes = nodes }).Only(t, cache)
		require.Equal(t, nodes, r.At("numCacheClusters"))
		require.Equal(t, several, r.At("automaticFailoverEnabled"))
		require.Equal(t, several, r.At("multiAzEnabled"))
	}
}

func TestCacheEngines(t *testing.T) {
	t.Parallel()
	for engine, want := range map[settings.CacheEngine]struct{ version, family string }{
		settings.Valkey: {"8.0", "valkey8"}, settings.Redis: {"7.1", "redis7"},
	} {
		g := registered(t, func(a *data.Args) { a.CacheEngine = engine })
		r := g.Only(t, cache)
		require.Equal(t, string(engine), r.At("engine"))
		require.Equal(t, want.version, r.At("engineVersion"))
		group := g.Only(t, "aws:elasticache/parameterGroup:ParameterGroup")
		require.Equal(t, want.family, group.At("family"))
		require.Contains(t, group.Name, want.family, "a change of engine needs both groups at once")
		require.Equal(t, group.ID, r.At("parameterGroupName"))
	}
}

func TestCacheProtection(t *testing.T) {
	t.Parallel()
	r := registered(t, protected).Only(t, cache)
	require.True(t, r.Protect)
	require.Equal(t, 7, r.At("snapshotRetentionLimit"))
	require.NotEmpty(t, r.At("finalSnapshotIdentifier"))
	r = registered(t).Only(t, cache)
	require.False(t, r.Protect)
	require.Equal(t, 1, r.At("snapshotRetentionLimit"))
	require.Nil(t, r.At("finalSnapshotIdentifier"))
}
