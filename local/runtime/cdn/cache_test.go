package cdn

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestResponsesAreKept(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id := c.distribution(behaves())
	c.answer(says("page", "Cache-Control: max-age=60", "Etag: \"v1\"", "X-Own: 1"))
	res := c.get("/a?b=c")
	require.Equal(t, "page", res.body)
	require.Equal(t, "Miss", res.cache())
	require.Empty(t, res.Header.Get("Age"))
	require.Regexp(t, `^1\.1 .*cloudfront\.net \(CloudFront\)$`, res.Header.Get("Via"))
	require.NotEmpty(t, res.Header.Get("X-Amz-Cf-Id"))

	c.pass(30 * time.Second)
	res = c.get("/a?other=query") // which is not in the key of this policy
	require.Equal(t, "page", res.body)
	require.Equal(t, "Hit", res.cache())
	require.Equal(t, "30", res.Header.Get("Age"))
	require.Equal(t, "1", res.Header.Get("X-Own"))
	require.Equal(t, "Miss", c.get("/A").cache(), "paths have a case")
	require.Equal(t, 2, c.requests())
	requests, hits := c.Counts(id)
	require.Equal(t, []int64{3, 1}, []int64{requests, hits})
	rows, err := c.Status(t.Context())
	require.NoError(t, err)
	require.Contains(t, rows[0].Detail, "site.example.com, 3 requests, 1 hits")
	require.Regexp(t, `^https://d1\.cloudfront\.localhost:\d+$`, rows[0].Address)

	res = c.send(http.MethodHead, "/a", "")
	require.Equal(t, "Hit", res.cache())
	require.Empty(t, res.body)
	require.EqualValues(t, 4, res.ContentLength)
	require.Equal(t, http.StatusNotModified, c.get("/a", `If-None-Match: "v1"`).StatusCode)
	res = c.get("/a", "Range: bytes=1-2")
	require.Equal(t, http.StatusPartialContent, res.StatusCode)
	require.Equal(t, "ag", res.body)
	require.Equal(t, 2, c.requests())
}

// What the documentation's table says of minimum, default and maximum TTL.
func TestHowLongResponsesAreKept(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	// Expires is written when the response is made: the clock of the test goes on.
	in := func(seconds int) string { return "@" + strconv.Itoa(seconds) }
	for name, tc := range map[string]struct {
		least, most float64
		headers     []string
		// fresh and expired are times in seconds after the first request.
		fresh, expired int
	}{
		"default":                  {most: 100, fresh: 59, expired: 61},
		"default below minimum":    {least: 80, most: 100, fresh: 79, expired: 81},
		"max-age":                  {most: 100, headers: []string{"Cache-Control: public, max-age=30"}, fresh: 29, expired: 31},
		"max-age below minimum":    {least: 40, most: 100, headers: []string{"Cache-Control: max-age=30"}, fresh: 39, expired: 41},
		"max-age above maximum":    {most: 20, headers: []string{"Cache-Control: max-age=30"}, fresh: 19, expired: 21},
		"s-maxage before max-age":  {most: 100, headers: []string{"Cache-Control: max-age=5, s-maxage=30"}, fresh: 29, expired: 31},
		"two headers":              {most: 100, headers: []string{"Cache-Control: public", "Cache-Control: max-age=30"}, fresh: 29, expired: 31},
		"expires":                  {most: 100, headers: []string{"Expires: " + in(30)}, fresh: 25, expired: 33},
		"expires above maximum":    {most: 20, headers: []string{"Expires: " + in(30)}, fresh: 19, expired: 21},
		"max-age before expires":   {most: 100, headers: []string{"Expires: " + in(90), "Cache-Control: max-age=30"}, fresh: 29, expired: 31},
		"expired":                  {most: 100, headers: []string{"Expires: 0"}, expired: 0},
		"no-store":                 {most: 100, headers: []string{"Cache-Control: no-store"}, expired: 0},
		"no-cache":                 {most: 100, headers: []string{"Cache-Control: no-cache, max-age=30"}, expired: 0},
		"private":                  {most: 100, headers: []string{"Cache-Control: private"}, expired: 0},
		"private for the minimum":  {least: 10, most: 100, headers: []string{"Cache-Control: private, no-store"}, fresh: 9, expired: 11},
		"no-cache of a cookie":     {most: 100, headers: []string{`Cache-Control: no-cache="Set-Cookie", max-age=30`}, fresh: 29, expired: 31},
		"vary on everything":       {most: 100, headers: []string{"Vary: *", "Cache-Control: max-age=30"}, expired: 0},
		"vary on all with minimum": {least: 5, most: 100, headers: []string{"Vary: *", "Cache-Control: max-age=30"}, fresh: 29, expired: 31},
	} {
		host := fmt.Sprintf("ttl%d.example.com", c.ids)
		c.distribution(behaves(c.policy(tc.least, tc.most, nil)), props{"aliases": items(host)})
		c.answer(func(w http.ResponseWriter, r *http.Request) {
			headers := slices.Clone(tc.headers)
			for i, h := range headers {
				if name, after, ok := strings.Cut(h, ": @"); ok {
					n, _ := strconv.Atoi(after)
					headers[i] = name + ": " + c.time().Add(time.Duration(n)*time.Second).UTC().Format(http.TimeFormat)
				}
			}
			says("x", headers...)(w, r)
		})
		at := "https://" + host + "/"
		require.Equal(t, "Miss", c.get(at).cache(), name)
		if tc.fresh > 0 {
			c.pass(time.Duration(tc.fresh) * time.Second)
			require.Equal(t, "Hit", c.get(at).cache(), name)
		}
		c.pass(time.Duration(tc.expired-tc.fresh) * time.Second)
		require.Equal(t, "Miss", c.get(at).cache(), name)
	}
}

