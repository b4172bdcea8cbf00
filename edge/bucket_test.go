package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/policy"
	"wordpress-ecs/tests/graph"
)

const (
	publicAccess = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	ownership    = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	encryption   = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
)

var buckets = []string{"aws-waf-logs-site", "site-media"}

// Nobody outside the account reads a bucket, whatever its policy or an object's list says.
func TestBucketsArePrivate(t *testing.T) {
	t.Parallel()
	g := registered(t, withMedia, logged)
	require.Equal(t, buckets, g.Names(bucket))
	for _, name := range buckets {
		id := g.Named(t, bucket, name).Computed("bucket")
		closed, owner, sealed := g.Named(t, publicAccess, name), g.Named(t, ownership, name), g.Named(t, encryption, name)
		for _, r := range []*graph.Resource{closed, owner, sealed, g.Named(t, bucketPolicy, name), g.Named(t, lifecycle, name)} {
			require.Equal(t, id, r.At("bucket"), r.URN)
		}
		for _, guard := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			require.Equal(t, true, closed.At(guard), guard)
		}
		require.Equal(t, "BucketOwnerEnforced", owner.At("rule.objectOwnership"))
		// The load balancer writes to no bucket with keys of KMS.
		require.Equal(t, "AES256", sealed.At("rules[0].applyServerSideEncryptionByDefault.sseAlgorithm"))
		// S3 refuses to change who may read a bucket twice at a time.
		g.Named(t, bucketPolicy, name).RequireAfter(t, closed, owner)
	}
}

func TestBucketsRefusePlainHTTP(t *testing.T) {
	t.Parallel()
	g := registered(t, withMedia, logged)
	for _, name := range buckets {
		arn := g.Named(t, bucket, name).Computed("arn").(string)
		require.Equal(t, policy.Statement{
			Sid: "TLSOnly", Effect: policy.Deny, Principal: policy.Principal{"AWS": "*"}, Action: []string{"s3:*"},
			Resource: []string{arn, arn + "/*"}, Condition: policy.Condition{"Bool": {"aws:SecureTransport": "false"}},
		}, g.Named(t, bucketPolicy, name).Statements(t, "policy")["TLSOnly"])
	}
}

// A protected stack keeps its logs; another one takes them along. Media are copies of what is on the shared volume: the
// setting can be turned off, and the domain removed, in a protected stack, too.
func TestProtectedBuckets(t *testing.T) {
	t.Parallel()
	for guarded, settings := range map[bool][]change{false: {withMedia, logged}, true: {withMedia, logged, protected}} {
		g := registered(t, settings...)
		for name, kept := range map[string]bool{"aws-waf-logs-site": guarded, "site-media": false} {
			r := g.Named(t, bucket, name)
			require.Equal(t, kept, r.Protect, r.Name)
			require.Equal(t, !kept, r.At("forceDestroy"), r.Name)
		}
	}
}

// Logs go after the days of the settings and media never. What is left of uploads that broke off goes in both.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	g := registered(t, withMedia, logged)
	expiring := map[string]any{}
	for _, name := range buckets {
		for _, entry := range g.Named(t, lifecycle, name).List("rules") {
			rule := entry.(map[string]any)
			require.Equal(t, "Enabled", rule["status"])
			require.Equal(t, map[string]any{"prefix": ""}, rule["filter"], "all objects")
			if expiration, ok := rule["expiration"].(map[string]any); ok {
				expiring[name] = expiration["days"]
			} else {
				require.Equal(t, map[string]any{"daysAfterInitiation": 7}, rule["abortIncompleteMultipartUpload"])
				expiring[name+" parts"] = 7
			}
		}
	}
	require.Equal(t, map[string]any{"aws-waf-logs-site": 30, "aws-waf-logs-site parts": 7, "site-media parts": 7}, expiring)
}
