package alb

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/part/trial"
)

func closed(url string) bool {
	conn, err := net.Dial("tcp4", local(url))
	if err != nil {
		return true
	}
	_ = conn.Close()
	return false
}

// A connection to a load balancer without a listener is closed at once, and works as soon as there is one.
func TestListenersComeAndGo(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	require.Empty(t, raw(t, url, ""))
	l := c.listener(balancer, 80, fixedTo("one"))
	require.Equal(t, "one", c.get(url).body)
	c.put(listenerType, l, props{"loadBalancerArn": balancer, "port": 80.0, "protocol": "HTTP", "defaultActions": []any{fixedTo("two")}})
	require.Equal(t, "two", c.get(url).body)
	c.remove(listenerType, l)
	require.Empty(t, raw(t, url, ""))
	c.listener(balancer, 8000, fixedTo("other port"))
	require.Equal(t, "other port", c.get(url).body, "it is the only one")
	c.remove(balancerType, balancer)
	require.True(t, closed(url))
}

// Sites keep the address that they were installed with, and so do further listeners.
func TestPortsStayTheSame(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	c.listener(balancer, 80, fixedTo("plain"))
	c.listener(balancer, 443, fixedTo("secure"), props{"protocol": "HTTPS"})
	addresses := func() string {
		rows, err := c.Status(t.Context())
		require.NoError(t, err)
		require.Len(t, rows, 1)
		return rows[0].Address + " " + rows[0].Detail
	}
	before := addresses()
	require.Regexp(t, `^http://site1-\d+\.eu-west-1\.elb\.localhost:\d+ port 443: https://site1-\S+:\d+$`, before)
	secure := before[strings.LastIndex(before, "https://"):]
	require.Equal(t, "secure", c.get(secure).body)

	c.stop()
	require.True(t, closed(url))
	c.again()
	require.Eventually(t, func() bool { return !closed(url) }, time.Minute, time.Millisecond)
	require.Eventually(t, func() bool { return addresses() == before }, time.Minute, time.Millisecond)
	require.Equal(t, "plain", c.get(url).body)
	require.Equal(t, "secure", c.get(secure).body)

	// Nobody else gets the ports while they are away.
	c.stop()
	other, otherURL := c.balancer()
	require.NotEqual(t, local(url), local(otherURL))
	require.NotEmpty(t, other)

	c.again()
	c.remove(balancerType, balancer)
	require.NoError(t, c.env.Account.View(func(tx *account.Tx) error {
		records, err := account.AllKept[portRecord](tx, portClass)
		require.Empty(t, records)
		return err
	}))
}

// A port that another program took is said, waited for, and used when it is free.
func TestAPortThatIsTaken(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	l := c.listener(balancer, 80, fixedTo("here"))
	c.stop()
	thief, err := net.Listen("tcp4", local(url))
	require.NoError(t, err)
	c.again()
	_, port, err := net.SplitHostPort(local(url))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return strings.Contains(c.lines.String(), "load balancer site1 cannot listen on port "+port+" of 127.0.0.1")
	}, time.Minute, time.Millisecond)
	state := func() string {
		rows, err := c.Status(t.Context())
		require.NoError(t, err)
		require.Len(t, rows, 1)
		return rows[0].State
	}
	require.Equal(t, "port taken", state())
	var told string
	go func() {
		time.Sleep(100 * time.Millisecond)
		_ = thief.Close()
	}()
	require.NoError(t, c.Await(t.Context(), account.Resource{Type: listenerType, ID: l}, func(line string) { told = line }))
	require.Contains(t, told, port)
	require.Equal(t, "here", c.get(url).body)
	require.Equal(t, "active", state())
}

