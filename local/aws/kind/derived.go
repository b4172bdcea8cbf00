package kind

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/model"
)

// derive adds the rules that follow from the model, unless the provider says the same before AWS is asked. What is
// written by hand about tags counts those that the provider adds, too.
func (d *Declared) derive() error {
	own := d.Rules
	seen := map[string]bool{}
	for _, m := range d.members {
		if seen[m.Path] {
			continue
		}
		limits, err := m.limits()
		if err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
		seen[m.Path] = len(limits) > 0
		for _, l := range limits {
			if slices.ContainsFunc(own, func(r Rule) bool { return (r.Code == "" || m.input.kind == reflect.Map) && r.says(m.Path, l.beyond) }) {
				continue
			}
			d.Rules = append(d.Rules, m.rule(d.API.Service, l))
		}
	}
	return nil
}

// Repeats are the rules, by name, whose example of what they refuse is refused by a derived rule already.
func (d *Declared) Repeats() []string {
	var names []string
	for _, r := range d.Rules {
		repeated := func(by Rule) bool { return by.Derived && by.Path == r.Path && by.Says(r.Bad) != "" }
		if r.Code != "" && !r.Derived && r.Bad != nil && slices.ContainsFunc(d.Rules, repeated) {
			names = append(names, r.Name)
		}
	}
	return names
}

// says tells whether a rule about a path refuses all of some values.
func (r Rule) says(path string, values []any) bool {
	return r.Path == path && len(values) > 0 && !slices.ContainsFunc(values, func(v any) bool { return r.Says(v) == "" })
}

// limit is one constraint of a value.
type limit struct {
	// name says what is limited: "length".
	name string
	// broken is the constraint that a value does not satisfy, in AWS's words; "" if it does.
	broken func(v any) string
	// within are values at the bounds, beyond are values that are just refused; not each limit has them.
	within, beyond []any
	// below is where in the value the constraint is, for those of a map.
	below string
}

// limits are the constraints of a member.
func (m Member) limits() ([]limit, error) {
	s := m.Shape
	switch {
	case (m.input.kind == reflect.String || m.input.kind == reflect.Interface) && s.Type == "string":
		return textLimits(s)
	case (m.input.kind == reflect.Int || m.input.kind == reflect.Float64) && numeric(s):
		return bounds("range", "value", s, func(v any) (float64, bool) {
			n, ok := v.(float64)
			return n, ok
		}, func(n int) any { return float64(n) }), nil
	case m.input.kind == reflect.Slice && s.Type == "list":
		return bounds("count", "length", s, countOf, func(n int) any { return make([]any, max(n, 0)) }), nil
	case m.input.kind == reflect.Map && m.input.element.kind == reflect.String:
		return m.mapLimits()
	}
	return nil, nil
}

// numeric tells whether a shape is a number.
func numeric(s *model.Shape) bool {
	return slices.Contains([]string{"integer", "long", "float", "double"}, s.Type)
}

// countOf is how many elements a list has; an empty one is not sent.
func countOf(v any) (float64, bool) {
	list, ok := v.([]any)
	return float64(len(list)), ok && len(list) > 0
}

func textLimits(s *model.Shape) ([]limit, error) {
	limits := bounds("length", "length", s, func(v any) (float64, bool) {
		text, ok := v.(string)
		return float64(utf8.RuneCountInString(text)), ok && text != "" // what is empty is not sent
	}, func(n int) any { return strings.Repeat("a", max(n, 0)) })
	matches, err := s.Matches()
	if err != nil {
		return nil, err
	}
	if matches != nil {
		var beyond []any
		for _, odd := range []string{"!", " ", "\x00", "é", "a b"} {
			if !matches(odd) {
				beyond = append(beyond, odd)
				break
			}
		}
		if len(beyond) > 0 { // others match everything
			limits = append(limits, limit{name: "pattern", beyond: beyond, broken: func(v any) string {
				if text, ok := v.(string); ok && text != "" && !matches(text) {
					return "Member must satisfy regular expression pattern: " + s.Pattern
				}
				return ""
			}})
		}
	}
	if len(s.Enum) > 0 {
		l := limit{name: "values", beyond: []any{"no-such-value"}, broken: func(v any) string {
			if text, ok := v.(string); ok && text != "" && !slices.Contains(s.Enum, text) {
				return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
			}
			return ""
		}}
		for _, value := range s.Enum {
			l.within = append(l.within, value)
		}
		limits = append(limits, l)
	}
	return limits, nil
}

// bounds is the limit of a size, which value makes an example of.
func bounds(name, what string, s *model.Shape, size func(v any) (float64, bool), value func(n int) any) []limit {
	l := limit{name: name, broken: func(v any) string {
		n, ok := size(v)
		switch {
		case ok && s.Min != nil && n < *s.Min:
			return fmt.Sprintf("Member must have %s greater than or equal to %.0f", what, *s.Min)
		case ok && s.Max != nil && n > *s.Max:
			return fmt.Sprintf("Member must have %s less than or equal to %.0f", what, *s.Max)
		}
		return ""
	}}
	for _, bound := range []struct {
		at   *float64
		step int
	}{{s.Max, 1}, {s.Min, -1}} {
		if bound.at == nil {
			continue
		}
		if bad := value(int(*bound.at) + bound.step); l.broken(bad) != "" {
			l.within, l.beyond = append(l.within, value(int(*bound.at))), append(l.beyond, bad)
		}
	}
	if len(l.beyond) == 0 {
		return nil
	}
	return []limit{l}
}

