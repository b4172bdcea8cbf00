package lambda

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
)

const (
	longestName = 64
	// spare is how many executions at a time an account keeps for functions that reserve none, most is all it has.
	spare, most = 100, 1000

	// latest is the version of what was deployed last. There are no others here.
	latest = "$LATEST"
	text   = "Text"
)

func function() kind.Kind {
	return kind.Kind{
		Type: Function, Title: "Lambda Function", Args: lambda.FunctionArgs{}, State: lambda.Function{},
		Source: terraform + "function.go",
		API: kind.API{
			Service: "lambda", Create: "CreateFunction", Change: "UpdateFunctionConfiguration", Delete: "DeleteFunction",
			More:    []string{"UpdateFunctionCode", "PutFunctionConcurrency"},
			Members: map[string]string{"name": "FunctionName", "code": ""},
		},
		Name:     kind.Name{Property: "name", Max: longestName},
		Replace:  []string{"name", "packageType"},
		Kept:     []string{"architectures"},
		Volatile: []string{"codeSha256", "lastModified", "sourceCodeHash", "sourceCodeSize"},
		Defaults: account.Props{
			"memorySize": 128.0, "packageType": "Zip", "publish": false, "reservedConcurrentExecutions": -1.0, "skipDestroy": false,
			"timeout": 3.0,
		},
		Rules: functionRules(),
		Refs:  []kind.Ref{{Path: "role", To: iam.Role, By: "arn", Loose: true, Missing: notAssumed}},
		Guards: []kind.Guard{
			{
				Name: "Lambda may assume the role", Source: guide + "lambda-intro-execution-role.html",
				On: kind.Making | kind.Changing, Check: assumed,
			},
			{Name: "the code can be kept", Source: guide + "gettingstarted-limits.html", On: kind.Making | kind.Changing, Check: packed},
			{Name: "executions are left", Source: guide + "configuration-concurrency.html", On: kind.Making | kind.Changing, Check: unreserved},
		},
		Unique: []kind.Unique{{Property: "name", Source: model + "ResourceConflictException", Taken: kind.Fault{
			Code: "ResourceConflictException", Message: "Function already exist: %s",
		}}},
		NotFound: kind.Fault{Code: "ResourceNotFoundException", Message: "Function not found: %s"},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			arn := arnOf(c, c.ID)
			c.Set(account.Props{
				"arn": arn, "invokeArn": invokeARN(c, arn), "qualifiedArn": arn + ":" + latest, "qualifiedInvokeArn": invokeARN(c, arn+":"+latest),
				"version": latest, "architectures": []any{"x86_64"}, "ephemeralStorage": map[string]any{"size": 512.0},
				"tracingConfig": map[string]any{"mode": "PassThrough"}, "signingJobArn": "", "signingProfileVersionArn": "",
			})
			return deploy(c)
		},
		Update: deploy,
		Delete: undeploy,
	}
}

func invokeARN(c *kind.Call, arn string) string {
	return "arn:aws:apigateway:" + c.Region + ":lambda:path/2015-03-31/functions/" + arn + "/invocations"
}

// deploy keeps what a function is now.
func deploy(c *kind.Call) error {
	c.Out["lastModified"] = c.Now.UTC().Format("2006-01-02T15:04:05.000-0700")
	if c.Before != nil && !c.BeyondTags(Function) {
		c.Out["lastModified"] = c.Old["lastModified"]
	}
	logging := account.Props{"logFormat": text, "logGroup": "/aws/lambda/" + c.ID, "applicationLogLevel": "", "systemLogLevel": ""}
	for name, value := range c.Out.Object("loggingConfig") {
		logging[name] = value
	}
	if logging.String("logFormat") != text {
		for _, level := range []string{"applicationLogLevel", "systemLogLevel"} {
			if logging.String(level) == "" {
				logging[level] = "INFO"
			}
		}
	}
	c.Out["loggingConfig"] = map[string]any(logging)
	return upload(c)
}

// undeploy drops the code, and who may call it.
func undeploy(c *kind.Call) error {
	all, err := c.All(Permission)
	if err != nil {
		return err
	}
	for _, p := range all {
		if nameOf(p.Outputs.String("function")) != c.ID {
			continue
		}
		if err := c.Tx.Delete(Permission, p.Region, p.ID); err != nil {
			return err
		}
	}
	return c.Tx.Drop(packages, c.Region+" "+c.ID)
}

// notAssumed is AWS's answer to a role that does not trust Lambda, and to one that is not there. It may be a new one.
var notAssumed = kind.Fault{Code: invalid, Message: "The role defined for the function cannot be assumed by Lambda.", Passing: true}

func assumed(c *kind.Call) error {
	answer, err := access.Assume(c.Tx, c.In.String("role"), "lambda.amazonaws.com", map[string]string{
		"aws:SourceAccount": account.ID, "aws:SourceArn": arnOf(c, c.Out.String("name")),
	})
	if err != nil || answer.Allowed {
		return err
	}
	return notAssumed
}

// unreserved wants executions that no function has for itself.
func unreserved(c *kind.Call) error {
	all, err := c.All(Function)
	if err != nil {
		return err
	}
	reserved := max(0, c.In.Int("reservedConcurrentExecutions"))
	if reserved == 0 {
		return nil
	}
	for _, f := range all {
		if f.ID != c.Out.String("name") {
			reserved += max(0, f.Outputs.Int("reservedConcurrentExecutions"))
		}
	}
	if most-reserved < spare {
		return kind.Refuse(invalid, "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "+
			"below its minimum value of [%d].", spare)
	}
	return nil
}
