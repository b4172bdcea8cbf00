package access

import (
	"slices"
	"strings"
)

// comparison tells whether the value of a condition key is one of those that a policy has.
type comparison struct {
	equal func(want, have string) bool
	// not turns it round: the value is none of them. A key without a value is none of them.
	not bool
}

// operators are the condition operators that are evaluated. NumericEquals and its like, DateEquals and its like,
// BinaryEquals, IpAddress, NotIpAddress and the set operators ForAllValues and ForAnyValue are not.
var operators = map[string]comparison{
	"StringEquals":              {equal: same},
	"StringNotEquals":           {equal: same, not: true},
	"StringEqualsIgnoreCase":    {equal: strings.EqualFold},
	"StringNotEqualsIgnoreCase": {equal: strings.EqualFold, not: true},
	"StringLike":                {equal: glob},
	"StringNotLike":             {equal: glob, not: true},
	"ArnEquals":                 {equal: globARN},
	"ArnLike":                   {equal: globARN},
	"ArnNotEquals":              {equal: globARN, not: true},
	"ArnNotLike":                {equal: globARN, not: true},
	"Bool":                      {equal: strings.EqualFold},
}

const (
	ifExists = "IfExists"
	null     = "Null"
)

func same(a, b string) bool { return a == b }

// meets tells whether a request meets all conditions of a statement. Of what is not known here, the notes name
// each; a statement that allows does not apply then.
func (s statement) meets(r Request) (yes bool, notes []string) {
	yes = true
	for operator, keys := range s.Condition {
		for key, wanted := range keys {
			met, note := r.meets(operator, key, wanted)
			if note != "" {
				notes = append(notes, note)
			}
			yes = yes && met
		}
	}
	slices.Sort(notes)
	return yes, notes
}

func (r Request) meets(operator, key string, wanted texts) (met bool, note string) {
	value, known := r.value(key)
	if operator == null {
		return slices.Contains(wanted, "true") == !known, ""
	}
	name, optional := strings.CutSuffix(operator, ifExists)
	compare, ok := operators[name]
	switch {
	case !ok:
		return false, "the condition operator " + operator + " is not evaluated here"
	case !known && optional:
		return true, ""
	case !known:
		return compare.not, "the condition key " + key + " has no value here"
	}
	found := false
	for _, text := range wanted {
		want, variable := r.resolve(text)
		if variable != "" {
			note = "the policy variable " + variable + " is not evaluated here"
			continue
		}
		found = found || compare.equal(want, value)
	}
	return found != compare.not, note
}

// value is that of a condition key, whose case does not matter.
func (r Request) value(key string) (string, bool) {
	for name, value := range r.Context {
		if strings.EqualFold(name, key) {
			return value, true
		}
	}
	switch strings.ToLower(key) {
	case "aws:principalarn":
		return r.Role, r.Role != ""
	case "aws:principalaccount":
		return accountOf(r.Role), r.Role != ""
	case "aws:principaltype":
		return "AssumedRole", r.Role != ""
	}
	return "", false
}
