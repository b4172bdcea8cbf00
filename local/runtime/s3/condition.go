package s3

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/objects"
)

// changed tells whether a reader wants an object that it may have already. The error is a condition that does not
// hold. The order is RFC 9110's, which S3 follows: entity tags before dates.
func (c *call) changed(o objects.Info) (bool, error) {
	h := c.request.Header
	after := func(name string) (later, given bool) {
		at, err := http.ParseTime(h.Get(name))
		return o.Modified.After(at), err == nil
	}
	if match := h.Get("If-Match"); match != "" {
		if !matches(match, o.ETag) {
			return false, failed("If-Match")
		}
	} else if later, given := after("If-Unmodified-Since"); given && later {
		return false, failed("If-Unmodified-Since")
	}
	if none := h.Get("If-None-Match"); none != "" {
		return !matches(none, o.ETag), nil
	}
	later, given := after("If-Modified-Since")
	return later || !given, nil
}

// matches tells whether an entity tag is in a list of them.
func matches(list, etag string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(one string) bool {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		return one == "*" || strings.Trim(one, `"`) == etag
	})
}

// span reads "bytes=2-5", "bytes=2-" or "bytes=-5". It is false for what is none of them, and for several ranges: then
// S3 answers with the whole object. A length of 0 is a range outside the object.
func span(text string, size int64) (from, length int64, ok bool) {
	text, ok = strings.CutPrefix(text, "bytes=")
	first, last, two := strings.Cut(text, "-")
	if !ok || !two {
		return 0, 0, false
	}
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < 0 {
			return 0, 0, false
		}
		n = min(n, size)
		return size - n, n, true
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return 0, 0, false
	}
	end := size - 1
	if last != "" {
		if end, err = strconv.ParseInt(last, 10, 64); err != nil || end < from {
			return 0, 0, false
		}
		end = min(end, size-1)
	}
	return from, max(end-from+1, 0), true
}
