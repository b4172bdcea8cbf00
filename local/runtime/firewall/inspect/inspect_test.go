package inspect

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

func TestTransformations(t *testing.T) {
	t.Parallel()
	for name, cases := range map[string][][2]string{
		"NONE":       {{" A%20b ", " A%20b "}},
		"LOWERCASE":  {{"ABC \u00c4", "abc \u00c4"}},
		"URL_DECODE": {{"a%2Fb%20c+d", "a/b c d"}, {"100%", "100%"}, {"%zz%4", "%zz%4"}, {"%2541", "%41"}},
		"HTML_ENTITY_DECODE": {
			{"&lt;a&gt; &quot;b&quot;", `<a> "b"`}, {"&#60;&#x3C;&#X3c;", "<<<"}, {"&amp;lt;", "&amp;lt;"}, {"&nbsp;", "\xa0"}, {"&#60", "&#60"},
		},
		"NORMALIZE_PATH": {
			{"/wp-admin//./a/../post.php", "/wp-admin/post.php"}, {"//wp-login.php", "/wp-login.php"}, {"/a/b/../../wp-login.php", "/wp-login.php"},
			{"/../etc", "/etc"}, {"../a/../b", "../b"}, {"/wp-admin/", "/wp-admin/"}, {"/a/..", "/"}, {"/a/b/.", "/a/b/"}, {"/", "/"}, {"", ""},
		},
		"NORMALIZE_PATH_WIN":   {{`\wp-admin\..\a`, "/a"}},
		"COMPRESS_WHITE_SPACE": {{"a\t\n  b\u00a0c", "a b c"}},
		"CMD_LINE":             {{`C^aT  /etc,"passwd" (x);Y`, "cat/etc passwd(x) y"}},
		"BASE64_DECODE":        {{"PHNjcmlwdD4=", "<script>"}, {"no base64!", "no base64!"}},
		"HEX_DECODE":           {{"3c61", "<a"}, {"3", "3"}},
		"REMOVE_NULLS":         {{"a\x00b", "ab"}},
		"REPLACE_NULLS":        {{"a\x00b", "a b"}},
		"REPLACE_COMMENTS":     {{"a/*x*/b/*y", "a b "}},
	} {
		transform, err := NewTransformation([]account.Props{{"type": name}})
		require.NoError(t, err)
		for _, c := range cases {
			require.Equal(t, c[1], transform(c[0]), "%s of %q", name, c[0])
		}
	}
}

func TestTransformationsComeInTheirOrder(t *testing.T) {
	t.Parallel()
	transform, err := NewTransformation([]account.Props{
		{"type": "NORMALIZE_PATH", "priority": 1.0}, {"type": "URL_DECODE", "priority": 0.0},
	})
	require.NoError(t, err)
	require.Equal(t, "/wp-login.php", transform("/a%2F..%2Fwp-login.php"))
	_, err = NewTransformation([]account.Props{{"type": "MD5"}})
	require.EqualError(t, err, "text transformation MD5")
}

func TestFields(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "http://example.com/a%20b/?x=1&y=%3C&X=2", strings.NewReader("body"))
	r.Header.Set("Cookie", "b=2; a=1")
	r.Header.Set("User-Agent", "Firefox")
	r.Header["Accept"] = []string{"text/html", "*/*"}
	all := map[string]any{"all": map[string]any{}}
	for name, c := range map[string]struct {
		field account.Props
		want  []string
	}{
		"method":             {account.Props{"method": map[string]any{}}, []string{"POST"}},
		"path, as it came":   {account.Props{"uriPath": map[string]any{}}, []string{"/a%20b/"}},
		"query":              {account.Props{"queryString": map[string]any{}}, []string{"x=1&y=%3C&X=2"}},
		"header":             {account.Props{"singleHeader": map[string]any{"name": "user-agent"}}, []string{"Firefox"}},
		"header twice":       {account.Props{"singleHeader": map[string]any{"name": "Accept"}}, []string{"text/html,*/*"}},
		"host":               {account.Props{"singleHeader": map[string]any{"name": "host"}}, []string{"example.com"}},
		"header not there":   {account.Props{"singleHeader": map[string]any{"name": "referer"}}, nil},
		"argument":           {account.Props{"singleQueryArgument": map[string]any{"name": "x"}}, []string{"1", "2"}},
		"arguments":          {account.Props{"allQueryArguments": map[string]any{}}, []string{"1", "%3C", "2"}},
		"body":               {account.Props{"body": map[string]any{}}, []string{"body"}},
		"cookies":            {account.Props{"cookies": map[string]any{"matchScope": "ALL", "matchPatterns": []any{all}}}, []string{"b", "2", "a", "1"}},
		"names of cookies":   {account.Props{"cookies": map[string]any{"matchScope": "KEY", "matchPatterns": []any{all}}}, []string{"b", "a"}},
		"one cookie":         {account.Props{"cookies": map[string]any{"matchScope": "VALUE", "matchPatterns": []any{map[string]any{"includedCookies": []any{"a"}}}}}, []string{"1"}},
		"other cookies":      {account.Props{"cookies": map[string]any{"matchScope": "VALUE", "matchPatterns": []any{map[string]any{"excludedCookies": []any{"a"}}}}}, []string{"2"}},
		"values of headers":  {account.Props{"headers": []any{map[string]any{"matchScope": "VALUE", "matchPattern": all}}}, []string{"text/html", "*/*", "b=2; a=1", "example.com", "Firefox"}},
		"some of the header": {account.Props{"headers": []any{map[string]any{"matchScope": "VALUE", "matchPattern": map[string]any{"includedHeaders": []any{"Host"}}}}}, []string{"example.com"}},
	} {
		field, err := NewField(c.field)
		require.NoError(t, err, name)
		texts, finding := field(New(r, []byte("body"), RegionalBody))
		require.Equal(t, Texts, finding, name)
		require.Equal(t, c.want, texts, name)
	}
	_, err := NewField(account.Props{"ja3Fingerprint": map[string]any{}})
	require.EqualError(t, err, "the part ja3Fingerprint of a request")
}

