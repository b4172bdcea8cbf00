package sigv4_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/sigv4"
)

const region = "eu-central-1"

// now is when everything happens.
var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

var session = sigv4.Session{Role: "arn:aws:iam::123456789012:role/site", Name: "0123456789abcdef"}

func keys(t *testing.T) *sigv4.Keys {
	t.Helper()
	acct, err := account.Open(filepath.Join(t.TempDir(), "account.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	k, err := sigv4.Open(acct)
	require.NoError(t, err)
	again, err := sigv4.Open(acct) // another process
	require.NoError(t, err)
	require.Equal(t, k, again)
	return k
}

func issue(t *testing.T, k *sigv4.Keys, until time.Time) sigv4.Credentials {
	t.Helper()
	c, err := k.Issue(session, until)
	require.NoError(t, err)
	return c
}

// sent is a request as a server gets it.
func sent(t *testing.T, r *http.Request) *http.Request {
	t.Helper()
	var wire bytes.Buffer
	require.NoError(t, r.Write(&wire))
	got, err := http.ReadRequest(bufio.NewReader(&wire))
	require.NoError(t, err)
	return got
}

// how says how a request is signed.
type how struct {
	service, region string
	at              time.Time
	payload         string
	credentials     sigv4.Credentials
}

// sign signs a request with AWS's SDK.
func sign(t *testing.T, r *http.Request, h how) {
	t.Helper()
	err := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = h.service == "s3" }).SignHTTP(t.Context(), aws.Credentials{
		AccessKeyID: h.credentials.AccessKeyID, SecretAccessKey: h.credentials.SecretAccessKey, SessionToken: h.credentials.Token,
	}, r, h.payload, h.service, h.region, h.at)
	require.NoError(t, err)
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

func TestWhatTheSDKSignsIsBelieved(t *testing.T) {
	t.Parallel()
	k := keys(t)
	c := issue(t, k, now.Add(time.Hour))
	require.Regexp(t, `^ASIA[A-Z2-7]{16}$`, c.AccessKeyID)
	require.Len(t, c.SecretAccessKey, 40)
	for _, address := range []string{
		"https://site.s3.eu-central-1.amazonaws.com/", "https://site.s3.eu-central-1.amazonaws.com",
		"https://site.s3.eu-central-1.amazonaws.com/wp-content/uploads/2026/03/a%20b%2Bc%C3%A4%25~%21%27%28%29%2A%2C%3B%3D%3A%40%26%24.jpg",
		"https://site.s3.eu-central-1.amazonaws.com/a//b/../c/",
		"https://s3.eu-central-1.amazonaws.com/site?list-type=2&prefix=a%2Fb%20c&delimiter=%2F&start-after=&max-keys=2",
	} {
		for _, payload := range []string{sum("body"), sigv4.UnsignedPayload} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader("body"))
			require.NoError(t, err)
			r.Header.Set("X-Amz-Content-Sha256", payload)
			r.Header.Set("X-Amz-Meta-Spaces", "  a   b ")
			r.Header.Set("Content-Type", "image/jpeg")
			sign(t, r, how{"s3", region, now, payload, c})
			who, err := k.Verify(sent(t, r), payload, sigv4.Expected{Service: "s3", Region: region, Skew: time.Minute, Now: now, Plain: true})
			require.NoError(t, err, address)
			require.Equal(t, session, who)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		"https://cloudfront.amazonaws.com/2020-05-31/distribution/E%20D+F/invalidation?a=2&a=1&B=", strings.NewReader("<batch/>"))
	require.NoError(t, err)
	sign(t, r, how{"cloudfront", "us-east-1", now, sum("<batch/>"), c})
	_, err = k.Verify(sent(t, r), sum("<batch/>"), sigv4.Expected{Service: "cloudfront", Region: "us-east-1", Skew: time.Minute, Now: now})
	require.NoError(t, err)
}

