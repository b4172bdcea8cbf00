package task

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"wordpress-ecs/local/runtime/part"
)

// Status tells of the tasks that have not stopped, and of their containers.
func (p *Part) Status(context.Context) ([]part.Row, error) {
	if err := p.load(); err != nil {
		return nil, err
	}
	var rows []part.Row
	for _, t := range p.Tasks() {
		if t.Status == Stopped {
			continue
		}
		rows = append(rows, t.row())
		for _, c := range t.Containers {
			rows = append(rows, c.row(t))
		}
	}
	return rows, nil
}

func (t Task) row() part.Row {
	detail := []string{t.Definition[strings.LastIndex(t.Definition, "/")+1:], t.IP, "on " + t.Instance}
	if t.Health != HealthUnknown {
		detail = append(detail, string(t.Health))
	}
	if t.Reason != "" {
		detail = append(detail, t.Reason)
	}
	return part.Row{
		Kind: "task", Name: t.ID, Parent: strings.TrimPrefix(t.Group, "service:"), State: string(t.Status),
		Detail: strings.Join(detail, ", "), Stack: t.Stack,
	}
}

func (c Container) row(t Task) part.Row {
	row := part.Row{Kind: "container", Name: c.Name, Parent: t.ID, State: string(c.Status), Stack: t.Stack}
	var detail []string
	if c.Health != HealthUnknown {
		detail = append(detail, string(c.Health))
	}
	if c.Exit != nil {
		detail = append(detail, fmt.Sprintf("exit code %d", *c.Exit))
	}
	if c.Restarts > 0 {
		detail = append(detail, fmt.Sprintf("restarts: %d", c.Restarts))
	}
	if c.Reason != "" {
		detail = append(detail, c.Reason)
	}
	row.Detail = strings.Join(detail, ", ")
	var addresses []string
	for _, address := range c.Listens {
		addresses = append(addresses, address)
	}
	slices.Sort(addresses)
	row.Address = strings.Join(addresses, " ")
	return row
}
