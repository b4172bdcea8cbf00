package faults_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/cloud"
)

// site is a place in the program where a DependsOn stands.
type site struct {
	file, function string
	// begin and end are the offsets of its argument.
	begin, end int
}

func (s site) String() string { return filepath.Base(filepath.Dir(s.file)) + "." + s.function }

// sites are all of them.
func sites(t *testing.T) []site {
	t.Helper()
	files, err := filepath.Glob("../../*/*.go")
	require.NoError(t, err)
	own, err := filepath.Glob("../../*.go")
	require.NoError(t, err)
	var list []site
	for _, file := range append(files, own...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, nil, 0)
		require.NoError(t, err)
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "DependsOn" && fmt.Sprint(s.X) == "pulumi" {
					list = append(list, site{
						file, f.Name.Name,
						set.Position(call.Args[0].Pos()).Offset, set.Position(call.Args[0].End()).Offset,
					})
				}
				return true
			})
		}
	}
	return list
}

// without builds the program with one DependsOn of nothing.
func (s site) without(t *testing.T) cloud.Binaries {
	t.Helper()
	text, err := os.ReadFile(s.file)
	require.NoError(t, err)
	dir := t.TempDir()
	changed := filepath.Join(dir, filepath.Base(s.file))
	require.NoError(t, os.WriteFile(changed, fmt.Appendf(nil, "%s(%s)[:0]%s", text[:s.begin], text[s.begin:s.end], text[s.end:]), 0o600))
	whole, err := filepath.Abs(s.file)
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{whole: changed}})
	require.NoError(t, err)
	file := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, overlay, 0o600))
	b := built
	b.Program = filepath.Join(dir, "program")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", file, "-o", b.Program, ".")
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return b
}

func TestDbgRemoved(t *testing.T) {
	for _, s := range sites(t) {
		t.Run(s.String(), func(t *testing.T) {
			b := s.without(t)
			for seed := range 3 {
				c := cloud.WithoutEngine(t, b)
				c.Set("prod", "protected", "false")
				file := filepath.Join(t.TempDir(), "delays.yaml")
				require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "seed: %d\nfaults:\n"+
					"  - {call: create, fault: delay, upTo: 500ms}\n"+
					"  - {call: delete, fault: delay, upTo: 500ms}\n", seed), 0o600))
				r := c.Run("up", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive", "--faults", file)
				for _, l := range strings.Split(r.Out, "\n") {
					if strings.Contains(l, "api error") {
						fmt.Println("DBG", s, seed, "up", r.Code, l)
					}
				}
				r2 := c.Run("destroy", "--stack", "prod", "--yes", "--skip-preview", "--non-interactive", "--faults", file)
				for _, l := range strings.Split(r2.Out, "\n") {
					if strings.Contains(l, "api error") {
						fmt.Println("DBG", s, seed, "destroy", r2.Code, l)
					}
				}
				fmt.Println("DBG", s, seed, r.Code, r2.Code)
			}
		})
	}
}
