// Package metrics is CloudWatch's metrics of one emulated account, in memory, for the last hours.
package metrics

import (
	"slices"
	"sync"
	"time"
)

// kept is how long points are kept; most is how many of a metric.
const (
	kept = 3 * time.Hour
	most = 20000
)

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

type point struct {
	at    time.Time
	value float64
}

// Store holds points. It is safe for use by several goroutines. The zero value is empty and ready.
type Store struct {
	mu     sync.Mutex
	series map[Metric][]point
}

// Put adds a point.
func (s *Store) Put(m Metric, at time.Time, value float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.series == nil {
		s.series = map[Metric][]point{}
	}
	points := append(s.series[m], point{at, value})
	first, _ := slices.BinarySearchFunc(points, at.Add(-kept), func(p point, t time.Time) int { return p.at.Compare(t) })
	first = max(first, len(points)-most)
	if first > 0 {
		points = slices.Clone(points[first:])
	}
	s.series[m] = points
}

// Summary is what the points of a period say.
type Summary struct {
	Count                 int
	Sum, Minimum, Maximum float64
	values                []float64
}

// Average is 0 without points.
func (s Summary) Average() float64 {
	if s.Count == 0 {
		return 0
	}
	return s.Sum / float64(s.Count)
}

// Percentile is the value that p percent of the points do not exceed; 0 without points.
func (s Summary) Percentile(p float64) float64 {
	if s.Count == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.values))
	return sorted[min(s.Count-1, int(p/100*float64(s.Count)))]
}

// Between summarizes the points from a moment on and before another.
func (s *Store) Between(m Metric, from, to time.Time) Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum Summary
	for _, p := range s.series[m] {
		if p.at.Before(from) || !p.at.Before(to) {
			continue
		}
		if sum.Count == 0 || p.value < sum.Minimum {
			sum.Minimum = p.value
		}
		if sum.Count == 0 || p.value > sum.Maximum {
			sum.Maximum = p.value
		}
		sum.Count++
		sum.Sum += p.value
		sum.values = append(sum.values, p.value)
	}
	return sum
}
