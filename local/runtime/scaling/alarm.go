package scaling

import (
	"slices"
	"time"
)

// alarm is CloudWatch's word for how an alarm is.
type alarm string

const (
	ok           alarm = "OK"
	raised       alarm = "ALARM"
	insufficient alarm = "INSUFFICIENT_DATA"
)

// What AWS's two alarms of a policy ask for: so many periods in a row, and for the low one this part of the
// target.
const (
	highPeriods = 3
	lowPeriods  = 15
	lowPart     = 0.9
)

// sample is the value of a metric in a period.
type sample struct {
	// at is when the period began.
	at    time.Time
	value float64
	// capacity is how many tasks or readers it was measured on.
	capacity int
}

// history is what is known of the last periods, the newest last. Periods without a value are not in it.
type history []sample

// add adds a sample and forgets what no alarm looks at.
func (h history) add(s sample) history {
	h = append(h, s)
	return slices.Clone(h[max(0, len(h)-lowPeriods):])
}

// last is what is known of so many periods up to one.
func (h history) last(periods int, newest time.Time, period time.Duration) history {
	oldest := newest.Add(-time.Duration(periods-1) * period)
	return slices.DeleteFunc(slices.Clone(h), func(s sample) bool { return s.at.Before(oldest) || s.at.After(newest) })
}

// judge is the state of an alarm that wants so many periods in a row to breach.
func (h history) judge(periods int, newest time.Time, period time.Duration, breaches func(value float64) bool) alarm {
	known := h.last(periods, newest, period)
	switch {
	case slices.ContainsFunc(known, func(s sample) bool { return !breaches(s.value) }):
		return ok
	case len(known) < periods:
		return insufficient
	}
	return raised
}

// tracked is a policy and what its metric says.
type tracked struct {
	policy
	high, low alarm
	// latest is the newest sample; peak the highest value that the low alarm looks at.
	latest sample
	peak   float64
}

// track judges a policy at the end of a period.
func track(p policy, h history, newest time.Time, period time.Duration) tracked {
	t := tracked{
		policy: p,
		high:   h.judge(highPeriods, newest, period, func(v float64) bool { return v > p.target }),
		low:    h.judge(lowPeriods, newest, period, func(v float64) bool { return v < lowPart*p.target }),
	}
	for _, s := range h.last(lowPeriods, newest, period) {
		t.latest = s
		t.peak = max(t.peak, s.value)
	}
	return t
}
