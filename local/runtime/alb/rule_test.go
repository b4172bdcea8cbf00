package alb

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func values(field string, list ...any) map[string]any {
	return map[string]any{field: map[string]any{"values": list}}
}

func fixedTo(body string) map[string]any {
	return map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{
		"contentType": "text/plain", "messageBody": body, "statusCode": "200",
	}}
}

func redirectTo(to map[string]any) map[string]any {
	return map[string]any{"type": "redirect", "redirect": to}
}

// Rules are tried by priority, all conditions of a rule must hold, and one value of a condition is enough.
func TestRouting(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	l := c.listener(balancer, 80, fixedTo("default"))
	// Later rules come first, so that the order of priority is not that of making.
	c.rule(l, 70, fixedTo("source"), values("sourceIp", "10.0.0.0/8", "127.0.0.0/8"), values("pathPattern", "/from"))
	c.rule(l, 60, fixedTo("elsewhere"), values("sourceIp", "10.0.0.0/8"), values("pathPattern", "/from"))
	c.rule(l, 50, fixedTo("query"), map[string]any{"queryStrings": []any{
		map[string]any{"key": "Version", "value": "V1*"}, map[string]any{"value": "any"},
	}})
	c.rule(l, 40, fixedTo("method"), values("httpRequestMethod", "PURGE", "DELETE"))
	c.rule(l, 30, fixedTo("header"), map[string]any{"httpHeader": map[string]any{
		"httpHeaderName": "x-kind", "values": []any{"*robot*", "spider"},
	}})
	c.rule(l, 20, fixedTo("host"), values("hostHeader", "*.Example.com"))
	c.rule(l, 10, fixedTo("both"), values("hostHeader", "blog.example.com"), values("pathPattern", "/a/*", "/b?"))

	for _, tc := range []struct {
		want, method, path string
		headers            []string
	}{
		{want: "default", path: "/"},
		{want: "both", path: "/a/x", headers: []string{"Host: blog.example.com"}},
		{want: "both", path: "/bx?a=b", headers: []string{"Host: BLOG.EXAMPLE.COM:8080"}},
		{want: "host", path: "/A/x", headers: []string{"Host: blog.example.com"}},
		{want: "host", path: "/b", headers: []string{"Host: blog.example.com"}},
		{want: "default", path: "/", headers: []string{"Host: example.com"}},
		{want: "header", path: "/", headers: []string{"X-Kind: human", "X-Kind: A Robot!"}},
		{want: "default", path: "/", headers: []string{"X-Kind: human"}},
		{want: "method", method: "PURGE", path: "/"},
		{want: "query", path: "/?a=b&version=v1.2"},
		{want: "query", path: "/?what=ANY"},
		{want: "default", path: "/?version=v2"},
		{want: "source", path: "/from"},
	} {
		if tc.method == "" {
			tc.method = http.MethodGet
		}
		require.Equal(t, tc.want, c.send(tc.method, url+tc.path, nil, tc.headers...).body, "%+v", tc)
	}

	c.remove(ruleType, l+"/rule/10")
	require.Equal(t, "host", c.get(url+"/a/x", "Host: blog.example.com").body)
}

func TestFixedResponses(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	c.listener(balancer, 80, map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{
		"contentType": "application/json", "messageBody": `{"down":true}`, "statusCode": "503",
	}})
	res := c.get(url)
	require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
	require.Equal(t, `{"down":true}`, res.body)
	require.Equal(t, "application/json", res.Header.Get("Content-Type"))
	require.Equal(t, "awselb/2.0", res.Header.Get("Server"))
}

// A redirect to the port of another listener leads to where that listens on this machine.
func TestRedirects(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	l := c.listener(balancer, 80, redirectTo(map[string]any{
		"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301",
	}))
	secure := c.listener(balancer, 443, fixedTo("secure"), props{"protocol": "HTTPS", "certificateArn": "arn:other"})
	c.rule(l, 1, redirectTo(map[string]any{
		"host": "www.#{host}", "path": "/new/#{path}", "query": "was=#{port}&#{query}", "statusCode": "HTTP_302",
	}), values("pathPattern", "/old/*"))

	res := c.get(url + "/a%20b?c=d")
	require.Equal(t, http.StatusMovedPermanently, res.StatusCode)
	require.Contains(t, res.body, "301 Moved Permanently")
	require.Regexp(t, `^https://site1-1234567890\.eu-west-1\.elb\.localhost:\d+/a%20b\?c=d$`, res.Header.Get("Location"))
	require.Equal(t, "secure", c.get(res.Header.Get("Location")).body)

	res = c.get(url + "/old/x?y=z")
	require.Equal(t, http.StatusFound, res.StatusCode)
	port := url[strings.LastIndex(url, ":")+1:]
	require.Equal(t, "http://www.site1-1234567890.eu-west-1.elb.localhost:"+port+"/new/old/x?was="+port+"&y=z", res.Header.Get("Location"))

	c.remove(listenerType, secure)
	require.Contains(t, c.get(url).Header.Get("Location"), ":443/", "there is no such listener here")
}

func TestWeights(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	balancer, url := c.balancer()
	blue, green, none := c.group(), c.group(), c.group()
	c.listener(balancer, 80, map[string]any{"type": "forward", "forward": map[string]any{
		"targetGroups": []any{
			map[string]any{"arn": blue, "weight": 1.0}, map[string]any{"arn": green, "weight": 3.0}, map[string]any{"arn": none, "weight": 0.0},
		},
		"stickiness": map[string]any{"enabled": true, "duration": 60.0},
	}})
	c.register(blue, named(t, "blue"))
	c.register(green, named(t, "green"))
	seen := map[string]int{}
	cookies := map[string]string{}
	for range 200 {
		res := c.get(url)
		seen[res.body]++
		for _, cookie := range res.Cookies() {
			if cookie.Name == "AWSALBTG" {
				cookies[res.body] = "Cookie: AWSALBTG=" + cookie.Value
			}
		}
	}
	require.Equal(t, 200, seen["blue"]+seen["green"])
	require.InDelta(t, 150, seen["green"], 40)
	for range 20 {
		require.Equal(t, "blue", c.get(url, cookies["blue"]).body, "it stays with the group")
	}
}
