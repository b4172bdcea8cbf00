package logs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

// Resource types of the account.
const (
	logGroup       = "aws:cloudwatch/logGroup:LogGroup"
	taskDefinition = "aws:ecs/taskDefinition:TaskDefinition"
)

// Env is what the part needs.
type Env struct {
	Account *account.Account
	Store   *Store
}

// Part removes the files of log groups with their groups, and those of streams that are older than their group
// wants to keep events. Before that, size bounds what a stream keeps.
type Part struct{ env Env }

// pace is how often it looks for streams that are too old.
const pace = time.Hour

// New returns the part.
func New(env Env) *Part { return &Part{env} }

// Types are log groups.
func (p *Part) Types() []string { return []string{logGroup} }

// Run removes what belongs to no group of the account, and what is too old.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	hours := time.NewTicker(pace)
	defer hours.Stop()
	for {
		if err := p.sweep(time.Now()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-hours.C:
		}
	}
}

func (p *Part) sweep(now time.Time) error {
	// The files first: a group that is made in between has none yet.
	groups, err := p.env.Store.Groups()
	if err != nil || len(groups) == 0 {
		return err
	}
	var retention map[string]time.Duration
	if err := p.env.Account.View(func(tx *account.Tx) error {
		retention, err = known(tx)
		return err
	}); err != nil {
		return fmt.Errorf("reading the log groups: %w", err)
	}
	var failed []error
	for _, group := range groups {
		keeps, there := retention[group]
		switch {
		case !there:
			failed = append(failed, p.env.Store.Remove(group))
		case keeps > 0:
			failed = append(failed, p.env.Store.expire(group, now.Add(-keeps)))
		}
	}
	return errors.Join(failed...)
}

// known are the groups of the account with how long they keep events, 0 for ever, and those that task definitions let
// their containers make. On AWS the latter stay for ever; here they go with the definition.
func known(tx *account.Tx) (map[string]time.Duration, error) {
	const day = 24 * time.Hour
	retention := map[string]time.Duration{}
	groups, err := tx.ByType(logGroup)
	if err != nil {
		return nil, err
	}
	definitions, err := tx.ByType(taskDefinition)
	if err != nil {
		return nil, err
	}
	for _, d := range definitions {
		var containers []struct {
			LogConfiguration struct{ Options map[string]string }
		}
		if err := json.Unmarshal([]byte(d.Outputs.String("containerDefinitions")), &containers); err != nil {
			continue // whoever runs it says what is wrong
		}
		for _, c := range containers {
			if options := c.LogConfiguration.Options; options["awslogs-create-group"] == "true" {
				retention[options["awslogs-group"]] = 0
			}
		}
	}
	for _, g := range groups {
		retention[g.Outputs.String("name")] = time.Duration(g.Outputs.Int("retentionInDays")) * day
	}
	return retention, nil
}

// Await has nothing to wait for.
func (p *Part) Await(context.Context, account.Resource, part.Say) error { return nil }

// Release removes the group's files.
func (p *Part) Release(_ context.Context, r account.Resource, _ part.Say) error {
	return p.env.Store.Remove(r.Outputs.String("name"))
}

// Suspend has nothing to stop.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// Status tells nothing: the events are for "logs".
func (p *Part) Status(context.Context) ([]part.Row, error) { return nil, nil }

var _ part.Part = (*Part)(nil)
