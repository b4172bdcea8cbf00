package ecs_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/capacity"
	"wordpress-ecs/local/runtime/task"
)

// times is a clock that tests move.
type times struct {
	mu  sync.Mutex
	now time.Time
}

func (c *times) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *times) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// runner pretends to run tasks; tests say what becomes of them.
type runner struct {
	clock *times
	// refuse, if not nil, is the answer to every order.
	refuse  error
	mu      sync.Mutex
	tasks   []*task.Task
	drained map[string]bool
	changed []func()
	// listing and starting, if not nil, are called before tasks are listed, and before one is started.
	listing  func()
	starting func(o task.Order)
}

func (r *runner) Start(o task.Order) error {
	if r.starting != nil {
		r.starting(o)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse != nil {
		return r.refuse
	}
	r.tasks = append(r.tasks, &task.Task{
		Order: o, Status: task.Pending, Wanted: task.Running, Health: task.HealthUnknown, Created: r.clock.Now(),
		Containers: []task.Container{{Name: "nginx", Status: task.Pending, Essential: true}},
	})
	return nil
}

func (r *runner) Stop(id, code, reason string) {
	r.change(id, func(t *task.Task) {
		if t.Wanted == task.Running {
			t.Wanted, t.Status, t.StopCode, t.Reason = task.Stopped, task.Deactivating, code, reason
		}
	})
}

func (r *runner) Drained(id string) {
	r.mu.Lock()
	r.drained[id] = true
	r.mu.Unlock()
	r.change(id, func(t *task.Task) {
		if t.Status == task.Deactivating {
			t.Status = task.Stopping
		}
	})
}

func (r *runner) Tasks() []task.Task {
	if r.listing != nil {
		r.listing()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []task.Task
	for _, t := range r.tasks {
		c := *t
		c.Containers = slices.Clone(t.Containers)
		list = append(list, c)
	}
	return list
}

func (r *runner) Forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tasks = slices.DeleteFunc(r.tasks, func(t *task.Task) bool { return t.ID == id && t.Status == task.Stopped })
}

func (r *runner) Watch(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = append(r.changed, f)
}

func (r *runner) change(id string, f func(t *task.Task)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.tasks {
		if t.ID == id {
			f(t)
		}
	}
	for _, changed := range r.changed {
		changed()
	}
}

// works lets a task reach RUNNING and pass its health checks.
func (r *runner) works(id string) {
	r.change(id, func(t *task.Task) {
		if t.Status == task.Pending {
			t.Status, t.Health, t.Started = task.Running, task.Healthy, r.clock.Now()
			t.Containers[0].Status = task.Running
			t.Containers[0].Listens = map[int]string{8080: "127.0.0.1:" + t.ID[:4]}
		}
	})
}

// dies ends a task by itself.
func (r *runner) dies(id, code, reason string) {
	exit := 1
	r.change(id, func(t *task.Task) {
		t.Status, t.Wanted, t.StopCode, t.Reason, t.Ended = task.Stopped, task.Stopped, code, reason, r.clock.Now()
		t.Containers[0].Status, t.Containers[0].Exit = task.Stopped, &exit
	})
}

// ends lets tasks that stop come to their end.
func (r *runner) ends() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.tasks {
		if t.Status == task.Stopping {
			t.Status, t.Ended = task.Stopped, r.clock.Now()
		}
	}
	for _, changed := range r.changed {
		changed()
	}
}

// targets pretends to be target groups; tests say how targets are.
type targets struct {
	mu   sync.Mutex
	list map[string][]alb.Health
}

func (g *targets) Register(group string, t alb.Target) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, h := range g.list[group] {
		if h.IP == t.IP && h.Port == t.Port {
			g.list[group][i].Target = t
			if h.State == alb.Draining {
				g.list[group][i].State = alb.Initial
			}
			return
		}
	}
	g.list[group] = append(g.list[group], alb.Health{Target: t, State: alb.Initial, Description: "Initial health checks in progress"})
}

func (g *targets) Deregister(group, ip string, port int) {
	g.set(group, ip, port, alb.Draining, "Target deregistration is in progress")
}

func (g *targets) Health(group string) []alb.Health {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.list[group])
}

func (*targets) Watch(func()) {}

func (g *targets) set(group, ip string, port int, state alb.State, words string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, h := range g.list[group] {
		if h.IP == ip && h.Port == port && h.State != alb.Draining {
			g.list[group][i].State, g.list[group][i].Description = state, words
		}
	}
}

// drain ends the draining of all targets.
func (g *targets) drain() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for group, list := range g.list {
		g.list[group] = slices.DeleteFunc(list, func(h alb.Health) bool { return h.State == alb.Draining })
	}
}

// room pretends to be instances with room for a number of tasks.
type room struct {
	mu        sync.Mutex
	places    int
	reason    string
	taken     map[string]capacity.Place
	held      []string
	instances []capacity.Instance
	wants     []capacity.Want
	last      int
}

func (c *room) Place(w capacity.Want) (capacity.Place, string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.taken) >= c.places {
		return capacity.Place{}, c.reason, false
	}
	c.wants = append(c.wants, w)
	for _, i := range c.instances {
		if i.State == "ACTIVE" {
			c.last++
			p := capacity.Place{
				Instance: i.ID, Subnet: w.Subnets[0], Zone: i.Zone, VPC: "vpc-1", IP: fmt.Sprintf("10.0.100.%d", c.last),
			}
			c.taken[w.Task] = p
			return p, "", true
		}
	}
	return capacity.Place{}, c.reason, false
}

func (c *room) Held(id string, _ capacity.Want, p capacity.Place) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = append(c.held, id)
	c.taken[id] = p
}

func (c *room) Release(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.taken, id)
}

func (c *room) Instances() []capacity.Instance {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.instances)
}

func (*room) Watch(func()) {}

func (c *room) used() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.taken)
}
