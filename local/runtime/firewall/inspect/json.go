package inspect

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"wordpress-ecs/local/account"
)

// newJSON reads the jsonBody of a statement: keys, values or both of the elements that it names. WAF forgives mistakes in JSON
// such as a missing comma; here a mistake is where the body ends.
func newJSON(p account.Props) Field {
	scope, fallback := p.String("matchScope"), p.String("invalidFallbackBehavior")
	paths := p.Strings("matchPattern.includedPaths")
	return func(q *Request) ([]string, Finding) {
		if q.Body == "" {
			return nil, Texts
		}
		w := &walker{paths: paths}
		if err := w.walk(q.Body); err != nil {
			switch fallback {
			case "MATCH":
				return nil, Match
			case "NO_MATCH":
				return nil, NoMatch
			case "EVALUATE_AS_STRING":
				return []string{q.Body}, Texts
			}
		}
		var found []string
		if scope != valuesOnly {
			found = append(found, w.keys...)
		}
		if scope != keysOnly {
			found = append(found, w.values...)
		}
		return found, Texts
	}
}

// walker collects the elements of JSON that lie below one of the paths; all, where there are none.
type walker struct {
	decoder      *json.Decoder
	paths        []string
	keys, values []string
}

var errRoot = errors.New("the root is no object and no array")

// walk collects what comes before the first mistake.
func (w *walker) walk(body string) error {
	w.decoder = json.NewDecoder(strings.NewReader(body))
	w.decoder.UseNumber()
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	if _, ok := token.(json.Delim); !ok {
		return errRoot
	}
	if err := w.element(token, ""); err != nil {
		return err
	}
	if _, err := w.decoder.Token(); !errors.Is(err, io.EOF) {
		return errRoot
	}
	return nil
}

// element reads what begins with a token and lies at a JSON pointer.
func (w *walker) element(token json.Token, at string) error {
	delim, ok := token.(json.Delim)
	if !ok {
		if w.below(at) {
			w.values = append(w.values, plain(token))
		}
		return nil
	}
	for i := 0; w.decoder.More(); i++ {
		next, err := w.decoder.Token()
		if err != nil {
			return err
		}
		name := strconv.Itoa(i)
		if delim == '{' {
			name, _ = next.(string)
			if w.below(at) {
				w.keys = append(w.keys, name)
			}
			if next, err = w.decoder.Token(); err != nil {
				return err
			}
		}
		if err := w.element(next, at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name)); err != nil {
			return err
		}
	}
	_, err := w.decoder.Token() // the end of it
	return err
}

// below tells whether an element belongs to what is wanted: what lies at a path, or in it.
func (w *walker) below(at string) bool {
	if len(w.paths) == 0 {
		return true
	}
	for _, path := range w.paths {
		if at == path || strings.HasPrefix(at, path+"/") {
			return true
		}
	}
	return false
}

func plain(token json.Token) string {
	switch v := token.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return "null"
}
