package lambda

import (
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// principals are who a policy of a function can name.
var principals = regexp.MustCompile(`^(\*|\d{12}|arn:[\w-]+:(iam|sts)::\d{12}:.+|[a-z0-9.-]+\.amazonaws\.com)$`)

// permission is one statement of a function's policy. The provider's id is that of the statement; here the name of the
// function is before it, as ids are unique in an account.
func permission() kind.Kind {
	return kind.Kind{
		Type: Permission, Title: "Lambda Permission", Args: lambda.PermissionArgs{}, State: lambda.Permission{},
		Source: terraform + "permission.go",
		API: kind.API{
			Service: "lambda", Create: "AddPermission", Delete: "RemovePermission",
			Members: map[string]string{"function": "FunctionName"},
		},
		Required: []string{"function"},
		Name:     kind.Name{Property: "statementId", Prefix: "statementIdPrefix", Max: 100},
		Replace: []string{
			"action", "eventSourceToken", "function", "functionUrlAuthType", "principal", "principalOrgId", "qualifier", "sourceAccount",
			"sourceArn", "statementId", "statementIdPrefix",
		},
		Rules: []kind.Rule{
			kind.Match("action", `^(lambda:[*]|lambda:[a-zA-Z]+|[*])$`, "must be a valid action (usually starts with lambda:)").
				Refusing("invoke"),
			kind.Match("statementId", `^[0-9A-Za-z_-]{1,100}$`, "must be 1 to 100 letters, numbers, hyphens and underscores").Refusing("a b"),
			kind.Match("statementIdPrefix", `^[0-9A-Za-z_-]{1,74}$`, "must be 1 to 74 letters, numbers, hyphens and underscores"),
			kind.Conflict("statementId", "statementIdPrefix"),
			kind.Match("sourceAccount", `^\d{12}$`, "must contain 12 digits").Refusing("me"), kind.ARN("sourceArn"),
			kind.OneOf("functionUrlAuthType", "NONE", "AWS_IAM"),
			kind.Match("eventSourceToken", `^[0-9A-Za-z_.-]{1,256}$`, "must be letters, numbers, hyphens, underscores and periods").
				Refusing("a b"),
			kind.Unsupported("qualifier", "it has one version of a function"),
			{Name: "the principal is one", Path: "principal", Bad: "nobody", Code: invalid, Source: model + "AddPermissionRequest.Principal",
				Test: func(v any, _ account.Props) string {
					if name, _ := v.(string); !principals.MatchString(name) {
						return "The provided principal was invalid. Please check the principal and try again."
					}
					return ""
				}},
		},
		// Permissions go with their function.
		Refs: []kind.Ref{{Path: "function", To: Function, By: "name", Loose: true, Value: nameOf, Source: model + "ResourceNotFoundException"}},
		Guards: []kind.Guard{{
			Name: "the statement is new", Source: model + "ResourceConflictException", On: kind.Making, Check: func(c *kind.Call) error {
				there, err := c.Find(Permission, "id", statement(c))
				if err == nil && there != nil {
					err = kind.Refuse("ResourceConflictException", "The statement id (%s) provided already exists. "+
						"Please provide a new statement id, or remove the existing statement.", c.Out.String("statementId"))
				}
				return err
			},
		}},
		NotFound: kind.Fault{Code: "ResourceNotFoundException", Message: "Statement %s is not found in resource policy."},
		Create: func(c *kind.Call) error {
			c.ID = statement(c)
			c.Set(account.Props{"statementIdPrefix": ""})
			return nil
		},
	}
}

// statement is the id of the call's permission.
func statement(c *kind.Call) string {
	return fmt.Sprintf("%s/%s", nameOf(c.In.String("function")), c.Out.String("statementId"))
}
