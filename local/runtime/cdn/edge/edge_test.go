package edge_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/cdn/edge"
)

var viewer = edge.Viewer{Distribution: "E123", Domain: "d123.cloudfront.net", Request: "id==", Address: "192.0.2.7:4321"}

func handler(body string) *edge.Function {
	return edge.New("test", "function handler(event) { var request = event.request, response = event.response, headers = (response || request).headers;"+
		body+"}")
}

// request makes one; headers are given as "Name: value".
func request(target string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func TestFunctionsSeeTheRequest(t *testing.T) {
	t.Parallel()
	f := handler(`return {statusCode: 200, body: JSON.stringify(event)};`)
	_, answer, err := f.ViewerRequest(t.Context(), viewer, request("https://www.example.com/a%20b?x=1&y=%20&x=2&flag",
		"Accept: text/html", "X-Two: a", "X-Two: b", "Cookie: a=1; b=x=y; a=2", "X-Forwarded-Proto: https", "X-Amz-Cf-Secret: 1", "Connection: close"))
	require.NoError(t, err)
	require.JSONEq(t, `{
		"version": "1.0",
		"context": {"distributionDomainName": "d123.cloudfront.net", "distributionId": "E123", "eventType": "viewer-request", "requestId": "id=="},
		"viewer": {"ip": "192.0.2.7"},
		"request": {
			"method": "GET", "uri": "/a%20b",
			"querystring": {"x": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}, "y": {"value": "%20"}, "flag": {"value": ""}},
			"headers": {"host": {"value": "www.example.com"}, "accept": {"value": "text/html"},
				"x-two": {"value": "a", "multiValue": [{"value": "a"}, {"value": "b"}]}},
			"cookies": {"a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}, "b": {"value": "x=y"}}
		}}`, string(answer.Body))
}

func TestRequestsThatGoOn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		code, target, want string
		headers            []string
		wantHeaders        map[string][]string
	}{
		"unchanged": {
			code: `return request;`, target: "/a%2Fb;c?q=1;2&%zz&a=1&b=2&a=3", want: "/a%2Fb;c?q=1;2&%zz&a=1&b=2&a=3",
			headers:     []string{"X-A: 1", "X-A: 2", "Cookie: a=1; b=2", "X-Forwarded-Proto: http"},
			wantHeaders: map[string][]string{"X-A": {"1", "2"}, "Cookie": {"a=1; b=2"}, "X-Forwarded-Proto": {"http"}},
		},
		"another address": {
			code:   `request.uri = '/wp-content' + request.uri + '/index.html'; request.querystring.v = {value: '2'}; return request;`,
			target: "/a?b=1", want: "/wp-content/a/index.html?b=1&v=2",
		},
		"parameters keep their order": {
			code: `delete request.querystring.utm_source; return request;`, target: "/?z=1&a=2&utm_source=x&z=3", want: "/?z=1&z=3&a=2",
		},
		"the first of several": {
			code: `request.querystring.a.value = '9'; return request;`, target: "/?a=1&a=2", want: "/?a=9&a=2",
		},
		"all of several": {
			code:   `request.querystring.a.multiValue.push({value: '3'}); request.querystring.a.value = '9'; return request;`,
			target: "/?a=1&a=2", want: "/?a=1&a=2&a=3",
		},
		"parameters as a text": {
			code:   `request.querystring = Object.keys(request.querystring).sort().join('&'); return request;`,
			target: "/?b=1&a=2", want: "/?a&b",
		},
		"headers and cookies": {
			code: `headers['x-new-header'] = {value: 'n'}; delete headers['x-old']; headers.accept = {value: 'a', multiValue: [{value: 'a'}, {value: 'b'}]};
				request.cookies.seen = {value: 'yes'}; delete request.cookies.old; return request;`,
			target: "/", want: "/", headers: []string{"X-Old: o", "Cookie: old=1; kept=2"},
			wantHeaders: map[string][]string{"X-New-Header": {"n"}, "Accept": {"a", "b"}, "Cookie": {"kept=2; seen=yes"}, "X-Old": nil},
		},
		"async": {code: `return later(); async function later() { request.uri = '/x'; return request; }`, target: "/", want: "/x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, answer, err := handler(tc.code).ViewerRequest(t.Context(), viewer, request(tc.target, tc.headers...))
			require.NoError(t, err)
			require.Nil(t, answer)
			require.Equal(t, tc.want, r.URL.RequestURI())
			require.Equal(t, "example.com", r.Host)
			for name, want := range tc.wantHeaders {
				require.Equal(t, want, r.Header[name], name)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		code, body string
		status     int
		headers    http.Header
	}{
		"a redirect": {
			`return {statusCode: 301, statusDescription: 'Moved', headers: {location: {value: 'https://www.example.com' + request.uri}}};`, "", 301,
			http.Header{"Location": {"https://www.example.com/x"}},
		},
		"a text": {
			`return {statusCode: 401, headers: {'www-authenticate': {value: 'Basic'}}, body: 'no'};`, "no", 401,
			http.Header{"Www-Authenticate": {"Basic"}},
		},
		"data":    {`return {statusCode: 200, body: {encoding: 'base64', data: 'AAE='}};`, "\x00\x01", 200, http.Header{}},
		"encoded": {`return {statusCode: 200, body: {encoding: 'text', data: 'x'}};`, "x", 200, http.Header{}},
		"cookies": {
			`return {statusCode: 200, cookies: {a: {value: '1', attributes: 'Secure; Path=/'}, b: {multiValue: [{value: '2'}, {value: '3'}]}}};`, "", 200,
			http.Header{"Set-Cookie": {"a=1; Secure; Path=/", "b=2", "b=3"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, a, err := handler(tc.code).ViewerRequest(t.Context(), viewer, request("/x"))
			require.NoError(t, err)
			require.Equal(t, tc.status, a.Status)
			require.Equal(t, tc.body, string(a.Body))
			require.Equal(t, tc.headers, a.Header)
		})
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	f := handler(`headers['x-frame-options'] = {value: 'DENY'}; delete headers.server;
		headers['x-seen'] = {value: [response.statusCode, response.statusDescription, request.uri, event.context.eventType, response.cookies.a.attributes].join(' ')};
		response.cookies.b.value = '3'; return response;`)
	a, err := f.ViewerResponse(t.Context(), viewer, request("/x"), 200, http.Header{
		"Server": {"nginx"}, "Set-Cookie": {"a=1; Path=/; Secure", "b=2"}, "X-Amzn-Requestid": {"hidden"},
	})
	require.NoError(t, err)
	require.Equal(t, http.Header{
		"X-Frame-Options": {"DENY"}, "X-Seen": {"200 OK /x viewer-response Path=/; Secure"},
		"Set-Cookie": {"a=1; Path=/; Secure", "b=3"}, "X-Amzn-Requestid": {"hidden"},
	}, a.Header)
	require.Equal(t, 200, a.Status)
	require.False(t, a.HasBody, "the body stays")

	a, err = handler(`response.statusCode = 404; response.body = ''; return response;`).ViewerResponse(
		t.Context(), viewer, request("/x"), 200, http.Header{})
	require.NoError(t, err)
	require.Equal(t, 404, a.Status)
	require.True(t, a.HasBody)
	require.Empty(t, a.Body)
}

// What a function must not return is 502, what does not run is 503.
func TestErrors(t *testing.T) {
	t.Parallel()
	const response = "viewer-response"
	for name, tc := range map[string]struct {
		code, event, want string
		status            int
	}{
		"thrown":         {`throw new Error('no');`, "", "is invalid or could not run. Error: no", 503},
		"endless":        {`while (true) {}`, "", "did not end within 20ms", 503},
		"nothing":        {``, "", "must return a request or a response", 502},
		"a text":         {`return 'x';`, "", "must return a request or a response", 502},
		"status text":    {`return {statusCode: '200'};`, "", "response.statusCode must be a number from 200 to 599", 502},
		"status 100":     {`return {statusCode: 100};`, "", "response.statusCode must be a number from 200 to 599", 502},
		"body number":    {`return {statusCode: 200, body: 5};`, "", "response.body must be a string or an object", 502},
		"body encoding":  {`return {statusCode: 200, body: {encoding: 'hex', data: ''}};`, "", "'hex': text and base64 are allowed", 502},
		"body base64":    {`return {statusCode: 200, body: {encoding: 'base64', data: '*'}};`, "", "is not base64", 502},
		"upper case":     {`headers['X-A'] = {value: '1'}; return request;`, "", "request.headers must have header names in lower case.", 502},
		"header text":    {`headers['x-a'] = '1'; return request;`, "", "request.headers['x-a'] must be an object whose value is a string", 502},
		"header number":  {`headers['x-a'] = {value: 1}; return request;`, "", "must be an object whose value is a string", 502},
		"header split":   {`headers['x-a'] = {value: '1\r\nb: 2'}; return request;`, "", "has a control character", 502},
		"header name":    {`headers['x a'] = {value: '1'}; return request;`, "", "has the name 'x a'", 502},
		"blacklisted":    {`headers['x-forwarded-proto'] = {value: 'https'}; return request;`, "", "tried to add a blacklisted header", 502},
		"by its start":   {`headers['x-edge-a'] = {value: '1'}; return request;`, "", "tried to add a blacklisted header", 502},
		"in an answer":   {`return {statusCode: 200, headers: {connection: {value: 'close'}}};`, "", "tried to add a blacklisted header", 502},
		"another host":   {`headers.host.value = 'other'; return request;`, "", "change a read-only header: host", 502},
		"no host":        {`delete headers.host; return request;`, "", "change a read-only header: host", 502},
		"via":            {`headers.via = {value: '1'}; return request;`, "", "change a read-only header: via", 502},
		"another method": {`request.method = 'POST'; return request;`, "", "request.method must not be changed", 502},
		"relative":       {`request.uri = 'x'; return request;`, "", "request.uri must be a string that begins with a slash", 502},
		"query space":    {`request.querystring.a = {value: 'b c'}; return request;`, "", "must not have spaces", 502},
		"query text":     {`request.querystring = 'a=b c'; return request;`, "", "must not have spaces", 502},
		"query list":     {`request.querystring = ['a']; return request;`, "", "request.querystring must be an object", 502},
		"long":           {`request.uri = '/' + 'x'.repeat(8192); return request;`, "", "less than 8192", 502},
		"warning":        {`headers.warning = {value: '1'}; return response;`, response, "change a read-only header: warning", 502},
		"no status":      {`return request;`, response, "response.statusCode is missing", 502},
		"for of":         {`for (var x of []) {} return request;`, "", `Token "of" not supported in this version in 1`, 503},
		"destructuring":  {"\n[1].forEach(function ([a]) {});", "", "Destructuring not supported in this version in 2", 503},
		"classes":        {`class A {}`, "", `Token "class" not supported`, 503},
		"spread":         {`return Object.assign({...request});`, "", "Spread syntax not supported", 503},
		"optional chain": {`return request?.uri;`, "", `Token "?." not supported`, 503},
		"nullish":        {`return request ?? 1;`, "", `Token "??" not supported`, 503},
		"defaults":       {`function f(a = 1) {}`, "", "Default parameter not supported", 503},
		"generator":      {`function* f() {}`, "", "Generator not supported", 503},
		"syntax":         {`return (`, "", "SyntaxError", 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := handler(tc.code)
			if name == "endless" {
				f.Limit = 20 * time.Millisecond
			}
			var err error
			if tc.event == response {
				_, err = f.ViewerResponse(t.Context(), viewer, request("/"), 200, http.Header{})
			} else {
				_, _, err = f.ViewerRequest(t.Context(), viewer, request("/"))
			}
			require.ErrorContains(t, err, tc.want)
			var failed *edge.Error
			require.ErrorAs(t, err, &failed)
			require.Equal(t, tc.status, failed.Status)
			require.Equal(t, map[int]string{502: "FunctionValidationError", 503: "FunctionExecutionError"}[tc.status], failed.Kind)
		})
	}
}

// What the documentation lists beyond ES 5.1 is read.
func TestModernSyntax(t *testing.T) {
	t.Parallel()
	f := edge.New("test", "const crypto = require('crypto');\nasync function handler(event) {\n"+
		"const tags = (...all) => all.map((x) => `<${x}>`).join('');\nlet n = 2 ** 3;\nconst r = await Promise.resolve(event.request);\n"+
		"const {length} = 'x';\nreturn {statusCode: 200, body: tags(n, 1_000)};\n}")
	_, _, err := f.ViewerRequest(t.Context(), viewer, request("/"))
	require.ErrorContains(t, err, "Destructuring not supported in this version in 6")
	f = edge.New("test", "const crypto = require('crypto');\nasync function handler(event) {\n"+
		"const tags = (...all) => all.map((x) => `<${x}>`).join('');\nlet n = 2 ** 3;\nconst r = await Promise.resolve(event.request);\n"+
		"return {statusCode: 200, body: tags(n, 1_000, r.method)};\n}")
	_, a, err := f.ViewerRequest(t.Context(), viewer, request("/"))
	require.NoError(t, err)
	require.Equal(t, "<8><1000><GET>", string(a.Body))
}

func TestCodeAndHelpers(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		strings.Repeat(" ", 10<<10) + ";":                                 "the code has 10241 bytes: 10240 are allowed",
		"import cf from 'cloudfront';\nfunction handler(e) { return 1; }": "the module 'cloudfront'",
	} {
		_, _, err := edge.New("test", code).ViewerRequest(t.Context(), viewer, request("/"))
		require.ErrorContains(t, err, want)
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	f := handler(`console.log('seen ' + request.uri); console.log('x'.repeat(20000)); console.log('lost'); return request;`)
	var mu sync.Mutex
	var lines []string
	f.Log = func(line string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, line)
	}
	_, _, err := f.ViewerRequest(t.Context(), viewer, request("/a"))
	require.NoError(t, err)
	require.Len(t, lines, 2)
	require.Equal(t, "seen /a", lines[0])
	require.Len(t, lines[1], 10<<10-len("seen /a"))
}
