package alb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/part"
)

// The resource types that are made real here, and the certificates that listeners name.
const (
	balancerType    = "aws:lb/loadBalancer:LoadBalancer"
	groupType       = "aws:lb/targetGroup:TargetGroup"
	listenerType    = "aws:lb/listener:Listener"
	ruleType        = "aws:lb/listenerRule:ListenerRule"
	certificateType = "aws:acm/certificate:Certificate"

	listenerCertificateType = "aws:lb/listenerCertificate:ListenerCertificate"
	attachmentType          = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
)

// secureProtocol is the protocol of listeners, target groups and health checks with TLS.
const secureProtocol = "HTTPS"

const (
	// glance is how often the account is looked at without a reason; hurry is how often while a port is missing.
	glance = 10 * time.Second
	hurry  = 3 * time.Second
	// patience is how long a listener may wait for a port that another program has.
	patience = time.Minute
	// forgetting is how long what was released stays so, should it not leave the account.
	forgetting = 30 * time.Second
	// moment is what requests have left when their listener goes. Handover is how long connections without a request
	// are kept when only its server does.
	moment   = 2 * time.Second
	handover = time.Minute
)

// Env is what load balancers need.
type Env struct {
	Account   *account.Account
	Authority *authority.Authority
	Clock     clock.Clock
	Metrics   *metrics.Store
	// Firewall is nil where everything passes.
	Firewall Firewall
	// Functions is nil where no function runs: their target groups have no targets then.
	Functions Functions
	Say       part.Say
}

// Part is the load balancers of an account. It is a part of the running cloud, what a scheduler does to target
// groups (Targets), and what gives load balancers their ports.
type Part struct {
	env Env
	// ports and securePorts are the first that are tried.
	ports, securePorts int

	// looking lets one look at the account happen at a time. Who has it may wait for the account.
	looking sync.Mutex

	// mu guards what follows. Who has it waits for nothing: Open needs it within a transaction.
	mu        sync.Mutex
	life      context.Context // of Run; nil when it does not run
	opened    map[string]*opening
	balancers map[string]*balancer
	groups    map[string]*group
	released  map[string]time.Time
	watchers  []func()
	said      part.Once
}

var (
	_ part.Part = (*Part)(nil)
	_ Targets   = (*Part)(nil)
)

// New returns the load balancers of an account.
func New(env Env) *Part {
	return &Part{
		env: env, opened: map[string]*opening{}, balancers: map[string]*balancer{}, groups: map[string]*group{},
		released: map[string]time.Time{}, ports: firstPort, securePorts: firstSecurePort,
	}
}

// Types are those of load balancers, target groups, listeners and their certificates, and rules.
func (p *Part) Types() []string {
	return []string{balancerType, groupType, listenerType, ruleType, listenerCertificateType, attachmentType}
}

// Run serves until the context ends. What is in flight then has a moment left; targets have to be registered
// again after that.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	p.begin(ctx)
	defer p.end()
	measure := time.NewTicker(max(p.env.Clock.Of(10*time.Second), time.Second))
	defer measure.Stop()
	for {
		complete, err := p.look()
		if err != nil && ctx.Err() == nil {
			return err
		}
		pause := glance
		if !complete {
			pause = hurry
		}
		again := time.NewTimer(pause)
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				again.Stop()
				return nil
			case <-measure.C:
				p.measure()
			case <-wake:
				waiting = false
			case <-again.C:
				waiting = false
			}
		}
		again.Stop()
	}
}

func (p *Part) begin(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.life = ctx
	for _, g := range p.groups {
		g.begin(ctx)
	}
}

func (p *Part) end() {
	p.looking.Lock()
	defer p.looking.Unlock()
	p.mu.Lock()
	p.life = nil
	groups, balancers, opened := p.groups, p.balancers, p.opened
	p.groups, p.balancers, p.opened = map[string]*group{}, map[string]*balancer{}, map[string]*opening{}
	p.mu.Unlock()
	for _, o := range opened {
		o.place.close()
	}
	var done sync.WaitGroup
	for _, b := range balancers {
		done.Go(b.close)
	}
	done.Wait()
	for _, g := range groups {
		g.clear()
	}
}

