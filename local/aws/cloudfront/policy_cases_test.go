package cloudfront_test

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/aws/kind/cases"
)

// names are so many.
func names(n int) list {
	var all list
	for i := range n {
		all = append(all, fmt.Sprint("name-", i))
	}
	return all
}

func policyCases() []cases.Case {
	const cache, request = cloudfront.CachePolicy, cloudfront.OriginRequestPolicy
	key := func(part string, v any) account.Props {
		return account.Props{"parametersInCacheKeyAndForwardedToOrigin." + part: v}
	}
	bare := object{
		"cookiesConfig": object{"cookieBehavior": "none"}, "headersConfig": object{"headerBehavior": "none"},
		"queryStringsConfig": object{"queryStringBehavior": "none"},
	}
	off := func(changes object) cases.Trial {
		return cases.Make(account.Props{
			"minTtl": 0.0, "defaultTtl": 0.0, "maxTtl": 0.0, "parametersInCacheKeyAndForwardedToOrigin": cases.Changed(bare, changes),
		})
	}
	headers := func(behavior string, names ...any) object {
		return object{"headerBehavior": behavior, "headers": object{"items": names}}
	}
	both := func(part, one, title string) []cases.Case {
		some := func(behavior string, items list) object {
			return object{one + "Behavior": behavior, part: object{"items": items}}
		}
		config := part + "Config"
		return []cases.Case{
			cases.Refused(cache, "names of "+part, "InvalidArgument: The parameter "+title+" is required", key(config, some("whitelist", nil))),
			cases.Refused(cache, "names of "+part, "InvalidArgument: The parameter "+title+" is not allowed", key(config, some("none", list{"a"}))),
			cases.One(cache, "number of "+part, cases.Make(key(config, some("whitelist", names(11)))), cases.Make(key(config, some("whitelist", names(10)))),
				"TooMany"+title+"InCachePolicy"),
			cases.Refused(request, "names of "+part, "InvalidArgument", account.Props{config: some("allExcept", nil)}),
			cases.One(request, "number of "+part, cases.Make(account.Props{config: some("allExcept", names(11))}),
				cases.Make(account.Props{config: some("allExcept", names(10))}), "TooMany"+title+"InOriginRequestPolicy"),
		}
	}
	var all []cases.Case
	for _, part := range [][3]string{{"cookies", "cookie", "Cookies"}, {"headers", "header", "Headers"}, {"queryStrings", "queryString", "QueryStrings"}} {
		all = append(all, both(part[0], part[1], part[2])...)
	}
	ttl := func(low, usual, high float64) cases.Trial {
		return cases.Make(account.Props{"minTtl": low, "defaultTtl": usual, "maxTtl": high})
	}
	return append(all,
		cases.One(cache, "TTLs are in order", ttl(10, 20, 5), ttl(10, 10, 10), "InvalidArgument: The parameter MinTTL is greater than MaxTTL."),
		cases.One(cache, "TTLs are in order", ttl(10, 5, 20), nil, "MinTTL is greater than DefaultTTL"),
		cases.Refused(cache, "TTLs are in order", "DefaultTTL is greater than MaxTTL", account.Props{"maxTtl": 60.0}),
		cases.One(cache, "no cache key without caching", off(object{"enableAcceptEncodingGzip": true}), off(nil),
			"InvalidArgument: The parameter EnableAcceptEncodingGzip is invalid for policy with caching disabled."),
		cases.One(cache, "no cache key without caching", off(object{"headersConfig": headers("whitelist", "Authorization")}), nil,
			"The parameter HeaderBehavior is invalid"),
		cases.Refused(cache, "headers of the cache key", "InvalidArgument: The parameter Headers contains accept-encoding that is not allowed.",
			key("headersConfig", headers("whitelist", "accept-encoding"))),
		cases.Refused(cache, "headers of the cache key", "contains Cookie", key("headersConfig", headers("whitelist", "Cookie"))),
		cases.One(request, "headers to the origin", cases.Make(account.Props{"headersConfig": headers("whitelist", "Authorization")}),
			cases.Make(account.Props{"headersConfig": headers("allExcept", "Authorization")}), "The parameter Headers contains Authorization that is not allowed."),
		cases.One(request, "headers to the origin", cases.Make(account.Props{"headersConfig": headers("allViewerAndWhitelistCloudFront", "Host")}),
			cases.Make(account.Props{"headersConfig": headers("allViewerAndWhitelistCloudFront", "CloudFront-Viewer-Address")}), "only headers that CloudFront adds"),
		full(cache, "cache policies per account", "TooManyCachePolicies", 20), used(cache, "CachePolicyInUse"),
		full(request, "origin request policies per account", "TooManyOriginRequestPolicies", 20), used(request, "OriginRequestPolicyInUse"),
	)
}

