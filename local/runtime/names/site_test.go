package names_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/cdn"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/names"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/part/trial"
)

type props = account.Props

// front is what is in front of a site with a domain: load balancers, the edge, and the proxy that finds them.
type front struct {
	t     *testing.T
	acct  *account.Account
	ca    *authority.Authority
	alb   *alb.Part
	edge  *cdn.Part
	names *names.Part
}

func newFront(t *testing.T) *front {
	t.Helper()
	acct, ca := trial.Account(t)
	f := &front{t: t, acct: acct, ca: ca}
	f.alb = alb.New(alb.Env{Account: acct, Authority: ca, Clock: clock.New(100), Metrics: &metrics.Store{}})
	directory := &names.Directory{Account: acct, Balancers: f.alb}
	f.edge = cdn.New(cdn.Env{Account: acct, Authority: ca, Origins: directory})
	directory.Distributions = f.edge
	f.names = names.New(names.Env{Account: acct, Directory: directory})
	for _, p := range f.parts() {
		trial.Run(t, p)
	}
	return f
}

func (f *front) parts() []part.Part { return []part.Part{f.alb, f.edge, f.names} }

// put writes a resource as the control plane would, and waits until it works.
func (f *front) put(typ, id string, out props) {
	f.t.Helper()
	trial.Put(f.t, f.acct, account.Resource{Type: typ, ID: id, Name: out.String("name"), Outputs: out}, f.parts()...)
}

func objects(list ...map[string]any) []any {
	all := make([]any, len(list))
	for i, o := range list {
		all[i] = o
	}
	return all
}

// A site as a browser sees it through the proxy: https://example.com is served by the edge, which asks the load balancer at a
// name of its own by HTTPS, which asks the target.
func TestASiteWithADomain(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	const (
		balancer = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/site/0"
		group    = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0"
	)
	var port int
	require.NoError(t, f.acct.Update(func(tx *account.Tx) error {
		var err error
		if port, err = f.alb.Open(balancer); err != nil {
			return err
		}
		return tx.Put(account.Resource{Type: "aws:lb/loadBalancer:LoadBalancer", ID: balancer, Name: "site", Outputs: props{
			"name": "site", "loadBalancerType": "application", "dnsName": fmt.Sprintf("site-1.eu-west-1.elb.localhost:%d", port),
		}})
	}))
	for _, at := range []string{"us-east-1", "eu-west-1"} {
		arn := "arn:aws:acm:" + at + ":123456789012:certificate/1"
		f.put("aws:acm/certificate:Certificate", arn, props{"arn": arn, "domainName": "example.com", "subjectAlternativeNames": []any{"*.example.com"}})
	}
	f.put("aws:lb/targetGroup:TargetGroup", group, props{"name": "web", "healthCheck": map[string]any{"path": "/", "interval": 5.0, "matcher": "200"}})
	f.put("aws:lb/listener:Listener", balancer+"/443", props{
		"loadBalancerArn": balancer, "port": 443.0, "protocol": "HTTPS", "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
		"defaultActions": objects(map[string]any{"type": "forward", "targetGroupArn": group}),
	})
	f.put("aws:lb/listener:Listener", balancer+"/80", props{
		"loadBalancerArn": balancer, "port": 80.0, "protocol": "HTTP", "defaultActions": objects(map[string]any{
			"type": "redirect", "redirect": map[string]any{"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
		}),
	})
	f.put("aws:cloudfront/distribution:Distribution", "E1", props{
		"arn": "arn:aws:cloudfront::123456789012:distribution/E1", "domainName": "d1.cloudfront.net", "enabled": true,
		"aliases": []any{"example.com"}, "viewerCertificate": map[string]any{"acmCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"},
		"origins": objects(map[string]any{"originId": "lb", "domainName": "origin.example.com", "customOriginConfig": map[string]any{
			"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "https-only",
		}}),
		"defaultCacheBehavior": map[string]any{
			"targetOriginId": "lb", "viewerProtocolPolicy": "redirect-to-https", "allowedMethods": []any{"GET", "HEAD"},
			"cachedMethods": []any{"GET", "HEAD"}, "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
			"originRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3", // AllViewer
		},
	})
	record := func(name, to string) {
		f.put("aws:route53/record:Record", "Z1_"+name+"_A", props{
			"fqdn": name, "type": "A", "zoneId": "Z1", "aliases": objects(map[string]any{"name": to}),
		})
	}
	record("example.com", "d1.cloudfront.net")
	record("origin.example.com", fmt.Sprintf("site-1.eu-west-1.elb.localhost:%d", port))
	record("direct.example.com", fmt.Sprintf("site-1.eu-west-1.elb.localhost:%d", port))

	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		_, _ = fmt.Fprint(w, r.Host, " ", r.Header.Get("X-Forwarded-Proto"), " ", r.Header.Get("X-Forwarded-Port"), " ", r.Header.Get("X-Forwarded-For")) //nolint:gosec // a test
	}))
	t.Cleanup(web.Close)
	f.alb.Register(group, alb.Target{IP: "10.0.0.1", Port: 80, Address: web.Listener.Addr().String()})
	require.Eventually(t, func() bool { return f.alb.Health(group)[0].State == alb.Healthy }, time.Minute, time.Millisecond)

	proxy, err := url.Parse(f.names.Address())
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(f.ca.Certificate()))
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	// page is what came in the end.
	type page struct {
		url, cache, body string
	}
	get := func(address string) page {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		require.NoError(t, err)
		res, err := client.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return page{res.Request.URL.String(), res.Header.Get("X-Cache"), string(body)}
	}

	for _, tc := range []struct {
		address string
		want    page
	}{
		// The edge sends it to HTTPS.
		{"http://example.com/", page{"https://example.com/", "Miss from cloudfront", "example.com https 443 127.0.0.1, 127.0.0.1"}},
		{"https://example.com/", page{"https://example.com/", "Hit from cloudfront", "example.com https 443 127.0.0.1, 127.0.0.1"}},
		// The load balancer does; browsers then leave the port out of the Host header, Go does not.
		{"http://direct.example.com/x", page{"https://direct.example.com:443/x", "", "direct.example.com:443 https 443 127.0.0.1"}},
	} {
		require.Equal(t, tc.want, get(tc.address))
	}
	requests, hits := f.edge.Counts("E1")
	require.Equal(t, "3 1", fmt.Sprint(requests, " ", hits))
	rows, err := f.names.Status(t.Context())
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(rows[0].Detail, "a proxy for direct.example.com, example.com, origin.example.com"))
}
