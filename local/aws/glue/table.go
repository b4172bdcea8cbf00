package glue

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

const (
	longestComment = 255
	mostIndices    = 3
)

func table() kind.Kind {
	rules := names()
	for _, list := range []string{"storageDescriptor.columns[]", "partitionKeys[]"} {
		rules = append(rules, kind.Length(list+".name", 1, longestName), kind.Length(list+".comment", 0, longestComment))
	}
	return kind.Kind{
		Type: Table, Title: "Glue Catalog Table", Args: glue.CatalogTableArgs{}, State: glue.CatalogTable{},
		Source: terraform + "catalog_table.go",
		API: kind.API{
			Service: "glue", Create: "CreateTable", Change: "UpdateTable", Delete: "DeleteTable",
			Members: map[string]string{"": "TableInput", "partitionIndices": "PartitionIndexes"},
		},
		Name:    kind.Name{Property: "name", Snake: true},
		Replace: []string{"catalogId", "databaseName", "name", "partitionIndices"},
		Kept:    []string{"parameters", "partitionIndices", "storageDescriptor"},
		Rules: slices.Concat(rules, []kind.Rule{
			kind.Count("partitionIndices", 0, mostIndices).Refusing(make([]any, mostIndices+1)),
			kind.Unsupported("openTableFormatInput", "it has tables of files only"),
			kind.Unsupported("targetTable", "it has tables of its own catalog only"),
		}, projection()),
		Refs: []kind.Ref{{
			Path: "databaseName", To: Database, By: "name", Loose: true, Source: reference + "CreateTable",
		}},
		Guards: []kind.Guard{{
			Name: "name is free in its database", On: kind.Making, Source: reference + "CreateTable", Check: free,
		}},
		NotFound: kind.Fault{Code: "EntityNotFoundException", Message: "Table %s not found."},
		Create: func(c *kind.Call) error {
			name := c.Out.String("databaseName") + "/" + c.Out.String("name")
			c.ID = account.ID + ":" + c.Out.String("databaseName") + ":" + c.Out.String("name")
			c.Set(account.Props{"arn": c.ARN("glue", "table/"+name), "catalogId": account.ID})
			return nil
		},
	}
}

func free(c *kind.Call) error {
	all, err := c.All(Table)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Outputs["databaseName"] == c.Out["databaseName"] && t.Outputs["name"] == c.Out["name"] {
			return kind.Refuse(exists, "Table already exists.")
		}
	}
	return nil
}
