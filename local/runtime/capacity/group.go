package capacity

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"wordpress-ecs/local/account"
)

// round is one look at all groups. It runs with mu held and writes when that is over.
type round struct {
	*Part
	world *world
	now   time.Time
	// next is when to look again, zero for whenever.
	next time.Time
	// kept are the instances to write, nil for those to drop; desired the new desired capacities, by group.
	kept    map[string]*instance
	desired map[string]int
	lines   []string
	// obstacles are why instances cannot register with their cluster, by id.
	obstacles map[string]obstacle
	// moved is set when room came or went.
	moved bool
}

func (r *round) run() {
	exists := func(key string) bool {
		return slices.ContainsFunc(r.world.groups, func(g group) bool { return g.key() == key })
	}
	maps.DeleteFunc(r.leaving, func(key string, _ bool) bool { return !exists(key) })
	maps.DeleteFunc(r.scaling, func(key string, _ *tracking) bool { return !exists(key) })
	for _, i := range r.sorted() {
		r.age(i)
	}
	for n := range r.world.groups {
		g := &r.world.groups[n]
		if r.leaving[g.key()] {
			continue
		}
		if g.fault != nil && !r.said[g.fault.Error()] {
			r.said[g.fault.Error()] = true
			r.lines = append(r.lines, g.fault.Error())
		}
		r.keepGroup(g)
	}
}

// age moves an instance on in its life.
func (r *round) age(i *instance) {
	switch g := r.world.group(i); {
	case g == nil:
		// Its group went while nobody looked.
		r.drop(i)
	case i.State == stateTerminated:
		if r.due(i.Ended.Add(r.env.Clock.Of(remembered))) {
			r.drop(i)
		}
	case i.State == statePending:
		if r.due(i.Launched.Add(r.env.Clock.Of(bootTime))) {
			r.register(i)
		}
	case i.Leaving && r.idle(i):
		r.terminate(i)
	}
}

// due tells whether a moment has come; if not, the round comes again then.
func (r *round) due(at time.Time) bool {
	if !at.After(r.now) {
		return true
	}
	if r.next.IsZero() || at.Before(r.next) {
		r.next = at
	}
	return false
}

// idle tells whether an instance has no task, as far as that is known yet.
func (r *round) idle(i *instance) bool {
	_, tasks := r.free(i)
	return tasks == 0 && (r.began.IsZero() || r.due(r.began.Add(settling)))
}

func (r *round) keep(i *instance) { r.kept[i.ID], r.moved = i, true }

func (r *round) drop(i *instance) {
	delete(r.instances, i.ID)
	r.kept[i.ID], r.moved = nil, true
}

func (r *round) terminate(i *instance) {
	i.State, i.Leaving, i.Ended = stateTerminated, false, r.now
	r.keep(i)
	r.due(r.now.Add(r.env.Clock.Of(remembered)))
}

// leave ends an instance: after its tasks have moved if the capacity provider drains, else at once.
func (r *round) leave(g *group, i *instance, why string) {
	r.lines = append(r.lines, fmt.Sprintf("Instance %s of Auto Scaling group %s ends: %s", i.ID, g.name, why))
	if g.provider != nil && g.provider.drains && i.State != statePending {
		i.State, i.Leaving = stateDraining, true
		r.keep(i)
		if !r.idle(i) {
			return
		}
	}
	r.terminate(i)
}

// members are the instances that count for the desired capacity, the oldest first.
func (p *Part) members(g *group) []*instance {
	return slices.DeleteFunc(p.sorted(), func(i *instance) bool {
		return i.Group != g.name || i.Region != g.region || i.State == stateTerminated || i.Leaving
	})
}

// protected tells whether scale-in spares an instance: ECS protects those that run tasks if it manages that, the
// group all that it has started if it is to.
func (p *Part) protected(i *instance, g *group) bool {
	if g != nil && g.provider != nil && g.provider.protectsBusy && g.provider.managed {
		_, tasks := p.free(i)
		return tasks > 0
	}
	return i.Protected
}

