package wafv2

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	leastRate, mostRate = 10, 2_000_000_000
	mostTransformations = 10
	// longestSearch and longestRegex are in characters.
	longestSearch = 200
	longestRegex  = 512
	longestLabel  = 1024
	mostKeys      = 5
)

var (
	// labelKey and headerName are what keys of labels and names of headers look like.
	labelKey   = regexp.MustCompile(`^[0-9A-Za-z_:-]+$`)
	headerName = regexp.MustCompile(`^[0-9A-Za-z-]{1,255}$`)
	country    = regexp.MustCompile(`^[A-Z]{2}$`)
)

// statementRules are about the statements of rules, at any depth.
func statementRules() []kind.Rule {
	return []kind.Rule{
		// The provider says so in a preview.
		through("three levels of statements", func(s statement) string {
			if s.logical() && s.level < 1 {
				return fmt.Sprintf("Invalid or unknown key. Examine values at 'rules': %s: the provider nests and, or and not %d deep",
					s.at, levels)
			}
			return ""
		}).From("pulumi/pulumi-aws#4868"),
		through("values of statements", oddValue), through("rate limits", oddRate), through("texts of statements", oddText),
		through("text transformations", oddTransformations),
		// The local cloud says so.
		through("known statements", func(s statement) string {
			if s.name() == "" {
				return s.at + " is not supported by the local cloud"
			}
			return ""
		}).From(absent),
		through("known parts of requests", unknownField).From(absent),
		through("no configuration of managed groups", func(s statement) string {
			if len(s.body.List("managedRuleGroupConfigs")) > 0 ||
				s.kind == "managedRuleGroupStatement" && slices.Contains(configured(), s.body.String("name")) {
				return s.at + ": groups that have a configuration are not supported by the local cloud"
			}
			return ""
		}).From(absent),
		through("overrides are of rules that exist", uselessOverride).
			From(local + "such an override is ignored: docs.aws.amazon.com/waf/latest/APIReference/API_RuleActionOverride.html"),
		// AWS says so.
		kind.Whole("one statement", func(in account.Props) string {
			for _, c := range containers(in) {
				if given(c.props) != 1 {
					return because(exactlyOne, "STATEMENT", "Statement")
				}
			}
			return ""
		}, "rules").API(invalid).From("aws/aws-cdk#16627"),
		through("how many statements are joined", alone).API(invalid).From("hashicorp/terraform-provider-aws#34320"),
		through("groups and rates are not nested", func(s statement) string {
			if s.depth > 0 && (s.kind == "managedRuleGroupStatement" || s.kind == "rateBasedStatement") {
				return because("The statement can't be nested.", "STATEMENT", s.kind)
			}
			return ""
		}).API(invalid).From(model + "ManagedRuleGroupStatement, RateBasedStatement"),
		through("a part of the request", func(s statement) string {
			if s.looks() && s.field() == "" {
				return because(exactlyOne, "FIELD_TO_MATCH", "FieldToMatch")
			}
			return ""
		}).API(invalid).From(model + "FieldToMatch"),
		through("priorities of transformations are unique", func(s statement) string {
			seen := map[any]bool{}
			for _, t := range s.body.Objects("textTransformations") {
				if seen[t["priority"]] {
					return because("More than one transformation has the same priority.", "TEXT_TRANSFORMATION", t["priority"])
				}
				seen[t["priority"]] = true
			}
			return ""
		}).API(invalid).From(model + "TextTransformation.Priority"),
		through("rates have what they aggregate on", unaggregated).API(invalid).From(model + "RateBasedStatement.AggregateKeyType"),
		through("managed groups exist", func(s statement) string {
			if s.kind != "managedRuleGroupStatement" {
				return ""
			}
			name, by := s.body.String("name"), s.body.String("vendorName")
			if _, known := managedGroups()[name]; by != vendor || !known {
				return fmt.Sprintf("ManagedRules with name %s by vendor %s does not exist. Please check your inputs", name, by)
			}
			return ""
		}).API(missing).From("trussworks/terraform-aws-wafv2#23"),
	}
}

