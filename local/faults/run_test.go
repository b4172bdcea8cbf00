package faults_test

import (
	"context"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/faults"
	"wordpress-ecs/local/provider"
)

// counting is a provider that counts what reaches it.
type counting struct {
	provider.Base
	calls []string
}

func (c *counting) Create(context.Context, *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	c.calls = append(c.calls, "create")
	return &pulumirpc.CreateResponse{Id: "made"}, nil
}

func (c *counting) Delete(context.Context, *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	c.calls = append(c.calls, "delete")
	return &emptypb.Empty{}, nil
}

// trial is a plan in front of a counting provider.
type trial struct {
	t      *testing.T
	behind *counting
	front  pulumirpc.ResourceProviderServer
	said   []string
}

func try(t *testing.T, rules string) *trial {
	t.Helper()
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		return tx.Put(account.Resource{
			Type: "aws:ec2/subnet:Subnet", ID: "subnet-a", Region: "eu-central-1",
			Outputs: account.Props{"availabilityZone": "eu-central-1a"},
		})
	}))
	plan, err := faults.Parse([]byte(rules))
	require.NoError(t, err)
	tr := &trial{t: t, behind: &counting{}}
	run, err := plan.Begin(faults.Env{
		Account: acct, Clock: 1e6, Say: func(line string) { tr.said = append(tr.said, line) },
		Kill: func() { tr.behind.calls = append(tr.behind.calls, "killed") },
	})
	require.NoError(t, err)
	tr.front = run.Wrap(func() pulumirpc.ResourceProviderServer { return tr.behind })()
	_, err = tr.front.Configure(t.Context(), &pulumirpc.ConfigureRequest{Args: fields(t, map[string]any{"region": "eu-central-1"})})
	require.NoError(t, err)
	return tr
}

func fields(t *testing.T, m map[string]any) *structpb.Struct {
	t.Helper()
	s, err := structpb.NewStruct(m)
	require.NoError(t, err)
	return s
}

func (tr *trial) create(typ, name string, inputs map[string]any) error {
	tr.t.Helper()
	_, err := tr.front.Create(tr.t.Context(), &pulumirpc.CreateRequest{
		Urn: "urn:pulumi:dev::site::" + typ + "::" + name, Properties: fields(tr.t, inputs),
	})
	return err
}

const (
	eip   = "aws:ec2/eip:Eip"
	group = "aws:elasticache/replicationGroup:ReplicationGroup"
	mount = "aws:efs/mountTarget:MountTarget"
)

func TestTheNthCallFails(t *testing.T) {
	t.Parallel()
	tr := try(t, "faults: [{call: create, type: 'aws:ec2/*', name: 'nat-*', nth: 2, times: 2, fault: quota}]")
	require.NoError(t, tr.create(eip, "other", nil))
	require.NoError(t, tr.create(eip, "nat-1", nil))
	for range 2 {
		require.ErrorContains(t, tr.create(eip, "nat-2", nil), "creating EC2 EIP")
	}
	require.NoError(t, tr.create(eip, "nat-2", nil))
	require.Len(t, tr.behind.calls, 3)
	require.Equal(t, []string{"fault quota: create of aws:ec2/eip:Eip nat-2", "fault quota: create of aws:ec2/eip:Eip nat-2"}, tr.said)
}

func TestFaultsAreWordedAsAWSDoes(t *testing.T) {
	t.Parallel()
	inputs := map[string]any{"nodeType": "cache.t4g.micro", "subnetId": "subnet-a"}
	for _, tc := range []struct{ fault, typ, want string }{
		{"quota", eip, "api error AddressLimitExceeded: The maximum number of addresses has been reached."},
		{"capacity", group, "api error InsufficientCacheClusterCapacity: The requested cache node type cache.t4g.micro is not available"},
		{"timeout", eip, `exceeded maximum number of attempts, 25, https response error StatusCode: 0, RequestID: , ` +
			`request send failed, Post "https://ec2.eu-central-1.amazonaws.com/": dial tcp: i/o timeout`},
		{"throttling, rate: 1", eip, "exceeded maximum number of attempts, 25, api error RequestLimitExceeded: Request limit exceeded."},
		{"throttling, times: 25", group, "exceeded maximum number of attempts, 25, api error Throttling: Rate exceeded"},
		{"throttling, times: 25", mount, "api error ThrottlingException: Rate exceeded"},
		{"zone-out, zone: eu-central-1a", mount, "api error Unavailable"},
		{"timeout", "random:index/randomId:RandomId", "creating random:index/randomId:RandomId: request failed: dial tcp: i/o timeout"},
	} {
		tr := try(t, "faults: [{call: create, fault: "+tc.fault+"}]")
		err := tr.create(tc.typ, "x", inputs)
		require.ErrorContains(t, err, tc.want)
		require.Equal(t, codes.FailedPrecondition, status.Code(err), "nothing has happened, and the engine knows")
		require.Empty(t, tr.behind.calls)
	}
}

