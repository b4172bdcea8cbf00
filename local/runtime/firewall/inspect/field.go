package inspect

import (
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/account"
)

// Finding is what a part of a request says before its text is compared.
type Finding int

// The findings. Texts are to be compared, if there are any; the others decide without.
const (
	Texts Finding = iota
	Match
	NoMatch
)

// The scopes of headers, cookies and JSON whose other half is left out; "ALL" leaves out none.
const (
	keysOnly   = "KEY"
	valuesOnly = "VALUE"
)

// Field is a part of a request that a statement looks at.
type Field func(q *Request) (texts []string, finding Finding)

// NewField reads the fieldToMatch of a statement. A part that a request does not have gives no text, and matches nothing.
func NewField(p account.Props) (Field, error) {
	switch {
	case p.Has("method"):
		return always(func(q *Request) []string { return []string{q.Method} }), nil
	case p.Has("uriPath"):
		return always(func(q *Request) []string { return []string{q.Path} }), nil
	case p.Has("queryString"):
		return always(func(q *Request) []string { return some(q.Query) }), nil
	case p.Has("singleHeader"):
		name := strings.ToLower(p.String("singleHeader.name"))
		return always(func(q *Request) []string {
			if value, ok := q.Header(name); ok {
				return []string{value}
			}
			return nil
		}), nil
	case p.Has("singleQueryArgument"):
		name := p.String("singleQueryArgument.name")
		return always(func(q *Request) []string {
			var values []string
			for _, a := range q.Arguments {
				if strings.EqualFold(DecodeURL(a.Name), name) {
					values = append(values, a.Value)
				}
			}
			return values
		}), nil
	case p.Has("allQueryArguments"):
		return always(func(q *Request) []string { return texts(q.Arguments, valuesOnly) }), nil
	case p.Has("body"):
		return limited(p.String("body.oversizeHandling"), func(q *Request) bool { return q.MoreBody },
			func(q *Request) ([]string, Finding) { return some(q.Body), Texts }), nil
	case p.Has("jsonBody"):
		return limited(p.String("jsonBody.oversizeHandling"), func(q *Request) bool { return q.MoreBody }, newJSON(p.Object("jsonBody"))), nil
	case p.Has("cookies"):
		cookies := p.Object("cookies")
		return pairs(cookies, only(first(cookies, "matchPatterns"), "Cookies", false),
			func(q *Request) ([]Pair, bool) { return q.Cookies, q.MoreCookies }), nil
	case p.Has("headers"):
		headers := first(p, "headers")
		return pairs(headers, only(headers.Object("matchPattern"), "Headers", true),
			func(q *Request) ([]Pair, bool) { return q.Headers, q.MoreHeaders }), nil
	}
	for name := range p {
		return nil, fmt.Errorf("the part %s of a request", name)
	}
	return nil, fmt.Errorf("no part of a request")
}

// always is a part that is compared whatever its size.
func always(read func(q *Request) []string) Field {
	return func(q *Request) ([]string, Finding) { return read(q), Texts }
}

// limited is a part that may be larger than what WAF looks at.
func limited(handling string, more func(q *Request) bool, read Field) Field {
	return func(q *Request) ([]string, Finding) {
		if more(q) {
			switch handling {
			case "MATCH":
				return nil, Match
			case "NO_MATCH":
				return nil, NoMatch
			}
		}
		return read(q)
	}
}

// pairs are headers or cookies, of which names, values or both are compared.
func pairs(p account.Props, wanted func(name string) bool, read func(q *Request) (list []Pair, more bool)) Field {
	scope := p.String("matchScope")
	return limited(p.String("oversizeHandling"), func(q *Request) bool { _, more := read(q); return more },
		func(q *Request) ([]string, Finding) {
			list, _ := read(q)
			list = slices.DeleteFunc(slices.Clone(list), func(one Pair) bool { return !wanted(one.Name) })
			return texts(list, scope), Texts
		})
}

// only tells which names a pattern wants. Names of headers have no case, those of cookies do.
func only(pattern account.Props, what string, folded bool) func(name string) bool {
	among := func(list []string) func(name string) bool {
		return func(name string) bool {
			return slices.ContainsFunc(list, func(one string) bool { return one == name || folded && strings.EqualFold(one, name) })
		}
	}
	if list := pattern.Strings("included" + what); len(list) > 0 {
		return among(list)
	}
	if list := pattern.Strings("excluded" + what); len(list) > 0 {
		excluded := among(list)
		return func(name string) bool { return !excluded(name) }
	}
	return func(string) bool { return true }
}

// texts are the names, the values or both of pairs, as the scope says.
func texts(list []Pair, scope string) []string {
	var all []string
	for _, p := range list {
		if scope != valuesOnly {
			all = append(all, p.Name)
		}
		if scope != keysOnly {
			all = append(all, p.Value)
		}
	}
	return all
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// first is the only element of a list of the provider's that has one.
func first(p account.Props, name string) account.Props {
	if list := p.Objects(name); len(list) > 0 {
		return list[0]
	}
	return nil
}
