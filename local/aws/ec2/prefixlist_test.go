package ec2_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/ec2"
	"wordpress-ecs/local/aws/iam"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/prefixlist"
)

func TestManagedPrefixLists(t *testing.T) {
	t.Parallel()
	catalog, err := kind.NewCatalog(ec2.Service(), iam.Service())
	require.NoError(t, err)
	f, known := catalog.Function("aws:ec2/getManagedPrefixList:getManagedPrefixList")
	require.True(t, known)
	look := func(region string, args account.Props) (account.Props, error) {
		return f.Run(&kind.Call{Region: region, In: args})
	}
	named := func(name string) account.Props { return account.Props{"name": name} }

	cdn, err := look("eu-central-1", named(prefixlist.CloudFront))
	require.NoError(t, err)
	require.Equal(t, []any{map[string]any{"cidr": prefixlist.CDN, "description": ""}}, cdn["entries"])
	require.Equal(t, "AWS", cdn.String("ownerId"))
	byID, err := look("eu-central-1", account.Props{"id": cdn["id"]})
	require.NoError(t, err)
	require.Equal(t, cdn, byID)
	abroad, err := look("us-east-1", named(prefixlist.CloudFront))
	require.NoError(t, err)
	require.NotEqual(t, cdn["id"], abroad["id"], "ids are those of a region")
	filtered, err := look("eu-west-1", account.Props{"filters": []any{
		map[string]any{"name": "prefix-list-name", "values": []any{"com.amazonaws.eu-west-1.s3"}},
	}})
	require.NoError(t, err)
	require.Equal(t, "com.amazonaws.eu-west-1.s3", filtered.String("name"))

	for reason, args := range map[string]account.Props{
		"no matching EC2 Managed Prefix List found": named("com.amazonaws.us-east-1.s3"),
		"multiple EC2 Managed Prefix Lists matched": {},
		"The filter 'weight' is invalid":            {"filters": []any{map[string]any{"name": "weight", "values": []any{"1"}}}},
	} {
		_, err := look("eu-west-1", args)
		require.ErrorContains(t, err, reason)
	}
}
