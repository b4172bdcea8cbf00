package aws

import (
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/status"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/kind"
)

// paced is a provider for which things take AWS's time, so many times faster.
func (c *cloud) paced(pace kind.Pace) {
	c.t.Helper()
	c.client = c.connect(newFactory(c.acct, noImages{}, nil, Options{Pace: pace}, 0))
	c.configure(props{"region": "eu-west-1"})
}

func (c *cloud) look(typ, id string) *account.Resource {
	c.t.Helper()
	var found *account.Resource
	require.NoError(c.t, c.acct.View(func(tx *account.Tx) (err error) {
		found, err = tx.Get(typ, "eu-west-1", id)
		return err
	}))
	return found
}

func TestTheProviderWaitsUntilAWSIsReady(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	ip := c.make(ec2.Eip, props{})
	c.paced(5000)
	nat := c.make(ec2.Nat, props{"subnetId": n.a.id, "allocationId": ip.id})
	made := c.look(ec2.Nat, nat.id)
	require.False(t, made.Ready.IsZero(), "it took no time")
	require.True(t, made.Available(time.Now()), "it was not waited for")
	require.NoError(t, c.delete(ec2.Nat, nat))
	require.Nil(t, c.look(ec2.Nat, nat.id))
}

func TestATimeoutOfTheProgramEndsTheWait(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	n := c.network()
	ip := c.make(ec2.Eip, props{})
	c.paced(1) // as slow as AWS: nothing but the timeout ends it
	checked, failures := c.check(ec2.Nat, props{"subnetId": n.a.id, "allocationId": ip.id})
	require.Empty(t, failures)
	_, err := c.client.Create(t.Context(), &pulumirpc.CreateRequest{
		Urn: urn(ec2.Nat, "site"), Type: ec2.Nat, Name: "site", Properties: checked, Timeout: 0.01,
	})
	require.ErrorContains(t, err, "timeout while waiting for state to become 'available' (timeout: 10ms)")
	details := status.Convert(err).Details()
	require.Len(t, details, 1)
	kept, ok := details[0].(*pulumirpc.ErrorResourceInitFailed)
	require.True(t, ok)
	require.NotNil(t, c.look(ec2.Nat, kept.GetId()), "it goes on being made, and the state knows it")
}
