package firewall

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/firewall/inspect"
)

// truth is what a statement says of a request. Some are unknown here: where an address is, say. What hangs on that stays
// undecided, and an undecided rule does nothing.
type truth int

const (
	no truth = iota
	unknown
	yes
)

func so(holds bool) truth {
	if holds {
		return yes
	}
	return no
}

// statement tells whether it is true of a request.
type statement func(x *exchange) truth

// exchange is a request on its way through the rules of a web ACL.
type exchange struct {
	*inspect.Request
	// now is when it came.
	now time.Time
	// labels are those that rules have added.
	labels []string
}

// compiler reads the statements of a web ACL.
type compiler struct {
	env Env
	// prefix begins the labels of the web ACL's own rules.
	prefix string
	// networks and patterns are the sets of the account, by ARN.
	networks map[string][]netip.Prefix
	patterns map[string][]string
	// unable gets what is asked for and not done here.
	unable func(what string)
}

// statement reads one of which exactly one kind is set. What it cannot read is unknown of every request.
func (c *compiler) statement(p account.Props) statement {
	for _, kind := range slices.Sorted(maps.Keys(p)) {
		body := p.Object(kind)
		if body == nil {
			continue
		}
		s, err := c.read(kind, body)
		if err != nil {
			c.unable(err.Error() + " is not known here")
			return func(*exchange) truth { return unknown }
		}
		return s
	}
	return func(*exchange) truth { return unknown }
}

func (c *compiler) read(kind string, p account.Props) (statement, error) {
	switch kind {
	case "andStatement":
		return both(c.list(p), no, yes), nil
	case "orStatement":
		return both(c.list(p), yes, no), nil
	case "notStatement":
		of := c.list(p)
		if len(of) != 1 {
			return nil, errors.New("notStatement of several statements")
		}
		return func(x *exchange) truth { return yes - of[0](x) }, nil
	case "byteMatchStatement":
		return c.byteMatch(p)
	case "sizeConstraintStatement":
		return c.size(p)
	case "regexMatchStatement":
		return c.expressions(p, []string{p.String("regexString")})
	case "regexPatternSetReferenceStatement":
		return c.expressions(p, c.patterns[p.String("arn")])
	case "sqliMatchStatement":
		return c.injection(p)
	case "xssMatchStatement":
		return c.script(p)
	case "labelMatchStatement":
		return c.label(p), nil
	case "ipSetReferenceStatement":
		return c.inSet(p), nil
	case "geoMatchStatement":
		return c.inCountry(p), nil
	case "rateBasedStatement":
		return c.rate(p)
	}
	return nil, errors.New(kind)
}

func (c *compiler) list(p account.Props) []statement {
	var list []statement
	for _, one := range p.Objects("statements") {
		list = append(list, c.statement(one))
	}
	return list
}

// both joins statements: one that says the decisive thing decides, and all of them that say the other.
func both(list []statement, decisive, other truth) statement {
	return func(x *exchange) truth {
		result := other
		for _, s := range list {
			switch s(x) {
			case decisive:
				return decisive
			case unknown:
				result = unknown
			}
		}
		return result
	}
}

// compared reads a statement that compares a part of the request, once for every text in it.
func compared(p account.Props, holds func(text string) bool) (statement, error) {
	field, err := inspect.NewField(p.Object("fieldToMatch"))
	if err != nil {
		return nil, err
	}
	transform, err := inspect.NewTransformation(p.Objects("textTransformations"))
	if err != nil {
		return nil, err
	}
	return func(x *exchange) truth {
		texts, finding := field(x.Request)
		switch finding {
		case inspect.Match:
			return yes
		case inspect.NoMatch:
			return no
		}
		return so(slices.ContainsFunc(texts, func(text string) bool { return holds(transform(text)) }))
	}, nil
}

func (c *compiler) byteMatch(p account.Props) (statement, error) {
	wanted := p.String("searchString")
	compare := map[string]func(text string) bool{
		"EXACTLY":       func(text string) bool { return text == wanted },
		"STARTS_WITH":   func(text string) bool { return strings.HasPrefix(text, wanted) },
		"ENDS_WITH":     func(text string) bool { return strings.HasSuffix(text, wanted) },
		"CONTAINS":      func(text string) bool { return strings.Contains(text, wanted) },
		"CONTAINS_WORD": func(text string) bool { return containsWord(text, wanted) },
	}[p.String("positionalConstraint")]
	if compare == nil {
		return nil, fmt.Errorf("positionalConstraint %s", p.String("positionalConstraint"))
	}
	return compared(p, compare)
}

// containsWord tells whether a text contains a word with nothing of a word before and behind it.
func containsWord(text, word string) bool {
	for at := 0; word != ""; at++ {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(word)
		if (at == 0 || !ofWord(text[at-1])) && (end == len(text) || !ofWord(text[end])) {
			return true
		}
	}
	return false
}

func ofWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func (c *compiler) size(p account.Props) (statement, error) {
	size, operator := p.Int("size"), p.String("comparisonOperator")
	compare := map[string]func(n int) bool{
		"EQ": func(n int) bool { return n == size }, "NE": func(n int) bool { return n != size },
		"LE": func(n int) bool { return n <= size }, "LT": func(n int) bool { return n < size },
		"GE": func(n int) bool { return n >= size }, "GT": func(n int) bool { return n > size },
	}[operator]
	if compare == nil {
		return nil, fmt.Errorf("comparisonOperator %s", operator)
	}
	return compared(p, func(text string) bool { return compare(len(text)) })
}

// expressions finds a match of one of them anywhere in a text. Go's take the place of WAF's, which know a little more.
func (c *compiler) expressions(p account.Props, texts []string) (statement, error) {
	var all []*regexp.Regexp
	for _, text := range texts {
		one, err := regexp.Compile(text)
		if err != nil {
			return nil, fmt.Errorf("regular expression %q", text)
		}
		all = append(all, one)
	}
	return compared(p, func(text string) bool {
		return slices.ContainsFunc(all, func(one *regexp.Regexp) bool { return one.MatchString(text) })
	})
}

// scopeNamespace lets a label match every label below it, rather than the one of its name.
const scopeNamespace = "NAMESPACE"

// label finds labels that rules before this one have added. A key without a prefix means those of the web ACL itself.
func (c *compiler) label(p account.Props) statement {
	key, prefix := p.String("key"), c.prefix
	if strings.HasPrefix(key, "awswaf:") {
		prefix = ""
	}
	namespace := p.String("scope") == scopeNamespace
	if namespace && !strings.HasSuffix(key, ":") {
		key += ":"
	}
	return func(x *exchange) truth {
		return so(slices.ContainsFunc(x.labels, func(label string) bool {
			rest, ours := strings.CutPrefix(label, prefix)
			switch {
			case !ours:
				return false
			case namespace:
				return strings.HasPrefix(rest, key) || prefix != "" && strings.Contains(rest, ":"+key)
			default:
				return rest == key || prefix != "" && strings.HasSuffix(rest, ":"+key)
			}
		}))
	}
}
