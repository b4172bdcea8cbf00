// Package runtime runs what an emulated account holds, with this machine's Docker engine: the packages below it
// each make some resource types real, and this one puts them together.
package runtime

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/objects"
	"wordpress-ecs/local/registry"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/authority"
	"wordpress-ecs/local/runtime/cache"
	"wordpress-ecs/local/runtime/capacity"
	"wordpress-ecs/local/runtime/cdn"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/database"
	"wordpress-ecs/local/runtime/ecs"
	"wordpress-ecs/local/runtime/files"
	"wordpress-ecs/local/runtime/firewall"
	"wordpress-ecs/local/runtime/function"
	"wordpress-ecs/local/runtime/gateway"
	"wordpress-ecs/local/runtime/logs"
	"wordpress-ecs/local/runtime/machine"
	"wordpress-ecs/local/runtime/metrics"
	"wordpress-ecs/local/runtime/names"
	"wordpress-ecs/local/runtime/network"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/s3"
	"wordpress-ecs/local/runtime/scaling"
	"wordpress-ecs/local/runtime/sigv4"
	"wordpress-ecs/local/runtime/task"
	"wordpress-ecs/local/runtime/usage"
)

// Options say what runs where.
type Options struct {
	// Home is the account's directory.
	Home     string
	Account  *account.Account
	Registry *registry.Registry
	Objects  *objects.Store
	// Clock is the pace of the account.
	Clock clock.Clock
	// Say gets what happens while nobody waits for it, line by line.
	Say part.Say
}

// Cloud is a running account.
type Cloud struct {
	options Options
	machine *machine.Machine // nil without an engine
	absence error
	parts   []part.Part
	// These parts are asked for more than all of them have in common.
	balancers *alb.Part
	tasks     *task.Part
	services  *ecs.Part
	gateway   *gateway.Gateway
	metrics   *metrics.Store

	mu     sync.Mutex
	wakes  []chan struct{}
	cancel context.CancelFunc
	done   sync.WaitGroup
	failed chan error
}

// Open prepares to run an account. Without a Docker engine nothing will run: Absence says so.
func Open(ctx context.Context, o Options) (*Cloud, error) {
	c := &Cloud{options: o, metrics: &metrics.Store{}, failed: make(chan error, 1)}
	m, err := machine.Connect(ctx, o.Home)
	if errors.Is(err, machine.ErrNoEngine) {
		c.absence = err
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	c.machine = m
	ca, err := authority.Open(filepath.Join(o.Home, "authority"))
	if err != nil {
		return nil, err
	}
	groups, err := logs.Open(filepath.Join(o.Home, "logs"))
	if err != nil {
		return nil, err
	}
	keys, err := sigv4.Open(o.Account)
	if err != nil {
		return nil, err
	}
	c.parts = c.assemble(ca, groups, keys)
	return c, nil
}

// assemble makes the parts; one that needs another gets it here. What others stand on comes first.
func (c *Cloud) assemble(ca *authority.Authority, groups *logs.Store, keys *sigv4.Keys) []part.Part {
	o := c.options
	networks := network.New(network.Env{Account: o.Account, Machine: c.machine})
	stored := files.New(files.Env{Account: o.Account, Machine: c.machine, Home: o.Home, Say: o.Say})
	databases := database.New(database.Env{
		Account: o.Account, Machine: c.machine, Authority: ca, Networks: networks, Logs: groups, Home: o.Home, Say: o.Say,
	})
	caches := cache.New(cache.Env{
		Account: o.Account, Machine: c.machine, Authority: ca, Networks: networks, Home: o.Home, Say: o.Say,
	})
	walls := firewall.New(firewall.Env{Account: o.Account, Clock: o.Clock, Say: o.Say})
	functions := function.New(function.Env{Account: o.Account, Logs: groups, Say: o.Say})
	c.balancers = alb.New(alb.Env{
		Account: o.Account, Authority: ca, Clock: o.Clock, Metrics: c.metrics, Firewall: walls, Functions: functions, Say: o.Say,
	})
	buckets := s3.New(s3.Env{Account: o.Account, Objects: o.Objects, Keys: keys, Say: o.Say})
	directory := &names.Directory{Account: o.Account, Balancers: c.balancers}
	edge := cdn.New(cdn.Env{
		Account: o.Account, Authority: ca, Origins: directory, Objects: buckets, Firewall: walls, Say: o.Say,
	})
	directory.Distributions = edge
	c.gateway = gateway.New(gateway.Env{
		Home: o.Home, Account: o.Account, Authority: ca, Keys: keys, Objects: buckets, Invalidate: invalidating(edge), Say: o.Say,
	})
	instances := capacity.New(capacity.Env{Account: o.Account, Clock: o.Clock, Say: o.Say, Metrics: c.metrics})
	c.tasks = task.New(task.Env{
		Account: o.Account, Machine: c.machine, Registry: o.Registry, Clock: o.Clock, Logs: groups,
		Network: networks.Ensure, Volume: stored.Volume, Bundle: ca.BundleFile(), Gateway: c.gateway,
		Say: o.Say,
	})
	c.services = ecs.New(ecs.Env{
		Account: o.Account, Clock: o.Clock, Say: o.Say,
		Runner: c.tasks, Targets: c.balancers, Capacity: instances.Capacity(),
	})
	measured := usage.New(usage.Env{
		Account: o.Account, Engine: c.machine, Clock: o.Clock, Metrics: c.metrics,
		Tasks: c.tasks, Connections: databases, Say: o.Say,
	})
	scaled := scaling.New(scaling.Env{
		Account: o.Account, Clock: o.Clock, Metrics: c.metrics, Healthy: c.healthy, Readers: databases,
		Deploying: c.services.Deploying, Changed: c.Changed, Say: o.Say,
	})
	return []part.Part{
		logs.New(logs.Env{Account: o.Account, Store: groups}), networks, stored, buckets, databases, caches, walls, c.balancers, edge,
		names.New(names.Env{Account: o.Account, Directory: directory}), instances, c.tasks, c.services, measured, scaled,
	}
}

// invalidating lets tasks invalidate what the edge keeps, and tells them in CloudFront's words what it refuses.
func invalidating(edge *cdn.Part) func(distribution string, paths []string) (string, error) {
	return func(distribution string, paths []string) (string, error) {
		id, err := edge.Invalidate(distribution, paths)
		var refused *cdn.Refusal
		if errors.As(err, &refused) {
			err = &gateway.Refusal{Code: refused.Code, Message: refused.Message}
		}
		return id, err
	}
}

// healthy counts the targets of a group that get requests.
func (c *Cloud) healthy(group string) int {
	n := 0
	for _, target := range c.balancers.Health(group) {
		if target.State == alb.Healthy {
			n++
		}
	}
	return n
}

// Absence is why nothing runs: that no Docker engine answers. It is nil when one does.
func (c *Cloud) Absence() error { return c.absence }

// Start lets the parts work until Stop, Suspend or a failure, which Failed tells.
func (c *Cloud) Start(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		return
	}
	select {
	case <-c.failed: // of the time before
	default:
	}
	ctx, c.cancel = context.WithCancel(ctx)
	c.wakes = nil
	for _, p := range c.parts {
		wake := make(chan struct{}, 1)
		c.wakes = append(c.wakes, wake)
		c.done.Go(func() {
			if err := p.Run(ctx, wake); err != nil && ctx.Err() == nil {
				select {
				case c.failed <- fmt.Errorf("running %v: %w", p.Types(), err):
				default:
				}
			}
		})
	}
}

