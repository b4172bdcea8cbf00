package cache

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/part"
)

// mostStarts is how often a node may end without having answered.
const mostStarts = 4

// revive makes what is missing, makes again what is not as it should be, removes what should not be there, and starts
// what has ended.
func (p *Part) revive(ctx context.Context, g group, s *state, nodes []*node, say part.Say) error {
	if err := p.remove(ctx, g.id, func(member string) bool { return !slices.Contains(g.members, member) }); err != nil {
		return err
	}
	network, err := p.env.Networks.Ensure(ctx, g.vpc)
	if err != nil {
		return fmt.Errorf("cache %s: %w", g.id, err)
	}
	image, err := p.imageName(ctx, say)
	if err != nil {
		return err
	}
	for _, n := range slices.SortedFunc(slices.Values(nodes), func(a, b *node) int { return cmp.Compare(rank(a, *s), rank(b, *s)) }) {
		spec := p.spec(g, n.member, image, network)
		spec.Aliases = g.names(n.member, s.Primary)
		if n.container != nil && !n.paused() && n.container.Labels[labelSpec] != spec.Labels[labelSpec] {
			p.sayOnce("cache "+g.id+" starts again, with its data, because its settings have changed", say)
			n.hangUp()
			if err := p.env.Machine.Stop(ctx, n.container.ID, stopGrace); err != nil {
				return err
			}
			if err := p.env.Machine.Remove(ctx, n.container.ID); err != nil {
				return err
			}
			n.container = nil
		}
		if n.container == nil {
			if err := p.make(ctx, g, n, spec); err != nil {
				return err
			}
		}
		if n.ended() {
			if err := p.wakeUp(ctx, g, s, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Part) make(ctx context.Context, g group, n *node, spec machine.Spec) error {
	if _, err := p.env.Machine.EnsureVolume(ctx, volumeWords(n.member), p.labels(g, n.member, nil)); err != nil {
		return err
	}
	// The engine would go on making what was called off, and nobody would know of it.
	id, err := p.env.Machine.Create(context.WithoutCancel(ctx), spec)
	if err != nil {
		return err
	}
	n.container = &machine.Container{ID: id, Name: spec.Name, Labels: spec.Labels, State: "created"}
	return nil
}

// wakeUp starts a node, less and less often if it does not stay up.
func (p *Part) wakeUp(ctx context.Context, g group, s *state, n *node) error {
	tries := p.starts[n.member]
	if tries.count >= mostStarts {
		// It is tried again later, and by whoever changes the group.
		delete(p.starts, n.member)
		return fmt.Errorf("cache %s: node %s does not stay up: %s", g.id, n.member, p.lastWords(ctx, n.container.ID))
	}
	if time.Since(tries.last) < time.Duration(tries.count)*time.Second/2 {
		return nil
	}
	if n.member == s.Primary && s.Seed != "" {
		if err := p.seed(ctx, g, s.Seed, n.container.ID); err != nil {
			return err
		}
		s.Seed = ""
		if err := keep(p.env.Account, g.id, *s); err != nil {
			return err
		}
	}
	delete(p.synced, n.container.ID)
	delete(p.applied, n.container.ID)
	p.starts[n.member] = starts{tries.count + 1, time.Now()}
	if err := p.start(ctx, g, *s, n.member, n.container.ID); err != nil {
		return fmt.Errorf("cache %s: %w", g.id, err)
	}
	n.container.State = "running"
	return nil
}
