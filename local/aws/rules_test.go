package aws_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/kind"
)

var update = flag.Bool("update", false, "write the table of rules into local/README.md")

const (
	readme     = "../README.md"
	tableBegin = "<!-- rules: written by go test ./local/aws -update -->"
	tableEnd   = "<!-- end of rules -->"
)

// TestTheReadmeListsEveryRule keeps the table in local/README.md true.
func TestTheReadmeListsEveryRule(t *testing.T) {
	t.Parallel()
	catalog, err := aws.Catalog()
	require.NoError(t, err)
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), tableBegin)
	require.True(t, found, "%s has no line %q", readme, tableBegin)
	_, after, found := strings.Cut(rest, tableEnd)
	require.True(t, found, "%s has no line %q", readme, tableEnd)
	want := before + tableBegin + "\n" + table(t, catalog) + tableEnd + after
	if *update {
		require.NoError(t, os.WriteFile(readme, []byte(want), 0o600))
		return
	}
	require.Equal(t, want, string(text), "the table of rules is old: go test ./local/aws -update")
}

// table has a part for each service, with a row for each rule.
func table(t *testing.T, catalog *kind.Catalog) string {
	t.Helper()
	services := map[string][]string{}
	total := 0
	for _, typ := range catalog.Types() {
		d, _ := catalog.Kind(typ)
		service, name := names(typ)
		var derived []string
		model := ""
		for _, r := range d.Refusals() {
			total++
			require.NotEmpty(t, r.Source, "%s: the rule %q does not say where it is from", typ, r.Name)
			if r.Derived {
				derived = append(derived, r.Name)
				model = r.Source[:strings.LastIndex(r.Source, " ")]
				continue
			}
			services[service] = append(services[service], row(name, r.Name, r.When, r.Code, r.Source))
		}
		if len(derived) > 0 {
			services[service] = append(services[service], row(name, strings.Join(derived, "; "), "create, update", "", model))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d rules.\n", total)
	for _, service := range slices.Sorted(maps.Keys(services)) {
		rows := services[service]
		fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n\n| type | rule | when | code | source |\n|---|---|---|---|---|\n%s\n</details>\n",
			service, strings.Join(rows, "\n"))
	}
	b.WriteString("\n")
	return b.String()
}

func row(cells ...string) string {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(cell, "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// names are service and type of a token: "ec2" and "Vpc" of "aws:ec2/vpc:Vpc".
func names(token string) (service, typ string) {
	parts := strings.Split(token, ":")
	service, _, _ = strings.Cut(parts[1], "/")
	return service, parts[2]
}
