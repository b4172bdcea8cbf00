package statements_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	indexRow  = regexp.MustCompile(`(?m)^\| ([PW]-\d\d) \| (.+) \| (.*) \| (.+) \|$`)
	indexFile = regexp.MustCompile("^`([^`]+_test\\.go)` (.+)$")
	indexTest = regexp.MustCompile("^`(Test\\w+)`$")
	// rowTest are the tests here, by the row that they are of.
	rowTest = regexp.MustCompile(`^Test([PW])(\d\d)\w+$`)
)

// The table of docs/statements.md has every row once, and every test that it names exists.
func TestIndexIsTrue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "statements.md"))
	require.NoError(t, err)
	var want, got, listed []string
	for class, count := range map[string]int{"P": 28, "W": 24} {
		for n := range count {
			want = append(want, fmt.Sprintf("%s-%02d", class, n+1))
		}
	}
	for _, row := range indexRow.FindAllStringSubmatch(string(text), -1) {
		got = append(got, row[1])
		if reason, open := strings.CutPrefix(row[4], "not yet: "); open {
			require.NotEmpty(t, reason, row[1])
			continue
		}
		require.NotEmpty(t, row[3], "%s: what the mistake is", row[1])
		for part := range strings.SplitSeq(row[4], "<br>") {
			file := indexFile.FindStringSubmatch(part)
			require.NotNil(t, file, "%s: %s", row[1], part)
			there := testsOf(t, filepath.Join(root, file[1]))
			for entry := range strings.SplitSeq(file[2], ", ") {
				name := indexTest.FindStringSubmatch(entry)
				require.NotNil(t, name, "%s: %s", row[1], entry)
				require.Contains(t, there, name[1], "%s: %s", row[1], file[1])
				listed = append(listed, row[1]+" "+name[1])
			}
		}
	}
	slices.Sort(want)
	require.Equal(t, want, got)

	here, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, file := range here {
		for _, name := range testsOf(t, file) {
			if m := rowTest.FindStringSubmatch(name); m != nil {
				require.Contains(t, listed, m[1]+"-"+m[2]+" "+name, "the row of the test does not name it")
			}
		}
	}
}

// testsOf are the names of the tests in a file.
func testsOf(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var names []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
			names = append(names, f.Name.Name)
		}
	}
	return names
}
