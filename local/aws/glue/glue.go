// Package glue is the data catalog of AWS Glue: databases and the tables that Amazon Athena queries.
package glue

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Tokens by which other services refer to what is declared here.
const (
	Database = "aws:glue/catalogDatabase:CatalogDatabase"
	Table    = "aws:glue/catalogTable:CatalogTable"
)

const (
	terraform = "terraform-provider-aws internal/service/glue/"
	reference = "AWS Glue API reference, "

	longestName        = 255
	longestDescription = 2048
	// exists is the code for a name that is taken.
	exists = "AlreadyExistsException"
)

// Service declares the kinds of this package.
func Service() kind.Service { return kind.Service{Kinds: []kind.Kind{database(), table()}} }

func database() kind.Kind {
	const permissions = "createTableDefaultPermissions[]"
	return kind.Kind{
		Type: Database, Title: "Glue Catalog Database", Args: glue.CatalogDatabaseArgs{}, State: glue.CatalogDatabase{},
		Source: terraform + "catalog_database.go",
		API: kind.API{
			Service: "glue", Create: "CreateDatabase", Change: "UpdateDatabase", Delete: "DeleteDatabase",
			Members: map[string]string{"": "DatabaseInput"},
		},
		Name:    kind.Name{Property: "name", Snake: true},
		Replace: []string{"name", "catalogId", "targetDatabase"},
		Kept:    []string{"createTableDefaultPermissions"},
		Rules: append(append(names(), []kind.Rule{
			kind.Length(permissions+".principal.dataLakePrincipalIdentifier", 1, longestName),
			kind.OneOf(permissions+".permissions[]", "ALL", "SELECT", "ALTER", "DROP", "DELETE", "INSERT", "CREATE_DATABASE",
				"CREATE_TABLE", "DATA_LOCATION_ACCESS"),
			kind.Unsupported("federatedDatabase", "it has databases of its own catalog only"),
			kind.Unsupported("targetDatabase", "it has databases of its own catalog only"),
		}...), kind.Tags("InvalidInputException", "InvalidInputException")...),
		Unique: []kind.Unique{{
			Property: "name", Taken: kind.Fault{Code: exists, Message: "Database already exists."}, Source: reference + "CreateDatabase",
		}},
		NotFound: kind.Fault{Code: "EntityNotFoundException", Message: "Database %s not found."},
		Create: func(c *kind.Call) error {
			name := c.Out.String("name")
			c.ID = account.ID + ":" + name
			c.Set(account.Props{
				"arn": c.ARN("glue", "database/"+name), "catalogId": account.ID, "locationUri": "",
				// Whoever IAM lets may use the tables: AWS gives this where nothing else is said.
				"createTableDefaultPermissions": []any{map[string]any{
					"permissions": []any{"ALL"}, "principal": map[string]any{"dataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
				}},
			})
			return nil
		},
		Delete: dropTables,
	}
}

// names are the rules of what databases and tables are called, and of the catalog that they are in.
func names() []kind.Rule {
	return []kind.Rule{
		kind.Length("name", 1, longestName),
		kind.Reject("name", `[A-Z]`, "uppercase characters cannot be used").Refusing("Logs"),
		kind.Length("description", 0, longestDescription),
		{
			Name: "the account's own catalog", Source: "the local cloud; AWS has it", Path: "catalogId", Bad: "210987654321",
			Test: func(v any, _ account.Props) string {
				if v != account.ID {
					return "the catalog of another account is not supported by the local cloud: leave catalogId out"
				}
				return ""
			},
		},
	}
}

// dropTables deletes the tables of a database, as AWS does with the database.
func dropTables(c *kind.Call) error {
	all, err := c.All(Table)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Outputs["databaseName"] == c.Old["name"] {
			if err := c.Tx.Delete(Table, t.Region, t.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
