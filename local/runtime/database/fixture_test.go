package database_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/mount"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/database"
	"wordpress-ecs/local/runtime/logs"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/network"
	"wordpress-ecs/tests/containers"
)

const (
	patience = 2 * time.Minute
	tick     = 200 * time.Millisecond

	region   = "eu-central-1"
	urn      = "urn:pulumi:dev::wordpress::aws:rds/cluster:Cluster::db"
	master   = "wordpress"
	password = `pass'word\with"signs#`
	zone     = "abc123.eu-central-1.rds.amazonaws.com"
	writing  = "site.cluster-" + zone
	reading  = "site.cluster-ro-" + zone
)

func cluster(more account.Props) account.Resource {
	out := account.Props{
		"clusterIdentifier": "site", "engine": "aurora-mysql", "port": 3306.0, "endpoint": writing, "readerEndpoint": reading,
		"masterUsername": master, "masterPassword": password, "databaseName": "wordpress", "dbSubnetGroupName": "subnets",
		"dbClusterParameterGroupName": "parameters", "skipFinalSnapshot": true, "deleteAutomatedBackups": true,
		"enabledCloudwatchLogsExports": []any{"audit", "error", "slowquery"},
	}
	for name, value := range more {
		out[name] = value
	}
	return account.Resource{
		Type: "aws:rds/cluster:Cluster", ID: "site", Region: region, URN: urn, Created: time.Now(), Inputs: account.Props{}, Outputs: out,
	}
}

func instance(id string, tier int, writer bool) account.Resource {
	return account.Resource{
		Type: "aws:rds/clusterInstance:ClusterInstance", ID: id, Region: region, URN: urn, Created: time.Now(),
		Outputs: account.Props{
			"clusterIdentifier": "site", "identifier": id, "endpoint": id + "." + zone, "instanceClass": "db.t4g.medium",
			"promotionTier": float64(tier), "writer": writer,
		},
	}
}

// parameters are a group; names and values alternate.
func parameters(words ...string) account.Resource {
	list := []any{}
	for pair := range slices.Chunk(words, 2) {
		list = append(list, map[string]any{"name": pair[0], "value": pair[1], "applyMethod": "immediate"})
	}
	return account.Resource{Type: "aws:rds/clusterParameterGroup:ClusterParameterGroup", ID: "parameters", Region: region,
		Outputs: account.Props{"name": "parameters", "parameters": list}}
}

// fixture is an account with a VPC and a subnet group.
type fixture struct {
	*database.Part
	account   *account.Account
	machine   *machine.Machine
	authority *authority.Authority
	networks  *network.Part
	logs      *logs.Store
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
	f.logs, err = logs.Open(filepath.Join(f.home, "logs"))
	require.NoError(t, err)
	f.networks = network.New(network.Env{Account: f.account, Machine: f.machine})
	t.Cleanup(func() {
		require.NoError(t, f.machine.RemoveAll(context.Background()))
		require.NoError(t, f.machine.Close())
		require.NoError(t, f.account.Close())
	})
	f.put(t, account.Resource{Type: "aws:ec2/vpc:Vpc", ID: "vpc-1", Region: region, Outputs: account.Props{}},
		account.Resource{Type: "aws:rds/subnetGroup:SubnetGroup", ID: "subnets", Region: region,
			Outputs: account.Props{"vpcId": "vpc-1", "name": "subnets"}})
	f.put(t, resources...)
	f.reopen()
	return f
}

// reopen forgets everything but the account and the engine, as a new process would.
func (f *fixture) reopen() {
	f.Part = database.New(database.Env{
		Account: f.account, Machine: f.machine, Authority: f.authority, Networks: f.networks, Logs: f.logs, Home: f.home, Say: f.hear,
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

// deleted takes a resource away as the provider does.
func (f *fixture) deleted(t *testing.T, resources ...account.Resource) {
	t.Helper()
	for _, r := range resources {
		require.NoError(t, f.Release(t.Context(), r, f.hear))
		require.NoError(t, f.account.Update(func(tx *account.Tx) error { return tx.Delete(r.Type, r.Region, r.ID) }))
	}
}

// run lets the part work until the function that it returns is called, or the test is over.
func (f *fixture) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx, make(chan struct{})) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func (f *fixture) await(t *testing.T, resources ...account.Resource) {
	t.Helper()
	for _, r := range resources {
		began := time.Now()
		require.NoError(t, f.Await(t.Context(), r, f.hear))
		t.Logf("%s works after %s", r.ID, time.Since(began).Round(time.Millisecond))
	}
}

func (f *fixture) server(t *testing.T, id string) machine.Container {
	t.Helper()
	found, err := f.machine.Find(t.Context(), map[string]string{machine.LabelKind: "database", machine.LabelID: id})
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// site is a container in the VPC that uses the database, as a task does.
type site struct {
	*fixture
	id string
}

func (f *fixture) site(t *testing.T) site {
	t.Helper()
	image, err := f.machine.EnsureImage(t.Context(), "database", os.DirFS("image"), func(string) {})
	require.NoError(t, err)
	vpc, err := f.networks.Ensure(t.Context(), "vpc-1")
	require.NoError(t, err)
	id, err := f.machine.Create(t.Context(), machine.Spec{
		Name: f.machine.Name("site"), Labels: f.machine.Labels("test", "", nil), Image: image, Network: vpc, Init: true,
		Entrypoint: []string{"sleep", "1h"},
		Mounts:     []mount.Mount{{Type: mount.TypeBind, Source: f.authority.BundleFile(), Target: "/bundle.pem", ReadOnly: true}},
	})
	require.NoError(t, err)
	require.NoError(t, f.machine.Start(t.Context(), id))
	return site{f, id}
}

// ask lets the site's user ask a host, with TLS and its certificate checked, and returns the answer or the complaint.
func (s site) ask(t *testing.T, host, statement string, flags ...string) (string, bool) {
	t.Helper()
	options := "[client]\nuser=" + master + "\npassword=\"" + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(password) + "\"\n"
	code, output, complaint, err := s.machine.Feed(t.Context(), s.id, options, append([]string{"mariadb", "--defaults-file=/dev/stdin",
		"--connect-timeout=3", "--ssl-ca=/bundle.pem", "--host=" + host, "--batch", "--skip-column-names", "--execute=" + statement}, flags...)...)
	require.NoError(t, err)
	return strings.TrimSpace(output + complaint), code == 0
}

func (s site) must(t *testing.T, host, statement string) string {
	t.Helper()
	answer, ok := s.ask(t, host, statement)
	require.True(t, ok, "%s: %s: %s", host, statement, answer)
	return answer
}

// eventually wants an answer within patience.
func (s site) eventually(t *testing.T, want, host, statement string) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		answer, _ := s.ask(t, host, statement)
		assert.Equal(c, want, answer)
	}, patience, tick, "%s: %s", host, statement)
}
