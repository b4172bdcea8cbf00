package random

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"

	"wordpress-ecs/local/provider"
)

func serve(t *testing.T) pulumirpc.ResourceProviderClient {
	t.Helper()
	listener, err := provider.Serve(New(), 0)
	require.NoError(t, err)
	t.Cleanup(listener.Close)
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", listener.Port()),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return pulumirpc.NewResourceProviderClient(conn)
}

func wire(t *testing.T, m map[string]any) *structpb.Struct {
	t.Helper()
	s, err := provider.Marshal("test", resource.NewPropertyMapFromMap(m))
	require.NoError(t, err)
	return s
}

func urn(typ string) string {
	return string(resource.NewURN("test", "site", "", tokens.Type(typ), "value"))
}

func made(t *testing.T, client pulumirpc.ResourceProviderClient, typ string, in map[string]any) (string, resource.PropertyMap) {
	t.Helper()
	check, err := client.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn(typ), Type: typ, News: wire(t, in)})
	require.NoError(t, err)
	require.Empty(t, check.GetFailures())
	resp, err := client.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urn(typ), Type: typ, Properties: check.GetInputs()})
	require.NoError(t, err)
	out, err := provider.Unmarshal("outputs", resp.GetProperties())
	require.NoError(t, err)
	return resp.GetId(), out
}

func count(s, set string) int {
	n := 0
	for _, r := range s {
		if strings.ContainsRune(set, r) {
			n++
		}
	}
	return n
}

func TestPasswordsAreSecretAndNeverTheID(t *testing.T) {
	t.Parallel()
	id, out := made(t, serve(t), password, map[string]any{"length": 40})
	require.Equal(t, "none", id)
	require.True(t, out["result"].IsSecret())
	require.True(t, out["bcryptHash"].IsSecret())
	value := out["result"].SecretValue().Element.StringValue()
	require.Len(t, value, 40)
	hash := out["bcryptHash"].SecretValue().Element.StringValue()
	require.NoError(t, bcrypt.CompareHashAndPassword([]byte(hash), []byte(value)))
}

func TestCharacters(t *testing.T) {
	t.Parallel()
	client := serve(t)
	for name, tc := range map[string]struct {
		in    map[string]any
		check func(s string) bool
	}{
		"no special": {map[string]any{"length": 200, "special": false}, func(s string) bool {
			return count(s, lower+upper+numeric) == 200 && count(s, numeric) > 0
		}},
		"own special": {map[string]any{"length": 50, "lower": false, "upper": false, "numeric": false, "overrideSpecial": "_"}, func(s string) bool {
			return s == strings.Repeat("_", 50)
		}},
		"at least": {map[string]any{"length": 8, "minLower": 2, "minUpper": 2, "minNumeric": 2, "minSpecial": 2}, func(s string) bool {
			return count(s, lower) == 2 && count(s, upper) == 2 && count(s, numeric) == 2 && count(s, special) == 2
		}},
		"the older name": {map[string]any{"length": 200, "number": false}, func(s string) bool { return count(s, numeric) == 0 }},
	} {
		id, out := made(t, client, text, tc.in)
		require.Equal(t, id, out["result"].StringValue(), name)
		require.True(t, tc.check(id), "%s: %s", name, id)
	}
	first, _ := made(t, client, text, map[string]any{"length": 20})
	second, _ := made(t, client, text, map[string]any{"length": 20})
	require.NotEqual(t, first, second)
}

