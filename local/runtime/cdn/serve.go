package cdn

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"wordpress-ecs/local/runtime/cdn/edge"
)

// What X-Cache says of a response, before " from cloudfront".
const (
	hit        = "Hit"
	miss       = "Miss"
	refreshHit = "RefreshHit"
	redirected = "Redirect"
	failed     = "Error"
	generated  = "FunctionGeneratedResponse"
)

// mostInspected is the most of a body that a web ACL can be told to look at, and one byte by which it sees that there is
// more.
const mostInspected = 64<<10 + 1

// exchange is a request and what is found out about it.
type exchange struct {
	part     *Part
	site     *site
	settings *settings
	behavior *behavior
	// id is that of the request, as X-Amz-Cf-Id has it.
	id string
	// viewer is the request as it came, request what a function made of it.
	viewer, request *http.Request
	// replacing requests are for the page of an error.
	replacing bool
}

// response is what a viewer gets, before the headers of the edge are added.
type response struct {
	status int
	header http.Header
	// body is what is sent; nil for nothing. Whole is set instead when all of it is there, and may be asked for in parts.
	body  io.ReadCloser
	whole []byte
	// kept is the entry that it was made of, if there is one; origin tells that it is not the edge's own.
	kept   *entry
	origin bool
	// word is what X-Cache says.
	word string
}

// ServeHTTP answers a viewer.
func (p *Part) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["Content-Type"] = nil // or the server would guess one
	x := &exchange{part: p, id: requestID(), viewer: r, request: r}
	site := p.siteOf(hostname(r.Host))
	if site == nil || !site.current.Load().Enabled {
		x.write(w, x.refuse(http.StatusForbidden, "Bad request. No distribution that is enabled has the name "+hostname(r.Host)+"."))
		return
	}
	x.site, x.settings = site, site.current.Load()
	site.requests.Add(1)
	if r.Body != nil && r.Body != http.NoBody {
		_ = http.NewResponseController(w).EnableFullDuplex() // HTTP/2 is that anyway
	}
	x.write(w, x.finish(x.answer()))
}

// answer finds the response: the edge's own, one of the cache, or the origin's.
func (x *exchange) answer() *response {
	r := x.viewer
	if res := x.limit(); res != nil {
		return res
	}
	x.behavior = x.settings.behavior(r.URL.EscapedPath())
	if res := x.inspect(); res != nil {
		return res
	}
	if res := x.admit(); res != nil {
		return res
	}
	if f := x.behavior.viewerRequest; f != nil {
		changed, answer, err := f.ViewerRequest(r.Context(), x.about(), r)
		switch {
		case err != nil:
			return x.broken(err)
		case answer != nil:
			return &response{status: answer.Status, header: answer.Header, whole: answer.Body, word: generated}
		}
		x.request = changed
	}
	if x.request.URL.Path == "/" && x.settings.RootObject != "" {
		x.request = x.request.Clone(r.Context())
		x.request.URL.Path, x.request.URL.RawPath = "/"+x.settings.RootObject, ""
	}
	return x.deliver()
}

// limit refuses what is too long.
func (x *exchange) limit() *response {
	r := x.viewer
	total := len(r.Method) + len(r.RequestURI) + len(r.Proto)
	for name, values := range r.Header {
		for _, v := range values {
			total += len(name) + len(v) + len(": \r\n")
		}
	}
	if total > mostHeader || len(r.RequestURI) > mostURL {
		return x.refuse(http.StatusRequestEntityTooLarge, "Bad request. The request is too long.")
	}
	return nil
}

// inspect asks the web ACL of the distribution.
func (x *exchange) inspect() *response {
	if x.settings.WebACL == "" || x.part.env.Firewall == nil {
		return nil
	}
	r := x.viewer
	var body []byte
	if r.Body != nil && r.Body != http.NoBody {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, mostInspected)); err != nil {
			return x.refuse(http.StatusBadRequest, "Bad request.")
		}
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	}
	answer := x.part.env.Firewall.Check(x.settings.WebACL, r, body) //nolint:bodyclose // write closes it
	if answer == nil {
		return nil
	}
	if answer.Body == nil {
		return x.refuse(answer.StatusCode, "Request blocked.")
	}
	return &response{status: answer.StatusCode, header: answer.Header, body: answer.Body, word: failed}
}

