package lambda_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind/cases"
	"wordpress-ecs/local/aws/lambda"
)

// files are those in the package that the account keeps of a function.
func files(t *testing.T, w *cases.World, f account.Resource) map[string]string {
	t.Helper()
	kept, found, err := lambda.Code(w.Call().Tx, w.Region, f.ID)
	require.NoError(t, err)
	require.True(t, found)
	sum := sha256.Sum256(kept.Zip)
	require.Equal(t, base64.StdEncoding.EncodeToString(sum[:]), f.Outputs.String("codeSha256"))
	require.Equal(t, len(kept.Zip), f.Outputs.Int("sourceCodeSize"))
	reader, err := zip.NewReader(bytes.NewReader(kept.Zip), int64(len(kept.Zip)))
	require.NoError(t, err)
	content := map[string]string{}
	for _, file := range reader.File {
		open, err := file.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(open)
		require.NoError(t, err)
		content[file.Name] = string(text)
	}
	return content
}

// TestTheCodeIsKept as it was when it was deployed: texts and files, until the function is deleted.
func TestTheCodeIsKept(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(page, []byte("<h1>Back soon</h1>"), 0o600))
	source, err := asset.FromText(handler)
	require.NoError(t, err)
	html, err := asset.FromPath(page)
	require.NoError(t, err)
	both, err := archive.FromAssets(map[string]any{"index.mjs": source, "page.html": html})
	require.NoError(t, err)
	suite(t).Try(t, func(w *cases.World) {
		f := w.Need(lambda.Function, account.Props{"code": both.Serialize()})
		require.Equal(t, map[string]string{"index.mjs": handler, "page.html": "<h1>Back soon</h1>"}, files(t, w, f))
		require.NoError(t, os.Remove(page))
		changed, err := w.Change(f, account.Props{"timeout": 6.0})
		require.NoError(t, err, "nobody reads files that have not changed")
		require.Equal(t, f.Outputs["codeSha256"], changed.Outputs["codeSha256"])
		other, err := w.Change(f, account.Props{"code": code("export {}")})
		require.NoError(t, err)
		require.Equal(t, map[string]string{"index.mjs": "export {}"}, files(t, w, other))
		require.NotEqual(t, f.Outputs["codeSha256"], other.Outputs["codeSha256"])
		require.NoError(t, w.Delete(other))
		_, found, err := lambda.Code(w.Call().Tx, w.Region, f.ID)
		require.NoError(t, err)
		require.False(t, found)
	})
}

func TestWhatAWSComputes(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		f := w.Need(lambda.Function, account.Props{"name": "down", "loggingConfig": nil, "architectures": nil})
		o := f.Outputs
		require.Equal(t, "arn:aws:lambda:eu-central-1:123456789012:function:down", o.String("arn"))
		require.Equal(t, o.String("arn")+":$LATEST", o.String("qualifiedArn"))
		require.Equal(t, []string{"x86_64"}, o.Strings("architectures"))
		require.Equal(t, "/aws/lambda/down", o.String("loggingConfig.logGroup"))
		tagged, err := w.Change(f, account.Props{"tags": nil})
		require.NoError(t, err)
		require.Equal(t, o["lastModified"], tagged.Outputs["lastModified"])
	})
}

func TestWhoMayCallAFunction(t *testing.T) {
	t.Parallel()
	suite(t).Try(t, func(w *cases.World) {
		const service = "elasticloadbalancing.amazonaws.com"
		may := func(function, service, source string) bool {
			yes, err := lambda.Invocable(w.Call(), function, service, source)
			require.NoError(t, err)
			return yes
		}
		f := w.Usual(lambda.Function)
		arn := f.Outputs.String("arn")
		require.False(t, may(arn, service, target))
		p := w.Usual(lambda.Permission)
		require.True(t, may(arn, service, target))
		require.False(t, may(arn, service, target+"0"), "another target group")
		require.False(t, may(arn, "events.amazonaws.com", target))
		require.False(t, may(arn+"2", service, target))
		require.NoError(t, w.Delete(p))
		require.False(t, may(arn, service, target))
		w.Need(lambda.Permission, account.Props{"function": f.ID, "sourceArn": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/d*/*"})
		require.True(t, may(arn, service, target))
		require.NoError(t, w.Delete(f))
		all, err := w.Call().All(lambda.Permission)
		require.NoError(t, err)
		require.Empty(t, all, "permissions go with their function")
	})
}
