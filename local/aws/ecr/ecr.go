// Package ecr is Amazon ECR: repositories and their lifecycle policies. The images
// themselves are in the registry that stands for it.
package ecr

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Repository      = "aws:ecr/repository:Repository"
	LifecyclePolicy = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
)

// tokenLife is how long an authorization token is valid.
const tokenLife = 12 * time.Hour

// Service declares the kinds and functions of this package.
func Service() kind.Service {
	return kind.Service{
		Kinds: []kind.Kind{repository(), lifecyclePolicy()},
		Functions: []kind.Function{{
			Name: "aws:ecr/getAuthorizationToken:getAuthorizationToken", Args: []string{"registryId"},
			Secret: []string{"authorizationToken", "password"}, Run: authorizationToken,
		}},
	}
}

func host(region string) string { return account.ID + ".dkr.ecr." + region + ".amazonaws.com" }

func repository() kind.Kind {
	return kind.Kind{
		Type: Repository, Title: "ECR Repository", Args: ecr.RepositoryArgs{}, State: ecr.Repository{},
		Name:     kind.Name{Property: "name", Max: 256, Lower: true},
		Replace:  []string{"name", "encryptionConfigurations"},
		Kept:     []string{"encryptionConfigurations"},
		Defaults: account.Props{"imageTagMutability": "MUTABLE", "forceDelete": false},
		Rules: []kind.Rule{
			kind.Match("name", `^[a-z][a-z0-9]*((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`,
				"must start with a letter and have lower-case letters, numbers, hyphens, underscores, dots and slashes"),
			kind.Length("name", 2, 256),
			kind.OneOf("imageTagMutability", "MUTABLE", "IMMUTABLE"),
			kind.OneOf("encryptionConfigurations[].encryptionType", "AES256", "KMS", "KMS_DSSE"),
		},
		Unique: []kind.Unique{{Property: "name", Taken: kind.Fault{
			Code:    "RepositoryAlreadyExistsException",
			Message: "The repository with name '%s' already exists in the registry with id '" + account.ID + "'",
		}}},
		NotFound: kind.Fault{
			Code:    "RepositoryNotFoundException",
			Message: "The repository with name '%s' does not exist in the registry with id '" + account.ID + "'",
		},
		Create: func(c *kind.Call) error {
			c.ID = c.Out.String("name")
			c.Set(account.Props{
				"arn": c.ARN("ecr", "repository/"+c.ID), "registryId": account.ID,
				"repositoryUrl":            host(c.Region) + "/" + c.ID,
				"encryptionConfigurations": []any{map[string]any{"encryptionType": "AES256", "kmsKey": ""}},
			})
			return nil
		},
		Delete: deleteRepository,
	}
}

func deleteRepository(c *kind.Call) error {
	if c.Images == nil {
		return nil
	}
	held, err := c.Images.Digests(c.ID)
	if err != nil {
		return err
	}
	if len(held) > 0 && !c.In.Bool("forceDelete") {
		return kind.Refuse("RepositoryNotEmptyException", "The repository with name '%s' in registry with id '%s' "+
			"cannot be deleted because it still contains images", c.ID, account.ID)
	}
	return c.Images.Remove(c.ID)
}

func lifecyclePolicy() kind.Kind {
	return kind.Kind{
		Type: LifecyclePolicy, Title: "ECR Lifecycle Policy", Args: ecr.LifecyclePolicyArgs{}, State: ecr.LifecyclePolicy{},
		Required: []string{"policy"},
		Replace:  []string{"repository", "policy"},
		// A repository has one policy: a new one made first would go with the old one.
		DeleteFirst: true,
		Text:        map[string]func(string) string{"policy": kind.CanonicalJSON},
		Rules:       []kind.Rule{kind.JSON("policy"), {Path: "policy", Code: "InvalidParameterException", Test: lifecycleRules}},
		// Policies go with their repository.
		Refs: []kind.Ref{{Path: "repository", To: Repository, By: "name", Loose: true}},
		Create: func(c *kind.Call) error {
			c.ID = c.In.String("repository")
			c.Set(account.Props{"registryId": account.ID})
			return nil
		},
	}
}

func lifecycleRules(v any, _ account.Props) string {
	text, _ := v.(string)
	var policy struct {
		Rules []struct {
			RulePriority int
			Selection    struct{ TagStatus, CountType string }
			Action       struct{ Type string }
		}
	}
	const prefix = "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: "
	if err := json.Unmarshal([]byte(text), &policy); err != nil || len(policy.Rules) == 0 {
		return prefix + "there are no rules'"
	}
	seen := map[int]bool{}
	for _, rule := range policy.Rules {
		switch {
		case rule.RulePriority < 1 || seen[rule.RulePriority]:
			return prefix + "rulePriority must be a number from 1, used once'"
		case rule.Selection.TagStatus != "tagged" && rule.Selection.TagStatus != "untagged" && rule.Selection.TagStatus != "any":
			return prefix + "tagStatus must be one of tagged, untagged, any'"
		case rule.Selection.CountType != "imageCountMoreThan" && rule.Selection.CountType != "sinceImagePushed":
			return prefix + "countType must be one of imageCountMoreThan, sinceImagePushed'"
		case rule.Action.Type != "expire":
			return prefix + "action type must be expire'"
		}
		seen[rule.RulePriority] = true
	}
	return ""
}

// authorizationToken makes a password of its own on every call, as AWS does. The
// registry on this machine takes any.
func authorizationToken(c *kind.Call) (account.Props, error) {
	password := account.NewHex(64)
	return account.Props{
		"id": c.Region, "registryId": c.In["registryId"], "userName": "AWS", "password": password,
		"authorizationToken": base64.StdEncoding.EncodeToString([]byte("AWS:" + password)),
		"proxyEndpoint":      "https://" + host(c.Region),
		"expiresAt":          c.Now.Add(tokenLife).UTC().Format(time.RFC3339),
	}, nil
}
