// Package iam is AWS Identity and Access Management: roles, their policies and
// instance profiles. It is global: what it makes has no region.
package iam

import (
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Role            = "aws:iam/role:Role"
	RolePolicy      = "aws:iam/rolePolicy:RolePolicy"
	Attachment      = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	InstanceProfile = "aws:iam/instanceProfile:InstanceProfile"
)

const (
	// provider and quotas are where most rules are from.
	provider = "terraform-provider-aws internal/service/iam"
	quotas   = "IAM user guide, IAM and AWS STS quotas"
	// suffix is what the provider adds to a namePrefix, in characters.
	suffix = 26
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{role(), rolePolicy(), attachment(), instanceProfile()}}
}

// nameRules are those for the names of roles, policies and profiles.
func nameRules(longest int) []kind.Rule {
	const text, hint = `^[\w+=,.@-]*$`, `must match [\w+=,.@-]`
	return []kind.Rule{
		kind.Length("name", 1, longest), kind.Match("name", text, hint).Refusing("a b"),
		kind.Length("namePrefix", 1, longest-suffix), kind.Match("namePrefix", text, hint).Refusing("a b"),
		kind.Conflict("name", "namePrefix"),
	}
}

// identity are the outputs that everything with a name in IAM has.
func identity(c *kind.Call, class, prefix string) account.Props {
	return account.Props{
		"arn":        c.GlobalARN("iam", class+c.Out.String("path")+c.Out.String("name")),
		"createDate": c.Now.UTC().Format(time.RFC3339), "uniqueId": prefix + account.NewLetters(17),
	}
}

// of are the resources of a kind that name a role.
func of(c *kind.Call, token, role string) ([]account.Resource, error) {
	all, err := c.All(token)
	var list []account.Resource
	for _, r := range all {
		if r.Outputs.String("role") == role {
			list = append(list, r)
		}
	}
	return list, err
}
