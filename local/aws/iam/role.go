package iam

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	roleNameLength    = 64
	descriptionLength = 1000
	// longestTrust is the size of a trust policy in characters that are no white space.
	longestTrust = 2048
)

func role() kind.Kind {
	return kind.Kind{
		Type: Role, Title: "IAM Role", Args: iam.RoleArgs{}, State: iam.Role{}, Global: true,
		Source:   provider + "/role.go",
		Required: []string{"assumeRolePolicy"},
		API: kind.API{
			Service: "iam", Create: "CreateRole", Change: "UpdateRole", Delete: "DeleteRole",
			More:    []string{"UpdateAssumeRolePolicy"},
			Members: map[string]string{"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument|PolicyDocument"},
		},
		Name:    kind.Name{Property: "name", Prefix: "namePrefix", Max: roleNameLength},
		Replace: []string{"name", "namePrefix", "path"},
		Sets:    []string{"inlinePolicies", "managedPolicyArns"},
		Kept:    []string{"inlinePolicies", "managedPolicyArns"},
		Text: map[string]func(string) string{
			"assumeRolePolicy": kind.CanonicalPolicy, "inlinePolicies.policy": kind.CanonicalPolicy,
		},
		Defaults: account.Props{"forceDetachPolicies": false, "maxSessionDuration": 3600.0, "path": "/"},
		Rules: slices.Concat(
			nameRules(roleNameLength),
			[]kind.Rule{
				kind.Length("description", 0, descriptionLength),
				kind.Match("description", `^[\t\n\r\x{20}-\x{7e}\x{a1}-\x{ff}]*$`, "must satisfy regular expression pattern "+
					`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`).Refusing("trust → access"),
				kind.Length("path", 0, 512),
				kind.Range("maxSessionDuration", 3600, 43200),
				kind.ARN("permissionsBoundary"), kind.ARN("managedPolicyArns[]"),
				kind.JSON("assumeRolePolicy"), kind.JSON("inlinePolicies[].policy"),
				sized("assumeRolePolicy", longestTrust, "Cannot exceed quota for ACLSizePerRole: 2048"),
			},
			trustRules("assumeRolePolicy"), accessRules("inlinePolicies[].policy"),
			kind.Tags("LimitExceeded", "InvalidInput"),
		),
		Guards: []kind.Guard{
			{Name: "trusted roles exist", Source: grammar, On: kind.Making | kind.Changing, Check: checkPrincipals},
			{Name: "managed policies exist", On: kind.Making | kind.Changing, Check: func(c *kind.Call) error {
				return attachable(c.In.Strings("managedPolicyArns"))
			}},
			{Name: "10 managed policies", Source: quotas, On: kind.Making | kind.Changing, Check: func(c *kind.Call) error {
				return countAttached(c, c.Out.String("name"), c.In.Strings("managedPolicyArns"))
			}},
			{Name: "inline policies together have 10,240 characters", Source: quotas, On: kind.Making | kind.Changing,
				Check: func(c *kind.Call) error {
					return measureInline(c, c.Out.String("name"), c.In.Objects("inlinePolicies"), "")
				}},
			{Name: "in no instance profile", Source: deleteRole, On: kind.Deleting, Check: unprofiled},
			{Name: "no managed policy is attached", Source: deleteRole, On: kind.Deleting, Check: detached},
			{Name: "no inline policy is left", Source: deleteRole, On: kind.Deleting, Check: emptied},
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code: "EntityAlreadyExists", Message: "Role with name %s already exists.",
		}}},
		NotFound: kind.Fault{Code: "NoSuchEntity", Message: "The role with name %s cannot be found."},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(identity(c, "role", "AROA"))
			c.Set(account.Props{"inlinePolicies": []any{}, "managedPolicyArns": []any{}, "namePrefix": ""})
			return nil
		},
		Delete: dropPolicies,
	}
}

const deleteRole = "IAM API reference, DeleteRole"

// checkPrincipals wants the roles of the account that a trust policy names.
func checkPrincipals(c *kind.Call) error {
	doc, wrong := parse(c.In.String("assumeRolePolicy"))
	if wrong != "" {
		return nil // another rule's
	}
	for _, s := range doc.statements {
		for _, arn := range s.principals("AWS") {
			if !ownRole.MatchString(arn) || arn == c.Out.String("arn") {
				continue
			}
			found, err := c.Find(Role, "arn", arn)
			if err != nil {
				return err
			}
			if found == nil {
				return kind.RefuseForNow(malformed, `Invalid principal in policy: "AWS":"%s"`, arn)
			}
		}
	}
	return nil
}

func unprofiled(c *kind.Call) error {
	profiles, err := of(c, InstanceProfile, c.ID)
	if err == nil && len(profiles) > 0 {
		err = kind.RefuseForNow("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
	}
	return err
}

// detached tells of policies that the provider does not detach by itself before it deletes a role.
func detached(c *kind.Call) error {
	attached, err := of(c, Attachment, c.ID)
	if err == nil && len(attached) > 0 && !c.In.Bool("forceDetachPolicies") && len(c.In.List("managedPolicyArns")) == 0 {
		err = kind.RefuseForNow("DeleteConflict", "Cannot delete entity, must detach all policies first.")
	}
	return err
}

// emptied is detached for inline policies.
func emptied(c *kind.Call) error {
	inline, err := of(c, RolePolicy, c.ID)
	if err == nil && len(inline) > 0 && !c.In.Bool("forceDetachPolicies") && len(c.In.List("inlinePolicies")) == 0 {
		err = kind.RefuseForNow("DeleteConflict", "Cannot delete entity, must delete policies first.")
	}
	return err
}

// dropPolicies takes away what the guards have let pass.
func dropPolicies(c *kind.Call) error {
	for _, token := range []string{Attachment, RolePolicy} {
		list, err := of(c, token, c.ID)
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := c.Tx.Delete(token, r.Region, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
