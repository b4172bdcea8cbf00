package wafv2

import "slices"

// vendor is whose managed rule groups the local cloud knows.
const vendor = "AWS"

// managedGroup is a managed rule group of AWS.
type managedGroup struct {
	// capacity is in WCU.
	capacity int
	// rules are their names.
	rules []string
}

// managedGroups are AWS's, with what docs.aws.amazon.com/waf/latest/developerguide/ says in aws-managed-rule-groups-baseline,
// -use-case and -ip-rep.html.
func managedGroups() map[string]managedGroup {
	return map[string]managedGroup{
		"AWSManagedRulesCommonRuleSet": {700, slices.Concat(
			[]string{"NoUserAgent_HEADER", "UserAgent_BadBots_HEADER"},
			parts("SizeRestrictions", "QUERYSTRING", "Cookie_HEADER", "BODY", "URIPATH"),
			parts("EC2MetaDataSSRF", "BODY", "COOKIE", "URIPATH", "QUERYARGUMENTS"),
			parts("GenericLFI", "QUERYARGUMENTS", "URIPATH", "BODY"), parts("RestrictedExtensions", "URIPATH", "QUERYARGUMENTS"),
			parts("GenericRFI", "QUERYARGUMENTS", "BODY", "URIPATH"),
			parts("CrossSiteScripting", "COOKIE", "QUERYARGUMENTS", "BODY", "URIPATH"))},
		"AWSManagedRulesAdminProtectionRuleSet": {100, parts("AdminProtection", "URIPATH")},
		"AWSManagedRulesKnownBadInputsRuleSet": {200, slices.Concat(
			parts("JavaDeserializationRCE", "HEADER", "BODY", "URIPATH", "QUERYSTRING"),
			[]string{"Host_localhost_HEADER", "PROPFIND_METHOD", "ExploitablePaths_URIPATH", "ReactJSRCE_BODY"},
			parts("Log4JRCE", "HEADER", "QUERYSTRING", "BODY", "URIPATH"))},
		"AWSManagedRulesSQLiRuleSet": {200, slices.Concat(
			parts("SQLi", "QUERYARGUMENTS", "BODY", "COOKIE", "URIPATH"),
			parts("SQLiExtendedPatterns", "QUERYARGUMENTS", "BODY", "HEADER", "URIPATH"))},
		"AWSManagedRulesLinuxRuleSet": {200, parts("LFI", "URIPATH", "QUERYSTRING", "HEADER")},
		"AWSManagedRulesUnixRuleSet":  {100, parts("UNIXShellCommandsVariables", "QUERYSTRING", "BODY", "HEADER")},
		"AWSManagedRulesWindowsRuleSet": {200, slices.Concat(
			parts("WindowsShellCommands", "COOKIE", "QUERYARGUMENTS", "BODY"),
			parts("PowerShellCommands", "COOKIE", "QUERYARGUMENTS", "BODY"))},
		"AWSManagedRulesPHPRuleSet": {100, parts("PHPHighRiskMethodsVariables", "HEADER", "QUERYSTRING", "BODY", "URIPATH")},
		"AWSManagedRulesWordPressRuleSet": {100, []string{
			"WordPressExploitableCommands_QUERYSTRING", "WordPressExploitablePaths_URIPATH",
		}},
		"AWSManagedRulesAmazonIpReputationList": {25, []string{
			"AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList",
		}},
		"AWSManagedRulesAnonymousIpList": {50, []string{"AnonymousIPList", "HostingProviderIPList"}},
	}
}

// configured are the groups of AWS that need a configuration of their own.
func configured() []string {
	return []string{
		"AWSManagedRulesBotControlRuleSet", "AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet", "AWSManagedRulesAntiDDoSRuleSet",
	}
}

// parts are the names of rules that look for the same in several parts of a request.
func parts(of string, where ...string) []string {
	var names []string
	for _, part := range where {
		names = append(names, of+"_"+part)
	}
	return names
}
