package athena_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/athena"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(athena.Service())
	require.NoError(t, err)
	return cases.Suite{
		Catalog: catalog, Types: []string{athena.Workgroup, athena.NamedQuery},
		Usual: cases.Usual{
			athena.Workgroup: func(*cases.World) account.Props {
				return account.Props{
					"description": "logs", "state": "ENABLED", "tags": map[string]any{"Project": "site"},
					"configuration": map[string]any{
						"bytesScannedCutoffPerQuery": 10485760.0, "resultConfiguration": map[string]any{
							"outputLocation": "s3://site-logs/results/", "expectedBucketOwner": account.ID,
							"aclConfiguration": map[string]any{"s3AclOption": "BUCKET_OWNER_FULL_CONTROL"},
							"encryptionConfiguration": map[string]any{
								"encryptionOption": "SSE_KMS", "kmsKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/1",
							},
						},
					},
				}
			},
			athena.NamedQuery: func(w *cases.World) account.Props {
				return account.Props{
					"database": "logs", "query": "SELECT 1", "description": "errors",
					"workgroup": w.Usual(athena.Workgroup).Outputs["name"],
				}
			},
		},
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := suite(t)
	// left deletes a work group with a query in it.
	left := func(force bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			group := w.Need(typ, account.Props{"forceDestroy": force})
			w.Need(athena.NamedQuery, account.Props{"workgroup": group.Outputs["name"]})
			return w.Delete(group)
		}
	}
	s.Cases = []cases.Case{
		cases.Refused(athena.Workgroup, "the primary work group is there already", "InvalidRequestException: WorkGroup is already created",
			account.Props{"name": "primary"}),
		cases.One(athena.Workgroup, "no query is left", left(false), left(true), "is not empty"),
		cases.One(athena.Workgroup, "least limit of a query", cases.Make(account.Props{"configuration.bytesScannedCutoffPerQuery": 1000.0}),
			cases.Make(account.Props{"configuration.bytesScannedCutoffPerQuery": nil}), "at least (10485760)"),
		cases.One(athena.NamedQuery, "workgroup exists", cases.Make(account.Props{"workgroup": "nowhere"}),
			cases.Make(account.Props{"workgroup": "primary"}), "InvalidRequestException: WorkGroup nowhere is not found."),
	}
	s.Run(t)
}

func TestAWorkGroupSaysWhatAWSChose(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		r := w.Need(athena.Workgroup, account.Props{"name": "logs"})
		require.Equal(t, "logs", r.ID)
		require.Equal(t, "arn:aws:athena:"+w.Region+":"+account.ID+":workgroup/logs", r.Outputs["arn"])
		chosen := func(r account.Resource) account.Props { return r.Outputs.Object("configuration") }
		require.Equal(t, true, chosen(r)["enforceWorkgroupConfiguration"])
		require.Equal(t, map[string]any{
			"selectedEngineVersion": "AUTO", "effectiveEngineVersion": "Athena engine version 3",
		}, chosen(r)["engineVersion"])
		require.Equal(t, "s3://site-logs/results/", chosen(r).String("resultConfiguration.outputLocation"), "what was asked for stays")
		r, err := w.Change(r, account.Props{"configuration.enforceWorkgroupConfiguration": false})
		require.NoError(t, err)
		require.Equal(t, false, chosen(r)["enforceWorkgroupConfiguration"])
		require.Equal(t, "Athena engine version 3", chosen(r).String("engineVersion.effectiveEngineVersion"), "a change keeps it")
	})
}

func TestQueriesGoWithTheirWorkGroup(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		w.Need(athena.NamedQuery, account.Props{"workgroup": "primary", "name": "kept"})
		group := w.Need(athena.Workgroup, account.Props{"forceDestroy": true})
		w.Need(athena.NamedQuery, account.Props{"workgroup": group.Outputs["name"]})
		require.NoError(t, w.Delete(group))
		left, err := w.Call().All(athena.NamedQuery)
		require.NoError(t, err)
		require.Len(t, left, 1)
		require.Equal(t, "kept", left[0].Outputs["name"])
	})
}

func TestAQueryIsReplacedAndAWorkGroupChangesInPlace(t *testing.T) {
	t.Parallel()
	catalog := suite(t).Catalog
	differs := func(typ string, before, after account.Props) []kind.Change {
		d, ok := catalog.Kind(typ)
		require.True(t, ok)
		return d.Diff(before, after)
	}
	changes := differs(athena.NamedQuery, account.Props{"query": "SELECT 1"}, account.Props{"query": "SELECT 2", "workgroup": "primary"})
	require.Len(t, changes, 1, "the work group is the one of before")
	require.True(t, changes[0].Replaces)
	group := account.Props{"name": "logs", "configuration": map[string]any{"bytesScannedCutoffPerQuery": 10485760.0}}
	require.Empty(t, differs(athena.Workgroup, group, account.Props{
		"name": "logs", "state": "ENABLED", "configuration": map[string]any{
			"bytesScannedCutoffPerQuery": 10485760.0, "enforceWorkgroupConfiguration": true,
		},
	}), "what is asked for is the default")
	changes = differs(athena.Workgroup, group, account.Props{"name": "logs", "configuration": map[string]any{
		"bytesScannedCutoffPerQuery": 20971520.0,
	}})
	require.Len(t, changes, 1)
	require.False(t, changes[0].Replaces)
	require.True(t, strings.HasPrefix(changes[0].Path, "configuration."))
}
