package ecr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ecr"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/kind/cases"
)

const lifecycle = `{"rules":[{"rulePriority":1,"description":"Keep the newest 30 images",` +
	`"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":30},"action":{"type":"expire"}}]}`

// full is a registry with an image in every repository.
type full struct{}

func (full) Digests(string) ([]string, error) { return []string{"sha256:1"}, nil }
func (full) Remove(string) error              { return nil }

func TestRules(t *testing.T) {
	t.Parallel()
	catalog, err := kind.NewCatalog(ecr.Service())
	require.NoError(t, err)
	// deleted deletes a repository that has images.
	deleted := func(force bool) cases.Trial {
		return func(w *cases.World, typ string) error {
			c := w.Call()
			c.ID, c.Images = w.Need(typ, account.Props{"forceDelete": force}).ID, full{}
			d, _ := catalog.Kind(typ)
			return d.Remove(c)
		}
	}
	cases.Suite{
		Catalog: catalog, Types: []string{ecr.Repository, ecr.LifecyclePolicy},
		Usual: cases.Usual{
			ecr.Repository: func(*cases.World) account.Props {
				return account.Props{
					"name": "site/wordpress", "imageTagMutability": "IMMUTABLE", "tags": map[string]any{"Project": "site"},
					"encryptionConfigurations": []any{map[string]any{"encryptionType": "KMS", "kmsKey": "alias/site"}},
				}
			},
			ecr.LifecyclePolicy: func(w *cases.World) account.Props {
				return account.Props{"repository": w.Usual(ecr.Repository).ID, "policy": lifecycle}
			},
		},
		Cases: []cases.Case{
			{
				Type: ecr.Repository, Rule: "no image is left", Refused: deleted(false), Accepted: deleted(true),
				Says: "RepositoryNotEmptyException: The repository with name",
			},
			{
				Type: ecr.Repository, Rule: "a key is for KMS", Says: "KMS key is only allowed",
				Refused: cases.Make(account.Props{
					"encryptionConfigurations": []any{map[string]any{"encryptionType": "AES256", "kmsKey": "alias/site"}},
				}),
			},
		},
	}.Run(t)
}

func TestAToken(t *testing.T) {
	t.Parallel()
	catalog, err := kind.NewCatalog(ecr.Service())
	require.NoError(t, err)
	f, ok := catalog.Function("aws:ecr/getAuthorizationToken:getAuthorizationToken")
	require.True(t, ok)
	ask := func(registry string) (account.Props, error) {
		return f.Run(&kind.Call{Region: "eu-central-1", Now: time.Now(), In: account.Props{"registryId": registry}})
	}
	token, err := ask(account.ID)
	require.NoError(t, err)
	require.Equal(t, "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com", token.String("proxyEndpoint"))
	_, err = ask("210987654321")
	require.ErrorContains(t, err, "InvalidParameterException")
}