// Stop ends the work of the parts. What runs in containers goes on.
func (c *Cloud) Stop() {
	c.mu.Lock()
	cancel := c.cancel
	c.cancel = nil
	c.mu.Unlock()
	if cancel != nil {
		cancel()
		c.done.Wait()
	}
}

// Suspend stops all containers and keeps their data, the last part first. Start brings them back.
func (c *Cloud) Suspend(ctx context.Context, say part.Say) error {
	c.Stop()
	var failed []error
	for _, p := range slices.Backward(c.parts) {
		failed = append(failed, p.Suspend(ctx, say))
	}
	return errors.Join(failed...)
}

// Failed tells why the cloud cannot go on.
func (c *Cloud) Failed() <-chan error { return c.failed }

// Close ends the connection to the engine. Stop comes first.
func (c *Cloud) Close() error {
	c.Stop()
	if c.machine == nil {
		return nil
	}
	return errors.Join(c.gateway.Stop(), c.machine.Close())
}

// Busy tells whether the engine has anything of the account: containers, networks or volumes.
func (c *Cloud) Busy(ctx context.Context) (bool, error) {
	if c.machine == nil {
		return false, nil
	}
	left, err := c.machine.Left(ctx)
	return len(left) > 0, err
}

// Changed wakes the parts.
func (c *Cloud) Changed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, wake := range c.wakes {
		part.Wake(wake)
	}
}

// Await blocks until a resource works.
func (c *Cloud) Await(ctx context.Context, r account.Resource, say func(line string)) error {
	for _, p := range c.of(r.Type) {
		if err := p.Await(ctx, r, say); err != nil {
			return err
		}
	}
	return nil
}

// Release ends what runs for a resource that is about to be deleted.
func (c *Cloud) Release(ctx context.Context, r account.Resource, say func(line string)) error {
	for _, p := range slices.Backward(c.of(r.Type)) {
		if err := p.Release(ctx, r, say); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cloud) of(typ string) []part.Part {
	return slices.DeleteFunc(slices.Clone(c.parts), func(p part.Part) bool { return !slices.Contains(p.Types(), typ) })
}

// Open takes a free port of 127.0.0.1 for a load balancer.
func (c *Cloud) Open(loadBalancer string) (int, error) { return c.balancers.Open(loadBalancer) }

// Status tells what runs, for people.
func (c *Cloud) Status(ctx context.Context) ([]part.Row, error) {
	var rows []part.Row
	for _, p := range c.parts {
		more, err := p.Status(ctx)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// Act does what a person asks for beyond Pulumi: "failover", "drain", "terminate", "restore".
func (c *Cloud) Act(ctx context.Context, name string, args []string, say part.Say) error {
	return part.Act(ctx, c.parts, name, args, say)
}

// Locate finds the Docker container of a task by the name that a person gives, where ECS Exec is allowed.
func (c *Cloud) Locate(_ context.Context, name string) (container string, err error) {
	if c.tasks == nil {
		return "", c.absence
	}
	return c.tasks.Locate(name)
}

// API answers the requests of AWS's own clients that the program makes: ECS's.
func (c *Cloud) API() http.Handler {
	if c.services == nil {
		return http.NotFoundHandler()
	}
	return c.services.Handler()
}
