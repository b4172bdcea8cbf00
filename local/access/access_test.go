package access_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/access"
	"wordpress-ecs/local/account"
)

const (
	roles  = "arn:aws:iam::123456789012:role/"
	role   = roles + "site-task"
	secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:site/db-AbCdEf"
	read   = "secretsmanager:GetSecretValue"
	trust  = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ecs-tasks.amazonaws.com"}}}`
)

// object is JSON.
type object = map[string]any

func policy(t *testing.T, statements ...object) string {
	t.Helper()
	text, err := json.Marshal(object{"Version": "2012-10-17", "Statement": statements})
	require.NoError(t, err)
	return string(text)
}

func allow(action, resource any, more ...object) object {
	s := object{"Effect": "Allow", "Action": action, "Resource": resource}
	for _, m := range more {
		for key, value := range m {
			s[key] = value
		}
	}
	return s
}

func deny(action, resource any, more ...object) object {
	s := allow(action, resource, more...)
	s["Effect"] = "Deny"
	return s
}

func when(operator, key string, values ...any) object {
	return object{"Condition": object{operator: object{key: values}}}
}

// resource is one of IAM, which has no region.
func resource(typ, id string, outputs account.Props) account.Resource {
	return account.Resource{Type: "aws:iam/" + typ, ID: id, Outputs: outputs}
}

func roleNamed(name, trust string) account.Resource {
	return resource("role:Role", name, account.Props{"arn": roles + name, "name": name, "assumeRolePolicy": trust})
}

// open is an account with a role that has a policy, if any, and more.
func open(t *testing.T, document string, more ...account.Resource) *account.Account {
	t.Helper()
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	all := append([]account.Resource{roleNamed("site-task", trust)}, more...)
	if document != "" {
		all = append(all, resource("rolePolicy:RolePolicy", "site-task:own", account.Props{
			"role": "site-task", "name": "own", "policy": document,
		}))
	}
	require.NoError(t, acct.Update(func(tx *account.Tx) error {
		for _, r := range all {
			if err := tx.Put(r); err != nil {
				return err
			}
		}
		return nil
	}))
	return acct
}

func ask(t *testing.T, acct *account.Account, r access.Request) access.Answer {
	t.Helper()
	var a access.Answer
	require.NoError(t, acct.View(func(tx *account.Tx) (err error) {
		a, err = access.Ask(tx, r)
		return err
	}))
	return a
}

