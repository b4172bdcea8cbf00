package s3_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

func TestAnObjectComesBackAsItWasPut(t *testing.T) {
	t.Parallel()
	w := free(t)
	const key = "wp-content/uploads/2026/03/a%20b%2Bc%C3%A4.jpg"
	put := w.put(key, "pixels", map[string]string{
		"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=60", "Content-Disposition": "inline", "Content-Encoding": "identity",
		"X-Amz-Meta-Author": "me", "X-Other": "is not kept",
	})
	require.Equal(t, `"d399848208da8b80a306af0fd62bb03f"`, put.Header.Get("ETag"))
	require.Equal(t, "AES256", put.Header.Get("X-Amz-Server-Side-Encryption"))

	for _, url := range []string{host + "/" + key, "https://s3.eu-central-1.amazonaws.com/" + bucket + "/" + key} {
		for method, body := range map[string]string{http.MethodGet: "pixels", http.MethodHead: ""} {
			a := w.do(request{method: method, url: url})
			require.Equal(t, http.StatusOK, a.StatusCode, a.text)
			require.Equal(t, body, a.text)
			for name, value := range map[string]string{
				"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=60", "Content-Disposition": "inline",
				"Content-Encoding": "identity", "X-Amz-Meta-Author": "me", "Content-Length": "6", "Accept-Ranges": "bytes",
				"ETag": put.Header.Get("ETag"), "X-Other": "", "Server": "AmazonS3",
			} {
				require.Equal(t, value, a.Header.Get(name), name)
			}
			at, err := http.ParseTime(a.Header.Get("Last-Modified"))
			require.NoError(t, err)
			require.WithinDuration(t, time.Now(), at, time.Minute)
		}
	}
	require.Equal(t, http.StatusNoContent, w.do(request{method: http.MethodDelete, url: host + "/" + key}).StatusCode)
	require.Equal(t, http.StatusNoContent, w.do(request{method: http.MethodDelete, url: host + "/" + key}).StatusCode, "twice is no error")
	require.Equal(t, "NoSuchKey", w.get(key, nil).code(t))
	w.put("plain", "", nil)
	require.Equal(t, "binary/octet-stream", w.get("plain", nil).Header.Get("Content-Type"))
}

func TestWhatIsPutIsChecked(t *testing.T) {
	t.Parallel()
	w := free(t)
	w.put("there", "before", nil)
	sum := sha256.Sum256([]byte("body"))
	header := func(name, value string) map[string]string { return map[string]string{name: value} }
	for name, c := range map[string]struct {
		request
		code string
	}{
		"the right sum":             {request{payload: hex.EncodeToString(sum[:])}, ""},
		"another sum":               {request{payload: strings.Repeat("0", 64)}, "XAmzContentSHA256Mismatch"},
		"no sum":                    {request{payload: "abc"}, "InvalidArgument"},
		"parts of a body":           {request{payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}, "NotImplemented"},
		"the right MD5":             {request{header: header("Content-Md5", "hBotaJrYa9FhFEdFPCLG/A==")}, ""},
		"another MD5":               {request{header: header("Content-Md5", "1B2M2Y8AsgTpgAmY7PhCfg==")}, "BadDigest"},
		"no MD5":                    {request{header: header("Content-Md5", "abc")}, "InvalidDigest"},
		"half a body":               {request{length: 5}, "IncompleteBody"},
		"a body without end":        {request{length: -1}, "NotImplemented"},
		"too large":                 {request{length: 5<<30 + 1}, "EntityTooLarge"},
		"as large as can be":        {request{length: 5 << 30}, "IncompleteBody"},
		"a long key":                {request{url: host + "/" + strings.Repeat("k", 1025)}, "KeyTooLongError"},
		"a key that is no text":     {request{url: host + "/%ff"}, "InvalidURI"},
		"much metadata":             {request{header: header("X-Amz-Meta-A", strings.Repeat("a", 2048))}, "MetadataTooLarge"},
		"most metadata":             {request{header: header("X-Amz-Meta-A", strings.Repeat("a", 2047))}, ""},
		"only if it is not there":   {request{header: header("If-None-Match", "*")}, "PreconditionFailed"},
		"only over another":         {request{header: header("If-Match", `"0123"`)}, "PreconditionFailed"},
		"only over none":            {request{url: host + "/new", header: header("If-Match", `"0123"`)}, "NoSuchKey"},
		"public":                    {request{header: header("X-Amz-Acl", "public-read")}, "AccessControlListNotSupported"},
		"for the owner":             {request{header: header("X-Amz-Acl", "bucket-owner-full-control")}, ""},
		"the bucket of another":     {request{header: header("X-Amz-Expected-Bucket-Owner", "210987654321")}, "AccessDenied"},
		"the usual encryption":      {request{header: header("X-Amz-Server-Side-Encryption", "AES256")}, ""},
		"another encryption":        {request{header: header("X-Amz-Server-Side-Encryption", "aws:kms")}, "NotImplemented"},
		"a cheaper storage":         {request{header: header("X-Amz-Storage-Class", "GLACIER")}, "NotImplemented"},
		"a copy":                    {request{header: header("X-Amz-Copy-Source", "/site-media/there")}, "NotImplemented"},
		"a checksum":                {request{header: header("X-Amz-Checksum-Crc32", "AAAAAA==")}, "NotImplemented"},
		"a part of an upload":       {request{url: host + "/there?partNumber=1&uploadId=x"}, "NotImplemented"},
		"a list of who may":         {request{url: host + "/there?acl"}, "NotImplemented"},
		"a bucket":                  {request{url: host + "/"}, "NotImplemented"},
		"a bucket that is not here": {request{url: "https://other.s3.eu-central-1.amazonaws.com/key"}, "NoSuchBucket"},
		"an object of another host": {request{url: "https://site-media.s3.example.com/key"}, "InvalidURI"},
	} {
		t.Run(name, func(t *testing.T) {
			c.method, c.body = http.MethodPut, "body"
			if c.url == "" {
				c.url = host + "/" + strings.ReplaceAll(name, " ", "-")
				if c.code == "PreconditionFailed" {
					c.url = host + "/there"
				}
			}
			a := w.do(c.request)
			if c.code == "" {
				require.Equal(t, http.StatusOK, a.StatusCode, a.text)
				return
			}
			require.Equal(t, c.code, a.code(t), a.text)
			require.Equal(t, "before", w.get("there", nil).text)
			list, err := w.store.List(bucket, strings.ReplaceAll(name, " ", "-"))
			require.NoError(t, err)
			require.Empty(t, list, "nothing is kept of what is refused")
		})
	}
	w.put("there", "after", map[string]string{"If-Match": w.get("there", nil).Header.Get("ETag")})
	require.Equal(t, "after", w.get("there", nil).text)
	require.Empty(t, w.said)
}

