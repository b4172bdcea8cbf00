package iam

import (
	"encoding/json"
	"regexp"
	"slices"

	"wordpress-ecs/local/account"
)

const (
	malformed = "MalformedPolicyDocument"
	// grammar is where the rules for policy documents are from.
	grammar = "IAM user guide, Grammar of the IAM JSON policy language"
	syntax  = "Syntax errors in policy."
)

// document is a policy.
type document struct {
	version    string
	statements []statement
}

// statement is one of a policy, by the names of its elements. Its form is known to be right.
type statement map[string]any

var (
	elements         = []string{"Version", "Id", "Statement"}
	statementElement = []string{
		"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
	}
	ownRole = regexp.MustCompile(`^arn:aws:iam::` + account.ID + `:role/`)
)

// parse reads a policy; wrong is what is wrong with its form.
func parse(text string) (doc document, wrong string) {
	var top map[string]any
	if err := json.Unmarshal([]byte(text), &top); err != nil || !known(top, elements) {
		return doc, syntax
	}
	doc.version, _ = top["Version"].(string)
	list, ok := top["Statement"].([]any)
	if !ok {
		list = []any{top["Statement"]}
	}
	for _, element := range list {
		s, ok := element.(map[string]any)
		if !ok || !known(s, statementElement) || !statement(s).wellFormed() {
			return doc, syntax
		}
		doc.statements = append(doc.statements, s)
	}
	if len(doc.statements) == 0 {
		return doc, syntax
	}
	return doc, ""
}

// Statements are those of a policy, read into a struct with the elements that matter to somebody; none when it cannot be read,
// which is what the rules about its form refuse.
func Statements[T any](policy string) []T {
	var doc struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(policy), &doc) != nil {
		return nil
	}
	var list []T
	if json.Unmarshal(doc.Statement, &list) == nil {
		return list
	}
	var one T
	if json.Unmarshal(doc.Statement, &one) != nil {
		return nil
	}
	return []T{one}
}

func known(object map[string]any, names []string) bool {
	for name := range object {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return len(object) > 0
}

// wellFormed tells whether the elements have the right types and exclude each other as they should.
func (s statement) wellFormed() bool {
	for _, name := range []string{"Action", "Resource", "Principal"} {
		if s[name] != nil && s["Not"+name] != nil {
			return false
		}
	}
	for _, name := range []string{"Action", "NotAction", "Resource", "NotResource"} {
		if v, given := s[name]; given && len(Texts(v)) == 0 {
			return false
		}
	}
	if conditions, given := s["Condition"]; given {
		_, ok := conditions.(map[string]any)
		return ok
	}
	return true
}

// all are the texts of an element and of its negation.
func (s statement) all(name string) []string { return append(Texts(s[name]), Texts(s["Not"+name])...) }

func (s statement) has(name string) bool { return s[name] != nil || s["Not"+name] != nil }

// principals are those of a class, such as "AWS" or "Service".
func (s statement) principals(class string) []string {
	classes, _ := s["Principal"].(map[string]any)
	return Texts(classes[class])
}

// Texts are the elements of a value that may be one text or a list.
func Texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var list []string
		for _, element := range v {
			if s, ok := element.(string); ok {
				list = append(list, s)
			}
		}
		return list
	}
	return nil
}
