package edge

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// result is what a function returned, by the names of its properties.
type result map[string]json.RawMessage

func newResult(output []byte) (result, error) {
	var r result
	if err := json.Unmarshal(output, &r); err != nil || r == nil {
		return nil, invalid("the function must return a request or a response")
	}
	return r, nil
}

func (r result) has(name string) bool {
	text, ok := r[name]
	return ok && string(text) != "null"
}

// fields reads headers, cookies or a query string; what is absent is empty. Where there were several values before, those
// of multiValue count if they changed; or else value is the first, and the others stay.
func (r result) fields(where, name string, before fields) (fields, error) {
	if !r.has(name) {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(r[name]))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, invalid("%s.%s must be an object", where, name)
	}
	var list fields
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, invalid("%s.%s: %v", where, name, err)
		}
		text, _ := key.(string)
		var one struct {
			Value      *string `json:"value"`
			Attributes string  `json:"attributes"`
			MultiValue []value `json:"multiValue"`
		}
		if err := d.Decode(&one); err != nil || one.Value == nil && len(one.MultiValue) == 0 {
			return nil, invalid("%s.%s['%s'] must be an object whose value is a string", where, name, text)
		}
		values := one.MultiValue
		was, _ := before.get(text)
		if one.Value != nil && (len(values) == 0 || slices.Equal(values, was)) {
			values = append([]value{{*one.Value, one.Attributes}}, values[min(1, len(values)):]...)
		}
		list = append(list, field{text, values})
	}
	return list, nil
}

