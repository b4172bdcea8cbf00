package data_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/data"
	"wordpress-ecs/tests/graph"
)

const (
	secret   = "aws:secretsmanager/secret:Secret"
	version  = "aws:secretsmanager/secretVersion:SecretVersion"
	password = "random:index/randomPassword:RandomPassword"
)

// values are what a secret holds.
func values(t *testing.T, g *graph.Graph, name string) map[string]string {
	t.Helper()
	r := g.Named(t, version, name)
	require.True(t, r.Secret("secretString"))
	require.Equal(t, g.Named(t, secret, name).ID, r.At("secretId"))
	held := map[string]string{}
	require.NoError(t, json.Unmarshal([]byte(r.Text(t, "secretString")), &held))
	return held
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	g := registered(t)
	database := g.Only(t, cluster)
	require.Equal(t, map[string]string{
		"username": data.DatabaseUser, "password": graph.Secret("site-database"), "dbname": data.DatabaseName,
		"host": database.Computed("endpoint").(string), "port": "3306",
	}, values(t, g, "site-database"))
	require.Equal(t, graph.Secret("site-database"), database.At("masterPassword"))
	require.True(t, database.Secret("masterPassword"))
	require.Equal(t, map[string]string{"token": graph.Secret("site-cache")}, values(t, g, "site-cache"))
	require.Equal(t, map[string]string{"username": "boss", "password": graph.Secret("site-admin")}, values(t, g, "site-admin"))
	keys := values(t, g, "site-keys")
	require.Len(t, keys, 8)
	distinct := map[string]bool{}
	for _, name := range data.KeyNames {
		require.NotEmpty(t, keys[name], name)
		distinct[keys[name]] = true
	}
	require.Len(t, distinct, 8, "every key and salt has a value of its own")
}

// In a preview no value is known, and each is secret all the same.
func TestSecretsAreSecretBeforeTheyAreKnown(t *testing.T) {
	t.Parallel()
	g := graph.Run{Preview: true}.Of(t, program(args(), nil))
	for _, r := range g.OfType(version) {
		require.Equal(t, graph.Unknown, r.At("secretString"), r.Name)
		require.True(t, r.Secret("secretString"), r.Name)
	}
	require.True(t, g.Only(t, cluster).Secret("masterPassword"))
	require.True(t, g.Only(t, cache).Secret("authToken"))
}

// AWS refuses some special characters in some of them; letters and digits need length instead.
func TestPasswordsAreLong(t *testing.T) {
	t.Parallel()
	g := registered(t)
	require.Len(t, g.OfType(password), 11)
	for _, r := range g.OfType(password) {
		require.GreaterOrEqual(t, r.At("length"), 32, r.Name)
		require.Equal(t, false, r.At("special"), r.Name)
	}
	require.LessOrEqual(t, g.Named(t, password, "site-database").At("length"), 41, "the longest that Aurora MySQL takes")
	require.LessOrEqual(t, g.Named(t, password, "site-cache").At("length"), 128, "the longest that ElastiCache takes")
}

func TestRecoveryWindows(t *testing.T) {
	t.Parallel()
	for _, r := range registered(t, protected).OfType(secret) {
		require.Equal(t, 30, r.At("recoveryWindowInDays"), r.Name)
		require.True(t, r.Protect, r.Name)
	}
	for _, r := range registered(t).OfType(secret) {
		require.Equal(t, 0, r.At("recoveryWindowInDays"), r.Name)
		require.False(t, r.Protect, r.Name)
	}
}
