package wafv2_test

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/wafv2"
)

const exactlyOne = "You have used none or multiple values for a field that requires exactly one value., field: "

func webACLCases() []cases.Case {
	one := func(rule string, refused, accepted cases.Trial, says string) cases.Case {
		return cases.One(acl, rule, refused, accepted, says)
	}
	refused := func(rule, says string, changes account.Props) cases.Case {
		return cases.Refused(acl, rule, says, changes)
	}
	plain := func(name string, priority float64, changes object) object {
		return ruled(name, priority, country("DE"), changes)
	}
	overGroup := func(changes object) object { return ruled("a", 0, group("AWSManagedRulesPHPRuleSet", nil), changes) }
	counting := func(of int, each func(i int) object) cases.Trial {
		var all list
		for i := range of {
			all = append(all, ruled(fmt.Sprint("a", i), float64(i), each(i), nil))
		}
		return rules(all...)
	}
	rates := func(int) object { return rate(nil) }
	xss := func(int) object { return object{"xssMatchStatement": looking(nil)} }
	var absent []cases.Case
	for _, name := range []string{"associationConfig", "captchaConfig", "challengeConfig", "dataProtectionConfig"} {
		absent = append(absent, refused("no "+name, "not supported", account.Props{name: object{}}))
	}
	return append(absent,
		refused("no ruleJson", "not supported", account.Props{"ruleJson": "[]"}),
		refused("no tokenDomains", "not supported", account.Props{"tokenDomains": list{"example.com"}}),
		one("no rules[].captchaConfig", rules(plain("a", 0, object{"captchaConfig": object{}})), nil, "not supported"),
		one("no rules[].challengeConfig", rules(plain("a", 0, object{"challengeConfig": object{}})), nil, "not supported"),
		one("names of rules", rules(plain("a b", 0, object{"visibilityConfig": seen("a")})), nil, "expected rules[0].name"),
		one("names of rules", rules(plain(strings.Repeat("a", 129), 0, object{"visibilityConfig": seen("a")})),
			rules(plain(strings.Repeat("a", 128), 0, nil)), "expected rules[0].name"),
		one("names of metrics", rules(plain("a", 0, object{"visibilityConfig": seen("a.b")})), nil, "field: METRIC_NAME, parameter: a.b"),
		refused("names of metrics", "field: METRIC_NAME", account.Props{"visibilityConfig.metricName": "a b"}),
		refused("no reserved names of metrics", "WAFInvalidParameterException: Error reason: The metric name is reserved",
			account.Props{"visibilityConfig.metricName": "Default_Action"}),
		one("names of rules are unique", rules(plain("a", 0, nil), plain("a", 1, nil)), rules(plain("a", 0, nil), plain("b", 1, nil)),
			"WAFDuplicateItemException"),
		one("priorities of rules are unique", rules(plain("a", 0, nil), plain("b", 0, nil)), rules(plain("a", 0, nil), plain("b", 1, nil)),
			"WAFInvalidParameterException: Error reason: More than one rule has the same priority."),
		one("an action, or an override for groups", rules(plain("a", 0, object{"action": nil})), nil, exactlyOne+"RULE,"),
		one("an action, or an override for groups", rules(plain("a", 0, object{"overrideAction": object{"none": object{}}})), nil, exactlyOne+"RULE,"),
		one("an action, or an override for groups", rules(overGroup(object{"overrideAction": nil})), rules(overGroup(nil)), exactlyOne+"RULE,"),
		one("an action, or an override for groups", rules(overGroup(object{"action": object{"block": object{}}})), nil, exactlyOne+"RULE,"),
		one("one action", rules(plain("a", 0, object{"action": object{"block": object{}, "count": object{}}})),
			rules(plain("a", 0, object{"action": object{"captcha": object{}}})), exactlyOne+"RULE_ACTION,"),
		one("one action", rules(overGroup(object{"overrideAction": object{}})), rules(overGroup(object{"overrideAction": object{"count": object{}}})),
			exactlyOne+"OVERRIDE_ACTION,"),
		one("one action", about(group("AWSManagedRulesPHPRuleSet", object{"ruleActionOverrides": list{
			object{"name": "PHPHighRiskMethodsVariables_BODY", "actionToUse": object{}},
		}})), about(group("AWSManagedRulesPHPRuleSet", object{"ruleActionOverrides": list{counted("PHPHighRiskMethodsVariables_BODY")}})),
			exactlyOne+"RULE_ACTION,"),
		refused("one action", exactlyOne+"DEFAULT_ACTION,", account.Props{"defaultAction": object{"allow": object{}, "block": object{}}}),
		one("rate limits per web ACL", counting(11, rates), counting(10, rates), "WAFLimitsExceededException"),
		one("references per web ACL", referring(51), referring(50), "WAFLimitsExceededException"),
		one("5000 capacity units", counting(126, xss), counting(125, xss), "the rules take 5040 web ACL capacity units"),
		one("sets exist", about(object{"ipSetReferenceStatement": object{
			"arn": "arn:aws:wafv2:eu-central-1:123456789012:regional/ipset/a/12345678-1234-1234-1234-123456789012",
		}}), nil, "WAFInvalidParameterException: Error reason: A reference in your rule statement is not valid."),
		one("sets exist", elsewhere, patterned, "A reference in your rule statement is not valid."),
		one("no distribution uses it", func(w *cases.World, _ string) error {
			w.Region = "us-east-1"
			of := w.Need(acl, account.Props{"scope": "CLOUDFRONT", "rules": nil})
			w.Need(cloudfront.Distribution, account.Props{"webAclId": arn(of)})
			return w.Delete(of)
		}, cases.Delete(nil), "WAFAssociatedItemException"),
		one("nothing uses it", cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(wafv2.Association) }), cases.Delete(nil),
			"WAFAssociatedItemException"),
	)
}

