package cases

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

// Try lets a test look, in a world of its own, at what a service computes.
func (s Suite) Try(t *testing.T, look func(w *World)) {
	t.Helper()
	store, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	require.NoError(t, s.try(t, store, "", func(w *World, _ string) error {
		look(w)
		return nil
	}))
}
