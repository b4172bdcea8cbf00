package edge_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/script"
)

// The page says that it is not the site, for how long to wait, and that nobody keeps it. It needs nothing else: what it
// would ask for is in maintenance, too.
func TestMaintenancePage(t *testing.T) {
	t.Parallel()
	function := registered(t, maintained()).Only(t, "aws:lambda/function:Function")
	files, ok := function.Inputs["code"].ArchiveValue().GetAssets()
	require.True(t, ok)
	file, ok := files["index.js"].(*asset.Asset)
	require.True(t, ok)
	program, err := script.Compile("index.js", file.Text, false)
	require.NoError(t, err)
	result, err := program.Call(t.Context(), script.Options{
		Begin: "const exports = {};", Entry: "exports.handler", Limit: time.Second,
	}, []byte(`{"httpMethod":"GET","path":"/"}`))
	require.NoError(t, err)
	var answer struct {
		StatusCode        int
		StatusDescription string
		IsBase64Encoded   *bool
		Headers           map[string]string
		Body              string
	}
	require.NoError(t, json.Unmarshal(result, &answer))
	require.Equal(t, 503, answer.StatusCode)
	require.Equal(t, "503 Service Unavailable", answer.StatusDescription)
	require.NotNil(t, answer.IsBase64Encoded)
	require.False(t, *answer.IsBase64Encoded)
	require.Equal(t, map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Retry-After": "300",
	}, answer.Headers)
	require.Contains(t, answer.Body, "<!DOCTYPE html>")
	require.Contains(t, answer.Body, `<meta name="robots" content="noindex">`)
	require.NotRegexp(t, `(?i)src=|href=|url\(|@import`, answer.Body)
}
