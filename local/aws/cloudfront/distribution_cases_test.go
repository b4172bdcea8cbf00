package cloudfront_test

import (
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/aws/kind/cases"
)

func refused(rule, says string, changes account.Props) cases.Case {
	return cases.Refused(distribution, rule, says, changes)
}

func one(rule string, refused, accepted cases.Trial, says string) cases.Case {
	return cases.One(distribution, rule, refused, accepted, says)
}

// group is an origin group.
func group(changes object) list {
	return list{cases.Changed(object{
		"originId": "either", "members": list{object{"originId": "media"}, object{"originId": "web"}},
		"failoverCriteria": object{"statusCodes": list{500.0}},
	}, changes)}
}

// origins are so many, and the usual ones.
func origins(n int) cases.Trial {
	return func(w *cases.World, typ string) error {
		all := list{server(nil), media(w)}
		for i := range n - 2 {
			all = append(all, server(object{"originId": fmt.Sprint("web-", i)}))
		}
		_, err := w.Make(typ, account.Props{"origins": all})
		return err
	}
}

func originCases() []cases.Case {
	named := func(name string) cases.Trial { return from(object{"domainName": name}) }
	headers := func(n, length int) cases.Trial {
		var all list
		for i := range n {
			all = append(all, object{"name": fmt.Sprint("X-", i), "value": strings.Repeat("a", length)})
		}
		return from(object{"customHeaders": all})
	}
	groups := func(n int) cases.Trial {
		var all list
		for i := range n {
			all = append(all, group(object{"originId": fmt.Sprint("either-", i)})...)
		}
		return cases.Make(account.Props{"originGroups": append(all, group(nil)...)})
	}
	custom := func(input string, v any) cases.Trial {
		config, _ := server(nil)["customOriginConfig"].(object)
		return from(object{"customOriginConfig": cases.Changed(config, object{input: v})})
	}
	header := func(name, value string) cases.Trial {
		return from(object{"customHeaders": list{object{"name": name, "value": value}}})
	}
	const at = "origins[].customOriginConfig"
	return []cases.Case{
		one("originSslProtocols of "+at, custom("originSslProtocols", nil), nil, "Missing required argument"),
		one("values of "+at+".originSslProtocols[]", custom("originSslProtocols", list{"TLSv1.3"}), nil, "to be one of"),
		one("values of "+at+".originProtocolPolicy", custom("originProtocolPolicy", "https"), nil, "to be one of"),
		one("range of "+at+".originReadTimeout", custom("originReadTimeout", 181.0), custom("originReadTimeout", 180.0), "in the range (1 - 180)"),
		one("range of "+at+".originKeepaliveTimeout", custom("originKeepaliveTimeout", 0.0), nil, "in the range (1 - 180)"),
		one(at+".httpPort", custom("httpPort", 81.0), custom("httpPort", 8080.0), "InvalidArgument"),
		one(at+".httpsPort", custom("httpsPort", 444.0), custom("httpsPort", 8443.0), "InvalidArgument"),
		one("length of origins[].customHeaders[].name", header(strings.Repeat("a", 257), "a"), header(strings.Repeat("a", 256), "a"), "InvalidArgument"),
		one("length of origins[].customHeaders[].value", header("a", strings.Repeat("a", 1784)), header("a", strings.Repeat("a", 1783)), "InvalidArgument"),
		refused("members of originGroups[]", "Missing required argument", account.Props{"originGroups": group(object{"members": list{}})}),
		refused("statusCodes of originGroups[].failoverCriteria", "Missing required argument",
			account.Props{"originGroups": group(object{"failoverCriteria": object{}})}),
		refused("count of originGroups[].members", "requires 2 item minimum",
			account.Props{"originGroups": group(object{"members": list{object{"originId": "web"}}})}),
		one("domain names of origins", named("https://example.com"), named("web-123.eu-central-1.elb.localhost:8080"), "must be a domain name"),
		one("domain names of origins", named("example.com:8080"), nil, "InvalidArgument: The parameter origin name must be a domain name"),
		one("domain names of origins", named("192.0.2.1"), nil, "InvalidArgument"),
		one("form of origins[].originPath", from(object{"originPath": "/site/"}), from(object{"originPath": ""}), "InvalidArgument"),
		one("a bucket or a custom origin", from(object{"s3OriginConfig": object{"originAccessIdentity": ""}}), nil,
			"InvalidOrigin: You must specify either a CustomOrigin or an S3Origin."),
		one("buckets are S3's", from(object{"customOriginConfig": nil}), nil,
			"InvalidArgument: The parameter Origin DomainName does not refer to a valid S3 bucket: "),
		one("buckets are S3's", from(object{"customOriginConfig": nil, "domainName": "media.s3-website.eu-central-1.amazonaws.com"}),
			from(object{"customOriginConfig": nil, "domainName": "media.s3.eu-central-1.amazonaws.com"}), "does not refer to a valid S3 bucket"),
		one("buckets are S3's", from(object{"customOriginConfig": nil, "domainName": "media.s3-website-us-east-1.amazonaws.com"}),
			named("media.s3-website-us-east-1.amazonaws.com"), "does not refer to a valid S3 bucket"),
		one("ids of origins", from(object{"originId": "media"}), nil, `The origin id "media" is used more than once.`),
		refused("ids of origins", "InvalidArgument", account.Props{"originGroups": group(object{"originId": "web"})}),
		refused("members of groups are origins", "NoSuchOrigin: One or more of your origins or origin groups do not exist: elsewhere",
			account.Props{"originGroups": group(object{"members": list{object{"originId": "elsewhere"}, object{"originId": "web"}}})}),
		one("origins per distribution", origins(101), origins(100), "TooManyOrigins"),
		one("origin groups per distribution", groups(10), groups(9), "TooManyOriginGroupsPerDistribution"),
		one("custom headers per origin", headers(11, 1), headers(10, 1), "TooManyOriginCustomHeaders"),
		one("names of custom headers", from(object{"customHeaders": list{object{"name": "x-edge-location", "value": "a"}}}), nil,
			"InvalidArgument: The parameter HeaderName contains x-edge-location that is not allowed."),
		one("names of custom headers", from(object{"customHeaders": list{object{"name": "Host", "value": "a"}}}), nil, "contains Host"),
		one("length of all custom headers", headers(6, 1750), headers(5, 1750), "The custom headers of an origin have 10518 characters"),
	}
}

