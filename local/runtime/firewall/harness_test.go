package firewall

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/wafv2"
	"wordpress-ecs/local/runtime/clock"
)

const (
	arn      = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/site/1"
	balancer = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/site/1"
)

type props = map[string]any

// wall is a firewall of an account with the web ACL "site", which protects a load balancer.
type wall struct {
	*Part
	t *testing.T

	mu    sync.Mutex
	lines []string
	time  time.Time
}

// newWall makes one with rules that have their place as their priority.
func newWall(t *testing.T, rules ...props) *wall {
	t.Helper()
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, acct.Close()) })
	w := &wall{t: t, time: time.Unix(1_800_000_000, 0)}
	w.Part = New(Env{
		Account: acct, Clock: clock.New(10), Say: w.say,
		Countries:  map[netip.Prefix]string{netip.MustParsePrefix("192.0.2.0/24"): "DE", netip.MustParsePrefix("2001:db8::/32"): "FR"},
		Reputation: []netip.Prefix{netip.MustParsePrefix("203.0.113.66/32")},
	})
	w.now = func() time.Time { return w.time }
	w.put(wafv2.Association, "1", props{"resourceArn": balancer, "webAclArn": arn})
	w.set(nil, rules...)
	return w
}

func (w *wall) say(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, line)
}

// set changes the rules, and what else is given of the web ACL.
func (w *wall) set(more props, rules ...props) {
	w.t.Helper()
	var list []any
	for i, r := range rules {
		one := props{"name": fmt.Sprintf("r%d", i), "priority": float64(i)}
		for name, v := range r {
			one[name] = v
		}
		list = append(list, one)
	}
	out := props{"arn": arn, "name": "site", "scope": "REGIONAL", "defaultAction": does("allow"), "rules": list}
	for name, v := range more {
		out[name] = v
	}
	w.put(wafv2.WebACL, "site", out)
}

// put writes a resource as the control plane would, and waits until it works.
func (w *wall) put(typ, id string, out props) {
	w.t.Helper()
	r := account.Resource{Type: typ, ID: id, Region: "eu-central-1", URN: "urn:pulumi:dev::site::" + typ + "::x", Outputs: out, Inputs: out}
	require.NoError(w.t, w.env.Account.Update(func(tx *account.Tx) error { return tx.Put(r) }))
	require.NoError(w.t, w.Await(w.t.Context(), r, w.say))
}

func does(action string) props { return props{action: props{}} }

// when is a rule that blocks when a statement holds.
func when(kind string, body props) props {
	return props{"statement": props{kind: body}, "action": does("block")}
}

// path holds for paths that begin with a text.
func path(text string) props {
	return props{"byteMatchStatement": looks("uriPath", props{"positionalConstraint": "STARTS_WITH", "searchString": text})}
}

// looks is a statement about a part of the request.
func looks(part string, body props) props {
	all := props{"fieldToMatch": props{part: props{}}, "textTransformations": []any{props{"type": "NONE", "priority": 0.0}}}
	for name, v := range body {
		all[name] = v
	}
	return all
}

// managedGroup is a rule with one of AWS's groups.
func managedGroup(name, override string, body props) props {
	group := props{"name": name, "vendorName": "AWS"}
	for name, v := range body {
		group[name] = v
	}
	return props{"statement": props{"managedRuleGroupStatement": group}, "overrideAction": does(override)}
}

// request is one of 198.51.100.1, unless changes say otherwise.
func request(method, url, body string, changes ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.RemoteAddr = "198.51.100.1:40000"
	r.Header.Set("User-Agent", "Firefox")
	for _, change := range changes {
		change(r)
	}
	return r
}

func of(address string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(address), 40000).String() }
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// passes sends a request to the load balancer, and tells whether it goes on to a target.
func (w *wall) passes(r *http.Request) bool {
	w.t.Helper()
	res, err := w.Guard(balancer, r)
	require.NoError(w.t, err)
	if res != nil && res.Body != nil {
		_, err := io.Copy(io.Discard, res.Body)
		require.NoError(w.t, err)
		require.NoError(w.t, res.Body.Close())
	}
	return res == nil
}

// status is the detail of the firewall's row.
func (w *wall) status() string {
	w.t.Helper()
	rows, err := w.Status(w.t.Context())
	require.NoError(w.t, err)
	require.Len(w.t, rows, 1)
	require.Equal(w.t, "site", rows[0].Name)
	require.Equal(w.t, "dev", rows[0].Stack)
	return rows[0].Detail
}
