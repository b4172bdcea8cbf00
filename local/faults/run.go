package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"wordpress-ecs/local/account"
	localaws "wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/provider"
)

const (
	// attempts is how often the provider's SDK sends a request: maxRetries of pulumi-aws is 25 unless set.
	attempts = 25
	// longestBackoff is the most that the SDK waits before it tries again.
	longestBackoff = 20 * time.Second
)

// Env is what a run happens in.
type Env struct {
	Account *account.Account
	// Clock is how many times faster than AWS's the clock runs; the SDK's waits follow it.
	Clock float64
	// Say tells the person that a fault has come.
	Say func(line string)
	// Kill ends the process.
	Kill func()
}

// Run is a plan at work, for one run of Pulumi.
type Run struct {
	env     Env
	catalog *kind.Catalog

	mu     sync.Mutex
	rules  []counted
	random *rand.Rand
}

// counted is a rule with the number of calls that it was asked about.
type counted struct {
	Rule
	asked int
}

// Begin puts a plan to work. A rule that could never apply is an error.
func (p *Plan) Begin(env Env) (*Run, error) {
	catalog, err := localaws.Catalog()
	if err != nil {
		return nil, err
	}
	var problems []error
	// Not for secrets: it decides which calls fail, the same ones for the same seed.
	r := &Run{env: env, catalog: catalog, random: rand.New(rand.NewPCG(uint64(p.Seed), 0))} //nolint:gosec // as said
	for i, rule := range p.Rules {
		r.rules = append(r.rules, counted{Rule: rule})
		if err := rule.fits(catalog); err != nil {
			problems = append(problems, fmt.Errorf("faults[%d]: %w", i, err))
		}
	}
	return r, errors.Join(problems...)
}

// fits refuses a rule about types that are not there, or that cannot fail like that.
func (r Rule) fits(catalog *kind.Catalog) error {
	if r.Call == Function {
		if _, ok := catalog.Function(r.Type); !ok && strings.HasPrefix(r.Type, "aws:") && !strings.Contains(r.Type, "*") {
			return fmt.Errorf("type: %q is no function of the local cloud", r.Type)
		}
		return nil
	}
	found, suits := false, false
	for _, typ := range catalog.Types() {
		if matches(r.Type, typ) {
			found = true
			suits = suits || r.suits(typ)
		}
	}
	switch {
	case strings.HasPrefix(r.Type, "aws:") && !found:
		return fmt.Errorf("type: %q is no resource type of the local cloud: `go run ./local resources` lists those in use", r.Type)
	case !suits && (r.Fault == Quota || r.Fault == Capacity):
		return fmt.Errorf("fault: %s is not allowed for %s: AWS has no such error for it", r.Fault, r.Type)
	}
	return nil
}

// suits tells whether AWS has the rule's fault for a type.
func (r Rule) suits(typ string) bool {
	var ok bool
	switch r.Fault {
	case Quota:
		_, ok = quotas[typ]
	case Capacity:
		_, ok = shortages[typ]
	default:
		ok = true
	}
	return ok
}

// Wrap puts the run in front of a provider.
func (r *Run) Wrap(factory provider.Factory) provider.Factory {
	return func() pulumirpc.ResourceProviderServer {
		return &server{ResourceProviderServer: factory(), run: r}
	}
}

// verdict is what befalls a call.
type verdict struct {
	delay time.Duration
	// rule is the index of what it fails by; -1 if it does not.
	rule int
}

// ask counts a call for all rules about it, and decides. The first rule that it fails by does; delays add up.
func (r *Run) ask(c call) verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := verdict{rule: -1}
	for i := range r.rules {
		rule := &r.rules[i]
		if !rule.concerns(c) || !rule.suits(c.typ) || !r.hits(rule) {
			continue
		}
		switch {
		case rule.Fault == Delay && rule.UpTo:
			v.delay += time.Duration(r.random.Int64N(int64(rule.For)))
		case rule.Fault == Delay:
			v.delay += rule.For
		case v.rule < 0:
			v.rule = i
		}
	}
	return v
}

// again asks one rule about another attempt of the same call.
func (r *Run) again(rule int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hits(&r.rules[rule])
}

// hits counts a call and decides whether it fails.
func (r *Run) hits(rule *counted) bool {
	rule.asked++
	if rule.Rate > 0 {
		return r.random.Float64() < rule.Rate
	}
	return rule.asked >= rule.Nth && rule.asked < rule.Nth+rule.Times
}

// backoff is how long the SDK waits before an attempt: a random share of what doubles each time.
func (r *Run) backoff(attempt int) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	most := min(time.Second<<min(attempt, 10), longestBackoff)
	return time.Duration(r.random.Float64() * float64(most) / max(r.env.Clock, 1))
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
