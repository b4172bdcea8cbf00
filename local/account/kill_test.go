package account_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

// victimFile names, in a process of this test, the store that it writes until it is killed.
const victimFile = "ACCOUNT_TEST_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victimFile); path != "" {
		fmt.Fprintln(os.Stderr, writeForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever makes two resources at a time, and says so after each pair.
func writeForever(path string) error {
	acct, err := account.Open(path)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		err := acct.Update(func(tx *account.Tx) error {
			return errors.Join(tx.Put(subnet(fmt.Sprintf("left-%d", i))), tx.Put(subnet(fmt.Sprintf("right-%d", i))))
		})
		if err != nil {
			return err
		}
		fmt.Println(i)
	}
}

func TestAKilledProcessLeavesWholeChanges(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/account.db"
	for round := range 3 {
		victim := exec.CommandContext(t.Context(), os.Args[0])
		victim.Env = append(os.Environ(), victimFile+"="+path)
		output, err := victim.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, victim.Start())
		said := bufio.NewScanner(output)
		for range 5 + 7*round {
			require.True(t, said.Scan(), "the writer has ended by itself")
		}
		require.NoError(t, victim.Process.Kill())
		require.Error(t, victim.Wait(), "killed")

		acct, err := account.Open(path)
		require.NoError(t, err)
		list, err := acct.List()
		require.NoError(t, err)
		require.NoError(t, acct.Close())
		require.GreaterOrEqual(t, len(list), 2*(5+7*round), "what was said to be written is there")
		require.Zero(t, len(list)%2, "both of a pair or none")
	}
}
