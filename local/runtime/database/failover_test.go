package database

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

func TestAnUnknownNameMayBeOfAnotherPart(t *testing.T) {
	t.Parallel()
	acct, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		return tx.Put(account.Resource{Type: clusterType, ID: "site", Region: "eu-west-1", Outputs: account.Props{}})
	}))
	p := New(Env{Account: acct})
	for action, args := range map[string][]string{"failover": {"cache"}, "restore": {"last", "cache"}} {
		err := p.Actions()[action](t.Context(), args, func(string) {})
		require.ErrorIs(t, err, part.ErrNotMine, action)
		require.ErrorContains(t, part.Act(t.Context(), []part.Part{p}, action, args, func(string) {}),
			`there is no "cache": there are site (database)`)
	}
}