func full(typ, rule, says string, most int) cases.Case {
	return cases.One(typ, rule, cases.Full(most, nil), cases.Full(most-1, nil), says)
}

// used deletes what the usual distribution uses.
func used(typ, says string) cases.Case {
	return cases.One(typ, "nothing uses it", cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(distribution) }), cases.Delete(nil), says)
}

func smallCases() []cases.Case {
	const headers, function, control = cloudfront.ResponseHeadersPolicy, cloudfront.Function, cloudfront.OriginAccessControl
	some := func(n int, one object) object { return object{"items": several(n, one)} }
	custom := object{"header": "X-A", "value": "a", "override": true}
	removed := object{"header": "X-A"}
	return []cases.Case{
		cases.Refused(headers, "one part", "must be specified", account.Props{
			"corsConfig": nil, "customHeadersConfig": nil, "removeHeadersConfig": nil, "securityHeadersConfig": nil, "serverTimingHeadersConfig": nil,
		}),
		cases.Refused(headers, "blocking or reporting", "InvalidArgument",
			account.Props{"securityHeadersConfig.xssProtection.reportUri": "https://example.com/report"}),
		cases.One(headers, "number of custom headers", cases.Make(account.Props{"customHeadersConfig": some(11, custom)}),
			cases.Make(account.Props{"customHeadersConfig": some(10, custom)}), "TooManyCustomHeadersInResponseHeadersPolicy"),
		cases.One(headers, "number of removed headers", cases.Make(account.Props{"removeHeadersConfig": some(11, removed)}),
			cases.Make(account.Props{"removeHeadersConfig": some(10, removed)}), "TooManyRemoveHeadersInResponseHeadersPolicy"),
		full(headers, "response headers policies per account", "TooManyResponseHeadersPolicies", 20), used(headers, "ResponseHeadersPolicyInUse"),
		cases.Refused(function, "no keyValueStoreAssociations", "is not supported by the local cloud",
			account.Props{"keyValueStoreAssociations": list{"arn:aws:cloudfront::123456789012:key-value-store/a"}}),
		cases.One(function, "size of code", cases.Make(account.Props{"code": strings.Repeat("a", 10241)}),
			cases.Make(account.Props{"code": strings.Repeat("a", 10240)}), "FunctionSizeLimitExceeded"),
		cases.Refused(function, "form of code", "InvalidArgument", account.Props{"code": " "}),
		full(function, "functions per account", "TooManyFunctions", 100), used(function, "FunctionInUse: Cannot delete function case-"),
		full(control, "origin access controls per account", "TooManyOriginAccessControls", 100), used(control, "OriginAccessControlInUse"),
	}
}

// absentCases are those of what the local cloud would pass over.
func absentCases() []cases.Case {
	const says = "is not supported by the local cloud"
	all := []cases.Case{
		refused("no continuousDeploymentPolicyId", says, account.Props{"continuousDeploymentPolicyId": "a"}),
		one("no staging", cases.Make(account.Props{"staging": true}), cases.Make(account.Props{"staging": false}), says),
		refused("no retainOnDelete", says, account.Props{"retainOnDelete": true}),
		refused("no loggingConfig", says, account.Props{"loggingConfig": object{"bucket": bucket}}),
		refused("no viewerCertificate.iamCertificateId", says, account.Props{"viewerCertificate": object{"iamCertificateId": "A"}}),
		one("no origins[].vpcOriginConfig", from(object{"vpcOriginConfig": object{"vpcOriginId": "vo_1"}}), nil, says),
		one("no origins[].s3OriginConfig.originAccessIdentity", from(object{"s3OriginConfig": object{"originAccessIdentity": "origin-access-identity/cloudfront/A"}}),
			nil, says),
	}
	values := object{"queryString": true, "cookies": object{"forward": "all"}}
	edge := list{object{"eventType": "origin-request", "lambdaArn": "arn:aws:lambda:us-east-1:123456789012:function:f:1"}}
	for input, v := range map[string]any{
		"forwardedValues": values, "minTtl": 1.0, "defaultTtl": 1.0, "maxTtl": 1.0, "lambdaFunctionAssociations": edge,
		"fieldLevelEncryptionId": "a", "realtimeLogConfigArn": "a", "smoothStreaming": true, "trustedKeyGroups": list{"a"}, "trustedSigners": list{"self"},
	} {
		all = append(all, one("no orderedCacheBehaviors[]."+input, ordered(object{input: v}), nil, says),
			one("no defaultCacheBehavior."+input, byDefault(object{input: v}), byDefault(object{"minTtl": 0.0}), says))
	}
	grpc := object{"grpcConfig": object{"enabled": true}}
	return append(all, one("no orderedCacheBehaviors[].grpcConfig.enabled", ordered(grpc), nil, says),
		one("no defaultCacheBehavior.grpcConfig.enabled", byDefault(grpc), nil, says))
}
