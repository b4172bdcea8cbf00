package cloudfront_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/aws/kind/cases"
)

func resolved(t *testing.T, w *cases.World, changes account.Props) cloudfront.Delivery {
	t.Helper()
	d, err := cloudfront.Resolve(w.Call().Tx, w.Need(distribution, changes))
	require.NoError(t, err)
	return d
}

func TestDeliveryHasEverythingResolved(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		d := resolved(t, w, nil)
		assert.Regexp(t, `^d[0-9a-f]{13}\.cloudfront\.net$`, d.Domain)
		assert.Regexp(t, `^arn:aws:cloudfront::123456789012:distribution/E[A-Z0-9]{13}$`, d.ARN)
		assert.Equal(t, []string{"www.example.com"}, d.Aliases)
		assert.Equal(t, "TLSv1.2_2021", d.MinimumProtocol)
		assert.Equal(t, "whitelist", d.Geo)
		assert.Equal(t, []string{"DE"}, d.Countries)

		web, media := d.Origins[0], d.Origins[1]
		assert.Equal(t, []cloudfront.Header{{Name: "X-Origin", Value: "cdn", Override: true}}, web.Headers)
		assert.Equal(t, []int{80, 443, 2, 5, 60}, []int{web.HTTPPort, web.HTTPSPort, web.Attempts, web.ConnectTimeout, web.ReadTimeout})
		assert.False(t, web.Bucket)
		assert.Nil(t, web.AccessControl)
		assert.True(t, media.Bucket)
		assert.Equal(t, []int{3, 10}, []int{media.Attempts, media.ConnectTimeout})
		require.NotNil(t, media.AccessControl)
		assert.Equal(t, "always", media.AccessControl.Signing)
		assert.Equal(t, []cloudfront.OriginGroup{{ID: "either", Members: []string{"media", "web"}, Codes: []int{500}}}, d.Groups)
		assert.Equal(t, []cloudfront.ErrorResponse{{Code: 503, MinTTL: 30, Page: "/errors/503.html", Status: 503}}, d.Errors)

		require.Len(t, d.Behaviors, 2)
		content, every := d.Behaviors[0], d.Behaviors[1]
		assert.Equal(t, []string{"/wp-content/*", "either"}, []string{content.Path, content.Target})
		assert.Equal(t, []string{"*", "web", "redirect-to-https"}, []string{every.Path, every.Target, every.Protocol})
		assert.Equal(t, []int{1, 86400, 31536000}, []int{every.Caching.MinTTL, every.Caching.DefaultTTL, every.Caching.MaxTTL})
		assert.Equal(t, cloudfront.Selection{Behavior: "whitelist", Names: []string{"lang"}}, every.Caching.Cookies)
		assert.Equal(t, "all", every.Caching.QueryStrings.Behavior)
		assert.Equal(t, cloudfront.Selection{Behavior: "whitelist", Names: []string{"s"}}, every.Forwarding.QueryStrings)
		assert.Contains(t, every.ViewerRequest.Source, "function handler")
		assert.Nil(t, every.ViewerResponse)
		assert.Equal(t, []string{"X-Powered-By"}, every.Response.Remove)
		assert.Equal(t, []string{"https://example.com"}, every.Response.CORS.Origins)
		assert.Equal(t, []cloudfront.Header{
			{Name: "Content-Security-Policy", Value: "default-src 'self'", Override: true}, {Name: "X-Frame-Options", Value: "DENY", Override: true},
			{Name: "Referrer-Policy", Value: "same-origin", Override: true}, {Name: "X-XSS-Protection", Value: "1; mode=block", Override: true},
			{Name: "X-Robots-Tag", Value: "noindex", Override: true},
		}, every.Response.Add)
	})
}

func TestManagedPoliciesAreKnown(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		d := resolved(t, w, account.Props{
			"orderedCacheBehaviors": nil, "defaultCacheBehavior": behavior(w, object{
				"cachePolicyId": disabled, "originRequestPolicyId": allViewer, "responseHeadersPolicyId": "67f7725c-6f97-4210-82d7-5512b31e9d03",
			}),
		})
		b := d.Behaviors[0]
		assert.True(t, b.Caching.Off())
		assert.Equal(t, "allViewer", b.Forwarding.Headers.Behavior)
		assert.Contains(t, b.Response.Add, cloudfront.Header{Name: "X-Content-Type-Options", Value: "nosniff", Override: true})
	})
	p, ok := cloudfront.ManagedCaching(optimized)
	assert.True(t, ok)
	assert.Equal(t, []int{1, 86400, 31536000}, []int{p.MinTTL, p.DefaultTTL, p.MaxTTL})
	f, ok := cloudfront.ManagedForwarding("33f36d7e-f396-46d9-90e0-52428a34d9dc")
	assert.True(t, ok)
	assert.Contains(t, f.Headers.Names, "CloudFront-Viewer-Address")
}

// A function that is changed without being published goes on as it was.
func TestFunctionsRunWhatWasPublished(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		w.Usual(distribution)
		f := w.Usual(cloudfront.Function)
		code := func() string {
			d, err := cloudfront.Resolve(w.Call().Tx, w.Usual(distribution))
			require.NoError(t, err)
			return d.Behaviors[1].ViewerRequest.Source
		}
		before := code()
		changedTo := func(publish bool, source string) account.Resource {
			r, err := w.Change(f, account.Props{"publish": publish, "code": source})
			require.NoError(t, err)
			return r
		}
		changedTo(false, "function handler(event) { return event.response }")
		assert.Equal(t, before, code())
		r := changedTo(true, "function handler(event) { return null }")
		assert.Equal(t, "function handler(event) { return null }", code())
		assert.NotEqual(t, f.Outputs["etag"], r.Outputs["etag"])
	})
}

// CloudFront's own certificate comes with TLSv1: what else is asked for shows as a change for ever, as on AWS.
func TestWhatReadsBackAsSomethingElse(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		r := w.Need(distribution, account.Props{"aliases": nil, "viewerCertificate": object{
			"cloudfrontDefaultCertificate": true, "minimumProtocolVersion": "TLSv1.2_2021",
		}})
		assert.Equal(t, "TLSv1", r.Outputs.String("viewerCertificate.minimumProtocolVersion"))
		assert.Equal(t, "TLSv1.2_2021", r.Inputs.String("viewerCertificate.minimumProtocolVersion"))
		own := w.Need(distribution, nil)
		assert.Equal(t, own.Inputs["viewerCertificate"], own.Outputs["viewerCertificate"])
	})
}

func TestOrderHasNoMeaningInSets(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Try(t, func(w *cases.World) {
		d, _ := s.Catalog.Kind(distribution)
		in := w.Usual(distribution).Inputs
		after := in.Copy()
		after["origins"] = list{in.List("origins")[1], in.List("origins")[0]}
		after["defaultCacheBehavior"] = behavior(w, object{"allowedMethods": list{"DELETE", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "GET"}, "minTtl": 0.0})
		assert.Empty(t, d.Diff(in, after))
		after["priceClass"] = "PriceClass_All"
		changes := d.Diff(in, after)
		require.Len(t, changes, 1)
		assert.False(t, changes[0].Replaces)
	})
}
