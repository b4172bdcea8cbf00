package elasticache_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind/cases"
)

// TestWhatReadsBackAsSomethingElse: names are kept in lower case without showing a change, and what waits for the
// maintenance window reads back as it was.
func TestWhatReadsBackAsSomethingElse(t *testing.T) {
	t.Parallel()
	s := suite(t)
	d, ok := s.Catalog.Kind(group)
	require.True(t, ok)
	shown := func(r account.Resource, asked account.Props) (paths []string) {
		want := r.Inputs.Copy()
		for path, v := range asked {
			want[path] = v
		}
		for _, change := range d.Diff(r.Inputs, want) {
			paths = append(paths, change.Path)
		}
		return paths
	}
	s.Try(t, func(w *cases.World) {
		capitals := w.Need(group, account.Props{"replicationGroupId": "Cache"})
		require.Equal(t, "cache", capitals.ID)
		require.Empty(t, shown(capitals, account.Props{"replicationGroupId": "cache", "maintenanceWindow": "sun:03:30-sun:04:30"}))

		larger := account.Props{"nodeType": "cache.t4g.small"}
		waiting, err := w.Change(w.Need(group, account.Props{"applyImmediately": nil}), larger)
		require.NoError(t, err)
		require.Equal(t, []string{"nodeType"}, shown(waiting, larger))
		done, err := w.Change(w.Need(group, nil), larger)
		require.NoError(t, err)
		require.Empty(t, shown(done, larger))
	})
}
