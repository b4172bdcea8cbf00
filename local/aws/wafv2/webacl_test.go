package wafv2_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/wafv2"
)

// The figures are those of the developer guide's pages about statements and managed rule groups.
func TestCapacity(t *testing.T) {
	t.Parallel()
	compared := func(how, part string, transformations ...string) object {
		var all list
		for i, of := range transformations {
			all = append(all, object{"priority": float64(i), "type": of})
		}
		return object{"byteMatchStatement": object{
			"fieldToMatch": object{part: object{}}, "positionalConstraint": how, "searchString": "a", "textTransformations": all,
		}}
	}
	suite(t).Try(t, func(w *cases.World) {
		set := arn(w.Usual(wafv2.IPSet))
		patterns := arn(w.Usual(wafv2.RegexPatternSet))
		forwarded := func(position string) object {
			return object{"headerName": "x-forwarded-for", "fallbackBehavior": "MATCH", "position": position}
		}
		for _, of := range []struct {
			is    string
			units float64
			rules list
		}{
			{"no rule", 0, nil},
			{"countries", 1, list{country("DE", "AT")}},
			{"a label", 1, list{label("a")}},
			{"a set of addresses", 1, list{object{"ipSetReferenceStatement": object{"arn": set}}}},
			{"the first forwarded address", 1, list{object{"ipSetReferenceStatement": object{"arn": set, "ipSetForwardedIpConfig": forwarded("FIRST")}}}},
			{"any forwarded address", 5, list{object{"ipSetReferenceStatement": object{"arn": set, "ipSetForwardedIpConfig": forwarded("ANY")}}}},
			{"a text", 2, list{compared("EXACTLY", "uriPath", "NONE")}},
			{"a text somewhere", 10, list{compared("CONTAINS", "uriPath", "NONE")}},
			{"a word somewhere", 10, list{compared("CONTAINS_WORD", "uriPath", "NONE")}},
			{"a text after transformations", 22, list{compared("STARTS_WITH", "uriPath", "URL_DECODE", "NORMALIZE_PATH")}},
			{"a text in all arguments", 12, list{compared("EXACTLY", "allQueryArguments", "NONE")}},
			{"an expression", 3, list{object{"regexMatchStatement": looking(object{"regexString": "a"})}}},
			{"a set of expressions", 25, list{object{"regexPatternSetReferenceStatement": looking(object{"arn": patterns})}}},
			{"a size", 1, list{object{"sizeConstraintStatement": looking(object{"size": 1.0, "comparisonOperator": "GT"})}}},
			{"SQL", 20, list{object{"sqliMatchStatement": looking(nil)}}},
			{"SQL, sensitively", 30, list{object{"sqliMatchStatement": looking(object{"sensitivityLevel": "HIGH"})}}},
			{"scripts", 40, list{object{"xssMatchStatement": looking(nil)}}},
			{"a rate", 2, list{rate(nil)}},
			{"a rate of some", 6, list{rate(object{"scopeDownStatement": and(text("method", "POST"), text("uriPath", "/"))})}},
			{"a rate by keys", 62, list{rate(object{
				"aggregateKeyType": "CUSTOM_KEYS", "customKeys": list{object{"httpMethod": object{}}, object{"ip": object{}}},
			})}},
			{"statements joined", 4, list{and(or(label("a"), label("b")), not(text("method", "POST")))}},
			{"the groups of a WordPress site", 1325, list{
				group("AWSManagedRulesAmazonIpReputationList", nil), group("AWSManagedRulesCommonRuleSet", nil),
				group("AWSManagedRulesKnownBadInputsRuleSet", nil), group("AWSManagedRulesSQLiRuleSet", nil),
				group("AWSManagedRulesPHPRuleSet", nil), group("AWSManagedRulesWordPressRuleSet", nil),
			}},
			{"the other groups", 750, list{
				group("AWSManagedRulesAdminProtectionRuleSet", nil), group("AWSManagedRulesLinuxRuleSet", nil),
				group("AWSManagedRulesUnixRuleSet", nil), group("AWSManagedRulesWindowsRuleSet", nil),
				group("AWSManagedRulesAnonymousIpList", nil), group("AWSManagedRulesPHPRuleSet", nil),
			}},
		} {
			var rules list
			for i, statement := range of.rules {
				rules = append(rules, ruled(string(rune('a'+i)), float64(i), statement.(object), nil))
			}
			assert.InDelta(t, of.units, w.Need(acl, account.Props{"rules": rules}).Outputs["capacity"], 0, of.is)
		}
	})
}

