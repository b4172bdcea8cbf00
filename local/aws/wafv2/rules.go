package wafv2

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	// mostRates is how many rate-based rules a web ACL can have, mostReferences how many references to groups and sets.
	mostRates      = 10
	mostReferences = 50
	// mostBodies is how many custom response bodies a web ACL can have; the others are sizes in bytes.
	mostBodies  = 50
	largestBody = 4096
	allBodies   = 50 * 1024
	// mostHeaders is how many headers a custom response can have.
	mostHeaders = 10
)

// metric is what a metric's name looks like.
var metric = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

// webACLRules are about a web ACL and its rules; what is in the rules' statements is in statementrules.go.
func webACLRules() []kind.Rule {
	return slices.Concat(nameRules(), absentRules(), []kind.Rule{
		// The provider says so in a preview.
		over("names of rules", func(at string, r account.Props) string {
			name, known := r["name"].(string)
			if known && (len(name) > longestName || !entity.MatchString(name)) {
				return fmt.Sprintf("expected %s.name to be 1 to %d letters, digits, hyphens and underscores, got %s", at, longestName, name)
			}
			return ""
		}),
		kind.Whole("names of metrics", func(in account.Props) string {
			return metrics(in, func(name string) bool { return metric.MatchString(name) },
				"must contain only alphanumeric hyphen and underscore characters, 1 to 128 of them")
		}),
		kind.Count("customResponseBodies", 0, mostBodies).API(tooMany).From(quotas),
		kind.OneOf("customResponseBodies[].contentType", "TEXT_PLAIN", "TEXT_HTML", "APPLICATION_JSON"),
		kind.Length("customResponseBodies[].content", 1, 10240),
		kind.Match("customResponseBodies[].key", `^[\w-]{1,128}$`, "must contain only alphanumeric, hyphen, and underscore characters"),
		kind.Whole("size of custom bodies", heavyBodies, "customResponseBodies").API(tooMany).From(quotas),
		// AWS says so.
		kind.Whole("no reserved names of metrics", func(in account.Props) string {
			return metrics(in, func(name string) bool { return name != "All" && name != "Default_Action" }, "is reserved for AWS WAF")
		}, "rules", "visibilityConfig").API(invalid).From(model + "VisibilityConfig.MetricName"),
		kind.Whole("names of rules are unique", func(in account.Props) string {
			return doubles(in, "name", func(any) string { return duplicateWords })
		}, "rules").API(duplicate).From(model + duplicate),
		kind.Whole("priorities of rules are unique", func(in account.Props) string {
			return doubles(in, "priority", func(v any) string {
				return because("More than one rule has the same priority.", "RULE", fmt.Sprintf("priority %v", v))
			})
		}, "rules").API(invalid).From(model + "Rule.Priority"),
		over("an action, or an override for groups", actionOrOverride).API(invalid).
			From("aws/aws-cdk#6056, hashicorp/terraform-provider-aws#29321"),
		kind.Whole("one action", oneAction, "rules", "defaultAction").API(invalid).
			From("umotif-public/terraform-aws-waf-webaclv2#85"),
		kind.Whole("custom bodies exist", unknownBodies, "rules", "defaultAction", "customResponseBodies").API(invalid).
			From(model + "CustomResponse.CustomResponseBodyKey"),
		kind.Whole("codes of custom responses", oddCodes, "rules", "defaultAction").API(invalid).
			From(guide + "customizing-the-response-status-codes.html"),
		kind.Whole("headers of custom responses", oddHeaders, "rules", "defaultAction").API(invalid).
			From(model + "CustomResponse.ResponseHeaders, " + quotas),
		kind.Whole("rate limits per web ACL", func(in account.Props) string {
			return crowded(in, mostRates, func(s statement) bool { return s.kind == "rateBasedStatement" })
		}, "rules").API(tooMany).From(quotas),
		kind.Whole("references per web ACL", func(in account.Props) string {
			return crowded(in, mostReferences, func(s statement) bool {
				return s.kind == "managedRuleGroupStatement" || s.kind == "ipSetReferenceStatement" || s.kind == "regexPatternSetReferenceStatement"
			})
		}, "rules").API(tooMany).From(quotas),
		kind.Whole("5000 capacity units", func(in account.Props) string {
			if n := capacity(in); n > mostCapacity {
				return fmt.Sprintf("%s (the rules take %d web ACL capacity units, %d are allowed)", tooManyWords, n, mostCapacity)
			}
			return ""
		}, "rules").API(tooMany).From(quotas),
	}, labelRules(), statementRules(), kind.Tags(tooMany, "WAFTagOperationException"))
}

// absentRules refuse what the local cloud would pass over.
func absentRules() []kind.Rule {
	var rules []kind.Rule
	for _, path := range []string{
		"ruleJson", "associationConfig", "captchaConfig", "challengeConfig", "dataProtectionConfig", "tokenDomains", "rules[].captchaConfig",
		"rules[].challengeConfig",
	} {
		rules = append(rules, kind.Rule{Name: "no " + path, Source: absent, Path: path, Test: func(any, account.Props) string {
			return path + " is not supported by the local cloud"
		}})
	}
	return rules
}

