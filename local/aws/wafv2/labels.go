package wafv2

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	// mostNamespaces is how many namespaces a label can have before its name, longestPart how long each of them can be.
	mostNamespaces = 5
	longestPart    = 128
	// labelsPerUnit is how many labels take one web ACL capacity unit.
	labelsPerUnit = 5
)

// labelRules are about the labels that rules leave on requests.
func labelRules() []kind.Rule {
	return []kind.Rule{
		over("form of labels", func(at string, r account.Props) string {
			for _, l := range r.Objects("ruleLabels") {
				if name, known := l["name"].(string); known && (len(name) > longestLabel || !labelKey.MatchString(name)) {
					return fmt.Sprintf("invalid value for %s.ruleLabels.name (must contain only alphanumeric, underscore, hyphen, and colon "+
						"characters): %q", at, name)
				}
			}
			return ""
		}),
		over("parts of labels", func(_ string, r account.Props) string {
			for _, l := range r.Objects("ruleLabels") {
				if name := l.String("name"); oddParts(strings.Split(name, ":")) {
					return because(fmt.Sprintf("A label has up to %d namespaces and a name of 1 to %d characters each, none of them reserved.",
						mostNamespaces, longestPart), "LABEL", name)
				}
			}
			return ""
		}).API(invalid).From(guide + "waf-rule-label-requirements.html"),
		over("no labels of groups", func(_ string, r account.Props) string {
			if r.Has("statement.managedRuleGroupStatement") && len(r.List("ruleLabels")) > 0 {
				return because("A rule with a rule group can't have labels.", "RULE", r.String("name"))
			}
			return ""
		}).API(invalid).From(guide + "waf-rule-label-add.html"),
	}
}

// oddParts tells whether WAF does not take the namespaces and the name of a label.
func oddParts(parts []string) bool {
	reserved := []string{"awswaf", "aws", "waf", "rulegroup", "webacl", "regexpatternset", "ipset", "managed"}
	return len(parts) > mostNamespaces+1 || slices.ContainsFunc(parts, func(part string) bool {
		return part == "" || len(part) > longestPart || slices.Contains(reserved, part)
	})
}

// labels is how many a web ACL's rules leave.
func labels(in account.Props) int {
	n := 0
	for _, rule := range in.Objects("rules") {
		n += len(rule.List("ruleLabels"))
	}
	return n
}
