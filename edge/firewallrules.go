package edge

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/settings"
)

// group is one of AWS's managed rule groups.
type group struct {
	part, name string
	// counted are its rules that only count: they look into bodies, and find in what editors write what they find in
	// attacks. Labels are what they leave on such a request, for the rule "bodies" to decide.
	counted, labels []string
	// xmlrpc are those that only count where XML-RPC is open.
	xmlrpc []string
}

// managed are the groups that suit WordPress: AWS WAF Developer Guide, "AWS Managed Rules rule groups list". With the other
// rules they take 1430 of the 1500 capacity units that the price of a web ACL includes.
var managed = []group{
	{part: "reputation", name: "AWSManagedRulesAmazonIpReputationList"},
	{
		part: "common", name: "AWSManagedRulesCommonRuleSet",
		counted: []string{"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericRFI_BODY", "GenericLFI_BODY", "EC2MetaDataSSRF_BODY"},
		labels: []string{
			"awswaf:managed:aws:core-rule-set:SizeRestrictions_Body", "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body",
			"awswaf:managed:aws:core-rule-set:GenericRFI_Body", "awswaf:managed:aws:core-rule-set:GenericLFI_Body",
			"awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body",
		},
	},
	{
		part: "known-bad", name: "AWSManagedRulesKnownBadInputsRuleSet",
		counted: []string{"JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"},
		labels: []string{
			"awswaf:managed:aws:known-bad-inputs:JavaDeserializationRCE_Body",
			"awswaf:managed:aws:known-bad-inputs:Log4JRCE_Body", "awswaf:managed:aws:known-bad-inputs:ReactJSRCE_Body",
		},
	},
	{
		part: "sql", name: "AWSManagedRulesSQLiRuleSet",
		counted: []string{"SQLi_BODY", "SQLiExtendedPatterns_BODY"},
		labels:  []string{"awswaf:managed:aws:sql-database:SQLi_Body", "awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body"},
	},
	{
		part: "php", name: "AWSManagedRulesPHPRuleSet",
		counted: []string{"PHPHighRiskMethodsVariables_BODY"},
		labels:  []string{"awswaf:managed:aws:php-app:PHPHighRiskMethodsVariables_Body"},
	},
	{part: "wordpress", name: "AWSManagedRulesWordPressRuleSet", xmlrpc: []string{"WordPressExploitablePaths_URIPATH"}},
}

type (
	statement  = wafv2.WebAclRuleStatementArgs
	statements = wafv2.WebAclRuleStatementArray
	scopeDown  = wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementArgs
	field      = wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchArgs
)

// ruleBook collects the rules of a web ACL, in the order in which they are asked.
type ruleBook struct {
	// metric begins the names of the rules' metrics.
	metric string
	rules  wafv2.WebAclRuleArray
	// counts has rules count what they would block.
	counts bool
	// xmlrpc lets requests to xmlrpc.php pass the rule that is about them; all others go on asking.
	xmlrpc bool
}

func (k *ruleBook) add(part string, rule wafv2.WebAclRuleArgs) {
	rule.Name, rule.Priority = pulumi.String(part), pulumi.Int(len(k.rules))
	rule.VisibilityConfig = wafv2.WebAclRuleVisibilityConfigArgs{
		CloudwatchMetricsEnabled: pulumi.Bool(true), SampledRequestsEnabled: pulumi.Bool(true),
		MetricName: pulumi.String(k.metric + "-" + part),
	}
	k.rules = append(k.rules, rule)
}

func (k *ruleBook) allow(part string, s statement) {
	k.add(part, wafv2.WebAclRuleArgs{
		Statement: s, Action: wafv2.WebAclRuleActionArgs{Allow: wafv2.WebAclRuleActionAllowArgs{}},
	})
}

func (k *ruleBook) block(part string, s statement) {
	action := wafv2.WebAclRuleActionArgs{Block: wafv2.WebAclRuleActionBlockArgs{}}
	if k.counts {
		action = wafv2.WebAclRuleActionArgs{Count: wafv2.WebAclRuleActionCountArgs{}}
	}
	k.add(part, wafv2.WebAclRuleArgs{Statement: s, Action: action})
}

// rates bounds what one address may send in five minutes, which is how long WAF counts.
func (k *ruleBook) rates(limits settings.Firewall) {
	rate := func(part string, limit int, of wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementPtrInput) {
		k.block(part, statement{RateBasedStatement: wafv2.WebAclRuleStatementRateBasedStatementArgs{
			AggregateKeyType: pulumi.String("IP"), Limit: pulumi.Int(limit), ScopeDownStatement: of,
		}})
	}
	rate("logins", limits.LoginLimit, scopeDown{
		AndStatement: wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementAndStatementArgs{
			Statements: statements{is(method, "EXACTLY", "POST"), is(path, "EXACTLY", "/wp-login.php")},
		},
	})
	reads := statements{is(method, "EXACTLY", "GET"), is(method, "EXACTLY", "HEAD"), is(method, "EXACTLY", "OPTIONS")}
	rate("writes", limits.WriteLimit, scopeDown{
		NotStatement: wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementNotStatementArgs{
			Statements: statements{anyOf(reads...)},
		},
	})
	rate("requests", limits.RequestLimit, nil)
}

