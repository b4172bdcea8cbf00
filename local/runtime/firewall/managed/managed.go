// Package managed stands for the rule groups that AWS manages for WAF. Names, labels, actions, parts and sizes are those that the
// AWS WAF Developer Guide has in its "AWS Managed Rules rule groups list" (as of 2026); what the rules look for is Amazon's
// secret, and stands here for itself: see package attack. Rules without a public pattern are there and find nothing. A stand-in
// looks everywhere in a text, so that it finds more than WAF in what editors write, and less in what attackers do.
package managed

import (
	"net/netip"

	"wordpress-ecs/local/runtime/firewall/inspect"
)

// Vendor is whose groups these are.
const Vendor = "AWS"

// Group is a rule group.
type Group struct {
	// Labels begin all labels of the group.
	Labels string
	// Rules are asked in this order.
	Rules []Rule
}

// Rule is one rule of a group.
type Rule struct {
	Name string
	// Label is its label without that of the group.
	Label string
	// Counts says that it counts, unless it is told otherwise. All others block.
	Counts bool
	// Finds tells whether a request is what the rule looks for; nil finds nothing.
	Finds func(v *View) bool
}

// Groups are those that are known here. Notorious are the networks that Amazon's list of IP reputation has.
func Groups(notorious []netip.Prefix) map[string]Group {
	return map[string]Group{
		"AWSManagedRulesAmazonIpReputationList": reputation(notorious),
		"AWSManagedRulesCommonRuleSet":          common(),
		"AWSManagedRulesKnownBadInputsRuleSet":  knownBadInputs(),
		"AWSManagedRulesSQLiRuleSet":            sql(),
		"AWSManagedRulesPHPRuleSet":             php(),
		"AWSManagedRulesWordPressRuleSet":       wordPress(),
	}
}

func reputation(notorious []netip.Prefix) Group {
	return Group{Labels: "awswaf:managed:aws:amazon-ip-list:", Rules: []Rule{
		{Name: "AWSManagedIPReputationList", Label: "AWSManagedIPReputationList", Finds: func(v *View) bool {
			for _, network := range notorious {
				if network.Contains(v.Request.Address) {
					return true
				}
			}
			return false
		}},
		{Name: "AWSManagedReconnaissanceList", Label: "AWSManagedReconnaissanceList"},
		{Name: "AWSManagedIPDDoSList", Label: "AWSManagedIPDDoSList", Counts: true},
	}}
}

// View is a request as these rules read it: in lower case, with what is encoded decoded.
type View struct {
	Request *inspect.Request
	path    func() []string
	query   func() []string
	values  func() []string // of arguments
	cookies func() []string
	headers func() []string
	body    func() []string
}
