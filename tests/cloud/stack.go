package cloud

import (
	"encoding/json"
	"strings"

	"github.com/stretchr/testify/require"
)

// Up deploys a stack as `make up` does.
func (c *Cloud) Up(stack string) Result {
	c.t.Helper()
	return c.OK(upArguments(stack)...)
}

// TryUp is Up where it may fail.
func (c *Cloud) TryUp(stack string) Result {
	c.t.Helper()
	return c.Run(upArguments(stack)...)
}

func upArguments(stack string) []string {
	return []string{"up", "--stack", stack, "--yes", "--skip-preview", "--non-interactive"}
}

// Unchanged checks that nothing is left to do.
func (c *Cloud) Unchanged(stack string) {
	c.t.Helper()
	c.OK("preview", "--stack", stack, "--expect-no-changes", "--diff", "--non-interactive")
}

// Destroy removes a stack.
func (c *Cloud) Destroy(stack string) {
	c.t.Helper()
	c.OK("destroy", "--stack", stack, "--yes", "--skip-preview", "--non-interactive")
}

// Changes is what a preview would do, operation by "type name", without what stays the same.
func (c *Cloud) Changes(stack string) map[string]string {
	c.t.Helper()
	var preview struct {
		Steps []struct{ Op, URN string }
	}
	out := c.OK("preview", "--stack", stack, "--json", "--non-interactive").Stdout
	require.NoError(c.t, json.Unmarshal([]byte(out), &preview), out)
	changes := map[string]string{}
	for _, step := range preview.Steps {
		if step.Op == "same" || step.Op == "read" {
			continue
		}
		parts := strings.Split(step.URN, "::")
		types := strings.Split(parts[2], "$")
		key := types[len(types)-1] + " " + parts[3]
		// A replacement is three steps; the one that says so is the one to keep.
		if changes[key] != "replace" {
			changes[key] = step.Op
		}
	}
	return changes
}

// Outputs are the stack's outputs; what is not text is JSON.
func (c *Cloud) Outputs(stack string) map[string]string {
	c.t.Helper()
	var outputs map[string]json.RawMessage
	out := c.OK("stack", "output", "--stack", stack, "--json").Stdout
	require.NoError(c.t, json.Unmarshal([]byte(out), &outputs), out)
	texts := map[string]string{}
	for name, value := range outputs {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		texts[name] = text
	}
	return texts
}
