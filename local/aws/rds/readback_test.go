package rds_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/rds"
)

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(rds.Service(), ec2.Service(), iam.Service(), cloudwatch.Service())
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Usual: usual()}
}

// shown are the inputs that differ when a refresh has read a resource back, and whether that replaces it.
func shown(t *testing.T, s cases.Suite, r account.Resource, asked account.Props) (paths []string, replaces bool) {
	t.Helper()
	d, ok := s.Catalog.Kind(r.Type)
	require.True(t, ok)
	want := r.Inputs.Copy()
	for path, v := range asked {
		want[path] = v
	}
	for _, change := range d.Diff(r.Inputs, want) {
		paths, replaces = append(paths, change.Path), replaces || change.Replaces
	}
	return paths, replaces
}

// TestWhatReadsBackAsSomethingElse: inputs that AWS stores in another form show changes for ever, and those of the same
// meaning that it stores as they are show none (cloudposse/terraform-aws-rds-cluster#150).
func TestWhatReadsBackAsSomethingElse(t *testing.T) {
	t.Parallel()
	s := suite(t)
	static := func(method string) list {
		return list{map[string]any{"name": "binlog_format", "value": "ROW", "applyMethod": method}}
	}
	for name, tc := range map[string]struct {
		typ      string
		asked    account.Props
		shows    bool
		replaces bool
	}{
		"two zones":                {rds.Cluster, account.Props{"availabilityZones": list{"eu-central-1a", "eu-central-1b"}}, true, true},
		"three zones":              {rds.Cluster, account.Props{"availabilityZones": list{"eu-central-1c", "eu-central-1b", "eu-central-1a"}}, false, false},
		"no zones":                 {rds.Cluster, account.Props{"availabilityZones": nil}, false, false},
		"storage by its name":      {rds.Cluster, account.Props{"storageType": "aurora"}, true, false},
		"storage with I/O":         {rds.Cluster, account.Props{"storageType": "aurora-iopt1"}, false, false},
		"part of a version":        {rds.Cluster, account.Props{"engineVersion": "8.0"}, false, false},
		"window in capitals":       {rds.Cluster, account.Props{"preferredMaintenanceWindow": "SUN:03:30-SUN:04:30"}, false, false},
		"static parameter at once": {rds.ParameterGroup, account.Props{"parameters": static("immediate")}, true, false},
		"static parameter at boot": {rds.ParameterGroup, account.Props{"parameters": static("pending-reboot")}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s.Try(t, func(w *cases.World) {
				paths, replaces := shown(t, s, w.Need(tc.typ, tc.asked), tc.asked)
				require.Equal(t, tc.shows, len(paths) > 0, paths)
				require.Equal(t, tc.replaces, replaces)
			})
		})
	}
}

// TestAMinorUpgradeShowsWhereAVersionWasGivenInFull: AWS upgrades by itself; the version in full would then be a
// downgrade, which AWS refuses, and a part of it still fits.
func TestAMinorUpgradeShowsWhereAVersionWasGivenInFull(t *testing.T) {
	t.Parallel()
	const before, upgraded = "8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.10.1"
	s := suite(t)
	s.Try(t, func(w *cases.World) {
		exact := w.Need(rds.Cluster, account.Props{"engineVersion": before})
		part := w.Need(rds.Cluster, account.Props{"engineVersion": "8.0"})
		exact.Observe("engineVersion", upgraded)
		for _, r := range []*account.Resource{&exact, &part} {
			r.Outputs["engineVersionActual"] = upgraded
			require.NoError(t, w.Call().Tx.Put(*r))
		}
		paths, _ := shown(t, s, exact, account.Props{"engineVersion": before})
		require.Equal(t, []string{"engineVersion"}, paths)
		_, err := w.Change(exact, account.Props{"engineVersion": before})
		require.ErrorContains(t, err, "Cannot upgrade aurora-mysql from "+upgraded+" to "+before)
		paths, _ = shown(t, s, part, account.Props{"engineVersion": "8.0"})
		require.Empty(t, paths)
		_, err = w.Change(part, account.Props{"backupRetentionPeriod": 8.0})
		require.NoError(t, err)
	})
}

// TestChangesWaitForTheWindow: without applyImmediately another class reads back as the old one.
func TestChangesWaitForTheWindow(t *testing.T) {
	t.Parallel()
	s := suite(t)
	larger := account.Props{"instanceClass": "db.r6g.xlarge"}
	for name, at := range map[string]bool{"in the window": false, "at once": true} {
		t.Run(name, func(t *testing.T) {
			s.Try(t, func(w *cases.World) {
				r, err := w.Change(w.Need(rds.Instance, account.Props{"applyImmediately": at}), larger)
				require.NoError(t, err)
				paths, _ := shown(t, s, r, larger)
				require.Equal(t, !at, len(paths) == 1, paths)
			})
		})
	}
}

// TestAnUpgradeReachesTheInstances: they take their version from the cluster, the next major one only where it is allowed.
func TestAnUpgradeReachesTheInstances(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		r := w.Usual(rds.Instance)
		_, err := w.Change(w.Usual(rds.Cluster), account.Props{"engineVersion": "8.4", "dbClusterParameterGroupName": "default.aurora-mysql8.4"})
		require.ErrorContains(t, err, "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
		_, err = w.Change(w.Usual(rds.Cluster), account.Props{"engineVersion": "8.0.mysql_aurora.3.10.1"})
		require.NoError(t, err)
		found, err := w.Call().Find(rds.Instance, "identifier", r.ID)
		require.NoError(t, err)
		require.Equal(t, "8.0.mysql_aurora.3.10.1", found.Outputs.String("engineVersionActual"))
	})
}

// TestLogGroupsOfRDS: an exported log that nobody has made a group for gets one from RDS, which nobody can make then;
// also after the cluster is gone. One that the program has made before is left to it.
func TestLogGroupsOfRDS(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		taken := func(cluster, log string) bool {
			c := w.Call()
			held, err := c.Tx.Reserved("log group", c.Region, "/aws/rds/cluster/"+cluster+"/"+log, c.Now)
			require.NoError(t, err)
			return held
		}
		w.Need(cloudwatch.LogGroup, account.Props{"name": "/aws/rds/cluster/site/audit"})
		home := w.Need(rds.Cluster, account.Props{"clusterIdentifier": "site", "skipFinalSnapshot": true})
		require.False(t, taken("site", "error"), "there is nothing to log yet")
		writer := w.Need(rds.Instance, account.Props{"clusterIdentifier": "site"})
		require.True(t, taken("site", "error"))
		require.False(t, taken("site", "audit"), "the program has made it")
		require.NoError(t, w.Delete(writer))
		require.NoError(t, w.Delete(home))
		require.True(t, taken("site", "error"))
	})
}

// TestManagedPasswordsHaveASecret: RDS makes it, and tells where it is.
func TestManagedPasswordsHaveASecret(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		r := w.Need(rds.Cluster, account.Props{"masterPassword": nil, "manageMasterUserPassword": true})
		secrets := r.Outputs.Objects("masterUserSecrets")
		require.Len(t, secrets, 1)
		require.Contains(t, secrets[0].String("secretArn"), ":secret:rds!cluster-")
		require.Equal(t, "active", secrets[0].String("secretStatus"))
		require.Empty(t, w.Need(rds.Cluster, nil).Outputs.Objects("masterUserSecrets"))
	})
}