func TestWhatIsWrongWithASignatureIsSaid(t *testing.T) {
	t.Parallel()
	k := keys(t)
	other := issue(t, keys(t), now.Add(time.Hour))
	for _, c := range []struct {
		name    string
		problem sigv4.Problem
		detail  string
		how     func(h *how)
		change  func(r *http.Request)
	}{
		{name: "a body that is another", problem: sigv4.Mismatch, change: func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", sum("x")) }},
		{name: "a method that is another", problem: sigv4.Mismatch, change: func(r *http.Request) { r.Method = http.MethodDelete }},
		{name: "a path that is another", problem: sigv4.Mismatch, change: func(r *http.Request) { r.URL.Path = "/other" }},
		{name: "a query that is another", problem: sigv4.Mismatch, change: func(r *http.Request) { r.URL.RawQuery = "acl" }},
		{name: "a header that is another", problem: sigv4.Mismatch, change: func(r *http.Request) { r.Header.Set("Content-Type", "text/html") }},
		{name: "a host that is another", problem: sigv4.Mismatch, change: func(r *http.Request) { r.Host = "else.s3.eu-central-1.amazonaws.com" }},
		{name: "a key that is another", problem: sigv4.Mismatch, how: func(h *how) { h.credentials.SecretAccessKey += "x" }},
		{name: "a header more", problem: sigv4.Unsigned, detail: "x-amz-acl", change: func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") }},
		{name: "no signature", problem: sigv4.NotSigned, change: func(r *http.Request) { r.Header.Del("Authorization") }},
		{name: "Version 2", problem: sigv4.OtherScheme, change: func(r *http.Request) { r.Header.Set("Authorization", "AWS AKID:sig") }},
		{
			name: "half a signature", problem: sigv4.Malformed, detail: "Authorization header requires 'Signature' parameter.",
			change: func(r *http.Request) {
				r.Header.Set("Authorization", strings.Split(r.Header.Get("Authorization"), ", Signature")[0])
			},
		},
		{name: "no date", problem: sigv4.Malformed, change: func(r *http.Request) { r.Header.Del("X-Amz-Date") }},
		{name: "another day", problem: sigv4.Malformed, change: func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260303T050607Z") }},
		{name: "another region", problem: sigv4.WrongRegion, detail: "us-east-1", how: func(h *how) { h.region = "us-east-1" }},
		{name: "another service", problem: sigv4.WrongService, detail: "sqs", how: func(h *how) { h.service = "sqs" }},
		{name: "too early", problem: sigv4.Early, how: func(h *how) { h.at = now.Add(901 * time.Second) }},
		{name: "too late", problem: sigv4.Late, how: func(h *how) { h.at = now.Add(-901 * time.Second) }},
		{name: "another account's", problem: sigv4.BadToken, how: func(h *how) { h.credentials = other }},
		{name: "no token", problem: sigv4.UnknownKey, how: func(h *how) { h.credentials.Token = "" }},
		{name: "another key's token", problem: sigv4.UnknownKey, how: func(h *how) { h.credentials.AccessKeyID = "ASIAAAAAAAAAAAAAAAAA" }},
		{name: "a token that was changed", problem: sigv4.BadToken, how: func(h *how) { h.credentials.Token = "x" + h.credentials.Token }},
		{name: "expired", problem: sigv4.Expired, how: func(h *how) { h.credentials = issue(t, k, now) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := how{"s3", region, now, sum("body"), issue(t, k, now.Add(time.Hour))}
			if c.how != nil {
				c.how(&h)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://site.s3.eu-central-1.amazonaws.com/key", strings.NewReader("body"))
			require.NoError(t, err)
			r.Header.Set("X-Amz-Content-Sha256", h.payload)
			r.Header.Set("Content-Type", "image/jpeg")
			sign(t, r, h)
			got := sent(t, r)
			if c.change != nil {
				c.change(got)
			}
			who, err := k.Verify(got, got.Header.Get("X-Amz-Content-Sha256"), sigv4.Expected{
				Service: "s3", Region: region, Skew: 15 * time.Minute, Now: now, Plain: true,
			})
			require.Empty(t, who)
			var refused *sigv4.Refusal
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.problem, refused.Problem, refused.Detail)
			require.Contains(t, refused.Detail, c.detail)
			require.Equal(t, c.problem == sigv4.Mismatch, refused.Canonical != "")
		})
	}
}
