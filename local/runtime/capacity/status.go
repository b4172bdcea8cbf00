package capacity

import (
	"context"
	"fmt"

	"wordpress-ecs/local/runtime/part"
)

// Status lists the groups and their instances.
func (p *Part) Status(context.Context) ([]part.Row, error) {
	w, err := p.look()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var rows []part.Row
	for n := range w.groups {
		g := &w.groups[n]
		active := 0
		var instances []part.Row
		for _, i := range p.sorted() {
			if i.Group != g.name || i.Region != g.region {
				continue
			}
			if i.State == stateActive {
				active++
			}
			left, _ := p.free(i)
			instances = append(instances, part.Row{
				Kind: "instance", Name: i.ID, Parent: g.name, State: i.State, Stack: i.Stack,
				Detail: detail(i, left),
			})
		}
		row := part.Row{
			Kind: "group", Name: g.name, State: fmt.Sprintf("%d of %d", active, g.desired), Stack: g.stack,
			Detail: fmt.Sprintf("%d to %d instances", g.minimum, g.maximum),
		}
		if g.fault != nil {
			row.Detail = g.fault.Error()
		}
		rows = append(rows, row)
		rows = append(rows, instances...)
	}
	return rows, nil
}

func detail(i *instance, left room) string {
	what := i.Type + " in " + i.Zone
	switch {
	case i.State == stateTerminated:
		return what
	case i.Unregistered != "":
		return what + ", not in its cluster: " + i.Unregistered
	}
	return fmt.Sprintf("%s, %d of %d ENIs, %d of %d CPU, %d of %d MiB", what,
		i.ENIs-left.enis, i.ENIs, i.CPU-left.cpu, i.CPU, i.Memory-left.memory, i.Memory)
}
