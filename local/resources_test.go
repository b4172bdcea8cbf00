package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

const twoStacks = `[
	{"type": "aws:ec2/vpc:Vpc", "id": "vpc-1", "name": "site", "region": "eu-central-1", "urn": "urn:pulumi:dev::wordpress::aws:ec2/vpc:Vpc::site"},
	{"type": "aws:iam/role:Role", "id": "task", "urn": "urn:pulumi:prod::wordpress::aws:iam/role:Role::task"}
]`

func TestResourcesArePrinted(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		list, stack string
		asJSON      bool
		want        string
	}{
		"an empty account":        {list: "[]", want: "The account is empty.\n"},
		"an empty account, JSON":  {list: "[]", asJSON: true, want: "[]\n"},
		"another stack's account": {list: twoStacks, stack: "test", asJSON: true, want: "[]\n"},
		"a table": {list: twoStacks, want: "" +
			"TYPE               NAME  ID     REGION\n" +
			"aws:ec2/vpc:Vpc    site  vpc-1  eu-central-1\n" +
			"aws:iam/role:Role        task   \n"},
		"a table of one stack": {list: twoStacks, stack: "dev", want: "" +
			"TYPE             NAME  ID     REGION\n" +
			"aws:ec2/vpc:Vpc  site  vpc-1  eu-central-1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, printResources(&out, []byte(tc.list), tc.stack, tc.asJSON))
			require.Equal(t, tc.want, out.String())
		})
	}
}

func TestResourcesAsJSONKeepEveryField(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, printResources(&out, []byte(twoStacks), "", true))
	require.JSONEq(t, twoStacks, out.String())
}
