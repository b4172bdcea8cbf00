package alb

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/hold"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/part/trial"
)

type props = account.Props

// cloud is an account with the load balancers of it.
type cloud struct {
	*Part
	t     testing.TB
	wake  chan struct{}
	stop  func()
	lines *trial.Lines
	wall  *wall
	ids   int
}

// newCloud runs the load balancers of an empty account, with a clock that is speed times faster than AWS's.
func newCloud(tb testing.TB, speed float64) *cloud {
	tb.Helper()
	acct, ca := trial.Account(tb)
	c := &cloud{t: tb, lines: &trial.Lines{}, wall: &wall{}}
	c.Part = New(Env{
		Account: acct, Authority: ca, Clock: clock.New(speed), Metrics: &metrics.Store{}, Firewall: c.wall, Say: c.lines.Say,
	})
	// Tests that give a port back want it again: each has its own.
	c.ports = 20000 + 2*hold.Span*int(ranges.Add(1))
	c.securePorts = c.ports + hold.Span
	c.run()
	return c
}

var ranges atomic.Int32

// run works until stop is called, or the test ends.
func (c *cloud) run() {
	c.t.Helper()
	c.wake, c.stop = trial.Run(c.t, c.Part)
}

// again is another process that takes over the account.
func (c *cloud) again() {
	c.t.Helper()
	c.stop()
	ports, secure := c.ports, c.securePorts
	c.Part = New(c.env)
	c.ports, c.securePorts = ports, secure
	c.run()
}

// put writes a resource as the control plane would, and waits until it works.
func (c *cloud) put(typ, id string, out props) {
	c.t.Helper()
	trial.Put(c.t, c.env.Account, resource(typ, id, out), c.Part)
}

func (c *cloud) write(typ, id string, out props) {
	c.t.Helper()
	trial.Write(c.t, c.env.Account, resource(typ, id, out))
}

func resource(typ, id string, out props) account.Resource {
	return account.Resource{Type: typ, ID: id, Name: out.String("name"), Region: "eu-west-1", Outputs: out}
}

func (c *cloud) remove(typ, id string) {
	c.t.Helper()
	trial.Remove(c.t, c.env.Account, resource(typ, id, nil), c.Part)
	part.Wake(c.wake)
}

// balancer makes a load balancer, in a transaction as the control plane does.
func (c *cloud) balancer(changes ...props) (arn, url string) {
	c.t.Helper()
	c.ids++
	name := fmt.Sprintf("site%d", c.ids)
	arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/" + name + "/0"
	var host string
	require.NoError(c.t, c.env.Account.Update(func(tx *account.Tx) error {
		port, err := c.Open(arn)
		if err != nil {
			return err
		}
		host = fmt.Sprintf("%s-1234567890.eu-west-1.elb.localhost:%d", name, port)
		out := trial.With(props{
			"name": name, "arnSuffix": "app/" + name + "/0", "dnsName": host, "loadBalancerType": "application",
			"idleTimeout": 60.0, "xffHeaderProcessingMode": "append", "enableHttp2": true,
		}, changes...)
		return tx.Put(account.Resource{
			Type: balancerType, ID: arn, Name: name, Region: "eu-west-1", URN: "urn:pulumi:dev::site::lb::x", Outputs: out,
		})
	}))
	return arn, "http://" + host
}

// group makes a target group whose health checks are as fast as can be.
func (c *cloud) group(changes ...props) string {
	c.t.Helper()
	c.ids++
	name := fmt.Sprintf("web%d", c.ids)
	arn := "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/" + name + "/0"
	c.put(groupType, arn, trial.With(props{
		"name": name, "arnSuffix": "targetgroup/" + name + "/0", "protocol": "HTTP", "port": 8080.0,
		"deregistrationDelay": 30.0, "loadBalancingAlgorithmType": "round_robin",
		"healthCheck": map[string]any{
			"path": "/healthy", "matcher": "200", "interval": 5.0, "timeout": 2.0, "healthyThreshold": 2.0, "unhealthyThreshold": 2.0,
		},
	}, changes...))
	return arn
}

