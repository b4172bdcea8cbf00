package cdn

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/aws/cloudfront"
)

// edgeLocation is what X-Amz-Cf-Pop says, relay what Via does.
const (
	edgeLocation = "LOCAL1-C1"
	relay        = "edge.cloudfront.net (CloudFront)"
)

// hopByHop are headers that are about one connection only.
var hopByHop = wordSet(`Connection Keep-Alive Proxy-Authenticate Proxy-Connection Te Trailer Transfer-Encoding Upgrade`)

// cleanHeader takes out of an origin's response what is not for viewers.
func cleanHeader(h http.Header) {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for name := range h {
		if hopByHop[name] || strings.HasPrefix(name, "X-Edge-") {
			delete(h, name)
		}
	}
}

// keptHeader are the headers that are kept with a response. An origin can ask that its cookies are not.
func keptHeader(header http.Header) http.Header {
	kept := header.Clone()
	if field := readDirectives(header)["no-cache"]; slices.ContainsFunc(strings.Split(field, ","), func(name string) bool {
		return strings.EqualFold(strings.TrimSpace(name), "Set-Cookie")
	}) {
		delete(kept, "Set-Cookie")
	}
	return kept
}

// finish makes of a response what the viewer gets: the policy for response headers and the function have their say.
func (x *exchange) finish(res *response) *response {
	if res.header == nil {
		res.header = http.Header{}
	}
	if x.behavior == nil || res.word == redirected {
		return res
	}
	if res.origin {
		x.settle(res.header)
	}
	if policy := x.behavior.Response; policy != nil {
		x.apply(policy, res)
	}
	f := x.behavior.viewerResponse
	if f == nil || res.word == generated || res.status >= http.StatusBadRequest {
		return res
	}
	answer, err := f.ViewerResponse(x.viewer.Context(), x.about(), x.request, res.status, res.header)
	if err != nil {
		if res.body != nil {
			_ = res.body.Close()
		}
		return x.broken(err)
	}
	res.status, res.header = answer.Status, answer.Header
	if answer.HasBody {
		if res.body != nil {
			_ = res.body.Close()
		}
		res.body, res.whole, res.kept = nil, answer.Body, nil
		res.header.Del("Content-Length")
	}
	return res
}

// settle takes out of the headers of an origin what CloudFront does not pass on: cookies where none go to the origin, and
// of Vary what the origin does not get.
func (x *exchange) settle(h http.Header) {
	cache, more := x.behavior.Caching, cloudfront.Forwarding{}
	if x.behavior.Forwarding != nil {
		more = *x.behavior.Forwarding
	}
	if !forwards(cache.Cookies) && !forwards(more.Cookies) {
		delete(h, "Set-Cookie")
	}
	var varies []string
	keyed := listedHeaders(cache.Headers)
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			known := name == "*" || name == "Accept-Encoding" || name == "Cookie" || slices.Contains(keyed, name) ||
				forwardsHeader(more.Headers, name)
			if known && !slices.Contains(varies, name) {
				varies = append(varies, name)
			}
		}
	}
	delete(h, "Vary")
	if len(varies) > 0 {
		h.Set("Vary", strings.Join(varies, ", "))
	}
}

// write sends a response.
func (x *exchange) write(w http.ResponseWriter, res *response) {
	h := w.Header()
	for name, values := range res.header {
		h[name] = values
	}
	via := "1.1 " + relay
	if before := res.header.Get("Via"); before != "" {
		via = before + ", " + via
	}
	h.Set("Via", via)
	h.Set("X-Cache", res.word+" from cloudfront")
	h.Set("X-Amz-Cf-Pop", edgeLocation)
	h.Set("X-Amz-Cf-Id", x.id)
	if res.kept != nil && res.word != miss {
		h.Set("Age", strconv.Itoa(int(x.part.now().Sub(res.kept.at).Seconds())))
	}
	if res.body != nil {
		defer res.body.Close()
		w.WriteHeader(res.status)
		if x.viewer.Method != http.MethodHead {
			stream(w, res.body)
		}
		return
	}
	if res.kept != nil && res.status == http.StatusOK && (x.viewer.Method == http.MethodGet || x.viewer.Method == http.MethodHead) {
		h.Del("Content-Length")
		modified, _ := http.ParseTime(res.header.Get("Last-Modified"))
		http.ServeContent(w, x.viewer, "", modified, bytes.NewReader(res.whole))
		return
	}
	if res.status != http.StatusNoContent && res.status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(res.whole)))
	}
	w.WriteHeader(res.status)
	if x.viewer.Method != http.MethodHead {
		_, _ = w.Write(res.whole) // a viewer that has gone needs no answer
	}
}

// stream passes a body on as it comes.
func stream(w http.ResponseWriter, body io.Reader) {
	control := http.NewResponseController(w)
	buffer := make([]byte, 32<<10)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if _, gone := w.Write(buffer[:n]); gone != nil {
				return
			}
			_ = control.Flush()
		}
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			panic(http.ErrAbortHandler) // the viewer must not take it for the whole
		}
	}
}
