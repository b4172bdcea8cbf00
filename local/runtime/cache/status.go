package cache

import (
	"context"
	"fmt"
	"slices"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// Status tells of every group and its nodes.
func (p *Part) Status(ctx context.Context) ([]part.Row, error) {
	containers, err := p.env.Machine.Find(ctx, map[string]string{machine.LabelKind: kind})
	if err != nil {
		return nil, err
	}
	var all []group
	states := map[string]state{}
	if err := p.env.Account.View(func(tx *account.Tx) (err error) {
		all, err = groups(tx)
		for _, g := range all {
			s := state{}
			if _, err := tx.Kept(stateClass, g.id, &s); err != nil {
				return err
			}
			states[g.id] = s
		}
		return err
	}); err != nil {
		return nil, err
	}
	var rows []part.Row
	for _, g := range all {
		rows = append(rows, p.rows(ctx, g, states[g.id].Primary, containers)...)
	}
	return rows, nil
}

func (p *Part) rows(ctx context.Context, g group, primary string, containers []machine.Container) []part.Row {
	title := part.Row{
		Kind: "cache", Name: g.id, State: "available", Stack: g.stack,
		Detail: fmt.Sprintf("%s, %s", g.engine, count(len(g.members), "node")),
	}
	if err := g.refuse(); err != nil {
		title.State, title.Detail = "failed", err.Error()
		return []part.Row{title}
	}
	rows := []part.Row{title}
	for _, member := range g.members {
		row := part.Row{Kind: "cache", Name: member, Parent: g.id, State: "creating", Detail: "replica", Stack: g.stack}
		if member == primary {
			row.Detail = "primary"
		}
		at := slices.IndexFunc(containers, func(c machine.Container) bool { return c.Labels[machine.LabelID] == member })
		if at >= 0 {
			row.State = map[string]string{"running": "available", "exited": "stopped"}[containers[at].State]
			if row.State == "" {
				row.State = containers[at].State
			}
			row.Address, _ = p.env.Machine.Published(ctx, containers[at].ID, g.port) // empty when it does not listen
		}
		if row.State != "available" {
			rows[0].State = row.State
		}
		if member == primary {
			rows[0].Address = row.Address
		}
		rows = append(rows, row)
	}
	return rows
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
