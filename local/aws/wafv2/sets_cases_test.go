package wafv2_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/elb"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/s3"
	"wordpress-ecs/local/aws/wafv2"
)

// placeCases are about the names and scopes of web ACLs and sets, and how many of them there are.
func placeCases() []cases.Case {
	var all []cases.Case
	for _, of := range []struct {
		typ, title string
		most       int
		// bare are inputs without references.
		bare account.Props
	}{
		{acl, "web ACLs", 100, account.Props{"rules": nil}}, {wafv2.IPSet, "IP sets", 100, nil},
		{wafv2.RegexPatternSet, "regex pattern sets", 10, nil},
	} {
		prefix := func(text string) cases.Trial { return cases.Make(account.Props{"name": nil, "namePrefix": text}) }
		at := func(region, scope string) cases.Trial {
			return func(w *cases.World, typ string) error {
				w.Region = region
				changes := account.Props{"scope": scope, "name": "a", "rules": nil}
				if typ != acl {
					delete(changes, "rules")
				}
				_, err := w.Make(typ, changes)
				return err
			}
		}
		after := func(first, then cases.Trial) cases.Trial {
			return func(w *cases.World, typ string) error {
				if err := first(w, typ); err != nil {
					return err
				}
				return then(w, typ)
			}
		}
		one := func(rule string, refused, accepted cases.Trial, says string) cases.Case {
			return cases.One(of.typ, rule, refused, accepted, says)
		}
		all = append(all,
			one("length of namePrefix", prefix(strings.Repeat("a", 103)), prefix(strings.Repeat("a", 102)), "expected length of namePrefix"),
			one("form of namePrefix", prefix("a b"), prefix("a-"), "invalid value for namePrefix"),
			one("name without namePrefix", cases.Make(account.Props{"name": "a", "namePrefix": "a"}), nil, "conflicts with namePrefix"),
			one("CloudFront's scope is in us-east-1", at("eu-central-1", "CLOUDFRONT"), at("us-east-1", "CLOUDFRONT"),
				"WAFInvalidParameterException: Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT"),
			one("the name is free in its scope", after(at("us-east-1", "CLOUDFRONT"), at("us-east-1", "CLOUDFRONT")),
				after(at("us-east-1", "CLOUDFRONT"), at("us-east-1", "REGIONAL")), "WAFDuplicateItemException"),
			one(of.title+" per region", cases.Full(of.most, of.bare), cases.Full(of.most-1, of.bare), "WAFLimitsExceededException"),
		)
	}
	return all
}

func setCases() []cases.Case {
	addresses := func(version string, texts ...any) cases.Trial {
		return cases.Make(account.Props{"ipAddressVersion": version, "addresses": texts})
	}
	many := func(n int) cases.Trial {
		var all list
		for i := range n {
			all = append(all, fmt.Sprintf("10.%d.%d.0/24", i/256, i%256))
		}
		return addresses("IPV4", all...)
	}
	patterns := func(texts ...string) cases.Trial {
		return cases.Make(account.Props{"regularExpressions": expressions(texts...)})
	}
	const networks = "addresses are networks of the set's version"
	ip := func(rule string, refused, accepted cases.Trial, says string) cases.Case {
		return cases.One(wafv2.IPSet, rule, refused, accepted, says)
	}
	regex := func(rule string, refused, accepted cases.Trial, says string) cases.Case {
		return cases.One(wafv2.RegexPatternSet, rule, refused, accepted, says)
	}
	const odd = "WAFInvalidParameterException: Error reason: The parameter contains formatting that is not valid., field: IP_ADDRESS"
	return []cases.Case{
		ip("count of addresses", many(10_001), many(10_000), "addresses supports 10000 item maximum"),
		ip(networks, addresses("IPV4", "192.0.2.1"), addresses("IPV4", "192.0.2.1/32"), odd),
		ip(networks, addresses("IPV4", "0.0.0.0/0"), addresses("IPV4", "0.0.0.0/1", "128.0.0.0/1"), odd),
		ip(networks, addresses("IPV4", "2001:db8::/32"), addresses("IPV6", "2001:db8::/32"), odd),
		ip(networks, addresses("IPV6", "192.0.2.0/24"), nil, odd),
		ip("no rule refers to it", cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(acl) }), cases.Delete(nil),
			"WAFAssociatedItemException"),
		regex("count of regularExpressions", patterns(slices.Repeat([]string{"a"}, 11)...), patterns("a"), "supports 10 item maximum"),
		regex("length of expressions", patterns("a", ""), patterns("a"), "field: REGEX_PATTERN_SET"),
		regex("length of expressions", patterns(strings.Repeat("a", 201)), patterns(strings.Repeat("a", 200)), "An expression has 1 to 200"),
		regex("no rule refers to it", func(w *cases.World, typ string) error {
			if err := patterned(w, acl); err != nil {
				return err
			}
			return w.Delete(w.Usual(typ))
		}, cases.Delete(nil), "WAFAssociatedItemException"),
	}
}

