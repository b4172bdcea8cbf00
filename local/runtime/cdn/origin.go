package cdn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/local/aws/cloudfront"
)

const (
	// keptIdle is how long a connection to an origin is kept, keptMost how many are.
	keptIdle = 5 * time.Second
	keptMost = 100
)

// origin is where responses come from.
type origin struct {
	cloudfront.Origin

	transport *http.Transport
}

// dialed is what a connection to an origin needs to know of the request that it is made for.
type dialed struct{ address string }

type dialedKey struct{}

func (p *Part) newOrigin(o cloudfront.Origin) *origin {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: seconds(o.ConnectTimeout)}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		to, _ := ctx.Value(dialedKey{}).(dialed)
		var conn net.Conn
		err := errors.New("no attempt is allowed")
		for range max(1, o.Attempts) {
			if conn, err = dialer.DialContext(ctx, "tcp4", to.address); err == nil || ctx.Err() != nil {
				return conn, err
			}
		}
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.env.Authority.Certificate())
	return &origin{o, &http.Transport{
		DialContext: dial,
		// The name that the handshake asks for is in the address, which is never looked up.
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, //nolint:gosec // VerifyConnection does it, for either name
			VerifyConnection: func(s tls.ConnectionState) error {
				return verify(s, roots, s.ServerName, hostname(o.Domain))
			},
		},
		TLSHandshakeTimeout: seconds(o.ConnectTimeout), ResponseHeaderTimeout: seconds(o.ReadTimeout), Protocols: &protocols,
		DisableCompression: true, MaxIdleConnsPerHost: keptMost, IdleConnTimeout: keptIdle, MaxResponseHeaderBytes: 2 * mostHeader,
	}}
}

// verify takes a certificate of the account's authority for one of the names: that of the Host header that is sent, or
// that of the origin.
func verify(s tls.ConnectionState, roots *x509.CertPool, names ...string) error {
	between := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		between.AddCert(c)
	}
	var err error
	for _, name := range names {
		_, err = s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: name})
		if err == nil {
			return nil
		}
	}
	return err
}

// send asks the origin of the behaviour, or one member of its group after the other. Conditions are headers that ask for
// less than all. Either a response of the origin is returned, or one of the edge's own when there is none.
func (x *exchange) send(ctx context.Context, conditions http.Header) (*http.Response, *response) {
	members, codes := x.members()
	for i, o := range members {
		res, failure := x.sendTo(ctx, o, conditions)
		last := i == len(members)-1
		if last || !failsOver(x.request.Method) || failure == nil && !slices.Contains(codes, res.StatusCode) {
			return res, failure
		}
		drain(res)
	}
	return nil, x.refuse(http.StatusBadGateway, "The distribution has no origin "+x.behavior.Target+".")
}

// members are the origins to ask, and with which codes the next one is asked.
func (x *exchange) members() (list []*origin, codes []int) {
	ids := []string{x.behavior.Target}
	for _, g := range x.settings.Groups {
		if g.ID == x.behavior.Target {
			ids, codes = g.Members, g.Codes
		}
	}
	for _, id := range ids {
		if o := x.settings.origins[id]; o != nil {
			list = append(list, o)
		}
	}
	return list, codes
}

func failsOver(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func (x *exchange) sendTo(ctx context.Context, o *origin, conditions http.Header) (*http.Response, *response) {
	if o.Bucket {
		return x.object(ctx, o, conditions)
	}
	secure := o.Protocol == "https-only" || o.Protocol == "match-viewer" && x.viewer.TLS != nil
	scheme, port := "http", o.HTTPPort
	if secure {
		scheme, port = "https", o.HTTPSPort
	}
	address, err := x.part.env.Origins.Address(hostname(o.Domain), port)
	if err != nil {
		x.part.tell(fmt.Sprintf("distribution %s, origin %s: %v", x.settings.ID, o.ID, err))
		return nil, x.refuse(http.StatusBadGateway, "CloudFront wasn't able to resolve the origin domain name: "+err.Error()+".")
	}
	req := x.originRequest(ctx, o, conditions)
	req.URL.Scheme, req.URL.Host = scheme, net.JoinHostPort(hostname(req.Host), strconv.Itoa(port))
	req = req.WithContext(context.WithValue(ctx, dialedKey{}, dialed{address}))
	attempts := 1
	if x.request.Method == http.MethodGet || x.request.Method == http.MethodHead {
		attempts = max(1, o.Attempts)
	}
	for {
		res, err := o.transport.RoundTrip(req)
		if err == nil {
			res.Body = &patient{res.Body, seconds(o.ReadTimeout)}
			cleanHeader(res.Header)
			return res, nil
		}
		if attempts--; attempts > 0 && late(err) && ctx.Err() == nil {
			continue
		}
		if ctx.Err() == nil {
			x.part.tell(fmt.Sprintf("distribution %s, origin %s: %v", x.settings.ID, o.ID, err))
		}
		if late(err) {
			return nil, x.refuse(http.StatusGatewayTimeout, "CloudFront attempted to establish a connection with the origin, but either the "+
				"attempt failed or the origin closed the connection.")
		}
		return nil, x.refuse(http.StatusBadGateway, "CloudFront wasn't able to connect to the origin.")
	}
}

// late tells whether an origin did not answer in time.
func late(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}

// patient is a body whose parts must not let wait for too long.
type patient struct {
	io.ReadCloser

	wait time.Duration
}

func (b *patient) Read(into []byte) (int, error) {
	timer := time.AfterFunc(b.wait, func() { _ = b.Close() }) // which ends the reading
	defer timer.Stop()
	return b.ReadCloser.Read(into)
}

// object asks a bucket.
func (x *exchange) object(ctx context.Context, o *origin, conditions http.Header) (*http.Response, *response) {
	denied := func() *response {
		return &response{
			status: http.StatusForbidden, word: failed, header: http.Header{"Content-Type": {"application/xml"}, "Server": {"AmazonS3"}},
			whole: []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
				`<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`),
		}
	}
	if x.part.env.Objects == nil || x.request.Method != http.MethodGet && x.request.Method != http.MethodHead {
		return nil, denied()
	}
	bucket, _, _ := strings.Cut(o.Domain, ".s3")
	signer := ""
	if o.AccessControl != nil && o.AccessControl.Signing != "never" {
		signer = x.settings.ARN
	}
	key := strings.TrimPrefix(o.Path+x.request.URL.Path, "/")
	res, err := x.part.env.Objects.Get(ctx, bucket, key, signer, conditions)
	if err != nil {
		x.part.tell(fmt.Sprintf("distribution %s, origin %s: %v", x.settings.ID, o.ID, err))
		return nil, x.refuse(http.StatusBadGateway, "CloudFront wasn't able to connect to the origin.")
	}
	cleanHeader(res.Header)
	if x.request.Method == http.MethodHead {
		_ = res.Body.Close()
		res.Body = http.NoBody
	}
	return res, nil
}
