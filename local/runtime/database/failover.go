package database

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/part"
)

// handoverTimeout is how long a reader may take to have all that the writer has, in seconds.
const handoverTimeout = 30

// Actions are what a person can ask for.
func (p *Part) Actions() map[string]func(context.Context, []string, part.Say) error {
	return map[string]func(context.Context, []string, part.Say) error{"failover": p.failover, "restore": p.restore}
}

// mine tells whether the account has a cluster of that name.
func (p *Part) mine(id string) error {
	return p.env.Account.View(func(tx *account.Tx) error {
		all, err := tx.ByType(clusterType)
		if err == nil {
			_, err = part.Named(all, "database", id)
		}
		return err
	})
}

// failover makes a reader the writer. A cluster without readers starts its writer again.
func (p *Part) failover(ctx context.Context, args []string, say part.Say) error {
	if len(args) != 1 {
		return errors.New("failover wants the name of what fails over: failover CLUSTER")
	}
	id := args[0]
	if err := p.mine(id); err != nil {
		return err
	}
	defer p.listen(id, say)()
	err := p.locked(ctx, id, func() error {
		c, err := p.read(id)
		if err != nil || c == nil {
			return err
		}
		t := &tending{Part: p, c: c}
		if err := t.look(ctx); err != nil {
			return err
		}
		next, others := c.successor()
		if !others {
			if c.state.Writer == "" {
				return fmt.Errorf("cluster %s has no instance", id)
			}
			p.tell(id, fmt.Sprintf("database %s has no reader: its writer %s starts again", id, c.state.Writer))
			return p.env.Machine.Stop(ctx, t.containers[c.state.Writer].ID, stopGrace)
		}
		return t.hand(ctx, next)
	})
	if err != nil {
		return err
	}
	if err := p.patiently(ctx, id); err != nil {
		return err
	}
	c, err := p.read(id)
	if err != nil || c == nil {
		return err
	}
	say(fmt.Sprintf("database %s: %s is the writer", id, c.state.Writer))
	return nil
}

// hand makes another instance the writer. No change that was acknowledged is lost: the new writer has all of the old
// one's, or gets its data.
func (t *tending) hand(ctx context.Context, next member) error {
	old, _ := t.c.member(t.c.state.Writer)
	old.id = t.c.state.Writer
	from, there := t.containers[old.id]
	to, ready := t.containers[next.id]
	t.Part.mu.Lock()
	_, follows := t.ready[next.id]
	t.Part.mu.Unlock()
	if !there || !ready || from.State != running || to.State != running || !follows {
		t.tell(t.c.ID, fmt.Sprintf("database %s: %s becomes the writer with the data of %s", t.c.ID, next.id, old.id))
		return t.inherit(ctx, next.id)
	}
	done := t.busy(t.c.ID, fmt.Sprintf("failing over from %s to %s", old.id, next.id))
	defer done()
	writer := server{member: old, container: from.ID}
	reader := server{member: next, container: to.ID}
	if err := t.quiet(ctx, writer); err != nil {
		_, undone := t.sql(ctx, writer, "SET GLOBAL read_only = OFF;\n")
		return errors.Join(fmt.Errorf("failover of %s: %w", t.c.ID, err), undone)
	}
	position, err := t.sql(ctx, writer, "SELECT @@global.gtid_binlog_pos;\n")
	if err == nil && position != "" {
		var reached string
		reached, err = t.sql(ctx, reader, fmt.Sprintf("SELECT MASTER_GTID_WAIT(%s, %d);\n", quoted(position), handoverTimeout))
		if err == nil && reached != "0" {
			err = fmt.Errorf("instance %s is more than %d s behind the writer", next.id, handoverTimeout)
		}
	}
	if err != nil {
		_, undone := t.sql(ctx, writer, "SET GLOBAL read_only = OFF;\n")
		return errors.Join(fmt.Errorf("failover of %s: %w", t.c.ID, err), undone)
	}
	t.c.state.Writer = next.id
	if err := t.save(t.c); err != nil {
		return err
	}
	t.unready(old.id)
	t.unready(next.id)
	network, err := t.env.Networks.Ensure(ctx, t.c.vpc)
	if err != nil {
		return err
	}
	// The old writer must not answer for the cluster any more when the new one begins to.
	if err := t.env.Machine.Rename(ctx, writer.container, network, nonempty(old.endpoint, t.c.readerEndpoint())); err != nil {
		return err
	}
	_, err = t.sql(ctx, reader, "STOP ALL SLAVES;\nRESET SLAVE ALL;\nSET GLOBAL read_only = OFF;\n")
	if err != nil {
		return err
	}
	return t.env.Machine.Rename(ctx, reader.container, network, []string{next.endpoint, t.c.endpoint()})
}

func nonempty(names ...string) []string {
	var list []string
	for _, name := range names {
		if name != "" {
			list = append(list, name)
		}
	}
	return list
}

// quiet lets the writer commit nothing more, and sends its clients away.
func (t *tending) quiet(ctx context.Context, writer server) error {
	const stop = "SET SESSION lock_wait_timeout = 3;\nSET GLOBAL read_only = ON;\n"
	_, err := t.sql(ctx, writer, stop)
	for deadline := time.Now().Add(handoverTimeout * time.Second); err != nil && time.Now().Before(deadline); {
		if !strings.Contains(err.Error(), "timeout") {
			return err
		}
		if err := t.hangUp(ctx, writer); err != nil { // someone holds a lock
			return err
		}
		_, err = t.sql(ctx, writer, stop)
	}
	if err != nil {
		return err
	}
	return t.hangUp(ctx, writer)
}
