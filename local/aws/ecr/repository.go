package ecr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

func repository() kind.Kind {
	return kind.Kind{
		Type: Repository, Title: "ECR Repository", Args: ecr.RepositoryArgs{}, State: ecr.Repository{},
		Source:   "terraform-provider-aws internal/service/ecr/repository.go",
		Name:     kind.Name{Property: "name", Max: 256, Lower: true},
		Replace:  []string{"name", "encryptionConfigurations"},
		Kept:     []string{"encryptionConfigurations"},
		Defaults: account.Props{"imageTagMutability": "MUTABLE", "forceDelete": false},
		Rules: append([]kind.Rule{
			kind.OneOf("imageTagMutability", "MUTABLE", "IMMUTABLE"),
			kind.Count("encryptionConfigurations", 0, 1).Refusing([]any{map[string]any{}, map[string]any{}}),
			kind.OneOf("encryptionConfigurations[].encryptionType", "AES256", "KMS", "KMS_DSSE"),
			kind.Whole("a key is for KMS", func(in account.Props) string {
				for _, e := range in.Objects("encryptionConfigurations") {
					if t := e.String("encryptionType"); e.String("kmsKey") != "" && t != "KMS" && t != "KMS_DSSE" {
						return "Invalid parameter at 'encryptionConfiguration' failed to satisfy constraint: " +
							"'KMS key is only allowed for KMS encryption type'"
					}
				}
				return ""
			}, "encryptionConfigurations").API("InvalidParameterException").From("ECR API reference, EncryptionConfiguration"),
		}, kind.Tags("TooManyTagsException", "InvalidTagParameterException")...),
		API: kind.API{
			Service: "ecr", Create: "CreateRepository", Change: "PutImageTagMutability", Delete: "DeleteRepository",
			More: []string{"PutImageScanningConfiguration"}, Members: map[string]string{"name": "repositoryName"},
		},
		Guards: []kind.Guard{{
			Name: "no image is left", Source: "ECR API reference, DeleteRepository", On: kind.Deleting, Check: emptied,
		}},
		Unique: []kind.Unique{{Property: "name", Source: "ECR API reference, CreateRepository", Taken: kind.Fault{
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
		Delete: func(c *kind.Call) error {
			if c.Images == nil {
				return nil
			}
			return c.Images.Remove(c.ID)
		},
	}
}

func emptied(c *kind.Call) error {
	if c.Images == nil || c.In.Bool("forceDelete") {
		return nil
	}
	held, err := c.Images.Digests(c.ID)
	if err == nil && len(held) > 0 {
		err = kind.Refuse("RepositoryNotEmptyException", "The repository with name '%s' in registry with id '%s' "+
			"cannot be deleted because it still contains images", c.ID, account.ID)
	}
	return err
}
