// Package cloudwatch is Amazon CloudWatch Logs: log groups.
package cloudwatch

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// LogGroup is the token by which other services refer to a log group.
const LogGroup = "aws:cloudwatch/logGroup:LogGroup"

// Service declares the kinds of this package.
func Service() kind.Service { return kind.Service{Kinds: []kind.Kind{logGroup()}} }

func logGroup() kind.Kind {
	return kind.Kind{
		Type: LogGroup, Title: "CloudWatch Logs Log Group", Args: cloudwatch.LogGroupArgs{}, State: cloudwatch.LogGroup{},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: 512},
		Replace:  []string{"name", "namePrefix", "logGroupClass"},
		Defaults: account.Props{"retentionInDays": 0.0, "skipDestroy": false},
		Rules: []kind.Rule{
			kind.Length("name", 1, 512),
			kind.Match("name", `^[0-9A-Za-z_./#-]+$`, "must contain only letters, numbers, underscores, hyphens, slashes, hash signs and dots"),
			kind.Reject("name", `^aws/`, "must not begin with aws/").API("InvalidParameterException"),
			kind.OneOf("logGroupClass", "STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
			kind.Number("retentionInDays", 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,
				2192, 2557, 2922, 3288, 3653),
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "ResourceAlreadyExistsException", Message: "The specified log group already exists (%s)",
		}}},
		NotFound: kind.Fault{Code: "ResourceNotFoundException", Message: "The specified log group does not exist. (%s)"},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("logs", "log-group:"+c.ID), "logGroupClass": "STANDARD", "namePrefix": ""})
			return nil
		},
	}
}
