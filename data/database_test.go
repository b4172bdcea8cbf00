package data_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/data"
)

const (
	cluster  = "aws:rds/cluster:Cluster"
	instance = "aws:rds/clusterInstance:ClusterInstance"
	logGroup = "aws:cloudwatch/logGroup:LogGroup"
	scaling  = "aws:appautoscaling/policy:Policy"
	bounds   = "aws:appautoscaling/target:Target"
)

func readers(low, high int) func(*data.Args) {
	return func(a *data.Args) { a.DatabaseReaders, a.DatabaseReadersMax = low, high }
}

func TestDatabase(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, cluster)
	require.Equal(t, "aurora-mysql", r.At("engine"))
	require.Equal(t, true, r.At("storageEncrypted"))
	require.Equal(t, 5, r.At("backupRetentionPeriod"))
	require.Equal(t, []any{"sg-database"}, r.At("vpcSecurityGroupIds"))
	require.Equal(t, true, r.At("copyTagsToSnapshot"))
	require.Equal(t, true, r.At("applyImmediately"))
	group := g.Only(t, "aws:rds/subnetGroup:SubnetGroup")
	require.Equal(t, subnets(), group.At("subnetIds"))
	require.Equal(t, group.ID, r.At("dbSubnetGroupName"))
	require.NotRegexp(t, `\d\.\d.*\.\d`, r.At("engineVersion"), "AWS upgrades the minor version: an exact one would drift")
}

func TestDatabaseRequiresTLS(t *testing.T) {
	t.Parallel()
	g := registered(t)
	group := g.Only(t, "aws:rds/clusterParameterGroup:ClusterParameterGroup")
	require.Equal(t, group.ID, g.Only(t, cluster).At("dbClusterParameterGroupName"))
	values := map[any]any{}
	for _, parameter := range group.List("parameters") {
		fields := parameter.(map[string]any)
		values[fields["name"]] = fields["value"]
	}
	require.Equal(t, "ON", values["require_secure_transport"])
	require.Equal(t, "1", values["slow_query_log"])
	require.Equal(t, "1", values["server_audit_logging"])
}

// The groups exist before the cluster, with the names under which RDS looks for them: ones that RDS makes are
// kept for ever.
func TestDatabaseLogs(t *testing.T) {
	t.Parallel()
	g := registered(t)
	r := g.Only(t, cluster)
	exports := r.List("enabledCloudwatchLogsExports")
	require.ElementsMatch(t, []any{"audit", "error", "slowquery"}, exports)
	for _, export := range exports {
		group := g.Named(t, logGroup, "site-database-"+export.(string))
		require.Equal(t, "/aws/rds/cluster/"+r.Text(t, "clusterIdentifier")+"/"+export.(string), group.At("name"))
		require.Equal(t, 7, group.At("retentionInDays"))
		r.RequireAfter(t, group)
	}
}

func TestDatabaseProtection(t *testing.T) {
	t.Parallel()
	for on, change := range map[bool]func(*data.Args){true: protected, false: func(*data.Args) {}} {
		g := registered(t, change)
		r := g.Only(t, cluster)
		require.Equal(t, on, r.Protect)
		require.Equal(t, on, r.At("deletionProtection"))
		require.Equal(t, !on, r.At("skipFinalSnapshot"))
		require.Equal(t, !on, r.At("deleteAutomatedBackups"))
		require.Equal(t, on, g.Named(t, instance, "site-database-1").Protect)
	}
}

// A final snapshot outlives its stack: the next stack of that name must not meet it.
func TestSnapshotNamesAreUnique(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		registered(t, protected).Only(t, cluster).Text(t, "finalSnapshotIdentifier"),
		registered(t, protected).Only(t, cache).Text(t, "finalSnapshotIdentifier"),
	} {
		require.Contains(t, name, "-test-", "the stack")
		require.Contains(t, name, "0a1b2c3d", "the random part")
	}
	suffix := registered(t).Only(t, "random:index/randomId:RandomId")
	require.GreaterOrEqual(t, suffix.At("byteLength"), 4)
}