// keepGroup gives a group the instances that it should have.
func (r *round) keepGroup(g *group) {
	old := r.outdated(g)
	// During a refresh there are instances of both templates: the metric would say nothing.
	if len(old) == 0 && g.fault == nil {
		r.scale(g)
	}
	if g.desired != g.stored {
		r.desired[g.key()] = g.desired
	}
	if len(old) > 0 {
		r.replace(g, old)
		return
	}
	r.expire(g)
	r.fill(g, g.desired)
	r.shrink(g)
}

// fill starts instances until there are as many as wanted.
func (r *round) fill(g *group, wanted int) {
	if g.fault != nil {
		return
	}
	for range wanted - len(r.members(g)) {
		r.launch(g)
	}
}

// launch starts an instance in the zone that has the fewest of the group.
func (r *round) launch(g *group) {
	members := r.members(g)
	t := g.template
	// The account has only the newest content of a template: that of an older version is what its instances have.
	for _, i := range r.sorted() {
		if i.Group == g.name && i.TemplateID == t.id && i.Template == t.version {
			t.instanceType, t.cluster = i.Type, i.Cluster
		}
	}
	size, err := roomOf(t.instanceType)
	if err != nil {
		return // a fault of the group, said before
	}
	at := slices.MinFunc(g.subnets, func(a, b subnet) int { return cmp.Compare(inZone(members, a.zone), inZone(members, b.zone)) })
	i := &instance{
		Instance: Instance{
			ID: account.NewID("i"), Cluster: t.cluster, Group: g.name, Type: t.instanceType, Zone: at.zone, Subnet: at.id,
			ARN:   fmt.Sprintf("arn:aws:ecs:%s:%s:container-instance/%s/%s", g.region, account.ID, t.cluster, account.NewHex(32)),
			State: statePending, Protected: g.protect, CPU: size.cpu, Memory: size.memory, ENIs: size.enis,
			Template: t.version, Launched: r.now, Stack: g.stack,
			Profile: t.profile, Groups: t.groups, Public: t.public == "true" || t.public == "" && at.public,
		},
		Region: g.region, TemplateID: t.id, Online: t.online,
	}
	r.instances[i.ID] = i
	r.keep(i)
	r.due(r.now.Add(r.env.Clock.Of(bootTime)))
}

func inZone(list []*instance, zone string) int {
	n := 0
	for _, i := range list {
		if i.Zone == zone {
			n++
		}
	}
	return n
}

// shrink ends what is more than desired and not protected: those that drain already first, then by the group's
// default termination policy, the zone with the most instances and the oldest launch template.
func (r *round) shrink(g *group) {
	for {
		members := r.members(g)
		if len(members) <= g.desired {
			return
		}
		spare := slices.DeleteFunc(slices.Clone(members), func(i *instance) bool {
			return r.protected(i, g) || (r.managesTermination(g) && !r.idle(i))
		})
		if len(spare) == 0 {
			return // one that is free later goes then
		}
		r.leave(g, slices.MinFunc(spare, func(a, b *instance) int {
			return cmp.Or(
				cmp.Compare(waits(a), waits(b)),
				-cmp.Compare(inZone(members, a.Zone), inZone(members, b.Zone)),
				-cmp.Compare(outOf(g, a), outOf(g, b)), a.Launched.Compare(b.Launched), cmp.Compare(a.ID, b.ID))
		}), fmt.Sprintf("%d instances are desired", g.desired))
	}
}

func (r *round) managesTermination(g *group) bool {
	return g.provider != nil && g.provider.managed && g.provider.protectsBusy
}

// waits is 0 for an instance that already drains.
func waits(i *instance) int {
	if i.State == stateDraining {
		return 0
	}
	return 1
}

