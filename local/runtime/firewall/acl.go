package firewall

import (
	"cmp"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/firewall/inspect"
	"wordpress-ecs/local/runtime/firewall/managed"
)

// webACL is a web ACL whose rules are read.
type webACL struct {
	name, stack string
	// outputs and sets are what it was read from.
	outputs account.Props
	sets    sets
	// limit is how much of a body it looks at, in bytes.
	limit int
	rules []*rule
	// last is what happens when no rule ends it.
	last   action
	bodies map[string]customBody
	*tally
}

// tally is what a web ACL has done since the background process began.
type tally struct{ allowed, blocked, counted atomic.Int64 }

// sets are those of the account that rules refer to, by ARN.
type sets struct {
	networks map[string][]netip.Prefix
	patterns map[string][]string
}

// rule is one rule of a web ACL: a statement with an action, or a managed group.
type rule struct {
	name   string
	source account.Props
	holds  statement
	action action
	labels []string
	group  *group
}

// group is a managed rule group as a rule uses it.
type group struct {
	managed.Group
	// narrow says of which requests the group is asked; nil for all.
	narrow statement
	// overrides are the actions of its rules where they are not those of the group, by the rule's name.
	overrides map[string]action
	// counts has the group count where it would end a request.
	counts bool
}

// verdict is what a web ACL does with a request.
type verdict struct {
	action action
	// rule is the one that ended it: "logins", or "common: NoUserAgent_HEADER"; empty for the default action.
	rule string
	// counted are the rules that counted it.
	counted []string
	// headers are for the request.
	headers []inspect.Pair
	labels  []string
}

// decide asks the rules of a web ACL, one after the other.
func (w *webACL) decide(q *inspect.Request, now time.Time) verdict {
	x := &exchange{Request: q, now: now}
	v := verdict{}
	if !w.ask(x, &v) {
		v.takes(w.last, "")
	}
	v.labels = x.labels
	return v
}

// ask asks the rules, and tells whether one of them ended it.
func (w *webACL) ask(x *exchange, v *verdict) (ended bool) {
	view := managed.NewView(x.Request)
	for _, r := range w.rules {
		switch {
		case r.group != nil:
			ended = r.group.decide(x, view, r.name, v)
		case r.holds(x) == yes:
			x.labels = append(x.labels, r.labels...)
			ended = v.takes(r.action, r.name)
		}
		if ended {
			return true
		}
	}
	return false
}

// takes does what a rule that holds wants, and tells whether that is the end.
func (v *verdict) takes(a action, rule string) (ended bool) {
	v.headers = append(v.headers, a.headers...)
	if a.effect == count {
		v.counted = append(v.counted, rule)
		return false
	}
	v.action, v.rule = a, rule
	return true
}

// decide asks the rules of a group. The first that does not count is the last that is asked, even where the group as a whole
// only counts.
func (g *group) decide(x *exchange, view *managed.View, name string, v *verdict) (ended bool) {
	if g.narrow != nil && g.narrow(x) != yes {
		return false
	}
	for _, r := range g.Rules {
		if r.Finds == nil || !r.Finds(view) {
			continue
		}
		x.labels = append(x.labels, g.Labels+r.Label)
		a, overridden := g.overrides[r.Name]
		switch {
		case overridden:
		case r.Counts:
			a = action{effect: count}
		default:
			a = action{effect: block}
		}
		stops := a.effect != count
		if g.counts {
			a.effect = count
		}
		ended = v.takes(a, name+": "+r.Name)
		if stops {
			return ended
		}
	}
	return false
}

// newWebACL reads a web ACL. Rules that are as they were before go on counting; what is asked for in vain goes to unable.
func newWebACL(r account.Resource, in sets, env Env, stack string, before *webACL, unable func(line string)) *webACL {
	out := r.Outputs
	if before != nil && reflect.DeepEqual(before.outputs, out) && reflect.DeepEqual(before.sets, in) {
		return before
	}
	w := &webACL{
		name: out.String("name"), stack: stack, outputs: out, sets: in, limit: inspect.RegionalBody, bodies: newBodies(out),
		tally: &tally{},
	}
	if before != nil {
		w.tally = before.tally
	}
	if out.String("scope") == "CLOUDFRONT" {
		w.limit = inspect.GlobalBody
	}
	say := func(format string, args ...any) { unable("firewall " + w.name + ": " + fmt.Sprintf(format, args...)) }
	w.last = newAction(out.Object("defaultAction"), say)
	groups := managed.Groups(env.Reputation)
	for _, p := range out.Objects("rules") {
		name := p.String("name")
		if before != nil && reflect.DeepEqual(before.sets, in) {
			if i := slices.IndexFunc(before.rules, func(b *rule) bool { return reflect.DeepEqual(b.source, p) }); i >= 0 {
				w.rules = append(w.rules, before.rules[i])
				continue
			}
		}
		c := &compiler{
			env: env, prefix: prefix(out.String("arn"), w.name), networks: in.networks, patterns: in.patterns,
			unable: func(what string) { say("rule %s: %s", name, what) },
		}
		if one := c.rule(p, groups); one != nil {
			w.rules = append(w.rules, one)
		}
	}
	slices.SortStableFunc(w.rules, func(a, b *rule) int { return cmp.Compare(a.source.Number("priority"), b.source.Number("priority")) })
	return w
}

// prefix begins the labels of a web ACL's own rules.
func prefix(arn, name string) string {
	parts := append(strings.Split(arn, ":"), "", "", "", "", "")
	return "awswaf:" + parts[4] + ":webacl:" + name + ":"
}

// rule reads a rule; nil is one that lets pass what it cannot judge.
func (c *compiler) rule(p account.Props, groups map[string]managed.Group) *rule {
	say := func(format string, args ...any) { c.unable(fmt.Sprintf(format, args...)) }
	r := &rule{name: p.String("name"), source: p}
	for _, label := range p.Objects("ruleLabels") {
		r.labels = append(r.labels, c.prefix+label.String("name"))
	}
	m := p.Object("statement.managedRuleGroupStatement")
	if m == nil {
		r.holds, r.action = c.statement(p.Object("statement")), newAction(p.Object("action"), say)
		return r
	}
	known, ok := groups[m.String("name")]
	if !ok || m.String("vendorName") != managed.Vendor {
		say("the managed group %s of %s is not known here and lets everything pass", m.String("name"), m.String("vendorName"))
		return nil
	}
	g := &group{Group: known, overrides: map[string]action{}, counts: p.Has("overrideAction.count")}
	if scope := m.Object("scopeDownStatement"); len(scope) > 0 {
		g.narrow = c.statement(scope)
	}
	// A name that the group does not have is ignored, as on AWS: WAFV2 API reference, RuleActionOverride.
	for _, o := range m.Objects("ruleActionOverrides") {
		g.overrides[o.String("name")] = newAction(o.Object("actionToUse"), say)
	}
	r.group = g
	return r
}
