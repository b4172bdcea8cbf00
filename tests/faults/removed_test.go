package faults_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/pace"
	"wordpress-ecs/tests/bench/makespan"
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
	files, err := filepath.Glob(root + "/*/*.go")
	require.NoError(t, err)
	own, err := filepath.Glob(root + "/*.go")
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

// overlay is a file by which the go command sees the program with this DependsOn of nothing.
func (s site) overlay(t *testing.T) string {
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
	return file
}

// without builds the program that an overlay shows.
func (s site) without(t *testing.T, overlay string) cloud.Binaries {
	t.Helper()
	b := built
	b.Program = filepath.Join(t.TempDir(), "program")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", b.Program, ".")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return b
}

// deployed is prod as Pulumi's state has it.
func deployed(t *testing.T, c *cloud.Cloud) pace.Stack {
	t.Helper()
	stack, err := pace.Read([]byte(c.OK("stack", "export", "--stack", "prod").Stdout))
	require.NoError(t, err)
	return stack
}

// lost are the ends of the edges that one graph has and the other has not: what came later, and what it waited for.
func lost(whole, without pace.Stack) (later, earlier []string) {
	left := map[string][]string{}
	for _, r := range without {
		left[r.URN] = r.After
	}
	for _, r := range whole {
		for _, dependency := range r.After {
			if !slices.Contains(left[r.URN], dependency) {
				later, earlier = append(later, r.URN), append(earlier, dependency)
			}
		}
	}
	return later, earlier
}

// late is a plan by which calls about some resources take longer than all the others.
func late(t *testing.T, call string, urns []string) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("faults:\n")
	for _, urn := range urns {
		parts := strings.Split(urn, "::")
		kind := parts[2][strings.LastIndex(parts[2], "$")+1:]
		fmt.Fprintf(&text, "  - {call: %s, type: %q, name: %q, fault: delay, for: 3s}\n", call, kind, parts[3])
	}
	file := filepath.Join(t.TempDir(), "late.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	return "--faults=" + file
}

// variant is a way to deploy prod.
type variant struct {
	set func(c *cloud.Cloud)
	// timed tells that makespan has bounds for it.
	timed bool
	// whole is its graph.
	whole pace.Stack
}

// variants are prod as committed, and with everything.
func variants(t *testing.T) []variant {
	t.Helper()
	list := []variant{
		{set: func(*cloud.Cloud) {}, timed: true}, {set: everything},
	}
	for i, v := range list {
		c := v.cloud(t, built)
		c.Up("prod")
		list[i].whole = deployed(t, c)
		c.Destroy("prod")
	}
	return list
}

// cloud is an account for a program.
func (v variant) cloud(t *testing.T, b cloud.Binaries) *cloud.Cloud {
	t.Helper()
	c := cloud.WithoutEngine(t, b)
	v.set(c)
	c.Set("prod", "protected", "false")
	return c
}

// Without a DependsOn, and with what it waited for coming last, either AWS refuses, or a deployment takes longer than
// it may, or a unit test of the package fails. Otherwise it does nothing, and should not be there.
func TestEveryDependsOnMatters(t *testing.T) {
	t.Parallel()
	all := variants(t)
	for _, s := range sites(t) {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			t.Log("caught by", s.catcher(t, all))
		})
	}
}

// catcher tells what catches the removal of a DependsOn.
func (s site) catcher(t *testing.T, all []variant) string {
	t.Helper()
	overlay := s.overlay(t)
	program := s.without(t, overlay)
	v := all[0]
	if filepath.Base(filepath.Dir(s.file)) == "edge" {
		v = all[1] // most of it is there with a domain only
	}
	if caught := v.catches(t, s, program); caught != "" {
		return caught
	}
	folder, err := filepath.Rel(root, filepath.Dir(s.file))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-overlay", overlay, "./"+folder)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "%s: nothing fails without it", s)
	return "a unit test: " + regexp.MustCompile(`--- FAIL: \S+`).FindString(string(out))
}

// catches tells what refuses a program without a DependsOn; nothing if it is taken.
func (v variant) catches(t *testing.T, s site, program cloud.Binaries) string {
	t.Helper()
	c := v.cloud(t, program)
	args := []string{"--stack", "prod", "--yes", "--skip-preview", "--non-interactive"}
	if up := c.Run(append([]string{"up"}, args...)...); up.Code != 0 {
		return "AWS, at once: " + refusal(t, up.Out)
	}
	stack := deployed(t, c)
	c.Destroy("prod")
	later, earlier := lost(v.whole, stack)
	require.NotEmpty(t, later, "%s: all that is in it is a dependency without it", s)
	up := c.Run(append(append([]string{"up"}, args...), late(t, "create", earlier))...)
	if up.Code != 0 {
		return "AWS, in an update: " + refusal(t, up.Out)
	}
	destroy := c.Run(append(append([]string{"destroy"}, args...), late(t, "delete", later))...)
	if destroy.Code != 0 {
		return "AWS, in a destroy: " + refusal(t, destroy.Out)
	}
	if !v.timed {
		return ""
	}
	takes, goes, err := makespan.Of(stack)
	require.NoError(t, err)
	if err := errors.Join(takes.Kept(), goes.Kept()); err != nil {
		return "the time: " + err.Error()
	}
	return ""
}

var refusalLine = regexp.MustCompile(`.*(api error|timeout while waiting).*`)

// refusal is the line in which AWS refuses. What fails for another reason catches nothing.
func refusal(t *testing.T, out string) string {
	t.Helper()
	line := refusalLine.FindString(out)
	require.NotEmpty(t, line, out)
	return line
}
