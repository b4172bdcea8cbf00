package database_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

// TestClusterLives is the life of a cluster with a reader: what is written stays, whatever happens to the servers.
func TestClusterLives(t *testing.T) {
	t.Parallel()
	home := cluster(account.Props{"skipFinalSnapshot": false, "finalSnapshotIdentifier": "site-final"})
	first, second := instance("site-1", 0, true), instance("site-2", 1, false)
	f := open(t, home, parameters("require_secure_transport", "ON", "server_audit_logging", "1", "server_audit_events", "CONNECT",
		"slow_query_log", "1", "long_query_time", "0.1", "aurora_load_from_s3_role", "x"), first, second)
	stop := f.run(t)
	f.await(t, home, first, second)
	require.Contains(t, f.heard(), "MariaDB 11.8")
	require.Contains(t, f.heard(), "aurora_load_from_s3_role is not applied")
	s := f.site(t)

	t.Log("TLS, rights and roles")
	s.must(t, writing, "CREATE TABLE wordpress.posts (id INT PRIMARY KEY); INSERT INTO wordpress.posts VALUES (1)")
	answer, ok := s.ask(t, writing, "SELECT 1", "--skip-ssl")
	require.False(t, ok)
	require.Contains(t, answer, "insecure transport")
	for _, forbidden := range []string{"UPDATE mysql.global_priv SET Priv = '{}'", "SET GLOBAL read_only = 0", "DROP DATABASE mysql"} {
		answer, ok = s.ask(t, writing, forbidden)
		require.False(t, ok, forbidden)
		require.Contains(t, answer, "denied")
	}
	s.must(t, writing, "CREATE DATABASE shop; CREATE USER shop IDENTIFIED BY 'secret'; GRANT ALL ON shop.* TO shop")
	s.eventually(t, "1", reading, "SELECT id FROM wordpress.posts")
	require.Equal(t, "1", s.must(t, reading, "SELECT @@read_only"), "the reader endpoint leads to the reader")
	_, ok = s.ask(t, reading, "INSERT INTO wordpress.posts VALUES (99)")
	require.False(t, ok)
	s.must(t, writing, "SELECT SLEEP(0.3)")

	t.Log("failover")
	s.must(t, writing, "INSERT INTO wordpress.posts VALUES (2)")
	require.NoError(t, f.Actions()["failover"](t.Context(), []string{"site"}, f.hear))
	s.eventually(t, "2\t2", writing, "SELECT COUNT(*), @@server_id FROM wordpress.posts")
	s.must(t, writing, "INSERT INTO wordpress.posts VALUES (3)")
	s.eventually(t, "3\t1", reading, "SELECT COUNT(*), @@server_id FROM wordpress.posts")
	require.NoError(t, f.account.View(func(tx *account.Tx) error {
		r, err := tx.Get(second.Type, region, "site-2")
		require.True(t, r.Outputs.Bool("writer"))
		return err
	}))

	t.Log("a killed writer")
	require.NoError(t, f.machine.Docker().ContainerKill(t.Context(), f.server(t, "site-2").ID, "KILL"))
	s.eventually(t, "3", writing, "SELECT COUNT(*) FROM wordpress.posts")
	s.eventually(t, "", writing, "INSERT INTO wordpress.posts VALUES (4)")
	s.eventually(t, "4", reading, "SELECT COUNT(*) FROM wordpress.posts")
	requireEvents(t, f, "audit", "CONNECT")
	requireEvents(t, f, "slowquery", "SLEEP")
	requireEvents(t, f, "error", "ready for connections")

	t.Log("stop and start")
	stop()
	require.NoError(t, f.Suspend(t.Context(), f.hear))
	require.Equal(t, "exited", f.server(t, "site-2").State)
	f.reopen()
	stop = f.run(t)
	f.await(t, first, second)
	require.Equal(t, "4", s.must(t, writing, "SELECT COUNT(*) FROM wordpress.posts"))

	t.Log("the writer goes, then the reader")
	f.deleted(t, second)
	s.eventually(t, "4\t1", writing, "SELECT COUNT(*), @@server_id FROM wordpress.posts")
	s.eventually(t, "4\t1", reading, "SELECT COUNT(*), @@server_id FROM wordpress.posts")
	s.must(t, writing, "INSERT INTO wordpress.posts VALUES (5)")
	f.deleted(t, first)

	t.Log("the cluster keeps its data without instances")
	third := instance("site-3", 0, true)
	f.put(t, third)
	f.await(t, third)
	require.Equal(t, "5", s.must(t, writing, "SELECT COUNT(*) FROM wordpress.posts"))

	t.Log("a final snapshot, and a cluster of it")
	stop()
	f.deleted(t, third, home)
	left, err := f.machine.FindVolumes(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, left)
	again := cluster(account.Props{"databaseName": ""})
	again.Inputs["snapshotIdentifier"] = "site-final"
	fourth := instance("site-4", 0, true)
	f.put(t, again, fourth)
	f.reopen()
	f.run(t)
	f.await(t, again, fourth)
	require.Equal(t, "5", s.must(t, writing, "SELECT COUNT(*) FROM wordpress.posts"))

	t.Log("a restore in place keeps what was there")
	s.must(t, writing, "DELETE FROM wordpress.posts")
	require.NoError(t, f.Actions()["restore"](t.Context(), []string{"site-final", "site"}, f.hear))
	s.eventually(t, "5", writing, "SELECT COUNT(*) FROM wordpress.posts")
	rows, err := f.Status(t.Context())
	require.NoError(t, err)
	var names []string
	for _, r := range rows {
		names = append(names, r.Kind+" "+r.Name+" "+r.State)
	}
	require.Contains(t, names, "database site available")
	require.Contains(t, names, "database site-4 available")
	require.Contains(t, strings.Join(names, "\n"), "snapshot site-before-restore-")
}

