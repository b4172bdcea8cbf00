package cache_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/mount"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/cache"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/network"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/tests/containers"
)

const (
	wait = 2 * time.Minute
	tick = 100 * time.Millisecond

	region = "eu-central-1"
	urn    = "urn:pulumi:dev::wordpress::aws:elasticache/replicationGroup:ReplicationGroup::cache"
	token  = "0123456789abcdefToken"

	zone    = ".site.abc123.euc1.cache.amazonaws.com"
	primary = "master" + zone
	reader  = "replica" + zone
)

// replicationGroup is one as the program asks for it.
func replicationGroup(nodes int, more account.Props) account.Resource {
	out := account.Props{
		"engine": "valkey", "port": 6379.0, "subnetGroupName": "subnets", "parameterGroupName": "parameters",
		"transitEncryptionEnabled": true, "transitEncryptionMode": "required", "authToken": token,
		"authTokenUpdateStrategy": "ROTATE", "primaryEndpointAddress": primary, "readerEndpointAddress": reader,
		"automaticFailoverEnabled": nodes > 1,
	}
	members := []any{}
	for i := range nodes {
		members = append(members, fmt.Sprintf("site-%03d", i+1))
	}
	out["memberClusters"] = members
	for name, value := range more {
		out[name] = value
	}
	return account.Resource{Type: "aws:elasticache/replicationGroup:ReplicationGroup", ID: "site", Region: region, URN: urn, Outputs: out}
}

func parameters(values map[string]string) account.Resource {
	list := []any{}
	for name, value := range values {
		list = append(list, map[string]any{"name": name, "value": value})
	}
	return account.Resource{Type: "aws:elasticache/parameterGroup:ParameterGroup", ID: "parameters", Region: region,
		Outputs: account.Props{"parameters": list}}
}

// fixture is an account with a VPC and a subnet group.
type fixture struct {
	*cache.Part
	account   *account.Account
	machine   *machine.Machine
	authority *authority.Authority
	networks  *network.Part
	home      string

	mu   sync.Mutex
	said []string
}

func open(t *testing.T, resources ...account.Resource) *fixture {
	t.Helper()
	containers.Connect(t)
	f := &fixture{home: t.TempDir()}
	var err error
	f.account, err = account.Open(filepath.Join(f.home, "account.db"))
	require.NoError(t, err)
	f.machine, err = machine.Connect(t.Context(), f.home)
	require.NoError(t, err)
	f.authority, err = authority.Open(filepath.Join(f.home, "authority"))
	require.NoError(t, err)
	f.networks = network.New(network.Env{Account: f.account, Machine: f.machine})
	t.Cleanup(func() {
		require.NoError(t, f.machine.RemoveAll(context.Background()))
		require.NoError(t, f.machine.Close())
		require.NoError(t, f.account.Close())
	})
	f.put(t, account.Resource{Type: "aws:ec2/vpc:Vpc", ID: "vpc-1", Region: region, Outputs: account.Props{}},
		account.Resource{Type: "aws:elasticache/subnetGroup:SubnetGroup", ID: "subnets", Region: region,
			Outputs: account.Props{"vpcId": "vpc-1"}})
	f.put(t, resources...)
	f.reopen()
	return f
}

// reopen forgets everything but the account and the engine, as a new process would.
func (f *fixture) reopen() {
	f.Part = cache.New(cache.Env{
		Account: f.account, Machine: f.machine, Authority: f.authority, Networks: f.networks, Home: f.home, Say: f.hear,
	})
}

func (f *fixture) hear(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.said = append(f.said, line)
}

func (f *fixture) heard() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.said, "\n")
}

func (f *fixture) put(t *testing.T, resources ...account.Resource) {
	t.Helper()
	require.NoError(t, f.account.Update(func(tx *account.Tx) error {
		var failed []error
		for _, r := range resources {
			failed = append(failed, tx.Put(r))
		}
		return errors.Join(failed...)
	}))
}

func (f *fixture) drop(t *testing.T, r account.Resource) {
	t.Helper()
	require.NoError(t, f.account.Update(func(tx *account.Tx) error { return tx.Delete(r.Type, r.Region, r.ID) }))
}

// run lets the part work until the function that it returns is called, or the test is over.
func (f *fixture) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	wake := make(chan struct{}, 1)
	go func() { done <- f.Run(ctx, wake) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func (f *fixture) await(t *testing.T, r account.Resource) {
	t.Helper()
	require.NoError(t, f.Await(t.Context(), r, f.hear))
}

// node is the container of a member.
func (f *fixture) node(t *testing.T, member string) machine.Container {
	t.Helper()
	found, err := f.machine.Find(t.Context(), map[string]string{machine.LabelKind: "cache", machine.LabelID: member})
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

func (f *fixture) left(t *testing.T) []string {
	t.Helper()
	left, err := f.machine.Left(t.Context())
	require.NoError(t, err)
	return left
}

// shop is a container in the VPC that uses the cache, as a task does.
type shop struct {
	*fixture
	id string
}

func (f *fixture) shop(t *testing.T) shop {
	t.Helper()
	image, err := f.machine.EnsureImage(t.Context(), "cache", os.DirFS("image"), func(string) {})
	require.NoError(t, err)
	vpc, err := f.networks.Ensure(t.Context(), "vpc-1")
	require.NoError(t, err)
	id, err := f.machine.Create(t.Context(), machine.Spec{
		Name: f.machine.Name("shop"), Labels: f.machine.Labels("test", "", nil), Image: image, Network: vpc, Init: true,
		Command: []string{"sleep", "1h"},
		Mounts:  []mount.Mount{{Type: mount.TypeBind, Source: f.authority.BundleFile(), Target: "/bundle.pem", ReadOnly: true}},
	})
	require.NoError(t, err)
	require.NoError(t, f.machine.Start(t.Context(), id))
	return shop{f, id}
}

// as sends a command to an endpoint and returns what it answers.
func (s shop) as(t *testing.T, token, host, command string) string {
	t.Helper()
	_, output, err := s.machine.Exec(t.Context(), s.id, "", "sh", "-c",
		"REDISCLI_AUTH='"+token+"' timeout 5 valkey-cli --no-auth-warning --tls --cacert /bundle.pem -h "+host+" "+command+" 2>&1")
	require.NoError(t, err)
	return strings.TrimSpace(output)
}

func (s shop) do(t *testing.T, host, command string) string {
	t.Helper()
	return s.as(t, token, host, command)
}

// becomes waits until a command is answered so.
func (s shop) becomes(t *testing.T, host, command, want string) {
	t.Helper()
	last := ""
	require.Eventually(t, func() bool {
		last = s.do(t, host, command)
		return last == want
	}, wait, tick, "%s: %s", host, command)
}

func (f *fixture) rows(t *testing.T) map[string]part.Row {
	t.Helper()
	list, err := f.Status(t.Context())
	require.NoError(t, err)
	rows := map[string]part.Row{}
	for _, row := range list {
		rows[row.Name] = row
	}
	return rows
}
