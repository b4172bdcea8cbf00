package cloudfront

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostDistributions = 500
	mostAliases       = 100
	mostOrigins       = 100
	mostGroups        = 10
	mostBehaviors     = 75
)

// placed are the paths of the two kinds of cache behaviours, as rules have them.
func placed() []string { return []string{"defaultCacheBehavior.", "orderedCacheBehaviors[]."} }

func distribution() kind.Kind {
	return kind.Kind{
		Type: Distribution, Title: "CloudFront Distribution", Args: cloudfront.DistributionArgs{}, State: cloudfront.Distribution{},
		Global: true, Takes: distributionTakes(), Source: terraform + "distribution.go", API: distributionAPI(),
		Required: []string{"origins"},
		Replace:  []string{"staging"},
		Sets:     distributionSets(),
		Kept:     []string{"restrictions.geoRestriction.locations"},
		ReadBack: []string{"viewerCertificate"},
		Volatile: []string{"etag", "lastModifiedTime"},
		Defaults: account.Props{
			"httpVersion": "http2", "isIpv6Enabled": false, "priceClass": "PriceClass_All", "retainOnDelete": false, "staging": false,
			"waitForDeployment": true, "viewerCertificate.minimumProtocolVersion": defaultProtocol,
			"origins.connectionAttempts": 3.0, "origins.connectionTimeout": 10.0,
			"origins.customOriginConfig.originKeepaliveTimeout": 5.0, "origins.customOriginConfig.originReadTimeout": 30.0,
		},
		Rules: slices.Concat(kind.Tags("InvalidTagging", "InvalidTagging"), generalRules(), viewerRules(), originRules(), behaviorRules(),
			errorRules(), absentRules()),
		Refs:   distributionRefs(),
		Guards: distributionGuards(),
		NotFound: kind.Fault{
			Code: "NoSuchDistribution", Message: "The specified distribution does not exist.",
		},
		Create: func(c *kind.Call) error {
			c.ID = letters()
			c.Set(account.Props{
				"arn": c.GlobalARN("cloudfront", "distribution/"+c.ID), "domainName": "d" + account.NewHex(13) + ".cloudfront.net",
				"hostedZoneId": HostedZone, "callerReference": "terraform-" + c.Now.UTC().Format("20060102150405") + account.NewHex(12),
				"status": "Deployed", "inProgressValidationBatches": 0.0, "continuousDeploymentPolicyId": "",
				"trustedKeyGroups": []any{map[string]any{"enabled": false, "items": []any{}}},
				"trustedSigners":   []any{map[string]any{"enabled": false, "items": []any{}}},
			})
			return settle(c)
		},
		Update: func(c *kind.Call) error {
			if !c.BeyondTags(Distribution) {
				return nil
			}
			return settle(c)
		},
	}
}

// settle adds what follows from a change. With its own certificate CloudFront has one security policy, whatever is asked
// for: the provider shows another one as a change for ever.
func settle(c *kind.Call) error {
	if c.In.Bool("viewerCertificate.cloudfrontDefaultCertificate") {
		answer := maps.Clone(map[string]any(c.Out.Object("viewerCertificate")))
		answer["minimumProtocolVersion"] = defaultProtocol
		c.Out["viewerCertificate"] = answer
	}
	c.Out["lastModifiedTime"] = modified(c.Now)
	return tagged(c)
}

// distributionSets are the inputs whose order has no meaning.
func distributionSets() []string {
	sets := []string{
		"aliases", "customErrorResponses", "origins", "origins.customHeaders", "origins.customOriginConfig.originSslProtocols",
		"originGroups", "originGroups.failoverCriteria.statusCodes", "restrictions.geoRestriction.locations",
	}
	for _, behavior := range []string{"defaultCacheBehavior.", "orderedCacheBehaviors."} {
		for _, list := range []string{"allowedMethods", "cachedMethods", "functionAssociations", "lambdaFunctionAssociations"} {
			sets = append(sets, behavior+list)
		}
	}
	return sets
}

// distributionRefs are the policies, functions and access controls in use, which cannot be deleted.
func distributionRefs() []kind.Ref {
	refs := []kind.Ref{{
		Path: "origins[].originAccessControlId", To: OriginAccessControl, Source: model + "InvalidOriginAccessControl",
		Missing: kind.Fault{Code: "InvalidOriginAccessControl", Message: "The origin access control is not valid."},
	}}
	for _, path := range placed() {
		refs = append(refs,
			kind.Ref{Path: path + "cachePolicyId", To: CachePolicy, Source: model + "NoSuchCachePolicy", Foreign: managed(ManagedCaching)},
			kind.Ref{Path: path + "originRequestPolicyId", To: OriginRequestPolicy, Source: model + "NoSuchOriginRequestPolicy",
				Foreign: managed(ManagedForwarding)},
			kind.Ref{Path: path + "responseHeadersPolicyId", To: ResponseHeadersPolicy, Source: model + "NoSuchResponseHeadersPolicy",
				Foreign: managed(ManagedResponseHeaders)},
			kind.Ref{Path: path + "functionAssociations[].functionArn", To: Function, By: "arn", Source: model + "InvalidFunctionAssociation",
				Missing: kind.Fault{Code: "InvalidFunctionAssociation", Message: "The function %s does not exist."}})
	}
	return refs
}

// managed tells which ids of policies are AWS's own.
func managed[T any](policy func(id string) (T, bool)) func(id string) bool {
	return func(id string) bool {
		_, ok := policy(id)
		return ok
	}
}

// behaviors are the cache behaviours of a distribution, the default one last.
func behaviors(in account.Props) []account.Props {
	return append(in.Objects("orderedCacheBehaviors"), in.Object("defaultCacheBehavior"))
}

// absentRules refuse what the local cloud would pass over.
func absentRules() []kind.Rule {
	const policies = ": use a cache policy and an origin request policy"
	rules := []kind.Rule{
		absent("continuousDeploymentPolicyId", ""), absent("staging", ""), absent("retainOnDelete", ""),
		absent("loggingConfig", ": use a log delivery of CloudWatch Logs"),
		absent("viewerCertificate.iamCertificateId", ": use a certificate of ACM"), absent("origins[].vpcOriginConfig", ""),
		absent("origins[].s3OriginConfig.originAccessIdentity", ": use an origin access control"),
	}
	for _, path := range placed() {
		rules = append(rules, absent(path+"forwardedValues", policies), absent(path+"minTtl", policies), absent(path+"defaultTtl", policies),
			absent(path+"maxTtl", policies), absent(path+"lambdaFunctionAssociations", ": use a CloudFront function"),
			absent(path+"fieldLevelEncryptionId", ""), absent(path+"realtimeLogConfigArn", ""), absent(path+"smoothStreaming", ""),
			absent(path+"trustedKeyGroups", ""), absent(path+"trustedSigners", ""), absent(path+"grpcConfig.enabled", ""))
	}
	return rules
}