// admit refuses protocols and methods that the behaviour does not have.
func (x *exchange) admit() *response {
	r := x.viewer
	if r.TLS == nil && x.behavior.Protocol != "allow-all" {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		if x.behavior.Protocol == "https-only" || !reads && !r.ProtoAtLeast(1, 1) {
			return x.refuse(http.StatusForbidden, "Bad request. This address is for HTTPS only.")
		}
		status := http.StatusMovedPermanently
		if !reads {
			status = http.StatusTemporaryRedirect // with the same method and body
		}
		return &response{status: status, header: http.Header{"Location": {x.securely()}}, word: redirected}
	}
	if !slices.Contains(x.behavior.AllowedMethods, r.Method) {
		return x.refuse(http.StatusForbidden, "This distribution is not configured to allow the HTTP request method that was used for this "+
			"request. The distribution supports only "+strings.Join(x.behavior.AllowedMethods, ", ")+".")
	}
	if r.Method == http.MethodGet && r.ContentLength != 0 {
		return x.refuse(http.StatusForbidden, "Bad request. A GET request must not have a body.")
	}
	return nil
}

// securely is the address of a request with HTTPS. Who came to a port of this machine is sent to the other one; who came
// for a domain name has none.
func (x *exchange) securely() string {
	host := x.viewer.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		if at, err := x.part.address(443); err == nil {
			host = name + at[strings.LastIndexByte(at, ':'):]
		}
	}
	u := url.URL{Scheme: "https", Host: host}
	return u.String() + x.viewer.URL.RequestURI()
}

// about is what functions are told.
func (x *exchange) about() edge.Viewer {
	return edge.Viewer{Distribution: x.settings.ID, Domain: x.settings.Domain, Request: x.id, Address: x.viewer.RemoteAddr}
}

// broken is the answer when a function failed.
func (x *exchange) broken(err error) *response {
	var wrong *edge.Error
	if !errors.As(err, &wrong) {
		return x.refuse(http.StatusServiceUnavailable, "The request was cancelled.") // nobody hears it
	}
	x.part.tell("distribution " + x.settings.ID + ": " + wrong.Message)
	res := x.refuse(wrong.Status, wrong.Message)
	res.word = wrong.Kind
	return res
}

// deliver gets the response of the cache or the origin, and the page that stands for an error.
func (x *exchange) deliver() *response {
	res := x.fetch()
	page := x.settings.errorPage(res.status)
	if page == nil || x.replacing || res.status < http.StatusBadRequest {
		return res
	}
	other := *x
	other.replacing = true
	other.request = x.request.Clone(context.WithoutCancel(x.request.Context()))
	other.request.Method, other.request.Body, other.request.ContentLength = http.MethodGet, http.NoBody, 0
	other.request.URL = &url.URL{Path: page.Page}
	for name := range other.request.Header {
		if conditional(name) {
			other.request.Header.Del(name)
		}
	}
	other.behavior = x.settings.behavior(page.Page)
	replacement := other.deliver()
	if replacement.status >= http.StatusBadRequest {
		if replacement.body != nil {
			_ = replacement.body.Close()
		}
		return res // the page itself is an error
	}
	if res.body != nil {
		_ = res.body.Close()
	}
	replacement.status, replacement.word, replacement.kept = page.Status, failed, nil
	return replacement
}

// conditional tells whether a header asks for less than all.
func conditional(name string) bool {
	return strings.HasPrefix(name, "If-") || name == "Range"
}

// hostname is a Host header without its port, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(host)
}

func requestID() string {
	var b [40]byte
	_, _ = rand.Read(b[:]) // it cannot fail
	return base64.URLEncoding.EncodeToString(b[:])
}
