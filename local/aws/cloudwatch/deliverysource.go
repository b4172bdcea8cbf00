package cloudwatch

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Where the rules of deliveries are from.
const (
	terraform = "terraform-provider-aws internal/service/logs/"
	reference = "CloudWatch Logs API reference, "
	standard  = "docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"
	// observed are refusals and their words as moto has them.
	observed = "moto logs/models.py"
)

// Codes of refusals. AWS documents them; its words are given where somebody has reported them.
const (
	validation = "ValidationException"
	conflict   = "ConflictException"
	missing    = "ResourceNotFoundException"
	denied     = "AccessDeniedException"
)

const (
	// deliveryName is the greatest length of the name of a source or destination.
	deliveryName = 60
	longestType  = 255

	// home is the region in which CloudFront's logs begin.
	home = "us-east-1"
	// distribution is the kind of CloudFront's distributions, in a catalog that has them.
	distribution = "aws:cloudfront/distribution:Distribution"
	accessLogs   = "ACCESS_LOGS"
)

func deliverySource() kind.Kind {
	return kind.Kind{
		Type: DeliverySource, Title: "CloudWatch Logs Delivery Source",
		Args: cloudwatch.LogDeliverySourceArgs{}, State: cloudwatch.LogDeliverySource{}, Source: terraform + "delivery_source.go",
		API:     kind.API{Service: "logs", Create: "PutDeliverySource", Delete: "DeleteDeliverySource"},
		Name:    kind.Name{Property: "name", Max: deliveryName},
		Replace: []string{"name", "logType", "resourceArn"},
		Rules: append([]kind.Rule{
			kind.Length("name", 1, deliveryName), kind.Length("logType", 1, longestType), kind.ARN("resourceArn"),
			{
				Name: "only CloudFront has logs", Source: "the local cloud; AWS has it", Path: "resourceArn",
				Bad: "arn:aws:bedrock:us-east-1:123456789012:knowledge-base/1",
				Test: func(v any, _ account.Props) string {
					if arn, ok := v.(string); ok && strings.HasPrefix(arn, "arn:") && serviceOf(arn) != "cloudfront" {
						return fmt.Sprintf("resourceArn %q is not supported by the local cloud: it has logs of CloudFront's distributions only", arn)
					}
					return ""
				},
			},
			{
				Name: "log types of CloudFront", Source: standard, Path: "logType", Code: validation, Bad: "APPLICATION_LOGS",
				Test: func(v any, _ account.Props) string {
					if v != accessLogs {
						return "This service is not allowed for this LogSource."
					}
					return ""
				},
			},
		}, kind.Tags(validation, validation)...),
		Guards: []kind.Guard{
			{
				Name: "CloudFront's logs begin in us-east-1", On: kind.Making, Source: standard, Check: func(c *kind.Call) error {
					if c.Region != home {
						return kind.Refuse(validation, "Delivery sources of CloudFront are in us-east-1, not in %s", c.Region)
					}
					return nil
				},
			},
			{Name: "the distribution exists", On: kind.Making, Source: reference + "PutDeliverySource", Check: distributed},
			{Name: "one source per distribution", On: kind.Making, Source: standard, Check: onlySource},
		},
		Unique: []kind.Unique{{
			Property: "name", Source: "aws-cloudformation/cloudformation-coverage-roadmap#2513", Taken: kind.Fault{
				Code: conflict, Message: "Update to existing Delivery Source with new ResourceId is not allowed. " +
					"Please create a new Delivery Source instead.",
			},
		}},
		NotFound: kind.Fault{Code: missing, Message: "Requested Delivery Source does not exist in this account."},
		InUse:    kind.Fault{Code: conflict, Message: "The Delivery Source %s is used by a Delivery."},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("logs", "delivery-source:"+c.ID), "service": serviceOf(c.In.String("resourceArn"))})
			return nil
		},
	}
}

// serviceOf is the service that an ARN names; "" in what is none.
func serviceOf(arn string) string {
	const service, parts = 2, 6
	split := strings.SplitN(arn, ":", parts)
	if len(split) < parts {
		return ""
	}
	return split[service]
}

func distributed(c *kind.Call) error {
	if _, known := c.Catalog.Kind(distribution); !known {
		return nil
	}
	arn := c.In.String("resourceArn")
	found, err := c.Find(distribution, "arn", arn)
	if err == nil && (found == nil || !found.Gone.IsZero()) {
		err = kind.Refuse(missing, "The distribution %s does not exist", arn)
	}
	return err
}

// onlySource wants a distribution that no source has. One that is replaced is in its successor's way: the provider makes
// the new one first.
func onlySource(c *kind.Call) error {
	other, err := c.Find(DeliverySource, "resourceArn", c.In.String("resourceArn"))
	if err == nil && other != nil {
		err = kind.Refuse(conflict, "This ResourceId has already been used in another Delivery Source in this account")
	}
	return err
}