// through asks about each statement of a web ACL that is known, whatever of the others is not.
func through(name string, wrong func(s statement) string) kind.Rule {
	return kind.Whole(name, func(in account.Props) string {
		for _, s := range all(in) {
			if said := wrong(s); said != "" && s.known() {
				return said
			}
		}
		return ""
	})
}

// values are those that inputs of statements can have, by the input.
func values() map[string][]string {
	return map[string][]string{
		"positionalConstraint": {"EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONTAINS_WORD"},
		"comparisonOperator":   {"EQ", "NE", "LE", "LT", "GE", "GT"}, "sensitivityLevel": {"LOW", "HIGH"},
		"scope": {"LABEL", "NAMESPACE"}, "aggregateKeyType": {"IP", "FORWARDED_IP", "CUSTOM_KEYS", "CONSTANT"},
		"forwardedIpConfig.fallbackBehavior": {"MATCH", "NO_MATCH"}, "ipSetForwardedIpConfig.fallbackBehavior": {"MATCH", "NO_MATCH"},
		"ipSetForwardedIpConfig.position":       {"FIRST", "LAST", "ANY"},
		"fieldToMatch.body.oversizeHandling":    {"CONTINUE", "MATCH", "NO_MATCH"},
		"fieldToMatch.cookies.oversizeHandling": {"CONTINUE", "MATCH", "NO_MATCH"},
	}
}

// oddValue finds a word that WAF does not know.
func oddValue(s statement) string {
	known := values()
	for _, path := range slices.Sorted(maps.Keys(known)) {
		allowed := known[path]
		if v := s.body.String(path); v != "" && !slices.Contains(allowed, v) {
			return fmt.Sprintf("expected %s.%s to be one of %q, got %s", s.at, path, allowed, v)
		}
	}
	codes := s.body.Strings("countryCodes")
	if s.kind == "geoMatchStatement" && len(codes) == 0 {
		return fmt.Sprintf("%s.countryCodes requires 1 item minimum, but has only 0", s.at)
	}
	for _, code := range codes {
		if !country.MatchString(code) {
			return fmt.Sprintf("expected %s.countryCodes to be country codes of two upper-case letters, got %s", s.at, code)
		}
	}
	return ""
}

func oddRate(s statement) string {
	limit, window := s.body.Int("limit"), s.body.Int("evaluationWindowSec")
	switch {
	case s.kind != "rateBasedStatement":
		return ""
	case limit < leastRate || limit > mostRate:
		return fmt.Sprintf("expected %s.limit to be in the range (%d - %d), got %d", s.at, leastRate, mostRate, limit)
	case s.body.Has("evaluationWindowSec") && !slices.Contains([]int{60, 120, 300, 600}, window):
		return fmt.Sprintf("expected %s.evaluationWindowSec to be one of [60 120 300 600], got %d", s.at, window)
	}
	return ""
}

// oddText finds a text that is too long or has characters that it cannot have.
func oddText(s statement) string {
	search, regex, key := s.body.String("searchString"), s.body.String("regexString"), s.body.String("key")
	switch {
	case s.kind == "byteMatchStatement" && (search == "" || len(search) > longestSearch):
		return fmt.Sprintf("expected length of %s.searchString to be in the range (1 - %d), got %s", s.at, longestSearch, search)
	case s.kind == "regexMatchStatement" && (regex == "" || len(regex) > longestRegex):
		return fmt.Sprintf("expected length of %s.regexString to be in the range (1 - %d), got %s", s.at, longestRegex, regex)
	case s.kind == "labelMatchStatement" && (len(key) > longestLabel || !labelKey.MatchString(key)):
		return fmt.Sprintf("invalid value for %s.key (must contain only alphanumeric, underscore, hyphen, and colon characters): %q", s.at, key)
	}
	for _, path := range []string{"forwardedIpConfig.headerName", "ipSetForwardedIpConfig.headerName"} {
		if name := s.body.String(path); s.body.Has(path) && !headerName.MatchString(name) {
			return fmt.Sprintf("invalid value for %s.%s (must contain only alphanumeric and hyphen characters): %q", s.at, path, name)
		}
	}
	return ""
}

