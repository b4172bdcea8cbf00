package s3_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
)

func TestARoleDoesWhatItsPoliciesAllow(t *testing.T) {
	t.Parallel()
	w := begin(t, allow("s3:GetObject", all))
	require.Equal(t, "AccessDenied", w.do(request{method: http.MethodPut, url: host + "/key", body: "x"}).code(t))
	a := w.do(request{method: http.MethodDelete, url: host + "/key"})
	require.Equal(t, http.StatusForbidden, a.StatusCode)
	require.Contains(t, a.text, "User: arn:aws:sts::123456789012:assumed-role/site-task/0123456789abcdef is not authorized to perform: "+
		"s3:DeleteObject on resource: arn:aws:s3:::site-media/key because no identity-based policy allows the s3:DeleteObject action")
	list := w.do(request{method: http.MethodGet, url: host + "/?list-type=2"})
	require.Contains(t, list.text, "s3:ListBucket on resource: arn:aws:s3:::site-media because")

	// Who may not list a bucket does not learn what is in it.
	require.Contains(t, w.get("none", nil).text, "to perform: s3:ListBucket on resource: arn:aws:s3:::site-media because")
	w.has("aws:s3/bucketPolicy:BucketPolicy", region, bucket, account.Props{"bucket": bucket, "policy": policy(t,
		object{"Effect": "Allow", "Principal": object{"AWS": role}, "Action": []string{"s3:ListBucket", "s3:PutObject"}, "Resource": []string{
			"arn:aws:s3:::site-media", all,
		}},
		object{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": all, "Condition": object{
			"StringNotEquals": object{"s3:x-amz-server-side-encryption": "AES256"},
		}},
		object{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": all, "Condition": object{"Bool": object{"aws:SecureTransport": "false"}}},
	)})
	require.Equal(t, "NoSuchKey", w.get("none", nil).code(t))
	require.Contains(t, w.do(request{method: http.MethodPut, url: host + "/key", body: "x"}).text, "with an explicit deny in a resource-based policy")
	w.put("key", "x", map[string]string{"X-Amz-Server-Side-Encryption": "AES256"})
	require.Equal(t, "x", w.get("key", nil).text)
}

func TestAPrefixIsACondition(t *testing.T) {
	t.Parallel()
	w := begin(t, object{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": object{
		"StringLike": object{"s3:prefix": "wp-content/*"},
	}})
	require.Equal(t, http.StatusOK, w.do(request{method: http.MethodGet, url: host + "/?list-type=2&prefix=wp-content%2Fuploads"}).StatusCode)
	require.Equal(t, "AccessDenied", w.do(request{method: http.MethodGet, url: host + "/?list-type=2&prefix=private"}).code(t))
	require.Equal(t, "AccessDenied", w.do(request{method: http.MethodGet, url: host + "/?list-type=2"}).code(t))
}

