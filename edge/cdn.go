package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/settings"
)

// Policies that AWS keeps in every account: CloudFront Developer Guide, "Use managed cache policies" and "Use managed
// origin request policies".
const (
	cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	allViewer       = "216adef6-5c7f-47e4-b989-5492eafa07d3"
)

// The names of the origins within the distribution.
const (
	siteOrigin    = "site"
	bucketOrigin  = "bucket"
	uploadsOrigin = "uploads" // the bucket, and the site for what it does not have
)

const (
	// readTimeout is how long the CDN waits for the site, in seconds: the most without asking AWS for more.
	readTimeout = 60
	// keepAlive is how long the CDN keeps a connection to the load balancer, in seconds, less than that does.
	keepAlive = 60
	// Lifetimes in the CDN, in seconds. The site says itself how long a page lasts, and a page of which it does not
	// is kept for nobody.
	fileLifetime = 24 * 60 * 60
	maxLifetime  = 365 * 24 * 60 * 60
	// errorLifetime keeps a burst of requests for something broken off the site.
	errorLifetime    = 1
	notFoundLifetime = 5

	// visitorKeyHeader tells visitors apart whose pages differ. A function at the edge sets it, whatever came.
	visitorKeyHeader = "X-Visitor-Key"
)

// cdn is CloudFront in front of the load balancer.
type cdn struct {
	distribution *cloudfront.Distribution
	functions    functions
	pages, files *cloudfront.CachePolicy
}

// priceClasses are AWS's names of the choices.
var priceClasses = map[settings.PriceClass]string{
	settings.PriceClass100: "PriceClass_100", settings.PriceClass200: "PriceClass_200", settings.PriceClassAll: "PriceClass_All",
}

// distribution registers the distribution and what it stands on.
func (b *builder) distribution() error {
	b.cdn = &cdn{}
	if err := b.edgeFunctions(); err != nil {
		return fmt.Errorf("CDN: %w", err)
	}
	if err := b.cachePolicies(); err != nil {
		return fmt.Errorf("CDN: %w", err)
	}
	var aliases pulumi.StringArray
	for _, h := range b.visited() {
		aliases = append(aliases, pulumi.String(h.name))
	}
	args := &cloudfront.DistributionArgs{
		Enabled:       pulumi.Bool(true),
		Comment:       pulumi.String(b.s.Bare()),
		Aliases:       aliases,
		HttpVersion:   pulumi.String("http2and3"),
		IsIpv6Enabled: pulumi.Bool(true),
		PriceClass:    pulumi.String(priceClasses[b.s.CDN.PriceClass]),
		ViewerCertificate: cloudfront.DistributionViewerCertificateArgs{
			AcmCertificateArn: b.domain.global, SslSupportMethod: pulumi.String("sni-only"),
			MinimumProtocolVersion: pulumi.String("TLSv1.2_2021"),
		},
		Restrictions: cloudfront.DistributionRestrictionsArgs{
			GeoRestriction: cloudfront.DistributionRestrictionsGeoRestrictionArgs{RestrictionType: pulumi.String("none")},
		},
		DefaultCacheBehavior:  b.pages(),
		OrderedCacheBehaviors: b.behaviors(),
		Origins:               b.origins(),
		OriginGroups:          b.originGroups(),
		CustomErrorResponses:  errorLifetimes(),
	}
	if b.acl != nil {
		args.WebAclId = b.acl.Arn
	}
	// The load balancer has to know the secret before the CDN sends it. A distribution for another domain is another
	// one: the old one answers until its records are gone.
	distribution, err := cloudfront.NewDistribution(b.ctx, b.name+"-cdn", args, b.owned(
		pulumi.DependsOn([]pulumi.Resource{b.origin.rule}), pulumi.ReplaceOnChanges([]string{"aliases"}))...)
	if err != nil {
		return fmt.Errorf("CDN: %w", err)
	}
	b.cdn.distribution = distribution
	b.edge.DistributionID, b.edge.DistributionARN = distribution.ID().ToStringOutput(), distribution.Arn
	if err := b.shareMedia(); err != nil {
		return err
	}
	return b.cdnLogs()
}

func (b *builder) origins() cloudfront.DistributionOriginArray {
	site := cloudfront.DistributionOriginArgs{
		OriginId: pulumi.String(siteOrigin), DomainName: pulumi.String(b.originHost()),
		CustomOriginConfig: cloudfront.DistributionOriginCustomOriginConfigArgs{
			OriginProtocolPolicy: pulumi.String("https-only"), HttpPort: pulumi.Int(httpPort), HttpsPort: pulumi.Int(httpsPort),
			OriginSslProtocols: pulumi.ToStringArray([]string{"TLSv1.2"}),
			OriginReadTimeout:  pulumi.Int(readTimeout), OriginKeepaliveTimeout: pulumi.Int(keepAlive),
		},
		CustomHeaders: cloudfront.DistributionOriginCustomHeaderArray{
			cloudfront.DistributionOriginCustomHeaderArgs{Name: pulumi.String(secretHeader), Value: b.origin.sent},
		},
	}
	if b.s.CDN.OriginShield {
		site.OriginShield = cloudfront.DistributionOriginOriginShieldArgs{
			Enabled: pulumi.Bool(true), OriginShieldRegion: pulumi.String(b.args.Region),
		}
	}
	origins := cloudfront.DistributionOriginArray{site}
	if b.media == nil {
		return origins
	}
	return append(origins, cloudfront.DistributionOriginArgs{
		OriginId: pulumi.String(bucketOrigin), DomainName: b.media.bucket.BucketRegionalDomainName,
		OriginAccessControlId: b.media.access.ID(),
	})
}

// originGroups has one for uploads: what the bucket does not have, the site may.
func (b *builder) originGroups() cloudfront.DistributionOriginGroupArray {
	if b.media == nil {
		return nil
	}
	return cloudfront.DistributionOriginGroupArray{cloudfront.DistributionOriginGroupArgs{
		OriginId: pulumi.String(uploadsOrigin),
		FailoverCriteria: cloudfront.DistributionOriginGroupFailoverCriteriaArgs{
			StatusCodes: pulumi.ToIntArray([]int{403, 404, 500, 502, 503, 504}),
		},
		Members: cloudfront.DistributionOriginGroupMemberArray{
			cloudfront.DistributionOriginGroupMemberArgs{OriginId: pulumi.String(bucketOrigin)},
			cloudfront.DistributionOriginGroupMemberArgs{OriginId: pulumi.String(siteOrigin)},
		},
	}}
}

// errorLifetimes keep errors for a moment only. CloudFront's own choice is 10 seconds, which is long after a repair.
func errorLifetimes() cloudfront.DistributionCustomErrorResponseArray {
	var list cloudfront.DistributionCustomErrorResponseArray
	for _, kept := range []struct{ code, seconds int }{
		{403, errorLifetime}, {404, notFoundLifetime}, {500, errorLifetime}, {502, errorLifetime}, {503, errorLifetime}, {504, errorLifetime},
	} {
		list = append(list, cloudfront.DistributionCustomErrorResponseArgs{
			ErrorCode: pulumi.Int(kept.code), ErrorCachingMinTtl: pulumi.Int(kept.seconds),
		})
	}
	return list
}
