package edge_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/tests/graph"
)

// from lets visitors come from these countries only.
func from(countries ...string) change {
	return func(a *edge.Args) { a.Settings.Firewall.Countries = countries }
}

// aclRules are the rules of a web ACL by name, and the names in the order in which they are asked.
func aclRules(t *testing.T, g *graph.Graph) (rules map[string]map[string]any, names []string) {
	t.Helper()
	rules, metrics := map[string]map[string]any{}, map[any]bool{}
	for i, entry := range g.Only(t, webACL).List("rules") {
		rule := entry.(map[string]any)
		name := rule["name"].(string)
		require.Equal(t, i, rule["priority"], name)
		require.Nil(t, rules[name])
		require.Equal(t, true, at(rule, "visibilityConfig", "cloudwatchMetricsEnabled"), name)
		metric := at(rule, "visibilityConfig", "metricName")
		require.False(t, metrics[metric], "two rules count as %v", metric)
		metrics[metric] = true
		rules[name], names = rule, append(names, name)
	}
	return rules, names
}

// at is what is at a path of a value, nil if there is nothing.
func at(value any, path ...string) any {
	for _, key := range path {
		fields, _ := value.(map[string]any)
		value = fields[key]
	}
	return value
}

// The cheap and certain comes first: who passes always, who never does, who asks too often.
func TestOrderOfFirewallRules(t *testing.T) {
	t.Parallel()
	always := []string{
		"logins", "writes", "requests", "reputation", "common", "known-bad", "sql", "php", "wordpress", "editors", "bodies",
	}
	_, names := aclRules(t, registered(t, walled))
	require.Equal(t, always, names)
	_, names = aclRules(t, registered(t, walled, from("DE", "AT"), allowing("203.0.113.7/32", "2001:db8::/48")))
	require.Equal(t, append([]string{"allowed-v4", "allowed-v6", "countries"}, always...), names)
}

func TestCountries(t *testing.T) {
	t.Parallel()
	rules, _ := aclRules(t, registered(t, walled, from("DE", "AT")))
	require.Equal(t, []any{map[string]any{
		"geoMatchStatement": map[string]any{"countryCodes": []any{"DE", "AT"}},
	}}, at(rules["countries"], "statement", "notStatement", "statements"))
	require.Equal(t, map[string]any{"block": map[string]any{}}, rules["countries"]["action"])
}

func TestLimits(t *testing.T) {
	t.Parallel()
	rules, _ := aclRules(t, registered(t, walled))
	for name, limit := range map[string]int{"requests": 2000, "writes": 200, "logins": 20} {
		rate := at(rules[name], "statement", "rateBasedStatement")
		require.Equal(t, limit, at(rate, "limit"), name)
		require.Equal(t, "IP", at(rate, "aggregateKeyType"), name)
		require.Contains(t, []any{nil, 300}, at(rate, "evaluationWindowSec"), "five minutes")
	}
	require.Nil(t, at(rules["requests"], "statement", "rateBasedStatement", "scopeDownStatement"), "requests are all")
	logins := fmt.Sprint(at(rules["logins"], "statement", "rateBasedStatement", "scopeDownStatement", "andStatement"))
	require.Contains(t, logins, "searchString:POST")
	require.Contains(t, logins, "searchString:/wp-login.php")
	require.Contains(t, logins, "type:NORMALIZE_PATH", "//wp-login.php is the same to the site")
	writes := fmt.Sprint(at(rules["writes"], "statement", "rateBasedStatement", "scopeDownStatement", "notStatement"))
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		require.Contains(t, writes, "searchString:"+method)
	}
	require.Equal(t, 3, strings.Count(writes, "searchString:"))
}

// counted are the rules of AWS that only count, and the labels that they leave: AWS WAF Developer Guide, "AWS Managed
// Rules rule groups list".
var counted = map[string]map[string]string{
	"AWSManagedRulesCommonRuleSet": {
		"SizeRestrictions_BODY":   "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body",
		"CrossSiteScripting_BODY": "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body",
		"GenericRFI_BODY":         "awswaf:managed:aws:core-rule-set:GenericRFI_Body",
		"GenericLFI_BODY":         "awswaf:managed:aws:core-rule-set:GenericLFI_Body",
		"EC2MetaDataSSRF_BODY":    "awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body",
	},
	"AWSManagedRulesKnownBadInputsRuleSet": {
		"JavaDeserializationRCE_BODY": "awswaf:managed:aws:known-bad-inputs:JavaDeserializationRCE_Body",
		"Log4JRCE_BODY":               "awswaf:managed:aws:known-bad-inputs:Log4JRCE_Body",
		"ReactJSRCE_BODY":             "awswaf:managed:aws:known-bad-inputs:ReactJSRCE_Body",
	},
	"AWSManagedRulesSQLiRuleSet": {
		"SQLi_BODY":                 "awswaf:managed:aws:sql-database:SQLi_Body",
		"SQLiExtendedPatterns_BODY": "awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body",
	},
	"AWSManagedRulesPHPRuleSet": {"PHPHighRiskMethodsVariables_BODY": "awswaf:managed:aws:php-app:PHPHighRiskMethodsVariables_Body"},
}