// referring makes a web ACL that names a set so many times.
func referring(times int) cases.Trial {
	return func(w *cases.World, typ string) error {
		var all list
		for i := range times {
			all = append(all, ruled(fmt.Sprint("a", i), float64(i), object{"ipSetReferenceStatement": object{"arn": arn(w.Usual(wafv2.IPSet))}}, nil))
		}
		_, err := w.Make(typ, account.Props{"rules": all})
		return err
	}
}

// elsewhere makes a web ACL that names a set of CloudFront's scope, below others.
func elsewhere(w *cases.World, typ string) error {
	w.Region = "us-east-1"
	set := w.Need(wafv2.RegexPatternSet, account.Props{"scope": "CLOUDFRONT"})
	return below(w, typ, set)
}

// patterned makes a web ACL that names a set of patterns below other statements.
func patterned(w *cases.World, typ string) error {
	return below(w, typ, w.Usual(wafv2.RegexPatternSet))
}

// below makes a web ACL that names a set below other statements.
func below(w *cases.World, typ string, set account.Resource) error {
	_, err := w.Make(typ, account.Props{"rules": list{ruled("a", 0, and(country("DE"), not(object{
		"regexPatternSetReferenceStatement": looking(object{"arn": arn(set)}),
	})), nil)}})
	return err
}

// responseCases are about what a blocked request is answered.
func responseCases() []cases.Case {
	one := func(rule string, refused, accepted cases.Trial, says string) cases.Case {
		return cases.One(acl, rule, refused, accepted, says)
	}
	// bodies makes the usual web ACL with so many more bodies of a size.
	bodies := func(n, size int) cases.Trial {
		all := list{object{"key": "elsewhere", "content": "x", "contentType": "TEXT_PLAIN"}}
		for i := range n - 1 {
			all = append(all, object{"key": fmt.Sprint("a", i), "content": strings.Repeat("x", size), "contentType": "TEXT_HTML"})
		}
		return cases.Make(account.Props{"customResponseBodies": all})
	}
	answer := func(response object) cases.Trial {
		return cases.Make(account.Props{"defaultAction": object{"block": object{"customResponse": response}}})
	}
	headers := func(n int) list {
		var all list
		for i := range n {
			all = append(all, object{"name": fmt.Sprint("x-", i), "value": "a"})
		}
		return all
	}
	return []cases.Case{
		one("count of customResponseBodies", bodies(51, 1), bodies(50, 1), "WAFLimitsExceededException"),
		one("size of custom bodies", bodies(2, 4097), bodies(2, 4096), "WAFLimitsExceededException"),
		one("size of custom bodies", bodies(14, 4096), bodies(13, 4096), "WAFLimitsExceededException"),
		cases.Refused(acl, "form of customResponseBodies[].key", "must contain only alphanumeric", account.Props{
			"customResponseBodies": list{object{"key": "a b", "content": "x", "contentType": "TEXT_PLAIN"}},
		}),
		one("custom bodies exist", answer(object{"responseCode": 403.0, "customResponseBodyKey": "none"}),
			answer(object{"responseCode": 403.0, "customResponseBodyKey": "elsewhere"}), "field: CUSTOM_RESPONSE_BODY, parameter: none"),
		one("codes of custom responses", answer(object{"responseCode": 402.0}), answer(object{"responseCode": 429.0}),
			"WAFInvalidParameterException: Error reason: The status code"),
		one("headers of custom responses", answer(object{"responseCode": 403.0, "responseHeaders": headers(11)}),
			answer(object{"responseCode": 403.0, "responseHeaders": headers(10)}), "There are more than 10 headers."),
		one("headers of custom responses", answer(object{"responseCode": 403.0, "responseHeaders": list{object{"name": "Content-Type", "value": "a"}}}),
			nil, "field: CUSTOM_RESPONSE, parameter: Content-Type"),
		one("headers of custom responses", answer(object{"responseCode": 403.0, "responseHeaders": append(headers(1), headers(1)...)}),
			nil, "field: CUSTOM_RESPONSE, parameter: x-0"),
	}
}
