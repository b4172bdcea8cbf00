package wafv2

import "wordpress-ecs/local/account"

const (
	// mostCapacity is the most that a web ACL can have, in WCU. Beyond 1500 AWS charges more.
	mostCapacity = 5000

	transformation = 10
	allArguments   = 10
	aggregationKey = 30
	anyPosition    = 4
)

// capacity is how many web ACL capacity units rules take: docs.aws.amazon.com/waf/latest/developerguide/
// waf-rule-statements-match.html and the pages of the statements, and waf-rule-label-add.html. It does not say whether fewer
// labels than make a unit take one; here they do.
func capacity(in account.Props) int {
	total := (labels(in) + labelsPerUnit - 1) / labelsPerUnit
	for _, s := range all(in) {
		total += s.capacity()
	}
	return total
}

// capacity is that of a statement without those in it.
func (s statement) capacity() int {
	switch s.kind {
	case "managedRuleGroupStatement":
		return managedGroups()[s.body.String("name")].capacity
	case "rateBasedStatement":
		return 2 + aggregationKey*len(s.body.List("customKeys"))
	case "geoMatchStatement", "labelMatchStatement":
		return 1
	case "ipSetReferenceStatement":
		if s.body.String("ipSetForwardedIpConfig.position") == "ANY" {
			return 1 + anyPosition
		}
		return 1
	}
	if !s.looks() {
		return 0 // "and", "or" and "not" take what is in them
	}
	total := s.base()
	if s.field() == "allQueryArguments" {
		total += allArguments
	}
	for _, t := range s.body.Objects("textTransformations") {
		if t.String("type") != "NONE" {
			total += transformation
		}
	}
	return total
}

// base is the capacity of a statement that looks at a part of the request.
func (s statement) base() int {
	switch s.kind {
	case "byteMatchStatement":
		if p := s.body.String("positionalConstraint"); p == "CONTAINS" || p == "CONTAINS_WORD" {
			return 10
		}
		return 2
	case "regexMatchStatement":
		return 3
	case "regexPatternSetReferenceStatement":
		return 25
	case "sqliMatchStatement":
		if s.body.String("sensitivityLevel") == "HIGH" {
			return 30
		}
		return 20
	case "xssMatchStatement":
		return 40
	default: // sizeConstraintStatement
		return 1
	}
}
