// Package parameter refuses what the engines of databases and caches do not take in a parameter group.
package parameter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// Parameter is one of an engine.
type Parameter struct {
	// Allowed are AWS's words for the values: a list of texts and of ranges of whole numbers; empty for any text.
	Allowed string
	// Static parameters wait for a reboot; fixed ones cannot be changed.
	Static, Fixed bool
}

// Table are the parameters of some families.
type Table struct {
	// Families tells which ones; of others nothing is known, and everything taken.
	Families func(family string) bool
	Of       map[string]Parameter
	// Place is where the table is found by who misses a parameter: "local/aws/rds".
	Place string
	// Loose engines take names and texts in any case, and formulas in place of numbers.
	Loose bool
	// Invalid is AWS's sentence about a value, of the value, the name and what is allowed.
	Invalid string
}

// Find looks a parameter up by its name.
func (t Table) Find(name string) (Parameter, bool) {
	if t.Loose {
		name = strings.ToLower(name)
	}
	p, known := t.Of[name]
	return p, known
}

// Rules are those of the inputs family and parameters, refused with a code.
func (t Table) Rules(code string) []kind.Rule {
	rules := []kind.Rule{
		t.rule("parameters exist", func(name, _ string, _ Parameter, known bool) string {
			if !known {
				return fmt.Sprintf("Could not find parameter with name: %s (this cloud knows those of the table `parameters` in %s)", name, t.Place)
			}
			return ""
		}),
		t.rule("parameters can be changed", func(name, _ string, p Parameter, _ bool) string {
			if p.Fixed {
				return fmt.Sprintf("The parameter %s cannot be modified.", name)
			}
			return ""
		}),
		t.rule("values of parameters", func(name, value string, p Parameter, _ bool) string {
			if !t.accepts(p, value) {
				return fmt.Sprintf(t.Invalid, value, name, p.Allowed)
			}
			return ""
		}),
	}
	for i := range rules {
		rules[i] = rules[i].API(code)
	}
	return rules
}

// rule asks a question about each parameter of a group.
func (t Table) rule(name string, ask func(name, value string, p Parameter, known bool) string) kind.Rule {
	return kind.Whole(name, func(in account.Props) string {
		if !t.Families(in.String("family")) {
			return ""
		}
		for _, one := range in.Objects("parameters") {
			p, known := t.Find(one.String("name"))
			if reason := ask(one.String("name"), one.String("value"), p, known); reason != "" {
				return reason
			}
		}
		return ""
	}, "family", "parameters")
}

func (t Table) accepts(p Parameter, value string) bool {
	if p.Allowed == "" || t.Loose && strings.ContainsAny(value, "{(") {
		return true
	}
	return slices.ContainsFunc(strings.Split(p.Allowed, ","), func(one string) bool {
		return one == value || t.Loose && strings.EqualFold(one, value) || within(one, value)
	})
}

// within tells whether a number is in a range like "1-65535".
func within(bounds, value string) bool {
	dash := strings.LastIndex(bounds, "-")
	if dash <= 0 {
		return false
	}
	least, noLeast := strconv.ParseInt(bounds[:dash], 10, 64)
	most, noMost := strconv.ParseInt(bounds[dash+1:], 10, 64)
	n, none := strconv.ParseFloat(value, 64)
	return noLeast == nil && noMost == nil && none == nil && n >= float64(least) && n <= float64(most)
}
