package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

var (
	readMethods = []string{"GET", "HEAD", "OPTIONS"}
	allMethods  = append([]string{"PUT", "POST", "PATCH", "DELETE"}, readMethods...)
	keptMethods = []string{"GET", "HEAD"}
)

// neverKept are the paths whose answers are for one visitor: the administration, whatever is asked for as a program, of
// which the login is one, and the REST API.
var neverKept = []string{"/wp-admin/*", "*.php", "/wp-json/*"}

// fileRoots are the paths below which there are files, and nothing that WordPress makes.
var fileRoots = []string{"/wp-content/*", "/wp-includes/*", "/bundled/*"}

const uploads = "/wp-content/uploads/*"

// behaviors say what is kept, by path. The first that matches counts.
func (b *builder) behaviors() cloudfront.DistributionOrderedCacheBehaviorArray {
	var list cloudfront.DistributionOrderedCacheBehaviorArray
	for _, path := range neverKept {
		list = append(list, cloudfront.DistributionOrderedCacheBehaviorArgs{
			PathPattern: pulumi.String(path), TargetOriginId: pulumi.String(siteOrigin), ViewerProtocolPolicy: pulumi.String("redirect-to-https"),
			AllowedMethods: pulumi.ToStringArray(allMethods), CachedMethods: pulumi.ToStringArray(keptMethods),
			CachePolicyId: pulumi.String(cachingDisabled), OriginRequestPolicyId: pulumi.String(allViewer),
			Compress: pulumi.Bool(true), FunctionAssociations: ordered(b.cdn.functions.visitors),
		})
	}
	if b.media != nil {
		// What the bucket is sent, the site is sent too. With the Host of a visitor S3 refuses a request.
		media := b.files(uploads, uploadsOrigin)
		media.ResponseHeadersPolicyId = b.media.headers.ID()
		list = append(list, media)
	}
	for _, path := range fileRoots {
		list = append(list, b.files(path, siteOrigin))
	}
	return list
}

func (b *builder) files(path, origin string) cloudfront.DistributionOrderedCacheBehaviorArgs {
	return cloudfront.DistributionOrderedCacheBehaviorArgs{
		PathPattern: pulumi.String(path), TargetOriginId: pulumi.String(origin), ViewerProtocolPolicy: pulumi.String("redirect-to-https"),
		AllowedMethods: pulumi.ToStringArray(readMethods), CachedMethods: pulumi.ToStringArray(keptMethods),
		CachePolicyId: b.cdn.files.ID(), Compress: pulumi.Bool(true), FunctionAssociations: ordered(b.cdn.functions.pages),
	}
}

// pages is everything else. The site gets all that a visitor sends, less what the function has taken off, which is
// what would make copies of the same page differ.
func (b *builder) pages() cloudfront.DistributionDefaultCacheBehaviorArgs {
	return cloudfront.DistributionDefaultCacheBehaviorArgs{
		TargetOriginId: pulumi.String(siteOrigin), ViewerProtocolPolicy: pulumi.String("redirect-to-https"),
		AllowedMethods: pulumi.ToStringArray(allMethods), CachedMethods: pulumi.ToStringArray(keptMethods),
		CachePolicyId: b.cdn.pages.ID(), OriginRequestPolicyId: pulumi.String(allViewer), Compress: pulumi.Bool(true),
		FunctionAssociations: cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArray{
			cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs{
				EventType: pulumi.String("viewer-request"), FunctionArn: b.cdn.functions.pages.Arn,
			},
		},
	}
}

func ordered(function *cloudfront.Function) cloudfront.DistributionOrderedCacheBehaviorFunctionAssociationArray {
	return cloudfront.DistributionOrderedCacheBehaviorFunctionAssociationArray{
		cloudfront.DistributionOrderedCacheBehaviorFunctionAssociationArgs{
			EventType: pulumi.String("viewer-request"), FunctionArn: function.Arn,
		},
	}
}

// cachePolicies say what tells copies apart: of pages who asks and every argument, of files every argument.
func (b *builder) cachePolicies() error {
	var err error
	b.cdn.pages, err = b.cachePolicy("pages", 0, pulumi.ToStringArray([]string{visitorKeyHeader, passHeader}))
	if err != nil {
		return err
	}
	b.cdn.files, err = b.cachePolicy("files", fileLifetime, pulumi.ToStringArray([]string{passHeader}))
	return err
}

func (b *builder) cachePolicy(part string, lifetime int, headers pulumi.StringArray) (*cloudfront.CachePolicy, error) {
	policy, err := cloudfront.NewCachePolicy(b.ctx, b.name+"-"+part, &cloudfront.CachePolicyArgs{
		MinTtl: pulumi.Int(0), DefaultTtl: pulumi.Int(lifetime), MaxTtl: pulumi.Int(maxLifetime),
		ParametersInCacheKeyAndForwardedToOrigin: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs{
			EnableAcceptEncodingGzip: pulumi.Bool(true), EnableAcceptEncodingBrotli: pulumi.Bool(true),
			CookiesConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs{
				CookieBehavior: pulumi.String("none"),
			},
			HeadersConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs{
				HeaderBehavior: pulumi.String("whitelist"),
				Headers:        cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeadersArgs{Items: headers},
			},
			QueryStringsConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs{
				QueryStringBehavior: pulumi.String("all"),
			},
		},
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("cache policy %s: %w", part, err)
	}
	return policy, nil
}