func TestASignatureIsRefusedInTheWordsOfS3(t *testing.T) {
	t.Parallel()
	w := free(t)
	w.has("aws:s3/bucketV2:BucketV2", "us-east-1", "elsewhere", account.Props{"bucket": "elsewhere"})
	set := func(name, value string) func(r *http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		request
		status     int
		code, says string
	}{
		"late":          {request{at: time.Now().Add(-20 * time.Minute)}, 403, "RequestTimeTooSkewed", "<MaxAllowedSkewMilliseconds>900000<"},
		"early":         {request{at: time.Now().Add(20 * time.Minute)}, 403, "RequestTimeTooSkewed", "<RequestTime>"},
		"region":        {request{region: "us-east-1"}, 400, "AuthorizationHeaderMalformed", "the region &#39;us-east-1&#39; is wrong; expecting &#39;eu-central-1&#39;</Message><Region>eu-central-1<"},
		"changed":       {request{signed: set("Range", "bytes=0-1"), header: map[string]string{"Range": "bytes=0-9"}}, 403, "SignatureDoesNotMatch", "<StringToSign>AWS4-HMAC-SHA256"},
		"one more":      {request{signed: set("X-Amz-Meta-More", "x")}, 403, "AccessDenied", "<HeadersNotSigned>x-amz-meta-more<"},
		"another token": {request{signed: set("X-Amz-Security-Token", "x")}, 400, "InvalidToken", ""},
		"no token":      {request{signed: func(r *http.Request) { r.Header.Del("X-Amz-Security-Token") }}, 403, "InvalidAccessKeyId", "<AWSAccessKeyId>ASIA"},
		"nobody":        {request{signed: func(r *http.Request) { r.Header.Del("Authorization") }}, 403, "AccessDenied", "Access Denied"},
		"no sum":        {request{signed: func(r *http.Request) { r.Header.Del("X-Amz-Content-Sha256") }}, 400, "InvalidRequest", "x-amz-content-sha256"},
		"Version 2":     {request{signed: set("Authorization", "AWS key:sig")}, 400, "InvalidRequest", "AWS4-HMAC-SHA256"},
		"in the query":  {request{url: host + "/key?X-Amz-Algorithm=AWS4-HMAC-SHA256"}, 501, "NotImplemented", "query"},
		"elsewhere": {
			request{url: "https://elsewhere.s3.eu-central-1.amazonaws.com/key"}, 301, "PermanentRedirect",
			"<Endpoint>elsewhere.s3.us-east-1.amazonaws.com</Endpoint>",
		},
	} {
		c.method = http.MethodGet
		if c.url == "" {
			c.url = host + "/key"
		}
		a := w.do(c.request)
		require.Equal(t, c.code, a.code(t), "%s: %s", name, a.text)
		require.Equal(t, c.status, a.StatusCode, name)
		require.Contains(t, a.text, c.says, name)
		require.Equal(t, "application/xml", a.Header.Get("Content-Type"))
	}
}

// fetch asks as a distribution does.
func (w *world) fetch(distribution, key string, header http.Header) (int, http.Header, string) {
	w.Helper()
	answer, err := w.part.Get(w.Context(), bucket, key, distribution, header)
	require.NoError(w, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(w, err)
	require.NoError(w, answer.Body.Close())
	if answer.ContentLength >= 0 {
		require.Len(w, text, int(answer.ContentLength))
	}
	return answer.StatusCode, answer.Header, string(text)
}

func TestADistributionReadsWhatTheBucketAllowsIt(t *testing.T) {
	t.Parallel()
	w := free(t)
	w.put("key", "0123456789", map[string]string{"Content-Type": "image/png"})
	const arn = "arn:aws:cloudfront::123456789012:distribution/E1"
	status, _, _ := w.fetch(arn, "key", nil)
	require.Equal(t, http.StatusForbidden, status, "without a policy")
	w.has("aws:s3/bucketPolicy:BucketPolicy", region, bucket, account.Props{"bucket": bucket, "policy": policy(t, object{
		"Effect": "Allow", "Principal": object{"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject", "Resource": all,
		"Condition": object{"StringEquals": object{"AWS:SourceArn": arn}},
	})})
	status, header, text := w.fetch(arn, "key", nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "image/png", header.Get("Content-Type"))
	require.Equal(t, "0123456789", text)
	status, header, text = w.fetch(arn, "key", http.Header{"If-None-Match": {header.Get("ETag")}, "X-Amz-Cf-Id": {"x"}})
	require.Equal(t, http.StatusNotModified, status)
	require.NotEmpty(t, header.Get("ETag"))
	require.Empty(t, text)
	status, _, text = w.fetch(arn, "key", http.Header{"Range": {"bytes=3-4"}})
	require.Equal(t, http.StatusPartialContent, status)
	require.Equal(t, "34", text)
	for _, c := range []struct {
		arn, key string
		status   int
	}{{arn + "2", "key", 403}, {"", "key", 403}, {arn, "none", 403}} {
		status, _, text = w.fetch(c.arn, c.key, nil)
		require.Equal(t, c.status, status, c)
		require.Contains(t, text, "<Code>AccessDenied</Code>")
	}
}
