package s3

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/sigv4"
)

const (
	service = "s3"
	domain  = ".amazonaws.com"
	// skew is how far the date of a request may be from now.
	skew = 15 * time.Minute
	// longestKey is in bytes.
	longestKey = 1024

	payloadHeader = "X-Amz-Content-Sha256"
	expectedOwner = "x-amz-expected-bucket-owner"
	metadata      = "x-amz-meta-"
	cloudFront    = "cloudfront.amazonaws.com"
)

// call is a request.
type call struct {
	*Part
	request *http.Request
	query   url.Values
	// region is that of the host that was asked, bucket and key what it is about; without a key the bucket itself.
	region, bucket, key string
	// who asks is a role, or else a service with what it says about itself.
	who             sigv4.Session
	service, source string
	// plain requests have no wishes of S3's own, whatever headers and parameters they have.
	plain bool
	now   time.Time
}

// answer is what becomes of a request.
type answer struct {
	status int
	header http.Header
	// body may be nil.
	body io.ReadCloser
}

// ServeHTTP answers a request that came to one of S3's hosts.
func (p *Part) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := p.serve(r)
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	if a.body == nil {
		return
	}
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, a.body) // the client is gone
	}
	_ = a.body.Close() // read only
}

func (p *Part) serve(r *http.Request) *answer {
	c := &call{Part: p, request: r, now: time.Now()}
	return c.answer(func() (*answer, error) {
		if err := c.address(); err != nil {
			return nil, err
		}
		if err := c.authenticate(); err != nil {
			return nil, err
		}
		return c.act()
	})
}

// Get answers a CloudFront distribution that asks for an object. Distribution is its ARN, by which it signs (origin
// access control); it is empty where nobody signs. The header is that of the request, with its conditions and its range.
// The error is always nil: S3 answers whatever it is asked. The body has to be closed.
func (p *Part) Get(ctx context.Context, bucket, key, distribution string, header http.Header) (*http.Response, error) {
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{}, Header: header, Body: http.NoBody}
	c := &call{Part: p, request: r.WithContext(ctx), bucket: bucket, key: key, source: distribution, plain: true, now: time.Now()}
	if distribution != "" {
		c.service = cloudFront
	}
	a := c.answer(c.act)
	response := &http.Response{
		StatusCode: a.status, Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.header, Body: a.body, ContentLength: -1, Request: c.request,
	}
	if n, err := strconv.ParseInt(a.header.Get("Content-Length"), 10, 64); err == nil {
		response.ContentLength = n
	}
	if a.body == nil {
		response.Body, response.ContentLength = http.NoBody, 0
	}
	return response, nil
}

// answer does something for a request, and puts its error into words.
func (c *call) answer(f func() (*answer, error)) *answer {
	id := strings.ToUpper(account.NewHex(16)) //nolint:mnd // as S3's ids are
	a, err := f()
	if err != nil {
		refusal, own := asFault(err)
		if own {
			c.env.Say(fmt.Sprintf("bucket %s: %v", c.bucket, err))
		}
		a = refusal.answer(id)
	}
	a.header.Set("Server", "AmazonS3")
	a.header.Set("X-Amz-Request-Id", id)
	a.header.Set("X-Amz-Id-2", id)
	return a
}