func TestCapacityOfLabels(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		for labels, units := range map[int]float64{0: 1, 1: 2, 5: 2, 6: 3} {
			rule := ruled("a", 0, country("DE"), object{"ruleLabels": slices.Repeat(list{object{"name": "a"}}, labels)})
			assert.InDelta(t, units, w.Need(acl, account.Props{"rules": list{rule}}).Outputs["capacity"], 0, "%d labels", labels)
		}
	})
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	const id = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
	suite(t).Try(t, func(w *cases.World) {
		made := w.Need(acl, account.Props{"name": "site"})
		assert.Regexp(t, "^"+id, made.ID)
		assert.Equal(t, "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/site/"+made.ID, arn(made))
		after, err := w.Change(made, account.Props{"rules": list{ruled("a", 0, country("DE"), nil)}})
		require.NoError(t, err)
		assert.InDelta(t, 1, after.Outputs["capacity"], 0)
		assert.NotEqual(t, made.Outputs["lockToken"], after.Outputs["lockToken"])
		assert.Equal(t, arn(made), arn(after))

		attached := w.Usual(wafv2.Association)
		assert.Equal(t, attached.Outputs.String("webAclArn")+","+attached.Outputs.String("resourceArn"), attached.ID)
		assert.Equal(t, arn(w.Usual(acl)), w.Usual(wafv2.Logging).ID)

		w.Region = "us-east-1"
		set := w.Need(wafv2.IPSet, account.Props{"name": "office", "scope": "CLOUDFRONT"})
		assert.Equal(t, "arn:aws:wafv2:us-east-1:123456789012:global/ipset/office/"+set.ID, arn(set))
		patterns := w.Need(wafv2.RegexPatternSet, account.Props{"name": "paths", "scope": "CLOUDFRONT"})
		assert.Equal(t, "arn:aws:wafv2:us-east-1:123456789012:global/regexpatternset/paths/"+patterns.ID, arn(patterns))
	})
}

func TestAWebACLTakesItsLoggingAlong(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		logging := w.Usual(wafv2.Logging)
		require.NoError(t, w.Delete(w.Usual(acl)))
		found, err := w.Call().Find(wafv2.Logging, "", logging.ID)
		require.NoError(t, err)
		assert.Nil(t, found)
	})
}

func TestChangesOfRules(t *testing.T) {
	t.Parallel()
	const name = "AWSManagedRulesSQLiRuleSet"
	sql := func(with object) object { return object{"sqliMatchStatement": looking(with)} }
	a, b := ruled("a", 0, country("DE"), nil), ruled("b", 1, sql(nil), nil)
	for _, of := range []struct {
		is            string
		before, after list
		differs       bool
	}{
		{"nothing", list{a, b}, list{a, b}, false},
		{"the order of the list", list{a, b}, list{b, a}, false},
		{"what is the default", list{b}, list{ruled("b", 1, sql(object{"sensitivityLevel": "LOW"}), nil)}, false},
		{"the default below others", list{ruled("b", 1, not(sql(nil)), nil)}, list{ruled("b", 1, not(sql(object{"sensitivityLevel": "LOW"})), nil)}, false},
		{"the default of rates", list{ruled("r", 0, rate(nil), nil)}, list{ruled("r", 0, rate(object{"evaluationWindowSec": 300.0}), nil)}, false},
		{"block, to count", list{a}, list{ruled("a", 0, country("DE"), object{"action": object{"count": object{}}})}, true},
		{"no override, to count", list{ruled("g", 0, group(name, nil), nil)},
			list{ruled("g", 0, group(name, nil), object{"overrideAction": object{"count": object{}}})}, true},
		{"one rule that only counts", list{ruled("g", 0, group(name, nil), nil)},
			list{ruled("g", 0, group(name, object{"ruleActionOverrides": list{counted("SQLi_BODY")}}), nil)}, true},
		{"the part that is looked at", list{ruled("t", 0, text("uriPath", "a"), nil)}, list{ruled("t", 0, text("method", "a"), nil)}, true},
	} {
		k, known := suite(t).Catalog.Kind(acl)
		require.True(t, known)
		changes := k.Diff(account.Props{"rules": of.before}, account.Props{"rules": of.after})
		assert.Equal(t, of.differs, len(changes) > 0, "%s: %v", of.is, changes)
	}
}

// The addresses of a program's own set are not known in its first preview; the other rules are.
func TestRulesBesideUnknownOnesAreRefusedInAPreview(t *testing.T) {
	t.Parallel()
	k, known := suite(t).Catalog.Kind(acl)
	require.True(t, known)
	unknown := ruled("office", 0, object{"ipSetReferenceStatement": object{"arn": kind.Unknown{}}}, nil)
	try := func(second object) []kind.Failure {
		in := place(object{"defaultAction": object{"allow": object{}}, "visibilityConfig": seen("site"), "rules": list{unknown, second}})
		return k.Check(in, nil)
	}
	assert.Empty(t, try(ruled("rate", 1, rate(nil), nil)))
	assert.Len(t, try(ruled("rate", 1, rate(object{"limit": 1.0}), nil)), 1)
	assert.Len(t, try(ruled("a b", 1, rate(nil), object{"visibilityConfig": seen("rate")})), 1)
	assert.Len(t, try(ruled("metric", 1, rate(nil), object{"visibilityConfig": seen("a b")})), 1)
	assert.Len(t, try(ruled("deep", 1, and(object{"ipSetReferenceStatement": object{"arn": kind.Unknown{}}}, country("de")), nil)), 1)
	assert.Empty(t, try(ruled("text", 1, object{"byteMatchStatement": looking(object{
		"positionalConstraint": "EXACTLY", "searchString": kind.Unknown{},
	})}, nil)))
	assert.Empty(t, try(ruled("limit", 1, rate(object{"limit": kind.Unknown{}}), nil)))
}
