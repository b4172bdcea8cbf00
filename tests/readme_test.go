package tests

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// section is what stands in the README between two markers.
func section(t *testing.T, name string) string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(readme), "<!-- "+name+" -->\n")
	require.True(t, ok, "no marker %s", name)
	text, _, ok := strings.Cut(rest, "<!-- /"+name+" -->")
	require.True(t, ok, "no closing marker %s", name)
	return text
}

// The README's table of settings is what Pulumi.yaml and the stack files say. On a difference the failure
// shows the table as it should be.
func TestREADMESettings(t *testing.T) {
	t.Parallel()
	require.Equal(t, settingsTable(t), section(t, "settings"))
}

func settingsTable(t *testing.T) string {
	t.Helper()
	var project struct {
		Config yaml.Node `yaml:"config"`
	}
	parse(t, "../Pulumi.yaml", &project)
	stacks := map[string]map[string]string{}
	for _, stack := range []string{"dev", "prod"} {
		var file struct {
			Config map[string]string `yaml:"config"`
		}
		parse(t, "../Pulumi."+stack+".yaml", &file)
		stacks[stack] = file.Config
	}
	var table strings.Builder
	table.WriteString("| key | type | dev | prod | what it is, and what is allowed |\n|---|---|---|---|---|\n")
	// Keys in the order of the file, which a map would lose.
	for i := 0; i < len(project.Config.Content); i += 2 {
		key := project.Config.Content[i].Value
		if strings.Contains(key, ":") {
			continue
		}
		var declared struct{ Type, Default, Description string }
		require.NoError(t, project.Config.Content[i+1].Decode(&declared))
		value := func(stack string) string {
			if v, ok := stacks[stack]["wordpress:"+key]; ok {
				return v
			}
			return declared.Default
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n",
			key, declared.Type, code(value("dev")), code(value("prod")), declared.Description)
	}
	return table.String()
}

func parse(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, into))
}

func code(value string) string {
	if value == "" {
		return ""
	}
	return "`" + value + "`"
}

var outputRow = regexp.MustCompile("(?m)^\\| `([a-zA-Z]+)` \\|")

// readmeOutputs are the names in the README's table of outputs.
func readmeOutputs(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, m := range outputRow.FindAllStringSubmatch(section(t, "outputs"), -1) {
		names = append(names, m[1])
	}
	return names
}
