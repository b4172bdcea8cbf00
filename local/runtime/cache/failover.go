package cache

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

const (
	// handover bounds how long a primary holds writes back while a replica catches up.
	handover     = 5 * time.Second
	handoverTick = 20 * time.Millisecond
)

// Actions are what a person can ask for.
func (p *Part) Actions() map[string]func(ctx context.Context, args []string, say part.Say) error {
	return map[string]func(ctx context.Context, args []string, say part.Say) error{
		"failover": p.failover, "restore": p.restore,
	}
}

// find returns a group by its id.
func (p *Part) find(id string) (account.Resource, error) {
	var all []account.Resource
	if err := p.env.Account.View(func(tx *account.Tx) (err error) {
		all, err = tx.ByType(groupType)
		return err
	}); err != nil {
		return account.Resource{}, err
	}
	return part.Named(all, "cache", id)
}

// failover makes a replica the primary without losing a write.
func (p *Part) failover(ctx context.Context, args []string, say part.Say) error {
	if len(args) != 1 {
		return errors.New("failover wants what should fail over: failover CACHE")
	}
	r, err := p.find(args[0])
	if err != nil {
		return err
	}
	if err := p.hand(ctx, r, say); err != nil {
		return fmt.Errorf("cache %s: %w", r.ID, err)
	}
	return p.settle(ctx, r, say)
}

// hand lets a replica catch up with its primary and notes it as the next one.
func (p *Part) hand(ctx context.Context, r account.Resource, say part.Say) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, s, err := p.known(r)
	if err != nil {
		return err
	}
	if err := g.refuse(); err != nil {
		return err
	}
	if len(g.members) == 1 {
		return errors.New("its only node has nothing to fail over to")
	}
	nodes, err := p.look(ctx, g, s)
	if err != nil {
		return err
	}
	defer func() {
		for _, n := range nodes {
			n.hangUp()
		}
	}()
	var primary, heir *node
	for _, n := range nodes {
		switch {
		case n.member == s.Primary && n.client != nil:
			primary = n
		case n.inSync() && (heir == nil || n.offset() > heir.offset()):
			heir = n
		}
	}
	if primary == nil || heir == nil {
		return errors.New("its nodes are not in a state to fail over: \"status\" tells more")
	}
	if err := caughtUp(ctx, primary, heir); err != nil {
		return err
	}
	say(fmt.Sprintf("%s becomes the primary in the place of %s", heir.member, s.Primary))
	s.Primary = heir.member
	if err := keep(p.env.Account, g.id, s); err != nil {
		return err
	}
	if err := p.assign(g, s, nodes); err != nil {
		return err
	}
	_, err = primary.client.do("CLIENT", "UNPAUSE")
	return err
}

// caughtUp holds back writes to a primary until a replica has all that came before.
func caughtUp(ctx context.Context, primary, heir *node) error {
	if _, err := primary.client.do("CLIENT", "PAUSE", strconv.FormatInt(2*handover.Milliseconds(), 10), "WRITE"); err != nil {
		return err
	}
	before, err := primary.client.info("replication")
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(handover); time.Now().Before(deadline); {
		after, err := heir.client.info("replication")
		if err != nil {
			return err
		}
		have, errHave := strconv.Atoi(after["slave_repl_offset"])
		want, errWant := strconv.Atoi(before["master_repl_offset"])
		if err := errors.Join(errHave, errWant); err != nil {
			return err
		}
		if have >= want {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(handoverTick):
		}
	}
	_, err = primary.client.do("CLIENT", "UNPAUSE")
	return errors.Join(fmt.Errorf("%s did not catch up within %s", heir.member, handover), err)
}
