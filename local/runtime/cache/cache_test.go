package cache_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

func (f *fixture) kill(t *testing.T, member string) {
	t.Helper()
	require.NoError(t, f.machine.Docker().ContainerKill(t.Context(), f.node(t, member).ID, "KILL"))
}

func TestAGroupServesItsEndpointsWithTLSAndToken(t *testing.T) {
	t.Parallel()
	r := replicationGroup(2, nil)
	f := open(t, r, parameters(map[string]string{"maxmemory-policy": "allkeys-lfu", "reserved-memory-percent": "25"}))
	f.run(t)
	f.await(t, r)
	s := f.shop(t)
	require.Equal(t, "OK", s.do(t, primary, "SET a 1"))
	s.becomes(t, reader, "GET a", "1")
	require.Contains(t, s.do(t, reader, "SET a 2"), "READONLY", "the reader endpoint is a replica")
	require.Contains(t, s.as(t, "wrong", primary, "GET a"), "NOAUTH")
	require.Contains(t, s.as(t, "", primary, "GET a"), "NOAUTH")
	require.Contains(t, s.do(t, primary, "CONFIG GET maxmemory-policy"), "NOPERM", "as ElastiCache refuses it")
	require.Contains(t, s.do(t, primary, "INFO memory"), "maxmemory_policy:allkeys-lfu")
	require.Contains(t, s.do(t, primary, "INFO server"), "server_name:valkey")
	require.Contains(t, f.heard(), "cache site: the parameter reserved-memory-percent has no effect here")

	// Without TLS nobody gets anything.
	_, plain, err := f.machine.Exec(t.Context(), s.id, "", "sh", "-c",
		"REDISCLI_AUTH="+token+" timeout 5 valkey-cli -h "+primary+" GET a 2>&1")
	require.NoError(t, err)
	require.NotRegexp(t, `(?m)^1$`, plain)
	require.Contains(t, plain, "Error: ")

	// The address of the status is for this machine, and the certificate is good there, too.
	rows := f.rows(t)
	require.Equal(t, part.Row{
		Kind: "cache", Name: "site", State: "available", Detail: "valkey, 2 nodes", Address: rows["site-001"].Address, Stack: "dev",
	}, rows["site"])
	require.Equal(t, "primary", rows["site-001"].Detail)
	require.Equal(t, part.Row{
		Kind: "cache", Name: "site-002", Parent: "site", State: "available", Detail: "replica", Address: rows["site-002"].Address, Stack: "dev",
	}, rows["site-002"])
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(f.authority.Certificate())
	for _, member := range []string{"site-001", "site-002"} {
		require.True(t, strings.HasPrefix(rows[member].Address, "127.0.0.1:"))
		conn, err := tls.Dial("tcp", rows[member].Address, &tls.Config{RootCAs: roots, ServerName: member + zone})
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}

	// The token is nowhere that others can see.
	found, _, err := f.machine.Inspect(t.Context(), f.node(t, "site-001").ID)
	require.NoError(t, err)
	seen, err := json.Marshal(found)
	require.NoError(t, err)
	require.NotContains(t, string(seen), token)
	require.NotContains(t, f.heard(), token)
}

func TestAReplicaTakesOverWhenThePrimaryDies(t *testing.T) {
	t.Parallel()
	r := replicationGroup(2, nil)
	f := open(t, r)
	f.run(t)
	f.await(t, r)
	s := f.shop(t)
	require.Equal(t, "OK", s.do(t, primary, "SET kept 1"))
	require.Equal(t, "1", s.do(t, primary, "WAIT 1 2000"))
	f.kill(t, "site-001")
	s.becomes(t, primary, "SET after 2", "OK")
	require.Equal(t, "1", s.do(t, primary, "GET kept"))
	f.await(t, r)
	s.becomes(t, reader, "GET after", "2")
	require.Equal(t, "primary", f.rows(t)["site-002"].Detail)
	require.Contains(t, s.do(t, "site-001"+zone, "ROLE"), "slave", "who died comes back as a replica")
	require.Contains(t, f.heard(), "site-002 is the primary in the place of site-001")
	// A new process finds the roles as they are.
	f.reopen()
	f.await(t, r)
	require.Contains(t, s.do(t, "site-002"+zone, "ROLE"), "master")
}

