package network_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/network"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	vpcs "wordpress-ecs/local/runtime/network"
	"wordpress-ecs/tests/containers"
)

const (
	wait = 10 * time.Second
	tick = 50 * time.Millisecond
)

var vpc = account.Resource{
	Type: "aws:ec2/vpc:Vpc", ID: "vpc-1", Region: "eu-central-1", Outputs: account.Props{},
	URN: "urn:pulumi:dev::wordpress::aws:ec2/vpc:Vpc::main",
}

type fixture struct {
	*vpcs.Part
	account *account.Account
	machine *machine.Machine
}

func open(t *testing.T) fixture {
	t.Helper()
	containers.Connect(t)
	home := t.TempDir()
	a, err := account.Open(filepath.Join(home, "account.db"))
	require.NoError(t, err)
	m, err := machine.Connect(t.Context(), home)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, m.RemoveAll(context.Background()))
		require.NoError(t, m.Close())
		require.NoError(t, a.Close())
	})
	require.NoError(t, a.Update(func(tx *account.Tx) error { return tx.Put(vpc) }))
	return fixture{vpcs.New(vpcs.Env{Account: a, Machine: m}), a, m}
}

func (f fixture) left(t *testing.T) []string {
	t.Helper()
	left, err := f.machine.Left(t.Context())
	require.NoError(t, err)
	return left
}

// The engine gives one name to two networks if both are asked for at once.
func TestAllThatNeedAVPCGetOneNetwork(t *testing.T) {
	t.Parallel()
	f := open(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			name, err := f.Ensure(t.Context(), vpc.ID)
			if err != nil || name != f.machine.Name(vpc.ID) {
				t.Errorf("got %q, %v", name, err)
			}
		})
	}
	all.Wait()
	require.Equal(t, []string{"network " + f.machine.Name(vpc.ID)}, f.left(t))
	found, err := f.machine.Docker().NetworkInspect(t.Context(), f.machine.Name(vpc.ID), network.InspectOptions{})
	require.NoError(t, err)
	require.Equal(t, "dev", found.Labels[machine.LabelStack])
	require.NoError(t, f.Release(t.Context(), vpc, func(string) {}))
	require.NoError(t, f.Release(t.Context(), vpc, func(string) {}), "twice")
	require.Empty(t, f.left(t))
}

func TestAVPCThatIsNotThereHasNoNetwork(t *testing.T) {
	t.Parallel()
	f := open(t)
	_, err := f.Ensure(t.Context(), "vpc-2")
	require.ErrorContains(t, err, `"vpc-2"`)
	require.Empty(t, f.left(t))
}

func TestANetworkGoesWithItsVPCThoughNobodyReleasedIt(t *testing.T) {
	t.Parallel()
	f := open(t)
	_, err := f.Ensure(t.Context(), vpc.ID)
	require.NoError(t, err)
	require.NoError(t, f.account.Update(func(tx *account.Tx) error { return tx.Delete(vpc.Type, vpc.Region, vpc.ID) }))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx, make(chan struct{})) }()
	require.Eventually(t, func() bool { return len(f.left(t)) == 0 }, wait, tick)
	cancel()
	require.NoError(t, <-done)
}

func TestTheVPCOfSubnetsAndGroups(t *testing.T) {
	t.Parallel()
	a, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	defer a.Close()
	const group = "aws:elasticache/subnetGroup:SubnetGroup"
	in := account.Props{"vpcId": vpc.ID}
	require.NoError(t, a.Update(func(tx *account.Tx) error {
		if err := tx.Put(account.Resource{Type: "aws:ec2/subnet:Subnet", ID: "subnet-1", Region: "eu-central-1", Outputs: in}); err != nil {
			return err
		}
		return tx.Put(account.Resource{Type: group, ID: "cache", Region: "eu-central-1", Outputs: in})
	}))
	require.NoError(t, a.View(func(tx *account.Tx) error {
		for id, want := range map[string]string{"subnet-1": vpc.ID, "subnet-2": ""} {
			got, err := vpcs.OfSubnet(tx, id)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		got, err := vpcs.OfSubnetGroup(tx, group, "cache")
		require.Equal(t, vpc.ID, got)
		return err
	}))
}
