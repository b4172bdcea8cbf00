package glue_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/glue"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(glue.Service())
	require.NoError(t, err)
	return cases.Suite{
		Catalog: catalog, Types: []string{glue.Database, glue.Table},
		Usual: cases.Usual{
			glue.Database: func(*cases.World) account.Props {
				return account.Props{
					"catalogId": account.ID, "description": "logs", "tags": map[string]any{"Project": "site"},
					"createTableDefaultPermissions": []any{map[string]any{
						"permissions": []any{"ALL"}, "principal": map[string]any{"dataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
					}},
				}
			},
			glue.Table: func(w *cases.World) account.Props {
				return account.Props{
					"databaseName": w.Usual(glue.Database).Outputs["name"], "catalogId": account.ID, "description": "requests",
					"tableType": "EXTERNAL_TABLE", "parameters": parameters(nil),
					"partitionKeys": []any{map[string]any{"name": "day", "type": "string", "comment": "of the request"}},
					"partitionIndices": []any{
						map[string]any{"indexName": "days", "keys": []any{"day"}},
					},
					"storageDescriptor": map[string]any{
						"location": "s3://site-logs/alb/", "columns": []any{map[string]any{"name": "url", "type": "string", "comment": "asked for"}},
					},
				}
			},
		},
	}
}

// parameters are those of a table with a day in its key, some of them changed; "" takes one away.
func parameters(changes map[string]string) map[string]any {
	all := map[string]any{
		"projection.enabled": "true", "projection.day.type": "date", "projection.day.format": "yyyy/MM/dd",
		"projection.day.range": "2024/01/01,NOW", "storage.location.template": "s3://site-logs/alb/${day}",
	}
	for name, value := range changes {
		all[name] = value
		if value == "" {
			delete(all, name)
		}
	}
	return all
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Cases = []cases.Case{
		cases.Refused(glue.Database, "no federatedDatabase", "is not supported by the local cloud", account.Props{
			"federatedDatabase": map[string]any{"identifier": "site"},
		}),
		cases.Refused(glue.Database, "no targetDatabase", "is not supported by the local cloud", account.Props{
			"targetDatabase": map[string]any{"catalogId": account.ID, "databaseName": "site"},
		}),
		cases.Refused(glue.Table, "no openTableFormatInput", "is not supported by the local cloud", account.Props{
			"openTableFormatInput": map[string]any{"icebergInput": map[string]any{"metadataOperation": "CREATE"}},
		}),
		cases.Refused(glue.Table, "no targetTable", "is not supported by the local cloud", account.Props{
			"targetTable": map[string]any{"catalogId": account.ID, "databaseName": "site", "name": "logs"},
		}),
		cases.One(glue.Table, "name is free in its database", twice(false), twice(true), "AlreadyExistsException: Table already exists."),
	}
	for _, c := range []struct {
		rule, says     string
		wrong, correct map[string]string
	}{
		{
			"each partition key is projected", "missing projection configuration: [day]",
			map[string]string{"projection.day.type": ""}, map[string]string{"projection.day.type": "", "projection.enabled": "false"},
		},
		{
			"types of projection", `projection.day.type is "days", allowed is enum, integer, date or injected`,
			map[string]string{"projection.day.type": "days"}, map[string]string{"projection.day.type": " Injected "},
		},
		{
			"properties of a projection", "projection.day.format is missing, which the type date requires",
			map[string]string{"projection.day.format": ""}, nil,
		},
		{
			"properties of a projection", "projection.day.values is missing, which the type enum requires",
			map[string]string{"projection.day.type": "enum"}, map[string]string{"projection.day.type": "enum", "projection.day.values": "A,B"},
		},
		{
			"range of projected integers", `projection.day.range is "1", allowed is two integers`,
			map[string]string{"projection.day.type": "integer", "projection.day.range": "1"},
			map[string]string{"projection.day.type": "integer", "projection.day.range": "1, 31"},
		},
		{
			"range of projected integers", "the smaller one first",
			map[string]string{"projection.day.type": "integer", "projection.day.range": "31,1"}, nil,
		},
		{
			"range of projected dates", `allowed is two dates in the format "yyyy/MM/dd"`,
			map[string]string{"projection.day.range": "2024-01-01,NOW"}, map[string]string{"projection.day.range": "NOW-90DAYS,NOW+1DAY"},
		},
		{
			"range of projected dates", `projection.day.range is "2024/01/01"`,
			map[string]string{"projection.day.range": "2024/01/01"}, map[string]string{"projection.day.range": "2024/01/01,2034/12/31"},
		},
		{
			"interval of projected dates", "projection.day.interval is missing, which dates other than days and months require",
			map[string]string{"projection.day.format": "yyyy/MM/dd/HH", "projection.day.range": "NOW-1DAYS,NOW"},
			map[string]string{
				"projection.day.format": "yyyy/MM/dd/HH", "projection.day.range": "2024/01/01/00,NOW", "projection.day.interval": "1",
				"projection.day.interval.unit": "hours",
			},
		},
		{
			"interval of projected dates", `projection.day.interval.unit is "fortnights", allowed is YEARS`,
			map[string]string{"projection.day.interval.unit": "fortnights"}, map[string]string{"projection.day.interval.unit": "WEEKS"},
		},
		{
			"interval of projected dates", `projection.day.interval is "0", allowed is a positive integer`,
			map[string]string{"projection.day.interval": "0"},
			map[string]string{"projection.day.format": "yyyy'h'MMM", "projection.day.range": "2024hJan,NOW"},
		},
		{
			"template with each partition key", "which does not contain ${day}",
			map[string]string{"storage.location.template": "s3://site-logs/alb/${date}"}, map[string]string{"storage.location.template": ""},
		},
	} {
		s.Cases = append(s.Cases, cases.One(glue.Table, c.rule, cases.Make(account.Props{"parameters": parameters(c.wrong)}),
			cases.Make(account.Props{"parameters": parameters(c.correct)}), c.says))
	}
	s.Run(t)
}