func TestAPlannedFailoverLosesNothing(t *testing.T) {
	t.Parallel()
	r := replicationGroup(3, nil)
	f := open(t, r)
	f.await(t, r)
	s := f.shop(t)
	require.Equal(t, "OK", s.do(t, primary, "SET kept 1"))
	failover := f.Actions()["failover"]
	require.ErrorIs(t, failover(t.Context(), []string{"a-database"}, f.hear), part.ErrNotMine)
	require.NoError(t, failover(t.Context(), []string{"site"}, f.hear))
	require.Equal(t, "1", s.do(t, primary, "GET kept"))
	require.Equal(t, "OK", s.do(t, primary, "SET after 2"))
	require.NotEqual(t, "primary", f.rows(t)["site-001"].Detail)
	require.Contains(t, s.do(t, "site-001"+zone, "ROLE"), "slave")
	s.becomes(t, "site-001"+zone, "GET after", "2")
}

func TestOneNodeKeepsItsData(t *testing.T) {
	t.Parallel()
	r := replicationGroup(1, account.Props{"engine": "redis"})
	f := open(t, r)
	stop := f.run(t)
	f.await(t, r)
	s := f.shop(t)
	require.Contains(t, s.do(t, primary, "INFO server"), "redis_version:8.")
	require.Equal(t, "OK", s.do(t, reader, "SET kept 1"), "a node alone is both endpoints")
	require.ErrorContains(t, f.Actions()["failover"](t.Context(), []string{"site"}, f.hear), "nothing to fail over to")

	// Changes are on disk within a second, so this one is.
	require.Eventually(t, func() bool { return strings.Contains(s.do(t, primary, "INFO persistence"), "aof_pending_bio_fsync:0") }, wait, tick)
	require.NotEmpty(t, s.do(t, primary, "WAITAOF 1 0 2000"))
	f.kill(t, "site-001")
	s.becomes(t, primary, "GET kept", "1")

	stop()
	require.NoError(t, f.Suspend(t.Context(), f.hear))
	require.Equal(t, "exited", f.node(t, "site-001").State)
	require.Equal(t, "stopped", f.rows(t)["site"].State)
	f.reopen()
	f.run(t)
	s.becomes(t, primary, "GET kept", "1")
}

func TestAPausedNodeIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := replicationGroup(1, nil)
	f := open(t, r)
	f.await(t, r)
	id := f.node(t, "site-001").ID
	require.NoError(t, f.machine.Docker().ContainerPause(t.Context(), id))
	f.run(t)
	require.Equal(t, "paused", f.rows(t)["site-001"].State)
	require.NoError(t, f.machine.Docker().ContainerUnpause(t.Context(), id))
	f.await(t, r)
	require.Equal(t, id, f.node(t, "site-001").ID)
}

func TestTokensRotateWithoutARestart(t *testing.T) {
	t.Parallel()
	r := replicationGroup(1, nil)
	f := open(t, r)
	f.await(t, r)
	s := f.shop(t)
	id := f.node(t, "site-001").ID
	before, _, err := f.machine.Inspect(t.Context(), id)
	require.NoError(t, err)
	const next = "another-token-of-16"
	for _, step := range []struct {
		token, strategy string
		old             string
	}{{next, "ROTATE", "PONG"}, {next, "SET", "NOAUTH"}} {
		r = replicationGroup(1, account.Props{"authToken": step.token, "authTokenUpdateStrategy": step.strategy})
		f.put(t, r)
		f.await(t, r)
		require.Equal(t, "PONG", s.as(t, next, primary, "PING"), step.strategy)
		require.Contains(t, s.as(t, token, primary, "PING"), step.old, step.strategy)
	}
	// It holds when the node starts again.
	f.kill(t, "site-001")
	f.await(t, r)
	require.Equal(t, "PONG", s.as(t, next, primary, "PING"))
	require.Contains(t, s.as(t, token, primary, "PING"), "NOAUTH")
	after, _, err := f.machine.Inspect(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, before.Created, after.Created)
}

