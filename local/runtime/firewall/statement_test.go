package firewall

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/wafv2"
)

func TestStatements(t *testing.T) {
	t.Parallel()
	text := func(part, how, text string) props {
		return props{"byteMatchStatement": looks(part, props{"positionalConstraint": how, "searchString": text})}
	}
	size := func(part, operator string, n float64) props {
		return props{"sizeConstraintStatement": looks(part, props{"comparisonOperator": operator, "size": n})}
	}
	all := func(kind string, list ...any) props { return props{kind: props{"statements": list}} }
	get := func(url string, changes ...func(*http.Request)) *http.Request {
		return request("GET", url, "", changes...)
	}
	forwarded := func(fallback, position string) props {
		return props{"ipSetReferenceStatement": props{"arn": "v4", "ipSetForwardedIpConfig": props{
			"headerName": "X-Forwarded-For", "fallbackBehavior": fallback, "position": position,
		}}}
	}
	from := func(addresses string) *http.Request { return get("/", header("X-Forwarded-For", addresses)) }
	for name, c := range map[string]struct {
		statement  props
		holds, not []*http.Request
	}{
		"exactly":    {text("uriPath", "EXACTLY", "/a"), []*http.Request{get("/a")}, []*http.Request{get("/ab"), get("/A")}},
		"begins":     {text("uriPath", "STARTS_WITH", "/a"), []*http.Request{get("/ab")}, []*http.Request{get("/b/a")}},
		"ends":       {text("uriPath", "ENDS_WITH", "/a"), []*http.Request{get("/b/a")}, []*http.Request{get("/ab")}},
		"contains":   {text("uriPath", "CONTAINS", "ab"), []*http.Request{get("/xaby")}, []*http.Request{get("/axb")}},
		"word":       {text("uriPath", "CONTAINS_WORD", "ab"), []*http.Request{get("/xab/ab"), get("/ab.c")}, []*http.Request{get("/ab_"), get("/xab"), get("/ab1")}},
		"larger":     {size("queryString", "GT", 3), []*http.Request{get("/?abcd")}, []*http.Request{get("/?abc"), get("/")}},
		"as large":   {size("queryString", "EQ", 3), []*http.Request{get("/?abc")}, []*http.Request{get("/?abcd")}},
		"smaller":    {size("queryString", "LT", 3), []*http.Request{get("/?ab")}, []*http.Request{get("/?abc"), get("/")}},
		"expression": {props{"regexMatchStatement": looks("uriPath", props{"regexString": `\.ph(p|tml)$`})}, []*http.Request{get("/a.php")}, []*http.Request{get("/a.php/b")}},
		"expressions": {
			props{"regexPatternSetReferenceStatement": looks("uriPath", props{"arn": "patterns"})},
			[]*http.Request{get("/a"), get("/b")}, []*http.Request{get("/c")},
		},
		"SQL":             {props{"sqliMatchStatement": looks("queryString", nil)}, []*http.Request{get("/?1'or'1'='1")}, []*http.Request{get("/?select+a+from+b")}},
		"SQL, sensitive":  {props{"sqliMatchStatement": looks("queryString", props{"sensitivityLevel": "HIGH"})}, []*http.Request{get("/?select%0aa%0afrom%0ab", spaced)}, []*http.Request{get("/?a=b")}},
		"script":          {props{"xssMatchStatement": looks("queryString", nil)}, []*http.Request{get("/?<SCRIPT>")}, []*http.Request{get("/?<b>")}},
		"not":             {all("notStatement", path("/a")), []*http.Request{get("/b")}, []*http.Request{get("/a")}},
		"and":             {all("andStatement", path("/a"), text("uriPath", "ENDS_WITH", "b")), []*http.Request{get("/ab")}, []*http.Request{get("/a"), get("/b")}},
		"or":              {all("orStatement", path("/a"), path("/b")), []*http.Request{get("/a"), get("/b")}, []*http.Request{get("/c")}},
		"address":         {props{"ipSetReferenceStatement": props{"arn": "v4"}}, []*http.Request{get("/", of("203.0.113.9")), get("/", of("::ffff:203.0.113.9"))}, []*http.Request{get("/"), from("203.0.113.9")}},
		"address, v6":     {props{"ipSetReferenceStatement": props{"arn": "v6"}}, []*http.Request{get("/", of("2001:db8:1::5"))}, []*http.Request{get("/", of("2001:db8:2::5"))}},
		"forwarded first": {forwarded("NO_MATCH", "FIRST"), []*http.Request{from("203.0.113.9, 10.0.0.1")}, []*http.Request{from("10.0.0.1, 203.0.113.9"), from("nobody"), get("/", of("203.0.113.9"))}},
		"forwarded last":  {forwarded("MATCH", "LAST"), []*http.Request{from("10.0.0.1, 203.0.113.9"), from("nobody")}, []*http.Request{from("203.0.113.9, 10.0.0.1"), get("/")}},
		"forwarded any":   {forwarded("NO_MATCH", "ANY"), []*http.Request{from("10.0.0.1, 203.0.113.9, 10.0.0.2")}, []*http.Request{from("10.0.0.1")}},
		"country":         {props{"geoMatchStatement": props{"countryCodes": []any{"DE", "AT"}}}, []*http.Request{get("/", of("192.0.2.1"))}, []*http.Request{get("/", of("2001:db8::1")), get("/")}},
		"other countries": {
			all("notStatement", props{"geoMatchStatement": props{"countryCodes": []any{"DE", "AT"}}}),
			[]*http.Request{get("/", of("2001:db8::1"))}, []*http.Request{get("/", of("192.0.2.1")), get("/")},
		},
		"what is unknown does not matter": {
			all("orStatement", props{"geoMatchStatement": props{"countryCodes": []any{"DE"}}}, path("/a")),
			[]*http.Request{get("/a")}, []*http.Request{get("/b")},
		},
		"what is unknown matters":   {all("notStatement", all("andStatement", props{"asnMatchStatement": props{}}, path("/a"))), []*http.Request{get("/b")}, []*http.Request{get("/a")}},
		"an expression of WAF only": {all("notStatement", props{"regexMatchStatement": looks("uriPath", props{"regexString": `(?=a)`})}), nil, []*http.Request{get("/a"), get("/b")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWall(t)
			w.put(wafv2.IPSet, "v4", props{"arn": "v4", "addresses": []any{"203.0.113.0/24"}})
			w.put(wafv2.IPSet, "v6", props{"arn": "v6", "addresses": []any{"2001:db8:1::/48"}})
			w.put(wafv2.RegexPatternSet, "patterns", props{"arn": "patterns", "regularExpressions": []any{props{"regexString": "a"}, props{"regexString": "b"}}})
			w.set(nil, props{"statement": c.statement, "action": does("block")})
			for _, r := range c.holds {
				require.False(t, w.passes(r), "%s %s of %s", r.Method, r.URL, r.RemoteAddr)
			}
			for _, r := range c.not {
				require.True(t, w.passes(r), "%s %s of %s", r.Method, r.URL, r.RemoteAddr)
			}
		})
	}
}

