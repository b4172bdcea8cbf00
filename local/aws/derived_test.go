package aws_test

import (
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/aws"
	"wordpress-ecs/local/aws/kind"
	"wordpress-ecs/local/aws/model"
)

// Each rule that follows from a model accepts what is at its bound, and refuses what is beyond.
func TestDerivedRulesHoldAtTheirBounds(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, d := range kinds(t) {
		shapes := map[string]*model.Shape{}
		for _, m := range slices.Backward(d.Members()) {
			shapes[m.Path] = m.Shape
		}
		for _, rule := range d.Rules {
			if !rule.Derived {
				continue
			}
			tried++
			what := strings.TrimPrefix(rule.Name, rule.Path+": ")
			s := shapes[rule.Path]
			if _, tags := rule.Bad.(map[string]any); tags {
				assert.Empty(t, rule.Says(map[string]any{"Name": "web"}), "%s %s", d.Type, rule.Name)
				assert.NotEmpty(t, rule.Says(rule.Bad), "%s %s", d.Type, rule.Name)
				continue
			}
			for _, v := range within(t, what, s) {
				assert.Empty(t, rule.Says(v), "%s %s accepts %v", d.Type, rule.Name, v)
			}
			assert.NotNil(t, rule.Bad, "%s %s", d.Type, rule.Name)
			for _, v := range append(beyond(what, s), rule.Bad) {
				assert.NotEmpty(t, rule.Says(v), "%s %s refuses %v", d.Type, rule.Name, v)
			}
			assert.NotEmpty(t, rule.Code, "%s %s", d.Type, rule.Name)
			assert.Contains(t, rule.Source, "aws-sdk-go v1.55.8 models/apis/", "%s %s", d.Type, rule.Name)
		}
	}
	require.Greater(t, tried, 100)
}

// What a model says nobody says a second time.
func TestDerivedRulesAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, d := range kinds(t) {
		assert.Empty(t, d.Repeats(), "%s: the model says the same; delete these rules", d.Type)
	}
}

// Every operation whose model is kept belongs to a kind, so that the data stays small.
func TestEveryModelledOperationIsAKinds(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	services := map[string]bool{}
	for _, d := range kinds(t) {
		services[d.API.Service] = true
		for _, operation := range d.API.Operations() {
			used[d.API.Service+" "+operation] = true
		}
	}
	delete(services, "")
	for service := range services {
		m, err := model.Load(service)
		require.NoError(t, err)
		for operation := range m.Operations {
			assert.True(t, used[service+" "+operation], "%s %s: take it out of local/aws/model/operations.txt", service, operation)
		}
	}
}

func kinds(t *testing.T) []*kind.Declared {
	t.Helper()
	catalog, err := aws.Catalog()
	require.NoError(t, err)
	var list []*kind.Declared
	for _, token := range catalog.Types() {
		d, _ := catalog.Kind(token)
		list = append(list, d)
	}
	return list
}

// within are values at the bounds of a shape, as the rule sees them.
func within(t *testing.T, what string, s *model.Shape) []any {
	t.Helper()
	switch what {
	case "values":
		var all []any
		for _, value := range s.Enum {
			all = append(all, value)
		}
		return all
	case "pattern":
		pattern := s.Expression
		if pattern == "" {
			pattern = s.Pattern
		}
		tree, err := syntax.Parse(pattern, syntax.Perl)
		require.NoError(t, err)
		return []any{sample(tree)}
	}
	var list []any
	for _, bound := range []*float64{s.Min, s.Max} {
		if bound != nil {
			list = append(list, sized(what, int(*bound)))
		}
	}
	return list
}

// beyond are values just outside of the bounds of a shape. A size of nothing is not sent, and so not refused.
func beyond(what string, s *model.Shape) []any {
	var list []any
	if s.Max != nil {
		list = append(list, sized(what, int(*s.Max)+1))
	}
	if s.Min != nil && (*s.Min > 1 || what == "range") {
		list = append(list, sized(what, int(*s.Min)-1))
	}
	return slices.DeleteFunc(list, func(v any) bool { return v == nil })
}

// sized is a value of a size; nil for what has none of its own.
func sized(what string, n int) any {
	switch what {
	case "range":
		return float64(n)
	case "length":
		return strings.Repeat("a", n)
	case "count":
		return make([]any, n)
	}
	return nil
}

// sample is a text that an expression matches.
func sample(tree *syntax.Regexp) string {
	var parts []string
	for _, sub := range tree.Sub {
		parts = append(parts, sample(sub))
	}
	switch tree.Op {
	case syntax.OpLiteral:
		return string(tree.Rune)
	case syntax.OpCharClass:
		for _, r := range "a0/-A" {
			for i := 0; i < len(tree.Rune); i += 2 {
				if tree.Rune[i] <= r && r <= tree.Rune[i+1] {
					return string(r)
				}
			}
		}
		return string(tree.Rune[0])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "a"
	case syntax.OpPlus, syntax.OpCapture:
		return parts[0]
	case syntax.OpRepeat:
		return strings.Repeat(parts[0], max(tree.Min, 1))
	case syntax.OpAlternate:
		return parts[0]
	case syntax.OpConcat:
		return strings.Join(parts, "")
	default: // anchors, and what may be left out
		return ""
	}
}
