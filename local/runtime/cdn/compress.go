package cdn

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
)

// What CloudFront compresses has from 1,000 to 10,000,000 bytes.
const (
	leastCompressed = 1000
	mostCompressed  = 10_000_000
)

// compressed are the types of what CloudFront compresses ("Serve compressed files" in its developer guide).
var compressed = wordSet(`application/dash+xml application/eot application/font application/font-sfnt application/javascript
	application/json application/opentype application/otf application/pdf application/pkcs7-mime application/protobuf
	application/rss+xml application/truetype application/ttf application/vnd.apple.mpegurl application/vnd.mapbox-vector-tile
	application/vnd.ms-fontobject application/wasm application/xhtml+xml application/xml application/x-font-opentype
	application/x-font-truetype application/x-font-ttf application/x-httpd-cgi application/x-javascript
	application/x-mpegurl application/x-opentype application/x-otf application/x-perl application/x-ttf font/eot font/opentype
	font/otf font/ttf image/svg+xml text/css text/csv text/html text/javascript text/js text/plain text/richtext
	text/tab-separated-values text/xml text/x-component text/x-java-source text/x-script vnd.apple.mpegurl`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// compress compresses what is kept for viewers that read gzip, where the behaviour asks for it.
func (x *exchange) compress(e *entry) {
	if !x.behavior.Compress || !x.behavior.Caching.Gzip || !accepts(x.request, "gzip") || !x.request.ProtoAtLeast(1, 1) {
		return
	}
	switch e.status {
	case http.StatusOK, http.StatusForbidden, http.StatusNotFound:
	default:
		return
	}
	typ, _, _ := strings.Cut(e.header.Get("Content-Type"), ";")
	if len(e.body) < leastCompressed || len(e.body) > mostCompressed || e.header.Get("Content-Encoding") != "" ||
		e.header.Get("Content-Length") == "" || !compressed[strings.ToLower(strings.TrimSpace(typ))] {
		return
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(e.body); err != nil || w.Close() != nil {
		return // into memory it cannot fail
	}
	e.body = b.Bytes()
	e.header.Set("Content-Encoding", "gzip")
	e.header.Del("Content-Length")
	e.header.Add("Vary", "Accept-Encoding")
	weaken(e.header)
}

// weaken makes the tag of an object one that its compressed form has, too. What is no tag goes.
func weaken(header http.Header) {
	switch tag := header.Get("Etag"); {
	case strings.HasPrefix(tag, `"`):
		header.Set("Etag", "W/"+tag)
	case tag != "" && !strings.HasPrefix(tag, "W/"):
		header.Del("Etag")
	}
}
