package s3_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/s3"
)

// full is a store with an object in every bucket.
type full struct{ removed *[]string }

func (full) Holds(string) (bool, error) { return true, nil }

func (f full) Remove(bucket string) error {
	*f.removed = append(*f.removed, bucket)
	return nil
}

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(s3.Service(), iam.Service())
	require.NoError(t, err)
	return cases.Suite{
		Catalog: catalog, Usual: usual(),
		Types: []string{s3.Bucket, s3.PublicAccessBlock, s3.Ownership, s3.Encryption, s3.Lifecycle, s3.Versioning, s3.Policy},
	}
}

func TestEveryRule(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Cases = append(bucketCases(s.Catalog), policyCases()...)
	s.Run(t)
}

// logs is the name of the bucket that the usual settings are for.
const logs = "site-logs"

func usual() cases.Usual {
	return cases.Usual{
		s3.Bucket: func(*cases.World) account.Props {
			return account.Props{"tags": map[string]any{"Project": "site"}}
		},
		s3.PublicAccessBlock: func(w *cases.World) account.Props {
			return account.Props{"bucket": theBucket(w), "blockPublicPolicy": true}
		},
		s3.Ownership: func(w *cases.World) account.Props {
			return account.Props{"bucket": theBucket(w), "rule": map[string]any{"objectOwnership": "BucketOwnerEnforced"}}
		},
		s3.Encryption: func(w *cases.World) account.Props {
			return account.Props{"bucket": theBucket(w), "expectedBucketOwner": account.ID, "rules": []any{map[string]any{
				"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "alias/site"},
				"bucketKeyEnabled":                   true,
			}}}
		},
		s3.Lifecycle: func(w *cases.World) account.Props {
			return account.Props{
				"bucket": theBucket(w), "expectedBucketOwner": account.ID,
				"transitionDefaultMinimumObjectSize": "all_storage_classes_128K", "rules": []any{map[string]any{
					"id": "old", "status": "Enabled", "filter": map[string]any{"prefix": "alb/"}, "expiration": map[string]any{"days": 90.0},
					"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 7.0},
					"transitions":                    []any{map[string]any{"days": 30.0, "storageClass": "STANDARD_IA"}},
					"noncurrentVersionExpiration":    map[string]any{"noncurrentDays": 30.0, "newerNoncurrentVersions": 3.0},
					"noncurrentVersionTransitions":   []any{map[string]any{"noncurrentDays": 7.0, "storageClass": "GLACIER_IR"}},
				}},
			}
		},
		s3.Versioning: func(w *cases.World) account.Props {
			return account.Props{
				"bucket": theBucket(w), "expectedBucketOwner": account.ID,
				"versioningConfiguration": map[string]any{"status": "Enabled", "mfaDelete": "Disabled"},
			}
		},
		s3.Policy: func(w *cases.World) account.Props {
			return account.Props{"bucket": theBucket(w), "policy": policyOf("")}
		},
	}
}

// theBucket makes the bucket of the usual settings, once.
func theBucket(w *cases.World) string {
	if _, err := w.Make(s3.Bucket, account.Props{"bucket": logs}); err != nil && !strings.Contains(err.Error(), "BucketAlreadyOwnedByYou") {
		return err.Error()
	}
	return logs
}

// named is the trial of a bucket with a name.
func named(name string) cases.Trial { return cases.Make(account.Props{"bucket": name}) }

