package capacity

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"wordpress-ecs/local/runtime/part"
)

// Place takes room for a task. See Capacity.
func (p *Part) Place(w Want) (Place, string, bool) {
	seen, err := p.look()
	if err != nil {
		return Place{}, "Reason: " + err.Error(), false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if held, ok := p.holds[w.Task]; ok {
		return held.place, "", true
	}
	place, reason := p.find(seen, w)
	if reason != "" {
		if _, known := p.waits[w.Task]; !known {
			p.waits[w.Task] = wait{w, p.env.Now()}
			part.Wake(p.kick)
		}
		return Place{}, reason, false
	}
	delete(p.waits, w.Task)
	p.holds[w.Task] = hold{w, place}
	part.Wake(p.kick)
	return place, "", true
}

// Held tells again of a task that holds its place. See Capacity.
func (p *Part) Held(task string, w Want, at Place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Task = task
	delete(p.waits, task)
	p.holds[task] = hold{w, at}
	p.passed(at)
}

// Capacity is the part as the scheduler sees it.
func (p *Part) Capacity() Capacity { return places{p} }

// places is the part with the Release of tasks in the place of that of resources.
type places struct{ *Part }

// Release gives the room of a task back. See Capacity.
func (p places) Release(task string) {
	p.mu.Lock()
	_, held := p.holds[task]
	_, waiting := p.waits[task]
	delete(p.holds, task)
	delete(p.waits, task)
	p.mu.Unlock()
	if held || waiting {
		part.Wake(p.kick)
	}
	if held {
		p.announce()
	}
}

// Instances lists what there is, the oldest first. See Capacity.
func (p *Part) Instances() []Instance {
	seen, err := p.look()
	if err != nil {
		seen = &world{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]Instance, 0, len(p.instances))
	for _, i := range p.sorted() {
		shown := i.Instance
		shown.Protected = p.protected(i, seen.group(i))
		list = append(list, shown)
	}
	return list
}

// Watch calls f when there may be room, and when an instance drains or is gone. See Capacity.
func (p *Part) Watch(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch = append(p.watch, f)
}

// sorted are the instances, the oldest first.
func (p *Part) sorted() []*instance {
	list := make([]*instance, 0, len(p.instances))
	for _, i := range p.instances {
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b *instance) int {
		return cmp.Or(a.Launched.Compare(b.Launched), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// free is the room that an instance still has, and tasks how many it runs.
func (p *Part) free(i *instance) (left room, tasks int) {
	left = room{i.CPU, i.Memory, i.ENIs}
	for _, h := range p.holds {
		if h.place.Instance == i.ID {
			left.take(h.want)
			tasks++
		}
	}
	return left, tasks
}

func (r *room) take(w Want) {
	r.cpu, r.memory, r.enis = r.cpu-w.CPU, r.memory-w.Memory, r.enis-w.networks()
}

// lacks tells what a task finds missing, in ECS's words; nothing if it fits.
func (r room) lacks(w Want) []string {
	var lacks []string
	if r.cpu < w.CPU {
		lacks = append(lacks, "has insufficient CPU units available")
	}
	if r.memory < w.Memory {
		lacks = append(lacks, "has insufficient memory available")
	}
	if r.enis < w.networks() {
		lacks = append(lacks, `encountered error "RESOURCE:ENI"`)
	}
	return lacks
}

// networks counts the network interfaces that a task takes: one in the awsvpc mode, which names subnets.
func (w Want) networks() int { return min(1, len(w.Subnets)) }

// find finds a place for a task, or tells why there is none.
func (p *Part) find(seen *world, w Want) (place Place, reason string) {
	var fitting []candidate
	var closest *instance
	var lacking []string
	for _, i := range p.sorted() {
		if i.State != stateActive || !seen.offers(i, w) {
			continue
		}
		left, tasks := p.free(i)
		lacks := left.lacks(w)
		at, ok := seen.subnetFor(i, w)
		if !ok {
			lacks = append(lacks, "is missing an attribute required by your task")
		}
		if len(lacks) == 0 {
			fitting = append(fitting, candidate{i, at, left, tasks})
		} else if closest == nil || len(lacks) < len(lacking) {
			closest, lacking = i, lacks
		}
	}
	if len(fitting) == 0 {
		return place, complaint(w, closest, lacking)
	}
	best := p.choose(fitting, w)
	place = Place{Instance: best.ID, Subnet: best.at.id, Zone: best.Zone, VPC: best.at.vpc}
	if w.networks() > 0 {
		var ok bool
		if place.IP, ok = p.address(best.at); !ok {
			return place, fmt.Sprintf("Reason: The subnet %s has no free IP address.", best.at.id)
		}
	}
	return place, ""
}

// complaint is what ECS says when nothing fits.
func complaint(w Want, closest *instance, lacking []string) string {
	switch {
	case closest != nil:
		id := closest.ARN[strings.LastIndex(closest.ARN, "/")+1:]
		return fmt.Sprintf("The closest matching container-instance %s %s.", id, lacking[0])
	case w.Provider != "":
		return "Reason: No Container Instances were found in your capacity provider."
	}
	return "Reason: No Container Instances were found in your cluster."
}

// offers tells whether an instance is one of those that a task asks for.
func (w *world) offers(i *instance, want Want) bool {
	if i.Cluster != clusterName(want.Cluster) {
		return false
	}
	if want.Provider == "" {
		return true
	}
	g := w.group(i)
	return g != nil && w.providers[clusterName(want.Provider)].group == g.arn
}

// group is that of an instance; nil if it has left the account.
func (w *world) group(i *instance) *group {
	for n := range w.groups {
		if g := &w.groups[n]; g.name == i.Group && g.region == i.Region {
			return g
		}
	}
	return nil
}

// subnetFor is the subnet that the task's network interface is in on an instance: one in its zone and VPC.
func (w *world) subnetFor(i *instance, want Want) (subnet, bool) {
	own := w.subnets[i.Subnet]
	if len(want.Subnets) == 0 {
		return own, true
	}
	for _, id := range want.Subnets {
		if s, ok := w.subnets[id]; ok && s.zone == i.Zone && s.vpc == own.vpc {
			return s, true
		}
	}
	return subnet{}, false
}

// candidate is an instance that has room for a task.
type candidate struct {
	*instance
	at    subnet
	left  room
	tasks int
}

// choose applies the strategies, one after the other, to what the ones before leave. Without any, ECS spreads over
// the zones. What is still equal then goes to the instance with the fewest tasks.
func (p *Part) choose(fitting []candidate, w Want) candidate {
	strategies := w.Strategies
	if len(strategies) == 0 {
		strategies = []Strategy{{"spread", "attribute:ecs.availability-zone"}}
	}
	for _, s := range strategies {
		fitting = least(fitting, p.measure(s, w))
	}
	return least(fitting, func(c candidate) int { return c.tasks })[0]
}

// measure is what a strategy wants least of.
func (p *Part) measure(s Strategy, w Want) func(c candidate) int {
	field := strings.ToLower(s.Field)
	switch {
	case s.Type == "random":
		return func(candidate) int { return rand.Int() } //nolint:gosec // no secret
	case s.Type == "binpack" && field == "cpu":
		return func(c candidate) int { return c.left.cpu }
	case s.Type == "binpack":
		return func(c candidate) int { return c.left.memory }
	case field == "attribute:ecs.availability-zone":
		return func(c candidate) int { return p.together(w, func(i *instance) bool { return i.Zone == c.Zone }) }
	default: // spread by instanceId or host
		return func(c candidate) int { return p.together(w, func(i *instance) bool { return i.ID == c.ID }) }
	}
}

// together counts the tasks of the same group on some of the cluster's instances.
func (p *Part) together(w Want, on func(i *instance) bool) int {
	n := 0
	for _, h := range p.holds {
		i := p.instances[h.place.Instance]
		if i != nil && h.want.Group == w.Group && h.want.Cluster == w.Cluster && on(i) {
			n++
		}
	}
	return n
}

// least are the candidates with the smallest measure.
func least(list []candidate, measure func(c candidate) int) []candidate {
	var best []candidate
	smallest := 0
	for _, c := range list {
		n := measure(c)
		if len(best) == 0 || n < smallest {
			best, smallest = nil, n
		}
		if n == smallest {
			best = append(best, c)
		}
	}
	return best
}
