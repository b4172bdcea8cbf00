package cloudfront

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	// mostHeaders is how many headers a policy can add, or remove.
	mostHeaders = 10
	// longestCSP bounds a Content-Security-Policy, in characters.
	longestCSP = 1783

	understanding = guide + "understanding-response-headers-policies.html"
)

func responseHeadersPolicy() kind.Kind {
	return kind.Kind{
		Type: ResponseHeadersPolicy, Title: "CloudFront Response Headers Policy", Args: cloudfront.ResponseHeadersPolicyArgs{},
		State: cloudfront.ResponseHeadersPolicy{}, Global: true, Source: terraform + "response_headers_policy.go",
		API: responseHeadersPolicyAPI(), Volatile: []string{"etag"},
		Name: kind.Name{Property: "name", Max: 128},
		Sets: []string{
			"corsConfig.accessControlAllowHeaders.items", "corsConfig.accessControlAllowMethods.items",
			"corsConfig.accessControlAllowOrigins.items", "corsConfig.accessControlExposeHeaders.items",
			"customHeadersConfig.items", "removeHeadersConfig.items",
		},
		Rules: responseHeadersRules(),
		Guards: []kind.Guard{kind.Quota("response headers policies per account", mostPolicies, kind.Fault{
			Code:    "TooManyResponseHeadersPolicies",
			Message: "You have reached the maximum number of response headers policies for this AWS account.",
		}, kind.Alike(ResponseHeadersPolicy)).From(quotas)},
		Unique: []kind.Unique{{Property: "name", Source: model + "ResponseHeadersPolicyAlreadyExists", Taken: kind.Fault{
			Code:    "ResponseHeadersPolicyAlreadyExists",
			Message: "A response headers policy with this name already exists. You must provide a unique name.",
		}}},
		NotFound: kind.Fault{Code: "NoSuchResponseHeadersPolicy", Message: "The specified response headers policy does not exist."},
		InUse: kind.Fault{
			Code: "ResponseHeadersPolicyInUse",
			Message: "Cannot delete the response headers policy because it is attached to one or more cache behaviors " +
				"in a CloudFront distribution.",
		},
		Create: func(c *kind.Call) error { return createPolicy(c, "response-headers-policy") },
		Update: tagged,
	}
}

func responseHeadersRules() []kind.Rule {
	parts := []string{"corsConfig", "customHeadersConfig", "removeHeadersConfig", "securityHeadersConfig", "serverTimingHeadersConfig"}
	return []kind.Rule{
		kind.Whole("one part", func(in account.Props) string {
			for _, part := range parts {
				if in.Has(part) {
					return ""
				}
			}
			return fmt.Sprintf("Missing required argument: one of `%v` must be specified", parts)
		}),
		kind.OneOf("securityHeadersConfig.frameOptions.frameOption", "DENY", "SAMEORIGIN"),
		kind.OneOf("securityHeadersConfig.referrerPolicy.referrerPolicy", "no-referrer", "no-referrer-when-downgrade", "origin",
			"origin-when-cross-origin", "same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"),
		kind.OneOf("corsConfig.accessControlAllowMethods.items[]", "GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ALL"),
		kind.Range("serverTimingHeadersConfig.samplingRate", 0, 100),
		kind.Length("comment", 0, longestComment).API(invalid).From(model + "ResponseHeadersPolicyConfig.Comment"),
		kind.Length("securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy", 0, longestCSP).
			API("TooLongCSPInResponseHeadersPolicy").From(understanding),
		kind.Whole("blocking or reporting", func(in account.Props) string {
			if in.Bool("securityHeadersConfig.xssProtection.modeBlock") && in.Has("securityHeadersConfig.xssProtection.reportUri") {
				return "The parameters ModeBlock and ReportUri cannot be specified together."
			}
			return ""
		}, "securityHeadersConfig").API(invalid).From(understanding),
		many("number of custom headers", "customHeadersConfig.items", "TooManyCustomHeadersInResponseHeadersPolicy"),
		many("number of removed headers", "removeHeadersConfig.items", "TooManyRemoveHeadersInResponseHeadersPolicy"),
		{
			Name: "custom headers are no security headers", Path: "customHeadersConfig.items[].header", Bad: "Content-Security-Policy",
			Code: invalid, Source: understanding, Test: func(v any, _ account.Props) string {
				name, _ := v.(string)
				if among([]string{
					"Content-Security-Policy", "Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options",
					"X-XSS-Protection",
				}, name) {
					return fmt.Sprintf("The parameter CustomHeaders contains %s that is a security header and cannot be set as custom header.", name)
				}
				return ""
			},
		},
		{
			Name: "headers that can be removed", Path: "removeHeadersConfig.items[].header", Bad: "Content-Length",
			Code: invalid, Source: understanding, Test: func(v any, _ account.Props) string {
				name, _ := v.(string)
				if among([]string{
					"Connection", "Content-Encoding", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
					"Proxy-Connection", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Warning", "X-Accel-Buffering", "X-Accel-Charset",
					"X-Accel-Limit-Rate", "X-Accel-Redirect", "X-Amzn-Auth", "X-Amzn-Cf-Billing", "X-Amzn-Cf-Id", "X-Amzn-Cf-Xff",
					"X-Amzn-ErrorType", "X-Amzn-Fle-Profile", "X-Amzn-Header-Count", "X-Amzn-Header-Order", "X-Amzn-Lambda-Integration-Tag",
					"X-Amzn-RequestId", "X-Cache", "X-Forwarded-Proto", "X-Real-Ip",
				}, name) || begins(name, "X-Amz-Cf-") || begins(name, "X-Edge-") {
					return fmt.Sprintf("The parameter RemoveHeaders contains %s that is not allowed.", name)
				}
				return ""
			},
		},
	}
}

// many bounds a list of headers.
func many(name, path, code string) kind.Rule {
	return kind.Rule{Name: name, Path: path, Code: code, Source: quotas, Test: func(v any, _ account.Props) string {
		if list, _ := v.([]any); len(list) > mostHeaders {
			return fmt.Sprintf("The number of headers in the response headers policy exceeds the maximum of %d.", mostHeaders)
		}
		return ""
	}}
}
