package cache

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// node is a member of a group and what is known of it.
type node struct {
	member string
	// container is nil until it is made.
	container *machine.Container
	// client is nil while it does not answer; info is what it says of itself.
	client *client
	info   map[string]string
}

func (n *node) running() bool { return n.container != nil && n.container.State == "running" }
func (n *node) paused() bool  { return n.container != nil && n.container.State == "paused" }

// ended nodes have to be started.
func (n *node) ended() bool { return n.container != nil && !n.running() && !n.paused() }

func (n *node) offset() int {
	offset, _ := strconv.Atoi(n.info["slave_repl_offset"]) // 0 of a primary
	return offset
}

// inSync tells whether a replica follows its primary.
func (n *node) inSync() bool {
	return n.client != nil && n.info["role"] == "slave" && n.info["master_link_status"] == "up" && n.info["master_sync_in_progress"] == "0"
}

// pass compares a group with its nodes and does what can be done now. It returns what it waits for, in a few words;
// nothing when all is as it should be.
func (p *Part) pass(ctx context.Context, g group, say part.Say) (waiting string, err error) {
	if err := g.refuse(); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s, err := p.recall(ctx, g, say)
	if err != nil {
		return "", err
	}
	if g.mixed {
		p.sayOnce("cache "+g.id+": clients need TLS here, though its mode is \"preferred\"", say)
	}
	nodes, err := p.look(ctx, g, s)
	if err != nil {
		return "", err
	}
	defer func() {
		for _, n := range nodes {
			n.hangUp()
		}
	}()
	if err := p.succeed(g, &s, nodes, say); err != nil {
		return "", err
	}
	if err := p.assign(g, s, nodes); err != nil {
		return "", err
	}
	if err := p.name(ctx, g, s, nodes); err != nil {
		return "", err
	}
	if err := p.revive(ctx, g, &s, nodes, say); err != nil {
		return "", err
	}
	if err := p.adjust(g, &s, nodes, say); err != nil {
		return "", err
	}
	return p.unfinished(s, nodes), nil
}

// recall is what is known of a group, with what has been asked for since.
func (p *Part) recall(ctx context.Context, g group, say part.Say) (state, error) {
	var s, before state
	known := false
	if err := p.env.Account.View(func(tx *account.Tx) (err error) {
		if known, err = tx.Kept(stateClass, g.id, &before); err != nil {
			return err
		}
		s, err = stateOf(tx, g)
		return err
	}); err != nil {
		return s, err
	}
	changed := !known || !slices.Equal(s.Tokens, before.Tokens)
	if s.Engine != g.engine {
		say(fmt.Sprintf("cache %s begins empty: %s does not read what %s has written", g.id, g.engine, s.Engine))
		if err := p.remove(ctx, g.id, func(string) bool { return true }); err != nil {
			return s, err
		}
		s.Engine, s.Primary, changed = g.engine, g.members[0], true
	}
	if changed {
		return s, keep(p.env.Account, g.id, s)
	}
	return s, nil
}