func oddTransformations(s statement) string {
	known := []string{
		"NONE", "COMPRESS_WHITE_SPACE", "HTML_ENTITY_DECODE", "LOWERCASE", "CMD_LINE", "URL_DECODE", "BASE64_DECODE", "HEX_DECODE", "MD5",
		"REPLACE_COMMENTS", "ESCAPE_SEQ_DECODE", "SQL_HEX_DECODE", "CSS_DECODE", "JS_DECODE", "NORMALIZE_PATH", "NORMALIZE_PATH_WIN",
		"REMOVE_NULLS", "REPLACE_NULLS", "BASE64_DECODE_EXT", "URL_DECODE_UNI", "UTF8_TO_UNICODE",
	}
	list := s.body.Objects("textTransformations")
	if s.looks() && (len(list) == 0 || len(list) > mostTransformations) {
		return fmt.Sprintf("%s.textTransformations requires 1 to %d items, but has %d", s.at, mostTransformations, len(list))
	}
	for _, t := range list {
		if !slices.Contains(known, t.String("type")) {
			return fmt.Sprintf("expected %s.textTransformations.type to be one of %q, got %s", s.at, known, t.String("type"))
		}
	}
	return ""
}

// unknownField finds a part of a request, or a key, that the local cloud does not have.
func unknownField(s statement) string {
	known := []string{
		"", "allQueryArguments", "body", "cookies", "headers", "method", "queryString", "singleHeader", "singleQueryArgument", "uriPath",
	}
	if field := s.field(); !slices.Contains(known, field) {
		return fmt.Sprintf("%s.fieldToMatch.%s is not supported by the local cloud", s.at, field)
	}
	for _, key := range s.body.Objects("customKeys") {
		for name := range key {
			if strings.HasPrefix(name, "ja") {
				return fmt.Sprintf("%s.customKeys.%s is not supported by the local cloud", s.at, name)
			}
		}
	}
	return ""
}

// uselessOverride finds an override that AWS accepts and does not apply.
func uselessOverride(s statement) string {
	group, known := managedGroups()[s.body.String("name")]
	if s.kind != "managedRuleGroupStatement" || !known {
		return ""
	}
	for _, override := range s.body.Objects("ruleActionOverrides") {
		if name := override.String("name"); !slices.Contains(group.rules, name) {
			return fmt.Sprintf("%s.ruleActionOverrides: %s has no rule %s; AWS accepts the override and ignores it. Its rules are %q",
				s.at, s.body.String("name"), name, group.rules)
		}
	}
	return ""
}

// alone wants two statements to join, or one to turn round.
func alone(s statement) string {
	n := len(s.body.List("statements"))
	parameter := strings.ToUpper(s.kind[:1]) + s.kind[1:]
	switch {
	case s.kind == "notStatement" && n != 1:
		return because(exactlyOne, s.name(), parameter)
	case s.logical() && s.kind != "notStatement" && n < 2:
		return because("You haven't met a minimum requirement for a threshold setting. Examples include a rule group capacity setting that's "+
			"too low and an OR statement with only one nested statement.", s.name(), parameter)
	}
	return ""
}

// unaggregated finds a rate limit without what its requests are counted by.
func unaggregated(s statement) string {
	if s.kind != "rateBasedStatement" {
		return ""
	}
	by, keys := s.body.String("aggregateKeyType"), len(s.body.List("customKeys"))
	if by == "" {
		by = "IP"
	}
	switch {
	case by == "FORWARDED_IP" && !s.body.Has("forwardedIpConfig"):
		return because("The forwarded IP configuration is required.", "FORWARDED_IP_CONFIG", by)
	case by == "CONSTANT" && !s.body.Has("scopeDownStatement"):
		return because("The scope-down statement is required.", "SCOPE_DOWN", by)
	case (by == "CUSTOM_KEYS") != (keys > 0) || keys > mostKeys:
		return because(fmt.Sprintf("CUSTOM_KEYS has 1 to %d custom keys, and nothing else has any.", mostKeys), "CUSTOM_KEYS", keys)
	}
	return ""
}
