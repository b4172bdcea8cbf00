package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/policy"
	"wordpress-ecs/tests/graph"
)

const (
	logSource      = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	logDestination = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	logDelivery    = "aws:cloudwatch/logDelivery:LogDelivery"
)

func TestNoAccessLogs(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN, walled)
	none(t, g, "aws:s3/", "aws:glue/", "aws:athena/", "aws:cloudwatch/", aclLogs)
	require.Nil(t, g.Only(t, balancer).At("accessLogs"))
	require.Empty(t, g.Exports()["logs"].Value)
	require.Empty(t, g.Exports()["workgroup"].Value)
}

func TestLogsOfTheLoadBalancer(t *testing.T) {
	t.Parallel()
	g := registered(t, logged)
	logs := g.Only(t, bucket)
	require.Equal(t, "aws-waf-logs-site", logs.Name, "WAF writes to no bucket with another beginning")
	require.Equal(t, logs.Computed("bucket"), g.Exports()["logs"].Value)
	r := g.Only(t, balancer)
	require.Equal(t, map[string]any{
		"bucket": logs.Computed("bucket"), "prefix": "load-balancer", "enabled": true,
	}, r.At("accessLogs"))
	// It tries to write as soon as it is told to.
	r.RequireAfter(t, g.Only(t, bucketPolicy), g.Named(t, "test:index:StandIn", "route"))
}

// Others' load balancers and distributions write nothing here, and nobody reads.
func TestWhoWritesLogs(t *testing.T) {
	t.Parallel()
	g := registered(t, logged)
	arn := g.Only(t, bucket).Computed("arn").(string)
	statements := g.Only(t, bucketPolicy).Statements(t, "policy")
	delete(statements, "TLSOnly")
	service := policy.Principal{"Service": "delivery.logs.amazonaws.com"}
	require.Equal(t, map[string]policy.Statement{
		"LoadBalancer": {
			Sid: "LoadBalancer", Effect: policy.Allow, Principal: policy.Principal{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
			Action: []string{"s3:PutObject"}, Resource: []string{arn + "/load-balancer/AWSLogs/" + graph.Account + "/*"},
		},
		"Logs": {
			Sid: "Logs", Effect: policy.Allow, Principal: service,
			Action: []string{"s3:PutObject"}, Resource: []string{arn + "/AWSLogs/" + graph.Account + "/*"},
			Condition: policy.Condition{"StringEquals": {
				"aws:SourceAccount": graph.Account, "s3:x-amz-acl": "bucket-owner-full-control",
			}},
		},
		"LogsAccess": {
			Sid: "LogsAccess", Effect: policy.Allow, Principal: service,
			Action: []string{"s3:GetBucketAcl"}, Resource: []string{arn},
			Condition: policy.Condition{"StringEquals": {"aws:SourceAccount": graph.Account}},
		},
	}, statements)
}

// CloudFront's logs begin in its region and end in the bucket, in folders by day.
func TestLogsOfTheCDN(t *testing.T) {
	t.Parallel()
	none(t, registered(t, inDomain, logged), "aws:cloudwatch/")
	g := registered(t, behindCDN, logged)
	source, destination, delivery := g.Only(t, logSource), g.Only(t, logDestination), g.Only(t, logDelivery)
	for _, r := range []*graph.Resource{source, destination, delivery} {
		require.True(t, global(t, g, r), r.Name)
	}
	require.Equal(t, "ACCESS_LOGS", source.At("logType"))
	require.Equal(t, g.Only(t, distribution).Computed("arn"), source.At("resourceArn"))
	require.Equal(t, "w3c", destination.At("outputFormat"))
	require.Equal(t, g.Only(t, bucket).Computed("arn"), destination.At("deliveryDestinationConfiguration.destinationResourceArn"))
	require.Equal(t, source.Computed("name"), delivery.At("deliverySourceName"))
	require.Equal(t, destination.Computed("arn"), delivery.At("deliveryDestinationArn"))
	require.Equal(t, "\t", delivery.At("fieldDelimiter"))
	require.Equal(t, []any{map[string]any{
		"suffixPath": "{yyyy}/{MM}/{dd}", "enableHiveCompatiblePath": false,
	}}, delivery.At("s3DeliveryConfigurations"))
	delivery.RequireAfter(t, g.Only(t, bucketPolicy))
	// Passwords for applications and logins are in headers that are not written down.
	require.NotContains(t, delivery.List("recordFields"), "cs(Cookie)")
	require.Contains(t, delivery.List("recordFields"), "c-ip")
}
