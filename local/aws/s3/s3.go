// Package s3 is Amazon S3: buckets and the settings that are resources of their own. The objects themselves are in the
// store that stands for it (kind.Objects).
package s3

import (
	"slices"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Bucket            = "aws:s3/bucketV2:BucketV2"
	PublicAccessBlock = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	Ownership         = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	Encryption        = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	Lifecycle         = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	Versioning        = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	Policy            = "aws:s3/bucketPolicy:BucketPolicy"
)

// Where rules are from. AWS's codes and words are those of its documentation, or those that people report.
const (
	terraform = "terraform-provider-aws internal/service/s3/"
	reference = "S3 API reference, "
	guide     = "docs.aws.amazon.com/AmazonS3/latest/userguide/"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{
		bucket(), publicAccessBlock(), ownership(), encryption(), lifecycle(), versioning(), policy(),
	}}
}

// settings are the kinds of which a bucket has one each. They go with it.
var settings = []string{PublicAccessBlock, Ownership, Encryption, Lifecycle, Versioning, Policy}

// of is the reference of a setting to its bucket.
func of() kind.Ref {
	return kind.Ref{Path: "bucket", To: Bucket, By: "bucket", Loose: true, Source: reference + "Error responses"}
}

// put names a setting by its bucket. There is one: whoever puts a second one overwrites the first.
func put(token string) func(c *kind.Call) error {
	return func(c *kind.Call) error {
		c.ID = c.In.String("bucket")
		if owner := c.In.String("expectedBucketOwner"); owner != "" {
			c.ID += "," + owner
		}
		all, err := c.All(token)
		for _, r := range all {
			if err == nil && r.Outputs["bucket"] == c.In["bucket"] {
				err = c.Tx.Delete(token, r.Region, r.ID)
			}
		}
		return err
	}
}

// setting is the one of a kind that a bucket in the region of the call has; nil where it has none.
func setting(c *kind.Call, token, bucket string) (*account.Resource, error) {
	return c.Find(token, "bucket", bucket)
}

// owned are the rules of the account that a program expects to own a bucket.
func owned() []kind.Rule {
	return []kind.Rule{
		kind.Match("expectedBucketOwner", `^\d{12}$`, "must be an account ID of 12 digits").Refusing("me"),
		{
			Name: "the owner is the expected one", Source: guide + "bucket-owner-condition.html", Path: "expectedBucketOwner",
			Code: "AccessDenied", Bad: "210987654321",
			Test: func(v any, _ account.Props) string {
				if v != account.ID {
					return "Access Denied"
				}
				return ""
			},
		},
	}
}

// named are the rules of a setting's bucket.
func named() kind.Rule { return kind.Length("bucket", 1, longestName) }

// find is a bucket of any region; nil when there is none. Names are the same everywhere.
func find(c *kind.Call, name string) (*account.Resource, error) {
	all, err := c.Tx.ByType(Bucket)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(r account.Resource) bool {
		return r.ID == name && (r.Gone.IsZero() || c.Now.Before(r.Gone))
	})
	if i < 0 {
		return nil, nil
	}
	return &all[i], nil
}
