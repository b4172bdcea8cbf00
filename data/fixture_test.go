package data_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/data"
	"wordpress-ecs/settings"
	"wordpress-ecs/tests/graph"
)

// args are those of a small stack, with changes.
func args(changes ...func(*data.Args)) *data.Args {
	a := &data.Args{
		DatabaseGroupID: pulumi.String("sg-database"), CacheGroupID: pulumi.String("sg-cache"), FilesGroupID: pulumi.String("sg-files"),
		DatabaseInstanceClass: "db.t4g.medium", DatabaseBackupDays: 5,
		CacheEngine: settings.Valkey, CacheNodeType: "cache.t4g.micro", CacheNodes: 1,
		AdminUser: "boss", LogRetentionDays: 7,
	}
	for _, id := range graph.SubnetIDs("isolated") {
		a.SubnetIDs = append(a.SubnetIDs, pulumi.String(id))
	}
	for _, change := range changes {
		change(a)
	}
	return a
}

func protected(a *data.Args) { a.Protected = true }

func program(a *data.Args, use func(*pulumi.Context, *data.Data) error) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		in, err := graph.Cloud(ctx)
		if err != nil {
			return err
		}
		d, err := data.New(ctx, "site", a, in)
		if err != nil || use == nil {
			return err
		}
		return use(ctx, d)
	}
}

func registered(t *testing.T, changes ...func(*data.Args)) *graph.Graph {
	t.Helper()
	g := graph.Run{}.Of(t, program(args(changes...), nil))
	g.Check(t)
	return g
}

func subnets() []any {
	list := []any{}
	for _, id := range graph.SubnetIDs("isolated") {
		list = append(list, id)
	}
	return list
}

func TestGraphHolds(t *testing.T) {
	t.Parallel()
	for mode, run := range graph.Modes() {
		for name, changes := range map[string][]func(*data.Args){"disposable": nil, "protected": {protected}} {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Parallel()
				run.Of(t, program(args(changes...), nil)).Check(t)
			})
		}
	}
}

func TestArgsThatAreRefused(t *testing.T) {
	t.Parallel()
	refused := map[string]struct {
		change func(*data.Args)
		want   string
	}{
		"one subnet":        {func(a *data.Args) { a.SubnetIDs = a.SubnetIDs[:1] }, "SubnetIDs: 1 given; want at least two"},
		"no database group": {func(a *data.Args) { a.DatabaseGroupID = nil }, "DatabaseGroupID, CacheGroupID and FilesGroupID are required"},
		"no cache group":    {func(a *data.Args) { a.CacheGroupID = nil }, "CacheGroupID"},
		"no files group":    {func(a *data.Args) { a.FilesGroupID = nil }, "FilesGroupID"},
		"negative readers":  {func(a *data.Args) { a.DatabaseReaders = -1 }, "DatabaseReaders: -1 is outside 0..15"},
		"many readers":      {func(a *data.Args) { a.DatabaseReaders = 16 }, "DatabaseReaders: 16 is outside 0..15"},
		"crossed readers":   {func(a *data.Args) { a.DatabaseReaders = 2 }, "DatabaseReadersMax: 0 is outside DatabaseReaders..15"},
		"many readers max":  {func(a *data.Args) { a.DatabaseReadersMax = 16 }, "DatabaseReadersMax: 16"},
		"no cache node":     {func(a *data.Args) { a.CacheNodes = 0 }, "CacheNodes: 0; want at least one"},
		"cache engine":      {func(a *data.Args) { a.CacheEngine = "memcached" }, `CacheEngine: "memcached" is not one of valkey, redis`},
		"no administrator":  {func(a *data.Args) { a.AdminUser = "" }, "AdminUser is required"},
	}
	for name, tc := range refused {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := graph.Run{}.Try(program(args(tc.change), nil))
			require.ErrorContains(t, err, tc.want)
		})
	}
	_, err := graph.Run{}.Try(program(nil, nil))
	require.ErrorContains(t, err, `data "site": args are required`)
}

// Whoever waits for the stores waits for what it connects to, and for the credentials to do so.
func TestReady(t *testing.T) {
	t.Parallel()
	g := graph.Run{}.Of(t, program(
		args(func(a *data.Args) { a.DatabaseReaders, a.DatabaseReadersMax = 1, 1 }),
		func(ctx *pulumi.Context, d *data.Data) error {
			_, err := graph.StandIn(ctx, "waiting", pulumi.DependsOn(d.Ready))
			return err
		}))
	waiting := g.StandIns()[0]
	for typ, count := range map[string]int{
		"aws:rds/clusterInstance:ClusterInstance": 2, "aws:efs/mountTarget:MountTarget": 3,
		"aws:efs/accessPoint:AccessPoint": 1, "aws:efs/fileSystemPolicy:FileSystemPolicy": 1,
		"aws:elasticache/replicationGroup:ReplicationGroup": 1, "aws:secretsmanager/secretVersion:SecretVersion": 4,
	} {
		require.Len(t, g.OfType(typ), count, typ)
		waiting.RequireAfter(t, g.OfType(typ)...)
	}
}
