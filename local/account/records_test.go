package account_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

type note struct{ Text string }

func TestRecordsAreKeptByClass(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "account.db")
	a, err := account.Open(path)
	require.NoError(t, err)
	require.NoError(t, a.Update(func(tx *account.Tx) error {
		for id, text := range map[string]string{"b": "two", "a": "one", "c": "three"} {
			if err := tx.Keep("task", id, note{text}); err != nil {
				return err
			}
		}
		if err := tx.Keep("tasks", "a", note{"of another class"}); err != nil {
			return err
		}
		return tx.Drop("task", "c")
	}))
	require.NoError(t, a.Close())

	a, err = account.Open(path)
	require.NoError(t, err)
	defer a.Close()
	require.NoError(t, a.View(func(tx *account.Tx) error {
		all, err := account.AllKept[note](tx, "task")
		require.NoError(t, err)
		require.Equal(t, []note{{"one"}, {"two"}}, all)
		var one note
		found, err := tx.Kept("task", "b", &one)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, note{"two"}, one)
		found, err = tx.Kept("task", "c", &one)
		require.False(t, found)
		return err
	}))
}