func bucketCases(catalog *kind.Catalog) []cases.Case {
	const b = s3.Bucket
	prefix := func(prefix string) cases.Trial {
		return cases.Make(account.Props{"bucket": nil, "bucketPrefix": prefix})
	}
	// deleted deletes a bucket that has objects.
	deleted := func(force bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			c := w.Call()
			c.ID, c.Objects = w.Need(typ, account.Props{"forceDestroy": force}).ID, full{new([]string)}
			d, _ := catalog.Kind(typ)
			return d.Remove(c)
		}
	}
	invalid := func(rule, bad, good string) cases.Case {
		return cases.One(b, rule, named(bad), named(good), "InvalidBucketName: The specified bucket is not valid.")
	}
	return []cases.Case{
		cases.One(b, "length of bucket", named(strings.Repeat("a", 64)), named(strings.Repeat("a", 63)), "expected length of bucket"),
		cases.One(b, "length of bucketPrefix", prefix(strings.Repeat("a", 38)), prefix(strings.Repeat("a", 37)), "expected length of bucketPrefix"),
		cases.One(b, "form of bucketPrefix", prefix("Site-"), prefix("site-"), "InvalidBucketName"),
		cases.Refused(b, "bucket without bucketPrefix", "conflicts with bucketPrefix", account.Props{
			"bucket": logs, "bucketPrefix": "site-",
		}),
		cases.Refused(b, "settings are resources of their own", "acl is not supported by the local cloud: it is deprecated", account.Props{"acl": "private"}),
		cases.Refused(b, "settings are resources of their own", "websites is not supported", account.Props{
			"websites": []any{map[string]any{"indexDocument": "index.html"}},
		}),
		invalid("length of a bucket's name", "ab", "abc"),
		invalid("characters of a bucket's name", "site_logs", "site-logs.1"),
		invalid("ends of a bucket's name", "site-", "site-1"),
		invalid("dots in a bucket's name", "a..b", "a.b"),
		invalid("a bucket's name is no address", "10.0.0.1", "10.0.0"),
		invalid("reserved beginnings", "amzn-s3-demo-bucket", "amzn-s3"),
		invalid("reserved endings", "site.mrap", "site-mrap"),
		cases.One(b, "name is free", func(w *cases.World, _ string) error {
			w.Need(b, account.Props{"bucket": logs})
			w.Region = "us-east-1"
			_, err := w.Make(b, account.Props{"bucket": logs})
			return err
		}, nil, "BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded"),
		cases.One(b, "no object is left", deleted(false), deleted(true), "BucketNotEmpty: The bucket you tried to delete is not empty."),
		cases.One(s3.Versioning, "versions are not switched off",
			cases.Change(account.Props{"versioningConfiguration": map[string]any{"status": "Disabled"}}),
			cases.Change(account.Props{"versioningConfiguration": map[string]any{"status": "Suspended"}}), "cannot be updated from 'Enabled' to 'Disabled'"),
	}
}

func TestABucketIsWhereItsNameSays(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		out := w.Need(s3.Bucket, account.Props{"bucket": logs}).Outputs
		require.Equal(t, "arn:aws:s3:::site-logs", out["arn"])
		require.Equal(t, "site-logs.s3.amazonaws.com", out["bucketDomainName"])
		require.Equal(t, "site-logs.s3.eu-central-1.amazonaws.com", out["bucketRegionalDomainName"])
		require.Equal(t, "Z21DNDUVLTQW6Q", out["hostedZoneId"])
		require.Equal(t, "eu-central-1", out["region"])
		require.Len(t, w.Need(s3.Bucket, account.Props{"bucket": nil, "bucketPrefix": "site-"}).ID, len("site-")+26)
	})
}

func TestWhatABucketHasGoesWithIt(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Try(t, func(w *cases.World) {
		bucket := w.Need(s3.Bucket, account.Props{"bucket": logs, "forceDestroy": true})
		w.Need(s3.Policy, nil)
		removed := []string{}
		c := w.Call()
		c.ID, c.Objects = bucket.ID, full{&removed}
		d, _ := s.Catalog.Kind(s3.Bucket)
		require.NoError(t, d.Remove(c))
		require.Equal(t, []string{logs}, removed)
		w.Need(s3.Bucket, account.Props{"bucket": logs})
		place, err := s3.Find(w.Call(), logs)
		require.NoError(t, err)
		answer, err := place.Lets(w.Call(), delivery)
		require.NoError(t, err)
		require.False(t, answer.Allowed, "the old policy is still there")
	})
}

func TestASecondSettingOverwritesTheFirst(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		w.Need(s3.Versioning, nil)
		w.Need(s3.Versioning, account.Props{"expectedBucketOwner": nil, "versioningConfiguration": map[string]any{"status": "Suspended"}})
		all, err := w.Call().All(s3.Versioning)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, "Suspended", all[0].Outputs.String("versioningConfiguration.status"))
	})
}
