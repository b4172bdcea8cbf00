package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/policy"
)

// private is a bucket that nobody outside the account reads.
type private struct {
	*s3.BucketV2

	part string
	// settled are the settings of who may read it, before which its policy does not come: S3 does one change of a
	// bucket's access at a time.
	settled []pulumi.Resource
}

// incompleteDays is when the parts of an upload that broke off go.
const incompleteDays = 7

// bucket registers a private, encrypted bucket whose objects expire after days; never with 0. One that is kept goes only
// when it is empty.
func (b *builder) bucket(part string, days int, kept bool) (*private, error) {
	bucket, err := s3.NewBucketV2(b.ctx, part, &s3.BucketV2Args{ForceDestroy: pulumi.Bool(!kept)}, b.owned(pulumi.Protect(kept))...)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", part, err)
	}
	closed, err := s3.NewBucketPublicAccessBlock(b.ctx, part, &s3.BucketPublicAccessBlockArgs{
		Bucket: bucket.Bucket, BlockPublicAcls: pulumi.Bool(true), BlockPublicPolicy: pulumi.Bool(true),
		IgnorePublicAcls: pulumi.Bool(true), RestrictPublicBuckets: pulumi.Bool(true),
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: public access: %w", part, err)
	}
	// No object has a list of its own of who may read it.
	owner, err := s3.NewBucketOwnershipControls(b.ctx, part, &s3.BucketOwnershipControlsArgs{
		Bucket: bucket.Bucket,
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: ownership: %w", part, err)
	}
	// With keys of S3: the load balancer cannot write to a bucket with another kind.
	_, err = s3.NewBucketServerSideEncryptionConfigurationV2(b.ctx, part, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket.Bucket,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"),
			},
		}},
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: encryption: %w", part, err)
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(b.ctx, part, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.Bucket, Rules: lifecycle(days),
	}, b.owned()...)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: lifecycle: %w", part, err)
	}
	return &private{BucketV2: bucket, part: part, settled: []pulumi.Resource{closed, owner}}, nil
}

// permit registers the policy of a bucket: nothing over plain HTTP, and what allow makes of the bucket's ARN and
// further values, once they are known.
func (b *builder) permit(bucket *private, allow func(arn string, values []string) []policy.Statement, values ...pulumi.StringInput) (
	*s3.BucketPolicy, error,
) {
	document := policy.Of(func(known []string) []policy.Statement {
		return append([]policy.Statement{encrypted(known[0])}, allow(known[0], known[1:])...)
	}, append([]pulumi.StringInput{bucket.Arn}, values...)...)
	rules, err := s3.NewBucketPolicy(b.ctx, bucket.part, &s3.BucketPolicyArgs{Bucket: bucket.Bucket, Policy: document},
		b.owned(pulumi.DependsOn(bucket.settled))...)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: policy: %w", bucket.part, err)
	}
	return rules, nil
}

// encrypted refuses requests over plain HTTP.
func encrypted(arn string) policy.Statement {
	return policy.Statement{
		Sid: "TLSOnly", Effect: policy.Deny, Principal: policy.Principal{"AWS": "*"}, Action: []string{"s3:*"},
		Resource: []string{arn, arn + "/*"}, Condition: policy.Condition{"Bool": {"aws:SecureTransport": "false"}},
	}
}

func lifecycle(days int) s3.BucketLifecycleConfigurationV2RuleArray {
	rules := s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
		Id: pulumi.String("incomplete"), Status: pulumi.String("Enabled"),
		Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
			DaysAfterInitiation: pulumi.Int(incompleteDays),
		},
	}}
	if days == 0 {
		return rules
	}
	return append(rules, s3.BucketLifecycleConfigurationV2RuleArgs{
		Id: pulumi.String("expiry"), Status: pulumi.String("Enabled"),
		Filter:     s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(days)},
	})
}
