package wafv2

import (
	"fmt"
	"maps"
	"slices"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Statements contain statements: "and", "or" and "not" in a list, managed groups and rate limits as what narrows them.

// statement is one statement of a rule, at any depth.
type statement struct {
	// kind is its input: "byteMatchStatement".
	kind string
	body account.Props
	// at is where it is: "rules[0].statement.andStatement.statements[1].byteMatchStatement".
	at string
	// depth is how many statements are around it.
	depth int
	// level is how many of "and", "or" and "not" the provider allows to begin with it, itself counted.
	level int
}

// levels is how deep the provider lets "and", "or" and "not" be nested in a rule.
const levels = 3

// name is WAF's name for a statement in reasons; empty for those that the local cloud does not have.
func (s statement) name() string {
	return map[string]string{
		"andStatement": "AND_STATEMENT", "orStatement": "OR_STATEMENT", "notStatement": "NOT_STATEMENT",
		"byteMatchStatement": "BYTE_MATCH_STATEMENT", "geoMatchStatement": "GEO_MATCH_STATEMENT",
		"ipSetReferenceStatement": "IP_SET_REFERENCE_STATEMENT", "labelMatchStatement": "LABEL_MATCH_STATEMENT",
		"managedRuleGroupStatement": "MANAGED_RULE_SET_STATEMENT", "rateBasedStatement": "RATE_BASED_STATEMENT",
		"regexMatchStatement": "REGEX_PATTERN_REFERENCE_STATEMENT", "regexPatternSetReferenceStatement": "REGEX_PATTERN_REFERENCE_STATEMENT",
		"sizeConstraintStatement": "SIZE_CONSTRAINT_STATEMENT", "sqliMatchStatement": "SQLI_MATCH_STATEMENT",
		"xssMatchStatement": "XSS_MATCH_STATEMENT",
	}[s.kind]
}

// logical tells the statements that join others.
func (s statement) logical() bool {
	return s.kind == "andStatement" || s.kind == "orStatement" || s.kind == "notStatement"
}

// container is a place for one statement: that of a rule, an element of a list, or a scope-down statement.
type container struct {
	props account.Props
	at    string
	depth int
	level int
}

// containers are all places for statements in the rules of a web ACL, the outer ones first.
func containers(in account.Props) []container {
	var all []container
	for i, rule := range in.Objects("rules") {
		all = append(all, container{rule.Object("statement"), fmt.Sprintf("rules[%d].statement", i), 0, levels})
	}
	for i := 0; i < len(all); i++ {
		for _, s := range all[i].statements() {
			all = append(all, s.inner()...)
		}
	}
	return all
}

// statements are those in a place: one, unless something is wrong.
func (c container) statements() []statement {
	var list []statement
	for _, name := range slices.Sorted(maps.Keys(c.props)) {
		if body := c.props.Object(name); body != nil {
			list = append(list, statement{name, body, c.at + "." + name, c.depth, c.level})
		}
	}
	return list
}

// known tells whether all of a statement is known, apart from those in it.
func (s statement) known() bool {
	for name, v := range s.body {
		if name != "statements" && name != "scopeDownStatement" && kind.IsUnknown(v) {
			return false
		}
	}
	return true
}

// inner are the places in a statement.
func (s statement) inner() []container {
	if scope := s.body.Object("scopeDownStatement"); scope != nil {
		return []container{{scope, s.at + ".scopeDownStatement", s.depth + 1, s.level - 1}}
	}
	var list []container
	if s.logical() {
		for i, nested := range s.body.Objects("statements") {
			list = append(list, container{nested, fmt.Sprintf("%s.statements[%d]", s.at, i), s.depth + 1, s.level - 1})
		}
	}
	return list
}

// all are the statements of a web ACL, at any depth.
func all(in account.Props) []statement {
	var list []statement
	for _, c := range containers(in) {
		list = append(list, c.statements()...)
	}
	return list
}

// field is the part of a request that a statement looks at: "uriPath"; empty unless it is exactly one.
func (s statement) field() string {
	field := ""
	for name, v := range s.body.Object("fieldToMatch") {
		if list, isList := v.([]any); v == nil || isList && len(list) == 0 {
			continue
		}
		if field != "" {
			return ""
		}
		field = name
	}
	return field
}

// looks tells whether a statement looks at a part of the request that it names.
func (s statement) looks() bool {
	switch s.kind {
	case "byteMatchStatement", "regexMatchStatement", "regexPatternSetReferenceStatement", "sizeConstraintStatement",
		"sqliMatchStatement", "xssMatchStatement":
		return true
	}
	return false
}
