package alb

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"wordpress-ecs/local/runtime/clock"
)

// AWS's reason codes and words for states other than healthy.
const (
	reasonRegistering = "Elb.RegistrationInProgress"
	reasonInitial     = "Elb.InitialHealthChecking"
	reasonNotInUse    = "Target.NotInUse"
	reasonDraining    = "Target.DeregistrationInProgress"
	reasonMismatch    = "Target.ResponseCodeMismatch"
	reasonTimeout     = "Target.Timeout"
	reasonFailed      = "Target.FailedHealthChecks"
)

var descriptions = map[string]string{
	reasonRegistering: "Target registration is in progress",
	reasonInitial:     "Initial health checks in progress",
	reasonNotInUse:    "Target group is not configured to receive traffic from the load balancer",
	reasonDraining:    "Target deregistration is in progress",
	reasonTimeout:     "Request timed out",
	reasonFailed:      "Health checks failed",
}

// group is a target group. It exists when the account has it or when a scheduler put a target into it, whatever
// came first.
type group struct {
	clock   clock.Clock
	changed func()
	// settings are nil until the account has the group.
	settings atomic.Pointer[groupSettings]

	mu      sync.Mutex
	running context.Context // checks run within it; nil when they do not
	targets []*target
	next    int
}

// target is a registered target. The group's lock guards its fields, except those that never change.
type target struct {
	Target
	// transport is made for the first request.
	transport *http.Transport
	// life ends when the target has to be done with its requests, and with it their connections.
	life context.Context
	end  context.CancelFunc
	// unchecked ends the health checks.
	unchecked context.CancelFunc
	kick      chan struct{}
	drained   *time.Timer

	state         State
	reason, words string
	good, bad     int // checks in a row
	inFlight      int
	leaving       time.Time // when its draining began
	waited        bool      // its deregistration delay is over, as the account's clock has it
}

func (t *target) name() string { return net.JoinHostPort(t.IP, strconv.Itoa(t.Port)) }

func (t *target) is(state State, reason string) {
	t.state, t.reason, t.words = state, reason, descriptions[reason]
}

// group returns a target group, new if there is none yet.
func (p *Part) group(arn string) *group {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.groups[arn]
	if g == nil {
		g = &group{clock: p.env.Clock, changed: p.changed, running: p.life}
		p.groups[arn] = g
	}
	return g
}

// knownGroup is a target group that the account has, nil if it does not.
func (p *Part) knownGroup(arn string) *group {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g := p.groups[arn]; g != nil && g.settings.Load() != nil {
		return g
	}
	return nil
}

// setGroups gives the target groups the settings of the account.
func (p *Part) setGroups(w *wanted) {
	for arn, s := range w.groups {
		p.group(arn).set(s)
	}
	p.mu.Lock()
	var left []*group
	for arn, g := range p.groups {
		if _, ok := w.groups[arn]; !ok && g.settings.Load() != nil {
			left = append(left, g)
		}
	}
	p.mu.Unlock()
	for _, g := range left { // it left the account without a word
		s := *g.settings.Load()
		s.used = false
		g.set(s)
	}
}

// Register puts a target into a group, or changes its Address.
func (p *Part) Register(group string, t Target) { p.group(group).register(t) }

// Deregister begins to drain a target.
func (p *Part) Deregister(group, ip string, port int) {
	p.mu.Lock()
	g := p.groups[group]
	p.mu.Unlock()
	if g != nil {
		g.deregister(ip, port)
	}
}

// Health lists the targets of a group, in the order in which they were registered.
func (p *Part) Health(group string) []Health {
	p.mu.Lock()
	g := p.groups[group]
	p.mu.Unlock()
	if g == nil {
		return nil
	}
	return g.health()
}

// set takes new settings. Targets of a group that begins or ends to be used change their state.
func (g *group) set(s groupSettings) {
	g.mu.Lock()
	before := g.settings.Swap(&s)
	began := before == nil || before.used != s.used
	changed := false
	for _, t := range g.targets {
		if t.state == Draining {
			continue
		}
		if began {
			g.admit(t, s.used)
			changed = true
		}
	}
	g.mu.Unlock()
	if changed {
		g.changed()
	}
}

