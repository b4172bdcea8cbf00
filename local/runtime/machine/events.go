package machine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/docker/docker/api/types/events"
)

// Event is something that happened to a container of the account.
type Event struct {
	// Container is its id, Labels are its labels.
	Container string
	Labels    map[string]string
	// Action is the engine's word: "start", "die", "oom", "pause", "unpause", "health_status: healthy",
	// "destroy".
	Action string
	At     time.Time
}

// Healthy tells whether it became healthy, and known whether it is about health at all.
func (e Event) Healthy() (healthy, known bool) {
	status, found := strings.CutPrefix(e.Action, "health_status: ")
	return status == "healthy", found
}

// Events calls f for everything that happens to containers that carry the labels, in order, until the context
// ends, which is no error, or the engine does.
func (m *Machine) Events(ctx context.Context, labels map[string]string, f func(Event)) error {
	filter := m.mine(labels)
	filter.Add("type", string(events.ContainerEventType))
	messages, failed := m.docker.Events(ctx, events.ListOptions{Filters: filter})
	for {
		select {
		case message := <-messages:
			f(Event{
				Container: message.Actor.ID, Labels: message.Actor.Attributes, Action: string(message.Action),
				At: time.Unix(0, message.TimeNano),
			})
		case err := <-failed:
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("following the Docker engine: %w", err)
		}
	}
}
