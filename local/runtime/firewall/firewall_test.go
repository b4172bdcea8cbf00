package firewall

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws/wafv2"
)

func TestTheFirstRuleThatDoesNotCountDecides(t *testing.T) {
	t.Parallel()
	rule := func(prefix, action string, priority float64) props {
		return props{"statement": path(prefix), "action": does(action), "priority": priority}
	}
	w := newWall(t, rule("/", "block", 5), rule("/a", "count", 1), rule("/a/b", "allow", 3), rule("/a/b/c", "block", 2))
	require.False(t, w.passes(request("GET", "/x", "")))
	require.False(t, w.passes(request("GET", "/a", "")))
	require.True(t, w.passes(request("GET", "/a/b", "")))
	require.False(t, w.passes(request("GET", "/a/b/c", "")))
	require.Equal(t, "1 allowed, 3 blocked, 3 counted", w.status())

	w.set(props{"defaultAction": does("block")}, rule("/a", "allow", 0))
	require.True(t, w.passes(request("GET", "/a", "")))
	require.False(t, w.passes(request("GET", "/b", "")))
	require.Equal(t, "2 allowed, 4 blocked, 3 counted", w.status(), "what was counted before stays")
}

func TestWhatIsNotProtectedPasses(t *testing.T) {
	t.Parallel()
	w := newWall(t, props{"statement": path("/"), "action": does("block")})
	//nolint:bodyclose // there is none
	res, err := w.Guard("arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/other/1", request("GET", "/", ""))
	require.NoError(t, err)
	require.Nil(t, res)
	require.False(t, w.passes(request("GET", "/", "")))
	w.put(wafv2.Association, "1", props{"resourceArn": balancer, "webAclArn": "another"})
	require.True(t, w.passes(request("GET", "/", "")))
}

func TestTheFirstRequestIsJudged(t *testing.T) {
	t.Parallel()
	w := newWall(t, props{"statement": path("/"), "action": does("block")})
	w.Part = New(w.env) // another process takes over
	require.False(t, w.passes(request("GET", "/", "")))
}

func TestAnswersOfOnesOwn(t *testing.T) {
	t.Parallel()
	own := props{"block": props{"customResponse": props{
		"responseCode": 429.0, "customResponseBodyKey": "slow", "responseHeaders": []any{props{"name": "Retry-After", "value": "60"}},
	}}}
	marked := props{"customRequestHandling": props{"insertHeaders": []any{props{"name": "seen", "value": "yes"}}}}
	w := newWall(t)
	w.set(props{"customResponseBodies": []any{props{"key": "slow", "content": `{"slow":true}`, "contentType": "APPLICATION_JSON"}}},
		props{"statement": path("/own"), "action": own}, props{"statement": path("/usual"), "action": does("block")},
		props{"statement": path("/"), "action": props{"count": marked}})
	res, err := w.Guard(balancer, request("GET", "/own", ""))
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, 429, res.StatusCode)
	require.Equal(t, "60", res.Header.Get("Retry-After"))
	require.Equal(t, "application/json", res.Header.Get("Content-Type"))
	require.JSONEq(t, `{"slow":true}`, string(body))

	res, err = w.Guard(balancer, request("GET", "/usual", "")) //nolint:bodyclose // it has none
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, res.StatusCode)
	require.Nil(t, res.Body)

	passing := request("GET", "/", "")
	require.True(t, w.passes(passing))
	require.Equal(t, "yes", passing.Header.Get("X-Amzn-Waf-Seen"))
}