func requireEvents(t *testing.T, f *fixture, log, text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, stream := range []string{"site-1", "site-2"} {
			events, err := f.logs.Read("/aws/rds/cluster/site/"+log, stream, 0)
			require.NoError(t, err)
			for _, e := range events {
				if strings.Contains(e.Line, text) {
					return true
				}
			}
		}
		return false
	}, patience, tick, "the log %s has no %q", log, text)
}

// TestParametersAndReaders: a bad value is an error that names it, a good one is applied at once, scaling adds and
// removes readers.
func TestParametersAndReaders(t *testing.T) {
	t.Parallel()
	home, first := cluster(account.Props{"dbClusterParameterGroupName": "parameters"}), instance("site-1", 0, true)
	f := open(t, home, parameters("collation_server", "nonsense"), first)
	err := f.Await(t.Context(), first, f.hear)
	require.ErrorContains(t, err, "collation")
	require.ErrorContains(t, err, "nonsense")

	good := parameters("sql_mode", "ANSI_QUOTES", "wait_timeout", "600", "time_zone", "Europe/Berlin", "collation_server", "utf8mb4_unicode_ci", "tls_version", "TLSv1.3")
	f.put(t, good)
	f.run(t)
	f.await(t, first)
	s := f.site(t)
	require.Equal(t, "ANSI_QUOTES\t600\tEurope/Berlin\tutf8mb4_unicode_ci\t90",
		s.must(t, writing, "SELECT @@sql_mode, @@wait_timeout, @@time_zone, @@collation_server, @@max_connections"))

	changed := parameters("wait_timeout", "700", "innodb_ft_min_token_size", "2")
	f.put(t, changed)
	f.await(t, changed)
	require.Equal(t, "700", s.must(t, writing, "SELECT @@wait_timeout"))
	require.Contains(t, f.heard(), "innodb_ft_min_token_size waits for a reboot")
	bad := parameters("wait_timeout", "soon")
	f.put(t, bad)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.ErrorContains(t, f.Await(ctx, bad, f.hear), "wait_timeout")
	f.put(t, changed)

	t.Log("another password holds at once")
	other := cluster(account.Props{"masterPassword": "quite-another"})
	f.put(t, other)
	f.await(t, other)
	answer, ok := s.ask(t, writing, "SELECT 1")
	require.False(t, ok)
	require.Contains(t, answer, "Access denied")
	f.put(t, home)
	f.await(t, home)

	require.Empty(t, f.Readers("site"))
	reader, err := f.AddReader(t.Context(), "site")
	require.NoError(t, err)
	require.Equal(t, []string{reader}, f.Readers("site"))
	s.must(t, writing, "CREATE TABLE wordpress.posts (id INT)")
	s.eventually(t, "0", reader+"."+zone, "SELECT COUNT(*) FROM wordpress.posts")
	require.Equal(t, "1", s.must(t, reader+"."+zone, "SELECT @@read_only"))
	clients, err := f.Connections(reader)
	require.NoError(t, err)
	require.Zero(t, clients)
	require.NoError(t, f.RemoveReader(t.Context(), "site"))
	require.Empty(t, f.Readers("site"))
	require.Error(t, f.RemoveReader(t.Context(), "site"))
	s.eventually(t, "0", reading, "SELECT COUNT(*) FROM wordpress.posts")
}