func TestStatusesThatAreKept(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(c.policy(0, 100, nil)), props{"customErrorResponses": items(map[string]any{"errorCode": 500.0, "errorCachingMinTtl": 0.0})})
	for name, tc := range map[string]struct {
		status int
		header string
		want   string
	}{
		"redirect":                  {301, "", "Hit"},
		"temporary":                 {307, "", "Miss"},
		"temporary for a time":      {307, "Cache-Control: max-age=9", "Hit"},
		"not found":                 {404, "Cache-Control: no-store", "Error"},
		"forbidden":                 {403, "", "Error again"},
		"forbidden for a time":      {403, "Cache-Control: max-age=9", "Error"},
		"unavailable":               {503, "", "Error"},
		"gone":                      {410, "", "Error again"},
		"an error that is not kept": {500, "", "Error again"},
	} {
		c.answer(func(w http.ResponseWriter, _ *http.Request) {
			if n, v, ok := strings.Cut(tc.header, ": "); ok {
				w.Header().Set(n, v)
			}
			w.WriteHeader(tc.status)
		})
		path := "/" + strings.ReplaceAll(name, " ", "-")
		c.get(path)
		res := c.get(path)
		require.Equal(t, tc.status, res.StatusCode, name)
		want, again := strings.CutSuffix(tc.want, " again")
		require.Equal(t, want, res.cache(), name)
		asked := 1
		if again || tc.want == "Miss" {
			asked = 2
		}
		require.Equal(t, asked, c.requests(), name)
	}
	c.answer(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	c.get("/later")
	c.pass(9 * time.Second)
	c.get("/later")
	require.Equal(t, 1, c.requests())
	c.pass(2 * time.Second)
	c.get("/later")
	require.Equal(t, 2, c.requests(), "after ten seconds an error is asked for again")
}

func TestRevalidation(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(c.policy(0, 100, nil)))
	c.answer(says("one", "Cache-Control: max-age=10", `Etag: "1"`, "Last-Modified: Mon, 02 Jan 2006 15:04:05 GMT"))
	c.get("/")
	c.pass(11 * time.Second)
	c.answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=20")
		w.WriteHeader(http.StatusNotModified)
	})
	res := c.get("/", `If-None-Match: "other"`)
	require.Equal(t, "RefreshHit", res.cache())
	require.Equal(t, "one", res.body)
	require.Equal(t, `"1"`, c.last().Header.Get("If-None-Match"), "the edge asks for what it has")
	require.Equal(t, "Mon, 02 Jan 2006 15:04:05 GMT", c.last().Header.Get("If-Modified-Since"))
	c.pass(15 * time.Second)
	require.Equal(t, "Hit", c.get("/").cache(), "for the new time")
	c.pass(6 * time.Second)
	c.answer(says("two"))
	res = c.get("/")
	require.Equal(t, "Miss", res.cache())
	require.Equal(t, "two", res.body)

	c.answer(says("three", "Cache-Control: no-cache", `Etag: "3"`))
	c.get("/always")
	c.get("/always")
	require.Equal(t, `"3"`, c.last().Header.Get("If-None-Match"), "what is to be asked for each time is kept for it")
}

