package aws

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/athena"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/glue"
	"wordpress-ecs/local/aws/s3"
)

// logPolicy lets CloudFront's logs in, and nothing in without TLS.
const logPolicy = `{"Version":"2012-10-17","Statement":[` +
	`{"Sid":"TLSOnly","Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":["arn:aws:s3:::site-logs","arn:aws:s3:::site-logs/*"],` +
	`"Condition":{"Bool":{"aws:SecureTransport":"false"}}},` +
	`{"Sid":"Logs","Effect":"Allow","Principal":{"Service":"delivery.logs.amazonaws.com"},"Action":"s3:PutObject",` +
	`"Resource":"arn:aws:s3:::site-logs/AWSLogs/123456789012/*",` +
	`"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012","s3:x-amz-acl":"bucket-owner-full-control"}}}]}`

// logged is what a program makes for logs and for questions about them.
func logged(c *cloud, policy string) []struct {
	typ    string
	inputs props
} {
	c.t.Helper()
	c.configure(props{"region": "us-east-1", "defaultTags": `{"tags":{"Project":"site"}}`})
	const arn = "arn:aws:cloudfront::123456789012:distribution/E1"
	require.NoError(c.t, c.acct.Update(func(tx *account.Tx) error {
		return tx.Put(account.Resource{Type: cloudfront.Distribution, ID: "E1", Outputs: account.Props{"arn": arn}})
	}))
	const bucket = "site-logs"
	return []struct {
		typ    string
		inputs props
	}{
		{s3.Bucket, props{"bucket": bucket, "forceDestroy": true}},
		{s3.PublicAccessBlock, props{"bucket": bucket, "blockPublicPolicy": true, "restrictPublicBuckets": true}},
		{s3.Ownership, props{"bucket": bucket, "rule": props{"objectOwnership": "BucketOwnerEnforced"}}},
		{s3.Encryption, props{"bucket": bucket, "rules": []any{
			props{"applyServerSideEncryptionByDefault": props{"sseAlgorithm": "AES256"}},
		}}},
		{s3.Lifecycle, props{"bucket": bucket, "rules": []any{
			props{"id": "expiry", "status": "Enabled", "filter": props{"prefix": ""}, "expiration": props{"days": 30}},
		}}},
		{s3.Versioning, props{"bucket": bucket, "versioningConfiguration": props{"status": "Enabled"}}},
		{s3.Policy, props{"bucket": bucket, "policy": policy}},
		{glue.Database, props{"name": "site"}},
		{glue.Table, props{
			"name": "cdn", "databaseName": "site", "tableType": "EXTERNAL_TABLE",
			"partitionKeys": []any{props{"name": "day", "type": "string"}},
			"parameters": props{
				"projection.enabled": "true", "projection.day.type": "date", "projection.day.format": "yyyy/MM/dd",
				"projection.day.range": "NOW-30DAYS,NOW", "storage.location.template": "s3://site-logs/${day}",
			},
			"storageDescriptor": props{
				"location": "s3://site-logs", "columns": []any{props{"name": "status", "type": "int"}},
				"serDeInfo": props{"serializationLibrary": "org.apache.hadoop.hive.serde2.RegexSerDe", "parameters": props{"input.regex": ".*"}},
			},
		}},
		{athena.Workgroup, props{"name": "site", "forceDestroy": true, "configuration": props{
			"resultConfiguration": props{"outputLocation": "s3://site-logs/results/"},
		}}},
		{athena.NamedQuery, props{"name": "errors", "database": "site", "workgroup": "site", "query": "SELECT 1"}},
		{cloudwatch.DeliverySource, props{"name": "cdn", "logType": "ACCESS_LOGS", "resourceArn": arn}},
		{cloudwatch.DeliveryDestination, props{
			"name": "cdn", "outputFormat": "w3c", "deliveryDestinationConfiguration": props{"destinationResourceArn": "arn:aws:s3:::" + bucket},
		}},
		{cloudwatch.Delivery, props{
			"deliverySourceName": "cdn", "deliveryDestinationArn": "arn:aws:logs:us-east-1:123456789012:delivery-destination:cdn",
			"recordFields": []any{"date", "sc-status"}, "fieldDelimiter": "\t",
			"s3DeliveryConfigurations": []any{props{"suffixPath": "{yyyy}/{MM}/{dd}", "enableHiveCompatiblePath": false}},
		}},
	}
}

func TestWhatLogsNeedStaysAsItWasMade(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	all := logged(c, logPolicy)
	for _, r := range all {
		m := c.make(r.typ, r.inputs)
		require.Empty(t, c.differs(r.typ, m, r.inputs), r.typ)
		require.Empty(t, c.differs(r.typ, c.refreshed(r.typ, m), r.inputs), "%s after a refresh", r.typ)
	}
}

func TestAStatementThatAWSAddsIsToldAndSeen(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	told := &listener{}
	_, err := c.client.Attach(t.Context(), &pulumirpc.PluginAttach{Address: told.serve(t)})
	require.NoError(t, err)
	var policy made
	var inputs props
	for _, r := range logged(c, strings.Replace(logPolicy, "AWSLogs", "Other", 1)) {
		m := c.make(r.typ, r.inputs)
		if r.typ == s3.Policy {
			policy, inputs = m, r.inputs
		}
	}
	require.Len(t, told.all(), 1)
	require.Contains(t, told.all()[0], "The policy of bucket site-logs did not let delivery.logs.amazonaws.com write")
	require.Empty(t, c.differs(s3.Policy, policy, inputs), "the state has not heard of it")
	policy = c.refreshed(s3.Policy, policy)
	require.Contains(t, policy.text("policy"), "AWSLogDeliveryWrite1")
	require.Equal(t, []string{"policy"}, c.differs(s3.Policy, policy, inputs))
}

// listener stands in for Pulumi's engine and keeps what it is told.
type listener struct {
	pulumirpc.UnimplementedEngineServer
	mu    sync.Mutex
	lines []string
}

// Log takes a line.
func (l *listener) Log(_ context.Context, req *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, req.GetMessage())
	return &emptypb.Empty{}, nil
}

func (l *listener) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.lines...)
}

func (l *listener) serve(t *testing.T) (address string) {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	pulumirpc.RegisterEngineServer(server, l)
	go func() { _ = server.Serve(socket) }()
	t.Cleanup(server.Stop)
	return socket.Addr().String()
}
