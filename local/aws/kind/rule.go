package kind

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// Rule is one thing that inputs must fulfil.
type Rule struct {
	// Name says in a few words what must hold; unique in its kind.
	Name string
	// Source is where the rule is from; empty for the kind's own.
	Source string
	// Path of the input that the rule is about; "[]" stands for each element.
	// Empty for a rule about the inputs as a whole.
	Path string
	// Needs are further inputs that Test reads: it waits until they are known.
	Needs []string
	// Test returns what is wrong, in AWS's words, or "". It sees each value at
	// Path that is there and known; without a Path, v is nil.
	Test func(v any, in account.Props) string
	// Bad is a value at Path that the rule refuses, if there is one that shows it well.
	Bad any
	// Derived tells that the rule follows from a model of AWS's.
	Derived bool
	// Code makes it a rule of the AWS API, which refuses when the resource is made
	// or changed. Without a code the provider refuses before that, in a preview.
	Code string
}

// Named gives a rule a name of its own.
func (r Rule) Named(name string) Rule {
	r.Name = name
	return r
}

// From says where a rule is from.
func (r Rule) From(source string) Rule {
	r.Source = source
	return r
}

// Refusing gives an example of what a rule refuses.
func (r Rule) Refusing(v any) Rule {
	r.Bad = v
	return r
}

// API makes a rule one that only AWS itself enforces, with an error code.
func (r Rule) API(code string) Rule {
	r.Code = code
	return r
}

// When limits a rule to inputs for which a condition holds. The condition reads
// the named inputs.
func (r Rule) When(condition func(in account.Props) bool, needs ...string) Rule {
	test := r.Test
	r.Needs = append(slices.Clone(r.Needs), needs...)
	r.Test = func(v any, in account.Props) string {
		if !condition(in) {
			return ""
		}
		return test(v, in)
	}
	return r
}

// failures applies a rule to inputs.
func (r Rule) failures(in account.Props) []Failure {
	for _, need := range r.Needs {
		if slices.ContainsFunc(in.All(need), IsUnknown) {
			return nil
		}
	}
	if r.Path == "" {
		if reason := r.Test(nil, in); reason != "" {
			return []Failure{{"", reason}}
		}
		return nil
	}
	var failures []Failure
	for _, v := range in.All(r.Path) {
		if IsUnknown(v) {
			continue
		}
		if reason := r.Test(v, in); reason != "" {
			failures = append(failures, Failure{r.Path, reason})
		}
	}
	return failures
}

// Length bounds the number of characters.
func Length(path string, low, high int) Rule {
	return Rule{Name: "length of " + path, Path: path, Bad: strings.Repeat("a", high+1), Test: func(v any, _ account.Props) string {
		if s, ok := v.(string); ok && (len(s) < low || len(s) > high) {
			return fmt.Sprintf("expected length of %s to be in the range (%d - %d), got %s", path, low, high, s)
		}
		return ""
	}}
}

// Match wants a text to match a pattern; the message says what that means.
func Match(path, pattern, message string) Rule {
	re := regexp.MustCompile(pattern)
	return Rule{Name: "form of " + path, Path: path, Test: func(v any, _ account.Props) string {
		if s, ok := v.(string); ok && !re.MatchString(s) {
			return fmt.Sprintf("invalid value for %s (%s): %q", path, message, s)
		}
		return ""
	}}
}

// Reject is Match for what a text must not look like.
func Reject(path, pattern, message string) Rule {
	re := regexp.MustCompile(pattern)
	return Rule{Name: "not allowed in " + path, Path: path, Test: func(v any, _ account.Props) string {
		if s, ok := v.(string); ok && re.MatchString(s) {
			return fmt.Sprintf("invalid value for %s (%s): %q", path, message, s)
		}
		return ""
	}}
}

// OneOf lists the texts that are allowed.
func OneOf(path string, allowed ...string) Rule {
	return Rule{Name: "values of " + path, Path: path, Bad: "no-such-value", Test: func(v any, _ account.Props) string {
		if s, ok := v.(string); ok && !slices.Contains(allowed, s) {
			return fmt.Sprintf("expected %s to be one of %q, got %s", path, allowed, s)
		}
		return ""
	}}
}