func associationCases() []cases.Case {
	one := func(rule string, refused, accepted cases.Trial, says string) cases.Case {
		return cases.One(wafv2.Association, rule, refused, accepted, says)
	}
	twice := func(second func(w *cases.World) string) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, account.Props{"webAclArn": arn(w.Need(acl, nil)), "resourceArn": second(w)})
			return err
		}
	}
	return []cases.Case{
		cases.Refused(wafv2.Association, "scope of the web ACL", "WAFInvalidParameterException: Error reason: The scope is not valid.", account.Props{
			"webAclArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/12345678-1234-1234-1234-123456789012",
		}),
		one("resourceArn is available", func(w *cases.World, typ string) error {
			in := usual()[elb.LoadBalancer](w)
			of := arn(w.Usual(acl))
			w.Pace = 1
			_, err := w.Make(typ, account.Props{"webAclArn": of, "resourceArn": arn(w.Need(elb.LoadBalancer, in))})
			return err
		}, nil, "WAFUnavailableEntityException"),
		one("one web ACL per load balancer", twice(func(w *cases.World) string { return arn(w.Usual(elb.LoadBalancer)) }),
			twice(func(w *cases.World) string { return arn(w.Need(elb.LoadBalancer, nil)) }), "give the association DeleteBeforeReplace"),
	}
}

func loggingCases() []cases.Case {
	one := func(rule string, refused, accepted cases.Trial, says string) cases.Case {
		return cases.One(wafv2.Logging, rule, refused, accepted, says)
	}
	to := func(texts ...any) cases.Trial { return cases.Make(account.Props{"logDestinationConfigs": texts}) }
	filters := func(conditions ...any) cases.Trial {
		return cases.Make(account.Props{"loggingFilter.filters": list{object{
			"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": conditions,
		}}})
	}
	// group is the ARN of a log group that there is, in a form of it, in the region of the logging.
	group := func(region, end string) cases.Trial {
		return func(w *cases.World, typ string) error {
			w.Region = region
			of := arn(w.Need(cloudwatch.LogGroup, nil))
			w.Region = "eu-central-1"
			_, err := w.Make(typ, account.Props{"logDestinationConfigs": list{of + end}})
			return err
		}
	}
	stream := func(region, name string) string {
		return fmt.Sprintf("arn:aws:firehose:%s:123456789012:deliverystream/%s", region, name)
	}
	condition := object{"actionCondition": object{"action": "BLOCK"}}
	const named, there = "names of destinations", "the destination exists"
	return []cases.Case{
		one("filters have conditions", filters(), filters(condition), "conditions requires 1 item minimum"),
		one("filters have conditions", filters(object{}), nil, exactlyOne+"FILTER_CONDITION,"),
		cases.Refused(wafv2.Logging, "redacted fields", exactlyOne+"FIELD_TO_MATCH,", account.Props{"redactedFields": list{
			object{"singleHeader": object{"name": "cookie"}, "method": object{}},
		}}),
		one("count of logDestinationConfigs", to("arn:aws:s3:::aws-waf-logs-a", "arn:aws:s3:::aws-waf-logs-b"), nil, "supports 1 item maximum"),
		one(named, to("arn:aws:s3:::logs"), to(stream("eu-central-1", "aws-waf-logs-a")),
			"WAFInvalidParameterException: Error reason: The ARN isn't valid."),
		one(named, to(stream("eu-central-1", "logs")), nil, "field: LOG_DESTINATION"),
		one("the destination is in the region", to(stream("us-east-1", "aws-waf-logs-a")), to(stream("eu-central-1", "aws-waf-logs-a")),
			"field: LOG_DESTINATION"),
		one("the destination is in the region", group("us-east-1", ""), group("eu-central-1", ""), "field: LOG_DESTINATION"),
		one(there, to("arn:aws:s3:::aws-waf-logs-none"), nil, "WAFNonexistentItemException"),
		one(there, to("arn:aws:logs:eu-central-1:123456789012:log-group:aws-waf-logs-none"), group("eu-central-1", ":*"), "WAFNonexistentItemException"),
		one(there, to("arn:aws:logs:eu-central-1:123456789012:log-group:aws-waf-logs-none"), bucketElsewhere, "WAFNonexistentItemException"),
		one(there, to("arn:aws:s3:::aws-waf-logs-none/cdn"), func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"logDestinationConfigs": list{arn(w.Usual(s3.Bucket)) + "/cdn"}})
			return err
		}, "WAFNonexistentItemException"),
		one("the bucket takes the logs", into(`"Deny","Principal":"*"`), into(`"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"}`),
			"WAFLogDestinationPermissionIssueException: The operation failed because you don't have the permissions"),
		one("one per web ACL", func(w *cases.World, typ string) error {
			w.Usual(typ)
			return cases.Make(nil)(w, typ)
		}, func(w *cases.World, typ string) error {
			w.Usual(typ)
			return cases.Make(account.Props{"resourceArn": arn(w.Need(acl, nil))})(w, typ)
		}, "WAFDuplicateItemException"),
	}
}