// Await waits until a listener listens; everything else works at once. What was released may have come again: the ids of some
// resources are made of others.
func (p *Part) Await(ctx context.Context, r account.Resource, say part.Say) error {
	p.mu.Lock()
	delete(p.released, r.ID)
	p.mu.Unlock()
	if _, err := p.look(); err != nil {
		return err
	}
	if r.Type != listenerType {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	told := false
	for {
		missing := p.missing(r.ID)
		if missing == nil {
			return nil
		}
		if !told {
			say(missing.Error())
			told = true
		}
		select {
		case <-ctx.Done():
			return missing
		case <-time.After(time.Second):
		}
		if _, err := p.look(); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// Release closes what a resource listens on, after a moment for what is in flight, or forgets its targets.
func (p *Part) Release(_ context.Context, r account.Resource, _ part.Say) error {
	p.mu.Lock()
	maps.DeleteFunc(p.released, func(_ string, at time.Time) bool { return time.Since(at) > forgetting })
	p.released[r.ID] = time.Now()
	g := p.groups[r.ID]
	if r.Type == groupType {
		delete(p.groups, r.ID)
	}
	p.mu.Unlock()
	if r.Type == groupType && g != nil {
		g.clear()
		p.changed()
	}
	if _, err := p.look(); err != nil {
		return err
	}
	if r.Type == balancerType {
		return p.dropPorts(r.ID)
	}
	return nil
}

// Suspend has nothing to stop: load balancers listen only while Run works. Their ports stay recorded.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// Status lists the load balancers and their targets.
func (p *Part) Status(context.Context) ([]part.Row, error) {
	w, err := p.read()
	if err != nil {
		return nil, err
	}
	var rows []part.Row
	for _, arn := range slices.Sorted(maps.Keys(w.balancers)) {
		rows = append(rows, p.balancerRow(w.balancers[arn]))
	}
	for _, arn := range slices.Sorted(maps.Keys(w.groups)) {
		s := w.groups[arn]
		for _, h := range p.Health(arn) {
			rows = append(rows, part.Row{
				Kind: "target", Name: h.IP + ":" + strconv.Itoa(h.Port), Parent: s.name, State: string(h.State),
				Detail: h.Description, Address: h.Address, Stack: s.stack,
			})
		}
	}
	return rows, nil
}

func (p *Part) balancerRow(s balancerSettings) part.Row {
	row := part.Row{Kind: "load balancer", Name: s.name, State: "active", Stack: s.stack}
	p.mu.Lock()
	b := p.balancers[s.arn]
	p.mu.Unlock()
	if b == nil {
		row.State, row.Detail = "stopped", "http://"+s.host
		return row
	}
	var more []string
	for _, l := range b.serving() {
		url := fmt.Sprintf("%s://%s:%d", l.scheme(), s.hostname(), l.place.port)
		if l.place.port == s.port || (row.Address == "" && s.port == 0) {
			row.Address = url
			continue
		}
		more = append(more, fmt.Sprintf("port %d: %s", l.port, url))
	}
	if err := b.trouble(); err != nil {
		row.State = "failed"
		if errors.Is(err, syscall.EADDRINUSE) {
			row.State = "port taken"
		}
		more = append(more, err.Error())
	}
	row.Detail = strings.Join(more, ", ")
	return row
}

// Watch calls f after every change of a target's state.
func (p *Part) Watch(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watchers = append(p.watchers, f)
}

func (p *Part) changed() {
	p.mu.Lock()
	watchers := slices.Clone(p.watchers)
	p.mu.Unlock()
	for _, f := range watchers {
		f()
	}
}

// tell says a line once.
func (p *Part) tell(line string) { p.said.Tell(p.env.Say, line) }
