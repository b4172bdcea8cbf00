package cdn

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/runtime/part/trial"
)

func TestErrorPages(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(c.policy(0, 100, nil)), props{"customErrorResponses": items(
		map[string]any{"errorCode": 404.0, "errorCachingMinTtl": 30.0, "responsePagePath": "/errors/404.html", "responseCode": 403.0},
		map[string]any{"errorCode": 503.0, "responsePagePath": "/errors/missing.html", "responseCode": 503.0},
	)})
	c.answer(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/errors/404.html":
			says("a page", "Content-Type: text/html")(w, r)
		case "/down":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "down")
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "nothing")
		}
	})
	for range 2 {
		res := c.get("/x")
		require.Equal(t, http.StatusForbidden, res.StatusCode)
		require.Equal(t, "a page", res.body)
		require.Equal(t, "Error", res.cache())
	}
	require.Equal(t, 2, c.requests(), "the error and the page are kept")
	c.pass(31 * time.Second)
	c.get("/x")
	require.Equal(t, 3, c.requests(), "the error for its time, the page for that of its own")
	res := c.get("/down")
	require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
	require.Equal(t, "down", res.body, "there is no page to show")
}

func TestCookiesOfResponses(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	forwarding := behaves(c.policy(0, 100, nil), props{"originRequestPolicyId": allViewer, "pathPattern": "with/*"})
	c.distribution(behaves(c.policy(0, 100, nil)), props{"orderedCacheBehaviors": items(forwarding)})
	c.answer(says("x", "Set-Cookie: a=1", "Set-Cookie: b=2"))
	require.Empty(t, c.get("/").Header["Set-Cookie"], "where no cookies go to the origin, none come from it")
	require.Equal(t, []string{"a=1", "b=2"}, c.get("/with/a").Header["Set-Cookie"])
	res := c.get("/with/a")
	require.Equal(t, "Hit", res.cache())
	require.Equal(t, []string{"a=1", "b=2"}, res.Header["Set-Cookie"], "as CloudFront does: everybody gets them")
	c.answer(says("x", "Set-Cookie: a=1", `Cache-Control: no-cache="Set-Cookie"`))
	require.NotEmpty(t, c.get("/with/b").Header["Set-Cookie"])
	require.Empty(t, c.get("/with/b").Header["Set-Cookie"])
}

func TestVary(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(c.policy(0, 100, props{
		"headersConfig": map[string]any{"headerBehavior": "whitelist", "headers": map[string]any{"items": items("accept-language")}},
	})))
	c.answer(says("x", "Vary: Origin, accept-encoding", "Vary: Accept-Language, Cookie"))
	require.Equal(t, "Accept-Encoding, Accept-Language, Cookie", c.get("/").Header.Get("Vary"))
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	function := func(name, body string) map[string]any {
		source := "function handler(event) { var request = event.request, response = event.response; " + body + "}"
		require.NoError(t, c.env.Account.Update(func(tx *account.Tx) error {
			return tx.Keep("cloudfront/live", name, cloudfront.Code{Name: name, Runtime: "cloudfront-js-2.0", Source: source})
		}))
		return map[string]any{"functionArn": "arn:aws:cloudfront::123456789012:function/" + name}
	}
	of := func(event string, f map[string]any) map[string]any { return trial.With(f, props{"eventType": event}) }
	before := function("before", `
		if (request.uri === '/login') { return {statusCode: 401, headers: {'www-authenticate': {value: 'Basic'}}, body: 'who?'}; }
		if (request.uri === '/throw') { throw new Error('oops'); }
		if (request.uri === '/bad') { return 5; }
		console.log('saw ' + request.uri);
		request.uri = request.uri.replace('/old/', '/new/'); request.headers['x-added'] = {value: '1'}; return request;`)
	after := function("after", `response.headers['x-after'] = {value: String(response.statusCode)};
		if (request.uri === '/replace') { response.statusCode = 202; response.body = 'replaced'; } return response;`)
	c.distribution(behaves(c.policy(0, 100, nil), props{
		"originRequestPolicyId": allButHost, "responseHeadersPolicyId": "67f7725c-6f97-4210-82d7-5512b31e9d03",
		"functionAssociations": items(of("viewer-request", before), of("viewer-response", after)),
	}))
	c.answer(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, r.URL.Path+r.Header.Get("X-Added")) //nolint:gosec // a test
	})
	res := c.get("/old/a")
	require.Equal(t, "/new/a1", res.body)
	require.Equal(t, "200", res.Header.Get("X-After"))
	require.Contains(t, c.lines.String(), "function before: saw /old/a")
	res = c.get("/new/a")
	require.Equal(t, "Hit", res.cache(), "the key is made of what the function made of it")
	require.Equal(t, "200", res.Header.Get("X-After"))
	res = c.get("/replace")
	require.Equal(t, 202, res.StatusCode)
	require.Equal(t, "replaced", res.body)
	require.Equal(t, "replaced", c.get("/replace").body)
	require.Empty(t, c.get("/missing").Header.Get("X-After"), "errors of the origin are not for functions")

	asked := c.requests()
	res = c.get("/login")
	require.Equal(t, 401, res.StatusCode)
	require.Equal(t, "who?", res.body)
	require.Equal(t, "FunctionGeneratedResponse", res.cache())
	require.Equal(t, "Basic", res.Header.Get("Www-Authenticate"))
	require.Equal(t, "SAMEORIGIN", res.Header.Get("X-Frame-Options"), "the policy is for them, too")
	require.Empty(t, res.Header.Get("X-After"))
	for path, want := range map[string]string{"/throw": "503 FunctionExecutionError", "/bad": "502 FunctionValidationError"} {
		res = c.get(path)
		require.Equal(t, want, fmt.Sprint(res.StatusCode, " ", res.cache()), path)
	}
	require.Equal(t, asked, c.requests())
	require.Contains(t, c.lines.String(), "Error: oops")
}

