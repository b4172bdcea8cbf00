package cdn

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/runtime/part/trial"
)

// What goes to the origin is what the policies say, and what CloudFront always adds.
func TestOriginRequests(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.put(cloudfront.OriginRequestPolicy, "some", props{
		"name":               "some",
		"headersConfig":      map[string]any{"headerBehavior": "whitelist", "headers": map[string]any{"items": items("Referer", "CloudFront-Viewer-Address", "CloudFront-Forwarded-Proto")}},
		"cookiesConfig":      map[string]any{"cookieBehavior": "whitelist", "cookies": map[string]any{"items": items("b")}},
		"queryStringsConfig": map[string]any{"queryStringBehavior": "whitelist", "queryStrings": map[string]any{"items": items("q")}},
	})
	c.distribution(behaves(), props{
		"origins": items(comesFrom("web", "origin.example.com", props{"customHeaders": items(map[string]any{"name": "X-Secret", "value": "s3"})})),
		"orderedCacheBehaviors": items(
			behaves(props{"pathPattern": "some/*", "originRequestPolicyId": "some", "cachePolicyId": cachingDisabled}),
			behaves(props{"pathPattern": "all/*", "originRequestPolicyId": allViewer, "cachePolicyId": cachingDisabled}),
			behaves(props{"pathPattern": "but/*", "originRequestPolicyId": allButHost, "cachePolicyId": cachingDisabled}),
		),
	})
	sent := []string{
		"Cookie: b=2; a=1", "Referer: r", "User-Agent: browser", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: gopher", "X-Custom: 1",
		"CloudFront-Viewer-Country: XX", "X-Secret: guessed", "X-Edge-A: 1", "Authorization: Basic x", "Accept-Encoding: br",
	}
	c.get("/?q=1&r=2", sent...)
	got := c.last()
	require.Equal(t, "/", got.URL.RequestURI())
	require.Equal(t, "origin.example.com", got.Host)
	require.Equal(t, "HTTP/1.1", got.Proto)
	require.Equal(t, "Amazon CloudFront", got.Header.Get("User-Agent"))
	require.Equal(t, "192.0.2.1, 127.0.0.1", got.Header.Get("X-Forwarded-For"))
	require.Equal(t, "s3", got.Header.Get("X-Secret"))
	require.Equal(t, "2.0 edge.cloudfront.net (CloudFront)", got.Header.Get("Via"))
	require.NotEmpty(t, got.Header.Get("X-Amz-Cf-Id"))
	for _, name := range []string{"Cookie", "Referer", "X-Custom", "X-Forwarded-Proto", "Cloudfront-Viewer-Country", "X-Edge-A", "Authorization"} {
		require.NotContains(t, got.Header, name)
	}

	c.get("/some/?q=1&r=2", sent...)
	got = c.last()
	require.Equal(t, "/some/?q=1", got.URL.RequestURI())
	require.Equal(t, "b=2", got.Header.Get("Cookie"))
	require.Equal(t, "r", got.Header.Get("Referer"))
	require.Equal(t, "https", got.Header.Get("CloudFront-Forwarded-Proto"))
	require.Regexp(t, `^127\.0\.0\.1:\d+$`, got.Header.Get("CloudFront-Viewer-Address"))
	require.NotContains(t, got.Header, "X-Custom")

	c.send("POST", "/all/x?r=2&q=1&q=%20", "data", append(sent, "Content-Type: text/plain")...)
	got = c.last()
	require.Equal(t, "/all/x?r=2&q=1&q=%20", got.URL.RequestURI())
	require.Equal(t, "site.example.com", got.Host)
	require.Equal(t, "browser", got.Header.Get("User-Agent"))
	require.Equal(t, "a=1; b=2", got.Header.Get("Cookie"), "sorted by name")
	require.Equal(t, "text/plain", got.Header.Get("Content-Type"))
	require.Equal(t, "br", got.Header.Get("Accept-Encoding"))
	require.Equal(t, "Basic x", got.Header.Get("Authorization"))
	require.EqualValues(t, 4, got.ContentLength)
	require.Equal(t, "s3", got.Header.Get("X-Secret"), "viewers cannot guess it")
	for _, name := range []string{"X-Forwarded-Proto", "Cloudfront-Viewer-Country", "X-Edge-A"} {
		require.NotContains(t, got.Header, name)
	}
	c.get("/but/", sent...)
	require.Equal(t, "origin.example.com", c.last().Host)
	require.Equal(t, "1", c.last().Header.Get("X-Custom"))
}

