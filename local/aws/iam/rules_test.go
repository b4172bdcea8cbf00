package iam_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

const (
	trust  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}`
	access = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	// attached is a policy of AWS.
	attached = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
)

// large is a policy of about so many characters.
func large(size int) string {
	return strings.Replace(access, `"*"`, `"arn:aws:s3:::`+strings.Repeat("a", size)+`"`, 1)
}

func usual() cases.Usual {
	return cases.Usual{
		iam.Role: func(*cases.World) account.Props {
			return account.Props{
				"assumeRolePolicy": trust, "description": "may read", "path": "/", "maxSessionDuration": 3600.0,
				"permissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess", "managedPolicyArns": []any{attached},
				"inlinePolicies": []any{map[string]any{"name": "read", "policy": access}},
				"tags":           map[string]any{"Project": "site"},
			}
		},
		iam.RolePolicy: func(w *cases.World) account.Props {
			return account.Props{"role": w.Usual(iam.Role).ID, "policy": access}
		},
		iam.Attachment: func(w *cases.World) account.Props {
			return account.Props{"role": w.Usual(iam.Role).ID, "policyArn": attached}
		},
		iam.InstanceProfile: func(w *cases.World) account.Props {
			return account.Props{"role": w.Usual(iam.Role).ID, "path": "/", "tags": map[string]any{"Project": "site"}}
		},
	}
}

// named are the cases of the names that all kinds have.
func named(typ string) []cases.Case {
	prefix := func(prefix string) cases.Trial { return cases.Make(account.Props{"name": nil, "namePrefix": prefix}) }
	return []cases.Case{
		{Type: typ, Rule: "length of name", Refused: cases.Make(account.Props{"name": strings.Repeat("a", 129)}), Says: "expected length of name"},
		{Type: typ, Rule: "form of name", Refused: cases.Make(account.Props{"name": "a b"}), Says: "must match"},
		{Type: typ, Rule: "length of namePrefix", Refused: prefix(strings.Repeat("a", 103)), Accepted: prefix("site-"), Says: "expected length of namePrefix"},
		{Type: typ, Rule: "form of namePrefix", Refused: prefix("a b"), Accepted: prefix("site-"), Says: "must match"},
		{
			Type: typ, Rule: "name without namePrefix", Says: "conflicts with namePrefix",
			Refused: cases.Make(account.Props{"name": "site", "namePrefix": "site-"}),
		},
	}
}

// bare is a role without policies of its own.
func bare(w *cases.World) account.Resource {
	return w.Need(iam.Role, account.Props{"inlinePolicies": nil, "managedPolicyArns": nil})
}

func TestRules(t *testing.T) {
	t.Parallel()
	catalog, err := kind.NewCatalog(iam.Service())
	require.NoError(t, err)
	types := []string{iam.Role, iam.RolePolicy, iam.Attachment, iam.InstanceProfile}
	var all []cases.Case
	for _, typ := range []string{iam.Role, iam.RolePolicy, iam.InstanceProfile} {
		all = append(all, named(typ)...)
	}
	cases.Suite{Catalog: catalog, Types: types, Usual: usual(), Cases: append(all, accountCases()...)}.Run(t)
}

// accountCases are those of the rules about the rest of the account.
func accountCases() []cases.Case {
	var eleven []any
	for _, name := range []string{
		"AmazonEC2ContainerRegistryReadOnly", "AmazonElasticFileSystemClientReadWriteAccess", "AmazonSSMManagedInstanceCore",
		"AmazonSSMPatchAssociation", "CloudWatchAgentServerPolicy", "CloudWatchLogsFullAccess",
		"service-role/AWSBackupServiceRolePolicyForBackup", "service-role/AmazonEC2ContainerServiceAutoscaleRole",
		"service-role/AmazonEC2ContainerServiceRole", "service-role/AmazonEC2ContainerServiceforEC2Role",
		"service-role/AmazonECSTaskExecutionRolePolicy",
	} {
		eleven = append(eleven, "arn:aws:iam::aws:policy/"+name)
	}
	stranger := strings.Replace(trust, `"Service":"ec2.amazonaws.com"`, `"AWS":"arn:aws:iam::123456789012:role/nobody"`, 1)
	deleted := func(typ string, force bool) cases.Trial {
		return func(w *cases.World, _ string) error {
			r := w.Need(iam.Role, account.Props{"inlinePolicies": nil, "managedPolicyArns": nil, "forceDetachPolicies": force})
			w.Need(typ, account.Props{"role": r.ID})
			return w.Delete(r)
		}
	}
	return []cases.Case{
		{Type: iam.Role, Rule: "trusted roles exist", Refused: cases.Make(account.Props{"assumeRolePolicy": stranger}), Says: "MalformedPolicyDocument: Invalid principal in policy"},
		{
			Type: iam.Role, Rule: "managed policies exist", Says: "NoSuchEntity",
			Refused: cases.Make(account.Props{"managedPolicyArns": []any{"arn:aws:iam::aws:policy/Nothing"}}),
		},
		{
			Type: iam.Role, Rule: "10 managed policies", Says: "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10",
			Refused: cases.Make(account.Props{"managedPolicyArns": eleven}), Accepted: cases.Make(account.Props{"managedPolicyArns": eleven[1:]}),
		},
		{
			Type: iam.Role, Rule: "inline policies together have 10,240 characters", Says: "LimitExceeded: Maximum policy size of 10240 bytes exceeded",
			Refused: cases.Make(account.Props{"inlinePolicies": []any{map[string]any{"name": "a", "policy": large(10240)}}}),
		},
		{
			Type: iam.Role, Rule: "in no instance profile", Says: "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.",
			Refused: cases.Delete(func(w *cases.World, _ account.Resource) { w.Usual(iam.InstanceProfile) }), Accepted: cases.Delete(nil),
		},
		{
			Type: iam.Role, Rule: "no managed policy is attached", Says: "DeleteConflict: Cannot delete entity, must detach all policies first.",
			Refused: deleted(iam.Attachment, false), Accepted: deleted(iam.Attachment, true),
		},
		{
			Type: iam.Role, Rule: "no inline policy is left", Says: "DeleteConflict: Cannot delete entity, must delete policies first.",
			Refused: deleted(iam.RolePolicy, false), Accepted: deleted(iam.RolePolicy, true),
		},
		{
			Type: iam.RolePolicy, Rule: "inline policies of the role together have 10,240 characters", Says: "LimitExceeded: Maximum policy size of 10240 bytes",
			Refused: func(w *cases.World, typ string) error {
				role := bare(w).ID
				w.Need(typ, account.Props{"role": role, "policy": large(6000)})
				_, err := w.Make(typ, account.Props{"role": role, "policy": large(6000)})
				return err
			},
			Accepted: func(w *cases.World, typ string) error {
				role := bare(w).ID
				first := w.Need(typ, account.Props{"role": role, "policy": large(6000)})
				_, err := w.Change(first, account.Props{"policy": large(9000)})
				return err
			},
		},
		{
			Type: iam.Attachment, Rule: "policy exists", Says: "NoSuchEntity",
			Refused: cases.Make(account.Props{"policyArn": "arn:aws:iam::aws:policy/Nothing"}),
		},
		{
			Type: iam.Attachment, Rule: "10 managed policies per role", Says: "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10",
			Refused: func(w *cases.World, typ string) error {
				role := w.Need(iam.Role, account.Props{"managedPolicyArns": eleven[1:]}).ID
				_, err := w.Make(typ, account.Props{"role": role, "policyArn": eleven[0]})
				return err
			},
		},
	}
}