func TestGroupsGrowAndShrink(t *testing.T) {
	t.Parallel()
	r := replicationGroup(1, nil)
	f := open(t, r, parameters(map[string]string{"maxmemory-policy": "allkeys-lfu"}))
	f.await(t, r)
	s := f.shop(t)
	require.Equal(t, "OK", s.do(t, primary, "SET a 1"))
	r = replicationGroup(2, nil)
	f.put(t, r, parameters(nil))
	f.await(t, r)
	require.Equal(t, "1", s.do(t, "site-002"+zone, "GET a"))
	require.Contains(t, s.do(t, primary, "INFO memory"), "maxmemory_policy:volatile-lru", "a parameter that is not set any more is the default")
	require.NoError(t, f.Actions()["failover"](t.Context(), []string{"site"}, f.hear))
	// The primary is the node that goes now.
	r = replicationGroup(1, nil)
	f.put(t, r)
	f.await(t, r)
	require.Equal(t, "1", s.do(t, primary, "GET a"))
	require.Equal(t, "OK", s.do(t, primary, "SET b 2"))
	require.Len(t, f.rows(t), 2)
	found, err := f.machine.FindVolumes(t.Context(), map[string]string{"wordpress-ecs.kind": "cache"})
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestAFinalSnapshotBringsTheDataBack(t *testing.T) {
	t.Parallel()
	r := replicationGroup(2, account.Props{"finalSnapshotIdentifier": "last"})
	f := open(t, r)
	f.await(t, r)
	s := f.shop(t)
	require.Equal(t, "OK", s.do(t, primary, "SET a 1"))
	// A deployment that was stopped can be destroyed, too.
	require.NoError(t, f.Suspend(t.Context(), f.hear))
	f.reopen()
	for range 2 { // twice is no error
		require.NoError(t, f.Release(t.Context(), r, f.hear))
	}
	// A process that dies before the group has left the account makes it again, and does not overwrite its data.
	f.reopen()
	f.await(t, r)
	require.NoError(t, f.Release(t.Context(), r, f.hear))
	require.NoError(t, f.machine.Remove(t.Context(), s.id))
	require.Equal(t, []string{"network " + f.machine.Name("vpc-1")}, f.left(t))
	file := filepath.Join(f.home, "snapshots", "elasticache", "last.rdb")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(data), "REDIS"))
	f.drop(t, r)

	// A new group that names it has it, and an old one can get it.
	r = replicationGroup(2, account.Props{"snapshotName": "last"})
	f.put(t, r)
	f.await(t, r)
	s = f.shop(t)
	require.Equal(t, "1", s.do(t, primary, "GET a"))
	s.becomes(t, reader, "GET a", "1")
	require.Equal(t, "OK", s.do(t, primary, "SET a 2"))
	f.kill(t, "site-001")
	f.kill(t, "site-002")
	f.await(t, r)
	require.Equal(t, "2", s.do(t, primary, "GET a"), "it begins with it once")
	restore := f.Actions()["restore"]
	require.ErrorIs(t, restore(t.Context(), []string{"last", "fs-1"}, f.hear), part.ErrNotMine)
	require.ErrorContains(t, restore(t.Context(), []string{"first", "site"}, f.hear), "snapshot first")
	require.NoError(t, restore(t.Context(), []string{"last", "site"}, f.hear))
	require.Equal(t, "1", s.do(t, primary, "GET a"))
	s.becomes(t, reader, "GET a", "1")
}

func TestNodesGoWithTheirGroupThoughNobodyReleasedIt(t *testing.T) {
	t.Parallel()
	r := replicationGroup(1, nil)
	f := open(t, r)
	f.await(t, r)
	f.drop(t, r)
	f.run(t)
	require.Eventually(t, func() bool { return len(f.left(t)) == 1 }, wait, tick, "only the VPC's network stays")
}

