package ecs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/capacity"
	"wordpress-ecs/local/runtime/task"
)

// service is a service as it is at one moment: what is asked for, what is known, and its tasks.
type service struct {
	wanted
	record *record
	// saved is the record as the account has it.
	saved string
	// tasks are the oldest first, those that wait for room last.
	tasks []*seen
}

// waiting is a task that has no place yet.
type waiting struct {
	id, deployment string
	replaces       bool
	created        time.Time
}

// seen is a task as it is at one moment.
type seen struct {
	task.Task
	waits          bool
	mark           *mark
	phase          phase
	ready, leaving bool
	// lost is set when its instance is gone.
	lost bool
	// sick is why ECS would stop it, and said what ECS says of its health then; both are empty when it is well.
	sick, said string
	targets    []target
}

// target is a place of a task in a target group.
type target struct {
	balancer
	health alb.Health
	listed bool
}

// look reads all services, also those that have left the account before their tasks.
func (p *Part) look() ([]*service, error) {
	var services []*service
	err := p.env.Account.View(func(tx *account.Tx) (err error) {
		services, err = readAll(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	byARN := map[string]*service{}
	for _, s := range services {
		byARN[s.arn] = s
	}
	o := p.observe()
	for _, t := range p.env.Runner.Tasks() {
		arn, ok := serviceOf(t.Order)
		if !ok {
			continue
		}
		s := byARN[arn]
		if s == nil {
			s = orphan(&record{ARN: arn, Name: lastPart(arn), Tasks: map[string]*mark{}})
			byARN[arn] = s
			services = append(services, s)
		}
		s.tasks = append(s.tasks, o.see(s, t))
	}
	for _, s := range services {
		s.add(p.waiting[s.arn])
	}
	return services, nil
}

func readAll(tx *account.Tx) ([]*service, error) {
	resources, err := tx.ByType(serviceType)
	if err != nil {
		return nil, err
	}
	var services []*service
	for _, r := range resources {
		w, err := read(tx, r)
		if err != nil {
			return nil, err
		}
		kept, err := recordOf(tx, r)
		if err != nil {
			return nil, err
		}
		services = append(services, &service{wanted: w, record: kept})
	}
	records, err := account.AllKept[*record](tx, class)
	if err != nil {
		return nil, err
	}
	for _, kept := range records {
		if !slices.ContainsFunc(services, func(s *service) bool { return s.arn == kept.ARN }) {
			services = append(services, orphan(kept))
		}
	}
	for _, s := range services {
		if s.record.Tasks == nil {
			s.record.Tasks = map[string]*mark{}
		}
		if s.saved, err = s.record.text(); err != nil {
			return nil, err
		}
	}
	return services, nil
}

// recordOf is the record of a service that is in the account.
func recordOf(tx *account.Tx, r account.Resource) (*record, error) {
	kept := &record{}
	found, err := tx.Kept(class, r.ID, kept)
	if err != nil || (found && kept.Made.Equal(r.Created)) {
		return kept, err
	}
	return &record{ARN: r.ID, Name: lastPart(r.ID), Made: r.Created, Tasks: map[string]*mark{}}, nil
}

// orphan is a service that has left the account.
func orphan(r *record) *service {
	r.Releasing = true
	prefix, rest, _ := strings.Cut(r.ARN, ":service/")
	cluster, name, _ := strings.Cut(rest, "/")
	return &service{record: r, wanted: wanted{
		arn: r.ARN, name: name, cluster: cluster, clusterARN: prefix + ":cluster/" + cluster,
	}}
}

// serviceOf is the ARN of the service of a task.
func serviceOf(o task.Order) (string, bool) {
	name, ok := strings.CutPrefix(o.Group, "service:")
	prefix, rest, isTask := strings.Cut(o.ARN, ":task/")
	cluster, _, _ := strings.Cut(rest, "/")
	return prefix + ":service/" + cluster + "/" + name, ok && isTask
}

// text is the record as it is kept.
func (r *record) text() (string, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("record of service %s: %w", r.Name, err)
	}
	return string(b), nil
}

// add lists the tasks that have no place yet among the others.
func (s *service) add(list []waiting) {
	for _, w := range list {
		s.tasks = append(s.tasks, &seen{
			Task: task.Task{
				Order: task.Order{
					ID: w.id, ARN: s.taskARN(w.id), Cluster: s.clusterARN, Group: s.group(), StartedBy: w.deployment, Exec: s.exec,
				},
				Status: task.Provisioning, Wanted: task.Running, Health: task.HealthUnknown, Created: w.created,
			},
			waits: true, mark: &mark{}, phase: waitsForRoom,
		})
	}
}

// observer knows what tasks are judged by.
type observer struct {
	part      *Part
	now       time.Time
	instances map[string]capacity.Instance
	health    map[string][]alb.Health
}

func (p *Part) observe() *observer {
	o := &observer{part: p, now: p.env.Now(), instances: map[string]capacity.Instance{}, health: map[string][]alb.Health{}}
	for _, i := range p.env.Capacity.Instances() {
		o.instances[i.ID] = i
		p.instances[i.ID] = true
		delete(p.missing, i.ID)
	}
	return o
}

// see judges a task.
func (o *observer) see(s *service, t task.Task) *seen {
	m := s.record.Tasks[t.ID]
	if m == nil {
		m = &mark{Targets: s.balancers}
		s.record.Tasks[t.ID] = m
	}
	v := &seen{Task: t, mark: m, phase: phaseOf(t)}
	if m.Released {
		// Its address may be another task's by now.
		return v
	}
	v.lost = m.Lost || o.gone(t.Instance)
	v.leaving = o.instances[t.Instance].State == "DRAINING"
	for _, b := range m.Targets {
		v.targets = append(v.targets, o.target(b, t.IP))
	}
	if v.phase == runs {
		v.ready = v.healthy(s, o.part.env.Clock.Of(bareWait), o.now)
		if !o.now.Before(t.Started.Add(s.grace)) {
			v.diagnose()
		}
	}
	return v
}

func phaseOf(t task.Task) phase {
	switch {
	case t.Status == task.Stopped:
		return stopped
	case t.Wanted == task.Stopped:
		return stops
	}
	switch t.Status {
	case task.Running:
		return runs
	case task.Deactivating, task.Stopping, task.Deprovisioning:
		return stops
	default:
		return starts
	}
}

// unknownWait is how long an instance may be unknown before it counts as gone: capacity may not have read its
// records yet when this process has just begun.
const unknownWait = 10 * time.Second

// gone tells whether an instance has ended.
func (o *observer) gone(id string) bool {
	if i, ok := o.instances[id]; ok {
		return i.State == "terminated"
	}
	if o.part.instances[id] {
		return true
	}
	since, ok := o.part.missing[id]
	if !ok {
		o.part.missing[id] = o.now
		return false
	}
	return o.now.Sub(since) >= unknownWait
}

func (o *observer) target(b balancer, ip string) target {
	list, ok := o.health[b.Group]
	if !ok {
		list = o.part.env.Targets.Health(b.Group)
		o.health[b.Group] = list
	}
	for _, h := range list {
		if h.IP == ip && h.Port == b.Port {
			return target{balancer: b, health: h, listed: true}
		}
	}
	return target{balancer: b}
}

// bareWait is how long ECS waits before it takes a running task without any health check for healthy.
const bareWait = 40 * time.Second

// healthy tells whether a running task counts: by its health checks and those of its target groups, and without
// any of them by time.
func (t *seen) healthy(s *service, bare time.Duration, now time.Time) bool {
	checked := s.definition.Checked
	if d := s.record.find(t.StartedBy); d != nil {
		checked = d.Definition.Checked
	}
	if t.Health == task.Unhealthy || (checked && t.Health != task.Healthy) {
		return false
	}
	for _, at := range t.targets {
		if !at.listed || at.health.State != alb.Healthy {
			return false
		}
	}
	return checked || len(t.targets) > 0 || !now.Before(t.Started.Add(bare))
}

// diagnose finds what ECS would stop a task for.
func (t *seen) diagnose() {
	if t.Health == task.Unhealthy {
		t.sick = "Task failed container health checks"
		t.said = fmt.Sprintf(") (task %s) failed container health checks.", t.ID)
		return
	}
	for _, at := range t.targets {
		if at.listed && at.health.State == alb.Unhealthy {
			reason := at.health.Description
			if reason == "" {
				reason = "Health checks failed"
			}
			t.sick = fmt.Sprintf("Task failed ELB health checks in (target-group %s)", at.Group)
			t.said = fmt.Sprintf(") (task %s) (port %d) is unhealthy in (target-group %s) due to (reason %s).",
				t.ID, at.Port, at.Group, strings.TrimSuffix(reason, "."))
			return
		}
	}
}
