package edge

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/dop251/goja/token"
)

// helpers is the module that functions of CloudFront import.
var helpers = regexp.MustCompile(`(?m)^\s*import\s.*['"]cloudfront['"]`)

// checkSyntax refuses what the runtime of CloudFront does not read though the engine here does: its documentation
// ("JavaScript runtime 2.0 features") lists what it knows beyond ES 5.1, and that is const, let, async, await, arrow
// functions, template literals, rest parameters and the operator **.
func checkSyntax(code string) error {
	if helpers.MatchString(code) {
		return errors.New("SyntaxError: the module 'cloudfront' (key value stores, choice of origins) is not run here")
	}
	program, err := parser.ParseFile(nil, "", code, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return fmt.Errorf("SyntaxError: %w", err)
	}
	var found error
	visit(reflect.ValueOf(program.Body), func(n ast.Node) {
		if what := unknown(n); what != "" && found == nil {
			found = fmt.Errorf("SyntaxError: %s not supported in this version in %d", what, line(program.File, n))
		}
	})
	return found
}

// line is where a node begins.
func line(f *file.File, n ast.Node) int { return f.Position(int(n.Idx0()) - f.Base()).Line }

// unknown is how CloudFront's runtime names what it does not read, "" for what it does.
func unknown(n ast.Node) string {
	switch n := n.(type) {
	case *ast.ForOfStatement:
		return `Token "of"`
	case *ast.ClassLiteral:
		return `Token "class"`
	case *ast.ArrayPattern, *ast.ObjectPattern:
		return "Destructuring"
	case *ast.SpreadElement:
		return "Spread syntax"
	case *ast.OptionalChain:
		return `Token "?."`
	case *ast.FunctionLiteral:
		if n.Generator {
			return "Generator"
		}
	case *ast.ParameterList:
		for _, p := range n.List {
			if p.Initializer != nil {
				return "Default parameter"
			}
		}
	case *ast.BinaryExpression:
		if n.Operator == token.COALESCE {
			return `Token "??"`
		}
	}
	return ""
}

var nodeType = reflect.TypeFor[ast.Node]()

// visit calls f for every node of a tree.
func visit(v reflect.Value, f func(ast.Node)) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			visit(v.Elem(), f)
		}
	case reflect.Pointer:
		if v.IsNil() || v.Type().Elem().Kind() != reflect.Struct {
			return
		}
		if v.Type().Implements(nodeType) {
			if n, ok := v.Interface().(ast.Node); ok {
				f(n)
			}
		}
		visit(v.Elem(), f)
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// Declarations are listed a second time for the compiler.
			if field := v.Type().Field(i); field.IsExported() && field.Name != "DeclarationList" {
				visit(v.Field(i), f)
			}
		}
	}
}