func TestWindowsDoNotOverlap(t *testing.T) {
	t.Parallel()
	g := registered(t)
	for _, w := range []struct{ daily, weekly string }{
		{g.Only(t, cluster).Text(t, "preferredBackupWindow"), g.Only(t, cluster).Text(t, "preferredMaintenanceWindow")},
		{g.Only(t, cache).Text(t, "snapshotWindow"), g.Only(t, cache).Text(t, "maintenanceWindow")},
	} {
		from, to := span(t, "15:04", w.daily)
		start, end := span(t, "Mon:15:04", w.weekly)
		require.Equal(t, start.Weekday(), end.Weekday())
		require.True(t, !clock(end).After(from) || !to.After(clock(start)), "%s and %s", w.daily, w.weekly)
		require.GreaterOrEqual(t, to.Sub(from), time.Hour, "ElastiCache wants an hour")
		require.GreaterOrEqual(t, end.Sub(start), time.Hour)
	}
}

func span(t *testing.T, layout, window string) (start, end time.Time) {
	t.Helper()
	from, to, ok := strings.Cut(window, "-")
	require.True(t, ok, window)
	start, err := time.Parse(layout, from)
	require.NoError(t, err)
	end, err = time.Parse(layout, to)
	require.NoError(t, err)
	require.True(t, end.After(start), window)
	return start, end
}

// clock is the time of day alone.
func clock(at time.Time) time.Time {
	return time.Date(0, 1, 1, at.Hour(), at.Minute(), 0, 0, time.UTC)
}

func TestDatabaseInstances(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"site-database-1"}, registered(t).Names(instance))
	g := registered(t, readers(2, 2))
	require.Equal(t, []string{"site-database-1", "site-database-2", "site-database-3"}, g.Names(instance))
	for i, r := range g.OfType(instance) {
		require.Equal(t, g.Only(t, cluster).ID, r.At("clusterIdentifier"))
		require.Equal(t, "aurora-mysql", r.At("engine"))
		require.Equal(t, "db.t4g.medium", r.At("instanceClass"))
		require.Equal(t, false, r.At("publiclyAccessible"))
		require.Equal(t, i, r.At("promotionTier"))
		for _, other := range g.OfType(instance) {
			require.False(t, r.After(other), "they come up side by side")
		}
	}
}

// Readers that scaling made keep a cluster from being deleted, and only a lower maximum takes them away.
func TestReadersScaleOnlyUnderProtection(t *testing.T) {
	t.Parallel()
	none := registered(t)
	require.Empty(t, none.OfType(scaling))
	require.Empty(t, none.OfType(bounds))
	require.Equal(t, 1, registered(t, readers(1, 3)).Only(t, bounds).At("maxCapacity"))
	require.Equal(t, 2, registered(t, readers(2, 2)).Only(t, bounds).At("maxCapacity"), "readers of a higher maximum would stay")
}

func TestReadersScale(t *testing.T) {
	t.Parallel()
	g := registered(t, readers(1, 3), protected)
	target := g.Only(t, bounds)
	require.Equal(t, "rds", target.At("serviceNamespace"))
	require.Equal(t, "rds:cluster:ReadReplicaCount", target.At("scalableDimension"))
	require.Equal(t, "cluster:"+g.Only(t, cluster).ID, target.At("resourceId"))
	require.Equal(t, 1, target.At("minCapacity"))
	require.Equal(t, 3, target.At("maxCapacity"))
	target.RequireAfter(t, g.OfType(instance)...)
	metrics := []any{}
	for _, r := range g.OfType(scaling) {
		require.Equal(t, "TargetTrackingScaling", r.At("policyType"))
		require.Equal(t, target.At("resourceId"), r.At("resourceId"))
		const configuration = "targetTrackingScalingPolicyConfiguration."
		metrics = append(metrics, r.At(configuration+"predefinedMetricSpecification.predefinedMetricType"))
		require.Positive(t, r.At(configuration+"targetValue"))
	}
	require.ElementsMatch(t, []any{"RDSReaderAverageCPUUtilization", "RDSReaderAverageDatabaseConnections"}, metrics)
}
