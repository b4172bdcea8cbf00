package cloud

import (
	"encoding/json"

	"github.com/stretchr/testify/require"
)

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
