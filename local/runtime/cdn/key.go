package cdn

import (
	"net/http"
	"strings"

	"wordpress-ecs/local/aws/cloudfront"
)

// cacheKey is what a response is kept under, and the address that invalidations mean it by.
func cacheKey(policy cloudfront.Caching, x *exchange) (key, uri string) {
	r := x.request
	uri = r.URL.EscapedPath()
	if query := picked(parameters(r), "&", policy.QueryStrings); query != "" {
		uri += "?" + query
	}
	var b strings.Builder
	b.WriteString(uri)
	if r.Method == http.MethodOptions {
		b.WriteString("\nOPTIONS")
	}
	for _, name := range listedHeaders(policy.Headers) {
		b.WriteString("\n" + name + ": " + strings.Join(x.headerValues(name), ", "))
	}
	if encodings := normalEncodings(policy, r); encodings != "" {
		b.WriteString("\nAccept-Encoding: " + encodings)
	}
	if line := picked(cookies(r), "; ", policy.Cookies); line != "" {
		b.WriteString("\nCookie: " + line)
	}
	return b.String(), uri
}

// headerValues are those of a header of the viewer, or one that CloudFront adds itself.
func (x *exchange) headerValues(name string) []string {
	switch {
	case name == "Host":
		return []string{x.request.Host}
	case strings.HasPrefix(name, ownPrefix):
		if value := x.own(name); value != "" {
			return []string{value}
		}
		return nil
	}
	return x.request.Header[name]
}

// normalEncodings is the Accept-Encoding header as far as a cache policy is about it: those of br and gzip that both want.
// It is empty when the policy wants none, or the viewer none of them.
func normalEncodings(policy cloudfront.Caching, r *http.Request) string {
	if r.ProtoAtLeast(1, 1) {
		var list []string
		for _, e := range []struct {
			name string
			on   bool
		}{{"br", policy.Brotli}, {"gzip", policy.Gzip}} {
			if e.on && accepts(r, e.name) {
				list = append(list, e.name)
			}
		}
		return strings.Join(list, ",")
	}
	return ""
}

// accepts tells whether a viewer reads an encoding.
func accepts(r *http.Request, encoding string) bool {
	for _, line := range r.Header["Accept-Encoding"] {
		for part := range strings.SplitSeq(line, ",") {
			name, weight, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(name), encoding) {
				refused := strings.TrimLeft(strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q="), "0.") == ""
				return !refused || !strings.Contains(weight, "q")
			}
		}
	}
	return false
}
