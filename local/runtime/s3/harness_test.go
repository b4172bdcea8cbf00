package s3_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/objects"
	"wordpress-ecs/local/runtime/s3"
	"wordpress-ecs/local/runtime/sigv4"
)

const (
	region = "eu-central-1"
	bucket = "site-media"
	host   = "https://site-media.s3.eu-central-1.amazonaws.com"
	role   = "arn:aws:iam::123456789012:role/site-task"
	all    = "arn:aws:s3:::site-media/*"
)

type object = map[string]any

// world is an account with a bucket and a role, whose task asks for objects.
type world struct {
	*testing.T
	part    *s3.Part
	account *account.Account
	store   *objects.Store
	keys    *sigv4.Keys
	said    []string
}

// begin makes a world in which the role may do what the statements allow.
func begin(t *testing.T, statements ...object) *world {
	t.Helper()
	dir := t.TempDir()
	acct, err := account.Open(filepath.Join(dir, "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	store, err := objects.Open(filepath.Join(dir, "objects"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	keys, err := sigv4.Open(acct)
	require.NoError(t, err)
	w := &world{T: t, account: acct, store: store, keys: keys}
	w.part = s3.New(s3.Env{Account: acct, Objects: store, Keys: keys, Say: func(line string) { w.said = append(w.said, line) }})
	w.has("aws:iam/role:Role", "", "site-task", account.Props{"arn": role, "name": "site-task"})
	w.has("aws:iam/rolePolicy:RolePolicy", "", "site-task:own", account.Props{
		"role": "site-task", "name": "own", "policy": policy(t, statements...),
	})
	w.has("aws:s3/bucketV2:BucketV2", region, bucket, account.Props{"bucket": bucket})
	return w
}

// free begins a world in which the role may do everything with the bucket.
func free(t *testing.T) *world {
	t.Helper()
	return begin(t, allow("s3:*", "*"))
}

func (w *world) has(typ, region, id string, outputs account.Props) {
	w.Helper()
	require.NoError(w, w.account.Update(func(tx *account.Tx) error {
		return tx.Put(account.Resource{Type: typ, ID: id, Region: region, Outputs: outputs})
	}))
}

func policy(t *testing.T, statements ...object) string {
	t.Helper()
	text, err := json.Marshal(object{"Version": "2012-10-17", "Statement": statements})
	require.NoError(t, err)
	return string(text)
}

func allow(action, resource string) object {
	return object{"Effect": "Allow", "Action": action, "Resource": resource}
}

// request is a request that a task makes.
type request struct {
	method, url, body string
	header            map[string]string
	// region and at are what it is signed for; the zero values are the right ones.
	region string
	at     time.Time
	// payload is the sum of the body; empty is UNSIGNED-PAYLOAD.
	payload string
	// length is how many bytes the body is said to have, -1 for an unknown number; 0 is as many as it has.
	length int64
	// signed is called with the request before it is sent, read before its body is read.
	signed func(r *http.Request)
	read   func()
}

// late is a body that something happens before.
type late struct {
	io.ReadCloser
	happens func()
}

func (l *late) Read(p []byte) (int, error) {
	if l.happens != nil {
		l.happens()
		l.happens = nil
	}
	return l.ReadCloser.Read(p)
}

// answered is what comes back.
type answered struct {
	*http.Response
	text string
}

// code is what an error is called; the status of an answer without an error.
func (a answered) code(t *testing.T) string {
	t.Helper()
	if a.StatusCode < 300 || a.text == "" {
		return a.Status
	}
	var e struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
	}
	require.NoError(t, xml.Unmarshal([]byte(a.text), &e), a.text)
	return e.Code
}

// do sends a request, signed by AWS's SDK with credentials of the role.
func (w *world) do(q request) answered {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), q.method, q.url, strings.NewReader(q.body))
	require.NoError(w, err)
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	if q.payload == "" {
		q.payload = sigv4.UnsignedPayload
	}
	if q.region == "" {
		q.region = region
	}
	if q.at.IsZero() {
		q.at = time.Now()
	}
	r.Header.Set("X-Amz-Content-Sha256", q.payload)
	has := r.ContentLength
	if q.length != 0 {
		r.ContentLength = q.length
	}
	c, err := w.keys.Issue(sigv4.Session{Role: role, Name: "0123456789abcdef"}, time.Now().Add(time.Hour))
	require.NoError(w, err)
	require.NoError(w, v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).SignHTTP(w.Context(), aws.Credentials{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.Token,
	}, r, q.payload, "s3", q.region, q.at))
	if q.signed != nil {
		q.signed(r)
	}
	if q.length > 0 {
		r.ContentLength = has
	}
	var wire bytes.Buffer
	require.NoError(w, r.Write(&wire))
	text := wire.String()
	if q.length > 0 {
		text = strings.Replace(text, fmt.Sprintf("Content-Length: %d", has), fmt.Sprintf("Content-Length: %d", q.length), 1)
	}
	got, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	require.NoError(w, err)
	got.Body = &late{got.Body, q.read}
	recorder := httptest.NewRecorder()
	w.part.ServeHTTP(recorder, got)
	answer := recorder.Result()
	content, err := io.ReadAll(answer.Body)
	require.NoError(w, err)
	require.NotEmpty(w, answer.Header.Get("X-Amz-Request-Id"))
	return answered{answer, string(content)}
}

// put puts an object that has to be taken.
func (w *world) put(key, body string, header map[string]string) answered {
	w.Helper()
	a := w.do(request{method: http.MethodPut, url: host + "/" + key, body: body, header: header})
	require.Equal(w, http.StatusOK, a.StatusCode, a.text)
	return a
}

func (w *world) get(key string, header map[string]string) answered {
	w.Helper()
	return w.do(request{method: http.MethodGet, url: host + "/" + key, header: header})
}
