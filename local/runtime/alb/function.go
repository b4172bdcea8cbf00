package alb

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mostEvent is how many bytes the body of a request to a function may have, and its response.
const mostEvent = 1 << 20

// Functions run the functions that are targets.
type Functions interface {
	// Invoke runs a function with an event and returns its result, both in JSON.
	Invoke(ctx context.Context, arn string, event []byte) ([]byte, error)
}

// event is a request as functions see it.
type event struct {
	RequestContext struct {
		ELB struct {
			TargetGroupARN string `json:"targetGroupArn"`
		} `json:"elb"`
	} `json:"requestContext"`
	HTTPMethod string `json:"httpMethod"`
	Path       string `json:"path"`

	Query   map[string]string `json:"queryStringParameters,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`

	MultiQuery   map[string][]string `json:"multiValueQueryStringParameters,omitempty"`
	MultiHeaders map[string][]string `json:"multiValueHeaders,omitempty"`

	Body            string `json:"body"`
	IsBase64Encoded bool   `json:"isBase64Encoded"`
}

// result is what a function answers.
type result struct {
	StatusCode      *int                `json:"statusCode"`
	Headers         map[string]any      `json:"headers"`
	MultiHeaders    map[string][]string `json:"multiValueHeaders"`
	Body            string              `json:"body"`
	IsBase64Encoded bool                `json:"isBase64Encoded"`
}

// invoke has a function answer a request. What is wrong with it or its answer is a bad gateway.
func (f *front) invoke(w http.ResponseWriter, r *http.Request, now *routing, s *groupSettings) {
	begun := time.Now()
	f.balancer.part.sent(now.balancer.suffix, s.suffix)
	body, err := io.ReadAll(io.LimitReader(r.Body, mostEvent+1))
	switch {
	case err != nil:
		f.fail(w, r, now, http.StatusBadRequest)
		return
	case len(body) > mostEvent:
		f.fail(w, r, now, http.StatusRequestEntityTooLarge)
		return
	}
	answered, err := f.ask(r, now, s, body)
	if err != nil {
		f.balancer.part.count(s.suffix, "LambdaUserError")
		f.fail(w, r, now, http.StatusBadGateway)
		return
	}
	f.balancer.part.put(s.suffix, "TargetResponseTime", time.Since(begun).Seconds())
	answered.write(w, r, s.multi)
}

// ask runs the function and reads its answer.
func (f *front) ask(r *http.Request, now *routing, s *groupSettings, body []byte) (*result, error) {
	text, err := json.Marshal(f.event(r, now, s, body))
	if err != nil {
		return nil, err
	}
	output, err := f.balancer.part.env.Functions.Invoke(r.Context(), s.function, text)
	if err != nil {
		return nil, err
	}
	var answered result
	err = json.Unmarshal(output, &answered)
	code := answered.StatusCode
	if err != nil || code == nil || *code < 100 || *code > 599 || len(output) > mostEvent {
		f.balancer.part.tell("target group " + s.name +
			": its function must answer with an object that has a statusCode, and with 1 MB at most")
		return nil, errEnded
	}
	if answered.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(answered.Body)
		if err != nil {
			f.balancer.part.tell("target group " + s.name + ": the body that its function answered is not base64")
			return nil, err
		}
		answered.Body = string(decoded)
	}
	return &answered, nil
}

// event is what the function gets: the last of several values, or all of them where the target group wants that. Query
// strings stay encoded.
func (f *front) event(r *http.Request, now *routing, s *groupSettings, body []byte) event {
	e := event{HTTPMethod: r.Method, Path: r.URL.EscapedPath()}
	e.RequestContext.ELB.TargetGroupARN = s.arn
	headers := map[string][]string{"host": {r.Host}}
	out := &httputil.ProxyRequest{In: r, Out: r.Clone(r.Context())}
	if now.balancer.dropInvalid {
		dropInvalid(out.Out.Header)
	}
	forwardFor(out, now.balancer)
	h := out.Out.Header
	h.Set("X-Forwarded-Proto", f.scheme())
	h.Set("X-Forwarded-Port", strconv.Itoa(f.clientPort(r)))
	h.Set(traceHeader, trace(h.Get(traceHeader), time.Now()))
	for _, name := range []string{"Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect"} {
		h.Del(name)
	}
	for name, values := range h {
		headers[strings.ToLower(name)] = values
	}
	query := map[string][]string{}
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if name, value, _ := strings.Cut(part, "="); part != "" {
			query[name] = append(query[name], value)
		}
	}
	if s.multi {
		e.MultiHeaders, e.MultiQuery = headers, query
	} else {
		e.Headers, e.Query = lastOf(headers), lastOf(query)
	}
	e.Body = string(body)
	if len(body) > 0 && !isText(r.Header) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return e
}

func lastOf(values map[string][]string) map[string]string {
	last := map[string]string{}
	for name, list := range values {
		if len(list) > 0 {
			last[name] = list[len(list)-1]
		}
	}
	return last
}

// isText tells whether a body goes to a function as it is.
func isText(h http.Header) bool {
	if h.Get("Content-Encoding") != "" {
		return false
	}
	typ, _, _ := strings.Cut(strings.ToLower(h.Get("Content-Type")), ";")
	switch typ = strings.TrimSpace(typ); typ {
	case "application/json", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(typ, "text/")
}

// write sends what a function answered. Of a target group with several values of headers only those of multiValueHeaders
// count, of others only those of headers.
func (a *result) write(w http.ResponseWriter, r *http.Request, multi bool) {
	h := w.Header()
	h.Set("Server", "awselb/2.0")
	if multi {
		for _, name := range slices.Sorted(maps.Keys(a.MultiHeaders)) {
			for _, value := range a.MultiHeaders[name] {
				h.Add(name, value)
			}
		}
	} else {
		for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
			switch value := a.Headers[name].(type) {
			case string:
				h.Set(name, value)
			default: // a number or a truth
				text, err := json.Marshal(value)
				if err == nil {
					h.Set(name, string(text))
				}
			}
		}
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/octet-stream")
	}
	h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(*a.StatusCode)
	if r.Method != http.MethodHead && *a.StatusCode != http.StatusNoContent && *a.StatusCode != http.StatusNotModified {
		//nolint:gosec // the function is what makes the page; a client that has gone needs no answer
		_, _ = w.Write([]byte(a.Body))
	}
}
