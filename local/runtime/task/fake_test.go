package task

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/logs"
	"wordpress-ecs/local/runtime/machine"
)

// fake is an engine in memory. Containers run until they are told to end.
type fake struct {
	mu   sync.Mutex
	all  map[string]*fakeContainer // by name in the task
	log  []string
	hear func(machine.Event)
	// refuses is what cannot be started.
	refuses string
	// slow containers take this long to stop.
	slow map[string]chan struct{}
}

type fakeContainer struct {
	spec  machine.Spec
	state container.State
}

func (f *fake) note(format string, args ...any) { f.log = append(f.log, fmt.Sprintf(format, args...)) }

func (f *fake) notes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.log)
}

func (f *fake) Name(words string) string { return words }

func (f *fake) Labels(kind, id string, more map[string]string) map[string]string {
	labels := map[string]string{machine.LabelKind: kind, machine.LabelID: id}
	maps.Copy(labels, more)
	return labels
}

func (f *fake) Create(_ context.Context, s machine.Spec) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := cmp.Or(s.Labels[labelContainer], pauseID)
	f.all[name] = &fakeContainer{spec: s, state: container.State{Status: "created"}}
	return name, nil
}

// spec is what a container was made from.
func (f *fake) spec(name string) machine.Spec {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all[name].spec
}

func (f *fake) Start(_ context.Context, id string) error {
	f.mu.Lock()
	if id == f.refuses {
		f.mu.Unlock()
		return errors.New("no such file")
	}
	c := f.all[id]
	if id != pauseID {
		f.note("start %s", id)
	}
	c.state = container.State{Status: "running", Running: true, StartedAt: time.Now().Format(time.RFC3339Nano)}
	if c.spec.Health != nil {
		c.state.Health = &container.Health{Status: container.Starting}
	}
	f.mu.Unlock()
	return nil
}

// ends lets a container end by itself.
func (f *fake) ends(name string, change container.State) {
	f.mu.Lock()
	c := f.all[name]
	started := c.state.StartedAt
	change.Status, change.FinishedAt = "exited", time.Now().Format(time.RFC3339Nano)
	if change.StartedAt == "" {
		change.StartedAt = started
	}
	c.state = change
	hear := f.hear
	f.mu.Unlock()
	hear(machine.Event{Action: "die", Labels: c.spec.Labels})
}

func (f *fake) checked(name, status string) {
	f.mu.Lock()
	c := f.all[name]
	c.state.Health = &container.Health{Status: status}
	hear := f.hear
	f.mu.Unlock()
	hear(machine.Event{Action: "health_status: " + status, Labels: c.spec.Labels})
}

func (f *fake) Unpause(context.Context, string) error { return nil }

func (f *fake) Stop(ctx context.Context, id string, grace time.Duration) error {
	f.mu.Lock()
	f.note("stop %s within %s", id, grace)
	wait := f.slow[id]
	f.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note("stopped %s", id)
	c := f.all[id]
	c.state = container.State{Status: "exited", StartedAt: c.state.StartedAt, FinishedAt: time.Now().Format(time.RFC3339Nano)}
	return nil
}

func (f *fake) Remove(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.all, id)
	return nil
}

func (f *fake) Find(context.Context, map[string]string) ([]machine.Container, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []machine.Container
	for id, c := range f.all {
		list = append(list, machine.Container{ID: id, Labels: c.spec.Labels, State: c.state.Status})
	}
	return list, nil
}

func (f *fake) Inspect(_ context.Context, id string) (container.InspectResponse, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.all[id]
	if !ok {
		return container.InspectResponse{}, false, nil
	}
	state := c.state
	return container.InspectResponse{ContainerJSONBase: &container.ContainerJSONBase{State: &state}}, true, nil
}

func (f *fake) Events(ctx context.Context, _ map[string]string, hear func(machine.Event)) error {
	f.mu.Lock()
	f.hear = hear
	f.mu.Unlock()
	<-ctx.Done()
	return nil
}

func (f *fake) Output(_ context.Context, id string, _ time.Time, _ bool, line func(time.Time, string) error) error {
	if id == pauseID {
		return line(time.Now(), pauseReady)
	}
	return nil
}

func (f *fake) EnsureVolume(_ context.Context, words string, _ map[string]string) (string, error) {
	return words, nil
}
func (f *fake) RemoveVolume(context.Context, string) error { return nil }
func (f *fake) FindVolumes(context.Context, map[string]string) ([]machine.Named, error) {
	return nil, nil
}

func (f *fake) EnsureImage(context.Context, string, fs.FS, func(string)) (string, error) {
	return "pause", nil
}
func (f *fake) ImageID(context.Context, string) (string, bool, error) { return "sha256:1", true, nil }
func (f *fake) Pull(context.Context, string) error                    { return errors.New("not asked for") }
func (f *fake) Unname(context.Context, string) error                  { return nil }

// rig is a part on a fake engine, with one task that was asked for.
type rig struct {
	*Part
	engine *fake
	said   chan string
	// end lets Run end.
	end func()
}

const taskID = "0123456789abcdef0123456789abcdef"

// pauseID is what the fake calls the container of the network namespace.
const pauseID = "pause"

func begin(t *testing.T, containers []props, prepare func(*fake)) *rig {
	t.Helper()
	return beginIn(t, open(t, containers, nil), prepare)
}

// beginIn is begin with an account that has the task definition.
func beginIn(t *testing.T, acct *account.Account, prepare func(*fake)) *rig {
	t.Helper()
	return beginWith(t, acct, prepare, func(*Env) {})
}

// beginWith is beginIn with more of what the part needs.
func beginWith(t *testing.T, acct *account.Account, prepare func(*fake), more func(*Env)) *rig {
	t.Helper()
	groups, err := logs.Open(t.TempDir())
	require.NoError(t, err)
	r := &rig{
		engine: &fake{all: map[string]*fakeContainer{}, slow: map[string]chan struct{}{}},
		said:   make(chan string, 100),
	}
	if prepare != nil {
		prepare(r.engine)
	}
	env := Env{
		Account: acct, Logs: groups, Clock: clock.New(10), Say: func(line string) { r.said <- line },
		Network: func(context.Context, string) (string, error) { return "vpc", nil },
	}
	more(&env)
	r.Part = newPart(env, r.engine)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, nil) }()
	r.end = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(r.end)
	require.Eventually(t, func() bool { // the engine is listened to
		r.engine.mu.Lock()
		defer r.engine.mu.Unlock()
		return r.engine.hear != nil
	}, time.Minute, time.Millisecond)
	require.NoError(t, r.Start(order(taskID)))
	return r
}

func (r *rig) until(t *testing.T, is func(Task) bool) Task {
	t.Helper()
	var last Task
	require.Eventually(t, func() bool {
		last = get(r.Part, taskID)
		return is(last)
	}, time.Minute, time.Millisecond)
	return last
}

func (r *rig) noted(t *testing.T, note string) {
	t.Helper()
	require.Eventually(t, func() bool { return slices.Contains(r.engine.notes(), note) }, time.Minute, time.Millisecond, note)
}