func TestStaleResponses(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(c.policy(0, 100, nil)))
	fails := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
	for name, tc := range map[string]struct {
		header string
		after  time.Duration
		want   int
	}{
		"as long as may be":        {"max-age=10", 50 * time.Second, 200},
		"not beyond the maximum":   {"max-age=10", 120 * time.Second, 500},
		"within the origin's time": {"max-age=10, stale-if-error=20", 25 * time.Second, 200},
		"beyond the origin's time": {"max-age=10, stale-if-error=20", 35 * time.Second, 500},
		"never":                    {"max-age=10, stale-if-error=0", 11 * time.Second, 500},
	} {
		path := "/" + strings.ReplaceAll(name, " ", "-")
		c.answer(says("old", "Cache-Control: "+tc.header))
		c.get(path)
		c.pass(tc.after)
		c.answer(fails)
		require.Equal(t, tc.want, c.get(path).StatusCode, name)
		require.Equal(t, tc.want, c.get(path).StatusCode, name)
		require.Equal(t, 1, c.requests(), "%s: it is not asked again at once", name)
	}

	c.answer(says("old", "Cache-Control: max-age=10, stale-while-revalidate=30"))
	c.get("/swr")
	c.pass(15 * time.Second)
	c.answer(says("new", "Cache-Control: max-age=10"))
	res := c.get("/swr")
	require.Equal(t, "old", res.body)
	require.Equal(t, "Hit", res.cache())
	require.Eventually(t, func() bool { return c.get("/swr").body == "new" }, time.Minute, time.Millisecond)
	require.Equal(t, 1, c.requests(), "one request is enough to ask for it anew")
}

// Requests that come while the first is under way wait for it; if nothing is kept of it, each goes on its own.
func TestCollapsing(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]int{"max-age=60": 1, "no-store": 5} {
		c := newCloud(t)
		c.distribution(behaves())
		hold := make(chan struct{})
		c.answer(func(w http.ResponseWriter, r *http.Request) {
			<-hold
			says("x", "Cache-Control: "+header)(w, r)
		})
		var done sync.WaitGroup
		for range 5 {
			done.Go(func() {
				if res := c.get("/"); res.body != "x" {
					t.Errorf("%d %s", res.StatusCode, res.body)
				}
			})
		}
		require.Eventually(t, func() bool {
			s := c.site("E1")
			return s.requests.Load() == 5
		}, time.Minute, time.Millisecond)
		require.Eventually(t, func() bool { return c.requests() == 1 }, time.Minute, time.Millisecond)
		close(hold)
		done.Wait()
		require.LessOrEqual(t, c.requests(), want, header)
	}
}

