package capacity

import (
	"context"
	"fmt"
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

// Actions are what a person can do to instances: "terminate", as EC2's terminate-instances does, and "drain", as
// ECS does when an instance's state is set to DRAINING.
func (p *Part) Actions() map[string]func(ctx context.Context, args []string, say part.Say) error {
	return map[string]func(context.Context, []string, part.Say) error{
		"terminate": func(_ context.Context, args []string, say part.Say) error {
			return p.act(args, say, func(i *instance) string {
				i.State, i.Leaving, i.Ended = stateTerminated, false, p.env.Now()
				return fmt.Sprintf("Instance %s is terminated; its tasks are lost, and Auto Scaling group %s starts another", i.ID, i.Group)
			})
		},
		"drain": func(_ context.Context, args []string, say part.Say) error {
			return p.act(args, say, func(i *instance) string {
				if i.State == statePending {
					return "" // it has not joined its cluster
				}
				i.State = stateDraining
				return fmt.Sprintf("Instance %s is DRAINING: its tasks move, and it gets no others", i.ID)
			})
		},
	}
}

// act does something to one instance. An empty answer refuses it.
func (p *Part) act(args []string, say part.Say, do func(i *instance) string) error {
	if len(args) != 1 {
		return fmt.Errorf("it takes one instance: %s", p.choice())
	}
	p.work.Lock()
	defer p.work.Unlock()
	if _, err := p.look(); err != nil {
		return err
	}
	p.mu.Lock()
	i := p.instances[args[0]]
	if i == nil || i.State == stateTerminated {
		p.mu.Unlock()
		return fmt.Errorf("there is no instance %q: %s", args[0], p.choice())
	}
	answer := do(i)
	kept := *i
	p.mu.Unlock()
	if answer == "" {
		return fmt.Errorf("instance %s is %s: it has not joined its cluster yet", kept.ID, kept.State)
	}
	if err := p.env.Account.Update(func(tx *account.Tx) error { return tx.Keep(class, kept.ID, kept) }); err != nil {
		return err
	}
	say(answer)
	p.announce()
	part.Wake(p.kick)
	return nil
}

// choice lists the instances that a person can name.
func (p *Part) choice() string {
	var names []string
	for _, i := range p.Instances() {
		if i.State != stateTerminated {
			names = append(names, i.ID)
		}
	}
	if len(names) == 0 {
		return "there is none"
	}
	return "there are " + strings.Join(names, ", ")
}
