package builder

import "strings"

// tailLines is how many lines of output come with an error.
const tailLines = 10

// tail keeps the last lines of what a command or a build said.
type tail []string

func (t *tail) add(line string) {
	if *t = append(*t, line); len(*t) > tailLines {
		*t = (*t)[1:]
	}
}

// explain puts the lines below a message.
func (t *tail) explain(message string) string {
	return strings.Join(append([]string{message}, *t...), "\n  ")
}

// lineWriter hands on whole lines of what is written to it.
type lineWriter struct {
	line func(string)
	rest string
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest += string(p)
	for {
		line, rest, found := strings.Cut(w.rest, "\n")
		if !found {
			return len(p), nil
		}
		w.line(strings.TrimSpace(line))
		w.rest = rest
	}
}

// end hands on a last line that nothing ended.
func (w *lineWriter) end() {
	w.line(strings.TrimSpace(w.rest))
	w.rest = ""
}
