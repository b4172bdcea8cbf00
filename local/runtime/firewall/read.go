package firewall

import (
	"fmt"
	"net/netip"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/wafv2"
	"wordpress-ecs/local/runtime/firewall/inspect"
	"wordpress-ecs/local/runtime/part"
)

// read takes the web ACLs, and what they protect, out of the account. Lines are what is asked for and not done here.
func (p *Part) read(before map[string]*webACL) (acls map[string]*webACL, protected map[string]string, lines []string, err error) {
	lists := map[string][]account.Resource{}
	err = p.env.Account.View(func(tx *account.Tx) error {
		for _, typ := range p.Types() {
			all, err := tx.ByType(typ)
			if err != nil {
				return err
			}
			lists[typ] = all
		}
		return nil
	})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("firewalls: %w", err)
	}
	in := sets{networks: map[string][]netip.Prefix{}, patterns: map[string][]string{}}
	for _, r := range lists[wafv2.IPSet] {
		var networks []netip.Prefix
		for _, text := range r.Outputs.Strings("addresses") {
			if network, err := netip.ParsePrefix(text); err == nil { // WAF has refused all others
				networks = append(networks, network)
			}
		}
		in.networks[r.Outputs.String("arn")] = networks
	}
	for _, r := range lists[wafv2.RegexPatternSet] {
		for _, one := range r.Outputs.Objects("regularExpressions") {
			in.patterns[r.Outputs.String("arn")] = append(in.patterns[r.Outputs.String("arn")], one.String("regexString"))
		}
	}
	acls, protected = map[string]*webACL{}, map[string]string{}
	for _, r := range lists[wafv2.WebACL] {
		arn := r.Outputs.String("arn")
		acls[arn] = newWebACL(r, in, p.env, part.Stack(r), before[arn], func(line string) { lines = append(lines, line) })
	}
	for _, r := range lists[wafv2.Association] {
		protected[r.Outputs.String("resourceArn")] = r.Outputs.String("webAclArn")
	}
	return acls, protected, lines, nil
}

// tell says a line once.
func (p *Part) tell(line string) { p.said.Tell(p.env.Say, line) }

func (p *Part) say(line string) {
	if p.env.Say != nil {
		p.env.Say(line)
	}
}

// lately is what was said of the requests that a rule blocked: when last, and how many came after that.
type lately struct {
	at   time.Time
	more int
}

// longestTarget is how much of a request's address a line has.
const longestTarget = 120

// blocked says which rule blocked a request, once a minute for each rule.
func (p *Part) blocked(w *webACL, q *inspect.Request, v verdict) {
	rule := v.rule
	if rule == "" {
		rule = "the default action"
	}
	now := p.now()
	p.mu.Lock()
	last := p.blocking[w.name+" "+rule]
	if last != nil && now.Sub(last.at) < time.Minute {
		last.more++
		p.mu.Unlock()
		return
	}
	p.blocking[w.name+" "+rule] = &lately{at: now}
	p.mu.Unlock()
	line := fmt.Sprintf("firewall %s: %s blocked %s %.*q of %s", w.name, rule, q.Method, longestTarget, q.Path, q.Address)
	if len(v.labels) > 0 {
		line += fmt.Sprintf(", labels %v", v.labels)
	}
	if last != nil && last.more > 0 {
		line += fmt.Sprintf("; %d more since the last of these lines", last.more)
	}
	p.say(line)
}
