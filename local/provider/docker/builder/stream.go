package builder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// notePrefix begins the lines of a build that people should read, among the hundreds that it says.
const notePrefix = "NOTE: "

// message is a piece of what the engine says while it works.
type message struct {
	Stream   string          `json:"stream"`
	Status   string          `json:"status"`
	ID       string          `json:"id"`
	Progress string          `json:"progress"`
	Aux      json.RawMessage `json:"aux"`
	Error    *struct {
		Message string `json:"message"`
	} `json:"errorDetail"`
}

// follow reports what the engine says until it is done, and reads its results into result.
// An error comes with the last lines before it: they hold the reason.
func follow(body io.Reader, report Reporter, result any) error {
	var last tail
	// What a build writes comes in pieces, which end anywhere in a line.
	output := &lineWriter{line: func(line string) {
		if line == "" {
			return
		}
		last.add(line)
		if note, marked := strings.CutPrefix(line, notePrefix); marked {
			report.Info(note)
			return
		}
		report.Status(line)
	}}
	decoder := json.NewDecoder(body)
	for {
		var m message
		err := decoder.Decode(&m)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading what the Docker engine says: %w", err)
		case m.Error != nil:
			output.end()
			return errors.New(last.explain(m.Error.Message))
		case m.Aux != nil && result != nil:
			if err := json.Unmarshal(m.Aux, result); err != nil {
				return fmt.Errorf("reading what the Docker engine says: %w", err)
			}
		}
		if _, err := io.WriteString(output, withoutColors.Replace(m.Stream)); err != nil {
			return err
		}
		if status := m.status(); status != "" {
			report.Status(status)
		}
	}
}

// withoutColors takes out how the classic builder marks what a build wrote to stderr.
var withoutColors = strings.NewReplacer("\x1b[91m", "", "\x1b[0m", "")

func (m message) status() string {
	return strings.Join(strings.Fields(m.ID+" "+m.Status+" "+m.Progress), " ")
}
