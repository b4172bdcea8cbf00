package edge_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/graph"
)

// Policies of AWS: Amazon CloudFront Developer Guide, "Use managed cache policies" and "Use managed origin request
// policies".
const (
	cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	allViewer       = "216adef6-5c7f-47e4-b989-5492eafa07d3"
)

var (
	readMethods = []any{"GET", "HEAD", "OPTIONS"}
	allMethods  = []any{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
)

// behaviors are those of the distribution in the order in which they are asked, the default one with the path "".
func behaviors(t *testing.T, g *graph.Graph) []map[string]any {
	t.Helper()
	var list []map[string]any
	for _, entry := range g.Only(t, distribution).List("orderedCacheBehaviors") {
		list = append(list, entry.(map[string]any))
	}
	last := g.Only(t, distribution).At("defaultCacheBehavior").(map[string]any)
	last["pathPattern"] = ""
	return append(list, last)
}

func paths(list []map[string]any) []any {
	var found []any
	for _, behavior := range list {
		found = append(found, behavior["pathPattern"])
	}
	return found
}

// A program in the folder of uploads is none of the bucket's, and uploads come before the files around them.
func TestOrderOfBehaviors(t *testing.T) {
	t.Parallel()
	never, files := []any{"/wp-admin/*", "*.php", "/wp-json/*"}, []any{"/wp-content/*", "/wp-includes/*", "/bundled/*"}
	require.Equal(t, slices.Concat(never, files, []any{""}), paths(behaviors(t, registered(t, behindCDN))))
	require.Equal(t, slices.Concat(never, []any{"/wp-content/uploads/*"}, files, []any{""}), paths(behaviors(t, registered(t, withMedia))))
}

func TestBehaviors(t *testing.T) {
	t.Parallel()
	g := registered(t, withMedia)
	pages, files := g.Named(t, cachePolicy, "site-pages").ID, g.Named(t, cachePolicy, "site-files").ID
	for _, behavior := range behaviors(t, g) {
		path := behavior["pathPattern"].(string)
		require.Equal(t, "redirect-to-https", behavior["viewerProtocolPolicy"], path)
		require.Equal(t, true, behavior["compress"], path)
		require.Equal(t, []any{"GET", "HEAD"}, behavior["cachedMethods"], path)
		switch path {
		case "/wp-admin/*", "*.php", "/wp-json/*":
			require.Equal(t, cachingDisabled, behavior["cachePolicyId"], path)
			require.Equal(t, allViewer, behavior["originRequestPolicyId"], path)
			require.ElementsMatch(t, allMethods, behavior["allowedMethods"], path)
			require.Equal(t, "site", behavior["targetOriginId"], path)
		case "":
			require.Equal(t, pages, behavior["cachePolicyId"])
			require.Equal(t, allViewer, behavior["originRequestPolicyId"])
			require.ElementsMatch(t, allMethods, behavior["allowedMethods"], "forms are sent to pages")
			require.Equal(t, "site", behavior["targetOriginId"])
		default:
			require.Equal(t, files, behavior["cachePolicyId"], path)
			require.Nil(t, behavior["originRequestPolicyId"], "%s: S3 refuses the Host of a visitor", path)
			require.ElementsMatch(t, readMethods, behavior["allowedMethods"], "%s: an origin group takes no others", path)
			require.Equal(t, map[bool]string{true: "uploads", false: "site"}[path == "/wp-content/uploads/*"], behavior["targetOriginId"])
		}
	}
}

// What tells copies apart: of a page the visitor's cookies as the function sums them up, whether maintenance lets him
// pass, and the arguments; of a file not even who asks.
func TestCacheKeys(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	require.Equal(t, []string{"site-files", "site-pages"}, g.Names(cachePolicy))
	const key = "parametersInCacheKeyAndForwardedToOrigin."
	for name, tc := range map[string]struct {
		headers  []any
		lifetime int
	}{
		// A page says itself for how long it is good, and one that does not is for nobody else.
		"site-pages": {[]any{"X-Visitor-Key", "X-Maintenance"}, 0},
		"site-files": {[]any{"X-Maintenance"}, 24 * 60 * 60},
	} {
		r := g.Named(t, cachePolicy, name)
		require.Equal(t, "whitelist", r.At(key+"headersConfig.headerBehavior"))
		require.ElementsMatch(t, tc.headers, r.At(key+"headersConfig.headers.items"), name)
		require.Equal(t, "none", r.At(key+"cookiesConfig.cookieBehavior"), "the function sums them up")
		require.Equal(t, "all", r.At(key+"queryStringsConfig.queryStringBehavior"))
		require.Equal(t, true, r.At(key+"enableAcceptEncodingGzip"))
		require.Equal(t, true, r.At(key+"enableAcceptEncodingBrotli"))
		require.Equal(t, 0, r.At("minTtl"), "no-store is obeyed")
		require.Equal(t, tc.lifetime, r.At("defaultTtl"), name)
		require.Equal(t, 365*24*60*60, r.At("maxTtl"))
	}
}
