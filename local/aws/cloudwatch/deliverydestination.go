package cloudwatch

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/s3"
)

// What logs are delivered to, in AWS's words.
const (
	toBucket = "S3"
	toGroup  = "CWL"
)

const (
	target  = "deliveryDestinationConfiguration.destinationResourceArn"
	parquet = "parquet"

	bucketARN = "arn:aws:s3:::"
)

func deliveryDestination() kind.Kind {
	return kind.Kind{
		Type: DeliveryDestination, Title: "CloudWatch Logs Delivery Destination",
		Args: cloudwatch.LogDeliveryDestinationArgs{}, State: cloudwatch.LogDeliveryDestination{},
		Source: terraform + "delivery_destination.go",
		API: kind.API{
			Service: "logs", Create: "PutDeliveryDestination", Change: "PutDeliveryDestination", Delete: "DeleteDeliveryDestination",
		},
		Name:     kind.Name{Property: "name", Max: deliveryName},
		Required: []string{"deliveryDestinationConfiguration"},
		Replace:  []string{"name", "outputFormat"},
		ReplaceIf: func(before, after account.Props) []string {
			if serviceOf(before.String(target)) != serviceOf(after.String(target)) {
				return []string{target}
			}
			return nil
		},
		Rules: append([]kind.Rule{
			kind.Length("name", 1, deliveryName), kind.ARN(target),
			kind.OneOf("outputFormat", "json", "plain", "w3c", "raw", parquet),
			{
				Name: "only buckets and log groups take logs", Source: "the local cloud; AWS has it", Path: target,
				Bad: "arn:aws:firehose:us-east-1:123456789012:deliverystream/logs",
				Test: func(v any, _ account.Props) string {
					if arn, ok := v.(string); ok && strings.HasPrefix(arn, "arn:") && typeOf(arn) == "" {
						return fmt.Sprintf("%s %q is not supported by the local cloud: it delivers logs to S3 and CloudWatch Logs only", target, arn)
					}
					return ""
				},
			},
			kind.Match(target, `^arn:aws:(s3:::[\w-]+(/|$)|[^s])`, "the names of buckets for logs are of letters, digits, - and _").
				Named("characters of the bucket's name").API(validation).From(standard).Refusing(bucketARN + "site.logs"),
			kind.Whole("parquet is for S3", func(in account.Props) string {
				if in.String("outputFormat") == parquet && typeOf(in.String(target)) != toBucket {
					return "The output format parquet is for deliveries to S3 only"
				}
				return ""
			}, "outputFormat", target).API(validation).From(standard),
		}, kind.Tags(validation, validation)...),
		Guards: []kind.Guard{{
			Name: "what takes the logs exists", On: kind.Making | kind.Changing, Source: reference + "PutDeliveryDestination", Check: taking,
		}},
		Unique: []kind.Unique{{
			// AWS would put one over the other, unless they have tags: two resources for one are a mistake there as well.
			Property: "name", Source: observed, Taken: kind.Fault{
				Code: conflict, Message: "Tags can only be provided when a resource is being created, not updated.",
			},
		}},
		NotFound: kind.Fault{Code: missing, Message: "Requested Delivery Destination does not exist in this account."},
		InUse:    kind.Fault{Code: conflict, Message: "The Delivery Destination %s is used by a Delivery."},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{
				"arn": c.ARN("logs", "delivery-destination:"+c.ID), "deliveryDestinationType": typeOf(c.In.String(target)),
			})
			return nil
		},
	}
}

// typeOf is AWS's word for what an ARN names, "" for what takes no logs here.
func typeOf(arn string) string {
	switch serviceOf(arn) {
	case "s3":
		return toBucket
	case "logs":
		return toGroup
	}
	return ""
}

// bucketOf are the bucket and the prefix that an ARN names.
func bucketOf(arn string) (bucket, prefix string) {
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(arn, bucketARN), "/")
	return bucket, strings.Trim(prefix, "/")
}

func taking(c *kind.Call) error {
	arn := c.In.String(target)
	if typeOf(arn) == toBucket {
		name, _ := bucketOf(arn)
		bucket, err := s3.Find(c, name)
		if err == nil && bucket == nil {
			err = kind.Refuse(missing, "The bucket %s does not exist", name)
		}
		return err
	}
	const region, name, parts = 3, 6, 7
	split := strings.SplitN(strings.TrimSuffix(arn, ":*"), ":", parts)
	if len(split) == parts {
		group, err := c.Tx.Get(LogGroup, split[region], split[name])
		if err != nil || (group != nil && group.Gone.IsZero()) {
			return err
		}
	}
	return kind.Refuse(missing, "The log group %s does not exist", arn)
}