// spaced has spaces in its query, as a statement sees it that decodes URLs.
func spaced(r *http.Request) { r.URL.RawQuery = "select a from b" }

func TestLabels(t *testing.T) {
	t.Parallel()
	label := func(scope, key string) props {
		return when("labelMatchStatement", props{"scope": scope, "key": key})
	}
	// The examples of the AWS WAF Developer Guide, "Label match examples".
	marks := props{"statement": path("/"), "action": does("count"), "ruleLabels": []any{props{"name": "testNS1:testNS2:header:encoding:utf8"}}}
	group := managedGroup("AWSManagedRulesCommonRuleSet", "none", props{"ruleActionOverrides": []any{props{"name": "NoUserAgent_HEADER", "actionToUse": does("count")}}})
	for _, c := range []struct {
		scope, key string
		found      bool
	}{
		{"LABEL", "header:encoding:utf8", true},
		{"LABEL", "utf8", true},
		{"LABEL", "awswaf:111122223333:webacl:site:testNS1:testNS2:header:encoding:utf8", true},
		{"LABEL", "awswaf:111122223333:webacl:site:header:encoding:utf8", false},
		{"LABEL", "header:encoding2:utf8", false},
		{"LABEL", "header:encoding", false},
		{"LABEL", "eader:encoding:utf8", false},
		{"NAMESPACE", "header:encoding:", true},
		{"NAMESPACE", "testNS1:", true},
		{"NAMESPACE", "awswaf:111122223333:webacl:site:testNS1:", true},
		{"NAMESPACE", "encoding:utf8:", false},
		{"NAMESPACE", "awswaf:444455556666:webacl:site:testNS1:", false},
		{"LABEL", "awswaf:managed:aws:core-rule-set:NoUserAgent_Header", true},
		{"NAMESPACE", "awswaf:managed:aws:core-rule-set:", true},
		{"LABEL", "NoUserAgent_Header", false},
	} {
		w := newWall(t, group, marks, label(c.scope, c.key))
		require.Equal(t, c.found, !w.passes(request("GET", "/", "", func(r *http.Request) { r.Header.Del("User-Agent") })), "%s %s", c.scope, c.key)
	}
	require.True(t, newWall(t, label("LABEL", "utf8"), marks).passes(request("GET", "/", "")), "labels are for the rules that follow")
}
