// Package cloudwatch is Amazon CloudWatch Logs: log groups, and the delivery of CloudFront's logs.
package cloudwatch

import (
	"regexp"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	LogGroup            = "aws:cloudwatch/logGroup:LogGroup"
	DeliverySource      = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	DeliveryDestination = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	Delivery            = "aws:cloudwatch/logDelivery:LogDelivery"
)

const (
	// left is the class of names that log groups outside any stack have.
	left       = "log group"
	nameLength = 512
	// ending is what the provider adds to a namePrefix, in characters.
	ending = 26
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{logGroup(), deliverySource(), deliveryDestination(), delivery()}}
}

func logGroup() kind.Kind {
	const text, hint = `^[0-9A-Za-z_./#-]+$`, "must contain only letters, numbers, underscores, hyphens, slashes, hash signs and dots"
	taken := kind.Fault{Code: "ResourceAlreadyExistsException", Message: "The specified log group already exists"}
	return kind.Kind{
		Type: LogGroup, Title: "CloudWatch Logs Log Group", Args: cloudwatch.LogGroupArgs{}, State: cloudwatch.LogGroup{},
		Source:   "terraform-provider-aws internal/service/logs/group.go",
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: nameLength},
		Replace:  []string{"name", "namePrefix", "logGroupClass"},
		Defaults: account.Props{"retentionInDays": 0.0, "skipDestroy": false},
		Rules: append([]kind.Rule{
			kind.Length("name", 1, nameLength), kind.Match("name", text, hint).Refusing("a b"),
			kind.Length("namePrefix", 1, nameLength-ending), kind.Match("namePrefix", text, hint).Refusing("a b"),
			kind.Conflict("name", "namePrefix"),
			{
				Name: "prefix of AWS", Source: "CloudWatch Logs API reference, CreateLogGroup", Path: "name",
				Code: "InvalidParameterException", Bad: "aws/site",
				Test: func(v any, _ account.Props) string {
					if reserved.MatchString(v.(string)) {
						return "Log groups starting with AWS/ are reserved for AWS."
					}
					return ""
				},
			},
			kind.OneOf("logGroupClass", "STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
			kind.Number("retentionInDays", 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,
				2192, 2557, 2922, 3288, 3653),
			kind.ARN("kmsKeyId"),
		}, kind.Tags("TooManyTagsException", "InvalidParameterException")...),
		API: kind.API{
			Service: "logs", Create: "CreateLogGroup", Change: "PutRetentionPolicy", Delete: "DeleteLogGroup",
			Members: map[string]string{"name": "logGroupName"},
		},
		Unique: []kind.Unique{{
			Property: "name", Source: "CloudWatch Logs API reference, CreateLogGroup", Taken: taken, Reserved: left, Held: taken,
		}},
		NotFound: kind.Fault{Code: "ResourceNotFoundException", Message: "The specified log group does not exist."},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("logs", "log-group:"+c.ID), "logGroupClass": "STANDARD", "namePrefix": ""})
			return nil
		},
		Delete: func(c *kind.Call) error {
			if !c.In.Bool("skipDestroy") {
				return nil
			}
			return Leave(c, c.ID)
		},
	}
}

var reserved = regexp.MustCompile(`^(?i)aws/`)

// Leave notes a log group that exists and belongs to no stack: AWS has made it, or a program has left it behind. Nobody
// can make one of that name until it is deleted.
func Leave(c *kind.Call, name string) error {
	exists, err := c.Tx.Get(LogGroup, c.Region, name)
	if err != nil || (exists != nil && c.ID != name) {
		return err
	}
	return c.Tx.Reserve(left, c.Region, name, time.Time{})
}
