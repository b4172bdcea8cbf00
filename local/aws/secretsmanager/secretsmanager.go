// Package secretsmanager is AWS Secrets Manager: secrets and their versions.
package secretsmanager

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Secret  = "aws:secretsmanager/secret:Secret"
	Version = "aws:secretsmanager/secretVersion:SecretVersion"
)

// provider is where rules are from that are not the API's.
const provider = "terraform-provider-aws internal/service/secretsmanager"

// recovery is the class of names that deleted secrets keep for a while.
const recovery = "secret"

// defaultWindow is how long a deleted secret can be brought back, in days.
const defaultWindow = 30

// Service declares the kinds of this package.
func Service() kind.Service { return kind.Service{Kinds: []kind.Kind{secret(), version()}} }

func secret() kind.Kind {
	return kind.Kind{
		Type: Secret, Title: "Secrets Manager Secret", Args: secretsmanager.SecretArgs{}, State: secretsmanager.Secret{},
		API: kind.API{
			Service: "secretsmanager", Create: "CreateSecret", Change: "UpdateSecret", Delete: "DeleteSecret",
			Members: map[string]string{"replicas": "AddReplicaRegions"},
		},
		Source:   "Secrets Manager CreateSecret",
		Name:     kind.Name{Property: "name", Prefix: "namePrefix"},
		Replace:  []string{"name", "namePrefix"},
		Sets:     []string{"replicas"},
		Kept:     []string{"policy", "replicas"},
		Text:     map[string]func(string) string{"policy": kind.CanonicalPolicy},
		Defaults: account.Props{"forceOverwriteReplicaSecret": false, "recoveryWindowInDays": float64(defaultWindow)},
		Rules: []kind.Rule{
			kind.Match("name", `^[0-9A-Za-z/_+=.@-]{1,512}$`, "must contain only alphanumeric characters and /_+=.@-").From(provider),
			kind.Conflict("name", "namePrefix").From(provider),
			kind.JSON("policy").From(provider),
			policy(),
			kind.Length("policy", 0, 20480).API("ValidationException").From("Secrets Manager PutResourcePolicy"),
			{
				Name: "days of recoveryWindowInDays", Source: provider, Path: "recoveryWindowInDays", Bad: 3.0,
				Test: func(v any, _ account.Props) string {
					if n, ok := v.(float64); ok && n != 0 && (n < 7 || n > 30) {
						return fmt.Sprintf("expected recoveryWindowInDays to be 0 or in the range (7 - 30), got %v", n)
					}
					return ""
				},
			},
		},
		Guards: []kind.Guard{
			{Name: "no replica at home", On: kind.Making | kind.Changing, Check: replicasElsewhere},
		},
		Unique: []kind.Unique{{
			Property: "name", Reserved: recovery,
			Taken: kind.Fault{Code: "ResourceExistsException", Message: "The operation failed because the secret %s already exists."},
			Held: kind.Fault{Code: "InvalidRequestException", Message: "You can't create this secret because a secret with this name " +
				"is already scheduled for deletion. (%s)"},
		}},
		NotFound: kind.Fault{Code: "ResourceNotFoundException", Message: "Secrets Manager can't find the specified secret. (%s)"},
		Create: func(c *kind.Call) error {
			c.ID = c.ARN("secretsmanager", "secret:"+c.Out.String("name")+"-"+account.NewLetters(6))
			c.Set(account.Props{"arn": c.ID, "namePrefix": "", "policy": "", "replicas": []any{}})
			return noPolicy(c)
		},
		Update: noPolicy,
		Delete: deleteSecret,
	}
}

// policy is the rule of the resource policy, with "{}" for none.
func policy() kind.Rule {
	r := iam.ResourcePolicy("policy", "MalformedPolicyDocumentException").From("Secrets Manager PutResourcePolicy")
	test := r.Test
	r.Test = func(v any, in account.Props) string {
		if kind.CanonicalJSON(fmt.Sprint(v)) == "{}" {
			return ""
		}
		return test(v, in)
	}
	return r
}

// noPolicy deletes the resource policy where "{}" asks for that; to leave it out keeps the one that is there.
func noPolicy(c *kind.Call) error {
	if kind.CanonicalJSON(c.In.String("policy")) == "{}" {
		c.Out["policy"] = ""
	}
	return nil
}

func replicasElsewhere(c *kind.Call) error {
	for _, r := range c.In.Objects("replicas") {
		if r.String("region") == c.Region {
			return kind.Refuse("InvalidParameterException", "Invalid replica region: %s is the region of the secret.", c.Region)
		}
	}
	return nil
}

// deleteSecret keeps the name taken until the secret can no longer be brought back.
func deleteSecret(c *kind.Call) error {
	days := c.Old.Number("recoveryWindowInDays")
	if days == 0 {
		return nil
	}
	return c.Tx.Reserve(recovery, c.Region, c.Old.String("name"), c.Now.Add(time.Duration(days)*24*time.Hour))
}
