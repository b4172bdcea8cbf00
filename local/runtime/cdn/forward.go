package cdn

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"wordpress-ecs/local/aws/cloudfront"
)

// originRequest makes what the origin gets out of what the viewer sent: what is in the cache key, what the origin request
// policy adds, and what CloudFront always sends.
func (x *exchange) originRequest(ctx context.Context, o *origin, conditions http.Header) *http.Request {
	in := x.request
	cache, more := x.behavior.Caching, cloudfront.Forwarding{}
	if x.behavior.Forwarding != nil {
		more = *x.behavior.Forwarding
	}
	out := in.Clone(ctx)
	out.RequestURI, out.Close = "", false
	out.URL.RawQuery = picked(parameters(in), "&", cache.QueryStrings, more.QueryStrings)
	path := o.Path + in.URL.EscapedPath()
	out.URL.Path, out.URL.RawPath = o.Path+in.URL.Path, path
	out.Host = o.Domain
	if slices.Contains(listedHeaders(cache.Headers), "Host") || forwardsHeader(more.Headers, "Host") {
		out.Host = in.Host
	}
	out.Header = x.forwarded(cache, more.Headers)
	for name, values := range conditions {
		out.Header[name] = values
	}
	if line := picked(cookies(in), "; ", cache.Cookies, more.Cookies); line != "" {
		out.Header.Set("Cookie", line)
	}
	x.identify(out.Header)
	for _, h := range o.Headers {
		out.Header.Set(h.Name, h.Value)
	}
	return out
}

// neverForwarded are headers of viewers that no policy lets through, or that are made anew.
var neverForwarded = wordSet(`Connection Cookie Expect Host Keep-Alive Proxy-Authenticate Proxy-Authorization Proxy-Connection
	Te Trailer Transfer-Encoding Upgrade Via X-Forwarded-For X-Forwarded-Proto X-Real-Ip`)

// forwarded are the headers of the viewer that go to the origin, and those that CloudFront adds about the viewer.
func (x *exchange) forwarded(cache cloudfront.Caching, more cloudfront.Selection) http.Header {
	in, out := x.request.Header, http.Header{}
	writes := x.request.Method != http.MethodGet && x.request.Method != http.MethodHead && x.request.Method != http.MethodOptions
	keyed := listedHeaders(cache.Headers)
	for name, values := range in {
		if neverForwarded[name] || strings.HasPrefix(name, "X-Edge-") || strings.HasPrefix(name, ownPrefix) || conditional(name) {
			continue
		}
		always := strings.HasPrefix(name, "Content-") || writes && name == "Authorization"
		if always || slices.Contains(keyed, name) || forwardsHeader(more, name) {
			out[name] = values
		}
	}
	for _, name := range append(slices.Clone(keyed), more.Names...) {
		name = http.CanonicalHeaderKey(name)
		if strings.HasPrefix(name, ownPrefix) && (slices.Contains(keyed, name) || forwardsHeader(more, name)) {
			if value := x.own(name); value != "" {
				out.Set(name, value)
			}
		}
	}
	if cache.Gzip || cache.Brotli {
		out.Del("Accept-Encoding")
		if encodings := normalEncodings(cache, x.request); encodings != "" {
			out.Set("Accept-Encoding", encodings)
		} else if x.request.Header.Get("Accept-Encoding") != "" {
			out.Set("Accept-Encoding", "identity")
		}
	}
	if out.Get("User-Agent") == "" {
		out.Set("User-Agent", "Amazon CloudFront")
	}
	return out
}

// identify adds what every origin gets.
func (x *exchange) identify(h http.Header) {
	h.Set("X-Amz-Cf-Id", x.id)
	version := strings.TrimPrefix(x.viewer.Proto, "HTTP/")
	h.Set("Via", strings.Join(append(slices.Clone(x.request.Header["Via"]), version+" "+relay), ", "))
	client := x.address()
	if given := x.request.Header["X-Forwarded-For"]; len(given) > 0 {
		client = strings.Join(given, ", ") + ", " + client
	}
	h.Set("X-Forwarded-For", client)
}
