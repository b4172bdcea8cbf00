package edge_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/graph"
)

const table = "aws:glue/catalogTable:CatalogTable"

// columns are the columns of a table by name, with their types, and the names in order.
func columns(t *testing.T, r *graph.Resource) (types map[string]string, names []string) {
	t.Helper()
	types = map[string]string{}
	for _, entry := range r.List("storageDescriptor.columns") {
		column := entry.(map[string]any)
		name := column["name"].(string)
		require.NotContains(t, types, name)
		require.Regexp(t, `^[a-z_]+$`, name, "Athena needs quotes for others")
		types[name], names = column["type"].(string), append(names, name)
	}
	return types, names
}

// Lines of "Access logs for your Application Load Balancer" in the User Guide for Application Load Balancers: of a
// target, with what newer load balancers add, and of a function.
const (
	fromTarget = `https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 ` +
		`0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 ` +
		`arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 ` +
		`"Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" ` +
		`"arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" 1 2018-07-02T22:22:48.364000Z ` +
		`"authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90 "m.example.com" "-" "TransformSuccess"`
	fromFunction = `http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - ` +
		`0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - ` +
		`arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 ` +
		`"Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" "-" "-" "-" "-" "-"`
)

// The pattern reads AWS's own lines, and those of a load balancer that had nobody to ask.
func TestBalancerTableReadsItsLog(t *testing.T) {
	t.Parallel()
	r := registered(t, logged).Named(t, table, "site-load-balancer")
	require.Equal(t, "org.apache.hadoop.hive.serde2.RegexSerDe", r.At("storageDescriptor.serDeInfo.serializationLibrary"))
	pattern := regexp.MustCompile(r.Text(t, `storageDescriptor.serDeInfo.parameters["input.regex"]`))
	types, names := columns(t, r)
	require.Equal(t, len(names), pattern.NumSubexp(), "a column for each group")
	require.Equal(t, "int", types["status"])
	require.Equal(t, "bigint", types["sent_bytes"])
	require.Equal(t, "double", types["target_seconds"])
	read := func(line string) map[string]string {
		found := pattern.FindStringSubmatch(line)
		require.NotNil(t, found, line)
		values := map[string]string{}
		for i, name := range names {
			values[name] = found[i+1]
		}
		return values
	}
	require.Equal(t, map[string]string{
		"type": "https", "time": "2018-07-02T22:23:00.186641Z", "load_balancer": "app/my-loadbalancer/50dc6c495c0c9188",
		"client": "192.168.131.39", "client_port": "2817", "target": "10.0.0.1:80", "request_seconds": "0.086", "target_seconds": "0.048",
		"response_seconds": "0.037", "status": "200", "target_status": "200", "received_bytes": "0", "sent_bytes": "57",
		"method": "GET", "url": "https://www.example.com:443/", "protocol": "HTTP/1.1", "user_agent": "curl/7.46.0",
	}, read(fromTarget))
	require.Equal(t, "-", read(fromFunction)["target"])
	unanswered := strings.NewReplacer("10.0.0.1:80 0.086 0.048 0.037 200 200", "- -1 -1 -1 503 -",
		"192.168.131.39:2817", "2001:db8::7:2817").Replace(fromTarget)
	values := read(unanswered)
	require.Equal(t, "503", values["status"])
	require.Equal(t, "2001:db8::7", values["client"])
	malformed := strings.Replace(fromTarget, "GET https://www.example.com:443/ HTTP/1.1", "- https://www.example.com:443- -", 1)
	require.Equal(t, "-", read(malformed)["method"])
	require.Equal(t, "200", read(malformed)["status"])
}

// The table of the CDN has a column for each field that is delivered, in its order.
func TestCDNTable(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN, logged)
	r := g.Named(t, table, "site-cdn")
	types, names := columns(t, r)
	var want []string
	for _, field := range g.Only(t, logDelivery).List("recordFields") {
		name := strings.NewReplacer("-", "_", "(", "_", ")", "").Replace(field.(string))
		want = append(want, strings.ToLower(name))
	}
	require.Equal(t, want, names)
	numbers := map[string]string{}
	for name, typ := range types {
		if typ != "string" {
			numbers[name] = typ
		}
	}
	require.Equal(t, map[string]string{
		"sc_status": "int", "sc_bytes": "bigint", "time_taken": "double", "time_to_first_byte": "double",
	}, numbers)
	require.Equal(t, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", r.At("storageDescriptor.serDeInfo.serializationLibrary"))
	require.Equal(t, g.Only(t, logDelivery).At("fieldDelimiter"), r.At(`storageDescriptor.serDeInfo.parameters["field.delim"]`))
	require.Equal(t, "2", r.At(`parameters["skip.header.line.count"]`), "version and fields")
}

// An entry of "Log examples for web ACL traffic" in the AWS WAF Developer Guide, cut where the table does not look.
const blocked = `{
	"timestamp": 1576280412771, "formatVersion": 1,
	"webaclId": "arn:aws:wafv2:ap-southeast-2:111122223333:regional/webacl/STMTest/1EXAMPLE-2ARN-3ARN-4ARN-123456EXAMPLE",
	"terminatingRuleId": "STMTest_SQLi_XSS", "terminatingRuleType": "REGULAR", "action": "BLOCK",
	"httpSourceName": "-", "httpSourceId": "-", "ruleGroupList": [], "rateBasedRuleList": [], "nonTerminatingMatchingRules": [],
	"httpRequest": {
		"clientIp": "1.1.1.1", "country": "AU", "headers": [{"name": "Host", "value": "localhost:1989"}],
		"uri": "/foo", "args": "", "httpVersion": "HTTP/1.1", "httpMethod": "GET", "requestId": "rid"
	},
	"labels": [{"name": "value"}]
}`

// What the table calls a column is in an entry under the same name, but for capital letters, which Athena does not know.
func TestFirewallTableReadsItsLog(t *testing.T) {
	t.Parallel()
	r := registered(t, logged, walled).Named(t, table, "site-firewall")
	require.Equal(t, "org.openx.data.jsonserde.JsonSerDe", r.At("storageDescriptor.serDeInfo.serializationLibrary"))
	var entry map[string]any
	require.NoError(t, json.Unmarshal([]byte(strings.ToLower(blocked)), &entry))
	types, _ := columns(t, r)
	require.Contains(t, types, "terminatingruleid")
	for name, typ := range types {
		require.Contains(t, entry, name)
		if inside, ok := strings.CutPrefix(typ, "struct<"); ok {
			for field := range strings.SplitSeq(strings.TrimSuffix(inside, ">"), ",") {
				field, _, _ := strings.Cut(field, ":")
				require.Contains(t, entry[name], field)
			}
		}
	}
}
