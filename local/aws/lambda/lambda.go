// Package lambda is AWS Lambda: functions whose code comes with the program, and who may call them.
package lambda

import (
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/wildcard"
)

// Tokens by which other services refer to what is declared here.
const (
	Function   = "aws:lambda/function:Function"
	Permission = "aws:lambda/permission:Permission"
)

// Where rules are from. AWS's codes are those of the API model; its words are those that people report.
const (
	model     = "Lambda API model: "
	guide     = "docs.aws.amazon.com/lambda/latest/dg/"
	terraform = "terraform-provider-aws internal/service/lambda/"
)

const invalid = "InvalidParameterValueException"

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{function(), permission()}}
}

// nameOf is the name of a function that may be given by its ARN, with or without a version.
func nameOf(function string) string {
	if rest, ok := strings.CutPrefix(function, "arn:"); ok {
		parts := strings.Split(rest, ":")
		if len(parts) < 6 {
			return ""
		}
		return parts[5] // arn:aws:lambda:REGION:ACCOUNT:function:NAME
	}
	name, _, _ := strings.Cut(function, ":")
	return name
}

// arnOf is the ARN of a function of the account.
func arnOf(c *kind.Call, name string) string { return c.ARN("lambda", "function:"+name) }

// Invocable tells whether a service may call a function, which is given by its ARN, on behalf of something that is its
// source, such as a target group. On AWS the source's account counts, too; there is one here.
func Invocable(c *kind.Call, function, service, source string) (bool, error) {
	all, err := c.All(Permission)
	if err != nil {
		return false, err
	}
	for _, p := range all {
		o := p.Outputs
		if arnOf(c, nameOf(o.String("function"))) != function || o.String("principal") != service {
			continue
		}
		action, account := o.String("action"), o.String("sourceAccount") == "" || o.String("sourceAccount") == account.ID
		if account && (action == "*" || action == "lambda:*" || action == "lambda:InvokeFunction") && fits(o.String("sourceArn"), source) {
			return true, nil
		}
	}
	return false, nil
}

// fits tells whether an ARN is like a pattern, as the condition ArnLike has it. No pattern fits everything.
func fits(pattern, arn string) bool { return pattern == "" || wildcard.Match(pattern, arn) }
