package elb

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	lastPriority = 50000
	// mostValues is how many condition values a rule can have.
	mostValues = 5
)

func listenerRule() kind.Kind {
	return kind.Kind{
		Type: ListenerRule, Title: "ELBv2 Listener Rule", Args: lb.ListenerRuleArgs{}, State: lb.ListenerRule{},
		Required: []string{"actions", "conditions"},
		Replace:  []string{"listenerArn"},
		Sets: []string{
			"conditions", "conditions.hostHeader.values", "conditions.httpHeader.values", "conditions.httpRequestMethod.values",
			"conditions.pathPattern.values", "conditions.queryStrings", "conditions.sourceIp.values",
		},
		Rules: append(append(actionRules("actions"), conditionRules()...),
			kind.ARN("listenerArn"), kind.Rule{Path: "priority", Test: func(v any, _ account.Props) string {
				if n, ok := v.(float64); ok && (n < 1 || n > lastPriority) {
					return fmt.Sprintf("%q must be in the range 1-%d for normal rule", "priority", lastPriority)
				}
				return ""
			}}),
		// Rules go with their listener.
		Refs: append(actionRefs("actions"), kind.Ref{Path: "listenerArn", To: Listener, By: "arn", Loose: true, Missing: kind.Fault{
			Code: "ListenerNotFound", Message: "One or more listeners not found",
		}}),
		NotFound: kind.Fault{Code: "RuleNotFound", Message: "One or more rules not found"},
		Create: func(c *kind.Call) error {
			if err := prioritize(c); err != nil {
				return err
			}
			base := strings.Replace(c.In.String("listenerArn"), ":listener/", ":listener-rule/", 1)
			c.ID = base + "/" + account.NewHex(16)
			c.Set(account.Props{"arn": c.ID})
			return reach(c)
		},
		Update: func(c *kind.Call) error {
			if err := prioritize(c); err != nil {
				return err
			}
			return reach(c)
		},
	}
}

// prioritize refuses a priority that another rule of the listener has, and gives the next one to a rule without.
func prioritize(c *kind.Call) error {
	all, err := c.All(ListenerRule)
	if err != nil {
		return err
	}
	last := 0.0
	for _, other := range all {
		if other.ID == c.ID || other.Outputs.String("listenerArn") != c.In.String("listenerArn") {
			continue
		}
		priority := other.Outputs.Number("priority")
		if priority == c.Out.Number("priority") {
			return kind.Refuse("PriorityInUse", "Priority '%v' is currently in use", priority)
		}
		last = max(last, priority)
	}
	c.Set(account.Props{"priority": last + 1})
	return nil
}

// reach notes on the target groups of a rule which load balancer reaches them.
func reach(c *kind.Call) error {
	listener, err := c.Find(Listener, "arn", c.In.String("listenerArn"))
	if err != nil || listener == nil {
		return err
	}
	return link(c, "actions", listener.Outputs.String("loadBalancerArn"))
}

// fields are the inputs of a condition, and what AWS calls them.
var fields = map[string]string{
	"hostHeader": "host-header", "httpHeader": "http-header", "httpRequestMethod": "http-request-method",
	"pathPattern": "path-pattern", "queryStrings": "query-string", "sourceIp": "source-ip",
}

func conditionRules() []kind.Rule {
	const one = "conditions[]."
	rules := []kind.Rule{
		kind.Count("conditions", 1, mostValues),
		kind.Length(one+"hostHeader.values[]", 1, 128), kind.Length(one+"pathPattern.values[]", 1, 128),
		kind.Length(one+"httpHeader.values[]", 1, 128),
		kind.Length(one+"queryStrings[].key", 0, 128), kind.Length(one+"queryStrings[].value", 1, 128),
		kind.Match(one+"httpHeader.httpHeaderName", "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}$",
			"must be 1 to 40 characters that names of headers have"),
		kind.Reject(one+"httpHeader.httpHeaderName", "^(?i)host$", "use a hostHeader condition"),
		kind.Match(one+"httpRequestMethod.values[]", `^[A-Z_-]{1,40}$`, "must be 1 to 40 capitals, hyphens and underscores"),
		kind.Whole(mixed, "conditions"),
		kind.Whole(tooMany, "conditions").API("ValidationError"),
		{Path: one + "pathPattern.values[]", Test: oddPath, Code: "ValidationError"},
		{Path: one + "sourceIp.values[]", Test: func(v any, _ account.Props) string {
			text, _ := v.(string)
			if _, err := netip.ParsePrefix(text); err != nil {
				return fmt.Sprintf("The CIDR block '%s' is not valid", text)
			}
			return ""
		}, Code: "ValidationError"},
	}
	for name := range fields {
		if name != "queryStrings" {
			rules = append(rules, kind.Count(one+name+".values", 1, mostValues))
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
