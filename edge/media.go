package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/policy"
)

const cdnService = "cloudfront.amazonaws.com"

// media is the bucket that uploads are served from. Tasks write copies of what they have on the shared volume, and the
// CDN asks the site for what is not there yet.
type media struct {
	bucket *private
	access *cloudfront.OriginAccessControl
	// headers are added to what comes from the bucket, as nginx would.
	headers *cloudfront.ResponseHeadersPolicy
}

// mediaBucket registers the bucket, and what the CDN asks it with.
func (b *builder) mediaBucket() error {
	// It has copies only: without it the site serves the same, so that even a protected stack can do without.
	bucket, err := b.bucket(b.name+"-media", 0, false)
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	access, err := cloudfront.NewOriginAccessControl(b.ctx, b.name+"-media", &cloudfront.OriginAccessControlArgs{
		OriginAccessControlOriginType: pulumi.String("s3"),
		SigningBehavior:               pulumi.String("always"), SigningProtocol: pulumi.String("sigv4"),
	}, b.owned()...)
	if err != nil {
		return fmt.Errorf("media: origin access control: %w", err)
	}
	args := &cloudfront.ResponseHeadersPolicyArgs{
		SecurityHeadersConfig: cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs{
			ContentTypeOptions: cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs{Override: pulumi.Bool(true)},
		},
	}
	if !b.s.SearchEngines {
		args.CustomHeadersConfig = cloudfront.ResponseHeadersPolicyCustomHeadersConfigArgs{
			Items: cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArray{
				cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs{
					Header: pulumi.String("X-Robots-Tag"), Value: pulumi.String("noindex, nofollow"), Override: pulumi.Bool(true),
				},
			},
		}
	}
	headers, err := cloudfront.NewResponseHeadersPolicy(b.ctx, b.name+"-media", args, b.owned()...)
	if err != nil {
		return fmt.Errorf("media: headers: %w", err)
	}
	b.media = &media{bucket: bucket, access: access, headers: headers}
	b.edge.Bucket, b.edge.BucketARN = bucket.Bucket, bucket.Arn
	return nil
}

// shareMedia lets the distribution read the bucket, and nothing else. It may list: for what is not there S3 then says
// 404, and not 403 as for what may not be read.
func (b *builder) shareMedia() error {
	if b.media == nil {
		return nil
	}
	_, err := b.permit(b.media.bucket, func(arn string, values []string) []policy.Statement {
		ours := policy.Condition{"StringEquals": {"AWS:SourceArn": values[0]}}
		cdn := policy.Principal{"Service": cdnService}
		return []policy.Statement{
			{
				Sid: "Read", Effect: policy.Allow, Principal: cdn, Action: []string{"s3:GetObject"},
				Resource: []string{arn + "/*"}, Condition: ours,
			}, {
				Sid: "List", Effect: policy.Allow, Principal: cdn, Action: []string{"s3:ListBucket"},
				Resource: []string{arn}, Condition: ours,
			},
		}
	}, b.cdn.distribution.Arn)
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	return nil
}
