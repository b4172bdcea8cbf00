package cdn

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/aws/cloudfront"
)

// directives are those of Cache-Control, in lower case, with their values.
type directives map[string]string

func readDirectives(header http.Header) directives {
	d := directives{}
	for _, line := range header["Cache-Control"] {
		for part := range splitList(line) {
			name, text, _ := strings.Cut(strings.TrimSpace(part), "=")
			d[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(text), `"`)
		}
	}
	return d
}

// splitList cuts a header at its commas, but not within quotes.
func splitList(line string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		quoted, begin := false, 0
		for i := range len(line) {
			switch {
			case line[i] == '"':
				quoted = !quoted
			case line[i] == ',' && !quoted:
				if !yield(line[begin:i]) {
					return
				}
				begin = i + 1
			}
		}
		yield(line[begin:])
	}
}

func (d directives) has(name string) bool {
	_, ok := d[name]
	return ok
}

// seconds is the value of a directive; false if it has none that is a number.
func (d directives) seconds(name string) (time.Duration, bool) {
	n, err := strconv.ParseInt(d[name], 10, 32)
	if err != nil || n < 0 {
		return 0, false
	}
	return time.Duration(n) * time.Second, true
}

// withheld tells whether the origin does not want the response to be served again. That Set-Cookie is not to be kept says
// nothing of the rest.
func (d directives) withheld() bool {
	named := d.has("no-cache") && d["no-cache"] != ""
	return d.has("no-store") || d.has("private") || d.has("no-cache") && !named
}

// age is how long the origin wants the response to be served: s-maxage before max-age before Expires.
func (d directives) age(header http.Header, now time.Time) (time.Duration, bool) {
	for _, name := range []string{"s-maxage", "max-age"} {
		if age, ok := d.seconds(name); ok {
			return age, true
		}
	}
	if text := header.Get("Expires"); text != "" {
		until, err := http.ParseTime(text)
		if err != nil {
			return 0, true // "0" and the like: it has expired
		}
		return max(0, until.Sub(now)), true
	}
	return 0, false
}

// lifetime is how long a response is fresh, and how long it may be served after that: while it is asked for anew, and when
// the origin fails. What the origin wants stays between the least and the longest time of the cache policy; without a
// wish the policy's default counts.
type lifetime struct {
	fresh, revalidate, onError time.Duration
	// kept tells whether the response is worth keeping, if only to ask whether it has changed.
	kept bool
}

// always are the 4xx and 5xx that are cached in any case, asked those that are if the origin says how long.
var (
	alwaysCached = []int{404, 414, 500, 501, 502, 503, 504}
	askedCached  = []int{400, 403, 405, 412, 415}
)

// cacheable tells whether responses of a status are cached at all. Ranges are not: they go through.
func cacheable(status int, d directives) bool {
	switch status {
	case http.StatusPartialContent, http.StatusNotModified:
		return false
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return len(d) > 0
	}
	return status >= 200 && status < 400
}

// lifetimeOf computes for how long a response that is no error is served.
func lifetimeOf(policy cloudfront.Caching, status int, header http.Header, now time.Time) lifetime {
	d := readDirectives(header)
	least, most := seconds(policy.MinTTL), seconds(policy.MaxTTL)
	if most == 0 || !cacheable(status, d) {
		return lifetime{}
	}
	l := lifetime{kept: true, onError: most}
	wish, given := d.age(header, now)
	switch {
	case d.withheld():
		l.fresh = least
		l.kept = least > 0 || !d.has("no-store") && !d.has("private") && validates(header)
	case given:
		l.fresh = min(max(wish, least), most)
		l.kept = l.fresh > 0 || validates(header)
	default:
		l.fresh = max(least, seconds(policy.DefaultTTL))
		l.kept = l.fresh > 0 || validates(header)
	}
	if least == 0 && slices.Contains(header["Vary"], "*") {
		l.fresh, l.kept = 0, false // every request goes to the origin, unconditionally
	}
	if window, ok := d.seconds("stale-while-revalidate"); ok {
		l.revalidate = window
	}
	if window, ok := d.seconds("stale-if-error"); ok {
		l.onError = window
	}
	return l
}

// errorLifetime is for how long an error of the origin is served in place of another request.
func errorLifetime(s *settings, policy cloudfront.Caching, status int, header http.Header) time.Duration {
	if policy.Off() {
		return 0
	}
	d := readDirectives(header)
	wish, given := d.seconds("s-maxage")
	if !given {
		wish, given = d.seconds("max-age")
	}
	if !slices.Contains(alwaysCached, status) && (!slices.Contains(askedCached, status) || !given) {
		return 0
	}
	return max(wish, s.errorTTL(status))
}

// validates tells whether the origin can be asked whether a response has changed.
func validates(header http.Header) bool {
	return header.Get("Etag") != "" || header.Get("Last-Modified") != ""
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
