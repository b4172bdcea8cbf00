package elb

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	lastPriority = 50000
	// mostValues is how many condition values a rule can have, mostWildcards how many of their characters stand for others.
	mostValues    = 5
	mostWildcards = 6
	// mostListenerRules is how many rules a load balancer can have.
	mostListenerRules = 100
)

func listenerRule() kind.Kind {
	return kind.Kind{
		Type: ListenerRule, Title: "ELBv2 Listener Rule", Args: lb.ListenerRuleArgs{}, State: lb.ListenerRule{},
		API:      ruleAPI(),
		Source:   terraform + "listener_rule.go",
		Required: []string{"actions", "conditions"},
		Replace:  []string{"listenerArn"},
		Sets: []string{
			"conditions", "conditions.hostHeader.values", "conditions.httpHeader.values", "conditions.httpRequestMethod.values",
			"conditions.pathPattern.values", "conditions.queryStrings", "conditions.sourceIp.values",
			"actions.forward.targetGroups",
		},
		Defaults: actionDefaults("actions"),
		Rules: append(append(append(tags(), actionRules("actions")...), conditionRules()...),
			kind.ARN("listenerArn"),
			kind.Rule{Name: "range of priority", Path: "priority", Bad: lastPriority + 1.0, Test: oddPriority}),
		// Rules go with their listener.
		Refs: append(actionRefs("actions"), kind.Ref{Path: "listenerArn", To: Listener, By: "arn", Loose: true, Missing: kind.Fault{
			Code: "ListenerNotFound", Message: "One or more listeners not found",
		}, Source: model + "ListenerNotFoundException"}),
		Guards: append(targetGuards("actions"),
			kind.Guard{Name: "one rule per priority", On: kind.Making | kind.Changing, Check: priorityFree,
				Source: model + "PriorityInUseException"},
			kind.Quota("rules per load balancer", mostListenerRules, kind.Fault{
				Code: "TooManyRules", Message: "The maximum number of rules has been reached for the load balancer",
			}, rulesOfBalancer).From(quotas)),
		NotFound: kind.Fault{Code: "RuleNotFound", Message: "One or more rules not found"},
		Create: func(c *kind.Call) error {
			base := strings.Replace(c.In.String("listenerArn"), ":listener/", ":listener-rule/", 1)
			c.ID = base + "/" + account.NewHex(16)
			c.Set(account.Props{"arn": c.ID})
			if err := prioritize(c); err != nil {
				return err
			}
			return relink(c, forwarded(c.In, "actions")...)
		},
		Update: func(c *kind.Call) error { return relink(c, forwarded(c.In, "actions")...) },
		Delete: func(c *kind.Call) error { return relink(c) },
	}
}

func oddPriority(v any, _ account.Props) string {
	if n, ok := v.(float64); ok && (n < 1 || n > lastPriority) {
		return fmt.Sprintf("%q must be in the range 1-%d for normal rule", "priority", lastPriority)
	}
	return ""
}

// siblings are the other rules of a rule's listener.
func siblings(c *kind.Call) ([]account.Resource, error) {
	all, err := c.All(ListenerRule)
	var list []account.Resource
	for _, r := range all {
		if r.ID != c.ID && r.Outputs["listenerArn"] == c.In["listenerArn"] {
			list = append(list, r)
		}
	}
	return list, err
}

func priorityFree(c *kind.Call) error {
	if !c.In.Has("priority") {
		return nil
	}
	others, err := siblings(c)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.Outputs["priority"] == c.In["priority"] {
			return kind.Refuse("PriorityInUse", "Priority '%v' is currently in use", c.In["priority"])
		}
	}
	return nil
}

// prioritize gives the next priority to a rule without one.
func prioritize(c *kind.Call) error {
	others, err := siblings(c)
	last := 0.0
	for _, other := range others {
		last = max(last, other.Outputs.Number("priority"))
	}
	c.Set(account.Props{"priority": last + 1})
	return err
}

// rulesOfBalancer counts the rules of all listeners of a rule's load balancer, without their default actions.
func rulesOfBalancer(c *kind.Call) (int, error) {
	mine, err := balancerOf(c, c.In)
	if err != nil {
		return 0, err
	}
	listeners, err := c.All(Listener)
	if err != nil {
		return 0, err
	}
	balancers := map[string]string{}
	for _, l := range listeners {
		balancers[l.ID] = l.Outputs.String("loadBalancerArn")
	}
	rules, err := c.All(ListenerRule)
	count := 0
	for _, r := range rules {
		if balancers[r.Outputs.String("listenerArn")] == mine {
			count++
		}
	}
	return count, err
}

