// Package secretsmanager is AWS Secrets Manager: secrets and their versions.
package secretsmanager

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Secret  = "aws:secretsmanager/secret:Secret"
	Version = "aws:secretsmanager/secretVersion:SecretVersion"
)

// recovery is the class of names that deleted secrets keep for a while.
const recovery = "secret"

// defaultWindow is how long a deleted secret can be brought back, in days.
const defaultWindow = 30

// Service declares the kinds of this package.
func Service() kind.Service { return kind.Service{Kinds: []kind.Kind{secret(), version()}} }

func secret() kind.Kind {
	return kind.Kind{
		Type: Secret, Title: "Secrets Manager Secret", Args: secretsmanager.SecretArgs{}, State: secretsmanager.Secret{},
		Name:     kind.Name{Property: "name", Prefix: "namePrefix"},
		Replace:  []string{"name", "namePrefix"},
		Sets:     []string{"replicas"},
		Kept:     []string{"replicas"},
		Text:     map[string]func(string) string{"policy": kind.CanonicalPolicy},
		Defaults: account.Props{"forceOverwriteReplicaSecret": false, "recoveryWindowInDays": float64(defaultWindow)},
		Rules: []kind.Rule{
			kind.Match("name", `^[0-9A-Za-z/_+=.@-]{1,512}$`, "must contain only alphanumeric characters and /_+=.@-"),
			kind.JSON("policy"),
			{Path: "recoveryWindowInDays", Test: func(v any, _ account.Props) string {
				if n, ok := v.(float64); ok && n != 0 && (n < 7 || n > 30) {
					return fmt.Sprintf("expected recoveryWindowInDays to be 0 or in the range (7 - 30), got %v", n)
				}
				return ""
			}},
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
			return nil
		},
		Delete: deleteSecret,
	}
}

// deleteSecret keeps the name taken until the secret can no longer be brought back.
func deleteSecret(c *kind.Call) error {
	days := c.Old.Number("recoveryWindowInDays")
	if days == 0 {
		return nil
	}
	return c.Tx.Reserve(recovery, c.Region, c.Old.String("name"), c.Now.Add(time.Duration(days)*24*time.Hour))
}

func version() kind.Kind {
	return kind.Kind{
		Type: Version, Title: "Secrets Manager Secret Version",
		Args: secretsmanager.SecretVersionArgs{}, State: secretsmanager.SecretVersion{},
		Replace: []string{"secretId", "secretBinary", "secretString"},
		Sets:    []string{"versionStages"},
		Kept:    []string{"versionStages"},
		Secret:  []string{"secretBinary", "secretString"},
		Rules: []kind.Rule{
			kind.Conflict("secretBinary", "secretString"),
			longAtMost().API("InvalidParameterException"),
		},
		// Versions go with their secret.
		Refs:     []kind.Ref{{Path: "secretId", To: Secret, By: "arn", Loose: true}},
		NotFound: kind.Fault{Code: "ResourceNotFoundException", Message: "Secrets Manager can't find the specified secret value. (%s)"},
		Create: func(c *kind.Call) error {
			id := account.NewUUID()
			c.ID = c.In.String("secretId") + "|" + id
			c.Set(account.Props{"arn": c.In.String("secretId"), "versionId": id, "versionStages": []any{"AWSCURRENT"}})
			return demote(c)
		},
	}
}

// demote takes the stage AWSCURRENT from the version that had it.
func demote(c *kind.Call) error {
	all, err := c.All(Version)
	if err != nil {
		return err
	}
	for _, v := range all {
		if v.Outputs.String("secretId") != c.In.String("secretId") {
			continue
		}
		v.Outputs["versionStages"] = []any{"AWSPREVIOUS"}
		if err := c.Tx.Put(v); err != nil {
			return err
		}
	}
	return nil
}

// maxLength is the size of a secret value in bytes.
const maxLength = 65536

// longAtMost bounds the value without showing it in the message.
func longAtMost() kind.Rule {
	return kind.Rule{Path: "secretString", Test: func(v any, _ account.Props) string {
		if s, ok := v.(string); ok && (s == "" || len(s) > maxLength) {
			return fmt.Sprintf("the value of a secret has 1 to %d bytes, this one has %d", maxLength, len(s))
		}
		return ""
	}}
}
