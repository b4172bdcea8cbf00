package wafv2_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/acm"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/kind/cases/network"
	"wordpress-ecs/local/aws/lambda"
	"wordpress-ecs/local/aws/route53"
	"wordpress-ecs/local/aws/s3"
	"wordpress-ecs/local/aws/wafv2"
)

const acl = wafv2.WebACL

// The names keep the tables short.
type (
	object = map[string]any
	list   = []any
)

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(acm.Service(), cloudfront.Service(), cloudwatch.Service(), ec2.Service(), elb.Service(), iam.Service(),
		lambda.Service(), route53.Service(), s3.Service(), wafv2.Service())
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Usual: usual(), Types: []string{
		acl, wafv2.IPSet, wafv2.RegexPatternSet, wafv2.Association, wafv2.Logging,
	}}
}

func TestEveryRule(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Cases = slices.Concat(webACLCases(), labelCases(), responseCases(), statementCases(), placeCases(), setCases(), associationCases(), loggingCases())
	s.Run(t)
}

// usual are inputs that are accepted.
func usual() cases.Usual {
	return network.With(cases.Usual{
		cloudfront.Distribution: distribution,
		cloudwatch.LogGroup:     func(*cases.World) account.Props { return account.Props{"name": "aws-waf-logs-site"} },
		s3.Bucket:               func(*cases.World) account.Props { return account.Props{"bucket": "aws-waf-logs-site"} },
		s3.Policy:               func(*cases.World) account.Props { return account.Props{} },
		wafv2.IPSet: func(*cases.World) account.Props {
			return place(object{"ipAddressVersion": "IPV4", "addresses": list{"192.0.2.0/24"}})
		},
		wafv2.RegexPatternSet: func(*cases.World) account.Props { return place(object{"regularExpressions": expressions("^/wp-")}) },
		wafv2.WebACL:          site,
		wafv2.Association: func(w *cases.World) account.Props {
			return account.Props{"webAclArn": arn(w.Usual(acl)), "resourceArn": arn(w.Usual(elb.LoadBalancer))}
		},
		wafv2.Logging: func(w *cases.World) account.Props {
			return account.Props{
				"resourceArn": arn(w.Usual(acl)), "logDestinationConfigs": list{arn(w.Usual(s3.Bucket))},
				"redactedFields": list{object{"singleHeader": object{"name": "cookie"}}},
				"loggingFilter": object{"defaultBehavior": "DROP", "filters": list{object{
					"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": list{object{"actionCondition": object{"action": "BLOCK"}}},
				}}},
			}
		},
	})
}

func arn(r account.Resource) string { return r.Outputs.String("arn") }

// place is what every web ACL and set has, and more.
func place(more object) account.Props {
	in := account.Props{"scope": "REGIONAL", "description": "Site", "tags": object{"Project": "site"}}
	maps.Copy(in, more)
	return in
}

func distribution(*cases.World) account.Props {
	return account.Props{
		"enabled": true, "viewerCertificate": object{"cloudfrontDefaultCertificate": true},
		"restrictions": object{"geoRestriction": object{"restrictionType": "none"}},
		"origins": list{object{"originId": "web", "domainName": "web.example.com", "customOriginConfig": object{
			"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "https-only", "originSslProtocols": list{"TLSv1.2"},
		}}},
		"defaultCacheBehavior": object{
			"targetOriginId": "web", "viewerProtocolPolicy": "redirect-to-https", "cachedMethods": list{"GET", "HEAD"},
			"allowedMethods": list{"GET", "HEAD"}, "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
		},
	}
}

// site is a web ACL such as a site has.
func site(w *cases.World) account.Props {
	return place(object{
		"defaultAction": object{"allow": object{}}, "visibilityConfig": seen("site"),
		"customResponseBodies": list{object{"key": "elsewhere", "content": "Not here.", "contentType": "TEXT_PLAIN"}},
		"rules": list{
			ruled("office", 0, object{"ipSetReferenceStatement": object{"arn": arn(w.Usual(wafv2.IPSet))}}, object{"action": object{"allow": object{}}}),
			ruled("countries", 1, not(country("DE", "AT")), object{"action": object{"block": object{"customResponse": object{
				"responseCode": 403.0, "customResponseBodyKey": "elsewhere", "responseHeaders": list{object{"name": "x-why", "value": "country"}},
			}}}}),
			ruled("logins", 2, rate(object{"scopeDownStatement": and(text("method", "POST"), text("uriPath", "/wp-login.php"))}), nil),
			ruled("common", 3, group("AWSManagedRulesCommonRuleSet", object{"ruleActionOverrides": list{counted("SizeRestrictions_BODY")}}), nil),
			ruled("bodies", 4, and(or(label("a:size"), label("a:script")), not(text("uriPath", "/wp-admin/"))), nil),
		},
	})
}

// seen is how a metric of a name shows.
func seen(metric string) object {
	return object{"cloudwatchMetricsEnabled": true, "sampledRequestsEnabled": true, "metricName": metric}
}

// ruled is a rule that blocks, or one for a managed group that lets it do what it does.
func ruled(name string, priority float64, statement, changes object) object {
	rule := object{"name": name, "priority": priority, "statement": statement, "visibilityConfig": seen(name)}
	if statement["managedRuleGroupStatement"] != nil {
		rule["overrideAction"] = object{"none": object{}}
	} else {
		rule["action"] = object{"block": object{}}
	}
	return cases.Changed(rule, changes)
}

func not(s object) object { return object{"notStatement": object{"statements": list{s}}} }

func and(all ...any) object { return object{"andStatement": object{"statements": all}} }

func or(all ...any) object { return object{"orStatement": object{"statements": all}} }

func country(codes ...any) object {
	return object{"geoMatchStatement": object{"countryCodes": codes}}
}

func label(key string) object {
	return object{"labelMatchStatement": object{"scope": "LABEL", "key": key}}
}

// text compares a part of the request.
func text(part, with string) object {
	return object{"byteMatchStatement": looking(object{
		"fieldToMatch": object{part: object{}}, "positionalConstraint": "EXACTLY", "searchString": with,
	})}
}

// looking is a statement about the path, unless it says something else.
func looking(with object) object {
	return cases.Changed(object{
		"fieldToMatch": object{"uriPath": object{}}, "textTransformations": list{object{"priority": 0.0, "type": "NONE"}},
	}, with)
}

func rate(with object) object {
	return object{"rateBasedStatement": cases.Changed(object{"limit": 100.0, "aggregateKeyType": "IP"}, with)}
}

func group(name string, with object) object {
	return object{"managedRuleGroupStatement": cases.Changed(object{"vendorName": "AWS", "name": name}, with)}
}

// counted has a rule of a group count.
func counted(rule string) object {
	return object{"name": rule, "actionToUse": object{"count": object{}}}
}

func expressions(texts ...string) list {
	var all list
	for _, text := range texts {
		all = append(all, object{"regexString": text})
	}
	return all
}

// rules makes the usual web ACL with other rules.
func rules(all ...any) cases.Trial { return cases.Make(account.Props{"rules": all}) }

// about makes the usual web ACL with one rule, which has a statement.
func about(statement object) cases.Trial { return rules(ruled("a", 0, statement, nil)) }
