package cloudfront

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostPolicies = 20
	// mostNames is how many headers, cookies or query strings a policy can list.
	mostNames = 10

	cacheKey = "parametersInCacheKeyAndForwardedToOrigin"
)

func cachePolicy() kind.Kind {
	return kind.Kind{
		Type: CachePolicy, Title: "CloudFront Cache Policy", Args: cloudfront.CachePolicyArgs{}, State: cloudfront.CachePolicy{},
		Global: true, Source: terraform + "cache_policy.go", API: cachePolicyAPI(), Volatile: []string{"etag"},
		Name: kind.Name{Property: "name", Max: 128},
		Sets: []string{
			cacheKey + ".cookiesConfig.cookies.items", cacheKey + ".headersConfig.headers.items",
			cacheKey + ".queryStringsConfig.queryStrings.items",
		},
		Defaults: account.Props{"defaultTtl": float64(day), "maxTtl": float64(year), "minTtl": 0.0},
		Rules: append(namedRules("Cache", cacheKey+"."),
			kind.OneOf(cacheKey+".cookiesConfig.cookieBehavior", "none", "whitelist", "allExcept", "all"),
			kind.OneOf(cacheKey+".headersConfig.headerBehavior", "none", "whitelist"),
			kind.OneOf(cacheKey+".queryStringsConfig.queryStringBehavior", "none", "whitelist", "allExcept", "all"),
			kind.Whole("TTLs are in order", unorderedTTLs, "minTtl", "defaultTtl", "maxTtl").API(invalid).From(model+"CachePolicyConfig.MaxTTL"),
			kind.Whole("no cache key without caching", uselessKey, "minTtl", "defaultTtl", "maxTtl", cacheKey).
				API(invalid).From("aws/aws-cdk#16977, pulumi/docs#18475"),
			kind.Whole("headers of the cache key", oddCacheHeader, cacheKey).API(invalid).
				From(guide+"RequestAndResponseBehaviorCustomOrigin.html")),
		Guards: []kind.Guard{kind.Quota("cache policies per account", mostPolicies, kind.Fault{
			Code: "TooManyCachePolicies", Message: "You have reached the maximum number of cache policies for this AWS account.",
		}, kind.Alike(CachePolicy)).From(quotas)},
		Unique: []kind.Unique{{Property: "name", Source: model + "CachePolicyAlreadyExists", Taken: kind.Fault{
			Code: "CachePolicyAlreadyExists", Message: "A cache policy with this name already exists. You must provide a unique name.",
		}}},
		NotFound: kind.Fault{Code: "NoSuchCachePolicy", Message: "The specified cache policy does not exist."},
		InUse: kind.Fault{
			Code:    "CachePolicyInUse",
			Message: "The specified cache policy is currently associated with a cache behavior. Please disassociate the policy before deleting.",
		},
		Create: func(c *kind.Call) error { return createPolicy(c, "cache-policy") },
		Update: tagged,
	}
}

// createPolicy gives a policy its id and what follows from it.
func createPolicy(c *kind.Call, class string) error {
	c.ID = account.NewUUID()
	c.Set(account.Props{"arn": c.GlobalARN("cloudfront", class+"/"+c.ID)})
	return tagged(c)
}

// namedRules are the rules that cache policies and origin request policies have in common; below is where they have
// the parts of a request.
func namedRules(policy, below string) []kind.Rule {
	rules := []kind.Rule{kind.Length("comment", 0, longestComment).Refusing(strings.Repeat("a", longestComment+1)).API(invalid).
		From(model + policy + "PolicyConfig.Comment")}
	for _, part := range []struct{ one, many, title string }{
		{"cookie", "cookies", "Cookies"}, {"header", "headers", "Headers"}, {"queryString", "queryStrings", "QueryStrings"},
	} {
		config := below + part.many + "Config"
		list := config + "." + part.many + ".items"
		rules = append(rules,
			kind.Whole("names of "+part.many, func(in account.Props) string {
				behavior, names := in.String(config+"."+part.one+"Behavior"), len(in.List(list))
				listing := behavior == "whitelist" || behavior == "allExcept" || behavior == "allViewerAndWhitelistCloudFront"
				switch {
				case listing && names == 0:
					return fmt.Sprintf("The parameter %s is required when the behavior is %s.", part.title, behavior)
				case !listing && names > 0:
					return fmt.Sprintf("The parameter %s is not allowed when the behavior is %s.", part.title, behavior)
				}
				return ""
			}, config).API(invalid).From(model+policy+"Policy"+part.title+"Config"),
			kind.Rule{Name: "number of " + part.many, Path: list, Source: quotas, Code: "TooMany" + part.title + "In" + policy + "Policy",
				Test: func(v any, _ account.Props) string {
					if names, _ := v.([]any); len(names) > mostNames {
						return fmt.Sprintf("The number of %s in the policy exceeds the maximum of %d.", part.many, mostNames)
					}
					return ""
				}})
	}
	return rules
}

func unorderedTTLs(in account.Props) string {
	p := caching(in)
	switch {
	case p.MinTTL > p.MaxTTL:
		return "The parameter MinTTL is greater than MaxTTL."
	case p.MinTTL > p.DefaultTTL:
		return "The parameter MinTTL is greater than DefaultTTL."
	case p.DefaultTTL > p.MaxTTL:
		return "The parameter DefaultTTL is greater than MaxTTL."
	}
	return ""
}

// uselessKey finds what a policy that caches nothing must not have.
func uselessKey(in account.Props) string {
	p := caching(in)
	if !p.Off() {
		return ""
	}
	for _, part := range []struct {
		name string
		used bool
	}{
		{"EnableAcceptEncodingGzip", p.Gzip}, {"EnableAcceptEncodingBrotli", p.Brotli}, {"HeaderBehavior", p.Headers.Behavior != "none"},
		{"CookieBehavior", p.Cookies.Behavior != "none"}, {"QueryStringBehavior", p.QueryStrings.Behavior != "none"},
	} {
		if part.used {
			return fmt.Sprintf("The parameter %s is invalid for policy with caching disabled.", part.name)
		}
	}
	return ""
}

// oddCacheHeader finds a header that cannot be in a cache key.
func oddCacheHeader(in account.Props) string {
	p := caching(in)
	for _, name := range p.Headers.Names {
		refused := among([]string{
			"Cache-Control", "Connection", "Content-Length", "Cookie", "Max-Forwards", "Pragma", "Proxy-Authenticate", "Proxy-Authorization",
			"Proxy-Connection", "Request-Range", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "X-Amz-Cf-Id", "X-Forwarded-Proto", "X-Real-IP",
		}, name)
		encoding := strings.EqualFold(name, "Accept-Encoding") && (p.Gzip || p.Brotli)
		if refused || encoding || begins(name, "X-Edge-") {
			return fmt.Sprintf("The parameter Headers contains %s that is not allowed.", name)
		}
	}
	return ""
}

// begins tells whether the name of a header begins with something.
func begins(name, with string) bool {
	return len(name) >= len(with) && strings.EqualFold(name[:len(with)], with)
}
