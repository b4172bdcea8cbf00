package engine

import (
	"encoding/json"
	"os"
	"strings"
)

// protectedRefusals are the two ways in which Pulumi words that it keeps a protected resource.
var protectedRefusals = []string{"because it is protected", "currently marked for protection"}

// refusedAsProtected says whether the last phase of a run ended because a resource is
// protected. It reads the engine's event log.
func refusedAsProtected(eventLog string) bool {
	file, err := os.Open(eventLog) //nolint:gosec // a path of our own
	if err != nil {
		return false // the run ended before the first event
	}
	defer file.Close()
	events := json.NewDecoder(file)
	for {
		var event struct {
			Diagnostic struct {
				Severity string `json:"severity"`
				Message  string `json:"message"`
			} `json:"diagnosticEvent"`
		}
		if events.Decode(&event) != nil {
			return false // the end, or an event that was cut off
		}
		if event.Diagnostic.Severity != "error" {
			continue
		}
		message := strings.Join(strings.Fields(event.Diagnostic.Message), " ")
		for _, refusal := range protectedRefusals {
			if strings.Contains(message, refusal) {
				return true
			}
		}
	}
}
