package scaling

import (
	"context"
	"fmt"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

// Status tells of each target what it has and may have, and of each policy what its metric says.
func (s *Scaling) Status(context.Context) ([]part.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	targets, err := s.targets()
	if err != nil {
		return nil, err
	}
	var rows []part.Row
	for _, t := range targets {
		more, err := s.rows(t)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func (s *Scaling) rows(t target) ([]part.Row, error) {
	now, there, err := s.situation(t)
	if err != nil || !there {
		return nil, err
	}
	row := part.Row{
		Kind: "scaling", Name: t.id, State: fmt.Sprintf("%d of %d to %d", now.current, t.min, t.max), Stack: t.stack,
	}
	err = s.Account.View(func(tx *account.Tx) error {
		done, err := activitiesOf(tx, t.arn)
		if len(done) > 0 {
			last := done[len(done)-1]
			row.Detail = fmt.Sprintf("%s at %s", last.Description, last.End.Local().Format(time.TimeOnly))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	rows := []part.Row{row}
	// The newest period that has been looked at.
	period := time.Now().Add(-s.period / 2).Truncate(s.period).Add(-s.period)
	for _, p := range s.tracked(t, period) {
		value := "no data"
		if !p.latest.at.IsZero() {
			value = fmt.Sprintf("%.1f", p.latest.value)
		}
		rows = append(rows, part.Row{
			Kind: "scaling policy", Name: p.name, Parent: t.id, State: string(p.high), Stack: t.stack,
			Detail: fmt.Sprintf("%s %s, target %g; low alarm %s", p.metric, value, p.target, p.low),
		})
	}
	return rows, nil
}