// outOf is 1 for an instance of another template than the group's.
func outOf(g *group, i *instance) int {
	if i.TemplateID != g.template.id || i.Template != g.template.version {
		return 1
	}
	return 0
}

// expire ends an instance that is as old as its group allows, one at a time. Protected ones stay until they are free.
func (r *round) expire(g *group) {
	if g.lifetime == 0 || g.fault != nil {
		return
	}
	members := r.members(g)
	if len(members) < g.desired || slices.ContainsFunc(members, func(i *instance) bool { return i.State == statePending }) {
		return
	}
	for _, i := range members {
		if r.due(i.Launched.Add(r.env.Clock.Of(g.lifetime))) && !r.protected(i, g) {
			r.leave(g, i, fmt.Sprintf("it has reached its maximum lifetime of %s", g.lifetime))
			return
		}
	}
}

// outdated are the instances that an instance refresh replaces: those of an older launch template, and those in
// subnets that the group no longer has.
func (r *round) outdated(g *group) []*instance {
	if g.refresh == nil || g.fault != nil || !g.template.pinned {
		return nil
	}
	var old []*instance
	for _, i := range r.members(g) {
		ours := slices.ContainsFunc(g.subnets, func(s subnet) bool { return s.id == i.Subnet })
		spared := g.refresh.protected == "Ignore" && r.protected(i, g)
		if (outOf(g, i) == 1 || !ours) && !spared {
			old = append(old, i)
		}
	}
	return old
}

// replace does the next part of an instance refresh: it starts new instances as far as the maximum healthy
// percentage allows, and ends old ones as soon as the minimum does.
func (r *round) replace(g *group, old []*instance) {
	desired := float64(g.desired)
	most := max(int(math.Floor(desired*g.refresh.maximum/100)), g.desired)
	least := int(math.Ceil(desired * g.refresh.minimum / 100))
	if most == g.desired && least >= g.desired {
		least = g.desired - 1 // otherwise it would never begin
	}
	extra := min(most-g.desired, len(old))
	r.fill(g, g.desired+extra)
	for _, i := range old {
		members, healthy := r.members(g), 0
		for _, m := range members {
			if m.State == stateActive && r.serves(g, m) {
				healthy++
			}
		}
		if i.State == stateActive && r.serves(g, i) {
			healthy--
		}
		if healthy < least {
			break
		}
		if g.refresh.protected != "Refresh" && r.protected(i, g) {
			continue // "Wait"
		}
		r.leave(g, i, "an instance refresh replaces it")
	}
	r.fill(g, g.desired+min(extra, len(r.outdated(g))))
}

// serves tells whether an instance counts as healthy in a refresh: a new one only when it has warmed up.
func (r *round) serves(g *group, i *instance) bool {
	return outOf(g, i) == 1 || r.due(i.Launched.Add(r.env.Clock.Of(bootTime+g.refresh.warmup)))
}

// finish writes what has changed and tells of it.
func (r *round) finish() error {
	if len(r.kept)+len(r.desired) > 0 {
		if err := r.env.Account.Update(r.write); err != nil {
			return err
		}
	}
	for _, line := range r.lines {
		r.env.Say(line)
	}
	if r.moved {
		r.announce()
	}
	return nil
}

func (r *round) write(tx *account.Tx) error {
	var failed []error
	for id, i := range r.kept {
		if i == nil {
			failed = append(failed, tx.Drop(class, id))
		} else {
			failed = append(failed, tx.Keep(class, id, i))
		}
	}
	for n := range r.world.groups {
		g := &r.world.groups[n]
		desired, changed := r.desired[g.key()]
		if !changed {
			continue
		}
		now, err := tx.Get(groupType, g.region, g.id)
		if err != nil || now == nil {
			failed = append(failed, err)
			continue
		}
		now.Observe("desiredCapacity", float64(desired))
		failed = append(failed, tx.Put(*now))
	}
	return errors.Join(failed...)
}
