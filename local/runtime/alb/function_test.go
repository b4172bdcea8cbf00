package alb

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/part/trial"
)

// invoked is a function that answers with a text, or with what it got when there is none.
type invoked struct {
	answer string
	event  string
}

func (i *invoked) Invoke(_ context.Context, _ string, event []byte) ([]byte, error) {
	i.event = string(event)
	if i.answer == "" {
		return nil, errors.New("it failed")
	}
	return []byte(i.answer), nil
}

func (c *cloud) lambdaSite(changes ...props) (*invoked, string) {
	c.t.Helper()
	f := &invoked{}
	c.env.Functions = f
	balancer, url := c.balancer()
	c.ids++
	arn := "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/page/0"
	c.put(groupType, arn, trial.With(props{"name": "page", "arnSuffix": "targetgroup/page/0", "targetType": "lambda"}, changes...))
	c.listener(balancer, 80, forwardTo(arn))
	require.Equal(c.t, http.StatusServiceUnavailable, c.get(url).StatusCode, "there is no target yet")
	c.put(attachmentType, "attached", props{"targetGroupArn": arn, "targetId": "arn:aws:lambda:eu-west-1:123456789012:function:page"})
	return f, url
}

func TestFunctionsAsTargets(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	f, url := c.lambdaSite()
	f.answer = `{"statusCode": 503, "headers": {"Content-Type": "text/html; charset=utf-8", "Retry-After": 300}, "body": "<p>later</p>"}`
	res := c.send(http.MethodPost, url+"/a%20b?x=1&y=%20&x=2", []byte("hello"), "Host: example.com", "Content-Type: text/plain", "X-A: 1", "X-A: 2")
	require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
	require.Equal(t, "<p>later</p>", res.body)
	require.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
	require.Equal(t, "300", res.Header.Get("Retry-After"))
	require.Regexp(t, `^\{"requestContext":\{"elb":\{"targetGroupArn":"arn:[^"]+/page/0"\}\},"httpMethod":"POST","path":"/a%20b",`+
		`"queryStringParameters":\{"x":"2","y":"%20"\},"headers":\{"accept-encoding":"gzip","content-length":"5","content-type":"text/plain",`+
		`"host":"example.com","user-agent":"[^"]+","x-a":"2","x-amzn-trace-id":"Root=[^"]+","x-forwarded-for":"127.0.0.1","x-forwarded-port":"80",`+
		`"x-forwarded-proto":"http"\},"body":"hello","isBase64Encoded":false\}$`, f.event)
	c.send(http.MethodPost, url, []byte{0, 255}, "Content-Type: application/octet-stream")
	require.Contains(t, f.event, `"body":"AP8=","isBase64Encoded":true`)

	f.answer = `{"statusCode": 200, "multiValueHeaders": {"X-B": ["1"]}, "body": "AP8=", "isBase64Encoded": true}`
	res = c.get(url)
	require.Equal(t, "\x00\xff", res.body)
	require.Equal(t, "application/octet-stream", res.Header.Get("Content-Type"))
	require.NotContains(t, res.Header, "X-B", "that counts where several values are wanted")
	require.Equal(t, http.StatusRequestEntityTooLarge, c.send(http.MethodPost, url, make([]byte, 1<<20+1)).StatusCode)
	for _, answer := range []string{
		"", `null`, `"text"`, `{"body": "x"}`, `{"statusCode": "200"}`, `{"statusCode": 200, "body": "*", "isBase64Encoded": true}`,
		`{"statusCode": 200, "body": "` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		f.answer = answer
		require.Equal(t, http.StatusBadGateway, c.get(url).StatusCode, "%.40s", answer)
	}
	require.Contains(t, c.lines.String(), "its function must answer with an object that has a statusCode")
}

func TestFunctionsWithSeveralValues(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 100)
	f, url := c.lambdaSite(props{"lambdaMultiValueHeadersEnabled": true})
	f.answer = `{"statusCode": 200, "headers": {"X-A": "1"}, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}}`
	res := c.get(url+"/?x=1&x=2", "X-A: 1", "X-A: 2")
	require.Equal(t, []string{"a=1", "b=2"}, res.Header["Set-Cookie"])
	require.NotContains(t, res.Header, "X-A")
	require.Contains(t, f.event, `"multiValueQueryStringParameters":{"x":["1","2"]}`)
	require.Contains(t, f.event, `"x-a":["1","2"]`)
	require.NotContains(t, f.event, `"headers"`)
}
