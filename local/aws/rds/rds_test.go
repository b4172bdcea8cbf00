package rds_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/rds"
)

// TestClustersOfSnapshots: a snapshot that is there gives a cluster its master user, one that is not is refused, and a
// name that another cluster's snapshot has is not taken twice.
func TestClustersOfSnapshots(t *testing.T) {
	t.Parallel()
	store, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	catalog, err := kind.NewCatalog(rds.Service(), ec2.Service(), iam.Service())
	require.NoError(t, err)
	clusters, _ := catalog.Kind(rds.Cluster)
	call := func(tx *account.Tx, in account.Props) *kind.Call {
		return &kind.Call{Tx: tx, Region: "eu-central-1", Now: time.Now(), Catalog: catalog, In: in}
	}
	in := account.Props{"engine": "aurora-mysql", "clusterIdentifier": "site", "snapshotIdentifier": "last", "finalSnapshotIdentifier": "last"}
	require.ErrorContains(t, store.Update(func(tx *account.Tx) error {
		_, err := clusters.Make(call(tx, in))
		return err
	}), "DBClusterSnapshotNotFoundFault")

	require.NoError(t, store.Update(func(tx *account.Tx) error {
		return tx.Keep("rds-snapshot", "last", map[string]string{
			"clusterResourceId": "cluster-1", "engine": "aurora-mysql", "masterUsername": "owner", "databaseName": "posts",
		})
	}))
	require.NoError(t, store.Update(func(tx *account.Tx) error {
		r, err := clusters.Make(call(tx, in))
		require.Equal(t, "owner", r.Outputs.String("masterUsername"))
		require.Equal(t, "posts", r.Outputs.String("databaseName"))
		return err
	}))
	require.ErrorContains(t, store.Update(func(tx *account.Tx) error {
		c := call(tx, nil)
		c.ID = "site"
		return clusters.Remove(c)
	}), "DBClusterSnapshotAlreadyExistsFault")
}