// The SDK tries again, so what ends before it gives up is only a delay.
func TestThrottlingThatEndsIsNotFelt(t *testing.T) {
	t.Parallel()
	tr := try(t, "faults: [{call: create, times: 24, fault: throttling}]")
	require.NoError(t, tr.create(eip, "x", nil))
	require.NoError(t, tr.create(eip, "y", nil))
	require.Len(t, tr.behind.calls, 2)
}

func TestALostAnswerComesAfterTheDeed(t *testing.T) {
	t.Parallel()
	tr := try(t, "faults: [{call: create, fault: lost}, {call: delete, fault: lost}]")
	err := tr.create(eip, "x", nil)
	require.ErrorContains(t, err, "connection reset by peer")
	require.Equal(t, codes.Unknown, status.Code(err), "the engine must not think that nothing has happened")
	_, err = tr.front.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: "eipalloc-1", Urn: "urn:pulumi:dev::site::" + eip + "::x"})
	require.ErrorContains(t, err, "deleting EC2 EIP (eipalloc-1): ")
	require.Equal(t, []string{"create", "delete"}, tr.behind.calls)
}

func TestAKillComesBeforeOrAfter(t *testing.T) {
	t.Parallel()
	for when, want := range map[string][]string{"before": {"killed", "create"}, "after": {"create", "killed"}} {
		tr := try(t, "faults: [{call: create, fault: kill, when: "+when+"}]")
		_ = tr.create(eip, "x", nil) // goes on, as this kill ends nothing
		require.Equal(t, want, tr.behind.calls[:2], when)
	}
}

func TestOnlyWhatIsInTheZoneFails(t *testing.T) {
	t.Parallel()
	tr := try(t, "faults: [{zone: eu-central-1a, fault: zone-out}]")
	require.Error(t, tr.create(mount, "a", map[string]any{"subnetId": "subnet-a"}))
	require.NoError(t, tr.create(mount, "b", map[string]any{"subnetId": "subnet-b"}))
	require.Error(t, tr.create("aws:rds/clusterInstance:ClusterInstance", "a", map[string]any{"availabilityZone": "eu-central-1a"}))
	require.NoError(t, tr.create(eip, "x", nil))
}

func TestAPreviewMeetsNoFaults(t *testing.T) {
	t.Parallel()
	tr := try(t, "faults: [{call: create, rate: 1, fault: timeout}]")
	_, err := tr.front.Create(t.Context(), &pulumirpc.CreateRequest{Preview: true, Urn: "urn:pulumi:dev::site::" + eip + "::x"})
	require.NoError(t, err)
	require.Error(t, tr.create(eip, "x", nil))
}

func TestRatesAndDelaysRepeatWithTheirSeed(t *testing.T) {
	t.Parallel()
	failures := func(seed string) (list []bool) {
		tr := try(t, "seed: "+seed+"\nfaults: [{call: create, rate: 0.5, fault: timeout}]")
		for range 50 {
			list = append(list, tr.create(eip, "x", nil) != nil)
		}
		return list
	}
	first, again := failures("1"), failures("1")
	require.Equal(t, first, again)
	require.NotEqual(t, first, failures("2"))
}

func TestADelayEndsWithItsCall(t *testing.T) {
	t.Parallel()
	tr := try(t, "faults: [{call: create, fault: delay, for: 1h}]")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := tr.front.Create(ctx, &pulumirpc.CreateRequest{Urn: "urn:pulumi:dev::site::" + eip + "::x"})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, tr.behind.calls)
}
