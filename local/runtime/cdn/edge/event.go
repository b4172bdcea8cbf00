package edge

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// disallowed are the headers that functions neither see nor add. A * at the end stands for any text.
var disallowed = []string{
	"connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "trailer",
	"upgrade", "x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect", "x-amz-cf-*",
	"x-amzn-auth", "x-amzn-cf-billing", "x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype", "x-amzn-fle-profile",
	"x-amzn-header-count", "x-amzn-header-order", "x-amzn-lambda-integration-tag", "x-amzn-requestid", "x-cache",
	"x-edge-*", "x-forwarded-proto", "x-real-ip",
}

// Headers that functions see and must leave as they are, in requests and in responses.
var (
	readOnlyInRequests  = []string{"content-length", "host", "transfer-encoding", "via"}
	readOnlyInResponses = []string{"warning", "via"}
)

func isDisallowed(name string) bool {
	return slices.ContainsFunc(disallowed, func(d string) bool {
		start, wild := strings.CutSuffix(d, "*")
		return name == d || wild && strings.HasPrefix(name, start)
	})
}

// field is a header, a cookie or a parameter of a query string, with all its values.
type field struct {
	name   string
	values []value
}

type value struct {
	Value      string `json:"value"`
	Attributes string `json:"attributes,omitempty"`
}

// fields keep the order in which their names came first.
type fields []field

func (f fields) get(name string) ([]value, bool) {
	i := slices.IndexFunc(f, func(one field) bool { return one.name == name })
	if i < 0 {
		return nil, false
	}
	return f[i].values, true
}

func (f *fields) add(name string, v value) {
	for i := range *f {
		if (*f)[i].name == name {
			(*f)[i].values = append((*f)[i].values, v)
			return
		}
	}
	*f = append(*f, field{name, []value{v}})
}

// MarshalJSON writes fields as functions see them: the first value, and all of them where there are several.
func (f fields) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(one.name)
		if err != nil {
			return nil, err
		}
		text := struct {
			value
			MultiValue []value `json:"multiValue,omitempty"`
		}{value: one.values[0]}
		if len(one.values) > 1 {
			text.MultiValue = one.values
		}
		body, err := json.Marshal(text)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(body)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// request is one as functions see it.
type request struct {
	Method      string `json:"method"`
	URI         string `json:"uri"`
	Querystring fields `json:"querystring"`
	Headers     fields `json:"headers"`
	Cookies     fields `json:"cookies"`
}

func requestOf(r *http.Request) *request {
	seen := &request{Method: r.Method, URI: r.URL.EscapedPath()}
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if part != "" {
			name, text, _ := strings.Cut(part, "=")
			seen.Querystring.add(name, value{Value: text})
		}
	}
	seen.Headers.add("host", value{Value: r.Host})
	if r.ContentLength > 0 {
		seen.Headers.add("content-length", value{Value: strconv.FormatInt(r.ContentLength, 10)})
	}
	seen.Headers = append(seen.Headers, headersOf(r.Header, "Cookie", "Host", "Content-Length")...)
	for _, line := range r.Header["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			if name, text, _ := strings.Cut(strings.TrimSpace(part), "="); name != "" {
				seen.Cookies.add(name, value{Value: text})
			}
		}
	}
	return seen
}

// response is one as functions see it.
type response struct {
	StatusCode        int    `json:"statusCode"`
	StatusDescription string `json:"statusDescription"`
	Headers           fields `json:"headers"`
	Cookies           fields `json:"cookies"`
}

func responseOf(status int, header http.Header) *response {
	seen := &response{
		StatusCode: status, StatusDescription: http.StatusText(status), Headers: headersOf(header, "Set-Cookie"),
	}
	for _, line := range header["Set-Cookie"] {
		pair, attributes, _ := strings.Cut(line, ";")
		name, text, _ := strings.Cut(pair, "=")
		seen.Cookies.add(strings.TrimSpace(name), value{Value: text, Attributes: strings.TrimSpace(attributes)})
	}
	return seen
}

// headersOf are the headers that functions see, without those that are left out.
func headersOf(header http.Header, without ...string) fields {
	var seen fields
	for _, name := range slices.Sorted(maps.Keys(header)) {
		lower := strings.ToLower(name)
		if isDisallowed(lower) || slices.Contains(without, name) {
			continue
		}
		for _, text := range header[name] {
			seen.add(lower, value{Value: text})
		}
	}
	return seen
}

// event is what the handler gets.
func event(v Viewer, typ string, r *request, res *response) []byte {
	text, err := json.Marshal(struct {
		Version string `json:"version"`
		Context struct {
			DistributionDomainName string `json:"distributionDomainName"`
			DistributionID         string `json:"distributionId"`
			EventType              string `json:"eventType"`
			RequestID              string `json:"requestId"`
		} `json:"context"`
		Viewer struct {
			IP string `json:"ip"`
		} `json:"viewer"`
		Request  *request  `json:"request"`
		Response *response `json:"response,omitempty"`
	}{
		Version: "1.0",
		Context: struct {
			DistributionDomainName string `json:"distributionDomainName"`
			DistributionID         string `json:"distributionId"`
			EventType              string `json:"eventType"`
			RequestID              string `json:"requestId"`
		}{v.Domain, v.Distribution, typ, v.Request},
		Viewer: struct {
			IP string `json:"ip"`
		}{v.ip()},
		Request: r, Response: res,
	})
	if err != nil {
		return []byte("null") // texts and numbers can always be written
	}
	return text
}
