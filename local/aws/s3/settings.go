package s3

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	malformedXML = "MalformedXML"
	schema       = "The XML you provided was not well-formed or did not validate against our published schema"
	disabled     = "Disabled"
)

func publicAccessBlock() kind.Kind {
	return kind.Kind{
		Type: PublicAccessBlock, Title: "S3 Bucket Public Access Block",
		Args: s3.BucketPublicAccessBlockArgs{}, State: s3.BucketPublicAccessBlock{},
		Source: terraform + "bucket_public_access_block.go",
		API: kind.API{
			Service: "s3api", Create: "PutPublicAccessBlock", Change: "PutPublicAccessBlock", Delete: "DeletePublicAccessBlock",
			Members: map[string]string{"": "PublicAccessBlockConfiguration"},
		},
		Replace: []string{"bucket"},
		Defaults: account.Props{
			"blockPublicAcls": false, "blockPublicPolicy": false, "ignorePublicAcls": false, "restrictPublicBuckets": false,
		},
		Refs: []kind.Ref{of()}, Create: put(PublicAccessBlock),
	}
}

func ownership() kind.Kind {
	return kind.Kind{
		Type: Ownership, Title: "S3 Bucket Ownership Controls",
		Args: s3.BucketOwnershipControlsArgs{}, State: s3.BucketOwnershipControls{},
		Source: terraform + "bucket_ownership_controls.go",
		API: kind.API{
			Service: "s3api", Create: "PutBucketOwnershipControls", Change: "PutBucketOwnershipControls",
			Delete: "DeleteBucketOwnershipControls", Members: map[string]string{"rule": "OwnershipControls.Rules"},
		},
		Replace: []string{"bucket"},
		Rules:   []kind.Rule{kind.OneOf("rule.objectOwnership", "BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")},
		Refs:    []kind.Ref{of()}, Create: put(Ownership),
	}
}

func encryption() kind.Kind {
	const algorithm, key = "applyServerSideEncryptionByDefault.sseAlgorithm", "applyServerSideEncryptionByDefault.kmsMasterKeyId"
	return kind.Kind{
		Type: Encryption, Title: "S3 Bucket Server-side Encryption Configuration",
		Args:   s3.BucketServerSideEncryptionConfigurationV2Args{},
		State:  s3.BucketServerSideEncryptionConfigurationV2{},
		Source: terraform + "bucket_server_side_encryption_configuration.go",
		API: kind.API{
			Service: "s3api", Create: "PutBucketEncryption", Change: "PutBucketEncryption", Delete: "DeleteBucketEncryption",
			Members: map[string]string{"rules": "ServerSideEncryptionConfiguration.Rules"},
		},
		Required: []string{"rules"},
		Replace:  []string{"bucket", "expectedBucketOwner"},
		Sets:     []string{"rules"},
		Rules: slices.Concat([]kind.Rule{
			named(),
			kind.OneOf("rules[]."+algorithm, "AES256", "aws:kms", "aws:kms:dsse"),
			{
				Name: "one rule", Source: reference + "PutBucketEncryption", Path: "rules", Code: malformedXML,
				Bad: []any{encrypted("AES256", ""), encrypted("aws:kms", "")},
				Test: func(v any, _ account.Props) string {
					if list, ok := v.([]any); ok && len(list) != 1 {
						return schema
					}
					return ""
				},
			},
			{
				Name: "a key is for KMS", Source: reference + "ServerSideEncryptionByDefault", Path: "rules[]", Code: "InvalidArgument",
				Bad: encrypted("AES256", "alias/site"),
				Test: func(v any, _ account.Props) string {
					if r, ok := v.(map[string]any); ok && account.Props(r).Has(key) && account.Props(r).String(algorithm) == "AES256" {
						return "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"
					}
					return ""
				},
			},
		}, owned()),
		Refs: []kind.Ref{of()}, Create: put(Encryption),
	}
}

// encrypted is a rule for the encryption of a bucket.
func encrypted(algorithm, key string) map[string]any {
	by := map[string]any{"sseAlgorithm": algorithm}
	if key != "" {
		by["kmsMasterKeyId"] = key
	}
	return map[string]any{"applyServerSideEncryptionByDefault": by}
}

func versioning() kind.Kind {
	return kind.Kind{
		Type: Versioning, Title: "S3 Bucket Versioning", Args: s3.BucketVersioningV2Args{}, State: s3.BucketVersioningV2{},
		Source:  terraform + "bucket_versioning.go",
		API:     kind.API{Service: "s3api", Create: "PutBucketVersioning", Change: "PutBucketVersioning"},
		Replace: []string{"bucket", "expectedBucketOwner"},
		Rules: slices.Concat([]kind.Rule{
			named(), kind.OneOf("versioningConfiguration.status", "Enabled", "Suspended", disabled),
			kind.OneOf("versioningConfiguration.mfaDelete", "Enabled", disabled),
		}, owned()),
		Refs: []kind.Ref{of()},
		Guards: []kind.Guard{{
			// The provider says so in a preview; here the request itself is refused.
			Name: "versions are not switched off", On: kind.Changing, Check: func(c *kind.Call) error {
				const status = "versioningConfiguration.status"
				if old := c.Old.String(status); c.In.String(status) == disabled && old != disabled {
					return kind.Refuse("", "versioning_configuration.status cannot be updated from '%s' to '%s'", old, disabled)
				}
				return nil
			},
		}},
		Create: put(Versioning),
	}
}
