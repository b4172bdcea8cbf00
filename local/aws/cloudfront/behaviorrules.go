package cloudfront

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// behaviorRules are about the cache behaviours of a distribution.
func behaviorRules() []kind.Rule {
	var rules []kind.Rule
	for _, path := range placed() {
		whole := strings.TrimSuffix(path, ".")
		rules = append(rules,
			holds(whole, "allowedMethods"), holds(whole, "cachedMethods"),
			kind.OneOf(path+"viewerProtocolPolicy", "allow-all", "https-only", "redirect-to-https"),
			kind.OneOf(path+"functionAssociations[].eventType", "viewer-request", "viewer-response", "origin-request", "origin-response"),
			kind.Count(path+"functionAssociations", 0, 2), kind.ARN(path+"functionAssociations[].functionArn"),
			each("methods of "+whole, whole, oddMethods).API(invalid).From(model+"AllowedMethods, CachedMethods"),
			each("a cache policy for "+whole, whole, uncached).API(invalid).From(model+"CacheBehavior.CachePolicyId"),
			each("functions of "+whole, whole, oddFunctions).API("InvalidFunctionAssociation").From(model+"FunctionAssociation.EventType"))
	}
	return append(rules,
		kind.Length("orderedCacheBehaviors[].pathPattern", 1, 255).API(invalid).From(guide+"DownloadDistValuesCacheBehavior.html"),
		kind.Match("orderedCacheBehaviors[].pathPattern", `^[A-Za-z0-9_.*$/~"'@:+&?-]*$`, "has characters that are not allowed").
			API(invalid).From(guide+"DownloadDistValuesCacheBehavior.html"),
		full("cache behaviors per distribution", "orderedCacheBehaviors", mostBehaviors, "TooManyCacheBehaviors"),
		kind.Whole("targets exist", untargeted, "origins", "originGroups", "defaultCacheBehavior.targetOriginId",
			"orderedCacheBehaviors[].targetOriginId").API("NoSuchOrigin").From("aws-cloudformation/rain#517"),
		kind.Whole("groups are read only", written, "originGroups", "defaultCacheBehavior", "orderedCacheBehaviors").API(invalid).
			From(guide+"high_availability_origin_failover.html"))
}

// each asks about every object at a path.
func each(name, path string, wrong func(behavior account.Props) string) kind.Rule {
	return kind.Rule{Name: name, Path: path, Test: func(v any, _ account.Props) string {
		object, _ := v.(map[string]any)
		return wrong(account.Props(object))
	}}
}

// oddMethods wants one of AWS's sets of methods.
func oddMethods(b account.Props) string {
	read, options := []string{"GET", "HEAD"}, []string{"GET", "HEAD", "OPTIONS"}
	every := []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	allowed, cached := b.Strings("allowedMethods"), b.Strings("cachedMethods")
	slices.Sort(allowed)
	slices.Sort(cached)
	switch {
	case !slices.Equal(allowed, read) && !slices.Equal(allowed, options) && !slices.Equal(allowed, every):
		return fmt.Sprintf("The parameter AllowedMethods must be GET and HEAD, or these and OPTIONS, or all seven methods, got %v", allowed)
	case !slices.Equal(cached, read) && !slices.Equal(cached, options):
		return fmt.Sprintf("The parameter CachedMethods must be GET and HEAD, or these and OPTIONS, got %v", cached)
	case len(cached) > len(allowed):
		return "The parameter CachedMethods contains methods that AllowedMethods does not contain"
	}
	return ""
}

// uncached finds a behaviour without a cache policy.
func uncached(b account.Props) string {
	if b.Has("cachePolicyId") {
		return ""
	}
	if b.Has("originRequestPolicyId") {
		return "The parameter OriginRequestPolicyId cannot be used without a cache policy."
	}
	return "The parameter ForwardedValues is required: a cache behavior needs a cache policy or forwarded values."
}

// oddFunctions wants one function for an event of viewers at most.
func oddFunctions(b account.Props) string {
	seen := map[string]bool{}
	for _, f := range b.Objects("functionAssociations") {
		event := f.String("eventType")
		switch {
		case strings.HasPrefix(event, "origin-"):
			return fmt.Sprintf("CloudFront functions cannot be associated with the event type %s.", event)
		case seen[event]:
			return fmt.Sprintf("More than one function is associated with the event type %s.", event)
		}
		seen[event] = true
	}
	return ""
}

// untargeted finds a behaviour that leads nowhere.
func untargeted(in account.Props) string {
	known := append(ids(in, "origins"), ids(in, "originGroups")...)
	for _, b := range behaviors(in) {
		if !slices.Contains(known, b.String("targetOriginId")) {
			return fmt.Sprintf("One or more of your cache behavior target origins or origin groups do not exist: %s", b.String("targetOriginId"))
		}
	}
	return ""
}

// written finds a behaviour that sends requests that write to a group.
func written(in account.Props) string {
	groups := ids(in, "originGroups")
	for _, b := range behaviors(in) {
		if slices.Contains(groups, b.String("targetOriginId")) && slices.Contains(b.Strings("allowedMethods"), "POST") {
			return "The parameter AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior associated with " +
				"an origin group."
		}
	}
	return ""
}
