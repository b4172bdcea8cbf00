package wafv2

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostSets      = 100
	mostAddresses = 10_000
	mostRegexSets = 10
	mostPatterns  = 10
	// longestPattern is in characters.
	longestPattern = 200
)

func ipSet() kind.Kind {
	return kind.Kind{
		Type: IPSet, Title: "WAFv2 IPSet", Args: wafv2.IpSetArgs{}, State: wafv2.IpSet{}, Source: terraform + "ip_set.go",
		API: ipSetAPI(), Volatile: []string{"lockToken"},
		Name:    kind.Name{Property: "name", Prefix: "namePrefix", Max: longestName},
		Replace: []string{"name", "namePrefix", "scope", "ipAddressVersion"},
		Sets:    []string{"addresses"},
		Text:    map[string]func(string) string{"addresses": network},
		Rules: slices.Concat(nameRules(), []kind.Rule{
			kind.OneOf("ipAddressVersion", "IPV4", "IPV6"), kind.Count("addresses", 0, mostAddresses),
			kind.Whole("addresses are networks of the set's version", oddAddress, "addresses", "ipAddressVersion").API(invalid).
				From(model + "CreateIPSetRequest.Addresses"),
		}, kind.Tags(tooMany, "WAFTagOperationException")),
		Guards:   append(placeGuards(IPSet, "IP sets", mostSets), unreferenced(IPSet)),
		NotFound: kind.Fault{Code: missing, Message: missingWords},
		Create: func(c *kind.Call) error {
			identified(c, "ipset")
			return nil
		},
		Update: relocked,
	}
}

// network is a network in the form in which WAF answers it.
func network(text string) string {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return text
	}
	return prefix.String()
}

// oddAddress finds what is no network of the set's version. WAF takes no network of everything.
func oddAddress(in account.Props) string {
	for _, text := range in.Strings("addresses") {
		prefix, err := netip.ParsePrefix(text)
		if err != nil || prefix.Bits() == 0 || prefix.Addr().Is4() != (in.String("ipAddressVersion") == "IPV4") {
			return because("The parameter contains formatting that is not valid.", "IP_ADDRESS", text)
		}
	}
	return ""
}

func regexPatternSet() kind.Kind {
	return kind.Kind{
		Type: RegexPatternSet, Title: "WAFv2 RegexPatternSet", Args: wafv2.RegexPatternSetArgs{}, State: wafv2.RegexPatternSet{},
		Source: terraform + "regex_pattern_set.go", API: regexPatternSetAPI(), Volatile: []string{"lockToken"},
		Name:    kind.Name{Property: "name", Prefix: "namePrefix", Max: longestName},
		Replace: []string{"name", "namePrefix", "scope"},
		Sets:    []string{"regularExpressions"},
		Rules: slices.Concat(nameRules(), []kind.Rule{
			kind.Count("regularExpressions", 0, mostPatterns),
			{Name: "length of expressions", Path: "regularExpressions[].regexString", Source: quotas, Code: invalid,
				Test: func(v any, _ account.Props) string {
					if text, _ := v.(string); text == "" || len(text) > longestPattern {
						return because(fmt.Sprintf("An expression has 1 to %d characters.", longestPattern), "REGEX_PATTERN_SET", text)
					}
					return ""
				}},
		}, kind.Tags(tooMany, "WAFTagOperationException")),
		Guards:   append(placeGuards(RegexPatternSet, "regex pattern sets", mostRegexSets), unreferenced(RegexPatternSet)),
		NotFound: kind.Fault{Code: missing, Message: missingWords},
		Create: func(c *kind.Call) error {
			identified(c, "regexpatternset")
			return nil
		},
		Update: relocked,
	}
}
