package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

func open(t *testing.T, path string) *account.Account {
	t.Helper()
	acct, err := account.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	return acct
}

func put(t *testing.T, acct *account.Account, resources ...account.Resource) {
	t.Helper()
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		for _, r := range resources {
			if err := tx.Put(r); err != nil {
				return err
			}
		}
		return nil
	}))
}

func subnet(id string) account.Resource {
	return account.Resource{
		Type: "aws:ec2/subnet:Subnet", ID: id, Region: "eu-west-1", URN: "urn:pulumi:dev::site::aws:ec2/subnet:Subnet::" + id,
		Outputs: account.Props{"vpcId": "vpc-1"},
	}
}

func TestWhatWasWrittenIsThereAfterReopening(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/deep/account.db"
	first, err := account.Open(path)
	require.NoError(t, err)
	put(t, first, subnet("subnet-2"), subnet("subnet-1"))
	require.NoError(t, first.Close())

	second := open(t, path)
	list, err := second.List()
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, "subnet-1", list[0].ID, "sorted by id")
	require.Equal(t, "vpc-1", list[0].Outputs.String("vpcId"))
}

func TestAnUpdateThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	acct := open(t, t.TempDir()+"/account.db")
	refused := errors.New("refused")
	err := acct.Update(func(tx *account.Tx) error {
		require.NoError(t, tx.Put(subnet("subnet-1")))
		return refused
	})
	require.ErrorIs(t, err, refused)
	list, err := acct.List()
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestAllKeepsTypesAndRegionsApart(t *testing.T) {
	t.Parallel()
	acct := open(t, t.TempDir()+"/account.db")
	abroad := subnet("subnet-3")
	abroad.Region = "eu-west-10" // begins like the other region
	group := subnet("group")
	group.Type = "aws:ec2/subnet:SubnetGroup"
	put(t, acct, subnet("subnet-1"), abroad, group)
	require.NoError(t, acct.View(func(tx *account.Tx) error {
		all, err := tx.All("aws:ec2/subnet:Subnet", "eu-west-1")
		require.NoError(t, err)
		require.Len(t, all, 1)
		gone, err := tx.Get("aws:ec2/subnet:Subnet", "eu-west-1", "subnet-3")
		require.NoError(t, err)
		require.Nil(t, gone)
		return nil
	}))
}

func TestListShowsNoSecret(t *testing.T) {
	t.Parallel()
	acct := open(t, t.TempDir()+"/account.db")
	put(t, acct, account.Resource{
		Type: "aws:rds/cluster:Cluster", ID: "db", Secrets: []string{"masterPassword", "absent"},
		Inputs:  account.Props{"masterPassword": "hunter2"},
		Outputs: account.Props{"masterPassword": "hunter2", "port": 3306.0},
	})
	list, err := acct.List()
	require.NoError(t, err)
	require.Equal(t, account.Props{"masterPassword": "[secret]", "port": 3306.0}, list[0].Outputs)
	require.Nil(t, list[0].Inputs)
}

func TestReservedNamesEndWithTheirTime(t *testing.T) {
	t.Parallel()
	acct := open(t, t.TempDir()+"/account.db")
	now := time.Now()
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		return errors.Join(
			tx.Reserve("secret", "eu-west-1", "site", now.Add(time.Hour)),
			tx.Reserve("snapshot", "eu-west-1", "last", time.Time{}))
	}))
	require.NoError(t, acct.View(func(tx *account.Tx) error {
		for _, tc := range []struct {
			class, name string
			at          time.Time
			want        bool
		}{
			{"secret", "site", now, true},
			{"secret", "site", now.Add(2 * time.Hour), false},
			{"secret", "other", now, false},
			{"snapshot", "last", now.AddDate(10, 0, 0), true},
		} {
			held, err := tx.Reserved(tc.class, "eu-west-1", tc.name, tc.at)
			require.NoError(t, err)
			require.Equal(t, tc.want, held, tc)
		}
		return nil
	}))
}

func TestCountersGoOnAfterReopening(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/account.db"
	for want := 1; want <= 3; want++ {
		acct, err := account.Open(path)
		require.NoError(t, err)
		require.NoError(t, acct.Update(func(tx *account.Tx) error {
			n, err := tx.Next("task definition", "eu-west-1", "site")
			require.Equal(t, want, n)
			return err
		}))
		require.NoError(t, acct.Close())
	}
}

func TestHasRepository(t *testing.T) {
	t.Parallel()
	acct := open(t, t.TempDir()+"/account.db")
	put(t, acct, account.Resource{Type: "aws:ecr/repository:Repository", ID: "site", Name: "site", Region: "eu-west-1"})
	for name, want := range map[string]bool{"site": true, "sit": false} {
		has, err := acct.HasRepository(name)
		require.NoError(t, err)
		require.Equal(t, want, has, name)
	}
}

func TestPropsFollowPaths(t *testing.T) {
	t.Parallel()
	p := account.Props{"lists": []any{
		map[string]any{"name": "a", "ids": []any{"1", "2"}}, map[string]any{"name": "b"}, "no object",
	}, "deep": map[string]any{"er": map[string]any{"n": 3.0}}}
	require.Equal(t, []any{"a", "b"}, p.All("lists[].name"))
	require.Equal(t, []any{"1", "2"}, p.All("lists[].ids[]"))
	require.Equal(t, 3, p.Int("deep.er.n"))
	require.Empty(t, p.All("lists.name"))
	require.False(t, p.Has("deep.er.n.more"))
}