// over asks about each rule of a web ACL.
func over(name string, wrong func(at string, rule account.Props) string) kind.Rule {
	return kind.Whole(name, func(in account.Props) string {
		for i, rule := range in.Objects("rules") {
			if said := wrong(fmt.Sprintf("rules[%d]", i), rule); said != "" {
				return said
			}
		}
		return ""
	})
}

// metrics finds a name of a metric that is known and not right.
func metrics(in account.Props, right func(name string) bool, otherwise string) string {
	for _, one := range append(in.Objects("rules"), in) {
		if name, known := one.At("visibilityConfig.metricName").(string); known && !right(name) {
			return because("The metric name "+otherwise+".", "METRIC_NAME", name)
		}
	}
	return ""
}

// doubles finds a value that two rules have.
func doubles(in account.Props, input string, words func(v any) string) string {
	seen := map[any]bool{}
	for _, rule := range in.Objects("rules") {
		v := rule[input]
		if seen[v] {
			return words(v)
		}
		seen[v] = true
	}
	return ""
}

// given counts the inputs of an object that are there.
func given(object account.Props) int {
	n := 0
	for _, v := range object {
		if v != nil {
			n++
		}
	}
	return n
}

// actionOrOverride wants an override for rule groups, which have actions of their own, and an action for others.
func actionOrOverride(_ string, r account.Props) string {
	group := r.Has("statement.managedRuleGroupStatement")
	if r.Has("action") == group || r.Has("overrideAction") != group {
		return because(exactlyOne, "RULE", "Rule")
	}
	return ""
}

// oneAction wants one of the actions wherever there can be several.
func oneAction(in account.Props) string {
	if given(in.Object("defaultAction")) != 1 {
		return because(exactlyOne, "DEFAULT_ACTION", "DefaultAction")
	}
	for _, rule := range in.Objects("rules") {
		if rule.Has("action") && given(rule.Object("action")) != 1 {
			return because(exactlyOne, "RULE_ACTION", "RuleAction")
		}
		if rule.Has("overrideAction") && given(rule.Object("overrideAction")) != 1 {
			return because(exactlyOne, "OVERRIDE_ACTION", "OverrideAction")
		}
		for _, override := range rule.Objects("statement.managedRuleGroupStatement.ruleActionOverrides") {
			if given(override.Object("actionToUse")) != 1 {
				return because(exactlyOne, "RULE_ACTION", "RuleAction")
			}
		}
	}
	return ""
}

// responses are the custom responses of a web ACL.
func responses(in account.Props) []account.Props {
	var list []account.Props
	add := func(action account.Props) {
		if response := action.Object("block.customResponse"); response != nil {
			list = append(list, response)
		}
	}
	add(in.Object("defaultAction"))
	for _, rule := range in.Objects("rules") {
		add(rule.Object("action"))
		for _, override := range rule.Objects("statement.managedRuleGroupStatement.ruleActionOverrides") {
			add(override.Object("actionToUse"))
		}
	}
	return list
}

func unknownBodies(in account.Props) string {
	var keys []string
	for _, body := range in.Objects("customResponseBodies") {
		keys = append(keys, body.String("key"))
	}
	for _, response := range responses(in) {
		if key := response.String("customResponseBodyKey"); key != "" && !slices.Contains(keys, key) {
			return because("The custom response body doesn't exist.", "CUSTOM_RESPONSE_BODY", key)
		}
	}
	return ""
}

func oddCodes(in account.Props) string {
	codes := []int{
		200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 414, 415, 416, 421, 429,
		500, 501, 502, 503, 504, 505,
	}
	for _, response := range responses(in) {
		if code := response.Int("responseCode"); !slices.Contains(codes, code) {
			return because("The status code isn't supported for custom responses.", "CUSTOM_RESPONSE", code)
		}
	}
	return ""
}

func oddHeaders(in account.Props) string {
	for _, response := range responses(in) {
		seen := map[string]bool{}
		for _, h := range response.Objects("responseHeaders") {
			name := strings.ToLower(h.String("name"))
			if name == "content-type" || seen[name] {
				return because("The header can't be set, or is set twice.", "CUSTOM_RESPONSE", h.String("name"))
			}
			seen[name] = true
		}
		if len(seen) > mostHeaders {
			return because(fmt.Sprintf("There are more than %d headers.", mostHeaders), "CUSTOM_RESPONSE", len(seen))
		}
	}
	return ""
}

func heavyBodies(in account.Props) string {
	total := 0
	for _, body := range in.Objects("customResponseBodies") {
		size := len(body.String("content"))
		if total += size; size > largestBody || total > allBodies {
			return fmt.Sprintf("%s (a custom response body has %d bytes at most, all together %d)", tooManyWords, largestBody, allBodies)
		}
	}
	return ""
}

// crowded finds more statements of a sort than a web ACL can have.
func crowded(in account.Props, most int, of func(s statement) bool) string {
	n := 0
	for _, s := range all(in) {
		if of(s) {
			n++
		}
	}
	if n > most {
		return fmt.Sprintf("%s (%d of at most %d)", tooManyWords, n, most)
	}
	return ""
}