// countedOf are the rules of a web ACL's managed groups that only count, by group. The groups themselves do what they do.
func countedOf(t *testing.T, g *graph.Graph) map[string][]string {
	t.Helper()
	rules, _ := aclRules(t, g)
	groups := map[string][]string{}
	for name, rule := range rules {
		group := at(rule, "statement", "managedRuleGroupStatement")
		if group == nil {
			continue
		}
		require.Nil(t, rule["action"], "%s: a group has an override in its place", name)
		require.Equal(t, map[string]any{"none": map[string]any{}}, rule["overrideAction"], "%s: the group's own actions", name)
		require.Equal(t, "AWS", at(group, "vendorName"))
		title := at(group, "name").(string)
		groups[title] = []string{}
		overrides, _ := at(group, "ruleActionOverrides").([]any)
		for _, override := range overrides {
			require.Equal(t, map[string]any{"count": map[string]any{}}, at(override, "actionToUse"))
			groups[title] = append(groups[title], at(override, "name").(string))
		}
		slices.Sort(groups[title])
	}
	return groups
}

func TestManagedRules(t *testing.T) {
	t.Parallel()
	want := map[string][]string{"AWSManagedRulesAmazonIpReputationList": {}, "AWSManagedRulesWordPressRuleSet": {}}
	for group, rules := range counted {
		want[group] = slices.Sorted(maps.Keys(rules))
	}
	require.Equal(t, want, countedOf(t, registered(t, walled)), "what blocks editors, and nothing else")
	// The one rule that is about xmlrpc.php goes by its name in AWS WAF Developer Guide, "WordPress application managed rule
	// group".
	want["AWSManagedRulesWordPressRuleSet"] = []string{"WordPressExploitablePaths_URIPATH"}
	for _, place := range []change{walled, func(a *edge.Args) { behindCDN(a); walled(a) }} {
		require.Equal(t, want, countedOf(t, registered(t, place, func(a *edge.Args) { a.XMLRPC = true })))
	}
}

// What is only counted is blocked after all, unless an editor sends it. What the two rules do to requests is tested in
// tests/firewall.
func TestBodies(t *testing.T) {
	t.Parallel()
	rules, _ := aclRules(t, registered(t, walled))
	bodies := at(rules["bodies"], "statement", "andStatement", "statements").([]any)
	require.Len(t, bodies, 2)
	labels := map[any]bool{}
	for _, found := range at(bodies[0], "orStatement", "statements").([]any) {
		require.Equal(t, "LABEL", at(found, "labelMatchStatement", "scope"))
		labels[at(found, "labelMatchStatement", "key")] = true
	}
	want := map[any]bool{}
	for _, group := range counted {
		for _, label := range group {
			want[label] = true
		}
	}
	require.Equal(t, want, labels)
	left := at(rules["editors"]["ruleLabels"].([]any)[0], "name")
	unless := at(bodies[1], "notStatement", "statements").([]any)
	require.Equal(t, left, at(unless[0], "labelMatchStatement", "key"))
	require.Equal(t, map[string]any{"block": map[string]any{}}, rules["bodies"]["action"])
}

// A firewall that counts blocks nothing, whichever rule finds something, and asks the same.
func TestCountingBlocksNothing(t *testing.T) {
	t.Parallel()
	settings := []change{from("DE"), allowing("203.0.113.7/32")}
	blocking, order := aclRules(t, registered(t, append(settings, walled)...))
	counts, same := aclRules(t, registered(t, append(settings, counting)...))
	require.Equal(t, order, same)
	for name, rule := range counts {
		require.Equal(t, blocking[name]["statement"], rule["statement"])
		require.Equal(t, blocking[name]["visibilityConfig"], rule["visibilityConfig"])
		count := map[string]any{"count": map[string]any{}}
		switch {
		case strings.HasPrefix(name, "allowed"):
			require.Equal(t, map[string]any{"allow": map[string]any{}}, rule["action"])
		case rule["overrideAction"] != nil:
			require.Equal(t, count, rule["overrideAction"], name)
		default:
			require.Equal(t, count, rule["action"], name)
		}
	}
}
