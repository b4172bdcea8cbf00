// Package database makes Aurora MySQL real: each instance of a cluster is a container with MariaDB, which has the
// account's endpoints, TLS, master user and parameters.
//
// What differs from Aurora: it is MariaDB 11.8, and says so; instances have a copy of the data each, and readers
// replicate it; buffers are small, whatever the class; a writer that dies comes back with its data instead of a
// failover; security groups are not enforced; a backup is made when the cluster goes, not every day.
package database

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"sync"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/logs"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

const (
	// later is when clusters are looked at without a reason, soon after a failure.
	later = 10 * time.Second
	soon  = 2 * time.Second
)

//go:embed image
var image embed.FS

// Networks gives containers of a VPC their network.
type Networks interface {
	Ensure(ctx context.Context, vpcID string) (string, error)
}

// Env is what the part needs.
type Env struct {
	Account   *account.Account
	Machine   *machine.Machine
	Authority *authority.Authority
	Networks  Networks
	// Logs get what clusters export to CloudWatch; nil where nobody reads them.
	Logs *logs.Store
	// Home is the account's directory: snapshots go below it.
	Home string
	// Say gets what happens while nobody waits for it.
	Say part.Say
}

// Part runs clusters.
type Part struct {
	env Env
	// again wakes Run.
	again chan struct{}

	// building guards built, the name of the image.
	building sync.Mutex
	built    string

	// mu guards what follows: what is known only while the process runs.
	mu    sync.Mutex
	locks map[string]chan struct{}
	// released are clusters and instances that are about to leave the account.
	released map[string]bool
	// settled is what was last told to a server, by container and start.
	settled map[string]string
	// ready are the instances that answer in their role, with their containers.
	ready map[string]string
	// failures are the last ones, by cluster; told are the lines that are said once.
	failures map[string]string
	told     map[string]bool
	// listeners wait for a cluster, and doing is what it is busy with.
	listeners map[string][]*listener
	doing     map[string]string
	// followed are containers whose log is read.
	followed map[string]bool
}

// listener is a wait for a cluster.
type listener struct {
	say part.Say
	// busy are the lines of busy that it has heard: every look at the cluster begins with the same ones.
	mu   sync.Mutex
	busy map[string]bool
}

func (l *listener) hear(line string) {
	l.mu.Lock()
	heard := l.busy[line]
	l.busy[line] = true
	l.mu.Unlock()
	if !heard {
		l.say(line)
	}
}

// New returns the part.
func New(e Env) *Part {
	return &Part{
		env: e, again: make(chan struct{}, 1), locks: map[string]chan struct{}{}, released: map[string]bool{},
		settled: map[string]string{}, ready: map[string]string{}, failures: map[string]string{}, told: map[string]bool{},
		listeners: map[string][]*listener{}, doing: map[string]string{}, followed: map[string]bool{},
	}
}

// Types are those that it makes real.
func (p *Part) Types() []string { return []string{clusterType, instanceType, parametersType} }

// Run keeps the clusters as the account has them.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { p.watch(ctx) })
	for ctx.Err() == nil {
		pause := p.round(ctx, &watching)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-p.again:
		case <-time.After(pause):
		}
	}
	return nil
}

// watch wakes Run when something happens to a server. Without the engine it tries again: it may be restarting.
func (p *Part) watch(ctx context.Context) {
	for ctx.Err() == nil {
		_ = p.env.Machine.Events(ctx, map[string]string{machine.LabelKind: kind}, func(e machine.Event) {
			switch e.Action {
			case "die", "unpause", "destroy":
				part.Wake(p.again)
			}
		})
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// round tends every cluster once. What goes wrong is said, once, and tried again.
func (p *Part) round(ctx context.Context, watching *sync.WaitGroup) time.Duration {
	ids, err := p.known(ctx)
	if err != nil {
		p.failed("", err)
		return soon
	}
	pause := later
	var tending sync.WaitGroup
	var mu sync.Mutex
	for _, id := range ids {
		tending.Go(func() {
			err := p.locked(ctx, id, func() error { return p.tend(ctx, id) })
			if ctx.Err() != nil {
				return
			}
			p.failed(id, err)
			if err != nil {
				mu.Lock()
				pause = soon
				mu.Unlock()
			}
		})
	}
	tending.Wait()
	p.follow(ctx, watching)
	p.failed("backups", p.expire())
	return pause
}

// locked runs f alone of all that changes a cluster.
func (p *Part) locked(ctx context.Context, id string, f func() error) error {
	p.mu.Lock()
	lock, ok := p.locks[id]
	if !ok {
		lock = make(chan struct{}, 1)
		p.locks[id] = lock
	}
	p.mu.Unlock()
	select {
	case lock <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-lock }()
	return f()
}

// failed says an error, unless it is the one before.
func (p *Part) failed(id string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	p.mu.Lock()
	before := p.failures[id]
	p.failures[id] = text
	p.mu.Unlock()
	if text != "" && text != before {
		p.tell(id, text)
	}
}

// tell says a line to those who wait for a cluster, or else to whom it concerns.
func (p *Part) tell(id, line string) {
	p.mu.Lock()
	listening := slices.Clone(p.listeners[id])
	p.mu.Unlock()
	if len(listening) == 0 {
		p.env.Say(line)
	}
	for _, l := range listening {
		l.say(line)
	}
}

// once says a line once as long as the process runs.
func (p *Part) once(id, line string) {
	p.mu.Lock()
	told := p.told[line]
	p.told[line] = true
	p.mu.Unlock()
	if !told {
		p.tell(id, line)
	}
}

// busy says what is done with a cluster to those who wait for it, once to each, also to those who begin to wait for
// it meanwhile.
func (p *Part) busy(id, line string) (done func()) {
	p.mu.Lock()
	p.doing[id] = line
	listening := slices.Clone(p.listeners[id])
	p.mu.Unlock()
	for _, l := range listening {
		l.hear(line)
	}
	return func() {
		p.mu.Lock()
		delete(p.doing, id)
		p.mu.Unlock()
	}
}

// listen lets someone hear what is said about a cluster.
func (p *Part) listen(id string, say part.Say) (stop func()) {
	l := &listener{say: say, busy: map[string]bool{}}
	p.mu.Lock()
	p.listeners[id] = append(p.listeners[id], l)
	doing := p.doing[id]
	p.mu.Unlock()
	if doing != "" {
		l.hear(doing)
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		var rest []*listener
		for _, other := range p.listeners[id] {
			if other != l {
				rest = append(rest, other)
			}
		}
		p.listeners[id] = rest
	}
}

func (p *Part) image(ctx context.Context, say part.Say) (string, error) {
	p.building.Lock()
	defer p.building.Unlock()
	if p.built != "" {
		return p.built, nil
	}
	files, err := fs.Sub(image, "image")
	if err != nil {
		return "", err
	}
	name, err := p.env.Machine.EnsureImage(ctx, "database", files, say)
	p.built = name
	return name, err
}

var _ interface {
	part.Part
	part.Actor
} = (*Part)(nil)
