package access

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// document is a policy. A statement may stand alone where a list is meant, and so may a text in a statement.
type document struct {
	Statement statements
}

type statements []statement

type statement struct {
	Effect                string
	Action, NotAction     texts
	Resource, NotResource texts
	Principal             principals
	NotPrincipal          principals
	Condition             map[string]map[string]texts
}

// texts is a text or a list of them. Numbers and booleans are taken for their text, as IAM does.
type texts []string

// principals are those that a policy of a resource, or of trust, speaks of, by kind: "AWS", "Service", "Federated".
// "*" alone is everyone, by the kind "*".
type principals map[string]texts

func parse(text string) (document, error) {
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return d, fmt.Errorf("a policy that cannot be read: %w", err)
	}
	return d, nil
}

func (s *statements) UnmarshalJSON(b []byte) error {
	var list []statement
	if json.Unmarshal(b, &list) != nil {
		list = make([]statement, 1)
		if err := json.Unmarshal(b, &list[0]); err != nil {
			return err
		}
	}
	*s = list
	return nil
}

func (t *texts) UnmarshalJSON(b []byte) error {
	var list []any
	if json.Unmarshal(b, &list) != nil {
		var one any
		if err := json.Unmarshal(b, &one); err != nil {
			return err
		}
		list = []any{one}
	}
	for _, v := range list {
		*t = append(*t, fmt.Sprint(v))
	}
	return nil
}

func (p *principals) UnmarshalJSON(b []byte) error {
	var everyone string
	if json.Unmarshal(b, &everyone) == nil {
		*p = principals{"*": {everyone}}
		return nil
	}
	var kinds map[string]texts
	err := json.Unmarshal(b, &kinds)
	*p = kinds
	return err
}

// speaksOfRole tells whether a role, by its ARN, is among the principals. An empty role is a client without
// credentials, whom only "*" names.
func (p principals) speaksOfRole(role string) bool {
	if len(p["*"]) > 0 || slices.Contains(p["AWS"], "*") {
		return true
	}
	if role == "" {
		return false
	}
	account := accountOf(role)
	return slices.ContainsFunc(p["AWS"], func(name string) bool {
		return name == role || name == account || name == "arn:aws:iam::"+account+":root"
	})
}

func (p principals) speaksOfService(service string) bool {
	return len(p["*"]) > 0 || slices.Contains(p["Service"], service)
}

// covers tells whether a statement is about an action on a resource. The second result names a policy variable
// whose value is not known, and with which the answer is not either.
func (s statement) covers(r Request) (yes bool, unknown string) {
	action := func(pattern string) bool { return glob(strings.ToLower(pattern), strings.ToLower(r.Action)) }
	switch {
	case s.Action != nil && !slices.ContainsFunc(s.Action, action):
		return false, ""
	case s.NotAction != nil && slices.ContainsFunc(s.NotAction, action):
		return false, ""
	case s.Resource == nil && s.NotResource == nil: // a policy of trust
		return true, ""
	}
	found := false
	for _, pattern := range append(s.Resource, s.NotResource...) {
		known, variable := r.resolve(pattern)
		if variable != "" {
			unknown = variable
			continue
		}
		found = found || glob(known, r.Resource)
	}
	if s.NotResource != nil {
		return !found, unknown
	}
	if found {
		unknown = ""
	}
	return found, unknown
}

// resolve puts values in the place of the policy variables of a text. Their values are those of condition keys.
func (r Request) resolve(text string) (resolved, unknown string) {
	for from := 0; ; {
		begin := strings.Index(text[from:], "${")
		if begin < 0 {
			return text, ""
		}
		begin += from
		length := strings.Index(text[begin:], "}")
		if length < 0 {
			return text, ""
		}
		name := text[begin+2 : begin+length]
		// "${*}", "${?}" and "${$}" are these characters themselves.
		value, known := name, len(name) == 1
		if !known {
			value, known = r.value(name)
		}
		if !known {
			return text, text[begin : begin+length+1]
		}
		text = text[:begin] + value + text[begin+length+1:]
		from = begin + len(value)
	}
}

// glob matches "*" with any characters and "?" with one.
func glob(pattern, text string) bool {
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			pattern = strings.TrimLeft(pattern, "*")
			for i := 0; i <= len(text); i++ {
				if glob(pattern, text[i:]) {
					return true
				}
			}
			return false
		case text == "" || pattern[0] != '?' && pattern[0] != text[0]:
			return false
		}
		pattern, text = pattern[1:], text[1:]
	}
	return text == ""
}

const arnParts = 6

// globARN matches the parts of ARNs one by one: a "*" reaches no further than the next colon, but for the last part.
func globARN(pattern, arn string) bool {
	want, have := strings.SplitN(pattern, ":", arnParts), strings.SplitN(arn, ":", arnParts)
	if len(want) != arnParts || len(have) != arnParts {
		return pattern == "*"
	}
	for i := range want {
		if !glob(want[i], have[i]) {
			return false
		}
	}
	return true
}

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", arnParts); len(parts) == arnParts {
		return parts[4]
	}
	return ""
}
