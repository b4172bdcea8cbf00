package gateway_test

import (
	"encoding/xml"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/gateway"
)

const invalidations = "https://cloudfront.amazonaws.com/2020-05-31/distribution/E1ABC/invalidation"

func batch(reference, paths string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">` +
		paths + `<CallerReference>` + reference + `</CallerReference></InvalidationBatch>`
}

const all = `<Paths><Quantity>1</Quantity><Items><Path>/*</Path></Items></Paths>`

// fault is what is wrong in an answer of CloudFront.
func fault(t *testing.T, text string) (code, message string) {
	t.Helper()
	var e struct {
		XMLName xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ ErrorResponse"`
		Error   struct{ Type, Code, Message string }
	}
	require.NoError(t, xml.Unmarshal([]byte(text), &e), text)
	require.NotEmpty(t, e.Error.Type)
	return e.Error.Code, e.Error.Message
}

// edge lets a task in and gives its credentials.
func (w *world) edge() (*http.Client, aws.Credentials) {
	w.Helper()
	p := w.open(gateway.Caller{Task: task, Role: role, Region: region})
	c := w.client(p)
	return c, w.credentials(c, p)
}

func TestATaskInvalidatesADistribution(t *testing.T) {
	t.Parallel()
	w := begin(t, t.TempDir(), `{"Effect":"Allow","Action":"cloudfront:CreateInvalidation","Resource":"arn:aws:cloudfront::123456789012:distribution/E1ABC"}`)
	c, with := w.edge()
	two := `<Paths><Quantity>2</Quantity><Items><Path>/a</Path><Path>/b*</Path></Items></Paths>`
	a := w.must(c, with, http.MethodPost, invalidations, batch("one", two))
	require.Equal(t, http.StatusCreated, a.status, a.text)
	require.Equal(t, invalidations+"/I1", a.header.Get("Location"))
	var answer struct {
		XMLName           xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ Invalidation"`
		ID                string   `xml:"Id"`
		Status            string
		CreateTime        time.Time
		InvalidationBatch struct {
			CallerReference string
			Paths           struct {
				Quantity int
				Items    []string `xml:"Items>Path"`
			}
		}
	}
	require.NoError(t, xml.Unmarshal([]byte(a.text), &answer), a.text)
	require.Equal(t, "I1", answer.ID)
	require.Equal(t, "InProgress", answer.Status)
	require.WithinDuration(t, time.Now(), answer.CreateTime, time.Minute)
	require.Equal(t, "one", answer.InvalidationBatch.CallerReference)
	require.Equal(t, []string{"/a", "/b*"}, answer.InvalidationBatch.Paths.Items)

	again := w.must(c, with, http.MethodPost, invalidations, batch("one", two))
	require.Equal(t, a.text, again.text, "the same reference is the same invalidation")
	a = w.must(c, with, http.MethodPost, invalidations, batch("one", all))
	code, _ := fault(t, a.text)
	require.Equal(t, "InvalidationBatchAlreadyExists", code)
	w.must(c, with, http.MethodPost, invalidations, batch("two", all))
	require.Equal(t, []string{"E1ABC /a /b*", "E1ABC /*"}, w.invalidated)

	other := "https://cloudfront.amazonaws.com/2020-05-31/distribution/E2ABC/invalidation"
	a = w.must(c, with, http.MethodPost, other, batch("three", all))
	require.Equal(t, http.StatusForbidden, a.status)
	code, message := fault(t, a.text)
	require.Equal(t, "AccessDenied", code)
	require.Contains(t, message, "is not authorized to perform: cloudfront:CreateInvalidation on resource: arn:aws:cloudfront::123456789012:distribution/E2ABC")
	require.Len(t, w.invalidated, 2)
}

func TestWhatCloudFrontRefuses(t *testing.T) {
	t.Parallel()
	w := begin(t, t.TempDir(), everything)
	c, with := w.edge()
	for name, b := range map[string]struct {
		body   string
		code   string
		status int
	}{
		"nothing":       {"", "MalformedXML", 400},
		"no XML":        {"paths=/*", "MalformedInput", 400},
		"another batch": {"<Other/>", "MalformedInput", 400},
		"no reference":  {batch("", all), "MalformedXML", 400},
		"no paths":      {batch("x", ""), "MalformedXML", 400},
		"no quantity":   {batch("x", "<Paths><Items><Path>/*</Path></Items></Paths>"), "MalformedXML", 400},
		"a wrong one":   {batch("x", "<Paths><Quantity>2</Quantity><Items><Path>/*</Path></Items></Paths>"), "InconsistentQuantities", 400},
	} {
		a := w.must(c, with, http.MethodPost, invalidations, b.body)
		code, _ := fault(t, a.text)
		require.Equal(t, b.code, code, "%s: %s", name, a.text)
		require.Equal(t, b.status, a.status, name)
	}
	require.Empty(t, w.invalidated)
	a := w.must(c, with, http.MethodGet, invalidations, "")
	require.Equal(t, http.StatusNotImplemented, a.status, a.text)

	for i, refused := range []struct {
		err    error
		code   string
		status int
	}{
		{&gateway.Refusal{Code: "NoSuchDistribution", Message: "The specified distribution does not exist."}, "NoSuchDistribution", 404},
		{&gateway.Refusal{Code: "TooManyInvalidationsInProgress"}, "TooManyInvalidationsInProgress", 400},
		{&gateway.Refusal{Code: "InvalidArgument"}, "InvalidArgument", 400},
		{errors.New("it broke"), "ServiceUnavailable", 503},
	} {
		w.refuses = refused.err
		a := w.must(c, with, http.MethodPost, invalidations, batch(string(rune('a'+i)), all))
		code, _ := fault(t, a.text)
		require.Equal(t, refused.code, code)
		require.Equal(t, refused.status, a.status)
	}
	require.Equal(t, []string{"distribution E1ABC: it broke"}, w.said)
}

func TestASignatureIsRefusedInTheWordsOfCloudFront(t *testing.T) {
	t.Parallel()
	w := begin(t, t.TempDir(), everything)
	c, with := w.edge()
	changed := func(f func(c *aws.Credentials)) aws.Credentials {
		other := with
		f(&other)
		return other
	}
	for name, s := range map[string]struct {
		with       aws.Credentials
		at         time.Time
		code, says string
	}{
		"late":           {with, time.Now().Add(-6 * time.Minute), "SignatureDoesNotMatch", "Signature expired: "},
		"early":          {with, time.Now().Add(6 * time.Minute), "SignatureDoesNotMatch", "Signature not yet current: "},
		"another secret": {changed(func(c *aws.Credentials) { c.SecretAccessKey = "x" }), time.Now(), "SignatureDoesNotMatch", "The String-to-Sign should have been"},
		"another token":  {changed(func(c *aws.Credentials) { c.SessionToken = "x" }), time.Now(), "InvalidClientTokenId", "The security token included in the request is invalid."},
		"another key":    {changed(func(c *aws.Credentials) { c.AccessKeyID = "AKIAIOSFODNN7EXAMPLE" }), time.Now(), "InvalidClientTokenId", ""},
	} {
		a, err := w.call(c, s.with, http.MethodPost, invalidations, batch("x", all), s.at)
		require.NoError(t, err)
		code, message := fault(t, a.text)
		require.Equal(t, s.code, code, name)
		require.Contains(t, message, s.says, name)
		require.Equal(t, http.StatusForbidden, a.status, name)
	}
	require.Empty(t, w.invalidated)
}