// bucketElsewhere makes the logging of a web ACL to a bucket of another region.
func bucketElsewhere(w *cases.World, typ string) error {
	w.Region = "us-east-1"
	of := arn(w.Need(s3.Bucket, account.Props{"bucket": "aws-waf-logs-elsewhere"}))
	w.Region = "eu-central-1"
	_, err := w.Make(typ, account.Props{"logDestinationConfigs": list{of}})
	return err
}

// into makes the logging of a web ACL to a bucket whose policy says something to whoever writes.
func into(whom string) cases.Trial {
	return func(w *cases.World, typ string) error {
		bucket := w.Usual(s3.Bucket)
		w.Need(s3.Policy, account.Props{"bucket": bucket.ID, "policy": `{"Version":"2012-10-17","Statement":[{"Effect":` + whom +
			`,"Action":"s3:PutObject","Resource":"` + arn(bucket) + `/AWSLogs/*"}]}`})
		_, err := w.Make(typ, nil)
		return err
	}
}

// A bucket that says nothing of logs gets a statement, below the prefix that the logs have.
func TestABucketIsOpenedForLogs(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		bucket := w.Usual(s3.Bucket)
		w.Need(wafv2.Logging, account.Props{"logDestinationConfigs": list{arn(bucket) + "/cdn"}})
		policy, err := w.Call().Find(s3.Policy, "bucket", bucket.ID)
		require.NoError(t, err)
		require.NotNil(t, policy)
		require.Contains(t, policy.Outputs.String("policy"), `"Resource":"arn:aws:s3:::aws-waf-logs-site/cdn/AWSLogs/123456789012/*"`)
	})
}

// The statement of the developer guide is enough.
func TestABucketThatTakesLogsStaysAsItIs(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		const guides = `"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"},"Condition":{"StringEquals":` +
			`{"s3:x-amz-acl":"bucket-owner-full-control","aws:SourceAccount":["123456789012"]},` +
			`"ArnLike":{"aws:SourceArn":["arn:aws:logs:eu-central-1:123456789012:*"]}}`
		require.NoError(t, into(guides)(w, wafv2.Logging))
		policy, err := w.Call().Find(s3.Policy, "bucket", w.Usual(s3.Bucket).ID)
		require.NoError(t, err)
		require.Equal(t, policy.Inputs["policy"], policy.Outputs["policy"])
		require.NotContains(t, policy.Outputs.String("policy"), "AWSLogDeliveryWrite")
	})
}
