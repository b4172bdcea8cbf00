package cloud

import (
	"encoding/json"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/runtime/machine"
)

// Resource is a line of `resources --json`, as far as it is used here.
type Resource struct {
	Type, ID, Name string
}

// Resources are what exists in the account.
func (c *Cloud) Resources() []Resource {
	c.t.Helper()
	var list []Resource
	require.NoError(c.t, json.Unmarshal([]byte(c.OK("resources", "--json").Stdout), &list))
	return list
}

// Row is a line of `status --json`.
type Row struct {
	Kind, Name, Parent, State, Detail, Address, Stack string
}

// Status is what `status --json` says runs of a stack and kind; "" is all.
func (c *Cloud) Status(stack, kind string) []Row {
	c.t.Helper()
	var status struct{ Rows []Row }
	out := c.OK("status", "--json").Stdout
	require.NoError(c.t, json.Unmarshal([]byte(out), &status), out)
	var rows []Row
	for _, row := range status.Rows {
		if (stack == "" || row.Stack == stack) && (kind == "" || row.Kind == kind) {
			rows = append(rows, row)
		}
	}
	return rows
}

// Left is what the Docker engine has of the account.
func (c *Cloud) Left() []string {
	c.t.Helper()
	m, err := machine.Connect(c.t.Context(), c.Home)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, m.Close()) }()
	left, err := m.Left(c.t.Context())
	require.NoError(c.t, err)
	return left
}
