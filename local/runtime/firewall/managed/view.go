package managed

import (
	"encoding/json"
	"strings"
	"sync"

	"wordpress-ecs/local/runtime/firewall/inspect"
)

// NewView prepares a request for all groups that look at it. Each part is decoded when the first rule asks for it.
func NewView(q *inspect.Request) *View {
	pairs := func(list []inspect.Pair, names bool) func() []string {
		return sync.OnceValue(func() []string {
			var texts []string
			for _, p := range list {
				if names {
					texts = append(texts, p.Name)
				}
				texts = append(texts, p.Value)
			}
			return decoded(texts...)
		})
	}
	return &View{
		Request: q,
		path:    sync.OnceValue(func() []string { return decoded(q.Path) }),
		query:   sync.OnceValue(func() []string { return decoded(q.Query) }),
		values:  pairs(q.Arguments, false),
		cookies: pairs(q.Cookies, false),
		headers: pairs(q.Headers, true),
		body:    sync.OnceValue(func() []string { return decoded(bodyTexts(q)...) }),
	}
}

// decoded are texts in lower case, as they are and, where that differs, without the codes of URLs and entities of HTML.
func decoded(texts ...string) []string {
	var all []string
	for _, text := range texts {
		if text == "" {
			continue
		}
		all = append(all, strings.ToLower(text))
		if plain := inspect.DecodeEntities(inspect.DecodeURL(text)); plain != text {
			all = append(all, strings.ToLower(plain))
		}
	}
	return all
}

// bodyTexts are the readings of a body: as it is, and without the escapes of JSON, so that a tag in a string is one.
func bodyTexts(q *inspect.Request) []string {
	kind, _ := q.Header("content-type")
	if !strings.Contains(kind, "json") {
		return []string{q.Body}
	}
	return []string{q.Body, unescape(q.Body)}
}

// unescape takes the escapes of strings out of JSON, of which the end may be missing.
func unescape(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, `\`)
		b.WriteString(before)
		if !found || rest == "" {
			return b.String()
		}
		size := 1
		if rest[0] == 'u' {
			size = min(len("uHHHH"), len(rest))
		}
		var plain string
		if json.Unmarshal([]byte(`"\`+rest[:size]+`"`), &plain) == nil {
			b.WriteString(plain)
		}
		text = rest[size:]
	}
}

// at is a part of a request.
type at func(v *View) []string

func path(v *View) []string    { return v.path() }
func query(v *View) []string   { return v.query() }
func values(v *View) []string  { return v.values() }
func cookies(v *View) []string { return v.cookies() }
func headers(v *View) []string { return v.headers() }
func body(v *View) []string    { return v.body() }

// finder tells texts apart, such as a pattern of package attack.
type finder interface{ Finds(text string) bool }

// in finds what one of the texts of a part has.
func in(part at, what finder) func(v *View) bool {
	return func(v *View) bool {
		for _, text := range part(v) {
			if what.Finds(text) {
				return true
			}
		}
		return false
	}
}

// words finds texts that contain one of them.
type words []string

// Finds tells whether a text contains one of the words.
func (w words) Finds(text string) bool {
	for _, word := range w {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// endings finds texts that end in one of them.
type endings []string

// Finds tells whether a text has one of the endings.
func (e endings) Finds(text string) bool {
	for _, ending := range e {
		if strings.HasSuffix(text, ending) {
			return true
		}
	}
	return false
}
