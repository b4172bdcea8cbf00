package ecs

import (
	"cmp"
	"slices"
	"time"
)

// phase is where a task is in its life, as far as scheduling goes.
type phase int

const (
	waitsForRoom phase = iota
	starts
	runs
	stops
	stopped
)

// candidate is a task as decisions see it.
type candidate struct {
	id, deployment, zone string
	phase                phase
	// ready is a task that runs and is healthy, sick one that failed its health checks, leaving one whose
	// instance drains.
	ready, sick, leaving bool
	created              time.Time
}

// situation is what a decision rests on.
type situation struct {
	desired, minPercent, maxPercent int
	// primary is the deployment that new tasks belong to; when it is stalled, none starts.
	primary string
	stalled bool
	tasks   []candidate
}

// decision is what to do next.
type decision struct {
	// start is how many tasks to start, replacing how many of them stand in for tasks that are sick.
	start, replacing int
	stop             []string
	// stuck is set when the minimum forbids to stop a task and the maximum to start one.
	stuck bool
}

// sorted are the tasks of a situation by what becomes of them.
type sorted struct {
	// fresh are those to keep, sick those of the primary deployment to replace, stale those that run and have
	// to go, useless those that have to go and never ran.
	fresh, sick, stale, useless []candidate
	// live counts all that do not stop, running those of them that run, ready the fresh ones that are healthy.
	live, running, ready int
	unplaced             bool
}

func (s situation) sort() sorted {
	var by sorted
	for _, t := range s.tasks {
		if t.phase >= stops {
			continue
		}
		by.live++
		if t.phase == runs {
			by.running++
		}
		current := t.deployment == s.primary && !t.leaving
		switch {
		case !current && t.phase < runs:
			by.useless = append(by.useless, t)
		case !current:
			by.stale = append(by.stale, t)
		case t.sick:
			by.sick = append(by.sick, t)
		default:
			by.fresh = append(by.fresh, t)
			by.unplaced = by.unplaced || t.phase == waitsForRoom
			if t.ready {
				by.ready++
			}
		}
	}
	return by
}

// lower is how many tasks have to run at least, upper how many may at most.
func (s situation) lower() int { return (s.desired*s.minPercent + 99) / 100 }
func (s situation) upper() int { return s.desired * s.maxPercent / 100 }

// decide is the whole of the scheduler's judgement. Old tasks go only when enough new ones are healthy; sick ones
// are replaced first and stopped then, if the maximum allows it, as ECS does.
func decide(s situation) decision {
	by := s.sort()
	var d decision
	for _, t := range by.useless {
		d.stop = append(d.stop, t.id)
	}
	need := max(s.desired-len(by.fresh), 0)
	room := max(s.upper()-by.live+len(by.useless), 0)
	cured := sickToStop(s, by, need, room)
	for _, t := range cured {
		d.stop = append(d.stop, t.id)
	}
	if !s.stalled {
		d.start = min(need, room+len(cured))
		d.replacing = min(d.start, len(by.sick))
	}
	for _, t := range surplus(by.fresh, s.desired) {
		d.stop = append(d.stop, t.id)
	}
	keep := s.desired
	if need > room || by.unplaced {
		// There is no room beside the old tasks: as many of them go as the minimum allows.
		keep = s.lower()
	}
	for _, t := range staleToStop(by, keep) {
		d.stop = append(d.stop, t.id)
	}
	d.stuck = need > 0 && room == 0 && len(d.stop) == 0 && !s.stalled && by.live == by.ready+len(by.stale)
	return d
}

// sickToStop are the sick tasks of the primary deployment that go now: all of them once their replacements are
// healthy, or nothing will replace them; else as many as there is room missing, but not more at a time than the
// minimum allows, and one at least.
func sickToStop(s situation, by sorted, need, room int) []candidate {
	oldestFirst(by.sick)
	if s.stalled || by.ready >= s.desired {
		return by.sick
	}
	n := min(need-room, max(by.running-s.lower(), 1), len(by.sick))
	return by.sick[:max(n, 0)]
}

// staleToStop are the tasks of older deployments and of draining instances that are not needed any more: with the
// rest of them, and the new ones that are healthy, enough run.
func staleToStop(by sorted, keep int) []candidate {
	oldestFirst(by.stale)
	slices.SortStableFunc(by.stale, func(a, b candidate) int { return cmp.Compare(worth(a), worth(b)) })
	n := min(by.ready+len(by.stale)-keep, len(by.stale))
	return by.stale[:max(n, 0)]
}

// surplus are the tasks that are more than desired: those of the least worth, then those of the zone that has
// most, then the newest.
func surplus(tasks []candidate, desired int) []candidate {
	rest := slices.Clone(tasks)
	var gone []candidate
	for len(rest) > desired {
		inZone := map[string]int{}
		for _, t := range rest {
			inZone[t.zone]++
		}
		slices.SortStableFunc(rest, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(worth(a), worth(b)), cmp.Compare(inZone[b.zone], inZone[a.zone]), b.created.Compare(a.created))
		})
		gone = append(gone, rest[0])
		rest = rest[1:]
	}
	return gone
}

// worth orders tasks by how little is lost with them.
func worth(t candidate) int {
	switch {
	case t.phase < runs:
		return int(t.phase)
	case t.sick:
		return int(runs)
	case !t.ready:
		return int(runs) + 1
	default:
		return int(runs) + 2
	}
}

func oldestFirst(tasks []candidate) {
	slices.SortStableFunc(tasks, func(a, b candidate) int { return a.created.Compare(b.created) })
}

// threshold is how many tasks in a row may fail before the circuit breaker ends a deployment: half of the desired
// count, at least 3 and at most 200.
func threshold(desired int) int { return min(max((desired+1)/2, 3), 200) }

const (
	// firstDelay is AWS's wait after the first tasks failed in a row, longestDelay what it grows to.
	firstDelay   = 30 * time.Second
	longestDelay = 27 * time.Minute
)

// delay is AWS's wait before the next start when tasks have failed in a row: none for the first two rounds, then
// twice as long after every further round.
func delay(failures, desired int) time.Duration {
	rounds := failures / max(desired, 1)
	if rounds < 3 {
		return 0
	}
	wait := firstDelay
	for range rounds - 3 {
		wait = min(2*wait, longestDelay)
	}
	return wait
}
