package database

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// Status has a row for every cluster, instance and snapshot.
func (p *Part) Status(ctx context.Context) ([]part.Row, error) {
	var ids []string
	var snapshots []snapshot
	err := p.env.Account.View(func(tx *account.Tx) error {
		clusters, err := tx.ByType(clusterType)
		for _, c := range clusters {
			ids = append(ids, c.ID)
		}
		var failed error
		snapshots, failed = account.AllKept[snapshot](tx, snapshotClass)
		return errors.Join(err, failed)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the clusters: %w", err)
	}
	var rows []part.Row
	for _, id := range ids {
		c, err := p.read(id)
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		more, err := p.rows(ctx, c)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	for _, s := range snapshots {
		rows = append(rows, part.Row{
			Kind: "snapshot", Name: s.Name, Parent: s.Cluster, State: "available", Stack: s.Stack,
			Detail: fmt.Sprintf("%.1f MB, %s", float64(s.Bytes)/1e6, s.Taken.Format(time.DateTime)),
		})
	}
	return rows, nil
}

func (p *Part) rows(ctx context.Context, c *cluster) ([]part.Row, error) {
	row := part.Row{
		Kind: "database", Name: c.ID, State: "available", Detail: "MariaDB 11.8 for " + c.Outputs.String("engine"), Stack: c.stack,
	}
	if len(c.members) == 0 {
		row.Detail += ", no instance"
	}
	rows := []part.Row{row}
	found, err := p.env.Machine.Find(ctx, map[string]string{machine.LabelKind: kind, labelCluster: c.ID})
	if err != nil {
		return nil, err
	}
	containers := map[string]machine.Container{}
	for _, container := range found {
		containers[container.Labels[machine.LabelID]] = container
	}
	for _, m := range c.members {
		role := "reader"
		if m.id == c.state.Writer {
			role = "writer"
		}
		r := part.Row{
			Kind: "database", Name: m.id, Parent: c.ID, State: "creating", Stack: c.stack,
			Detail: strings.Join([]string{role, m.class}, ", "),
		}
		container, there := containers[m.id]
		p.mu.Lock()
		_, ready := p.ready[m.id]
		p.mu.Unlock()
		switch {
		case !there:
		case container.State == running:
			r.Address, _ = p.env.Machine.Published(ctx, container.ID, c.port) // it may have ended just now
			if ready {
				r.State = "available"
			}
		case container.State == paused:
			r.State = "paused"
		default:
			r.State = "stopped"
		}
		rows = append(rows, r)
	}
	return rows, nil
}