// admit sets the state of a target that was not checked so far, and has it checked.
func (g *group) admit(t *target, used bool) {
	t.good, t.bad = 0, 0
	if used {
		t.is(Initial, reasonRegistering)
	} else {
		t.is(Unused, reasonNotInUse)
	}
	kick(t)
}

func (g *group) register(r Target) {
	g.mu.Lock()
	settings := g.settings.Load()
	used := settings != nil && settings.used
	i := g.index(r.IP, r.Port)
	if i >= 0 && g.targets[i].Address == r.Address && g.targets[i].state != Draining {
		g.mu.Unlock()
		return
	}
	if i >= 0 { // it comes back, or listens elsewhere: connections to where it was are no good
		g.remove(i)
	}
	t := &target{Target: r, kick: make(chan struct{}, 1)}
	t.life, t.end = context.WithCancel(context.Background())
	g.targets = append(g.targets, t)
	g.admit(t, used)
	g.watch(t)
	g.mu.Unlock()
	g.changed()
}

func (g *group) index(ip string, port int) int {
	return slices.IndexFunc(g.targets, func(t *target) bool { return t.IP == ip && t.Port == port })
}

// watch has a target checked for as long as the part runs.
func (g *group) watch(t *target) {
	if g.running == nil || t.state == Draining {
		return
	}
	var ctx context.Context
	ctx, t.unchecked = context.WithCancel(g.running)
	go g.checks(ctx, t)
}

// begin has the targets checked that are there already.
func (g *group) begin(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running = ctx
	for _, t := range g.targets {
		g.watch(t)
	}
}

// deregister drains a target: it gets no more requests, and is listed until the delay is over. Those in flight
// are real work: they have the delay as it is on AWS, however fast the account's clock is.
func (g *group) deregister(ip string, port int) {
	g.mu.Lock()
	i := g.index(ip, port)
	if i < 0 || g.targets[i].state == Draining {
		g.mu.Unlock()
		return
	}
	t := g.targets[i]
	delay := time.Duration(0)
	if s := g.settings.Load(); s != nil && s.used {
		delay = s.delay
	}
	t.is(Draining, reasonDraining)
	t.leaving = time.Now()
	if t.unchecked != nil {
		t.unchecked()
	}
	t.hangUp()
	t.drained = time.AfterFunc(g.clock.Of(delay), func() { g.finish(t, delay) })
	g.mu.Unlock()
	g.changed()
}

// finish removes a target whose delay is over, unless requests in flight have time left.
func (g *group) finish(t *target, delay time.Duration) {
	g.mu.Lock()
	t.waited = true
	left := time.Until(t.leaving.Add(delay))
	if t.inFlight > 0 && left > 0 {
		t.drained.Reset(left)
		g.mu.Unlock()
		return
	}
	found := g.drop(t)
	g.mu.Unlock()
	if found {
		g.changed()
	}
}

// drop removes a target, and tells whether it was there.
func (g *group) drop(t *target) bool {
	i := slices.Index(g.targets, t)
	if i >= 0 {
		g.remove(i)
	}
	return i >= 0
}

func (g *group) remove(i int) {
	t := g.targets[i]
	g.targets = slices.Delete(g.targets, i, i+1)
	if t.unchecked != nil {
		t.unchecked()
	}
	if t.drained != nil {
		t.drained.Stop()
	}
	t.end()
	t.hangUp()
}

// hangUp closes the connections that no request uses.
func (t *target) hangUp() {
	if t.transport != nil {
		t.transport.CloseIdleConnections()
	}
}

// clear removes all targets at once.
func (g *group) clear() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.targets) > 0 {
		g.remove(0)
	}
}

func (g *group) health() []Health {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]Health, 0, len(g.targets))
	for _, t := range g.targets {
		list = append(list, Health{Target: t.Target, State: t.state, Reason: t.reason, Description: t.words})
	}
	return list
}

func kick(t *target) {
	select {
	case t.kick <- struct{}{}:
	default:
	}
}
