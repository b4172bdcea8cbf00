package cloudfront

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func originRequestPolicy() kind.Kind {
	return kind.Kind{
		Type: OriginRequestPolicy, Title: "CloudFront Origin Request Policy", Args: cloudfront.OriginRequestPolicyArgs{},
		State: cloudfront.OriginRequestPolicy{}, Global: true, Source: terraform + "origin_request_policy.go",
		API: originRequestPolicyAPI(), Volatile: []string{"etag"},
		Name: kind.Name{Property: "name", Max: 128},
		Sets: []string{"cookiesConfig.cookies.items", "headersConfig.headers.items", "queryStringsConfig.queryStrings.items"},
		Rules: append(namedRules("OriginRequest", ""),
			kind.OneOf("cookiesConfig.cookieBehavior", "none", "whitelist", "all", "allExcept"),
			kind.OneOf("headersConfig.headerBehavior", "none", "whitelist", "allViewer", "allViewerAndWhitelistCloudFront", "allExcept"),
			kind.OneOf("queryStringsConfig.queryStringBehavior", "none", "whitelist", "all", "allExcept"),
			kind.Whole("headers to the origin", oddForwardedHeader, "headersConfig").API(invalid).
				From(guide+"add-origin-custom-headers.html, error reports of Accept-Encoding and x-amz-content-sha256")),
		Guards: []kind.Guard{kind.Quota("origin request policies per account", mostPolicies, kind.Fault{
			Code: "TooManyOriginRequestPolicies", Message: "You have reached the maximum number of origin request policies for this AWS account.",
		}, kind.Alike(OriginRequestPolicy)).From(quotas)},
		Unique: []kind.Unique{{Property: "name", Source: model + "OriginRequestPolicyAlreadyExists", Taken: kind.Fault{
			Code:    "OriginRequestPolicyAlreadyExists",
			Message: "An origin request policy with this name already exists. You must provide a unique name.",
		}}},
		NotFound: kind.Fault{Code: "NoSuchOriginRequestPolicy", Message: "The specified origin request policy does not exist."},
		InUse: kind.Fault{
			Code:    "OriginRequestPolicyInUse",
			Message: "Cannot delete the origin request policy because it is attached to one or more cache behaviors.",
		},
		Create: func(c *kind.Call) error { return createPolicy(c, "origin-request-policy") },
		Update: tagged,
	}
}

// oddForwardedHeader finds a header that cannot be named. All headers of the viewer together can go to the origin.
func oddForwardedHeader(in account.Props) string {
	p := forwarding(in)
	for _, name := range p.Headers.Names {
		switch {
		case p.Headers.Behavior == "whitelist" && among([]string{"Authorization", "Accept-Encoding", "X-Amz-Content-Sha256"}, name):
			return fmt.Sprintf("The parameter Headers contains %s that is not allowed.", name)
		case p.Headers.Behavior == "allViewerAndWhitelistCloudFront" && !begins(name, "CloudFront-"):
			return fmt.Sprintf("The parameter Headers contains %s that is not allowed: only headers that CloudFront adds can be listed "+
				"with allViewerAndWhitelistCloudFront.", name)
		}
	}
	return ""
}
