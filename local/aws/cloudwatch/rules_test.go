package cloudwatch_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudwatch"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

func TestRules(t *testing.T) {
	t.Parallel()
	catalog, err := kind.NewCatalog(cloudwatch.Service())
	require.NoError(t, err)
	prefix := func(prefix string) cases.Trial { return cases.Make(account.Props{"name": nil, "namePrefix": prefix}) }
	// left makes a group of a name that AWS or a program has left behind.
	left := func(name string) cases.Trial {
		return func(w *cases.World, typ string) error {
			require.NoError(t, cloudwatch.Leave(w.Call(), "/aws/ecs/containerinsights/site/performance"))
			_, err := w.Make(typ, account.Props{"name": name})
			return err
		}
	}
	// again makes a group of the name of one that was deleted.
	again := func(skipped bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			require.NoError(t, w.Delete(w.Need(typ, account.Props{"skipDestroy": skipped})))
			_, err := w.Make(typ, nil)
			return err
		}
	}
	cases.Suite{
		Catalog: catalog, Types: []string{cloudwatch.LogGroup},
		Usual: cases.Usual{cloudwatch.LogGroup: func(*cases.World) account.Props {
			return account.Props{
				"name": "/site/nginx", "retentionInDays": 30.0, "logGroupClass": "STANDARD",
				"kmsKeyId": "arn:aws:kms:eu-central-1:123456789012:key/1", "tags": map[string]any{"Project": "site"},
			}
		}},
		Cases: []cases.Case{
			{
				Type: cloudwatch.LogGroup, Rule: "length of namePrefix", Says: "expected length of namePrefix",
				Refused: prefix(strings.Repeat("a", 487)), Accepted: prefix("site-"),
			},
			{Type: cloudwatch.LogGroup, Rule: "form of namePrefix", Refused: prefix("a b"), Accepted: prefix("site-"), Says: "must contain only"},
			{
				Type: cloudwatch.LogGroup, Rule: "name without namePrefix", Says: "conflicts with namePrefix",
				Refused: cases.Make(account.Props{"namePrefix": "site-"}),
			},
			{
				Type: cloudwatch.LogGroup, Rule: "name is free", Says: "ResourceAlreadyExistsException: The specified log group already exists",
				Refused: left("/aws/ecs/containerinsights/site/performance"), Accepted: left("/aws/ecs/containerinsights/other/performance"),
			},
			{
				Type: cloudwatch.LogGroup, Rule: "name is free", Says: "ResourceAlreadyExistsException",
				Refused: again(true), Accepted: again(false),
			},
		},
	}.Run(t)
}
