package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/policy"
)

const (
	accessControl   = "aws:cloudfront/originAccessControl:OriginAccessControl"
	responseHeaders = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
)

func TestNoMedia(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	none(t, g, "aws:s3/", accessControl, responseHeaders)
	require.Empty(t, g.Exports()["bucket"].Value)
}

// What the bucket does not have, the site may: a picture is asked for before its copy is there.
func TestUploadsComeFromTheBucketOrTheSite(t *testing.T) {
	t.Parallel()
	g := registered(t, withMedia)
	r, media := g.Only(t, distribution), g.Only(t, bucket)
	require.Equal(t, media.Computed("bucket"), g.Exports()["bucket"].Value)
	require.Len(t, r.List("origins"), 2)
	require.Equal(t, "bucket", r.At("origins[1].originId"))
	require.Equal(t, media.Computed("bucketRegionalDomainName"), r.At("origins[1].domainName"))
	require.Nil(t, r.At("origins[1].customHeaders"), "the secret is none of S3's business")
	require.Equal(t, []any{map[string]any{
		"originId":         "uploads",
		"failoverCriteria": map[string]any{"statusCodes": []any{403, 404, 500, 502, 503, 504}},
		"members":          []any{map[string]any{"originId": "bucket"}, map[string]any{"originId": "site"}},
	}}, r.At("originGroups"))
}

// The bucket is read through this distribution only, which signs its requests.
func TestWhoReadsMedia(t *testing.T) {
	t.Parallel()
	g := registered(t, withMedia)
	access := g.Only(t, accessControl)
	require.Equal(t, "s3", access.At("originAccessControlOriginType"))
	require.Equal(t, "always", access.At("signingBehavior"))
	require.Equal(t, "sigv4", access.At("signingProtocol"))
	require.Equal(t, access.ID, g.Only(t, distribution).At("origins[1].originAccessControlId"))
	require.Equal(t, g.Only(t, bucket).Computed("bucket"), g.Only(t, bucketPolicy).At("bucket"))
	arn := g.Only(t, bucket).Computed("arn").(string)
	ours := policy.Condition{"StringEquals": {"AWS:SourceArn": g.Only(t, distribution).Computed("arn").(string)}}
	statements := g.Only(t, bucketPolicy).Statements(t, "policy")
	delete(statements, "TLSOnly")
	require.Equal(t, map[string]policy.Statement{
		"Read": {
			Sid: "Read", Effect: policy.Allow, Principal: policy.Principal{"Service": "cloudfront.amazonaws.com"},
			Action: []string{"s3:GetObject"}, Resource: []string{arn + "/*"}, Condition: ours,
		},
		// Without it S3 says 403 of what is not there, as of what may not be read.
		"List": {
			Sid: "List", Effect: policy.Allow, Principal: policy.Principal{"Service": "cloudfront.amazonaws.com"},
			Action: []string{"s3:ListBucket"}, Resource: []string{arn}, Condition: ours,
		},
	}, statements)
}

// Answers from the bucket say what those of nginx say.
func TestHeadersOfMedia(t *testing.T) {
	t.Parallel()
	g := registered(t, withMedia)
	r := g.Only(t, responseHeaders)
	require.Equal(t, map[string]any{"contentTypeOptions": map[string]any{"override": true}}, r.At("securityHeadersConfig"))
	require.Nil(t, r.At("customHeadersConfig"))
	for _, behavior := range behaviors(t, g) {
		if behavior["pathPattern"] == "/wp-content/uploads/*" {
			require.Equal(t, r.ID, behavior["responseHeadersPolicyId"])
		} else {
			require.Nil(t, behavior["responseHeadersPolicyId"], behavior["pathPattern"])
		}
	}
	r = registered(t, withMedia, hidden).Only(t, responseHeaders)
	require.Equal(t, []any{map[string]any{
		"header": "X-Robots-Tag", "value": "noindex, nofollow", "override": true,
	}}, r.At("customHeadersConfig.items"))
}
