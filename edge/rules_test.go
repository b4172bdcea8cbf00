package edge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/edge"
	"wordpress-ecs/tests/graph"
)

// step is a rule of the listener: what has to hold, as "what: values", and what happens then.
type step struct {
	on []string
	to string
}

// The secrets that the load balancer accepts, as the mocks generate them.
var secretHeader = fmt.Sprintf("X-Origin-Secret: [%s %s]", graph.Secret("site-origin-1"), graph.Secret("site-origin-2"))

// steps are the rules of a listener by name, each of which is asked after those before it in order.
func steps(t *testing.T, g *graph.Graph) (byName map[string]step, order []string) {
	t.Helper()
	byName = map[string]step{}
	rules := g.OfType(rule)
	slices.SortFunc(rules, func(a, b *graph.Resource) int { return a.At("priority").(int) - b.At("priority").(int) })
	for i, r := range rules {
		name := strings.TrimPrefix(r.Name, "site-")
		if i > 0 {
			require.NotEqual(t, rules[i-1].At("priority"), r.At("priority"), "AWS refuses the same priority twice")
		}
		for _, l := range g.OfType(listener) {
			// The one that leads to the tasks.
			require.Equal(t, l.At("defaultActions[0].type") == "forward", l.Computed("arn") == r.At("listenerArn"), name)
		}
		require.Len(t, r.List("actions"), 1)
		byName[name] = step{on: conditions(t, r), to: action(t, g, r)}
		order = append(order, name)
	}
	return byName, order
}

func conditions(t *testing.T, r *graph.Resource) []string {
	t.Helper()
	var list []string
	values := 0
	for _, condition := range r.List("conditions") {
		fields := condition.(map[string]any)
		require.Len(t, fields, 1)
		for what, of := range fields {
			of := of.(map[string]any)
			if name, ok := of["httpHeaderName"]; ok {
				what = name.(string)
			}
			values += len(of["values"].([]any))
			list = append(list, fmt.Sprintf("%s: %v", what, of["values"]))
		}
	}
	require.LessOrEqual(t, values, 5, "a rule has at most five values")
	return list
}

func action(t *testing.T, g *graph.Graph, r *graph.Resource) string {
	t.Helper()
	switch r.At("actions[0].type") {
	case "forward":
		for _, group := range g.OfType(targets) {
			if group.Computed("arn") == r.At("actions[0].targetGroupArn") {
				return group.Name
			}
		}
	case "redirect":
		return fmt.Sprint(r.At("actions[0].redirect"))
	case "fixed-response":
		return r.Text(t, "actions[0].fixedResponse.statusCode")
	}
	require.Failf(t, "unknown action", "%v", r.At("actions"))
	return ""
}

// redirect keeps path and query, which stay when a redirect names none.
func redirect(host string) string {
	return fmt.Sprint(map[string]any{"protocol": "HTTPS", "host": host, "port": "443", "statusCode": "HTTP_301"})
}

func TestRulesInADomain(t *testing.T) {
	t.Parallel()
	for domain, other := range map[string]string{"example.com": "www.example.com", "www.example.com": "example.com"} {
		rules, order := steps(t, registered(t, inDomain, of(domain)))
		require.Equal(t, map[string]step{
			"counterpart": {[]string{"hostHeader: [" + other + "]"}, redirect(domain)},
			"direct":      {[]string{"pathPattern: [*]"}, "site-web"},
		}, rules)
		require.Equal(t, []string{"counterpart", "direct"}, order)
	}
}

// Who does not come through the CDN is turned away, whatever the host or path.
func TestRulesBehindACDN(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	rules, order := steps(t, g)
	require.Equal(t, map[string]step{
		"counterpart": {[]string{"hostHeader: [www.example.com]"}, redirect("example.com")},
		"origin":      {[]string{secretHeader}, "site-web"},
		"direct":      {[]string{"pathPattern: [*]"}, "403"},
	}, rules)
	require.Equal(t, []string{"counterpart", "origin", "direct"}, order)
	require.True(t, g.Named(t, rule, "site-origin").Secret("conditions[0].httpHeader.values[0]"))
}

func TestOriginSecrets(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN)
	require.Equal(t, []string{"site-origin-1", "site-origin-2"}, g.Names(password))
	for _, r := range g.OfType(password) {
		require.GreaterOrEqual(t, r.At("length"), 32)
		require.Equal(t, false, r.At("special"), "* and ? are patterns in a rule")
	}
	cdn := g.Only(t, distribution)
	require.Len(t, cdn.List("origins[0].customHeaders"), 1)
	require.Equal(t, "X-Origin-Secret", cdn.At("origins[0].customHeaders[0].name"))
	require.True(t, cdn.Secret("origins[0].customHeaders[0].value"))
	cdn.RequireAfter(t, g.Named(t, rule, "site-origin"))
}

// A new version replaces one secret, that which is not sent, and sends it. So what is sent has always been accepted
// since before, and what was sent before is still accepted.
func TestRaisingTheVersionReplacesTheSecretThatIsNotSent(t *testing.T) {
	t.Parallel()
	keys := []string{"site-origin-1", "site-origin-2"}
	version := func(n int) (sent string, keepers map[string]any) {
		g := registered(t, behindCDN, func(a *edge.Args) { a.Settings.CDN.SecretVersion = n })
		keepers = map[string]any{}
		for _, key := range keys {
			keepers[key] = g.Named(t, password, key).At("keepers")
		}
		value := g.Only(t, distribution).Text(t, "origins[0].customHeaders[0].value")
		at := slices.IndexFunc(keys, func(key string) bool { return value == graph.Secret(key) })
		require.NotEqual(t, -1, at, value)
		rules, _ := steps(t, g)
		require.Equal(t, []string{secretHeader}, rules["origin"].on, "both are accepted, always in the same order")
		return keys[at], keepers
	}
	sent, keepers := version(1)
	for n := 2; n <= 6; n++ {
		next, after := version(n)
		require.NotEqual(t, sent, next, "version %d", n)
		require.Equal(t, keepers[sent], after[sent], "version %d replaces what version %d sends", n, n-1)
		require.NotEqual(t, keepers[next], after[next], "version %d replaces nothing", n)
		sent, keepers = next, after
	}
}