// address finds out what a request is about: BUCKET.s3.REGION.amazonaws.com/KEY or s3.REGION.amazonaws.com/BUCKET/KEY.
func (c *call) address() error {
	host := strings.TrimSuffix(strings.ToLower(c.request.Host), ":443")
	rest, _ := strings.CutSuffix(host, domain)
	i := strings.LastIndex("."+rest, "."+service+".")
	if i < 0 || rest == host {
		return refuse(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.", "URI", host)
	}
	c.region = rest[i+len(service)+1:]
	path := strings.TrimPrefix(c.request.URL.Path, "/")
	if i > 0 {
		c.bucket, c.key = rest[:i-1], path
	} else {
		c.bucket, c.key, _ = strings.Cut(path, "/")
	}
	var err error
	if c.query, err = url.ParseQuery(c.request.URL.RawQuery); err != nil || !utf8.ValidString(c.key) {
		return refuse(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.", "URI", c.request.URL.RequestURI())
	}
	if len(c.key) > longestKey {
		return refuse(http.StatusBadRequest, "KeyTooLongError", "Your key is too long",
			"Size", strconv.Itoa(len(c.key)), "MaxSizeAllowed", strconv.Itoa(longestKey))
	}
	return nil
}

// authenticate finds out who asks.
func (c *call) authenticate() error {
	if c.query.Has("X-Amz-Algorithm") || c.query.Has("Signature") {
		return notDone("signatures in the query string")
	}
	payload := c.request.Header.Get(payloadHeader)
	if c.request.Header.Get("Authorization") != "" {
		switch {
		case payload == "":
			return refuse(http.StatusBadRequest, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
		case strings.HasPrefix(payload, "STREAMING-"):
			return notHere("x-amz-content-sha256")
		case payload != sigv4.UnsignedPayload && !isSum(payload):
			return badArgument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "+
				"STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
				"x-amz-content-sha256", payload)
		}
	}
	who, err := c.env.Keys.Verify(c.request, payload, sigv4.Expected{
		Service: service, Region: c.region, Skew: skew, Now: c.now, Plain: true,
	})
	var refused *sigv4.Refusal
	if errors.As(err, &refused) {
		return unsigned(refused, c.region, c.now)
	}
	c.who = who
	return err
}

// isSum tells whether a text is a SHA-256 in hex.
func isSum(text string) bool {
	const length = 64
	return len(text) == length && strings.Trim(text, "0123456789abcdef") == ""
}

// act does what is asked for.
func (c *call) act() (*answer, error) {
	if c.bucket == "" {
		return nil, notDone("requests about no bucket")
	}
	do, headers, parameters := c.operation()
	if do == nil {
		return nil, notDone("this request: " + c.request.Method + " " + c.request.URL.RequestURI())
	}
	if err := c.knows(headers, parameters); err != nil {
		return nil, err
	}
	return do()
}

// operation is what a request asks for, with the headers of S3's own and the parameters that it may have.
func (c *call) operation() (do func() (*answer, error), headers, parameters []string) {
	switch method := c.request.Method; {
	case c.key == "" && method == http.MethodGet && c.query.Get("list-type") == "2":
		return c.list, nil, listing
	case c.key == "":
		return nil, nil, nil
	case method == http.MethodGet, method == http.MethodHead:
		return c.get, []string{"x-amz-checksum-mode"}, nil
	case method == http.MethodPut:
		return c.put, storing, nil
	case method == http.MethodDelete:
		return c.remove, nil, nil
	}
	return nil, nil, nil
}

// always are headers that any request may have.
var always = []string{"x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-user-agent", expectedOwner}

// knows refuses what a request asks for and would not get.
func (c *call) knows(headers, parameters []string) error {
	if c.plain {
		return nil
	}
	for name := range c.request.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && !strings.HasPrefix(lower, metadata) && !slices.Contains(always, lower) &&
			!slices.Contains(headers, lower) {
			return notHere(lower)
		}
	}
	for name := range c.query {
		if name != "x-id" && !slices.Contains(parameters, name) { // the SDKs say with it what they want
			return notDone("the parameter " + name + " of this request")
		}
	}
	if owner := c.request.Header.Get(expectedOwner); owner != "" && owner != account.ID {
		return denied("Access Denied")
	}
	return nil
}

// may asks IAM and the bucket's policy. It tells as well where the bucket is not there, or not here.
func (c *call) may(tx *account.Tx, action, resource string, context map[string]string) (access.Answer, error) {
	var bucket *account.Resource
	all, err := tx.ByType(bucketType)
	if err != nil {
		return access.Answer{}, err
	}
	for _, r := range all {
		if r.ID == c.bucket && there(&r, c.now) {
			bucket = &r
		}
	}
	if bucket == nil {
		return access.Answer{}, noBucket(c.bucket)
	}
	if c.region != "" && bucket.Region != c.region {
		f := refuse(http.StatusMovedPermanently, "PermanentRedirect", "The bucket you are attempting to access must be addressed using "+
			"the specified endpoint. Please send all future requests to this endpoint.",
			"Endpoint", c.bucket+"."+service+"."+bucket.Region+domain, "Bucket", c.bucket)
		f.header = map[string]string{"X-Amz-Bucket-Region": bucket.Region}
		return access.Answer{}, f
	}
	policy, err := setting(tx, policyType, c.bucket)
	if err != nil {
		return access.Answer{}, err
	}
	request := access.Request{
		Role: c.who.Role, Session: c.who.Name, Service: c.service, Action: action, Resource: resource, Policy: policy.String("policy"),
		Context: map[string]string{
			"aws:SecureTransport": "true", "aws:RequestedRegion": bucket.Region, "aws:ResourceAccount": account.ID,
			"s3:ResourceAccount": account.ID,
		},
	}
	if c.source != "" {
		request.Context["aws:SourceArn"], request.Context["aws:SourceAccount"] = c.source, account.ID
	}
	for name, value := range context {
		request.Context[name] = value
	}
	return access.Ask(tx, request)
}

// demand is may for what there is no other answer to than the refusal.
func (c *call) demand(action, resource string, context map[string]string) error {
	return c.env.Account.View(func(tx *account.Tx) error {
		answer, err := c.may(tx, action, resource, context)
		if err != nil {
			return err
		}
		if err := answer.Refused(); err != nil {
			return denied(err.Error())
		}
		return nil
	})
}

// setting is what a bucket's setting of a kind says; empty where it has none.
func setting(tx *account.Tx, token, bucket string) (account.Props, error) {
	all, err := tx.ByType(token)
	for _, r := range all {
		if r.Outputs.String("bucket") == bucket {
			return r.Outputs, nil
		}
	}
	return nil, err
}

func bucketARN(name string) string { return "arn:aws:s3:::" + name }

func (c *call) objectARN() string { return bucketARN(c.bucket) + "/" + c.key }

// inXML is an answer with a document.
func inXML(status int, document any) *answer {
	text, err := xml.Marshal(document)
	if err != nil { // of texts alone
		return &answer{status: http.StatusInternalServerError, header: http.Header{}}
	}
	return &answer{
		status: status, header: http.Header{"Content-Type": {"application/xml"}},
		body: io.NopCloser(bytes.NewReader(append([]byte(xml.Header), text...))),
	}
}