func forwardTo(group string) map[string]any {
	return map[string]any{"type": "forward", "targetGroupArn": group}
}

// listener makes a listener of HTTP.
func (c *cloud) listener(balancer string, port int, action map[string]any, changes ...props) string {
	c.t.Helper()
	c.ids++
	arn := fmt.Sprintf("%s/listener/%d", balancer, c.ids)
	c.put(listenerType, arn, trial.With(props{
		"loadBalancerArn": balancer, "port": float64(port), "protocol": "HTTP", "defaultActions": []any{action},
	}, changes...))
	return arn
}

func (c *cloud) rule(listener string, priority int, action map[string]any, conditions ...any) {
	c.t.Helper()
	arn := fmt.Sprintf("%s/rule/%d", listener, priority)
	c.put(ruleType, arn, props{
		"listenerArn": listener, "priority": float64(priority), "actions": []any{action}, "conditions": conditions,
	})
}

// site is a load balancer that forwards everything to a group.
func (c *cloud) site(changes ...props) (group, url string) {
	c.t.Helper()
	balancer, url := c.balancer(changes...)
	group = c.group()
	c.listener(balancer, 80, forwardTo(group))
	return group, url
}

// server is a target that answers with its name, and what it was asked last.
type server struct {
	*httptest.Server
	Target
}

// serve starts a target. Its health check fails unless handle answers it.
func serve(tb testing.TB, ip string, handle http.HandlerFunc) *server {
	tb.Helper()
	s := &server{Server: httptest.NewServer(handle)}
	tb.Cleanup(s.Close)
	s.Target = Target{IP: ip, Port: 8080, Zone: "eu-west-1a", Address: s.Listener.Addr().String()}
	return s
}

// named answers everything with its address in the VPC.
func named(tb testing.TB, ip string) *server {
	tb.Helper()
	return serve(tb, ip, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, ip) })
}

// register registers a target and waits until it is healthy.
func (c *cloud) register(group string, s *server) {
	c.t.Helper()
	c.Register(group, s.Target)
	c.becomes(group, s.IP, Healthy)
}

func (c *cloud) becomes(group, ip string, state State) {
	c.t.Helper()
	require.Eventually(c.t, func() bool { return c.state(group, ip).State == state }, time.Minute, time.Millisecond,
		"%s is %v, not %s", ip, c.state(group, ip), state)
}

func (c *cloud) state(group, ip string) Health {
	for _, h := range c.Health(group) {
		if h.IP == ip {
			return h
		}
	}
	return Health{}
}

// client is like a browser's: it finds names below localhost on this machine, and trusts the account.
func (c *cloud) client() *http.Client {
	client, _ := trial.Client(c.t, c.env.Authority, func(address string) (string, error) { return local(address), nil })
	return client
}

func local(address string) string {
	_, port, err := net.SplitHostPort(strings.TrimPrefix(strings.TrimPrefix(address, "http://"), "https://"))
	if err != nil {
		return address
	}
	return "127.0.0.1:" + port
}

// response is what a client gets.
type response struct {
	*http.Response
	body string
}

func (c *cloud) do(client *http.Client, req *http.Request) response {
	c.t.Helper()
	got := trial.Send(c.t, client, req)
	return response{got.Response, got.Text}
}

// get asks for a URL; headers are given as "Name: value".
func (c *cloud) get(url string, headers ...string) response {
	c.t.Helper()
	return c.send(http.MethodGet, url, nil, headers...)
}

func (c *cloud) send(method, url string, body []byte, headers ...string) response {
	c.t.Helper()
	return c.do(c.client(), trial.Request(c.t, method, url, body, headers...))
}

// raw sends bytes and returns what comes back until the connection is closed.
func raw(t *testing.T, url, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp4", local(url))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}
