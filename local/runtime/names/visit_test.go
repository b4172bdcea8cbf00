package names_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part/trial"
)

// visitors ask for the site again and again, each time on a connection of its own, until they are stopped; then they have
// all been answered with 200.
func (f *front) visitors() (stop func()) {
	proxy, err := url.Parse(f.names.Address())
	require.NoError(f.t, err)
	roots := x509.NewCertPool()
	require.True(f.t, roots.AppendCertsFromPEM(f.ca.Certificate()))
	client := &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
	}}
	var over atomic.Bool
	var asking sync.WaitGroup
	for range 2 {
		asking.Go(func() {
			for !over.Load() {
				res, err := client.Get("https://example.com/")
				if err != nil {
					assert.Fail(f.t, "no answer", err.Error())
					return
				}
				_ = res.Body.Close()
				if !assert.Equal(f.t, http.StatusOK, res.StatusCode) {
					return
				}
			}
		})
	}
	return func() {
		over.Store(true)
		asking.Wait()
	}
}

// A name moves from a load balancer to a distribution and back while visitors come. The load balancer is closed to them as
// soon as the first move is over, the distribution is gone as soon as the second is.
func TestVisitorsOfANameThatMoves(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	const balancer = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/site/0"
	var port int
	require.NoError(t, f.acct.Update(func(*account.Tx) (err error) {
		port, err = f.alb.Open(balancer)
		return err
	}))
	at := fmt.Sprintf("site-1.eu-west-1.elb.localhost:%d", port)
	trial.Put(t, f.acct, account.Resource{Type: "aws:lb/loadBalancer:LoadBalancer", ID: balancer, Name: "site", Outputs: props{
		"name": "site", "loadBalancerType": "application", "dnsName": at,
	}}, f.parts()...)
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		arn := "arn:aws:acm:" + region + ":123456789012:certificate/1"
		f.put("aws:acm/certificate:Certificate", arn, props{"arn": arn, "domainName": "example.com", "subjectAlternativeNames": []any{"*.example.com"}})
	}
	// answers is what the load balancer does with who does not come from the distribution.
	answers := func(status string) {
		f.put("aws:lb/listener:Listener", balancer+"/443", props{
			"loadBalancerArn": balancer, "port": 443.0, "protocol": "HTTPS", "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
			"defaultActions": objects(map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{"statusCode": status}}),
		})
	}
	leads := func(name, to string) {
		f.put("aws:route53/record:Record", "Z1_"+name+"_A", props{
			"fqdn": name, "type": "A", "zoneId": "Z1", "aliases": objects(map[string]any{"name": to}),
		})
	}
	answers("200")
	leads("origin.example.com", at)
	leads("example.com", at)
	f.put("aws:lb/listenerRule:ListenerRule", balancer+"/443/rule", props{
		"listenerArn": balancer + "/443", "priority": 1.0,
		"actions":    objects(map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{"statusCode": "200"}}),
		"conditions": objects(map[string]any{"httpHeader": map[string]any{"httpHeaderName": "X-Origin-Secret", "values": []any{"secret"}}}),
	})

	stop := f.visitors()
	f.put("aws:cloudfront/distribution:Distribution", "E1", props{
		"arn": "arn:aws:cloudfront::123456789012:distribution/E1", "domainName": "d1.cloudfront.net", "enabled": true,
		"aliases": []any{"example.com"}, "viewerCertificate": map[string]any{"acmCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"},
		"origins": objects(map[string]any{
			"originId": "lb", "domainName": "origin.example.com", "customHeaders": objects(map[string]any{"name": "X-Origin-Secret", "value": "secret"}),
			"customOriginConfig": map[string]any{"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "https-only"},
		}),
		"defaultCacheBehavior": map[string]any{
			"targetOriginId": "lb", "viewerProtocolPolicy": "redirect-to-https", "allowedMethods": []any{"GET", "HEAD"},
			"cachedMethods": []any{"GET", "HEAD"}, "cachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
			"originRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3",
		},
	})
	leads("example.com", "d1.cloudfront.net")
	answers("403")
	answers("200")
	leads("example.com", at)
	gone := account.Resource{Type: "aws:cloudfront/distribution:Distribution", ID: "E1"}
	trial.Remove(t, f.acct, gone, f.edge)
	stop()
	requests, _ := f.edge.Counts("E1")
	require.Zero(t, requests, "it is gone")
}