func behaviorCases() []cases.Case {
	const later, usually = "orderedCacheBehaviors[]", "defaultCacheBehavior"
	both := func(rule string, changes, accepted object, says string) []cases.Case {
		return []cases.Case{
			one(fmt.Sprintf(rule, later), ordered(changes), ordered(accepted), says),
			one(fmt.Sprintf(rule, usually), byDefault(changes), byDefault(accepted), says),
		}
	}
	twice := func(events ...string) object {
		var all list
		for _, event := range events {
			all = append(all, object{"eventType": event, "functionArn": "arn:aws:cloudfront::123456789012:function/f"})
		}
		return object{"functionAssociations": all}
	}
	var all []cases.Case
	all = append(all, both("allowedMethods of %s", object{"allowedMethods": list{}}, nil, "Missing required argument")...)
	all = append(all, both("cachedMethods of %s", object{"cachedMethods": nil}, nil, "Missing required argument")...)
	all = append(all, both("count of %s.functionAssociations", twice("viewer-request", "viewer-response", "viewer-request"), nil,
		"supports 2 item maximum")...)
	all = append(all, both("methods of %s", object{"allowedMethods": list{"GET", "HEAD", "POST"}}, nil, "InvalidArgument: The parameter AllowedMethods")...)
	all = append(all, both("methods of %s", object{"cachedMethods": list{"GET", "HEAD", "POST"}}, object{"cachedMethods": list{"HEAD", "GET", "OPTIONS"}},
		"InvalidArgument: The parameter CachedMethods")...)
	all = append(all, both("methods of %s", object{"allowedMethods": list{"GET", "HEAD"}, "cachedMethods": list{"GET", "HEAD", "OPTIONS"}}, nil,
		"methods that AllowedMethods does not contain")...)
	all = append(all, both("a cache policy for %s", object{"cachePolicyId": nil}, object{"cachePolicyId": disabled},
		"InvalidArgument: The parameter OriginRequestPolicyId cannot be used")...)
	all = append(all, both("a cache policy for %s", object{"cachePolicyId": nil, "originRequestPolicyId": nil}, object{"originRequestPolicyId": allViewer},
		"InvalidArgument: The parameter ForwardedValues is required")...)
	all = append(all, both("functions of %s", twice("viewer-request", "viewer-request"), nil, "InvalidFunctionAssociation: More than one function")...)
	all = append(all, both("functions of %s", twice("origin-request"), object{"functionAssociations": nil},
		"InvalidFunctionAssociation: CloudFront functions cannot")...)
	unpublished := func(publish bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			f := w.Need(cloudfront.Function, account.Props{"publish": publish})
			_, err := w.Make(typ, account.Props{"defaultCacheBehavior": behavior(w, object{"functionAssociations": list{
				object{"eventType": "viewer-response", "functionArn": f.Outputs.String("arn")},
			}})})
			return err
		}
	}
	many := func(n int) cases.Trial {
		return func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"orderedCacheBehaviors": several(n, behavior(w, object{"pathPattern": "/a"}))})
			return err
		}
	}
	return append(all,
		one("form of orderedCacheBehaviors[].pathPattern", ordered(object{"pathPattern": "/a b"}), ordered(object{"pathPattern": "*.jpg"}), "InvalidArgument"),
		one("length of orderedCacheBehaviors[].pathPattern", ordered(object{"pathPattern": strings.Repeat("a", 256)}), nil, "InvalidArgument"),
		one("cache behaviors per distribution", many(76), many(75), "TooManyCacheBehaviors"),
		one("targets exist", byDefault(object{"targetOriginId": "nowhere"}), nil,
			"NoSuchOrigin: One or more of your cache behavior target origins or origin groups do not exist: nowhere"),
		one("targets exist", ordered(object{"targetOriginId": "nowhere"}), nil, "NoSuchOrigin"),
		one("groups are read only", byDefault(object{"targetOriginId": "either"}),
			byDefault(object{"targetOriginId": "either", "allowedMethods": list{"GET", "HEAD", "OPTIONS"}}),
			"InvalidArgument: The parameter AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior"),
		one("functions are published", unpublished(false), unpublished(true), "InvalidFunctionAssociation: The function must be published"),
		one("distributions per account", cases.Full(500, account.Props{"aliases": nil}), nil, "TooManyDistributions"))
}

