package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"wordpress-ecs/policy"
)

const (
	// balancerLogs, and what AWS adds to it, begins the keys of the load balancer's logs; those of CDN and firewall
	// begin as AWS wants it, and answers with results.
	balancerLogs = "load-balancer"
	results      = "results"

	// WAF writes only to buckets whose name begins so.
	logBucketName = "aws-waf-logs"

	balancerLogService = "logdelivery.elasticloadbalancing.amazonaws.com"
	logService         = "delivery.logs.amazonaws.com"
)

// logs is the bucket with the requests of load balancer, CDN and firewall.
type logs struct {
	account string
	bucket  *private
	policy  *s3.BucketPolicy
}

// accessLogs registers the bucket that access logs are written to.
func (b *builder) accessLogs() error {
	if !b.s.AccessLogs {
		return nil
	}
	caller, err := aws.GetCallerIdentity(b.ctx, nil, pulumi.Parent(b.edge))
	if err != nil {
		return fmt.Errorf("access logs: account: %w", err)
	}
	bucket, err := b.bucket(logBucketName+"-"+b.name, b.args.LogDays, b.args.Protected)
	if err != nil {
		return fmt.Errorf("access logs: %w", err)
	}
	rules, err := b.permit(bucket, func(arn string, _ []string) []policy.Statement {
		return logStatements(arn, caller.AccountId)
	})
	if err != nil {
		return fmt.Errorf("access logs: %w", err)
	}
	b.logs = &logs{account: caller.AccountId, bucket: bucket, policy: rules}
	b.edge.LogBucket = bucket.Bucket
	return nil
}

// logStatements let AWS's services write their logs, those of this account only.
func logStatements(bucket, account string) []policy.Statement {
	ours := policy.Condition{"StringEquals": {"aws:SourceAccount": account}}
	return []policy.Statement{{
		Sid: "LoadBalancer", Effect: policy.Allow, Principal: policy.Principal{"Service": balancerLogService},
		Action: []string{"s3:PutObject"}, Resource: []string{bucket + "/" + balancerLogs + "/AWSLogs/" + account + "/*"},
	}, {
		Sid: "Logs", Effect: policy.Allow, Principal: policy.Principal{"Service": logService},
		Action: []string{"s3:PutObject"}, Resource: []string{bucket + "/AWSLogs/" + account + "/*"},
		Condition: policy.Condition{
			"StringEquals": {"aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control"},
		},
	}, {
		Sid: "LogsAccess", Effect: policy.Allow, Principal: policy.Principal{"Service": logService},
		Action: []string{"s3:GetBucketAcl"}, Resource: []string{bucket}, Condition: ours,
	}}
}

// cdnFields are what is kept of a request to the CDN, in the order of the columns of its table.
var cdnFields = []string{
	"date", "time", "x-edge-location", "c-ip", "cs-method", "x-host-header", "cs-uri-stem", "cs-uri-query", "sc-status",
	"sc-bytes", "time-taken", "time-to-first-byte", "x-edge-result-type", "cs(Referer)", "cs(User-Agent)", "cs-protocol",
}

// cdnLogs has CloudFront write to the bucket. Its logs begin in GlobalRegion, wherever the bucket is.
func (b *builder) cdnLogs() error {
	if b.logs == nil {
		return nil
	}
	source, err := cloudwatch.NewLogDeliverySource(b.ctx, b.name+"-cdn", &cloudwatch.LogDeliverySourceArgs{
		LogType: pulumi.String("ACCESS_LOGS"), ResourceArn: b.cdn.distribution.Arn,
	}, b.global()...)
	if err != nil {
		return fmt.Errorf("logs of the CDN: source: %w", err)
	}
	destination, err := cloudwatch.NewLogDeliveryDestination(b.ctx, b.name+"-cdn", &cloudwatch.LogDeliveryDestinationArgs{
		OutputFormat: pulumi.String("w3c"),
		DeliveryDestinationConfiguration: cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs{
			DestinationResourceArn: b.logs.bucket.Arn,
		},
	}, b.global()...)
	if err != nil {
		return fmt.Errorf("logs of the CDN: destination: %w", err)
	}
	_, err = cloudwatch.NewLogDelivery(b.ctx, b.name+"-cdn", &cloudwatch.LogDeliveryArgs{
		DeliverySourceName: source.Name, DeliveryDestinationArn: destination.Arn,
		RecordFields: pulumi.ToStringArray(cdnFields), FieldDelimiter: pulumi.String("\t"),
		S3DeliveryConfigurations: cloudwatch.LogDeliveryS3DeliveryConfigurationArray{
			cloudwatch.LogDeliveryS3DeliveryConfigurationArgs{
				SuffixPath: pulumi.String("{yyyy}/{MM}/{dd}"), EnableHiveCompatiblePath: pulumi.Bool(false),
			},
		},
	}, b.global(pulumi.DependsOn([]pulumi.Resource{b.logs.policy}))...)
	if err != nil {
		return fmt.Errorf("logs of the CDN: %w", err)
	}
	return nil
}
