package edge_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/tests/graph"
)

// toldTo are the settings that a function is told, as JSON.
func toldTo(t *testing.T, r *graph.Resource) string {
	t.Helper()
	first, _, _ := strings.Cut(r.Text(t, "code"), "\n")
	text, found := strings.CutPrefix(first, "const settings = ")
	require.True(t, found, first)
	return strings.TrimSuffix(text, ";")
}

func TestEdgeFunctions(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN, administered, func(a *edge.Args) { a.Settings.CDN.Cookies = []string{"theme", "lang_*"} })
	require.Equal(t, []string{"site-pages", "site-visitors"}, g.Names(edgeFunction))
	for _, r := range g.OfType(edgeFunction) {
		require.Equal(t, "cloudfront-js-2.0", r.At("runtime"))
		require.Equal(t, true, r.At("publish"), "a distribution runs what is published")
		require.JSONEq(t, `{"host":"example.com","cookies":["theme","lang_*"],"normalise":`+
			map[string]string{"site-pages": "true", "site-visitors": "false"}[r.Name]+
			`,"maintenance":true,"admins":["203.0.113.7/32","2001:db8::/48"],"password":""}`, toldTo(t, r))
	}
	for _, r := range registered(t, behindCDN).OfType(edgeFunction) {
		require.Contains(t, toldTo(t, r), `"cookies":[]`, "the function looks through a list")
		require.Contains(t, toldTo(t, r), `"maintenance":false,"admins":[]`)
	}
}

// Not one request gets past a function.
func TestEveryBehaviorHasAFunction(t *testing.T) {
	t.Parallel()
	g := registered(t, withMedia)
	for _, behavior := range behaviors(t, g) {
		associations := behavior["functionAssociations"].([]any)
		require.Len(t, associations, 1)
		association := associations[0].(map[string]any)
		require.Equal(t, "viewer-request", association["eventType"])
		// Where copies are shared, what would make them differ is taken off.
		name := "site-pages"
		if behavior["cachePolicyId"] == cachingDisabled {
			name = "site-visitors"
		}
		require.Equal(t, g.Named(t, edgeFunction, name).Computed("arn"), association["functionArn"], behavior["pathPattern"])
	}
}

// The distribution of another domain is another one, and so are its functions: those of the old one go on knowing the old
// domain until its visitors have moved. The other name of a domain is answered by the same.
func TestAnotherDomainHasFunctionsOfItsOwn(t *testing.T) {
	t.Parallel()
	for domain, bare := range map[string]string{
		"example.com": "example.com", "www.example.com": "example.com", "blog.example.com": "blog.example.com",
	} {
		for _, r := range registered(t, behindCDN, of(domain)).OfType(edgeFunction) {
			require.Equal(t, bare, r.At("comment"))
			require.Equal(t, []string{"comment"}, r.ReplaceOnChanges)
		}
	}
}

// CloudFront takes 10 KB: settings, Amazon CloudFront Developer Guide, "Quotas on CloudFront Functions".
func TestFunctionsFitWithTheLargestSettings(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN, secret, maintained, func(a *edge.Args) {
		a.Settings.Domain = strings.Repeat("a", 45) + ".example.com"
		for i := range 20 {
			a.Settings.CDN.Cookies = append(a.Settings.CDN.Cookies, strings.Repeat(string(rune('a'+i)), 100)+"*")
		}
		for _, last := range "12345" {
			a.Settings.AdminAddresses = append(a.Settings.AdminAddresses,
				netip.MustParsePrefix("2001:db8:1111:2222:3333:4444:5555:666"+string(last)+"/128"))
		}
	})
	for _, r := range g.OfType(edgeFunction) {
		require.LessOrEqual(t, len(r.Text(t, "code")), 10*1024, r.Name)
		require.Contains(t, r.Text(t, "code"), strings.Repeat("t", 100))
	}
}
