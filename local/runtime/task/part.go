package task

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/files"
	"wordpress-ecs/local/runtime/logs"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// Env is what the part needs.
type Env struct {
	Account  *account.Account
	Machine  *machine.Machine
	Registry Registry
	Logs     *logs.Store
	Clock    clock.Clock
	Say      part.Say
	// Bundle is a file of this machine with the authorities that containers trust; empty for none. Its path is
	// absolute.
	Bundle string
	// Gateway is what answers tasks that call AWS's APIs; nil for nothing.
	Gateway Gateway
	// Network returns the Docker network of a VPC.
	Network func(ctx context.Context, vpcID string) (name string, err error)
	// Volume returns what a task mounts of a file system. An error is a task's reason.
	Volume func(ctx context.Context, m files.Mount) (files.Mounted, error)
}

const (
	// recordClass are the records of tasks.
	recordClass = "task"
	// keptStopped is how long a stopped task is listed, in real time.
	keptStopped = time.Hour
	// lookEvery is how often the containers of the engine are compared with the tasks, beside its events.
	lookEvery = 5 * time.Second
	// retryPause is how long to wait after an error of the engine.
	retryPause = time.Second
)

// Part runs tasks.
type Part struct {
	env    Env
	engine engine
	images *images

	mu      sync.Mutex
	loaded  bool
	tasks   map[string]*work
	watches []func()
	said    map[string]bool
	running context.Context //nolint:containedctx // that of Run, while it runs: tasks begin at any time
	tending *sync.WaitGroup // what Run has to wait for before it ends
	ending  bool            // Run waits for it

	// changed says that there is something to write; removed are the records to drop.
	changed chan struct{}
	removed []string
	saving  sync.Mutex
}

var (
	_ part.Part = (*Part)(nil)
	_ Runner    = (*Part)(nil)
)

// New returns the part.
func New(env Env) *Part { return newPart(env, env.Machine) }

func newPart(env Env, e engine) *Part {
	if env.Say == nil {
		env.Say = func(string) {}
	}
	return &Part{
		env: env, engine: e, tasks: map[string]*work{}, said: map[string]bool{}, changed: make(chan struct{}, 1),
		images: &images{
			engine: e, registry: env.Registry, account: env.Account, under: map[string]*fetch{}, ids: map[string]string{},
		},
	}
}

// load reads the tasks that an earlier process has kept.
func (p *Part) load() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loaded {
		return nil
	}
	var records []record
	if err := p.env.Account.View(func(tx *account.Tx) (err error) {
		records, err = account.AllKept[record](tx, recordClass)
		return err
	}); err != nil {
		return fmt.Errorf("reading the tasks: %w", err)
	}
	for _, r := range records {
		p.tasks[r.ID] = newWork(p, r)
		p.tasks[r.ID].restored = true
	}
	p.loaded = true
	return nil
}

// Start begins a task.
func (p *Part) Start(o Order) error {
	if err := p.load(); err != nil {
		return err
	}
	d, notes, err := readDefinition(p.env.Account, o.Definition)
	if err != nil {
		return err
	}
	t := Task{Order: o, Status: Pending, Wanted: Running, Health: HealthUnknown, Created: time.Now()}
	for i := range d.Containers {
		t.Containers = append(t.Containers, newContainer(&d.Containers[i], o.ID))
	}
	w := newWork(p, record{Task: t, Content: d})
	p.mu.Lock()
	if p.tasks[o.ID] != nil {
		p.mu.Unlock()
		return fmt.Errorf("task %s exists already", o.ID)
	}
	p.tasks[o.ID] = w
	p.mu.Unlock()
	for _, note := range notes {
		p.sayOnce(d.ARN, note)
	}
	p.notify(w)
	p.tend(w)
	return nil
}

// Stop begins the stop of a task.
func (p *Part) Stop(id, stopCode, reason string) {
	if w := p.task(id); w != nil && w.stop(stopCode, reason, Deactivating) {
		p.tend(w)
	}
}