// mapLimits are those of tags and the like, which a request has as a map or as a list of keys and values.
func (m Member) mapLimits() ([]limit, error) {
	keys, values := m.service.Shapes[m.Shape.Key], m.service.Shapes[m.Shape.Value]
	if m.Shape.Type == "list" {
		pair := m.service.Shapes[m.Shape.Element]
		for name, of := range pair.Members {
			switch strings.ToLower(name) {
			case "key":
				keys = m.service.Shapes[of]
			case "value":
				values = m.service.Shapes[of]
			}
		}
	}
	if keys == nil || values == nil {
		return nil, nil
	}
	all := bounds("count", "length", m.Shape, func(v any) (float64, bool) {
		entries, ok := v.(map[string]any)
		return float64(len(entries)), ok && len(entries) > 0
	}, func(n int) any {
		entries := map[string]any{}
		for i := range n {
			entries[fmt.Sprint("k", i)] = "v"
		}
		return entries
	})
	for _, part := range []struct {
		name  string
		shape *model.Shape
		parts func(entries map[string]any) []any
		entry func(v any) map[string]any
	}{
		{"key", keys, func(entries map[string]any) []any {
			var list []any
			for _, key := range sorted(entries) {
				list = append(list, key)
			}
			return list
		}, func(v any) map[string]any { return map[string]any{fmt.Sprint(v): "v"} }},
		{"value", values, func(entries map[string]any) []any {
			var list []any
			for _, key := range sorted(entries) {
				list = append(list, entries[key])
			}
			return list
		}, func(v any) map[string]any { return map[string]any{"k": v} }},
	} {
		limits, err := textLimits(part.shape)
		if err != nil {
			return nil, err
		}
		for _, l := range limits {
			all = append(all, limit{
				name: part.name + " " + l.name, below: part.name, within: each(l.within, part.entry), beyond: each(l.beyond, part.entry),
				broken: func(v any) string {
					entries, _ := v.(map[string]any)
					for _, v := range part.parts(entries) {
						if said := l.broken(v); said != "" {
							return said
						}
					}
					return ""
				},
			})
		}
	}
	return all, nil
}

func each(values []any, entry func(v any) map[string]any) []any {
	var list []any
	for _, v := range values {
		list = append(list, entry(v))
	}
	return list
}

// rule is a limit in the words of the service.
func (m Member) rule(service string, l limit) Rule {
	code, say := words(service, m.Operation)
	return Rule{
		Name: m.Path + ": " + l.name, Source: m.service.Source + " " + m.Operation + "." + m.Name,
		Path: m.Path, Code: code, Derived: true, Bad: l.beyond[0],
		Test: func(v any, in account.Props) string {
			broken := l.broken(v)
			if broken == "" {
				return ""
			}
			at := m.at(v, in)
			if l.below != "" {
				at += ".1.member." + l.below
			}
			return say(v, at, broken)
		},
	}
}

// at is the place of a value in a request, as AWS names it.
func (m Member) at(v any, in account.Props) string {
	index := 0
	if strings.Count(m.Path, "[]") == 1 {
		index = max(0, slices.IndexFunc(in.All(m.Path), func(other any) bool { return reflect.DeepEqual(v, other) }))
	}
	var steps []string
	for rest := m.Name; rest != ""; {
		step := rest[:stepLength(rest)]
		rest = strings.TrimPrefix(rest[len(step):], ".")
		name, key, list := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		steps = append(steps, lowered(name))
		if list {
			steps = append(steps, strconv.Itoa(index+1), "member")
		}
		if key != "" {
			steps = append(steps, "value")
		}
	}
	return strings.Join(steps, ".")
}

// words are the error code and the sentence of a service for a constraint that is not satisfied. Seen in reports of
// errors: https://github.com/aws/aws-sdk-js/pull/3321 (EFS),
// terraform-aws-modules/terraform-aws-cloudfront#53 (CloudFront).
func words(service, operation string) (code string, say func(v any, at, broken string) string) {
	say = func(v any, at, broken string) string {
		return fmt.Sprintf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", plainly(v), at, broken)
	}
	switch service {
	case "autoscaling", "elbv2", "iam":
		return "ValidationError", say
	case "ecr":
		return "InvalidParameterException", func(_ any, at, broken string) string {
			return fmt.Sprintf("Invalid parameter at '%s' failed to satisfy constraint: '%s'", at, strings.TrimPrefix(broken, "Member "))
		}
	case "ecs", "logs":
		if operation == "RegisterTaskDefinition" || operation == "DeregisterTaskDefinition" {
			return "ClientException", say
		}
		if strings.Contains(operation, "Delivery") {
			return "ValidationException", say
		}
		return "InvalidParameterException", say
	case "ec2":
		return "InvalidParameterValue", func(v any, at, _ string) string {
			return fmt.Sprintf("Value (%s) for parameter %s is invalid.", plainly(v), at)
		}
	case "cloudfront":
		return "MalformedXML", say
	case "s3api":
		return "MalformedXML", func(any, string, string) string {
			return "The XML you provided was not well-formed or did not validate against our published schema"
		}
	case "athena":
		return "InvalidRequestException", say
	case "elasticache", "rds":
		return "InvalidParameterValue", say
	case "route53":
		return "InvalidInput", say
	default: // acm, application-autoscaling, efs, glue, lambda, secretsmanager, wafv2
		return "ValidationException", say
	}
}

// plainly is a value as AWS prints it.
func plainly(v any) string {
	switch v := v.(type) {
	case []any:
		list := make([]string, len(v))
		for i := range v {
			list[i] = plainly(v[i])
		}
		return "[" + strings.Join(list, ", ") + "]"
	case float64:
		return fmt.Sprintf("%.0f", v)
	default:
		return fmt.Sprint(v)
	}
}