func TestReadersAskForWhatTheyDoNotHave(t *testing.T) {
	t.Parallel()
	w := free(t)
	etag := w.put("key", "0123456789", map[string]string{"Content-Type": "text/plain"}).Header.Get("ETag")
	at, err := http.ParseTime(w.get("key", nil).Header.Get("Last-Modified"))
	require.NoError(t, err)
	day := func(days int) string { return at.AddDate(0, 0, days).Format(http.TimeFormat) }
	for name, c := range map[string]struct {
		header map[string]string
		status int
		body   string
	}{
		"the same one":              {map[string]string{"If-None-Match": etag}, 304, ""},
		"one of several":            {map[string]string{"If-None-Match": `"x", W/` + etag}, 304, ""},
		"another one":               {map[string]string{"If-None-Match": `"x"`}, 200, "0123456789"},
		"not changed since":         {map[string]string{"If-Modified-Since": day(0)}, 304, ""},
		"changed since":             {map[string]string{"If-Modified-Since": day(-1)}, 200, "0123456789"},
		"the tag before the date":   {map[string]string{"If-None-Match": `"x"`, "If-Modified-Since": day(1)}, 200, "0123456789"},
		"only this one":             {map[string]string{"If-Match": etag}, 200, "0123456789"},
		"only another one":          {map[string]string{"If-Match": `"x"`}, 412, "PreconditionFailed"},
		"only an old one":           {map[string]string{"If-Unmodified-Since": day(-1)}, 412, "PreconditionFailed"},
		"the tag counts":            {map[string]string{"If-Match": etag, "If-Unmodified-Since": day(-1)}, 200, "0123456789"},
		"some bytes":                {map[string]string{"Range": "bytes=2-4"}, 206, "234"},
		"bytes beyond the end":      {map[string]string{"Range": "bytes=8-100"}, 206, "89"},
		"the rest":                  {map[string]string{"Range": "bytes=7-"}, 206, "789"},
		"the last bytes":            {map[string]string{"Range": "bytes=-2"}, 206, "89"},
		"more last bytes than are":  {map[string]string{"Range": "bytes=-20"}, 206, "0123456789"},
		"bytes that are not there":  {map[string]string{"Range": "bytes=10-"}, 416, "InvalidRange"},
		"no bytes":                  {map[string]string{"Range": "bytes=-0"}, 416, "InvalidRange"},
		"several ranges":            {map[string]string{"Range": "bytes=0-1,3-4"}, 200, "0123456789"},
		"no range":                  {map[string]string{"Range": "lines=1-2"}, 200, "0123456789"},
		"a range that is backwards": {map[string]string{"Range": "bytes=4-2"}, 200, "0123456789"},
	} {
		a := w.get("key", c.header)
		require.Equal(t, c.status, a.StatusCode, name)
		if c.status >= 400 {
			require.Equal(t, c.body, a.code(t), name)
			continue
		}
		require.Equal(t, c.body, a.text, name)
		require.Equal(t, etag, a.Header.Get("ETag"), name)
		if c.status == http.StatusOK {
			require.Equal(t, "10", a.Header.Get("Content-Length"), name)
		}
	}
	part := w.get("key", map[string]string{"Range": "bytes=2-4"})
	require.Equal(t, "bytes 2-4/10", part.Header.Get("Content-Range"))
	require.Equal(t, "3", part.Header.Get("Content-Length"))
	require.Empty(t, w.do(request{method: http.MethodHead, url: host + "/none"}).text)
}

// A bucket may go while an object comes: nothing is kept of it then.
func TestABucketGoesWhileAnObjectComes(t *testing.T) {
	t.Parallel()
	w := free(t)
	w.put("there", "before", nil)
	a := w.do(request{method: http.MethodPut, url: host + "/key", body: "body", read: func() {
		require.NoError(t, w.account.Update(func(tx *account.Tx) error {
			return errors.Join(w.store.Remove(bucket), tx.Delete("aws:s3/bucketV2:BucketV2", region, bucket))
		}))
	}})
	require.Equal(t, "NoSuchBucket", a.code(t))
	held, err := w.store.Holds(bucket)
	require.NoError(t, err)
	require.False(t, held)
}