func TestIDsAreOneValueInSeveralForms(t *testing.T) {
	t.Parallel()
	id, out := made(t, serve(t), bytes, map[string]any{"byteLength": 5, "prefix": "site-"})
	raw, err := base64.RawURLEncoding.DecodeString(id)
	require.NoError(t, err)
	require.Len(t, raw, 5)
	require.Equal(t, "site-"+hex.EncodeToString(raw), out["hex"].StringValue())
	require.Equal(t, "site-"+id, out["b64Url"].StringValue())
	require.Equal(t, "site-"+base64.StdEncoding.EncodeToString(raw), out["b64Std"].StringValue())
	require.Regexp(t, `^site-\d+$`, out["dec"].StringValue())
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	client := serve(t)
	for name, tc := range map[string]struct {
		typ  string
		in   map[string]any
		want string
	}{
		"no length":       {password, map[string]any{}, `"length" is required`},
		"length of zero":  {password, map[string]any{"length": 0}, "length"},
		"too short":       {password, map[string]any{"length": 3, "minUpper": 4}, "at least sum of minUpper"},
		"nothing to draw": {text, map[string]any{"length": 3, "lower": false, "upper": false, "numeric": false, "special": false}, "at least one of"},
		"unknown option":  {bytes, map[string]any{"byteLength": 3, "length": 3}, "Invalid or unknown key"},
	} {
		resp, err := client.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn(tc.typ), Type: tc.typ, News: wire(t, tc.in)})
		require.NoError(t, err, name)
		require.NotEmpty(t, resp.GetFailures(), name)
		require.Contains(t, resp.GetFailures()[0].GetReason(), tc.want, name)
	}
}

// The engine prints the value of a property that a refusal names.
func TestARefusalOfASecretNamesNoProperty(t *testing.T) {
	t.Parallel()
	in := wire(t, map[string]any{})
	length, err := plugin.MarshalPropertyValue("length", resource.MakeSecret(resource.NewStringProperty("hunter2")),
		plugin.MarshalOptions{KeepSecrets: true})
	require.NoError(t, err)
	in.Fields["length"] = length
	resp, err := serve(t).Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn(password), Type: password, News: in})
	require.NoError(t, err)
	require.Len(t, resp.GetFailures(), 1)
	require.Empty(t, resp.GetFailures()[0].GetProperty())
	require.Equal(t, "length: expected number type, got string type", resp.GetFailures()[0].GetReason())
}

func TestOnlyAChangeMakesAnotherValue(t *testing.T) {
	t.Parallel()
	client := serve(t)
	for name, tc := range map[string]struct {
		before, after map[string]any
		want          []string
	}{
		"nothing":             {map[string]any{"length": 8}, map[string]any{"length": 8}, nil},
		"default spelled out": {map[string]any{"length": 8}, map[string]any{"length": 8, "special": true, "minLower": 0}, nil},
		"length":              {map[string]any{"length": 8}, map[string]any{"length": 9}, []string{"length"}},
		"keeper": {
			map[string]any{"length": 8, "keepers": map[string]any{"a": "1"}},
			map[string]any{"length": 8, "keepers": map[string]any{"a": "2"}}, []string{"keepers"},
		},
	} {
		resp, err := client.Diff(t.Context(), &pulumirpc.DiffRequest{
			Id: "none", Urn: urn(password), Type: password, OldInputs: wire(t, tc.before), News: wire(t, tc.after),
		})
		require.NoError(t, err, name)
		require.Equal(t, tc.want, resp.GetReplaces(), name)
	}
}

func TestAPreviewDrawsNothing(t *testing.T) {
	t.Parallel()
	resp, err := serve(t).Create(t.Context(), &pulumirpc.CreateRequest{
		Urn: urn(password), Type: password, Properties: wire(t, map[string]any{"length": 8}), Preview: true,
	})
	require.NoError(t, err)
	out, err := provider.Unmarshal("outputs", resp.GetProperties())
	require.NoError(t, err)
	require.True(t, out["result"].IsSecret())
	require.True(t, out["result"].SecretValue().Element.IsComputed())
}

func TestARefreshKeepsTheValue(t *testing.T) {
	t.Parallel()
	client := serve(t)
	state, inputs := wire(t, map[string]any{"result": "kept", "length": 4}), wire(t, map[string]any{"length": 4})
	resp, err := client.Read(t.Context(), &pulumirpc.ReadRequest{
		Id: "kept", Urn: urn(text), Type: text, Properties: state, Inputs: inputs,
	})
	require.NoError(t, err)
	require.Equal(t, "kept", resp.GetId())
	require.Equal(t, state.AsMap(), resp.GetProperties().AsMap())
	imported, err := client.Read(t.Context(), &pulumirpc.ReadRequest{Id: "hunter2", Urn: urn(password), Type: password})
	require.NoError(t, err)
	require.Equal(t, "none", imported.GetId())
}
