package account_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"wordpress-ecs/local/account"
)

// filled writes a store with enough in it to have several pages, and overwrites some
// of it, so that there are free pages too.
func filled(t *testing.T) []byte {
	t.Helper()
	path := t.TempDir() + "/account.db"
	acct, err := account.Open(path)
	require.NoError(t, err)
	for range 3 {
		for i := range 40 {
			r := subnet(fmt.Sprintf("subnet-%d", i))
			r.Outputs["filler"] = fmt.Sprintf("%0500d", i)
			put(t, acct, r)
		}
	}
	require.NoError(t, acct.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}

// refused opens a damaged file and wants an error that names it and the way out, and
// the file to be as it was.
func refused(t *testing.T, content []byte, want error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "account.db")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	acct, err := account.Open(path)
	if err == nil {
		require.NoError(t, acct.Close())
	}
	require.ErrorIs(t, err, want)
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "mv "+path)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, content, after, "the file was changed")
}

func TestDamagedFilesAreRefusedAndKept(t *testing.T) {
	t.Parallel()
	whole := filled(t)
	for name, content := range map[string][]byte{
		"empty":           {},
		"a few bytes":     []byte("not a store"),
		"something else":  make([]byte, 64<<10),
		"cut to one page": whole[:4096],
		"cut to a half":   whole[:len(whole)/2/4096*4096],
		"cut by a byte":   whole[:7*4096-1],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, content, account.ErrCorrupt)
		})
	}
}

// Whatever is garbled, opening ends with the right content or with an error. It must
// not end the process, as reading a bad page of a mapped file does.
func TestGarbledFilesNeverPanicNorLie(t *testing.T) {
	t.Parallel()
	whole := filled(t)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // damage, to be the same in every run
	seen := 0
	for range 150 {
		content := append([]byte{}, whole...)
		at := random.IntN(len(content))
		for i := at; i < min(at+1+random.IntN(64), len(content)); i++ {
			content[i] ^= byte(1 + random.IntN(255)) //nolint:gosec // below 256
		}
		path := filepath.Join(t.TempDir(), "account.db")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		acct, err := account.Open(path)
		if err != nil {
			seen++
			require.ErrorContains(t, err, path)
			continue
		}
		list, err := acct.List()
		require.NoError(t, err)
		require.Len(t, list, 40, "damage at %d was not noticed", at)
		for _, r := range list {
			require.Equal(t, "vpc-1", r.Outputs.String("vpcId"))
			require.Len(t, r.Outputs.String("filler"), 500)
		}
		require.NoError(t, acct.Close())
	}
	require.Positive(t, seen, "no damage was noticed at all")
}

func TestAnotherSchemaIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/account.db"
	acct, err := account.Open(path)
	require.NoError(t, err)
	require.NoError(t, acct.Close())
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte("0"))
	}))
	require.NoError(t, db.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	refused(t, content, account.ErrSchema)
}

func TestASecondProcessIsToldToWait(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/account.db"
	open(t, path)
	_, err := account.Open(path)
	require.ErrorContains(t, err, "in use by another process")
	require.NotErrorIs(t, err, account.ErrCorrupt)
}

func TestAnUnfinishedCreationIsNoStore(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/account.db"
	require.NoError(t, os.WriteFile(path+".new-1", []byte("half a store"), 0o600))
	list, err := open(t, path).List()
	require.NoError(t, err)
	require.Empty(t, list)
}
