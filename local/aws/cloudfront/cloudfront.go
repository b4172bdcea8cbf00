// Package cloudfront is Amazon CloudFront: distributions, their policies, functions and origin access controls. It is
// global: what it makes has no region. Delivery says what a distribution does with requests.
package cloudfront

import (
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Distribution          = "aws:cloudfront/distribution:Distribution"
	CachePolicy           = "aws:cloudfront/cachePolicy:CachePolicy"
	OriginRequestPolicy   = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy"
	ResponseHeadersPolicy = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	Function              = "aws:cloudfront/function:Function"
	OriginAccessControl   = "aws:cloudfront/originAccessControl:OriginAccessControl"
)

// HostedZone is Route 53's name for all distributions in alias records.
const HostedZone = "Z2FDTNDATAQYW2"

// Where rules are from. AWS's codes are those of the API model; its words are those that people report.
const (
	model     = "CloudFront API model: "
	terraform = "terraform-provider-aws internal/service/cloudfront/"
	guide     = "docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
	quotas    = guide + "cloudfront-limits.html"
	// nowhere is the source of what only the local cloud refuses.
	nowhere = "the local cloud; AWS has it"
)

// invalid is CloudFront's code for most of what it refuses.
const invalid = "InvalidArgument"

// longestComment bounds the comments of distributions and policies, in characters.
const longestComment = 128

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{
		cachePolicy(), originRequestPolicy(), responseHeadersPolicy(), function(), originAccessControl(), distribution(),
	}}
}

// letters are 14 characters as in CloudFront's ids and entity tags.
func letters() string { return "E" + account.NewLetters(13) }

// tagged gives what was made or changed a new entity tag.
func tagged(c *kind.Call) error {
	c.Out["etag"] = letters()
	return nil
}

// modified is a time as the provider shows it.
func modified(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999 +0000 UTC") }

// absent refuses an input that the local cloud would pass over. Inputs that are left out, false, zero or empty mean
// nothing and are accepted.
func absent(path, instead string) kind.Rule {
	return kind.Rule{Name: "no " + path, Source: nowhere, Path: path, Test: func(v any, _ account.Props) string {
		switch v := v.(type) {
		case bool:
			if !v {
				return ""
			}
		case float64:
			if v == 0 {
				return ""
			}
		case string:
			if v == "" {
				return ""
			}
		case []any:
			if len(v) == 0 {
				return ""
			}
		}
		return path + " is not supported by the local cloud" + instead
	}}
}

// holds wants a list in each object at a path: the SDK's types cannot mark lists as required.
func holds(path, list string) kind.Rule {
	return kind.Rule{
		Name: list + " of " + path, Path: path, Test: func(v any, _ account.Props) string {
			object, _ := v.(map[string]any)
			if len(account.Props(object).List(list)) == 0 {
				return "Missing required argument: The argument \"" + path + "." + list + "\" is required, but no definition was found"
			}
			return ""
		},
	}
}

// among tells whether a list has a text, whatever its case.
func among(list []string, text string) bool {
	for _, element := range list {
		if strings.EqualFold(element, text) {
			return true
		}
	}
	return false
}
