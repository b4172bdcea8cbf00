package secretsmanager

import (
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// maxLength is the size of a secret value in bytes.
const maxLength = 65536

func version() kind.Kind {
	return kind.Kind{
		Type: Version, Title: "Secrets Manager Secret Version",
		Args: secretsmanager.SecretVersionArgs{}, State: secretsmanager.SecretVersion{},
		API:     kind.API{Service: "secretsmanager", Create: "PutSecretValue", Change: "PutSecretValue"},
		Source:  "Secrets Manager PutSecretValue",
		Replace: []string{"secretId", "secretBinary", "secretString"},
		Sets:    []string{"versionStages"},
		Kept:    []string{"versionStages"},
		Secret:  []string{"secretBinary", "secretString"},
		Rules: []kind.Rule{
			kind.Conflict("secretBinary", "secretString").From(provider),
			kind.Whole("a value is given", func(in account.Props) string {
				if !in.Has("secretBinary") && !in.Has("secretString") {
					return "You must provide either SecretString or SecretBinary."
				}
				return ""
			}, "secretBinary", "secretString").API("InvalidParameterException"),
			{
				Name: "base64 of secretBinary", Source: "pulumi-aws secretsmanager.SecretVersionArgs", Path: "secretBinary",
				Test: func(v any, _ account.Props) string {
					s, _ := v.(string)
					if bytes, err := base64.StdEncoding.DecodeString(s); err != nil || len(bytes) > maxLength {
						return fmt.Sprintf("the value of secretBinary is not base64 of at most %d bytes", maxLength)
					}
					return ""
				},
			},
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
	all, err := versionsOf(c, c.In.String("secretId"))
	if err != nil {
		return err
	}
	if !slices.Contains(c.Out.Strings("versionStages"), "AWSCURRENT") {
		return nil
	}
	for _, v := range all {
		v.Outputs["versionStages"] = []any{"AWSPREVIOUS"}
		if err := c.Tx.Put(v); err != nil {
			return err
		}
	}
	return nil
}

// versionsOf are the versions of a secret.
func versionsOf(c *kind.Call, secret string) ([]account.Resource, error) {
	all, err := c.All(Version)
	return slices.DeleteFunc(all, func(v account.Resource) bool { return v.Outputs.String("secretId") != secret }), err
}
