package wafv2_test

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/aws/kind/cases"
)

func statementCases() []cases.Case {
	one := func(rule string, refused, accepted object, says string) cases.Case {
		c := cases.One(acl, rule, about(refused), nil, says)
		if accepted != nil {
			c.Accepted = about(accepted)
		}
		return c
	}
	const rule = "rules[0].statement."
	a, b := country("DE"), country("AT")
	php := func(with object) object { return group("AWSManagedRulesPHPRuleSet", with) }
	return append(textCases(one), []cases.Case{
		one("three levels of statements", and(a, not(and(a, or(a, b)))), and(a, not(and(a, b))),
			rule+"andStatement.statements[1].notStatement.statements[0].andStatement.statements[1].orStatement: the provider nests"),
		one("three levels of statements", rate(object{"scopeDownStatement": not(and(a, not(b)))}), rate(object{"scopeDownStatement": not(and(a, b))}),
			"Invalid or unknown key"),
		one("rate limits", rate(object{"limit": 9.0}), rate(object{"limit": 10.0}), "limit to be in the range (10 - 2000000000), got 9"),
		one("rate limits", rate(object{"limit": 2_000_000_001.0}), rate(object{"limit": 2_000_000_000.0}), "got 2000000001"),
		one("rate limits", rate(object{"evaluationWindowSec": 90.0}), rate(object{"evaluationWindowSec": 60.0}), "to be one of [60 120 300 600], got 90"),
		one("known statements", object{"ruleGroupReferenceStatement": object{"arn": "arn:aws:wafv2:eu-central-1:123456789012:regional/rulegroup/a/b"}},
			nil, rule+"ruleGroupReferenceStatement is not supported"),
		one("known parts of requests", object{"xssMatchStatement": looking(object{"fieldToMatch": object{"jsonBody": object{
			"matchPattern": object{"all": object{}}, "matchScope": "ALL",
		}}})}, object{"xssMatchStatement": looking(object{"fieldToMatch": object{"body": object{"oversizeHandling": "MATCH"}}})},
			rule+"xssMatchStatement.fieldToMatch.jsonBody is not supported"),
		one("known parts of requests", rate(object{"aggregateKeyType": "CUSTOM_KEYS", "customKeys": list{object{
			"ja3Fingerprint": object{"fallbackBehavior": "MATCH"},
		}}}), nil, "customKeys.ja3Fingerprint is not supported"),
		one("no configuration of managed groups", group("AWSManagedRulesBotControlRuleSet", nil), nil, "groups that have a configuration are not supported"),
		one("no configuration of managed groups", php(object{"managedRuleGroupConfigs": list{object{"loginPath": "/wp-login.php"}}}), nil,
			"groups that have a configuration are not supported"),
		one("overrides are of rules that exist", php(object{"ruleActionOverrides": list{counted("SizeRestrictions_BODY")}}),
			php(object{"ruleActionOverrides": list{counted("PHPHighRiskMethodsVariables_URIPATH")}}),
			"AWSManagedRulesPHPRuleSet has no rule SizeRestrictions_BODY"),
		one("one statement", object{}, nil, exactlyOne+"STATEMENT,"),
		one("one statement", not(object{"geoMatchStatement": a["geoMatchStatement"], "xssMatchStatement": looking(nil)}), not(a), exactlyOne+"STATEMENT,"),
		one("how many statements are joined", or(a), or(a, b), "You haven't met a minimum requirement for a threshold setting."),
		one("how many statements are joined", rate(object{"scopeDownStatement": and(a)}), nil, "field: AND_STATEMENT, parameter: AndStatement"),
		one("how many statements are joined", object{"notStatement": object{"statements": list{a, b}}}, not(a), exactlyOne+"NOT_STATEMENT,"),
		one("groups and rates are not nested", and(a, rate(nil)), nil, "The statement can't be nested., field: STATEMENT, parameter: rateBasedStatement"),
		one("groups and rates are not nested", not(php(nil)), nil, "parameter: managedRuleGroupStatement"),
		one("a part of the request", object{"xssMatchStatement": looking(object{"fieldToMatch": nil})}, nil, exactlyOne+"FIELD_TO_MATCH,"),
		one("a part of the request", object{"xssMatchStatement": looking(object{"fieldToMatch": object{"uriPath": object{}, "method": object{}}})},
			object{"xssMatchStatement": looking(object{"fieldToMatch": object{"singleHeader": object{"name": "referer"}}})}, exactlyOne+"FIELD_TO_MATCH,"),
		one("rates have what they aggregate on", rate(object{"aggregateKeyType": "FORWARDED_IP"}), rate(object{
			"aggregateKeyType": "FORWARDED_IP", "forwardedIpConfig": object{"headerName": "X-Forwarded-For", "fallbackBehavior": "MATCH"},
		}), "The forwarded IP configuration is required."),
		one("rates have what they aggregate on", rate(object{"aggregateKeyType": "CONSTANT"}), rate(object{
			"aggregateKeyType": "CONSTANT", "scopeDownStatement": a,
		}), "The scope-down statement is required."),
		one("rates have what they aggregate on", rate(object{"aggregateKeyType": "CUSTOM_KEYS"}), rate(object{
			"aggregateKeyType": "CUSTOM_KEYS", "customKeys": list{object{"httpMethod": object{}}},
		}), "field: CUSTOM_KEYS, parameter: 0"),
		one("rates have what they aggregate on", rate(object{"aggregateKeyType": nil, "customKeys": list{object{"httpMethod": object{}}}}),
			rate(object{"aggregateKeyType": nil}), "field: CUSTOM_KEYS, parameter: 1"),
		one("managed groups exist", group("AWSManagedRulesJoomlaRuleSet", nil), nil,
			"WAFNonexistentItemException: ManagedRules with name AWSManagedRulesJoomlaRuleSet by vendor AWS does not exist."),
		one("managed groups exist", php(object{"vendorName": "Other"}), php(nil), "by vendor Other does not exist"),
	}...)
}

