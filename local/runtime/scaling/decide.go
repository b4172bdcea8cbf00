package scaling

import (
	"fmt"
	"time"

	"wordpress-ecs/local/runtime/clock"
)

// situation is what a decision depends on beside the metrics.
type situation struct {
	now   time.Time
	clock clock.Clock
	// current is the capacity; least is what must stay: a reader that the program asked for is not removed.
	current, least int
	deploying      bool
	past           past
}

// past is when a target was scaled last.
type past struct {
	out time.Time
	// base is the capacity that the metric had been measured on then.
	base int
	// in is zero when the target was scaled out since: that cuts the cooldown short.
	in time.Time
}

// decision is a change of capacity.
type decision struct {
	to    int
	cause string
	// base is what past will say.
	base int
}

// decide tells whether a target needs another capacity. The policy that wants most decides; capacity goes only
// when all policies that may remove some agree.
func decide(t target, policies []tracked, s situation) (decision, bool) {
	high := false
	best := decision{to: s.current}
	for _, p := range policies {
		if p.high != raised {
			continue
		}
		high = true
		if to, base := out(p, s); to > best.to {
			best = decision{to: to, cause: triggered(p.above, p.policy), base: base}
		}
	}
	switch {
	case high && t.keepOut, !high && t.keepIn:
		return decision{}, false
	case !high:
		best = in(policies, s)
	}
	best.to = max(t.bounded(best.to), min(s.least, s.current))
	return best, best.to != s.current && best.cause != ""
}

// out is the capacity that a policy whose metric is too high asks for, and what that was measured on. What has
// been asked for and does not run yet takes no load off the metric: tasks start in real time while cooldowns
// follow the clock, so the need is reckoned from what ran. During the cooldown what the last activity has
// added counts as part of what is needed: only a larger need adds to it.
func out(p tracked, s situation) (to, base int) {
	base = min(p.latest.capacity, s.current)
	to = p.needed(base, p.latest.value)
	if s.now.Before(s.past.out.Add(s.clock.Of(p.out))) {
		return s.past.base + to - base, s.past.base
	}
	return to, base
}

// gradual is the part of the capacity that one step takes away, at least one. AWS says no more than that
// target tracking scales in gradually.
const gradual = 10

// in is the capacity when the metrics are low: by the highest value of the low alarm's periods, a step at a time.
func in(policies []tracked, s situation) decision {
	least := decision{to: s.current}
	voters, need := 0, 0
	for _, p := range policies {
		if p.onlyOut {
			continue
		}
		if p.low != raised || s.now.Before(s.past.in.Add(s.clock.Of(p.in))) {
			return least
		}
		if needed := p.needed(s.current, p.peak); voters == 0 || needed > need {
			need = needed
			least.cause = triggered(p.below, p.policy)
		}
		voters++
	}
	if voters > 0 && !s.deploying {
		least.to = min(s.current, max(need, s.current-max(1, s.current/gradual)))
	}
	return least
}

// triggered is how AWS tells why.
func triggered(alarm string, p policy) string {
	return fmt.Sprintf("monitor alarm %s in state ALARM triggered policy %s", alarm, p.name)
}
