package firewall_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/firewall"
	"wordpress-ecs/local/runtime/metrics"
)

// front is a load balancer that answers everything with "in", behind a web ACL that lets an address send ten requests.
func front(t *testing.T) (url string) {
	t.Helper()
	home := t.TempDir()
	acct, err := account.Open(home + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, acct.Close()) })
	ca, err := authority.Open(home + "/authority")
	require.NoError(t, err)
	walls := firewall.New(firewall.Env{Account: acct, Clock: clock.New(1)})
	balancers := alb.New(alb.Env{Account: acct, Authority: ca, Clock: clock.New(1), Metrics: &metrics.Store{}, Firewall: walls})
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	t.Cleanup(func() { cancel(); assert.NoError(t, <-over) })

	const balancer, acl = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/site/1", "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/site/1"
	port := 0
	require.NoError(t, acct.Update(func(tx *account.Tx) (err error) {
		if port, err = balancers.Open(balancer); err != nil {
			return err
		}
		for typ, out := range map[string]account.Props{
			"aws:lb/loadBalancer:LoadBalancer": {"arn": balancer, "name": "site", "dnsName": fmt.Sprintf("site-1.eu-west-1.elb.localhost:%d", port), "loadBalancerType": "application"},
			"aws:lb/listener:Listener": {"loadBalancerArn": balancer, "port": 80.0, "protocol": "HTTP", "defaultActions": []any{
				map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{"statusCode": "200", "contentType": "text/plain", "messageBody": "in"}},
			}},
			"aws:wafv2/webAcl:WebAcl": {"arn": acl, "name": "site", "scope": "REGIONAL", "defaultAction": map[string]any{"allow": map[string]any{}}, "rules": []any{
				map[string]any{"name": "requests", "priority": 0.0, "action": map[string]any{"block": map[string]any{}}, "statement": map[string]any{
					"rateBasedStatement": map[string]any{"aggregateKeyType": "IP", "limit": 10.0},
				}},
			}},
			"aws:wafv2/webAclAssociation:WebAclAssociation": {"resourceArn": balancer, "webAclArn": acl},
		} {
			id := typ
			if out["dnsName"] != nil {
				id = balancer
			}
			if err := tx.Put(account.Resource{Type: typ, ID: id, Region: "eu-west-1", URN: "urn:pulumi:dev::site::" + typ + "::x", Outputs: out}); err != nil {
				return err
			}
		}
		return nil
	}))
	go func() { over <- balancers.Run(ctx, make(chan struct{})) }()
	return fmt.Sprintf("http://127.0.0.1:%d/", port)
}

// as asks from an address of this machine.
func as(t *testing.T, address, url string) (status int, body string) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}, Timeout: time.Minute}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	var res *http.Response
	require.Eventually(t, func() bool {
		res, err = transport.RoundTrip(r) //nolint:bodyclose // below
		return err == nil
	}, time.Minute, 10*time.Millisecond, "nothing listens at %s", url)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

func TestVisitorsOfALoadBalancer(t *testing.T) {
	t.Parallel()
	url := front(t)
	for range 10 {
		status, body := as(t, "127.0.0.1", url)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "in", body)
	}
	status, body := as(t, "127.0.0.1", url)
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, body, "403 Forbidden")
	if runtime.GOOS != "linux" {
		return // only Linux answers to all of 127.0.0.0/8
	}
	status, _ = as(t, "127.0.0.2", url)
	require.Equal(t, http.StatusOK, status)
}
