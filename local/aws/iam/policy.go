package iam

import (
	"slices"
	"strings"
	"unicode"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	policyNameLength = 128
	// longestInline is the size of a role's inline policies together, in characters that are no white space.
	longestInline = 10240
	// mostAttached is the quota of managed policies per role.
	mostAttached = 10
)

func rolePolicy() kind.Kind {
	return kind.Kind{
		Type: RolePolicy, Title: "IAM Role Policy", Args: iam.RolePolicyArgs{}, State: iam.RolePolicy{}, Global: true,
		Source: provider + "/role_policy.go",
		API: kind.API{
			Service: "iam", Create: "PutRolePolicy", Change: "PutRolePolicy", Delete: "DeleteRolePolicy",
			Members: map[string]string{"name": "PolicyName", "policy": "PolicyDocument", "role": "RoleName"},
		},
		Required: []string{"policy", "role"},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix", Max: policyNameLength},
		Replace:  []string{"name", "namePrefix", "role"},
		Text:     map[string]func(string) string{"policy": kind.CanonicalPolicy},
		Rules:    slices.Concat(nameRules(policyNameLength), []kind.Rule{kind.JSON("policy")}, accessRules("policy")),
		Refs:     []kind.Ref{{Path: "role", To: Role, By: "name", Loose: true}},
		Guards: []kind.Guard{{
			Name: "inline policies of the role together have 10,240 characters", Source: quotas, On: kind.Making | kind.Changing,
			Check: func(c *kind.Call) error {
				own := account.Props{"name": c.Out.String("name"), "policy": c.In.String("policy")}
				return measureInline(c, c.In.String("role"), []account.Props{own}, c.Out.String("name"))
			},
		}},
		NotFound: kind.Fault{Code: "NoSuchEntity", Message: "The role policy with name %s cannot be found."},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("role") + ":" + c.Out.String("name")
			c.Set(account.Props{"namePrefix": ""})
			// PutRolePolicy overwrites what has the name.
			return c.Tx.Delete(RolePolicy, "", c.ID)
		},
	}
}

func attachment() kind.Kind {
	return kind.Kind{
		Type: Attachment, Title: "IAM Role Policy Attachment",
		Args: iam.RolePolicyAttachmentArgs{}, State: iam.RolePolicyAttachment{}, Global: true,
		Source: provider + "/role_policy_attachment.go",
		API: kind.API{
			Service: "iam", Create: "AttachRolePolicy", Delete: "DetachRolePolicy", Members: map[string]string{"role": "RoleName"},
		},
		Required: []string{"role"},
		Replace:  []string{"role", "policyArn"},
		Rules:    []kind.Rule{kind.ARN("policyArn")},
		Refs:     []kind.Ref{{Path: "role", To: Role, By: "name", Loose: true}},
		Guards: []kind.Guard{
			{Name: "policy exists", Source: "IAM API reference, AttachRolePolicy", On: kind.Making, Check: func(c *kind.Call) error {
				return attachable([]string{c.In.String("policyArn")})
			}},
			{Name: "10 managed policies per role", Source: quotas, On: kind.Making, Check: func(c *kind.Call) error {
				return countAttached(c, c.In.String("role"), []string{c.In.String("policyArn")})
			}},
		},
		NotFound: kind.Fault{Code: "NoSuchEntity", Message: "The attachment %s cannot be found."},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("role") + "-" + c.Now.UTC().Format("20060102150405") + account.NewHex(12)
			// To attach a policy twice is to attach it once.
			attached, err := of(c, Attachment, c.In.String("role"))
			for _, r := range attached {
				if err == nil && r.Outputs.String("policyArn") == c.In.String("policyArn") {
					err = c.Tx.Delete(Attachment, "", r.ID)
				}
			}
			return err
		},
	}
}

// attachable wants policies that exist. Those of AWS that this cloud knows are the files of local/access/managed.
func attachable(arns []string) error {
	for _, arn := range arns {
		if name, ofAWS := strings.CutPrefix(arn, "arn:aws:iam::aws:policy/"); ofAWS {
			if _, known := access.Managed(name); known {
				continue
			}
		}
		return kind.Refuse("NoSuchEntity", "Policy %s does not exist or is not attachable. "+
			"(This cloud knows the managed policies of local/access/managed.)", arn)
	}
	return nil
}

// countAttached counts the managed policies of a role with those that are about to be attached.
func countAttached(c *kind.Call, role string, arns []string) error {
	all := map[string]bool{}
	for _, arn := range arns {
		all[arn] = true
	}
	attached, err := of(c, Attachment, role)
	if err != nil {
		return err
	}
	for _, r := range attached {
		all[r.Outputs.String("policyArn")] = true
	}
	holder, err := c.Find(Role, "name", role)
	if err != nil {
		return err
	}
	if holder != nil && holder.ID != c.ID {
		for _, arn := range holder.Outputs.Strings("managedPolicyArns") {
			all[arn] = true
		}
	}
	if len(all) > mostAttached {
		return kind.Refuse("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", mostAttached)
	}
	return nil
}

// measureInline adds up the inline policies of a role with those that are about to be written; the one called
// instead is being replaced.
func measureInline(c *kind.Call, role string, written []account.Props, instead string) error {
	total := 0
	for _, p := range written {
		total += size(p.String("policy"))
	}
	others, err := of(c, RolePolicy, role)
	if err != nil {
		return err
	}
	for _, r := range others {
		if r.Outputs.String("name") != instead {
			total += size(r.Outputs.String("policy"))
		}
	}
	holder, err := c.Find(Role, "name", role)
	if err != nil {
		return err
	}
	if holder != nil && holder.ID != c.ID {
		for _, p := range holder.Outputs.Objects("inlinePolicies") {
			if p.String("name") != instead {
				total += size(p.String("policy"))
			}
		}
	}
	if total > longestInline {
		return kind.Refuse("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", longestInline, role)
	}
	return nil
}

// size is how IAM counts a policy: without white space.
func size(policy string) int {
	n := 0
	for _, r := range policy {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// sized bounds one policy.
func sized(path string, most int, message string) kind.Rule {
	return kind.Rule{
		Name: "size of " + path, Source: quotas, Path: path, Code: "LimitExceeded",
		Bad: `"` + strings.Repeat("a", most) + `"`,
		Test: func(v any, _ account.Props) string {
			if text, ok := v.(string); ok && size(text) > most {
				return message
			}
			return ""
		},
	}
}
