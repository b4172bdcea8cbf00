package scaling

import (
	"context"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/metrics"
)

// evaluate takes in what the metrics say of a period that has ended, and scales what needs it.
func (s *Scaling) evaluate(ctx context.Context, period time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	targets, err := s.targets()
	if err != nil {
		return err
	}
	for _, t := range targets {
		if err := s.evaluateTarget(ctx, t, period); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scaling) evaluateTarget(ctx context.Context, t target, period time.Time) error {
	for _, p := range t.policies {
		value, capacity, known, err := s.value(t, p, period)
		if err != nil {
			return err
		}
		if known {
			s.histories[p.arn] = s.histories[p.arn].add(sample{at: period, value: value, capacity: capacity})
		}
	}
	if _, busy := s.jobs[t.arn]; busy || s.released[t.arn] {
		return nil
	}
	now, there, err := s.situation(t)
	if err != nil || !there {
		return err
	}
	d, needed := decide(t, s.tracked(t, period), now)
	if !needed {
		return nil
	}
	return s.scale(ctx, t, now.current, d)
}

// tracked judges the policies of a target at the end of a period.
func (s *Scaling) tracked(t target, period time.Time) []tracked {
	var list []tracked
	for _, p := range t.policies {
		list = append(list, track(p, s.histories[p.arn], period, s.period))
	}
	return list
}

// situation is how a target is now, and whether what it scales is there.
func (s *Scaling) situation(t target) (situation, bool, error) {
	now := situation{now: time.Now(), clock: s.Clock}
	service, there := "", false
	err := s.Account.View(func(tx *account.Tx) error {
		done, err := activitiesOf(tx, t.arn)
		if err != nil {
			return err
		}
		now.past = remember(done)
		if t.dimension == readReplicaCount {
			return nil
		}
		found, err := t.service(tx)
		if found != nil {
			service, there = found.ID, true
			now.current = found.Outputs.Int("desiredCount")
		}
		return err
	})
	// Other parts read the account themselves: not within a transaction.
	if there {
		now.deploying = s.Deploying != nil && s.Deploying(service)
	}
	if err != nil || t.dimension != readReplicaCount || s.Readers == nil {
		return now, there, err
	}
	readers := s.Readers.Readers(t.cluster())
	now.current = len(readers)
	now.least, err = s.fixed(readers)
	return now, true, err
}

// service finds the service that a target scales; nil when it is gone.
func (t target) service(tx *account.Tx) (*account.Resource, error) {
	if t.dimension != desiredCount {
		return nil, nil
	}
	all, err := tx.All(serviceType, t.region)
	i := slices.IndexFunc(all, func(r account.Resource) bool { return strings.HasSuffix(r.ID, ":"+t.id) })
	if err != nil || i < 0 {
		return nil, err
	}
	return &all[i], nil
}

// cluster is the identifier of the database cluster that a target scales.
func (t target) cluster() string { return strings.TrimPrefix(t.id, "cluster:") }

// fixed counts the readers that the program has asked for.
func (s *Scaling) fixed(readers []string) (int, error) {
	n := 0
	err := s.Account.View(func(tx *account.Tx) error {
		all, err := tx.ByType(instanceType)
		for _, r := range all {
			if slices.Contains(readers, r.Outputs.String("identifier")) {
				n++
			}
		}
		return err
	})
	return n, err
}

// value is what the metric of a policy was in a period, and on how many tasks or readers. It is not known where
// nothing was measured.
func (s *Scaling) value(t target, p policy, period time.Time) (value float64, capacity int, known bool, err error) {
	between := func(namespace, name, dimension string) metrics.Summary {
		return s.Metrics.Between(metrics.Metric{Namespace: namespace, Name: name, Dimension: dimension}, period, period.Add(s.period))
	}
	var sum metrics.Summary
	switch p.metric {
	case serviceCPU:
		sum = between(metrics.ECS, metrics.CPUUtilization, strings.TrimPrefix(t.id, "service/"))
	case serviceMemory:
		sum = between(metrics.ECS, metrics.MemoryUtilization, strings.TrimPrefix(t.id, "service/"))
	case readerCPU, readerConnections:
		name := metrics.CPUUtilization
		if p.metric == readerConnections {
			name = metrics.DatabaseConnections
		}
		if s.Readers == nil {
			return 0, 0, false, nil
		}
		for _, id := range s.Readers.Readers(t.cluster()) {
			if one := between(metrics.RDS, name, id); one.Count > 0 {
				sum.Sum += one.Average()
				sum.Count++
			}
		}
	case requestsPerTarget:
		_, group, _ := strings.Cut(p.label, "/targetgroup/")
		healthy, err := s.healthy("targetgroup/" + group)
		if err != nil || healthy == 0 {
			return 0, 0, false, err
		}
		requests := between(metrics.ELB, metrics.RequestCount, "targetgroup/"+group).Sum
		perMinute := requests * float64(time.Minute) / float64(s.period)
		return perMinute / float64(healthy), healthy, true, nil
	}
	return sum.Average(), sum.Count, sum.Count > 0, nil
}

// healthy counts the healthy targets of a group, which is known by its ARN's suffix.
func (s *Scaling) healthy(suffix string) (int, error) {
	arn := ""
	err := s.Account.View(func(tx *account.Tx) error {
		all, err := tx.ByType(targetGroupType)
		for _, r := range all {
			if r.Outputs.String("arnSuffix") == suffix {
				arn = r.Outputs.String("arn")
			}
		}
		return err
	})
	if err != nil || arn == "" || s.Healthy == nil {
		return 0, err
	}
	return s.Healthy(arn), nil
}