func TestCacheKeys(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(c.policy(0, 100, props{
		"headersConfig":      map[string]any{"headerBehavior": "whitelist", "headers": map[string]any{"items": items("Accept-Language", "CloudFront-Is-Mobile-Viewer")}},
		"cookiesConfig":      map[string]any{"cookieBehavior": "whitelist", "cookies": map[string]any{"items": items("country", "wordpress_*")}},
		"queryStringsConfig": map[string]any{"queryStringBehavior": "allExcept", "queryStrings": map[string]any{"items": items("utm_source")}},
	})))
	c.answer(says("x"))
	require.Equal(t, "Miss", c.get("/?a=1&b=2", "Cookie: z=1; country=de; wordpress_a=1").cache())
	for name, tc := range map[string]struct {
		path    string
		headers []string
		want    string
	}{
		"what is not in the key":      {"/?a=1&utm_source=x&b=2", []string{"Cookie: wordpress_a=1; country=de; z=2", "X-Other: 1"}, "Hit"},
		"another value":               {"/?a=1&b=3", []string{"Cookie: country=de; wordpress_a=1"}, "Miss"},
		"another order of parameters": {"/?b=2&a=1", []string{"Cookie: country=de; wordpress_a=1"}, "Miss"},
		"another cookie":              {"/?a=1&b=2", []string{"Cookie: country=fr; wordpress_a=1"}, "Miss"},
		"a cookie by its pattern":     {"/?a=1&b=2", []string{"Cookie: country=de; wordpress_a=1; wordpress_b=1"}, "Miss"},
		"a header":                    {"/?a=1&b=2", []string{"Cookie: country=de; wordpress_a=1", "Accept-Language: de"}, "Miss"},
		"a header of the edge":        {"/?a=1&b=2", []string{"Cookie: country=de; wordpress_a=1", "User-Agent: x iPhone Mobile"}, "Miss"},
	} {
		require.Equal(t, tc.want, c.get(tc.path, tc.headers...).cache(), name)
	}
	c.get("/only", "Cookie: b=1; wordpress_z=2; country=de", "Accept-Language: de", "X-Other: 1")
	require.Equal(t, "country=de; wordpress_z=2", c.last().Header.Get("Cookie"), "what is in the key goes to the origin")
	require.Equal(t, "de", c.last().Header.Get("Accept-Language"))
	require.Equal(t, "false", c.last().Header.Get("CloudFront-Is-Mobile-Viewer"))
	require.Empty(t, c.last().Header.Get("X-Other"))
}

// OPTIONS is kept where the behaviour says so, apart from GET; other methods never are.
func TestMethodsThatAreKept(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves(props{"cachedMethods": items("GET", "HEAD", "OPTIONS")}), props{
		"orderedCacheBehaviors": items(behaves(props{"pathPattern": "plain/*"})),
	})
	c.answer(func(w http.ResponseWriter, r *http.Request) { says(r.Method)(w, r) })
	for _, tc := range []struct{ method, path, want string }{
		{"GET", "/", "Miss"}, {"OPTIONS", "/", "Miss"}, {"OPTIONS", "/", "Hit"}, {"GET", "/", "Hit"}, {"POST", "/", "Miss"}, {"POST", "/", "Miss"},
		{"OPTIONS", "/plain/", "Miss"}, {"OPTIONS", "/plain/", "Miss"},
	} {
		res := c.send(tc.method, tc.path, "")
		require.Equal(t, tc.method, res.body, "%+v", tc)
		require.Equal(t, tc.want, res.cache(), "%+v", tc)
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.distribution(behaves())
	long := strings.Repeat("some text ", 200)
	c.answer(says(long, "Content-Type: text/html; charset=utf-8", `Etag: "1"`))
	res := c.get("/", "Accept-Encoding: deflate, gzip")
	require.Equal(t, "gzip", res.Header.Get("Content-Encoding"))
	require.Equal(t, `W/"1"`, res.Header.Get("Etag"))
	require.Equal(t, "Accept-Encoding", res.Header.Get("Vary"))
	require.Equal(t, "gzip", c.last().Header.Get("Accept-Encoding"), "the origin may compress it, too")
	reader, err := gzip.NewReader(strings.NewReader(res.body))
	require.NoError(t, err)
	text, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Equal(t, long, string(text))
	require.Equal(t, "Hit", c.get("/", "Accept-Encoding: gzip").cache())
	res = c.get("/")
	require.Equal(t, "Miss", res.cache(), "who does not read it gets another form")
	require.Equal(t, long, res.body)
	c.get("/", "Accept-Encoding: br;q=1.0, gzip;q=0")
	require.Equal(t, "br", c.last().Header.Get("Accept-Encoding"))
	c.get("/other", "Accept-Encoding: deflate")
	require.Equal(t, "identity", c.last().Header.Get("Accept-Encoding"))

	for path, origin := range map[string]http.HandlerFunc{
		"/short": says("short", "Content-Type: text/html"),
		"/image": says(long, "Content-Type: image/png"),
		"/done":  says(long, "Content-Type: text/html", "Content-Encoding: br"),
		"/chunked": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, long)
		},
	} {
		c.answer(origin)
		require.NotEqual(t, "gzip", c.get(path, "Accept-Encoding: gzip").Header.Get("Content-Encoding"), path)
	}
}