// A load balancer whose transaction failed leaves no port behind.
func TestPortsOfWhatNeverCame(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	port, err := c.Open("arn:never")
	require.NoError(t, err)
	again, err := c.Open("arn:never")
	require.NoError(t, err)
	require.Equal(t, port, again)
	url := "http://x:" + strconv.Itoa(port)
	part.Wake(c.wake)
	require.False(t, closed(url), "its transaction may still run")
	c.mu.Lock()
	c.opened["arn:never"].at = time.Now().Add(-settling)
	c.mu.Unlock()
	part.Wake(c.wake)
	require.Eventually(t, func() bool { return closed(url) }, time.Minute, time.Millisecond)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, _ := c.balancer(props{"enableHttp2": true})
	c.put(certificateType, "arn:certificate", props{
		"arn": "arn:certificate", "domainName": "www.example.com", "subjectAlternativeNames": []any{"example.com"},
	})
	group := c.group()
	c.register2(group, serve(t, "10.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		//nolint:gosec // the client is this test
		_, _ = fmt.Fprint(w, r.Header.Get("X-Forwarded-Proto"), " ", r.Proto)
	}))
	c.listener(balancer, 443, forwardTo(group), props{"protocol": "HTTPS", "certificateArn": "arn:certificate"})
	c.becomes(group, "10.0.0.1", Healthy)
	rows, err := c.Status(t.Context())
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(rows[0].Address, "https://"))
	require.NoError(t, err)

	res := c.get("https://www.example.com:" + port)
	require.Equal(t, "https HTTP/1.1", res.body)
	require.Equal(t, 2, res.ProtoMajor, "clients may speak HTTP/2")
	require.Equal(t, "https HTTP/1.1", c.get("https://example.com:"+port).body)
	_, err = c.client().Get("https://other.example.com:" + port) //nolint:bodyclose // there is none
	require.ErrorContains(t, err, "certificate is valid for www.example.com")
	_, err = tls.Dial("tcp4", "127.0.0.1:"+port, &tls.Config{
		//nolint:gosec // what it is refused for
		InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
	})
	require.ErrorContains(t, err, "protocol version")

	c.put(balancerType, balancer, props{
		"name": "site1", "dnsName": "site1.eu-west-1.elb.localhost:" + port, "loadBalancerType": "application", "enableHttp2": false,
	})
	require.Equal(t, 1, c.get("https://www.example.com:"+port).ProtoMajor)
}

// register2 registers a target of a group that nothing uses yet.
func (c *cloud) register2(group string, s *server) {
	c.t.Helper()
	c.Register(group, s.Target)
	c.becomes(group, s.IP, Unused)
}

// Settings that need another server change under load without a failed request.
func TestSettingsChangeUnderLoad(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	l := c.listener(balancer, 80, fixedTo("here"))
	var b account.Resource
	require.NoError(t, c.env.Account.View(func(tx *account.Tx) error {
		r, err := tx.Get(balancerType, "eu-west-1", balancer)
		if r != nil {
			b = *r
		}
		return err
	}))
	over, failed := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(failed)
		for {
			select {
			case <-over:
				return
			default:
			}
			res, err := c.client().Get(url) // on a connection of its own
			if err != nil {
				failed <- err
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	}()
	for i := range 20 {
		c.put(balancerType, balancer, trial.With(b.Outputs, props{"idleTimeout": float64(30 + i)}))
		c.rule(l, 1+i, fixedTo("rule"), values("pathPattern", fmt.Sprintf("/%d", i)))
	}
	close(over)
	require.NoError(t, <-failed)
}

func TestWhatIsNotDoneIsSaid(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer(props{"accessLogs": map[string]any{"enabled": true, "bucket": "logs"}})
	c.group(props{"slowStart": 60.0, "stickiness": map[string]any{"type": "app_cookie", "enabled": true}})
	c.listener(balancer, 80, map[string]any{"type": "authenticate-oidc"})
	require.Equal(t, http.StatusInternalServerError, c.get(url).StatusCode)
	for _, want := range []string{
		"load balancer site1: access logs are not written here", "slowStart is not kept to here", "stickiness of type app_cookie",
		"nobody can sign in by authenticate-oidc here",
	} {
		require.Equal(t, 1, strings.Count(c.lines.String(), want), want)
	}
}