func TestWhatAPolicyAllows(t *testing.T) {
	t.Parallel()
	type policyCase struct {
		statements []object
		context    map[string]string
		reason     string // nothing: allowed
		note       string
	}
	cases := map[string]policyCase{
		"the very secret":         {statements: []object{allow(read, secret)}},
		"lists":                   {statements: []object{allow([]any{"s3:*", read}, []any{"*"})}},
		"wildcards":               {statements: []object{allow("SecretsManager:get*", "arn:aws:secretsmanager:*:*:secret:site/db-??????")}},
		"another secret":          {statements: []object{allow(read, secret+"2")}, reason: "because no identity-based policy allows the " + read + " action"},
		"the secret without tail": {statements: []object{allow(read, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:site/db")}, reason: "because no identity-based policy"},
		"another action":          {statements: []object{allow("secretsmanager:DescribeSecret", "*")}, reason: "because no identity-based policy"},
		"nothing":                 {reason: "because no identity-based policy"},
		"a denial wins": {
			statements: []object{allow("*", "*"), deny("secretsmanager:*", secret)},
			reason:     "with an explicit deny in an identity-based policy",
		},
		"a denial of something else": {statements: []object{allow("*", "*"), deny("*", "arn:aws:s3:::*")}},
		"all actions but":            {statements: []object{{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}}},
		"all actions but this": {
			statements: []object{{"Effect": "Allow", "NotAction": "secretsmanager:*", "Resource": "*"}}, reason: "because no",
		},
		"all resources but": {statements: []object{{"Effect": "Allow", "Action": read, "NotResource": "arn:aws:secretsmanager:*:*:secret:shop*"}}},
		"all resources but this": {
			statements: []object{{"Effect": "Allow", "Action": read, "NotResource": secret}}, reason: "because no",
		},
		"a condition that is met": {
			statements: []object{allow(read, "*", when("StringEquals", "secretsmanager:VersionStage", "AWSCURRENT", "AWSPENDING"))},
			context:    map[string]string{"SecretsManager:VersionStage": "AWSCURRENT"},
		},
		"a condition that is not": {
			statements: []object{allow(read, "*", when("StringEquals", "secretsmanager:VersionStage", "AWSPENDING"))},
			context:    map[string]string{"secretsmanager:VersionStage": "AWSCURRENT"}, reason: "because no",
		},
		"a denial without TLS": {
			statements: []object{allow(read, "*"), deny("*", "*", when("Bool", "aws:SecureTransport", "false"))},
			context:    map[string]string{"aws:SecureTransport": "true"},
		},
		"a denial without TLS, and there is none": {
			statements: []object{allow(read, "*"), deny("*", "*", when("Bool", "aws:SecureTransport", false))},
			context:    map[string]string{"aws:SecureTransport": "false"}, reason: "with an explicit deny",
		},
		"the ARN of the principal": {
			statements: []object{allow(read, "*", when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/the ARN *"))},
		},
		"an unknown key allows nothing": {
			statements: []object{allow(read, "*", when("StringLike", "aws:PrincipalOrgID", "*"))}, reason: "because no",
			note: "the condition key aws:PrincipalOrgID has no value here",
		},
		"nor does its absence": {
			statements: []object{allow(read, "*", when("StringNotEquals", "aws:PrincipalOrgID", "o-1"))}, reason: "because no",
			note: "the condition key aws:PrincipalOrgID has no value here",
		},
		"unless the operator says so": {
			statements: []object{allow(read, "*", when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1"))},
		},
		"an unknown key denies when it has to be there": {
			statements: []object{allow(read, "*"), deny("*", "*", when("StringNotEquals", "aws:SourceVpce", "vpce-1"))},
			reason:     "with an explicit deny", note: "the condition key aws:SourceVpce has no value here",
		},
		"no value": {statements: []object{allow(read, "*", when("Null", "aws:SourceVpce", "true"))}},
		"an unknown operator": {
			statements: []object{allow(read, "*", when("IpAddress", "aws:SourceIp", "0.0.0.0/0"))}, reason: "because no",
			note: "the condition operator IpAddress is not evaluated here",
		},
		"a policy variable": {statements: []object{allow(read, "arn:aws:secretsmanager:*:${aws:PrincipalAccount}:secret:*")}},
		"an unknown policy variable": {
			statements: []object{allow(read, "arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/team}/*")}, reason: "because no",
			note: "the policy variable ${aws:PrincipalTag/team} is not evaluated here",
		},
	}
	var all []account.Resource
	for name, c := range cases {
		all = append(all, roleNamed(name, trust))
		if c.statements != nil {
			all = append(all, resource("rolePolicy:RolePolicy", name, account.Props{"role": name, "policy": policy(t, c.statements...)}))
		}
	}
	acct := open(t, "", all...)
	for name, c := range cases {
		a := ask(t, acct, access.Request{Role: roles + name, Session: "0123", Action: read, Resource: secret, Context: c.context})
		if c.reason == "" {
			require.True(t, a.Allowed, "%s: %s", name, a.Reason)
			require.NoError(t, a.Refused(), name)
			continue
		}
		require.False(t, a.Allowed, name)
		require.Contains(t, a.Reason, fmt.Sprintf("User: arn:aws:sts::123456789012:assumed-role/%s/0123 is not authorized to perform: %s "+
			"on resource: %s %s", name, read, secret, c.reason), name)
		if c.note == "" {
			require.Empty(t, a.Notes, name)
			continue
		}
		require.Contains(t, a.Notes, c.note, name)
		require.ErrorContains(t, a.Refused(), "("+c.note+")", name)
	}
}

func TestPoliciesOfARoleComeFromEverywhere(t *testing.T) {
	t.Parallel()
	inline := resource("role:Role", "site-task", account.Props{
		"arn": role, "name": "site-task", "assumeRolePolicy": trust,
		"inlinePolicies": []any{object{"name": "read", "policy": policy(t, allow(read, "*"))}},
	})
	require.True(t, ask(t, open(t, "", inline), access.Request{Role: role, Action: read, Resource: secret}).Allowed)

	attached := resource("rolePolicyAttachment:RolePolicyAttachment", "a", account.Props{
		"role": "site-task", "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
	})
	pull := access.Request{Role: role, Action: "ecr:BatchGetImage", Resource: "arn:aws:ecr:eu-west-1:123456789012:repository/site"}
	require.False(t, ask(t, open(t, ""), pull).Allowed)
	require.True(t, ask(t, open(t, "", attached), pull).Allowed)

	unknown := resource("rolePolicyAttachment:RolePolicyAttachment", "a", account.Props{
		"role": "site-task", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
	})
	require.ErrorContains(t, ask(t, open(t, "", unknown), pull).Refused(),
		"(the policy arn:aws:iam::aws:policy/AdministratorAccess is not known here)")
}

func TestPoliciesOfOthersDoNotCount(t *testing.T) {
	t.Parallel()
	other := resource("rolePolicy:RolePolicy", "shop:own", account.Props{"role": "shop", "policy": policy(t, allow("*", "*"))})
	require.False(t, ask(t, open(t, "", other), access.Request{Role: role, Action: read, Resource: secret}).Allowed)
	require.False(t, ask(t, open(t, ""), access.Request{Role: role + "2", Action: read, Resource: secret}).Allowed)
}

func TestThePolicyOfAResource(t *testing.T) {
	t.Parallel()
	const system, mount = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1", "elasticfilesystem:ClientMount"
	everyone := object{"Principal": object{"AWS": "*"}}
	tls := deny("*", system, everyone, when("Bool", "aws:SecureTransport", "false"))
	may, mayNot := open(t, policy(t, allow(mount, system))), open(t, "")
	for name, c := range map[string]struct {
		own                    bool
		resource, role, secure string
		reason                 string
	}{
		"the role's own":               {own: true, resource: policy(t, tls), role: role, secure: "true"},
		"denied by the resource":       {own: true, resource: policy(t, tls), role: role, secure: "false", reason: "with an explicit deny in a resource-based policy"},
		"without either":               {resource: policy(t, tls), role: role, secure: "true", reason: "because no identity-based policy"},
		"the resource's":               {resource: policy(t, allow(mount, system, everyone)), role: role, secure: "true"},
		"for this role":                {resource: policy(t, allow(mount, system, object{"Principal": object{"AWS": role}})), role: role, secure: "true"},
		"for the account":              {resource: policy(t, allow(mount, system, object{"Principal": object{"AWS": []any{"arn:aws:iam::123456789012:root"}}})), role: role, secure: "true"},
		"for another":                  {resource: policy(t, allow(mount, system, object{"Principal": object{"AWS": role + "2"}})), role: role, secure: "true", reason: "because no"},
		"for nobody in particular":     {resource: policy(t, allow(mount, system, object{"Principal": "*"})), secure: "true"},
		"without credentials":          {own: true, resource: policy(t, tls), secure: "true", reason: "because no resource-based policy allows the " + mount},
		"without credentials or an ok": {resource: policy(t, allow(mount, system, object{"Principal": object{"AWS": role}})), secure: "true", reason: "because no resource-based policy"},
	} {
		acct := mayNot
		if c.own {
			acct = may
		}
		a := ask(t, acct, access.Request{
			Role: c.role, Action: mount, Resource: system, Policy: c.resource, Context: map[string]string{"aws:SecureTransport": c.secure},
		})
		require.Equal(t, c.reason == "", a.Allowed, "%s: %s", name, a.Reason)
		require.Contains(t, a.Reason, c.reason, name)
	}
}

// As the origin access control of CloudFront asks S3.
func TestAServiceNeedsThePolicyOfTheResource(t *testing.T) {
	t.Parallel()
	const (
		action, object1 = "s3:GetObject", "arn:aws:s3:::media/photo.jpg"
		distribution    = "arn:aws:cloudfront::123456789012:distribution/E1"
	)
	cloudFront := object{"Principal": object{"Service": "cloudfront.amazonaws.com"}}
	of := func(arn string) object { return when("StringEquals", "AWS:SourceArn", arn) }
	acct := open(t, policy(t, allow(action, "*")))
	for name, c := range map[string]struct {
		policy  string
		allowed bool
	}{
		"this distribution":    {policy(t, allow(action, "arn:aws:s3:::media/*", cloudFront, of(distribution))), true},
		"another distribution": {policy(t, allow(action, "arn:aws:s3:::media/*", cloudFront, of(distribution+"2"))), false},
		"another bucket":       {policy(t, allow(action, "arn:aws:s3:::other/*", cloudFront, of(distribution))), false},
		"another service":      {policy(t, allow(action, "*", object{"Principal": object{"Service": "ec2.amazonaws.com"}})), false},
		"a role":               {policy(t, allow(action, "*", object{"Principal": object{"AWS": role}})), false},
		"all but roles":        {policy(t, allow(action, "*", object{"NotPrincipal": object{"AWS": role}})), true},
		"no policy":            {"", false},
	} {
		a := ask(t, acct, access.Request{
			Service: "cloudfront.amazonaws.com", Action: action, Resource: object1, Policy: c.policy,
			Context: map[string]string{"aws:SourceArn": distribution},
		})
		require.Equal(t, c.allowed, a.Allowed, "%s: %s", name, a.Reason)
		require.Equal(t, !c.allowed, a.Reason == "User: cloudfront.amazonaws.com is not authorized to perform: s3:GetObject on resource: "+
			object1+" because no resource-based policy allows the s3:GetObject action", name)
	}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	const service = "ecs-tasks.amazonaws.com"
	statement := func(principal any, more ...object) string {
		s := object{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
		for _, m := range more {
			for key, value := range m {
				s[key] = value
			}
		}
		return policy(t, s)
	}
	type trustCase struct {
		trust   string
		allowed bool
	}
	cases := map[string]trustCase{
		"the service":      {trust, true},
		"one of several":   {statement(object{"Service": []any{"ec2.amazonaws.com", service}}), true},
		"another service":  {statement(object{"Service": "ec2.amazonaws.com"}), false},
		"this account":     {statement(object{"Service": service}, when("StringEquals", "aws:SourceAccount", account.ID)), true},
		"another account":  {statement(object{"Service": service}, when("StringEquals", "aws:SourceAccount", "210987654321")), false},
		"another action":   {policy(t, object{"Effect": "Allow", "Action": "sts:TagSession", "Principal": object{"Service": service}}), false},
		"denied":           {policy(t, object{"Effect": "Allow", "Action": "sts:*", "Principal": "*"}, object{"Effect": "Deny", "Action": "*", "Principal": object{"Service": service}}), false},
		"a service of ARN": {statement(object{"Service": service}, when("ArnLike", "aws:SourceArn", "arn:aws:ecs:eu-west-1:"+account.ID+":*")), true},
	}
	var all []account.Resource
	for name, c := range cases {
		all = append(all, roleNamed(name, c.trust))
	}
	require.NoError(t, open(t, "", all...).View(func(tx *account.Tx) error {
		for name, c := range cases {
			a, err := access.Assume(tx, roles+name, service, map[string]string{
				"aws:SourceAccount": account.ID, "aws:SourceArn": "arn:aws:ecs:eu-west-1:" + account.ID + ":*",
			})
			require.NoError(t, err)
			require.Equal(t, c.allowed, a.Allowed, "%s: %s", name, a.Reason)
		}
		return nil
	}))
}

func TestTheRoleOfAnInstanceProfile(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:iam::123456789012:instance-profile/site"
	acct := open(t, "", resource("instanceProfile:InstanceProfile", "site", account.Props{"arn": arn, "name": "site", "role": "site-task"}))
	require.NoError(t, acct.View(func(tx *account.Tx) error {
		for profile, want := range map[string]string{arn: role, "site": role, "shop": ""} {
			got, err := access.RoleOf(tx, profile)
			require.NoError(t, err)
			require.Equal(t, want, got, profile)
		}
		return nil
	}))
}
