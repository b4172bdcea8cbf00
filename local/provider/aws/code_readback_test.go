package aws

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/lambda"
)

// TestAFunctionComesWithItsCode: an archive goes to the account and back, and only other content is a change.
func TestAFunctionComesWithItsCode(t *testing.T) {
	t.Parallel()
	c := newCloud(t, noImages{})
	role := c.make(iam.Role, props{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
		`"Principal":{"Service":"lambda.amazonaws.com"}}]}`})
	dir := t.TempDir()
	// code is an archive of a text and of a file somewhere.
	code := func(place, page string) *archive.Archive {
		path := filepath.Join(dir, place)
		require.NoError(t, os.WriteFile(path, []byte(page), 0o600))
		source, err := asset.FromText("export const handler = async () => {};")
		require.NoError(t, err)
		html, err := asset.FromPath(path)
		require.NoError(t, err)
		both, err := archive.FromAssets(map[string]any{"index.mjs": source, "page.html": html})
		require.NoError(t, err)
		return both
	}
	inputs := func(code *archive.Archive) props {
		return props{"role": role.text("arn"), "handler": "index.handler", "runtime": "nodejs22.x", "code": code}
	}
	first := code("a.html", "Back soon")
	f := c.make(lambda.Function, inputs(first))
	require.True(t, f.outputs["code"].IsArchive())
	require.Empty(t, c.differs(lambda.Function, f, inputs(first)))
	require.Empty(t, c.differs(lambda.Function, c.refreshed(lambda.Function, f), inputs(first)))
	require.Empty(t, c.differs(lambda.Function, f, inputs(code("b.html", "Back soon"))), "the same content elsewhere")

	second := inputs(code("c.html", "Back at noon"))
	require.Equal(t, []string{"code"}, c.differs(lambda.Function, f, second))
	changed := c.change(lambda.Function, f, second)
	require.NotEqual(t, f.text("codeSha256"), changed.text("codeSha256"))
	require.NoError(t, c.acct.View(func(tx *account.Tx) error {
		_, found, err := lambda.Code(tx, "eu-west-1", f.id)
		require.True(t, found)
		return err
	}))
	require.NoError(t, c.delete(lambda.Function, changed))
}