// look finds the nodes of a group, and makes those that are missing or not what they should be.
func (p *Part) look(ctx context.Context, g group, s state) ([]*node, error) {
	found, err := p.env.Machine.Find(ctx, map[string]string{machine.LabelKind: kind, labelGroup: g.id})
	if err != nil {
		return nil, err
	}
	var nodes []*node
	for _, member := range g.members {
		n := &node{member: member}
		for _, c := range found {
			if c.Labels[machine.LabelID] == member {
				n.container = &c
			}
		}
		if n.running() {
			p.ask(ctx, g, s, n)
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// ask connects to a node. One that does not answer has no client.
func (p *Part) ask(ctx context.Context, g group, s state, n *node) {
	c, err := p.connect(ctx, g, s, n.container.ID)
	if err != nil {
		return
	}
	info, err := c.info("everything")
	if err != nil || info["loading"] == "1" {
		c.close()
		return
	}
	n.client, n.info = c, info
	delete(p.starts, n.member)
	if n.inSync() {
		p.synced[n.container.ID] = true
	}
}

func (n *node) hangUp() {
	if n.client != nil {
		n.client.close()
		n.client = nil
	}
}

// succeed finds another primary when the one there is has died, or is no member any more.
func (p *Part) succeed(g group, s *state, nodes []*node, say part.Say) error {
	at := slices.IndexFunc(nodes, func(n *node) bool { return n.member == s.Primary })
	if at >= 0 && (nodes[at].running() || nodes[at].paused() || !g.failover) {
		return nil
	}
	heirs := slices.DeleteFunc(slices.Clone(nodes), func(n *node) bool {
		return n.client == nil || n.member == s.Primary || !p.synced[n.container.ID]
	})
	before := s.Primary
	switch {
	case len(heirs) > 0:
		s.Primary = slices.MaxFunc(heirs, func(a, b *node) int { return cmp.Compare(a.offset(), b.offset()) }).member
	case at < 0:
		s.Primary = nodes[0].member
	default:
		return nil // it comes back with its data
	}
	if err := keep(p.env.Account, g.id, *s); err != nil {
		return err
	}
	say(fmt.Sprintf("cache %s: %s is the primary in the place of %s", g.id, s.Primary, before))
	return nil
}

// assign gives the nodes that answer their roles.
func (p *Part) assign(g group, s state, nodes []*node) error {
	primaryFirst := slices.SortedFunc(slices.Values(nodes), func(a, b *node) int {
		return cmp.Compare(rank(a, s), rank(b, s))
	})
	for _, n := range primaryFirst {
		if n.client == nil {
			continue
		}
		var command []string
		switch {
		case n.member == s.Primary && n.info["role"] != "master":
			command = []string{"REPLICAOF", "NO", "ONE"}
		case n.member != s.Primary && (n.info["role"] != "slave" || n.info["master_host"] != g.address(s.Primary)):
			command = []string{"REPLICAOF", g.address(s.Primary), strconv.Itoa(g.port)}
		default:
			continue
		}
		if _, err := n.client.do(command...); err != nil {
			return fmt.Errorf("cache %s: giving %s its role: %w", g.id, n.member, err)
		}
		n.info = map[string]string{} // it is another node now
	}
	return nil
}

func rank(n *node, s state) int {
	if n.member == s.Primary {
		return 0
	}
	return 1
}

// name gives the containers that are there their names in the network, first to those that lose one.
func (p *Part) name(ctx context.Context, g group, s state, nodes []*node) error {
	primaryLast := slices.SortedFunc(slices.Values(nodes), func(a, b *node) int {
		return cmp.Compare(rank(b, s), rank(a, s))
	})
	network, err := p.env.Networks.Ensure(ctx, g.vpc)
	if err != nil {
		return fmt.Errorf("cache %s: %w", g.id, err)
	}
	for _, n := range primaryLast {
		if n.container == nil || n.paused() {
			continue
		}
		names, err := p.env.Machine.Names(ctx, n.container.ID, network)
		if err != nil {
			return err
		}
		slices.Sort(names)
		if slices.Equal(names, g.names(n.member, s.Primary)) {
			continue
		}
		n.hangUp() // it is reached elsewhere afterwards
		if err := p.env.Machine.Rename(ctx, n.container.ID, network, g.names(n.member, s.Primary)); err != nil {
			return fmt.Errorf("cache %s: %w", g.id, err)
		}
	}
	return nil
}

// unfinished says what a group still waits for.
func (p *Part) unfinished(s state, nodes []*node) string {
	for _, n := range nodes {
		switch {
		case n.paused():
			return "cache node " + n.member + ", which is paused"
		case n.client == nil:
			return "cache node " + n.member + " to answer"
		case n.member != s.Primary && !n.inSync():
			return "cache node " + n.member + " to have the data of " + s.Primary
		case n.info["aof_rewrite_in_progress"] == "1":
			// It would not heed a stop signal.
			return "cache node " + n.member + " to write its data to disk"
		}
	}
	return ""
}
