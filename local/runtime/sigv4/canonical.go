package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// canonical is the request as it is signed: method, path, query, headers, their names, and the sum of the body.
func canonical(r *http.Request, headers []string, payload string, plain bool) string {
	var b strings.Builder
	for _, line := range []string{r.Method, canonicalPath(r.URL, plain), canonicalQuery(r.URL.RawQuery)} {
		b.WriteString(line + "\n")
	}
	for _, name := range headers {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(headers, ";") + "\n" + payload)
	return b.String()
}

// canonicalPath is the path, encoded. S3 takes it as it is. For others "." and ".." are followed, and what the client
// has encoded already is encoded again.
func canonicalPath(u *url.URL, plain bool) string {
	if plain {
		if u.Path == "" {
			return "/"
		}
		return encode(u.Path, true)
	}
	text := u.EscapedPath()
	clean := path.Clean("/" + text)
	if strings.HasSuffix(text, "/") && clean != "/" {
		clean += "/"
	}
	return encode(clean, true)
}

// canonicalQuery sorts the parameters by their encoded names and values.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	var pairs [][2]string
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, [2]string{encode(decoded(name), false), encode(decoded(value), false)})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	parts := make([]string, len(pairs))
	for i, pair := range pairs {
		parts[i] = pair[0] + "=" + pair[1]
	}
	return strings.Join(parts, "&")
}

// decoded is a part of a query; one that is wrongly encoded is taken as it is, and its signature does not match.
func decoded(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

// encode encodes all but the unreserved characters of RFC 3986, and "/" where that is kept.
func encode(text string, slash bool) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0, c == '/' && slash:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return b.String()
}

// headerValue is a header without needless spaces. Go keeps some headers elsewhere.
func headerValue(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch name {
	case hostHeader:
		values = []string{r.Host}
	case "content-length":
		if r.ContentLength >= 0 {
			values = []string{strconv.FormatInt(r.ContentLength, 10)}
		}
	}
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = strings.Join(strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == '\t' }), " ")
	}
	return strings.Join(trimmed, ",")
}

// toSign is the text that the signature is computed of.
func (a authorization) toSign(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	scope := strings.Join([]string{a.date, a.region, a.service, terminator}, "/")
	return strings.Join([]string{algorithm, a.at.UTC().Format(stampFormat), scope, hex.EncodeToString(sum[:])}, "\n")
}

// sign computes the signature of a text, in hex.
func (a authorization) sign(secret, text string) string {
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.date, a.region, a.service, terminator, text} {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	return hex.EncodeToString(key)
}
