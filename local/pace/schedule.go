package pace

import (
	"fmt"
	"slices"
	"time"
)

// Step is one request of a deployment.
type Step struct {
	// Label is what a person reads; empty for what is not worth telling.
	Label string
	Takes time.Duration
	// After are the steps, by index, that must have ended before it begins.
	After []int
}

// Span is a step in its time.
type Span struct {
	Label        string
	Begin, Takes time.Duration
}

// Schedule is how long the steps of a deployment take together.
type Schedule struct {
	Makespan time.Duration
	// Critical are the steps of which each began when the one before it ended, up to the end.
	Critical []Span
}

// Workers is how many requests Pulumi makes at a time unless told otherwise.
const Workers = 16

// Run works through steps, each as soon as it may begin and one of the workers is free; those that take no time need none.
func Run(steps []Step, workers int) (Schedule, error) {
	const nobody = -1
	spans, cause := make([]Span, len(steps)), make([]int, len(steps))
	begun := make([]bool, len(steps))
	free, last := make([]time.Duration, workers), make([]int, workers)
	for w := range last {
		last[w] = nobody
	}
	for range steps {
		i, ready, because := next(steps, spans, begun)
		if i < 0 {
			return Schedule{}, fmt.Errorf("the steps wait for each other in a circle")
		}
		if steps[i].Takes > 0 {
			w := slices.Index(free, slices.Min(free))
			if free[w] > ready {
				ready, because = free[w], last[w]
			}
			free[w], last[w] = ready+steps[i].Takes, i
		}
		begun[i], cause[i] = true, because
		spans[i] = Span{steps[i].Label, ready, steps[i].Takes}
	}
	return trace(spans, cause), nil
}

// next is the step that can begin first, when, and which one it has waited for last.
func next(steps []Step, spans []Span, begun []bool) (first int, ready time.Duration, because int) {
	first = -1
	for i, step := range steps {
		if begun[i] || slices.ContainsFunc(step.After, func(a int) bool { return !begun[a] }) {
			continue
		}
		at, waited := time.Duration(0), -1
		for _, a := range step.After {
			if end := spans[a].Begin + spans[a].Takes; waited < 0 || end > at {
				at, waited = end, a
			}
		}
		if first < 0 || at < ready {
			first, ready, because = i, at, waited
		}
	}
	return first, ready, because
}

// trace finds the step that ends last, and what it has waited for.
func trace(spans []Span, cause []int) Schedule {
	var s Schedule
	at := -1
	for i, span := range spans {
		if end := span.Begin + span.Takes; at < 0 || end > s.Makespan {
			s.Makespan, at = end, i
		}
	}
	for ; at >= 0; at = cause[at] {
		if spans[at].Label != "" && spans[at].Takes > 0 {
			s.Critical = append(s.Critical, spans[at])
		}
	}
	slices.Reverse(s.Critical)
	return s
}

// Then is one schedule after another.
func (s Schedule) Then(next Schedule) Schedule {
	all := Schedule{Makespan: s.Makespan + next.Makespan, Critical: slices.Clone(s.Critical)}
	for _, span := range next.Critical {
		span.Begin += s.Makespan
		all.Critical = append(all.Critical, span)
	}
	return all
}

// Lines are the critical path as people read it: when a step begins, how long it takes, what it is.
func (s Schedule) Lines() []string {
	var lines []string
	for _, span := range s.Critical {
		lines = append(lines, fmt.Sprintf("%6s %6s  %s", minutes(span.Begin), "+"+minutes(span.Takes), span.Label))
	}
	return lines
}

func minutes(d time.Duration) string {
	const perMinute = 60
	seconds := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", seconds/perMinute, seconds%perMinute)
}
