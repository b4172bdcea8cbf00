// Package iam is AWS Identity and Access Management: roles, their policies and
// instance profiles. It is global: what it makes has no region.
package iam

import (
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

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

// nameText is what names of roles, policies and profiles may consist of.
const (
	nameText = `^[\w+=,.@-]+$`
	nameHint = "must match [\\w+=,.@-]"
)

// Service declares the kinds of this package.
func Service() kind.Service {
	return kind.Service{Kinds: []kind.Kind{role(), rolePolicy(), attachment(), instanceProfile()}}
}

func role() kind.Kind {
	return kind.Kind{
		Type: Role, Title: "IAM Role", Args: iam.RoleArgs{}, State: iam.Role{}, Global: true,
		Required: []string{"assumeRolePolicy"},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: 64},
		Replace:  []string{"name", "namePrefix", "path"},
		Sets:     []string{"inlinePolicies", "managedPolicyArns"},
		Kept:     []string{"inlinePolicies", "managedPolicyArns"},
		Text:     map[string]func(string) string{"assumeRolePolicy": kind.CanonicalPolicy},
		Defaults: account.Props{"forceDetachPolicies": false, "maxSessionDuration": 3600.0, "path": "/"},
		Rules: []kind.Rule{
			kind.Length("name", 1, 64), kind.Match("name", nameText, nameHint),
			kind.Length("description", 0, 1000), kind.Range("maxSessionDuration", 3600, 43200),
			kind.JSON("assumeRolePolicy"), trustPolicy("assumeRolePolicy"),
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "EntityAlreadyExists", Message: "Role with name %s already exists.",
		}}},
		NotFound: kind.Fault{Code: "NoSuchEntity", Message: "The role with name %s cannot be found."},
		InUse:    kind.Fault{Code: "DeleteConflict", Message: "Cannot delete entity, must detach all policies first."},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(identity(c, "role", "AROA"))
			c.Set(account.Props{"inlinePolicies": []any{}, "managedPolicyArns": []any{}, "namePrefix": ""})
			return nil
		},
	}
}

func rolePolicy() kind.Kind {
	return kind.Kind{
		Type: RolePolicy, Title: "IAM Role Policy", Args: iam.RolePolicyArgs{}, State: iam.RolePolicy{}, Global: true,
		Required: []string{"policy", "role"},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: 128},
		Replace:  []string{"name", "namePrefix", "role"},
		Text:     map[string]func(string) string{"policy": kind.CanonicalPolicy},
		Rules: []kind.Rule{
			kind.Length("name", 1, 128), kind.Match("name", nameText, nameHint), kind.JSON("policy"), accessPolicy("policy"),
		},
		Refs:     []kind.Ref{{Path: "role", To: Role, By: "name"}},
		NotFound: kind.Fault{Code: "NoSuchEntity", Message: "The role policy %s cannot be found."},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("role") + ":" + c.Out.String("name")
			c.Set(account.Props{"namePrefix": ""})
			return nil
		},
	}
}

func attachment() kind.Kind {
	return kind.Kind{
		Type: Attachment, Title: "IAM Role Policy Attachment",
		Args: iam.RolePolicyAttachmentArgs{}, State: iam.RolePolicyAttachment{}, Global: true,
		Required: []string{"role"},
		Replace:  []string{"role", "policyArn"},
		Rules:    []kind.Rule{kind.ARN("policyArn")},
		Refs:     []kind.Ref{{Path: "role", To: Role, By: "name"}},
		NotFound: kind.Fault{Code: "NoSuchEntity", Message: "The attachment %s cannot be found."},
		Create: func(c *kind.Call) error {
			arn := c.In.String("policyArn")
			if name, managed := strings.CutPrefix(arn, "arn:aws:iam::aws:policy/"); !managed || !known(name) {
				return kind.Refuse("NoSuchEntity", "Policy %s does not exist or is not attachable "+
					"(this cloud knows the managed policies of table `managed` in local/aws/iam).", arn)
			}
			c.ID = c.In.String("role") + "-" + c.Now.UTC().Format("20060102150405") + account.NewHex(12)
			return nil
		},
	}
}

func instanceProfile() kind.Kind {
	return kind.Kind{
		Type: InstanceProfile, Title: "IAM Instance Profile",
		Args: iam.InstanceProfileArgs{}, State: iam.InstanceProfile{}, Global: true,
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: 128},
		Replace:  []string{"name", "namePrefix", "path"},
		Defaults: account.Props{"path": "/"},
		Rules:    []kind.Rule{kind.Length("name", 1, 128), kind.Match("name", nameText, nameHint)},
		Refs:     []kind.Ref{{Path: "role", To: Role, By: "name"}},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "EntityAlreadyExists", Message: "Instance Profile %s already exists.",
		}}},
		NotFound: kind.Fault{Code: "NoSuchEntity", Message: "Instance Profile %s cannot be found."},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(identity(c, "instance-profile", "AIPA"))
			c.Set(account.Props{"namePrefix": ""})
			return nil
		},
	}
}

// identity are the outputs that everything with a name in IAM has.
func identity(c *kind.Call, class, prefix string) account.Props {
	return account.Props{
		"arn":        c.GlobalARN("iam", class+c.Out.String("path")+c.Out.String("name")),
		"createDate": c.Now.UTC().Format(time.RFC3339), "uniqueId": prefix + account.NewLetters(17),
	}
}
