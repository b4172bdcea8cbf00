package secretsmanager_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/secretsmanager"
)

const allowed = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`

func suite(t *testing.T) cases.Suite {
	t.Helper()
	catalog, err := kind.NewCatalog(secretsmanager.Service())
	require.NoError(t, err)
	return cases.Suite{Catalog: catalog, Usual: cases.Usual{
		secretsmanager.Secret: func(*cases.World) account.Props {
			return account.Props{"description": "of the site", "policy": allowed, "recoveryWindowInDays": 7.0}
		},
		secretsmanager.Version: func(w *cases.World) account.Props {
			return account.Props{"secretId": w.Usual(secretsmanager.Secret).ID, "secretString": "hunter2"}
		},
	}}
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := suite(t)
	s.Types = []string{secretsmanager.Secret, secretsmanager.Version}
	s.Cases = append(secretCases(), versionCases()...)
	s.Run(t)
}

func secretCases() []cases.Case {
	const typ = secretsmanager.Secret
	many := map[string]any{"region": "eu-central-1"}
	return []cases.Case{
		cases.Refused(typ, "form of name", "alphanumeric characters", account.Props{"name": "site keys"}),
		cases.Refused(typ, "name without namePrefix", "conflicts with", account.Props{"name": "a", "namePrefix": "b"}),
		{Type: typ, Rule: "policy policy", Says: "MalformedPolicyDocumentException", Accepted: cases.Make(account.Props{"policy": "{}"}), //nolint:dupword // the rule "policy" about the property "policy"
			Refused: cases.Make(account.Props{"policy": `{"Version":"2012-10-17","Statement":[]}`})},
		cases.Refused(typ, "length of policy", "ValidationException", account.Props{
			"policy": strings.Replace(allowed, `"*"}]}`, fmt.Sprintf(`"arn:aws:secretsmanager:%s"}]}`, strings.Repeat("a", 20480)), 1),
		}),
		cases.Refused(typ, "no replica at home", "is the region of the secret", account.Props{"replicas": []any{many}}),
		{Type: typ, Rule: "name is free", Says: "ResourceExistsException", Refused: func(w *cases.World, typ string) error {
			return cases.Make(account.Props{"name": w.Usual(typ).Outputs["name"]})(w, typ)
		}},
	}
}

func versionCases() []cases.Case {
	const typ = secretsmanager.Version
	return []cases.Case{
		cases.Refused(typ, "secretBinary without secretString", "conflicts with", account.Props{"secretBinary": "YQ=="}),
		cases.Refused(typ, "a value is given", "You must provide either SecretString or SecretBinary", account.Props{"secretString": nil}),
		{Type: typ, Rule: "base64 of secretBinary", Says: "is not base64", Refused: binary("no base64!"), Accepted: binary("YQ==")},
	}
}

func binary(value string) cases.Trial {
	return cases.Make(account.Props{"secretString": nil, "secretBinary": value})
}

// TestNamesStayTaken: the name of a deleted secret is free when it can no longer be brought back, and at once when its
// recovery window is 0.
func TestNamesStayTaken(t *testing.T) {
	t.Parallel()
	const typ = secretsmanager.Secret
	suite(t).Try(t, func(w *cases.World) {
		kept, gone := account.Props{"name": "kept"}, account.Props{"name": "gone", "recoveryWindowInDays": 0.0}
		require.NoError(t, w.Delete(w.Need(typ, kept)))
		require.NoError(t, w.Delete(w.Need(typ, gone)))
		w.Need(typ, gone)
		_, err := w.Make(typ, kept)
		require.ErrorContains(t, err, "You can't create this secret because a secret with this name is already scheduled for deletion")
		w.Later = 7*24*time.Hour + time.Hour
		w.Need(typ, kept)
	})
}

// TestAPolicyStaysUntilItIsEmptied: to leave it out deletes nothing.
func TestAPolicyStaysUntilItIsEmptied(t *testing.T) {
	t.Parallel()
	const typ = secretsmanager.Secret
	suite(t).Try(t, func(w *cases.World) {
		left, err := w.Change(w.Need(typ, nil), account.Props{"policy": nil})
		require.NoError(t, err)
		require.JSONEq(t, allowed, left.Outputs.String("policy"))
		emptied, err := w.Change(left, account.Props{"policy": "{}"})
		require.NoError(t, err)
		require.Empty(t, emptied.Outputs.String("policy"))
	})
}

// TestANewVersionTakesTheStage: the version before it is the previous one.
func TestANewVersionTakesTheStage(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		first := w.Need(secretsmanager.Version, nil)
		second := w.Need(secretsmanager.Version, account.Props{"secretString": "hunter3"})
		found, err := w.Call().Find(secretsmanager.Version, "id", first.ID)
		require.NoError(t, err)
		require.Equal(t, []string{"AWSPREVIOUS"}, found.Outputs.Strings("versionStages"))
		require.Equal(t, []string{"AWSCURRENT"}, second.Outputs.Strings("versionStages"))
	})
}
