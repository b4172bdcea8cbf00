package cloudfront

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	mostFunctions = 100
	// largestFunction is in bytes.
	largestFunction = 10 * 1024

	// live is the class of the records of what was published.
	live = "cloudfront/live"
)

// Code is the code of a function in its LIVE stage, which is what a distribution runs.
type Code struct {
	Name string
	// Runtime is cloudfront-js-1.0 or cloudfront-js-2.0.
	Runtime string
	// Source is JavaScript with a function handler(event).
	Source string
}

func function() kind.Kind {
	return kind.Kind{
		Type: Function, Title: "CloudFront Function", Args: cloudfront.FunctionArgs{}, State: cloudfront.Function{},
		Global: true, Source: terraform + "function.go", API: functionAPI(), Volatile: []string{"etag", "liveStageEtag", "status"},
		Name:     kind.Name{Property: "name", Max: 64},
		Replace:  []string{"name"},
		Sets:     []string{"keyValueStoreAssociations"},
		Defaults: account.Props{"publish": true},
		Rules: []kind.Rule{
			kind.OneOf("runtime", "cloudfront-js-1.0", "cloudfront-js-2.0"),
			absent("keyValueStoreAssociations", ""),
			{Name: "size of code", Path: "code", Source: quotas, Code: "FunctionSizeLimitExceeded",
				Test: func(v any, _ account.Props) string {
					if code, _ := v.(string); len(code) > largestFunction {
						return fmt.Sprintf("The function is too large: it has %d bytes, %d are allowed.", len(code), largestFunction)
					}
					return ""
				}},
			kind.Match("code", `\S`, "must not be empty").API(invalid).From(model + "CreateFunctionRequest.FunctionCode"),
		},
		Guards: []kind.Guard{kind.Quota("functions per account", mostFunctions, kind.Fault{
			Code: "TooManyFunctions", Message: "You have reached the maximum number of CloudFront functions for this AWS account.",
		}, kind.Alike(Function)).From(quotas)},
		Unique: []kind.Unique{{Property: "name", Source: model + "FunctionAlreadyExists", Taken: kind.Fault{
			Code: "FunctionAlreadyExists", Message: "A function with the same name already exists in this AWS account.",
		}}},
		NotFound: kind.Fault{Code: "NoSuchFunctionExists", Message: "The function does not exist."},
		InUse:    kind.Fault{Code: "FunctionInUse", Message: "Cannot delete function %s, it is in use by one or more distributions"},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{"arn": c.GlobalARN("cloudfront", "function/"+c.ID), "liveStageEtag": "", "status": "UNPUBLISHED"})
			return publish(c)
		},
		Update: publish,
		Delete: func(c *kind.Call) error { return c.Tx.Drop(live, c.ID) },
	}
}

// publish takes a function's code over, and into its LIVE stage where that is asked for.
func publish(c *kind.Call) error {
	if err := tagged(c); err != nil || !c.Out.Bool("publish") {
		return err
	}
	c.Out["liveStageEtag"], c.Out["status"] = letters(), "UNASSOCIATED"
	return c.Tx.Keep(live, c.ID, Code{Name: c.ID, Runtime: c.Out.String("runtime"), Source: c.Out.String("code")})
}

// published is the code that a function runs; false when it was never published.
func published(tx *account.Tx, name string) (Code, bool, error) {
	var code Code
	found, err := tx.Kept(live, name, &code)
	return code, found, err
}
