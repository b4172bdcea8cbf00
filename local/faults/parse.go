package faults

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Parse reads a plan:
//
//	seed: 7                     # of rates and random delays; 0 unless given
//	faults:
//	  - call: create            # create, read, update, delete or function
//	    type: aws:ec2/eip:Eip   # Pulumi type, or function; * stands for any text; any unless given
//	    name: wordpress-*       # logical name, likewise
//	    zone: eu-central-1a     # only what is in this zone; any unless given
//	    nth: 2                  # the first of the matching calls that fails; 1 unless given
//	    times: 3                # how many fail from there on; 1 unless given
//	    rate: 0.1               # or the share that fails, in place of nth and times; 1 is all
//	    fault: throttling       # throttling, timeout, lost, capacity, quota, zone-out, kill or delay
//	    when: after             # of kill: before the call (unless given), or after it
//	    for: 2s                 # of delay: how long; of kill: how long until then; at once unless given
//	    upTo: 500ms             # of delay: how long at most, in place of for
//
// Of zone-out and delay all matching calls are the default. An error names the key, its value and what is allowed.
func Parse(text []byte) (*Plan, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("a plan is one YAML document")
	}
	plan := &Plan{}
	if len(document.Content) == 0 {
		return nil, errors.New("the plan is empty: it needs `faults`, a list of rules")
	}
	err := eachKey("", document.Content[0], map[string]func(*yaml.Node) error{
		"seed": func(n *yaml.Node) (err error) {
			if plan.Seed, err = strconv.ParseInt(n.Value, 10, 64); err != nil {
				return refused("seed", n, "a whole number")
			}
			return nil
		},
		"faults": func(n *yaml.Node) (err error) {
			plan.Rules, err = parseRules(n)
			return err
		},
	})
	if err == nil && len(plan.Rules) == 0 {
		err = errors.New("`faults` has no rules: it is a list of them")
	}
	return plan, err
}

func parseRules(list *yaml.Node) ([]Rule, error) {
	if list.Kind != yaml.SequenceNode {
		return nil, refused("faults", list, "a list of rules")
	}
	var rules []Rule
	var problems []error
	for i, node := range list.Content {
		r, err := parseRule(fmt.Sprintf("faults[%d]", i), node)
		rules, problems = append(rules, r), append(problems, err)
	}
	return rules, errors.Join(problems...)
}

func parseRule(at string, node *yaml.Node) (Rule, error) {
	r := Rule{Type: "*", Name: "*", Nth: 1, Times: 1}
	given := map[string]*yaml.Node{}
	keys := map[string]func(*yaml.Node) error{}
	for key, read := range r.keys() {
		keys[key] = func(n *yaml.Node) error {
			given[key] = n
			if n.Kind != yaml.ScalarNode {
				return refused(at+"."+key, n, "one value")
			}
			if allowed := read(n.Value); allowed != "" {
				return refused(at+"."+key, n, allowed)
			}
			return nil
		}
	}
	if err := eachKey(at, node, keys); err != nil {
		return r, err
	}
	if r.Fault == ZoneOut && r.Call == "" {
		r.Call = Create
	}
	if r.Fault.lasting() && given["nth"] == nil && given["times"] == nil && given["rate"] == nil {
		r.Rate = 1
	}
	return r, r.verify(at, given)
}

// keys read the values of a rule. They return what is allowed when a value is not.
func (r *Rule) keys() map[string]func(string) string {
	duration := func(upTo bool) func(string) string {
		return func(value string) string {
			d, err := time.ParseDuration(value)
			if err != nil || d <= 0 {
				return "a time such as 500ms, 2s or 1m"
			}
			r.For, r.UpTo = d, upTo
			return ""
		}
	}
	return map[string]func(string) string{
		"call": func(v string) string {
			r.Call = Call(v)
			return oneOf(v, string(Create), string(Read), string(Update), string(Delete), string(Function))
		},
		"type": func(v string) string { r.Type = v; return pattern(v) },
		"name": func(v string) string { r.Name = v; return pattern(v) },
		"zone": func(v string) string { r.Zone = v; return "" },
		"nth":  func(v string) string { return count(v, &r.Nth) },
		"times": func(v string) string {
			return count(v, &r.Times)
		},
		"rate": func(v string) string {
			rate, err := strconv.ParseFloat(v, 64)
			r.Rate = rate
			if err != nil || !(rate > 0 && rate <= 1) {
				return "a number above 0, to 1"
			}
			return ""
		},
		"fault": func(v string) string {
			r.Fault = Fault(v)
			return oneOf(v, string(Throttling), string(Timeout), string(Lost), string(Capacity), string(Quota),
				string(ZoneOut), string(Kill), string(Delay))
		},
		"when": func(v string) string {
			r.After = v == "after"
			return oneOf(v, "before", "after")
		},
		"for":  duration(false),
		"upTo": duration(true),
	}
}