func TestResponseHeaders(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.put(cloudfront.ResponseHeadersPolicy, "mine", props{
		"name":                "mine",
		"removeHeadersConfig": map[string]any{"items": items(map[string]any{"header": "X-Powered-By"})},
		"customHeadersConfig": map[string]any{"items": items(
			map[string]any{"header": "X-Kept", "value": "policy", "override": false},
			map[string]any{"header": "X-Over", "value": "policy", "override": true},
			map[string]any{"header": "X-New", "value": "policy", "override": false},
		)},
		"corsConfig": map[string]any{
			"accessControlAllowCredentials": true, "originOverride": true, "accessControlMaxAgeSec": 60.0,
			"accessControlAllowOrigins": map[string]any{"items": items("https://*.example.com", "example.org")},
			"accessControlAllowMethods": map[string]any{"items": items("GET", "PUT")}, "accessControlAllowHeaders": map[string]any{"items": items("X-A")},
			"accessControlExposeHeaders": map[string]any{"items": items("X-B")},
		},
		"serverTimingHeadersConfig": map[string]any{"enabled": true, "samplingRate": 100.0},
	})
	c.distribution(behaves(props{"responseHeadersPolicyId": "mine"}))
	c.answer(says("x", "X-Powered-By: PHP", "X-Kept: origin", "X-Over: origin", "Access-Control-Allow-Origin: *"))
	res := c.get("/", "Origin: https://www.example.com")
	require.NotContains(t, res.Header, "X-Powered-By")
	require.Equal(t, []string{"origin"}, res.Header["X-Kept"])
	require.Equal(t, []string{"policy"}, res.Header["X-Over"])
	require.Equal(t, []string{"policy"}, res.Header["X-New"])
	require.Equal(t, "https://www.example.com", res.Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", res.Header.Get("Access-Control-Allow-Credentials"))
	require.Equal(t, "X-B", res.Header.Get("Access-Control-Expose-Headers"))
	require.Empty(t, res.Header.Get("Access-Control-Allow-Methods"))
	require.Contains(t, res.Header.Get("Server-Timing"), "cdn-cache-miss")
	require.Contains(t, c.get("/").Header.Get("Server-Timing"), "cdn-cache-hit")
	require.Equal(t, "http://example.org", c.get("/", "Origin: http://example.org").Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "*", c.get("/", "Origin: https://example.net").Header.Get("Access-Control-Allow-Origin"), "that of the origin")
	res = c.send("OPTIONS", "/", "", "Origin: http://example.org", "Access-Control-Request-Method: PUT")
	require.Equal(t, "GET, PUT", res.Header.Get("Access-Control-Allow-Methods"))
	require.Equal(t, "60", res.Header.Get("Access-Control-Max-Age"))
}
