// Package inspect is what AWS WAF sees of a request: its parts, as far as WAF looks, and the forms into which WAF brings
// them before it compares them.
package inspect

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// How far WAF looks, in bytes and in number: AWS WAF Developer Guide, "Oversize web request components".
const (
	// RegionalBody and GlobalBody are for bodies at load balancers and at CloudFront, where a web ACL could say otherwise: the
	// account refuses associationConfig.
	RegionalBody = 8 << 10
	GlobalBody   = 16 << 10

	mostBytes = 8 << 10
	mostPairs = 200
)

// Pair is a header, a cookie or an argument. Names of headers are in lower case.
type Pair struct{ Name, Value string }

// Request is what WAF sees of a request.
type Request struct {
	Method string
	// Path and Query are as the client wrote them.
	Path, Query string
	// Headers, Cookies and Arguments are those of the request, the first two as far as WAF looks at all of them together.
	// Values of arguments are as the client wrote them.
	Headers, Cookies []Pair
	Arguments        []Pair
	// MoreHeaders and MoreCookies tell that there are some at which WAF does not look, MoreBody that there is more of it.
	MoreHeaders, MoreCookies, MoreBody bool
	Body                               string
	// BodySize is that of the whole body, as far as it is known: at least that of Body.
	BodySize int64
	// Address is where the request comes from.
	Address netip.Addr

	all []Pair // headers
}

// New looks at a request. Body is its beginning; at most limit bytes of it are looked at. One byte beyond the limit tells
// that there is more where the client does not say how much it sends.
func New(r *http.Request, body []byte, limit int) *Request {
	q := &Request{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, BodySize: max(r.ContentLength, int64(len(body))),
		MoreBody: r.ContentLength > int64(limit) || len(body) > limit, Body: string(body[:min(limit, len(body))]),
	}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		q.Address = at.Addr().Unmap().WithZone("")
	}
	headers := []Pair{{"host", r.Host}}
	for name, values := range r.Header {
		for _, value := range values {
			headers = append(headers, Pair{strings.ToLower(name), value})
		}
	}
	// Go has forgotten in which order they came; WAF sees the first of those.
	slices.SortStableFunc(headers, func(a, b Pair) int { return strings.Compare(a.Name, b.Name) })
	q.all = headers
	q.Headers, q.MoreHeaders = within(headers)
	q.Cookies, q.MoreCookies = within(cookies(headers))
	q.Arguments = arguments(q.Query)
	return q
}

// within is what WAF sees of headers or cookies, and whether there are more.
func within(all []Pair) (seen []Pair, more bool) {
	left := mostBytes
	for i, p := range all {
		if i == mostPairs {
			return seen, true
		}
		left -= len(p.Name) + len(p.Value)
		if left < 0 {
			p.Value = p.Value[:max(0, len(p.Value)+left)]
			return append(seen, p), true
		}
		seen = append(seen, p)
	}
	return seen, false
}

func cookies(headers []Pair) []Pair {
	var list []Pair
	for _, h := range headers {
		if h.Name != "cookie" {
			continue
		}
		for part := range strings.SplitSeq(h.Value, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if name != "" {
				list = append(list, Pair{name, value})
			}
		}
	}
	return list
}

func arguments(query string) []Pair {
	var list []Pair
	for part := range strings.SplitSeq(query, "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			list = append(list, Pair{name, value})
		}
	}
	return list
}

// Header is the whole value of a header by its name in lower case, and whether it is there. Several of one name are joined
// as HTTP has it.
func (q *Request) Header(name string) (value string, there bool) {
	separator := ","
	if name == "cookie" {
		separator = "; "
	}
	for _, h := range q.all {
		if h.Name != name {
			continue
		}
		if there {
			value += separator
		}
		value, there = value+h.Value, true
	}
	return value, there
}