func TestAGroupIsNotRevivedWhileItIsDeleted(t *testing.T) {
	t.Parallel()
	r := replicationGroup(1, nil)
	f := open(t, r)
	f.run(t)
	f.await(t, r)
	require.NoError(t, f.Release(t.Context(), r, f.hear))
	f.put(t, r) // a change that wakes it, before the group is gone
	// Not Never: it returns while it still asks, and the test is over by then.
	looks := time.NewTicker(tick)
	defer looks.Stop()
	for range 5 {
		<-looks.C
		require.LessOrEqual(t, len(f.left(t)), 1)
	}
}

func TestWhatCannotRunIsSaid(t *testing.T) {
	t.Parallel()
	f := open(t)
	for want, more := range map[string]account.Props{
		"the local cloud does not run cluster mode": {"clusterEnabled": true},
		"its subnet group is not in the account":    {"subnetGroupName": "default"},
		"there is no snapshot none of a cache":      {"snapshotName": "none"},
	} {
		r := replicationGroup(1, more)
		require.ErrorContains(t, f.Await(t.Context(), r, f.hear), want, fmt.Sprint(more))
		require.NoError(t, f.Release(t.Context(), r, f.hear))
	}
	require.Equal(t, "failed", func() string {
		f.put(t, replicationGroup(1, account.Props{"clusterEnabled": true}))
		return f.rows(t)["site"].State
	}())
}

// A node whose data cannot be read ends again and again.
func TestANodeThatDoesNotStayUpIsSaid(t *testing.T) {
	t.Parallel()
	r := replicationGroup(1, nil)
	f := open(t, r)
	f.await(t, r)
	id := f.node(t, "site-001").ID
	code, output, err := f.machine.Exec(t.Context(), id, "", "sh", "-c", "echo nonsense > /data/appendonlydir/appendonly.aof.manifest")
	require.NoError(t, err)
	require.Zero(t, code, output)
	f.kill(t, "site-001")
	err = f.Await(t.Context(), r, f.hear)
	require.ErrorContains(t, err, "node site-001 does not stay up")
	require.ErrorContains(t, err, "AOF manifest")
	require.NoError(t, f.Release(t.Context(), r, f.hear))
	_, err = f.machine.Docker().ContainerInspect(t.Context(), id)
	require.Error(t, err)
}

func TestAGroupWithoutTLS(t *testing.T) {
	t.Parallel()
	const plain, plainReader = "site.abc123.ng.0001.euc1.cache.amazonaws.com", "site-ro.abc123.ng.0001.euc1.cache.amazonaws.com"
	r := replicationGroup(2, account.Props{
		"engine": "redis", "transitEncryptionEnabled": false, "transitEncryptionMode": "", "authToken": nil, "port": 6400.0,
		"primaryEndpointAddress": plain, "readerEndpointAddress": plainReader,
	})
	f := open(t, r)
	f.await(t, r)
	s := f.shop(t)
	for host, want := range map[string]string{plain: "OK", plainReader: "READONLY"} {
		_, answer, err := f.machine.Exec(t.Context(), s.id, "", "sh", "-c", "timeout 5 valkey-cli -p 6400 -h "+host+" SET a 1 2>&1")
		require.NoError(t, err)
		require.Contains(t, answer, want)
	}
	require.NoError(t, f.Release(t.Context(), r, f.hear))
}

func TestSettingsThatNeedARestartKeepTheDataAndAnotherEngineDoesNot(t *testing.T) {
	t.Parallel()
	r := replicationGroup(1, account.Props{"engine": "redis"})
	f := open(t, r)
	f.await(t, r)
	s := f.shop(t)
	require.Equal(t, "OK", s.do(t, primary, "SET a 1"))
	f.put(t, parameters(map[string]string{"databases": "3"}))
	f.await(t, r)
	require.Equal(t, "1", s.do(t, primary, "GET a"))
	require.Contains(t, s.do(t, primary, "-n 3 GET a"), "out of range")
	r = replicationGroup(1, nil)
	f.put(t, r)
	f.await(t, r)
	require.Contains(t, s.do(t, primary, "INFO server"), "server_name:valkey")
	require.Empty(t, s.do(t, primary, "GET a"))
	require.Contains(t, f.heard(), "cache site begins empty: valkey does not read what redis has written")
}
