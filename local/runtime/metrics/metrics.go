// Package metrics is CloudWatch's metrics of one emulated account, in memory, for the last three hours. Its
// finest grain is a second, as CloudWatch's is.
package metrics

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"wordpress-ecs/local/runtime/clock"
)

const (
	// kept is how many seconds the points of a metric are kept: as long as CloudWatch keeps those of a second.
	kept = 3 * 60 * 60
	// samples is how many values of a second are kept for percentiles; all others are exact.
	samples = 20
	// shortest is the shortest period: what is sampled needs time to say something.
	shortest = 5 * time.Second
)

// Period is how long CloudWatch's minute takes here, in whole seconds: 60 s of the account's clock, at least 5 s.
// Periods begin at multiples of it, so whoever measures and whoever judges mean the same ones.
func Period(c clock.Clock) time.Duration {
	return max(shortest, c.Of(time.Minute)).Round(time.Second)
}

// Metric names a series of points, as CloudWatch does.
type Metric struct {
	// Namespace is such as "AWS/ApplicationELB".
	Namespace string
	// Name is such as "RequestCount".
	Name string
	// Dimension is the value of the dimension that matters: a target group's ARN suffix, "cluster/service",
	// the identifier of a database instance.
	Dimension string
}

// second is what the points of one second say together.
type second struct {
	at                    int64
	count                 int
	sum, minimum, maximum float64
	values                []float64
}

func (s *second) put(value float64) {
	if s.count == 0 || value < s.minimum {
		s.minimum = value
	}
	if s.count == 0 || value > s.maximum {
		s.maximum = value
	}
	s.count++
	s.sum += value
	if len(s.values) < samples {
		s.values = append(s.values, value)
	} else if i := rand.IntN(s.count); i < samples { //nolint:gosec // a fair choice, not a secret one
		s.values[i] = value
	}
}

// Store holds points. It is safe for use by several goroutines. The zero value is empty and ready.
type Store struct {
	mu     sync.Mutex
	series map[Metric][]second
}

// Put adds a point. It is cheap enough to be called for every request.
func (s *Store) Put(m Metric, at time.Time, value float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.series == nil {
		s.series = map[Metric][]second{}
	}
	list, moment := s.series[m], at.Unix()
	if len(list) > 0 && list[len(list)-1].at == moment {
		list[len(list)-1].put(value)
		return
	}
	i, found := find(list, moment)
	if !found {
		if len(list) > 0 && list[0].at <= moment-kept {
			old, _ := find(list, moment-kept+1)
			list = slices.Delete(list, 0, old)
			i -= old
		}
		list = slices.Insert(list, i, second{at: moment})
		s.series[m] = list
	}
	list[i].put(value)
}

func find(list []second, moment int64) (int, bool) {
	return slices.BinarySearchFunc(list, moment, func(s second, moment int64) int { return int(s.at - moment) })
}

// Summary is what the points of a period say.
type Summary struct {
	Count                 int
	Sum, Minimum, Maximum float64
	values                []sample
}

// sample is a value that stands for several.
type sample struct{ value, weight float64 }

// Average is 0 without points.
func (s Summary) Average() float64 {
	if s.Count == 0 {
		return 0
	}
	return s.Sum / float64(s.Count)
}

// Percentile is the value that p percent of the points do not exceed; 0 without points. It is an estimate where
// a second has more than twenty points.
func (s Summary) Percentile(p float64) float64 {
	if s.Count == 0 {
		return 0
	}
	if p >= 100 {
		return s.Maximum
	}
	sorted := slices.SortedFunc(slices.Values(s.values), func(a, b sample) int { return cmp.Compare(a.value, b.value) })
	left := p / 100 * float64(s.Count)
	for _, v := range sorted {
		if left -= v.weight; left < 0 {
			return v.value
		}
	}
	return s.Maximum
}

// Between summarizes the points from a second on and before another.
func (s *Store) Between(m Metric, from, to time.Time) Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum Summary
	list := s.series[m]
	first, _ := find(list, from.Unix())
	for _, p := range list[first:] {
		if p.at >= to.Unix() {
			break
		}
		if sum.Count == 0 || p.minimum < sum.Minimum {
			sum.Minimum = p.minimum
		}
		if sum.Count == 0 || p.maximum > sum.Maximum {
			sum.Maximum = p.maximum
		}
		sum.Count += p.count
		sum.Sum += p.sum
		for _, v := range p.values {
			sum.values = append(sum.values, sample{v, float64(p.count) / float64(len(p.values))})
		}
	}
	return sum
}