// textCases are about the texts and words in statements.
func textCases(one func(rule string, refused, accepted object, says string) cases.Case) []cases.Case {
	const values, texts = "values of statements", "texts of statements"
	compared := func(with string) object { return text("uriPath", with) }
	expression := func(with string) object { return object{"regexMatchStatement": looking(object{"regexString": with})} }
	transformed := func(n int) object {
		var all list
		for i := range n {
			all = append(all, object{"priority": float64(i), "type": "LOWERCASE"})
		}
		return object{"xssMatchStatement": looking(object{"textTransformations": all})}
	}
	forwarded := func(header string) object { return object{"headerName": header, "fallbackBehavior": "MATCH"} }
	from := func(header string) object {
		return object{"geoMatchStatement": object{"countryCodes": list{"DE"}, "forwardedIpConfig": forwarded(header)}}
	}
	var all []cases.Case
	for path, wrong := range map[string]object{
		"byteMatchStatement.positionalConstraint":    {"byteMatchStatement": looking(object{"searchString": "a", "positionalConstraint": "STARTS"})},
		"sizeConstraintStatement.comparisonOperator": {"sizeConstraintStatement": looking(object{"size": 1.0, "comparisonOperator": "<"})},
		"sqliMatchStatement.sensitivityLevel":        {"sqliMatchStatement": looking(object{"sensitivityLevel": "MEDIUM"})},
		"labelMatchStatement.scope":                  {"labelMatchStatement": object{"scope": "PREFIX", "key": "a"}},
		"rateBasedStatement.aggregateKeyType":        rate(object{"aggregateKeyType": "COOKIE"}),
		"xssMatchStatement.fieldToMatch.body.oversizeHandling": {"xssMatchStatement": looking(object{
			"fieldToMatch": object{"body": object{"oversizeHandling": "BLOCK"}},
		})},
		"rateBasedStatement.forwardedIpConfig.fallbackBehavior": rate(object{"forwardedIpConfig": object{"headerName": "a", "fallbackBehavior": "BLOCK"}}),
	} {
		all = append(all, one(values, wrong, nil, "expected rules[0].statement."+path+" to be one of"))
	}
	return append(all,
		one(values, country("de"), country("DE"), "country codes of two upper-case letters, got de"),
		one(values, country(), nil, "countryCodes requires 1 item minimum"),
		one(texts, compared(""), compared("/"), "searchString to be in the range (1 - 200)"),
		one(texts, compared(strings.Repeat("a", 201)), compared(strings.Repeat("a", 200)), "searchString to be in the range (1 - 200)"),
		one(texts, expression(strings.Repeat("a", 513)), expression(strings.Repeat("a", 512)), "regexString to be in the range (1 - 512)"),
		one(texts, label("a b"), label("awswaf:managed:aws:core-rule-set:GenericLFI_Body"), "labelMatchStatement.key"),
		one(texts, label(strings.Repeat("a", 1025)), label(strings.Repeat("a", 1024)), "labelMatchStatement.key"),
		one(texts, from("x_y"), from("X-Forwarded-For"), "geoMatchStatement.forwardedIpConfig.headerName"),
		one("text transformations", transformed(0), transformed(1), "textTransformations requires 1 to 10 items, but has 0"),
		one("text transformations", transformed(11), transformed(10), "textTransformations requires 1 to 10 items, but has 11"),
		one("text transformations", object{"xssMatchStatement": looking(object{"textTransformations": list{object{"priority": 0.0, "type": "UPPERCASE"}}})},
			nil, fmt.Sprintf("textTransformations.type to be one of [%q", "NONE")),
		one("priorities of transformations are unique", object{"xssMatchStatement": looking(object{"textTransformations": list{
			object{"priority": 0.0, "type": "NONE"}, object{"priority": 0.0, "type": "LOWERCASE"},
		}})}, transformed(2), "More than one transformation has the same priority."),
	)
}

// labelCases are about the labels that rules leave.
func labelCases() []cases.Case {
	leaving := func(statement object, names ...string) cases.Trial {
		var all list
		for _, name := range names {
			all = append(all, object{"name": name})
		}
		return rules(ruled("a", 0, statement, object{"ruleLabels": all}))
	}
	one := func(rule string, refused, accepted cases.Trial, says string) cases.Case {
		return cases.One(acl, rule, refused, accepted, says)
	}
	a, long := country("DE"), strings.Repeat("a", 128)
	const odd = "WAFInvalidParameterException: Error reason: A label has up to 5 namespaces"
	return []cases.Case{
		one("form of labels", leaving(a, "wordpress editor"), leaving(a, "wordpress:editor"), "invalid value for rules[0].ruleLabels.name"),
		one("parts of labels", leaving(a, "wordpress:aws:editor"), leaving(a, "wordpress:aws-editor"), odd),
		one("parts of labels", leaving(a, "a:b:c:d:e:f:g"), leaving(a, "a:b:c:d:e:f"), odd),
		one("parts of labels", leaving(a, "b", long+"a"), leaving(a, "b", long), odd),
		one("parts of labels", leaving(a, "wordpress:"), nil, odd),
		one("no labels of groups", leaving(group("AWSManagedRulesPHPRuleSet", nil), "php"), leaving(a, "php"), "A rule with a rule group can't have labels."),
	}
}
