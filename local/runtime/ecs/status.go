package ecs

import (
	"context"
	"fmt"

	"wordpress-ecs/local/runtime/part"
)

// Status tells how the services are, and which deployments are not complete.
func (p *Part) Status(context.Context) ([]part.Row, error) {
	services, err := p.all()
	if err != nil {
		return nil, err
	}
	var rows []part.Row
	for _, s := range services {
		row := part.Row{Kind: "service", Name: s.name, State: s.state(), Stack: s.stack, Detail: s.lacks()}
		if d := s.record.primary(); d != nil {
			row.Detail += "; " + d.Definition.revision() + ", deployment " + d.State
		}
		rows = append(rows, row)
		for _, d := range s.record.Deployments {
			if d.State == completed {
				continue
			}
			running, pending := s.counts(d)
			rows = append(rows, part.Row{
				Kind: "deployment", Name: d.ID, Parent: s.name, State: d.State, Stack: s.stack,
				Detail: fmt.Sprintf("%s %s: %d running, %d pending, %d failed; %s",
					d.Status, d.Definition.revision(), running, pending, d.Failed, d.Reason),
			})
		}
	}
	return rows, nil
}

// Deploying tells whether a deployment of a service is in progress, by the service's ARN: AWS does not scale in
// then.
func (p *Part) Deploying(service string) bool {
	s, err := p.find(service)
	if err != nil || s == nil {
		return false
	}
	d := s.record.primary()
	return d == nil || d.State == inProgress || s.record.Asked.renewed(s.asked)
}

// all looks at the services that are in the account, or were until their tasks are gone.
func (p *Part) all() ([]*service, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.look()
}

// state is ECS's word for a service.
func (s *service) state() string {
	if s.record.Releasing {
		return "DRAINING"
	}
	return "ACTIVE"
}

// counts are the tasks of a deployment that run and that are about to; of all deployments without one.
func (s *service) counts(d *deployment) (running, pending int) {
	for _, t := range s.tasks {
		switch {
		case d != nil && t.StartedBy != d.ID:
		case t.phase == runs:
			running++
		case t.phase < runs:
			pending++
		}
	}
	return running, pending
}
