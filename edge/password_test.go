package edge_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/graph"
)

func TestPassword(t *testing.T) {
	t.Parallel()
	for _, settings := range [][]change{{secret}, {inDomain, secret}, {behindCDN, secret}} {
		g := registered(t, settings...)
		made := g.Named(t, password, "site-visitors")
		require.GreaterOrEqual(t, made.At("length"), 20, "nobody counts the attempts")
		require.Equal(t, false, made.At("special"), "people type it")
		kept := g.Only(t, "aws:secretsmanager/secret:Secret")
		version := g.Only(t, "aws:secretsmanager/secretVersion:SecretVersion")
		require.Equal(t, kept.ID, version.At("secretId"))
		require.True(t, version.Secret("secretString"))
		require.JSONEq(t, `{"username":"guest","password":"`+graph.Secret("site-visitors")+`"}`, version.Text(t, "secretString"))
		require.Equal(t, kept.Computed("name"), g.Exports()["password"].Value)
		require.False(t, g.Exports()["password"].Secret)
	}
	g := registered(t, inDomain)
	none(t, g, "aws:secretsmanager/", "random:")
	require.Empty(t, g.Exports()["password"].Value)
}

// The CDN knows the digest of the header that the password makes, and neither password nor header. It is secret all the
// same: who has it can try passwords without being counted.
func TestTheCDNHasOnlyADigest(t *testing.T) {
	t.Parallel()
	g := registered(t, behindCDN, secret)
	header := "Basic " + base64.StdEncoding.EncodeToString([]byte("guest:"+graph.Secret("site-visitors")))
	sum := sha256.Sum256([]byte(header))
	for _, r := range g.OfType(edgeFunction) {
		var told struct{ Password string }
		require.NoError(t, json.Unmarshal([]byte(toldTo(t, r)), &told))
		require.Equal(t, hex.EncodeToString(sum[:]), told.Password)
		code := r.Text(t, "code")
		require.NotContains(t, code, graph.Secret("site-visitors"))
		require.NotContains(t, code, header)
		require.True(t, r.Secret("code"))
	}
	require.Len(t, g.OfType(edgeFunction), 2)
	for _, r := range registered(t, behindCDN).OfType(edgeFunction) {
		require.Contains(t, toldTo(t, r), `"password":""`)
		require.False(t, r.Secret("code"))
	}
}
