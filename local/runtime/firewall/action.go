package firewall

import (
	"io"
	"net/http"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/firewall/inspect"
)

// effect is what an action comes to.
type effect int

const (
	allow effect = iota
	block
	count
)

// action is what a rule does with a request for which it holds.
type action struct {
	effect effect
	// headers are added to the request.
	headers []inspect.Pair
	// response is the answer to what is blocked; nil for a page of who asked the firewall.
	response *customResponse
}

// customResponse is an answer of one's own.
type customResponse struct {
	status  int
	body    string // a key
	headers []inspect.Pair
}

type customBody struct{ kind, content string }

// insertedPrefix begins the names of headers that WAF adds to requests.
const insertedPrefix = "x-amzn-waf-"

// newAction reads an action.
func newAction(p account.Props, say func(format string, args ...any)) action {
	for _, name := range []string{"captcha", "challenge"} {
		if p.Has(name) {
			say("%s puts nobody to the test here, and counts", name)
			return action{effect: count}
		}
	}
	if custom := p.Object("block"); custom != nil {
		a := action{effect: block}
		if r := custom.Object("customResponse"); r != nil {
			a.response = &customResponse{
				status: r.Int("responseCode"), body: r.String("customResponseBodyKey"), headers: pairs(r.Objects("responseHeaders")),
			}
		}
		return a
	}
	name, a := "allow", action{effect: allow}
	if p.Has("count") {
		name, a = "count", action{effect: count}
	}
	a.headers = pairs(p.Objects(name + ".customRequestHandling.insertHeaders"))
	return a
}

func pairs(list []account.Props) []inspect.Pair {
	var all []inspect.Pair
	for _, p := range list {
		all = append(all, inspect.Pair{Name: p.String("name"), Value: p.String("value")})
	}
	return all
}

func newBodies(out account.Props) map[string]customBody {
	bodies := map[string]customBody{}
	for _, b := range out.Objects("customResponseBodies") {
		kind := map[string]string{"TEXT_HTML": "text/html", "APPLICATION_JSON": "application/json"}[b.String("contentType")]
		if kind == "" {
			kind = "text/plain"
		}
		bodies[b.String("key")] = customBody{kind, b.String("content")}
	}
	return bodies
}

// answer is what who sent a blocked request gets. Without a body it is the usual page of a load balancer or of CloudFront.
func (w *webACL) answer(a action) *http.Response {
	if a.response == nil {
		return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}}
	}
	res := &http.Response{StatusCode: a.response.status, Header: http.Header{}}
	for _, h := range a.response.headers {
		res.Header.Set(h.Name, h.Value)
	}
	b := w.bodies[a.response.body]
	if b.kind != "" {
		res.Header.Set("Content-Type", b.kind)
	}
	res.Body = io.NopCloser(strings.NewReader(b.content))
	return res
}