func TestBodiesArriveWhole(t *testing.T) {
	t.Parallel()
	rule := when("sizeConstraintStatement", props{
		"fieldToMatch": props{"body": props{"oversizeHandling": "MATCH"}}, "comparisonOperator": "LT", "size": 0.0,
		"textTransformations": []any{props{"type": "NONE", "priority": 0.0}},
	})
	w := newWall(t, rule)
	send := func(size int, chunked bool) (blocked bool) {
		sent := strings.Repeat("b", size)
		r := request("POST", "/", sent)
		if chunked {
			r.ContentLength = -1
		}
		passes := w.passes(r)
		rest, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, sent, string(rest))
		return !passes
	}
	for _, chunked := range []bool{false, true} {
		require.False(t, send(8192, chunked))
		require.True(t, send(8193, chunked))
	}
	w.set(props{"scope": "CLOUDFRONT"}, rule)
	require.False(t, send(16384, true))
	require.True(t, send(16385, true))

	broken := request("POST", "/", "")
	broken.Body, broken.ContentLength = io.NopCloser(iotest.ErrReader(errors.New("gone"))), -1
	_, err := w.Guard(balancer, broken) //nolint:bodyclose // there is no answer
	require.ErrorContains(t, err, "gone")
	short := request("POST", "/", "a")
	short.ContentLength = 5
	_, err = w.Guard(balancer, short) //nolint:bodyclose // there is no answer
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestManagedGroups(t *testing.T) {
	t.Parallel()
	const common, script = "AWSManagedRulesCommonRuleSet", "CrossSiteScripting_QUERYARGUMENTS"
	attack := func(changes ...func(*http.Request)) *http.Request {
		return request("GET", "/?s=<script>", "", changes...)
	}
	override := func(action string) props {
		return props{"ruleActionOverrides": []any{props{"name": script, "actionToUse": does(action)}, props{"name": "Unheard_BODY", "actionToUse": does("allow")}}}
	}
	last := props{"statement": path("/"), "action": does("block")}
	require.False(t, newWall(t, managedGroup(common, "none", nil)).passes(attack()))
	require.True(t, newWall(t, managedGroup(common, "none", nil)).passes(request("GET", "/", "")))
	w := newWall(t, managedGroup(common, "count", nil))
	require.True(t, w.passes(attack()))
	require.Equal(t, "1 allowed, 0 blocked, 1 counted", w.status())
	require.True(t, newWall(t, managedGroup(common, "none", override("count"))).passes(attack()))
	require.True(t, newWall(t, managedGroup(common, "none", override("allow")), last).passes(attack()), "allowed is allowed for good")
	require.False(t, newWall(t, managedGroup(common, "count", override("allow")), last).passes(attack()), "a group that counts ends nothing")

	require.True(t, newWall(t, managedGroup(common, "none", props{"scopeDownStatement": path("/a")})).passes(attack()))
	require.False(t, newWall(t, managedGroup(common, "none", props{"scopeDownStatement": path("/")})).passes(attack()))
	require.False(t, newWall(t, managedGroup("AWSManagedRulesAmazonIpReputationList", "none", nil)).passes(request("GET", "/", "", of("203.0.113.66"))))

	// A group ends with the first of its rules that would: what comes after it leaves no label.
	labelled := when("labelMatchStatement", props{"scope": "LABEL", "key": "awswaf:managed:aws:core-rule-set:CrossSiteScripting_QueryArguments"})
	silent := func(r *http.Request) { r.Header.Del("User-Agent") }
	require.False(t, newWall(t, managedGroup(common, "count", nil), labelled).passes(attack()))
	require.True(t, newWall(t, managedGroup(common, "count", nil), labelled).passes(attack(silent)))
}

func TestWhatIsNotDoneHereIsSaidOnce(t *testing.T) {
	t.Parallel()
	w := newWall(t,
		managedGroup("AWSManagedRulesBotControlRuleSet", "none", nil),
		when("geoMatchStatement", props{"countryCodes": []any{"DE"}}),
		when("asnMatchStatement", props{}),
		when("regexMatchStatement", looks("uriPath", props{"regexString": "(?=a)"})),
		props{"statement": path("/"), "action": does("captcha")},
		when("rateBasedStatement", props{"aggregateKeyType": "CUSTOM_KEYS", "limit": 10.0}),
	)
	require.True(t, w.passes(request("GET", "/", "")))
	require.Equal(t, []string{
		"firewall site: rule r0: the managed group AWSManagedRulesBotControlRuleSet of AWS is not known here and lets everything pass",
		"firewall site: rule r1: countries of addresses are not known here: what hangs on them is not decided, and does nothing",
		"firewall site: rule r2: asnMatchStatement is not known here",
		`firewall site: rule r3: regular expression "(?=a)" is not known here`,
		"firewall site: rule r4: captcha puts nobody to the test here, and counts",
		"firewall site: rule r5: aggregateKeyType CUSTOM_KEYS is not known here",
	}, w.lines)
}

func TestALineSaysWhichRuleBlocked(t *testing.T) {
	t.Parallel()
	w := newWall(t, props{"name": "admin", "statement": path("/wp-admin"), "action": does("block")}, managedGroup("AWSManagedRulesCommonRuleSet", "none", nil))
	for range 3 {
		w.passes(request("POST", "/wp-admin/a%0Ab", ""))
	}
	w.passes(request("GET", "/", "", header("User-Agent", "nmap")))
	w.time = w.time.Add(time.Minute)
	w.passes(request("POST", "/wp-admin/", ""))
	w.set(props{"defaultAction": does("block")})
	w.passes(request("GET", "/"+strings.Repeat("x", 500), ""))
	require.Equal(t, []string{
		`firewall site: admin blocked POST "/wp-admin/a%0Ab" of 198.51.100.1`,
		`firewall site: r1: UserAgent_BadBots_HEADER blocked GET "/" of 198.51.100.1, labels [awswaf:managed:aws:core-rule-set:BadBots_Header]`,
		`firewall site: admin blocked POST "/wp-admin/" of 198.51.100.1; 2 more since the last of these lines`,
		`firewall site: the default action blocked GET "/` + strings.Repeat("x", 119) + `" of 198.51.100.1`,
	}, w.lines)
}