// groups adds AWS's managed rules.
func (k *ruleBook) groups() {
	for _, g := range managed {
		var overrides wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArray
		counted := g.counted
		if k.xmlrpc {
			counted = slices.Concat(counted, g.xmlrpc)
		}
		for _, rule := range counted {
			overrides = append(overrides, wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs{
				Name: pulumi.String(rule),
				ActionToUse: wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs{
					Count: wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs{},
				},
			})
		}
		action := wafv2.WebAclRuleOverrideActionArgs{None: wafv2.WebAclRuleOverrideActionNoneArgs{}}
		if k.counts {
			action = wafv2.WebAclRuleOverrideActionArgs{Count: wafv2.WebAclRuleOverrideActionCountArgs{}}
		}
		k.add(g.part, wafv2.WebAclRuleArgs{
			OverrideAction: action,
			Statement: statement{ManagedRuleGroupStatement: wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs{
				VendorName: pulumi.String("AWS"), Name: pulumi.String(g.name), RuleActionOverrides: overrides,
			}},
		})
	}
}

// editorLabel is left on what an editor sends.
const editorLabel = "wordpress:editor"

// bodies blocks what the rules above have counted, unless it is the work of an editor: in the administration or the
// REST API, from someone who has logged in or has a password for applications. WordPress then looks whether that holds.
// An editor is told by a rule of its own, because statements may be nested three deep only.
func (k *ruleBook) bodies() {
	k.add("editors", wafv2.WebAclRuleArgs{
		Action: wafv2.WebAclRuleActionArgs{Count: wafv2.WebAclRuleActionCountArgs{}},
		Statement: allOf(
			anyOf(is(path, "STARTS_WITH", "/wp-admin/"), is(path, "STARTS_WITH", "/wp-json/")),
			anyOf(is(header("cookie"), "CONTAINS", "wordpress_logged_in_"), is(header("authorization"), "STARTS_WITH", "Basic ")),
		),
		RuleLabels: wafv2.WebAclRuleRuleLabelArray{wafv2.WebAclRuleRuleLabelArgs{Name: pulumi.String(editorLabel)}},
	})
	var found statements
	for _, g := range managed {
		for _, label := range g.labels {
			found = append(found, labelled(label))
		}
	}
	k.block("bodies", allOf(anyOf(found...), not(labelled(editorLabel))))
}

var (
	method = field{Method: wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchMethodArgs{}}
	path   = field{UriPath: wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchUriPathArgs{}}
)

// header is one header of a request, by its name in lower case.
func header(name string) field {
	return field{SingleHeader: wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchSingleHeaderArgs{Name: pulumi.String(name)}}
}

// is compares a part of a request with a text. A path is compared as the site reads it, which merges slashes and
// resolves dots.
func is(part field, how, text string) statement {
	readings := []string{"NONE"}
	if part.UriPath != nil {
		readings = []string{"URL_DECODE", "NORMALIZE_PATH"}
	}
	var transformations wafv2.WebAclRuleStatementByteMatchStatementTextTransformationArray
	for i, reading := range readings {
		transformations = append(transformations, wafv2.WebAclRuleStatementByteMatchStatementTextTransformationArgs{
			Priority: pulumi.Int(i), Type: pulumi.String(reading),
		})
	}
	return statement{ByteMatchStatement: wafv2.WebAclRuleStatementByteMatchStatementArgs{
		FieldToMatch: part, PositionalConstraint: pulumi.String(how), SearchString: pulumi.String(text),
		TextTransformations: transformations,
	}}
}

// labelled tells whether a rule has left a label. Those of this web ACL need no prefix.
func labelled(label string) statement {
	return statement{LabelMatchStatement: wafv2.WebAclRuleStatementLabelMatchStatementArgs{
		Scope: pulumi.String("LABEL"), Key: pulumi.String(label),
	}}
}

func fromCountries(codes []string) statement {
	return statement{GeoMatchStatement: wafv2.WebAclRuleStatementGeoMatchStatementArgs{CountryCodes: pulumi.ToStringArray(codes)}}
}

func not(s statement) statement {
	return statement{NotStatement: wafv2.WebAclRuleStatementNotStatementArgs{Statements: statements{s}}}
}

func anyOf(list ...wafv2.WebAclRuleStatementInput) statement {
	return statement{OrStatement: wafv2.WebAclRuleStatementOrStatementArgs{Statements: statements(list)}}
}

func allOf(list ...wafv2.WebAclRuleStatementInput) statement {
	return statement{AndStatement: wafv2.WebAclRuleStatementAndStatementArgs{Statements: statements(list)}}
}
