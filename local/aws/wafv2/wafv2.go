// Package wafv2 is AWS WAF: web ACLs with their rules, the sets that rules refer to, what a web ACL protects and where it
// logs to. What a web ACL does with requests is in local/runtime/firewall; nothing is logged.
package wafv2

import (
	"fmt"
	"regexp"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	WebACL          = "aws:wafv2/webAcl:WebAcl"
	IPSet           = "aws:wafv2/ipSet:IpSet"
	RegexPatternSet = "aws:wafv2/regexPatternSet:RegexPatternSet"
	Association     = "aws:wafv2/webAclAssociation:WebAclAssociation"
	Logging         = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
)

// Where rules are from. AWS's codes are those of the API model; its words are those that people report.
const (
	model     = "WAFV2 API model: "
	terraform = "terraform-provider-aws internal/service/wafv2/"
	guide     = "docs.aws.amazon.com/waf/latest/developerguide/"
	quotas    = guide + "limits.html"
	// local is the source of what only the local cloud refuses, and absent of what it does not have.
	local  = "the local cloud; on AWS "
	absent = "the local cloud; AWS has it"
)

const (
	invalid   = "WAFInvalidParameterException"
	duplicate = "WAFDuplicateItemException"
	missing   = "WAFNonexistentItemException"
	tooMany   = "WAFLimitsExceededException"
	inUse     = "WAFAssociatedItemException"

	// The scopes: of CloudFront, which is at home in one region, and of a region's own resources.
	global, regional = "CLOUDFRONT", "REGIONAL"
	home             = "us-east-1"

	// inUseWords, missingWords and tooManyWords are what AWS says with a code, whatever it is about.
	inUseWords = "AWS WAF couldn't perform the operation because your resource is being used by another resource or " +
		"it's associated with another resource."
	missingWords   = "AWS WAF couldn't perform the operation because your resource doesn't exist."
	tooManyWords   = "AWS WAF couldn't perform the operation because you exceeded your resource limit."
	duplicateWords = "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing one."
	exactlyOne     = "You have used none or multiple values for a field that requires exactly one value."
	badARN         = "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes."
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{webACL(), ipSet(), regexPatternSet(), association(), logging()}}
}

// because is WAF's form of a reason.
func because(reason, field string, parameter any) string {
	return fmt.Sprintf("Error reason: %s, field: %s, parameter: %v", reason, field, parameter)
}

// entity is what an entity's name looks like.
var entity = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

// nameRules are those for the names of web ACLs and sets. The provider completes a prefix with 26 characters.
func nameRules() []kind.Rule {
	const text, hint = `^[0-9A-Za-z_-]*$`, "must contain only alphanumeric hyphen and underscore characters"
	return []kind.Rule{
		kind.Length("name", 1, longestName), kind.Match("name", text, hint).Refusing("a b"),
		kind.Length("namePrefix", 1, longestName-26), kind.Match("namePrefix", text, hint).Refusing("a b"),
		kind.Conflict("name", "namePrefix"), kind.OneOf("scope", global, regional), kind.Length("description", 1, 256),
	}
}

const longestName = 128

// placeGuards are those of a region: its scope, its names and how many there may be.
func placeGuards(token, title string, most int) []kind.Guard {
	return []kind.Guard{
		{Name: "CloudFront's scope is in us-east-1", On: kind.Making, Source: "aws-solutions/aws-waf-security-automations#300",
			Check: func(c *kind.Call) error {
				if c.In.String("scope") == global && c.Region != home {
					return kind.Refuse(invalid, "%s", because("The scope is not valid.", "SCOPE_VALUE", global))
				}
				return nil
			}},
		{Name: "the name is free in its scope", On: kind.Making, Source: model + duplicate, Check: func(c *kind.Call) error {
			all, err := c.All(token)
			for _, r := range all {
				if r.Outputs["name"] == c.Out["name"] && r.Outputs["scope"] == c.Out["scope"] {
					return kind.RefuseForNow(duplicate, "%s", duplicateWords)
				}
			}
			return err
		}},
		kind.Quota(title+" per region", most, kind.Fault{Code: tooMany, Message: tooManyWords}, kind.Alike(token, "scope")).From(quotas),
	}
}

// identified gives a web ACL or a set its id and what follows from it.
func identified(c *kind.Call, class string) {
	c.ID = account.NewUUID()
	place := "regional/"
	if c.In.String("scope") == global {
		place = "global/"
	}
	c.Set(account.Props{
		"arn": c.ARN("wafv2", place+class+"/"+c.Out.String("name")+"/"+c.ID), "lockToken": account.NewUUID(), "namePrefix": "",
	})
}

// relocked gives what was changed a new lock token.
func relocked(c *kind.Call) error {
	c.Out["lockToken"] = account.NewUUID()
	return nil
}
