package task

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/docker/docker/api/types/image"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/registry"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/files"
	"wordpress-ecs/local/runtime/logs"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// debian has a shell, and is there wherever the local cloud has built an image.
const debian = "public.ecr.aws/docker/library/debian:trixie-slim"

const (
	region = "eu-central-1"
	group  = "/ecs/site"
	arn    = "arn:aws:ecs:eu-central-1:123456789012:task-definition/site:1"
)

// props are JSON objects as a test writes them.
type props = account.Props

// open makes an account with a task definition and a log group.
func open(t *testing.T, containers []props, more props) *account.Account {
	t.Helper()
	acct, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	for _, c := range containers {
		if c["image"] == nil {
			c["image"] = debian
		}
		if c["logConfiguration"] == nil {
			c["logConfiguration"] = props{"logDriver": "awslogs", "options": props{
				"awslogs-group": group, "awslogs-region": region, "awslogs-stream-prefix": "app",
			}}
		}
	}
	text, err := json.Marshal(containers)
	require.NoError(t, err)
	outputs := props{"arn": arn, "cpu": "256", "memory": "256", "networkMode": "awsvpc", "containerDefinitions": string(text)}
	for name, value := range more {
		outputs[name] = value
	}
	put(t, acct, account.Resource{Type: taskDefinition, ID: "site:1", Region: region, Outputs: outputs})
	put(t, acct, account.Resource{Type: logGroup, ID: group, Region: region, Outputs: props{"name": group}})
	return acct
}

func put(t *testing.T, acct *account.Account, r account.Resource) {
	t.Helper()
	require.NoError(t, acct.Update(func(tx *account.Tx) error { return tx.Put(r) }))
}

// live is a part on the real engine. It goes with the test.
type live struct {
	*Part
	env  Env
	stop context.CancelFunc
	done chan error
}

func onEngine(t *testing.T, containers []props, more props) *live {
	t.Helper()
	home := t.TempDir()
	m, err := machine.Connect(t.Context(), home)
	if errors.Is(err, machine.ErrNoEngine) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, m.RemoveAll(context.Background()))
		require.NoError(t, m.Close())
	})
	groups, err := logs.Open(filepath.Join(home, "logs"))
	require.NoError(t, err)
	images, err := registry.Open(filepath.Join(home, "registry"))
	require.NoError(t, err)
	bundle := filepath.Join(home, "bundle.pem")
	require.NoError(t, os.WriteFile(bundle, []byte("authorities\n"), 0o644))
	r := &live{env: Env{
		Account: open(t, containers, more), Machine: m, Registry: images, Logs: groups, Clock: clock.New(10), Bundle: bundle,
		Say: func(line string) { t.Log(line) },
		Network: func(ctx context.Context, vpc string) (string, error) {
			return m.EnsureNetwork(ctx, vpc, m.Labels("network", vpc, nil))
		},
		Volume: func(ctx context.Context, mount files.Mount) (files.Mounted, error) {
			name, err := m.EnsureVolume(ctx, mount.System, m.Labels("files", mount.System, nil))
			return files.Mounted{Volume: name}, err
		},
	}}
	r.begin(t)
	t.Cleanup(func() { r.end(t) })
	return r
}

// begin lets the part run, as another process would.
func (r *live) begin(t *testing.T) {
	t.Helper()
	r.Part = New(r.env)
	var ctx context.Context
	ctx, r.stop = context.WithCancel(context.Background())
	r.done = make(chan error, 1)
	p, done := r.Part, r.done
	go func() { done <- p.Run(ctx, make(chan struct{})) }()
}

func (r *live) end(t *testing.T) {
	t.Helper()
	if r.stop != nil {
		r.stop()
		require.NoError(t, <-r.done)
		r.stop = nil
	}
}

func order(id string) Order {
	return Order{
		ID: id, ARN: "arn:aws:ecs:eu-central-1:123456789012:task/site/" + id, Definition: arn, Group: "service:site",
		Instance: "i-1", Region: region, VPC: "vpc-1", IP: "10.0.1.23", PeerIP: "10.0.0.9", Exec: true, Stack: "dev",
	}
}

// within waits until a task is as it should be.
func (r *live) within(t *testing.T, id string, is func(Task) bool) Task {
	t.Helper()
	var last Task
	ok := false
	for deadline := time.Now().Add(3 * time.Minute); !ok && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		last = get(r.Part, id)
		ok = is(last)
	}
	require.True(t, ok, "%+v", last)
	return last
}

func get(p *Part, id string) Task {
	for _, t := range p.Tasks() {
		if t.ID == id {
			return t
		}
	}
	return Task{}
}

func (t Task) of(name string) Container {
	for _, c := range t.Containers {
		if c.Name == name {
			return c
		}
	}
	return Container{}
}

func (r *live) lines(t *testing.T, container, id string) []string {
	t.Helper()
	events, err := r.env.Logs.Read(group, "app/"+container+"/"+id, 0)
	require.NoError(t, err)
	var list []string
	for _, e := range events {
		list = append(list, e.Line)
	}
	return list
}

// left is what the engine still has of tasks.
func (r *live) left(t *testing.T) []string {
	t.Helper()
	containers, err := r.env.Machine.Find(t.Context(), map[string]string{machine.LabelKind: kind})
	require.NoError(t, err)
	volumes, err := r.env.Machine.FindVolumes(t.Context(), map[string]string{machine.LabelKind: kind})
	require.NoError(t, err)
	var names []string
	for _, c := range containers {
		names = append(names, c.Name)
	}
	for _, v := range volumes {
		names = append(names, v.Name)
	}
	return names
}

func is(s Status) func(Task) bool { return func(t Task) bool { return t.Status == s } }

func sh(script string) []any { return []any{"sh", "-c", script} }

var _ part.Part = (*Part)(nil)

// push pushes an image to a registry on this machine.
func push(t *testing.T, r *live, name string) (digest string) {
	t.Helper()
	body, err := r.env.Machine.Docker().ImagePush(t.Context(), name, image.PushOptions{RegistryAuth: "e30="})
	require.NoError(t, err)
	defer func() { require.NoError(t, body.Close()) }()
	messages := json.NewDecoder(body)
	for messages.More() {
		var message struct {
			Error string
			Aux   struct{ Digest string }
		}
		require.NoError(t, messages.Decode(&message))
		require.Empty(t, message.Error)
		digest = max(digest, message.Aux.Digest)
	}
	require.NotEmpty(t, digest)
	return digest
}
