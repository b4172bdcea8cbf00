package route53

import (
	"fmt"
	"net/netip"
	"slices"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	cname = "CNAME"
	// longestText is how many characters one string of a TXT record has at most.
	longestText = 255
)

// types of records.
var types = []string{
	"A", "AAAA", "CAA", cname, "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT",
}

func recordRules() []kind.Rule {
	rules := []kind.Rule{
		kind.OneOf("type", types...), kind.ExactlyOne("aliases", "records"), kind.Conflict("ttl", "aliases"),
		kind.Length("aliases[].name", 1, 1024), kind.Length("aliases[].zoneId", 1, 32),
		kind.Whole("one alias", func(in account.Props) string {
			if n := len(in.List("aliases")); n > 1 {
				return fmt.Sprintf("Too many alias blocks: No more than 1 \"alias\" blocks are allowed, got %d", n)
			}
			return ""
		}, "aliases"),
		kind.Whole("a zone is named", func(in account.Props) string {
			if in.String("zoneId") == "" {
				return `"zoneId" must not be empty, got `
			}
			return ""
		}, "zoneId"),
		kind.Whole("records have a TTL", func(in account.Props) string {
			if in.Has("records") && !in.Has("ttl") {
				return fmt.Sprintf("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], "+
					"or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=%s, Type=%s, SetIdentifier=null]",
					in.String("name"), in.String("type"))
			}
			return ""
		}, "records", "ttl").API(invalidInput).From(model + "ResourceRecordSet.TTL"),
		kind.Whole("values fit the type", oddValue, "records", "type").API(invalidBatch).From(guide + "ResourceRecordTypes.html"),
		kind.Whole("no health of a distribution", func(in account.Props) string {
			for _, a := range in.Objects("aliases") {
				if a.String("zoneId") == cloudfrontZone && a.Bool("evaluateTargetHealth") {
					return "[EvaluateTargetHealth can't be true when the alias target is a CloudFront distribution]"
				}
			}
			return ""
		}, "aliases").API(invalidBatch).From(model + "AliasTarget.EvaluateTargetHealth"),
	}
	for _, path := range []string{
		"cidrRoutingPolicy", "failoverRoutingPolicies", "geolocationRoutingPolicies", "geoproximityRoutingPolicy", "latencyRoutingPolicies",
		"multivalueAnswerRoutingPolicy", "weightedRoutingPolicies", "setIdentifier", "healthCheckId",
	} {
		rules = append(rules, kind.Unsupported(path, "its records are simple ones"))
	}
	return rules
}

// oddValue finds a value that is none of its record's type.
func oddValue(in account.Props) string {
	values, typ := in.Strings("records"), in.String("type")
	problem := func(code, words, value string) string {
		return fmt.Sprintf("[Invalid Resource Record: 'FATAL problem: %s (%s) encountered with '%s'']", code, words, value)
	}
	if typ == cname && len(values) > 1 {
		return fmt.Sprintf("[RRSet of type CNAME with DNS name %s. must have exactly one value]", normal(in.String("name")))
	}
	for i, value := range values {
		ip, err := netip.ParseAddr(value)
		switch {
		case slices.Contains(values[:i], value):
			return fmt.Sprintf("[Duplicate Resource Record: '%s']", value)
		case typ == "A" && (err != nil || !ip.Is4()):
			return problem("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address", value)
		case typ == "AAAA" && (err != nil || !ip.Is6()):
			return problem("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address", value)
		case typ == "TXT" && longPart(value):
			return problem("CharacterStringTooLong", "Value is too long", `"`+value+`"`)
		}
	}
	return ""
}

// longPart tells whether one of the strings of a TXT value is too long. The provider quotes the whole; a value that
// has several strings separates them with `" "`.
func longPart(value string) bool {
	length := 0
	for _, r := range value {
		if r == '"' {
			length = 0
			continue
		}
		if length++; length > longestText {
			return true
		}
	}
	return false
}
