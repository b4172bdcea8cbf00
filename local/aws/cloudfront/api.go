package cloudfront

import "wordpress-ecs/local/aws/kind"

// The requests of CloudFront's API that are behind the kinds. Lists are in its requests as structures that count them.

func distributionAPI() kind.API {
	const config = "DistributionConfig"
	lines := map[string]string{
		"": config, "aliases": config + ".Aliases.Items", "isIpv6Enabled": config + ".IsIPV6Enabled",
		"origins":                            config + ".Origins.Items",
		"origins[].originId":                 config + ".Origins.Items[].Id",
		"origins[].customHeaders":            config + ".Origins.Items[].CustomHeaders.Items",
		"origins[].customHeaders[].name":     config + ".Origins.Items[].CustomHeaders.Items[].HeaderName",
		"origins[].customHeaders[].value":    config + ".Origins.Items[].CustomHeaders.Items[].HeaderValue",
		"originGroups":                       config + ".OriginGroups.Items",
		"originGroups[].originId":            config + ".OriginGroups.Items[].Id",
		"originGroups[].members":             config + ".OriginGroups.Items[].Members.Items",
		"orderedCacheBehaviors":              config + ".CacheBehaviors.Items",
		"customErrorResponses":               config + ".CustomErrorResponses.Items",
		"loggingConfig":                      config + ".Logging",
		"restrictions.geoRestriction":        config + ".Restrictions.GeoRestriction",
		"viewerCertificate.sslSupportMethod": config + ".ViewerCertificate.SSLSupportMethod",
	}
	for input, member := range map[string]string{
		"defaultCacheBehavior": config + ".DefaultCacheBehavior", "orderedCacheBehaviors[]": config + ".CacheBehaviors.Items[]",
	} {
		lines[input+".functionAssociations"] = member + ".FunctionAssociations.Items"
		lines[input+".cachedMethods"] = member + ".AllowedMethods.CachedMethods"
	}
	return kind.API{
		Service: "cloudfront", Create: "CreateDistribution", Change: "UpdateDistribution", Delete: "DeleteDistribution", Members: lines,
	}
}

func cachePolicyAPI() kind.API {
	return kind.API{
		Service: "cloudfront", Create: "CreateCachePolicy", Change: "UpdateCachePolicy", Delete: "DeleteCachePolicy",
		Members: map[string]string{"": "CachePolicyConfig"},
	}
}

func originRequestPolicyAPI() kind.API {
	return kind.API{
		Service: "cloudfront", Create: "CreateOriginRequestPolicy", Change: "UpdateOriginRequestPolicy", Delete: "DeleteOriginRequestPolicy",
		Members: map[string]string{"": "OriginRequestPolicyConfig"},
	}
}

func responseHeadersPolicyAPI() kind.API {
	return kind.API{
		Service: "cloudfront", Create: "CreateResponseHeadersPolicy", Change: "UpdateResponseHeadersPolicy",
		Delete:  "DeleteResponseHeadersPolicy",
		Members: map[string]string{"": "ResponseHeadersPolicyConfig"},
	}
}

func functionAPI() kind.API {
	return kind.API{
		Service: "cloudfront", Create: "CreateFunction", Change: "UpdateFunction", Delete: "DeleteFunction",
		Members: map[string]string{"code": "FunctionCode", "": "FunctionConfig"},
	}
}

func originAccessControlAPI() kind.API {
	return kind.API{
		Service: "cloudfront", Create: "CreateOriginAccessControl", Change: "UpdateOriginAccessControl",
		Delete:  "DeleteOriginAccessControl",
		Members: map[string]string{"": "OriginAccessControlConfig"},
	}
}