func viewerCases() []cases.Case {
	with := func(region, status string, changes object, names ...any) cases.Trial {
		return func(w *cases.World, typ string) error {
			_, err := w.Make(typ, account.Props{"viewerCertificate": shown(issued(w, region, status, names...), changes)})
			return err
		}
	}
	seen := func(changes object) cases.Trial { return with("us-east-1", "ISSUED", changes, "www.example.com") }
	plain := object{"cloudfrontDefaultCertificate": true}
	geo := func(kind string, countries ...any) cases.Trial {
		return cases.Make(account.Props{"restrictions": object{"geoRestriction": object{"restrictionType": kind, "locations": countries}}})
	}
	errors := func(all ...any) account.Props { return account.Props{"customErrorResponses": all} }
	protected := func(name, typ string) cases.Trial {
		return func(w *cases.World, _ string) error {
			control := w.Need(cloudfront.OriginAccessControl, account.Props{"originAccessControlOriginType": typ}).ID
			_, err := w.Make(distribution, account.Props{"origins": list{media(w), server(object{"domainName": name, "originAccessControlId": control})}})
			return err
		}
	}
	return []cases.Case{
		refused("form of defaultRootObject", "InvalidDefaultRootObject", account.Props{"defaultRootObject": "/index.php"}),
		refused("length of defaultRootObject", "InvalidDefaultRootObject", account.Props{"defaultRootObject": strings.Repeat("a", 256)}),
		one("countries exactly for restrictions", geo("blacklist"), geo("none"), "InvalidGeoRestrictionParameter: Locations are required"),
		one("countries exactly for restrictions", geo("none", "DE"), geo("whitelist", "DE"), "InvalidGeoRestrictionParameter: Locations must be empty"),
		refused("aliases per distribution", "TooManyDistributionCNAMEs", account.Props{"aliases": several(101, "www.example.com")}),
		one("form of aliases[]", cases.Make(account.Props{"aliases": list{"https://example.com"}}),
			cases.Make(account.Props{"aliases": list{"*.example.com", "example.com"}}), "InvalidArgument"),
		// The certificate does not cover a domain of another script, but it is one.
		refused("the certificate covers the aliases", "doesn't cover the alternate domain name (CNAME) that you're trying to add: xn--",
			account.Props{"aliases": list{"xn--e1afmkfd.xn--p1ai"}}),
		one("one certificate", seen(object{"cloudfrontDefaultCertificate": true}), seen(nil), "InvalidViewerCertificate: Exactly one of"),
		refused("one certificate", "InvalidViewerCertificate: Exactly one of", account.Props{"viewerCertificate": object{}}),
		one("how visitors connect", seen(object{"sslSupportMethod": nil}), nil, "InvalidViewerCertificate: SSLSupportMethod"),
		one("SSLv3 is for dedicated addresses", seen(object{"minimumProtocolVersion": "SSLv3"}), nil, "InvalidProtocolSettings"),
		one("aliases need a certificate", cases.Make(account.Props{"viewerCertificate": plain}),
			cases.Make(account.Props{"viewerCertificate": plain, "aliases": nil}), "InvalidViewerCertificate: To add an alternate domain name (CNAME)"),
		one("the certificate is issued in us-east-1", with("eu-central-1", "ISSUED", nil, "www.example.com"), seen(nil),
			"InvalidViewerCertificate: The specified SSL certificate doesn't exist, isn't in us-east-1"),
		one("the certificate is issued in us-east-1", with("us-east-1", "PENDING_VALIDATION", nil, "www.example.com"), nil, "InvalidViewerCertificate"),
		refused("the certificate is issued in us-east-1", "InvalidViewerCertificate",
			account.Props{"viewerCertificate": shown("arn:aws:acm:us-east-1:123456789012:certificate/nothing", nil)}),
		one("the certificate covers the aliases", with("us-east-1", "ISSUED", nil, "*.www.example.com", "example.com"), seen(nil),
			"doesn't cover the alternate domain name (CNAME) that you're trying to add: www.example.com"),
		one("aliases are free", func(w *cases.World, typ string) error {
			w.Usual(typ)
			_, err := w.Make(typ, account.Props{"aliases": list{"WWW.example.com"}})
			return err
		}, func(w *cases.World, typ string) error {
			_, err := w.Change(w.Usual(typ), account.Props{"comment": "Same aliases"})
			return err
		}, "CNAMEAlreadyExists: One or more of the CNAMEs you provided are already associated"),
		one("the web ACL is CloudFront's", cases.Make(account.Props{"webAclId": "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/a/b"}),
			cases.Make(account.Props{"webAclId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b"}), "InvalidWebACLId: Web ACL is not accessible"),
		one("access controls fit their origins", protected("web-1.eu-central-1.elb.amazonaws.com", "s3"),
			protected("abc.lambda-url.eu-central-1.on.aws", "lambda"), "InvalidDomainNameForOriginAccessControl"),
		refused("a page and its code", "InvalidArgument: ResponsePagePath and ResponseCode", errors(object{"errorCode": 404.0, "responseCode": 404.0})),
		refused("a page and its code", "configured more than once", errors(object{"errorCode": 404.0}, object{"errorCode": 404.0})),
	}
}