// The certificate of an origin has to have the name that is sent or that of the origin, and be of the account's authority.
func TestOriginsWithTLS(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	secure := props{"customOriginConfig": map[string]any{"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "https-only"}}
	matching := props{"customOriginConfig": map[string]any{"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "match-viewer"}}
	c.distribution(behaves(props{"cachePolicyId": cachingDisabled}), props{
		"aliases": items("site.example.com", "other.example.com"),
		"origins": items(comesFrom("web", "origin.example.com", secure), comesFrom("wrong", "wrong.example.com", secure), comesFrom("match", "origin.example.com", matching)),
		"orderedCacheBehaviors": items(
			behaves(props{"pathPattern": "wrong", "targetOriginId": "wrong", "cachePolicyId": cachingDisabled}),
			behaves(props{"pathPattern": "host", "targetOriginId": "wrong", "originRequestPolicyId": allViewer, "cachePolicyId": cachingDisabled}),
			behaves(props{"pathPattern": "match", "targetOriginId": "match", "cachePolicyId": cachingDisabled}),
		),
	})
	c.answer(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.TLS != nil) }) //nolint:gosec // a truth
	require.Equal(t, "true", c.get("/").body)
	res := c.get("/wrong")
	require.Equal(t, http.StatusBadGateway, res.StatusCode)
	require.Contains(t, res.body, "connect to the origin")
	require.Contains(t, c.lines.String(), "certificate is valid for origin.example.com, site.example.com, not wrong.example.com")
	require.Equal(t, "true", c.get("/host").body, "that of the Host header will do")
	require.Equal(t, http.StatusBadGateway, c.get("https://other.example.com/host").StatusCode)
	require.Equal(t, "true", c.get("/match").body)
	require.Equal(t, "false", c.get("http://site.example.com/match").body)
}

func TestOriginsThatFail(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(props{"cachePolicyId": cachingDisabled}), props{
		"origins": items(comesFrom("web", "origin.example.com"), comesFrom("gone", "gone.example.com"), comesFrom("unknown", "www.example.org"),
			comesFrom("spare", "origin.example.com", props{"originPath": "/spare"})),
		"originGroups": items(map[string]any{
			"originId": "group", "members": items(map[string]any{"originId": "web"}, map[string]any{"originId": "spare"}),
			"failoverCriteria": map[string]any{"statusCodes": items(500.0, 404.0)},
		}, map[string]any{
			"originId": "down", "members": items(map[string]any{"originId": "gone"}, map[string]any{"originId": "spare"}),
			"failoverCriteria": map[string]any{"statusCodes": items(500.0)},
		}),
		"orderedCacheBehaviors": items(
			behaves(props{"pathPattern": "gone", "targetOriginId": "gone", "cachePolicyId": cachingDisabled}),
			behaves(props{"pathPattern": "unknown", "targetOriginId": "unknown", "cachePolicyId": cachingDisabled}),
			behaves(props{"pathPattern": "group/*", "targetOriginId": "group", "cachePolicyId": cachingDisabled}),
			behaves(props{"pathPattern": "down/*", "targetOriginId": "down", "cachePolicyId": cachingDisabled}),
		),
	})
	c.answer(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/slow"):
			_, _ = io.Copy(io.Discard, r.Body) // or the server would not see that the client has gone
			<-r.Context().Done()
		case strings.HasPrefix(r.URL.Path, "/spare"):
			_, _ = io.WriteString(w, "spare")
		case strings.HasSuffix(r.URL.Path, "/500"):
			w.WriteHeader(http.StatusInternalServerError)
		case strings.HasSuffix(r.URL.Path, "/half"):
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
		case strings.HasSuffix(r.URL.Path, "/chunk"):
			_, _ = io.WriteString(w, "chunk")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	})
	require.Equal(t, http.StatusBadGateway, c.get("/gone").StatusCode)
	res := c.get("/unknown")
	require.Equal(t, http.StatusBadGateway, res.StatusCode)
	require.Contains(t, res.body, "the account has no www.example.org", "nothing outside is asked")
	require.Equal(t, "spare", c.get("/group/500").body)
	require.Equal(t, http.StatusInternalServerError, c.send("POST", "/group/500", "x").StatusCode, "which is not done twice")
	require.Equal(t, "spare", c.get("/down/x").body)
	begun := time.Now()
	require.Equal(t, http.StatusGatewayTimeout, c.send("POST", "/slow", "x").StatusCode)
	require.Less(t, time.Since(begun), 30*time.Second)
	for _, path := range []string{"/half", "/chunk"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site443+path, http.NoBody)
		require.NoError(t, err)
		broken, err := c.client().Do(req)
		require.NoError(t, err)
		_, err = io.ReadAll(broken.Body)
		require.NoError(t, broken.Body.Close())
		require.Error(t, err, "%s: a viewer sees that it is not the whole", path)
	}
}

// shelf is a bucket store that tells what it was asked.
type shelf struct{}

func (shelf) Get(_ context.Context, bucket, key, distribution string, header http.Header) (*http.Response, error) {
	if distribution == "" {
		return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("denied"))}, nil
	}
	text := strings.Join([]string{bucket, key, distribution[strings.LastIndex(distribution, "/")+1:], header.Get("Range")}, " ")
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/plain"}}, ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text)),
	}, nil
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.put(cloudfront.OriginAccessControl, "OAC", props{"originAccessControlOriginType": "s3", "signingBehavior": "always"})
	bucket := func(id string, changes ...props) map[string]any {
		return trial.With(props{"originId": id, "domainName": "media.s3.eu-central-1.amazonaws.com"}, changes...)
	}
	c.distribution(behaves(), props{
		"origins":               items(bucket("web", props{"originAccessControlId": "OAC", "originPath": "/site"}), bucket("open")),
		"orderedCacheBehaviors": items(behaves(props{"pathPattern": "open/*", "targetOriginId": "open"})),
	})
	res := c.get("/a%20b.txt")
	require.Equal(t, http.StatusForbidden, res.StatusCode)
	require.Contains(t, res.body, "<Code>AccessDenied</Code>")
	c.Part.mu.Lock()
	c.env.Objects = shelf{}
	c.Part.mu.Unlock()
	res = c.get("/c%20d.txt")
	require.Equal(t, "media site/c d.txt E1 ", res.body)
	require.Equal(t, "Hit", c.get("/c%20d.txt").cache())
	require.Equal(t, "denied", c.get("/open/x").body)
	require.Contains(t, c.get("/range", "Range: bytes=0-1").body, "bytes=0-1")
	require.Equal(t, http.StatusForbidden, c.send("PUT", "/x", "y").StatusCode)
}