// Drained lets a task that is being stopped end its containers.
func (p *Part) Drained(id string) {
	w := p.task(id)
	if w == nil {
		return
	}
	p.mu.Lock()
	passed := w.task.Status == Deactivating
	if passed {
		w.task.Status = Stopping
	}
	p.mu.Unlock()
	if passed {
		p.notify(w)
		p.tend(w)
	}
}

// Tasks lists the tasks, the oldest first.
func (p *Part) Tasks() []Task {
	if p.load() != nil {
		return nil // Run reports it
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]Task, 0, len(p.tasks))
	for _, w := range p.tasks {
		list = append(list, w.snapshot())
	}
	slices.SortFunc(list, func(a, b Task) int { return a.Created.Compare(b.Created) })
	return list
}

// Forget drops a task that has stopped.
func (p *Part) Forget(id string) {
	p.mu.Lock()
	if w := p.tasks[id]; w != nil && w.task.Status == Stopped {
		delete(p.tasks, id)
		p.removed = append(p.removed, id)
	}
	runs := p.running != nil
	p.mu.Unlock()
	if !runs {
		p.saveNow()
	}
	part.Wake(p.changed)
}

// Watch calls f after every change of a task.
func (p *Part) Watch(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watches = append(p.watches, f)
}

func (p *Part) task(id string) *work {
	if p.load() != nil {
		return nil // Run reports it
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tasks[id]
}

// notify wakes whoever has to know that a task has changed.
func (p *Part) notify(w *work) {
	p.mu.Lock()
	w.unsaved = true
	watches := slices.Clone(p.watches)
	p.mu.Unlock()
	part.Wake(w.wake)
	part.Wake(p.changed)
	for _, f := range watches {
		f()
	}
}

// sayOnce says a line about something, but not again.
func (p *Part) sayOnce(about, line string) {
	p.mu.Lock()
	known := p.said[about+line]
	p.said[about+line] = true
	p.mu.Unlock()
	if !known {
		p.env.Say(about + ": " + line)
	}
}

// tend lets a task go on, unless it does already. Without Run only tasks that stop go on.
func (p *Part) tend(w *work) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.running != nil:
		p.tendIn(p.running, p.tending, w)
	case !p.ending && w.task.Wanted == Stopped:
		group := &sync.WaitGroup{}
		p.tendIn(context.Background(), group, w)
		go func() {
			group.Wait()
			p.saveNow()
		}()
	}
}

// saveNow is save where Run does not do it.
func (p *Part) saveNow() {
	if err := p.save(); err != nil {
		p.sayOnce("tasks", err.Error())
	}
}

// tendIn is tend with the lock held. The group counts what is under way.
func (p *Part) tendIn(ctx context.Context, group *sync.WaitGroup, w *work) {
	if w.tended {
		return
	}
	w.restored = w.restored || w.group != nil // what happened since nobody tended it is not known
	w.tended, w.group = true, group
	group.Go(func() {
		w.live(ctx)
		p.mu.Lock()
		w.tended = false
		p.mu.Unlock()
	})
}

// save writes what has changed, in one transaction.
func (p *Part) save() error {
	p.saving.Lock()
	defer p.saving.Unlock()
	p.mu.Lock()
	var records []record
	for _, w := range p.tasks {
		if w.unsaved {
			records = append(records, w.record())
			w.unsaved = false
		}
	}
	removed := p.removed
	p.removed = nil
	p.mu.Unlock()
	if len(records)+len(removed) == 0 {
		return nil
	}
	err := p.env.Account.Update(func(tx *account.Tx) error {
		var failed []error
		for _, r := range records {
			failed = append(failed, tx.Keep(recordClass, r.ID, r))
		}
		for _, id := range removed {
			failed = append(failed, tx.Drop(recordClass, id))
		}
		return errors.Join(failed...)
	})
	if err != nil {
		return fmt.Errorf("writing down the tasks: %w", err)
	}
	return nil
}

// expire forgets tasks that stopped long ago.
func (p *Part) expire(now time.Time) {
	for _, t := range p.Tasks() {
		if t.Status == Stopped && now.Sub(t.Ended) > keptStopped {
			p.Forget(t.ID)
		}
	}
}