// Number lists the numbers that are allowed.
func Number(path string, allowed ...float64) Rule {
	return Rule{Name: "numbers of " + path, Path: path, Bad: slices.Min(allowed) - 1, Test: func(v any, _ account.Props) string {
		if n, ok := v.(float64); ok && !slices.Contains(allowed, n) {
			return fmt.Sprintf("expected %s to be one of %v, got %v", path, allowed, n)
		}
		return ""
	}}
}

// Range bounds a number, both ends allowed.
func Range(path string, low, high float64) Rule {
	return Rule{Name: "range of " + path, Path: path, Bad: high + 1, Test: func(v any, _ account.Props) string {
		if n, ok := v.(float64); ok && (n < low || n > high) {
			return fmt.Sprintf("expected %s to be in the range (%v - %v), got %v", path, low, high, n)
		}
		return ""
	}}
}

// Count bounds the number of elements of a list.
func Count(path string, low, high int) Rule {
	return Rule{Name: "count of " + path, Path: path, Test: func(v any, _ account.Props) string {
		list, ok := v.([]any)
		if ok && len(list) < low {
			return fmt.Sprintf("%s requires %d item minimum, but has only %d", path, low, len(list))
		}
		if ok && len(list) > high {
			return fmt.Sprintf("%s supports %d item maximum, but has %d", path, high, len(list))
		}
		return ""
	}}
}

// CIDR wants an IPv4 network in canonical form whose prefix length is in a range.
func CIDR(path string, low, high int) Rule {
	return Rule{Name: "network " + path, Path: path, Bad: "10.0.0.1/8", Test: func(v any, _ account.Props) string {
		s, ok := v.(string)
		if !ok {
			return ""
		}
		network, err := netip.ParsePrefix(s)
		if err != nil {
			return fmt.Sprintf("%q is not a valid CIDR block: invalid CIDR address: %s", s, s)
		}
		if network.Masked() != network {
			return fmt.Sprintf("%q is not a valid CIDR block; did you mean %q?", s, network.Masked())
		}
		if network.Bits() < low || network.Bits() > high {
			return fmt.Sprintf("expected %q to contain a network Value with between %d and %d significant bits, got: %d",
				path, low, high, network.Bits())
		}
		return ""
	}}
}

// JSON wants a text that holds a JSON document.
func JSON(path string) Rule {
	return Rule{Name: "JSON of " + path, Path: path, Bad: "{", Test: func(v any, _ account.Props) string {
		s, ok := v.(string)
		if ok && !json.Valid([]byte(s)) {
			return fmt.Sprintf("%q contains an invalid JSON document", path)
		}
		return ""
	}}
}

// ARN wants an Amazon resource name.
func ARN(path string) Rule {
	return Match(path, `^arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}|aws)?:.+`, "is not a valid ARN").Refusing("not-an-arn")
}

// Conflict refuses two inputs together.
func Conflict(a, b string) Rule {
	return Rule{Name: a + " without " + b, Needs: []string{a, b}, Test: func(_ any, in account.Props) string {
		if in.Has(a) && in.Has(b) {
			return fmt.Sprintf("Conflicting configuration arguments: %q: conflicts with %s", a, b)
		}
		return ""
	}}
}

// ExactlyOne wants one of several inputs.
func ExactlyOne(paths ...string) Rule {
	return Rule{Name: "one of " + strings.Join(paths, ", "), Test: func(_ any, in account.Props) string {
		given := 0
		for _, path := range paths {
			if in.Has(path) {
				given++
			}
		}
		if given != 1 {
			return fmt.Sprintf("Invalid combination of arguments: only one of `%s` must be specified",
				strings.Join(paths, ","))
		}
		return ""
	}}
}

// Whole is a rule about the inputs together. It waits until those that it needs
// are known.
func Whole(name string, test func(in account.Props) string, needs ...string) Rule {
	return Rule{Name: name, Needs: needs, Test: func(_ any, in account.Props) string { return test(in) }}
}
