package capacity

import (
	"fmt"
	"math"
	"time"

	"wordpress-ecs/local/runtime/metrics"
)

// What managed scaling waits for, on AWS's clock.
const (
	// scaleOutAfter is how long tasks wait before instances are added for them. ECS looks once in a minute; a few
	// seconds are enough for the tasks of one deployment to come together.
	scaleOutAfter = 10 * time.Second
	// scaleInAfter is the 15 data points that CloudWatch wants before it scales in, one each minute; scaleInPause
	// is how long it takes to the next step then.
	scaleInAfter = 15 * time.Minute
	scaleInPause = time.Minute
	// sample is how often the metric is published.
	sample = time.Minute
)

// tracking is what managed scaling remembers of a group.
type tracking struct {
	// high and low are since when the metric is on one side of its target; zero when it is not.
	high, low time.Time
	published time.Time
}

// need is what the tasks of a capacity provider ask for.
type need struct {
	// metric is CapacityProviderReservation in percent.
	metric float64
	// wanted is how many instances bring the metric to its target, within the step sizes.
	wanted int
}

// scale sets the desired capacity of a group to what its tasks need, as target tracking of
// CapacityProviderReservation does.
func (r *round) scale(g *group) {
	if g.provider == nil || !g.provider.managed {
		delete(r.scaling, g.key())
		return
	}
	t := r.scaling[g.key()]
	if t == nil {
		t = &tracking{}
		r.scaling[g.key()] = t
	}
	n := r.need(g)
	r.publish(g, t, n.metric)
	switch wanted := g.within(n.wanted); {
	case wanted > g.desired:
		t.low = time.Time{}
		r.scaleOut(g, t, wanted, n)
	case wanted < g.desired:
		t.high = time.Time{}
		r.scaleIn(g, t, wanted, n)
	default:
		t.high, t.low = time.Time{}, time.Time{}
	}
}

func (r *round) scaleOut(g *group, t *tracking, wanted int, n need) {
	if t.high.IsZero() {
		t.high = r.now
	}
	if !r.due(t.high.Add(r.env.Clock.Of(scaleOutAfter))) {
		return
	}
	// Nothing is added while the last addition warms up: it may be enough.
	for _, i := range r.members(g) {
		if !r.due(i.Launched.Add(r.env.Clock.Of(g.provider.warmup))) {
			return
		}
	}
	r.set(g, wanted, n)
	t.high = time.Time{}
}

func (r *round) scaleIn(g *group, t *tracking, wanted int, n need) {
	if t.low.IsZero() {
		t.low = r.now
	}
	if !r.due(t.low.Add(r.env.Clock.Of(scaleInAfter))) {
		return
	}
	// At most the half at once, and the next step a minute later.
	r.set(g, max(wanted, g.desired-max(1, g.desired/2)), n)
	t.low = r.now.Add(-r.env.Clock.Of(scaleInAfter - scaleInPause))
	r.due(r.now.Add(r.env.Clock.Of(scaleInPause)))
}

func (r *round) set(g *group, desired int, n need) {
	r.lines = append(r.lines, fmt.Sprintf(
		"Capacity provider %s sets the desired capacity of Auto Scaling group %s from %d to %d: reservation %.0f%%, target %.0f%%",
		g.provider.name, g.name, g.desired, desired, n.metric, g.provider.target))
	g.desired = desired
}

// need measures a group: M instances are needed by tasks, N are there, and the metric is M/N in percent. Without
// instances it is 100 when no task waits, else 200.
func (r *round) need(g *group) need {
	p := g.provider
	drained, there, busy, extra := r.count(g)
	if extra > 0 {
		extra = max(p.minimumStep, min(extra, p.maximumStep))
	}
	needed := busy + extra
	n := need{metric: 100}
	switch {
	case there > 0:
		n.metric = 100 * float64(needed) / float64(there)
		n.wanted = int(math.Ceil(float64(needed) * 100 / p.target))
	case needed > 0:
		n.metric = 200
		n.wanted = int(math.Ceil(200 / p.target))
	}
	// Those that somebody drains stay in the group and are of no use.
	n.wanted += drained
	return n
}

// count puts the waiting tasks into what there is, and then into further instances, as tightly as it goes. It
// returns how many instances somebody drains, how many others there are, how many of these have or get tasks, and
// how many more are needed.
func (r *round) count(g *group) (drained, there, busy, extra int) {
	type bin struct {
		room
		instance *instance
		used     bool
	}
	var bins []*bin
	for _, i := range r.members(g) {
		left, tasks := r.free(i)
		if i.State == stateDraining {
			drained++
			continue
		}
		there++
		bins = append(bins, &bin{left, i, tasks > 0})
	}
	size, err := roomOf(g.template.instanceType)
	for _, w := range r.waits {
		if g.fault != nil || err != nil || r.world.providers[clusterName(w.want.Provider)].group != g.arn {
			continue
		}
		if lacks := size.lacks(w.want); len(lacks) > 0 {
			r.sayTooLarge(g, w.want, size)
			continue
		}
		found := false
		for _, b := range bins {
			zoned := b.instance == nil
			if !zoned {
				_, zoned = r.world.subnetFor(b.instance, w.want)
			}
			if zoned && len(b.lacks(w.want)) == 0 {
				b.take(w.want)
				b.used, found = true, true
				break
			}
		}
		if !found {
			b := &bin{size, nil, true}
			b.take(w.want)
			bins = append(bins, b)
		}
	}
	for _, b := range bins {
		switch {
		case b.instance == nil:
			extra++
		case b.used:
			busy++
		}
	}
	return drained, there, busy, extra
}

// sayTooLarge tells once that a task fits no instance of a group, for which ECS adds none.
func (r *round) sayTooLarge(g *group, w Want, size room) {
	line := fmt.Sprintf("%s: a task of %d CPU units and %d MiB fits no %s, which has %d and %d: no instance is added for it",
		w.Group, w.CPU, w.Memory, g.template.instanceType, size.cpu, size.memory)
	if !r.said[line] {
		r.said[line] = true
		r.lines = append(r.lines, line)
	}
}

// publish puts the metric where CloudWatch would have it.
func (r *round) publish(g *group, t *tracking, value float64) {
	if !r.due(t.published.Add(r.env.Clock.Of(sample))) {
		return
	}
	t.published = r.now
	r.due(r.now.Add(r.env.Clock.Of(sample)))
	if r.env.Metrics != nil {
		r.env.Metrics.Put(metrics.Metric{
			Namespace: "AWS/ECS/ManagedScaling", Name: "CapacityProviderReservation", Dimension: g.provider.name,
		}, r.now, value)
	}
}