func TestInvalidation(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id := c.distribution(behaves(c.policy(0, 100, props{"queryStringsConfig": map[string]any{"queryStringBehavior": "all"}})))
	c.answer(says("x"))
	paths := []string{"/", "/a", "/a?x=1", "/a?x=2", "/a/b", "/c"}
	for _, tc := range []struct {
		invalidate []string
		gone       []string
	}{
		{[]string{"/a"}, []string{"/a"}},
		{[]string{"/a?x=1", "/c"}, []string{"/a?x=1", "/c"}},
		{[]string{"/a*"}, []string{"/a", "/a?x=1", "/a?x=2", "/a/b"}},
		{[]string{"/a/*"}, []string{"/a/b"}},
		{[]string{"/*"}, paths},
		{[]string{"/A", "/b*c"}, nil},
	} {
		for _, path := range paths {
			c.get(path)
		}
		done, err := c.Invalidate(id, tc.invalidate)
		require.NoError(t, err)
		require.Regexp(t, `^I[A-Z0-9]{13}$`, done)
		var gone []string
		for _, path := range paths {
			if c.get(path).cache() == "Miss" {
				gone = append(gone, path)
			}
		}
		require.Equal(t, tc.gone, gone, "%v", tc.invalidate)
	}

	for name, tc := range map[string]struct {
		id    string
		paths []string
		want  string
	}{
		"another distribution": {"E9", []string{"/"}, "NoSuchDistribution"},
		"no slash":             {id, []string{"a"}, "InvalidArgument"},
		"a space":              {id, []string{"/a b"}, "InvalidArgument"},
		"nothing":              {id, nil, "InvalidArgument"},
		"too many":             {id, strings.Split(strings.Repeat("/a ", 3000)+"/a", " "), "BatchTooLarge"},
		"too many wildcards":   {id, strings.Split(strings.Repeat("/a* ", 15)+"/a*", " "), "TooManyInvalidationsInProgress"},
	} {
		_, err := c.Invalidate(tc.id, tc.paths)
		var refused *Refusal
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, tc.want, refused.Code, name)
	}
}

// What was asked for before an invalidation is not kept after it.
func TestInvalidationOfWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id := c.distribution(behaves())
	hold := make(chan struct{})
	c.answer(func(w http.ResponseWriter, r *http.Request) {
		<-hold
		says("old")(w, r)
	})
	var done sync.WaitGroup
	done.Go(func() { c.get("/") })
	require.Eventually(t, func() bool { return c.requests() == 1 }, time.Minute, time.Millisecond)
	_, err := c.Invalidate(id, []string{"/*"})
	require.NoError(t, err)
	close(hold)
	done.Wait()
	c.answer(says("new"))
	require.Equal(t, "new", c.get("/").body)
}

// What was asked for before an invalidation is not kept, also when that comes just as it is put there.
func TestInvalidationOfWhatIsBeingKept(t *testing.T) {
	t.Parallel()
	s := newStore(4000)
	old, fresh := &entry{distribution: "E1", key: "a"}, &entry{distribution: "E1", key: "a"}
	s.put(old)
	s.remove(old)
	require.Nil(t, s.get("E1", "a"))
	s.put(fresh)
	s.remove(old)
	require.Same(t, fresh, s.get("E1", "a"), "another has taken its place")
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := newStore(4000)
	for i := range 10 {
		s.put(&entry{distribution: "E1", key: strconv.Itoa(i), uri: "/", body: make([]byte, 500)})
		s.get("E1", "0")
	}
	require.LessOrEqual(t, s.size, 4000)
	require.Equal(t, len(s.entries), s.order.Len())
	require.NotNil(t, s.get("E1", "0"), "what is asked for stays")
	require.NotNil(t, s.get("E1", "9"))
	require.Nil(t, s.get("E1", "1"))
	s.put(&entry{distribution: "E1", key: "9", body: nil})
	s.forget("E1")
	require.Zero(t, s.size)
}