// fields are the inputs of a condition, and what AWS calls them.
var fields = map[string]string{
	"hostHeader": "host-header", "httpHeader": "http-header", "httpRequestMethod": "http-request-method",
	"pathPattern": "path-pattern", "queryStrings": "query-string", "sourceIp": "source-ip",
}

func conditionRules() []kind.Rule {
	const one = "conditions[]."
	rules := []kind.Rule{
		kind.Count("conditions", 1, mostValues).API("ValidationError").From(quotas),
		kind.Length(one+"hostHeader.values[]", 1, 128), kind.Length(one+"pathPattern.values[]", 1, 128),
		kind.Length(one+"httpHeader.values[]", 1, 128),
		kind.Length(one+"queryStrings[].key", 0, 128), kind.Length(one+"queryStrings[].value", 1, 128),
		kind.Match(one+"httpHeader.httpHeaderName", "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}$",
			"must be 1 to 40 characters that names of headers have"),
		kind.Reject(one+"httpHeader.httpHeaderName", "^(?i)host$", "use a hostHeader condition"),
		kind.Match(one+"httpRequestMethod.values[]", `^[A-Z_-]{1,40}$`, "must be 1 to 40 capitals, hyphens and underscores"),
		kind.Whole("one kind per condition", mixed, "conditions"),
		kind.Whole("number of values in conditions", tooMany, "conditions").API("ValidationError").From(quotas),
		kind.Whole("number of wildcards in conditions", tooWild, "conditions").API("ValidationError").From(quotas),
		{
			Name: "characters of paths", Path: one + "pathPattern.values[]", Bad: "/a b", Test: oddPath, Code: "ValidationError",
			Source: guide + "rule-condition-types.html",
		},
		{
			Name: "networks of sourceIp", Path: one + "sourceIp.values[]", Bad: "10.0.0.1", Test: noNetwork, Code: "ValidationError",
			Source: guide + "rule-condition-types.html",
		},
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "queryStrings" {
			rules = append(rules, kind.Count(one+name+".values", 1, mostValues).API("ValidationError").From(quotas))
		}
	}
	return rules
}

var pathText = regexp.MustCompile(`^[A-Za-z0-9_.$/~"'@:+&*?-]*$`)

func oddPath(v any, _ account.Props) string {
	if text, _ := v.(string); !pathText.MatchString(text) {
		return fmt.Sprintf("Condition value '%s' contains a character that is not valid", text)
	}
	return ""
}

func noNetwork(v any, _ account.Props) string {
	text, _ := v.(string)
	if _, err := netip.ParsePrefix(text); err != nil {
		return fmt.Sprintf("The CIDR block '%s' is not valid", text)
	}
	return ""
}

// mixed finds a condition that is none, or several in one.
func mixed(in account.Props) string {
	for i, condition := range in.Objects("conditions") {
		given := 0
		for name := range fields {
			if condition.Has(name) {
				given++
			}
		}
		if given != 1 {
			return fmt.Sprintf("conditions[%d]: exactly one of `hostHeader`, `httpHeader`, `httpRequestMethod`, `pathPattern`, "+
				"`queryStrings` or `sourceIp` must be set per condition", i)
		}
	}
	return ""
}

// tooMany finds more conditions or values than a rule can have.
func tooMany(in account.Props) string {
	values := len(in.All("conditions[].queryStrings[]"))
	for name, field := range fields {
		values += len(in.All("conditions[]." + name + ".values[]"))
		if name != "httpHeader" && name != "queryStrings" && len(in.All("conditions[]."+name)) > 1 {
			return fmt.Sprintf("A rule can only have one '%s' condition", field)
		}
	}
	if values > mostValues {
		return fmt.Sprintf("A rule can only have '%d' condition values", mostValues)
	}
	return ""
}

// tooWild finds more wildcards than a rule can have.
func tooWild(in account.Props) string {
	wildcards := 0
	for _, path := range []string{
		"hostHeader.values[]", "httpHeader.values[]", "pathPattern.values[]", "queryStrings[].key", "queryStrings[].value",
	} {
		for _, v := range in.All("conditions[]." + path) {
			text, _ := v.(string)
			wildcards += strings.Count(text, "*") + strings.Count(text, "?")
		}
	}
	if wildcards > mostWildcards {
		return fmt.Sprintf("A rule can only have '%d' condition wildcards", mostWildcards)
	}
	return ""
}