// twice makes two tables of a name, in one database or in two.
func twice(apart bool) cases.Trial {
	return func(w *cases.World, typ string) error {
		w.Need(typ, account.Props{"name": "requests"})
		changes := account.Props{"name": "requests"}
		if apart {
			changes["databaseName"] = w.Need(glue.Database, nil).Outputs["name"]
		}
		_, err := w.Make(typ, changes)
		return err
	}
}

func TestTablesGoWithTheirDatabase(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		other := w.Need(glue.Database, nil)
		w.Need(glue.Table, account.Props{"databaseName": other.Outputs["name"], "name": "kept"})
		w.Usual(glue.Table)
		require.NoError(t, w.Delete(w.Usual(glue.Database)))
		left, err := w.Call().All(glue.Table)
		require.NoError(t, err)
		require.Len(t, left, 1)
		require.Equal(t, "kept", left[0].Outputs["name"])
	})
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		d := w.Need(glue.Database, account.Props{"name": "logs", "createTableDefaultPermissions": nil, "catalogId": nil})
		require.Equal(t, account.ID+":logs", d.ID)
		require.Equal(t, fmt.Sprintf("arn:aws:glue:%s:%s:database/logs", w.Region, account.ID), d.Outputs["arn"])
		require.Equal(t, account.ID, d.Outputs["catalogId"])
		require.Equal(t, []any{"ALL"}, d.Outputs.Objects("createTableDefaultPermissions")[0]["permissions"], "what AWS gives")
		r := w.Need(glue.Table, account.Props{"databaseName": "logs", "name": "alb", "catalogId": nil})
		require.Equal(t, account.ID+":logs:alb", r.ID)
		require.Equal(t, fmt.Sprintf("arn:aws:glue:%s:%s:table/logs/alb", w.Region, account.ID), r.Outputs["arn"])
	})
}