// request is the one to go on with.
func (r result) request(original *http.Request, before *request) (*http.Request, error) {
	var uri, method string
	if err := json.Unmarshal(r["uri"], &uri); err != nil || !strings.HasPrefix(uri, "/") {
		return nil, invalid("request.uri must be a string that begins with a slash")
	}
	if r.has("method") && (json.Unmarshal(r["method"], &method) != nil || method != before.Method) {
		return nil, invalid("request.method must not be changed")
	}
	query, err := r.query(before.Querystring, original.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	headers, err := r.fields("request", "headers", before.Headers)
	if err != nil {
		return nil, err
	}
	if err := checkHeaders("request", headers, before.Headers, readOnlyInRequests); err != nil {
		return nil, err
	}
	cookies, err := r.fields("request", "cookies", before.Cookies)
	if err != nil {
		return nil, err
	}
	changed := original.Clone(original.Context())
	if err := readdress(changed.URL, uri, before.URI, query); err != nil {
		return nil, err
	}
	changed.Header = hidden(original.Header)
	headers.write(changed.Header, "host", "content-length")
	var lines []string
	for _, c := range cookies {
		for _, v := range c.values {
			lines = append(lines, c.name+"="+v.Value)
		}
	}
	if len(lines) > 0 {
		changed.Header.Set("Cookie", strings.Join(lines, "; "))
	}
	return changed, nil
}

// query is the query string: as the viewer wrote it where a function did not change it. A function may return it as a
// string, as the examples of AWS do.
func (r result) query(asked fields, written string) (string, error) {
	var text string
	if json.Unmarshal(r["querystring"], &text) == nil && r.has("querystring") {
		return text, nil
	}
	list, err := r.fields("request", "querystring", asked)
	if err != nil {
		return "", err
	}
	if slices.EqualFunc(list, asked, equalFields) {
		return written, nil
	}
	var parts []string
	for _, f := range list {
		for _, v := range f.values {
			parts = append(parts, f.name+"="+v.Value)
		}
	}
	return strings.Join(parts, "&"), nil
}

// readdress takes over a path and a query string. A path that a function did not change stays as the viewer wrote it.
func readdress(u *url.URL, uri, was, query string) error {
	if uri != was {
		path, err := url.PathUnescape(uri)
		if err != nil {
			return invalid("request.uri: %v", err)
		}
		u.Path, u.RawPath = path, uri
	}
	if query != u.RawQuery && strings.ContainsFunc(query, func(c rune) bool { return c <= ' ' || c == '#' || c == 0x7f }) {
		return invalid("request.querystring must not have spaces, control characters or #")
	}
	u.RawQuery = query
	if len(u.EscapedPath())+len(u.RawQuery)+1 >= mostURI {
		return invalid("request.uri and request.querystring together must have less than %d characters", mostURI)
	}
	return nil
}

func equalFields(a, b field) bool { return a.name == b.name && slices.Equal(a.values, b.values) }

// hidden are the headers of a request that functions do not see.
func hidden(header http.Header) http.Header {
	kept := http.Header{}
	for name, values := range header {
		if isDisallowed(strings.ToLower(name)) {
			kept[name] = slices.Clone(values)
		}
	}
	return kept
}

// write adds fields to headers, each word of a name with a capital letter.
func (f fields) write(header http.Header, without ...string) {
	for _, one := range f {
		if slices.Contains(without, one.name) {
			continue
		}
		for _, v := range one.values {
			header.Add(textproto.CanonicalMIMEHeaderKey(one.name), v.Value)
		}
	}
}

// checkHeaders refuses names and changes that functions may not have.
func checkHeaders(where string, after, before fields, readOnly []string) error {
	for _, f := range after {
		switch {
		case f.name != strings.ToLower(f.name):
			return invalid("%s.headers must have header names in lower case.", where)
		case f.name == "" || strings.ContainsFunc(f.name, notOfNames):
			return invalid("%s.headers has the name '%s'.", where, f.name)
		case isDisallowed(f.name):
			return forbidden("The function tried to add a blacklisted header: " + f.name + ".")
		}
		for _, v := range f.values {
			if strings.ContainsFunc(v.Value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
				return invalid("%s.headers['%s'] has a control character.", where, f.name)
			}
		}
	}
	for _, name := range readOnly {
		was, existed := before.get(name)
		is, exists := after.get(name)
		if existed != exists || !slices.Equal(was, is) {
			return forbidden("The function tried to add, delete, or change a read-only header: " + name + ".")
		}
	}
	return nil
}

// notOfNames tells which characters no name of a header has.
func notOfNames(c rune) bool {
	return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
}

// answer is the response that a function made, or made of another.
func (r result) answer(before *response) (*Answer, error) {
	var status float64
	if err := json.Unmarshal(r["statusCode"], &status); err != nil || status != math.Trunc(status) || status < 200 || status > 599 {
		return nil, invalid("response.statusCode must be a number from 200 to 599")
	}
	var readOnly []string
	var wereHeaders, wereCookies fields
	if before != nil {
		wereHeaders, wereCookies, readOnly = before.Headers, before.Cookies, readOnlyInResponses
	}
	headers, err := r.fields("response", "headers", wereHeaders)
	if err != nil {
		return nil, err
	}
	if err := checkHeaders("response", headers, wereHeaders, readOnly); err != nil {
		return nil, err
	}
	cookies, err := r.fields("response", "cookies", wereCookies)
	if err != nil {
		return nil, err
	}
	a := &Answer{Status: int(status), Header: http.Header{}}
	headers.write(a.Header)
	for _, c := range cookies {
		for _, v := range c.values {
			line := c.name + "=" + v.Value
			if v.Attributes != "" {
				line += "; " + v.Attributes
			}
			a.Header.Add("Set-Cookie", line)
		}
	}
	if r.has("body") {
		a.HasBody = true
		a.Body, err = r.body()
	}
	return a, err
}

// body is a text, or data with its encoding.
func (r result) body() ([]byte, error) {
	var text string
	if json.Unmarshal(r["body"], &text) == nil {
		return []byte(text), nil
	}
	var b struct {
		Encoding string `json:"encoding"`
		Data     string `json:"data"`
	}
	if err := json.Unmarshal(r["body"], &b); err != nil {
		return nil, invalid("response.body must be a string or an object with encoding and data")
	}
	switch b.Encoding {
	case "text":
		return []byte(b.Data), nil
	case "base64":
		data, err := base64.StdEncoding.DecodeString(b.Data)
		if err != nil {
			return nil, invalid("response.body.data is not base64")
		}
		return data, nil
	}
	return nil, invalid("response.body.encoding is '%s': text and base64 are allowed", b.Encoding)
}