// The example is that of the AWS WAF Developer Guide, "JSON body request component".
func TestElementsOfJSON(t *testing.T) {
	t.Parallel()
	const body = `{"a":{"c":"d","b":{"e":{"f":"g"}}}}`
	below := map[string]any{"includedPaths": []any{"/a/b"}}
	for _, c := range []struct {
		body string
		json map[string]any
		want []string
		what Finding
	}{
		{body, map[string]any{"matchScope": "ALL", "matchPattern": below}, []string{"e", "f", "g"}, Texts},
		{body, map[string]any{"matchScope": "KEY", "matchPattern": below}, []string{"e", "f"}, Texts},
		{body, map[string]any{"matchScope": "VALUE", "matchPattern": below}, []string{"g"}, Texts},
		{body, map[string]any{"matchScope": "VALUE"}, []string{"d", "g"}, Texts},
		{`{"dogs":[{"name":"Rex"},{"name":"Bo"}]}`, map[string]any{"matchScope": "VALUE", "matchPattern": map[string]any{"includedPaths": []any{"/dogs/1/name"}}}, []string{"Bo"}, Texts},
		{`{"a":"b","c":`, map[string]any{"matchScope": "VALUE"}, []string{"b"}, Texts},
		{`{"a":"b","c":`, map[string]any{"matchScope": "VALUE", "invalidFallbackBehavior": "EVALUATE_AS_STRING"}, []string{`{"a":"b","c":`}, Texts},
		{`{"a":"b","c":`, map[string]any{"matchScope": "VALUE", "invalidFallbackBehavior": "MATCH"}, nil, Match},
		{`"text"`, map[string]any{"matchScope": "VALUE", "invalidFallbackBehavior": "NO_MATCH"}, nil, NoMatch},
	} {
		field, err := NewField(account.Props{"jsonBody": c.json})
		require.NoError(t, err)
		texts, finding := field(&Request{Body: c.body})
		require.Equal(t, c.what, finding, "%s of %s", c.json, c.body)
		require.ElementsMatch(t, c.want, texts, "%s of %s", c.json, c.body)
	}
}

func TestMoreThanIsLookedAt(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("b", 9000)))
	r.Header.Set("Cookie", "a="+strings.Repeat("c", 9000))
	q := New(r, []byte(strings.Repeat("b", RegionalBody+1)), RegionalBody)
	require.Len(t, q.Body, RegionalBody)
	require.EqualValues(t, 9000, q.BodySize)
	for handling, want := range map[string]Finding{"CONTINUE": Texts, "": Texts, "MATCH": Match, "NO_MATCH": NoMatch} {
		for name, p := range map[string]account.Props{
			"body":    {"body": map[string]any{"oversizeHandling": handling}},
			"cookies": {"cookies": map[string]any{"oversizeHandling": handling, "matchScope": "VALUE"}},
			"headers": {"headers": []any{map[string]any{"oversizeHandling": handling, "matchScope": "VALUE"}}},
		} {
			field, err := NewField(p)
			require.NoError(t, err)
			_, finding := field(q)
			require.Equal(t, want, finding, "%s %s", handling, name)
		}
	}
	require.Len(t, q.Cookies[0].Value, mostBytes-1)
	whole, _ := q.Header("cookie")
	require.Len(t, whole, 9002)

	fits := New(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("b", 9000))), make([]byte, 9000), GlobalBody)
	require.False(t, fits.MoreBody)
	exactly := httptest.NewRequest(http.MethodPost, "/", nil)
	exactly.ContentLength = -1 // sent in chunks
	require.False(t, New(exactly, make([]byte, RegionalBody), RegionalBody).MoreBody)
	require.True(t, New(exactly, make([]byte, RegionalBody+1), RegionalBody).MoreBody)
}