// verify refuses keys that do not go together.
func (r Rule) verify(at string, given map[string]*yaml.Node) error {
	has := func(key string) bool { return given[key] != nil }
	say := func(format string, args ...any) error { return fmt.Errorf(at+": "+format, args...) }
	switch {
	case !has("fault"):
		return say("`fault` is missing")
	case !has("call") && r.Fault != ZoneOut:
		return say("`call` is missing")
	case has("rate") && (has("nth") || has("times")):
		return say("`rate` takes the place of `nth` and `times`: give one or the other")
	case has("when") && r.Fault != Kill:
		return say("`when` goes with fault kill, not with %s", r.Fault)
	case has("for") && r.Fault != Delay && r.Fault != Kill:
		return say("`for` goes with faults delay and kill, not with %s", r.Fault)
	case has("upTo") && r.Fault != Delay:
		return say("`upTo` goes with fault delay, not with %s", r.Fault)
	case r.Fault == Delay && has("for") == has("upTo"):
		return say("fault delay needs `for` or `upTo`, one of them")
	case r.Fault == ZoneOut && !has("zone"):
		return say("fault zone-out needs `zone`")
	case r.Fault.onMaking() && has("call") && r.Call != Create:
		return say("fault %s goes with call create, not with %s", r.Fault, r.Call)
	case r.Fault == Lost && (r.Call == Read || r.Call == Function):
		return say("fault lost goes with call create, update or delete, not with %s: what only reads is asked again", r.Call)
	case r.Call == Function && (has("name") || has("zone")):
		return say("a function has no `name` and no `zone`")
	}
	return nil
}

// eachKey walks over a mapping whose keys are known.
func eachKey(at string, node *yaml.Node, keys map[string]func(*yaml.Node) error) error {
	allowed := make([]string, 0, len(keys))
	for key := range keys {
		allowed = append(allowed, key)
	}
	slices.Sort(allowed)
	if node.Kind != yaml.MappingNode {
		if at == "" {
			at = "the plan"
		}
		return refused(at, node, "a mapping with the keys "+strings.Join(allowed, ", "))
	}
	seen := map[string]bool{}
	var problems []error
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		read, known := keys[key.Value]
		switch {
		case !known:
			problems = append(problems, fmt.Errorf("line %d: %s: there is no key %q; allowed are %s",
				key.Line, orPlan(at), key.Value, strings.Join(allowed, ", ")))
		case seen[key.Value]:
			problems = append(problems, fmt.Errorf("line %d: %s: %q is there twice", key.Line, orPlan(at), key.Value))
		default:
			problems = append(problems, read(node.Content[i+1]))
		}
		seen[key.Value] = true
	}
	return errors.Join(problems...)
}

func orPlan(at string) string {
	if at == "" {
		return "the plan"
	}
	return at
}

// refused is the error about a value.
func refused(key string, n *yaml.Node, allowed string) error {
	value := strconv.Quote(n.Value)
	switch n.Kind {
	case yaml.MappingNode:
		value = "a mapping"
	case yaml.SequenceNode:
		value = "a list"
	}
	return fmt.Errorf("line %d: %s: %s is not allowed: %s", n.Line, key, value, allowed)
}

func oneOf(value string, allowed ...string) string {
	if slices.Contains(allowed, value) {
		return ""
	}
	last := len(allowed) - 1
	return strings.Join(allowed[:last], ", ") + " or " + allowed[last]
}

func pattern(value string) string {
	if _, err := path.Match(value, ""); err != nil || value == "" {
		return "a text in which * stands for any text"
	}
	return ""
}

func count(value string, into *int) string {
	n, err := strconv.Atoi(value)
	*into = n
	if err != nil || n < 1 {
		return "a whole number from 1"
	}
	return ""
}
