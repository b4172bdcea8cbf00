// Package part is what the parts of the running cloud have in common: the parts are the packages beside this
// one, each of which makes some resource types of the account real.
package part

import (
	"context"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/account"
)

// Part makes resources of the account real: what the account says is what it brings about, again and again.
type Part interface {
	// Types are the resource types that it makes real, such as "aws:rds/clusterInstance:ClusterInstance".
	Types() []string
	// Run works until the context ends. It looks at the account when it starts, after every signal of wake,
	// and when it has reasons of its own. It ends nothing that should go on running: another process may
	// take over where it left. An error ends the cloud.
	Run(ctx context.Context, wake <-chan struct{}) error
	// Await blocks until a resource that was just made or changed works as AWS's answer to its provider
	// would say, and tells meanwhile what it waits for. An error is why it does not.
	Await(ctx context.Context, r account.Resource, say Say) error
	// Release ends what runs for a resource that is about to leave the account, and removes its data, as
	// AWS does on deletion. Done twice it does nothing. It works without Run, too: a deployment that was
	// stopped can be destroyed.
	Release(ctx context.Context, r account.Resource, say Say) error
	// Suspend stops what runs and keeps its data; Run is over when it is called. Run brings it back.
	Suspend(ctx context.Context, say Say) error
	// Status tells what runs, for people.
	Status(ctx context.Context) ([]Row, error)
}

// Actor is a part that does things beyond Pulumi when a person asks for them.
type Actor interface {
	// Actions are by name, such as "failover". Arguments come from the command line.
	Actions() map[string]func(ctx context.Context, args []string, say Say) error
}

// Say tells the person who waits what happens, in one line.
type Say func(line string)

// Once says each line one time only, however often it is true. The zero value has said nothing yet.
type Once struct {
	mu   sync.Mutex
	said map[string]bool
}

// Tell says a line that has not been said; without anybody to tell it counts as said.
func (o *Once) Tell(say Say, line string) {
	o.mu.Lock()
	known := o.said[line]
	if o.said == nil {
		o.said = map[string]bool{}
	}
	o.said[line] = true
	o.mu.Unlock()
	if !known && say != nil {
		say(line)
	}
}

// Row is a line of the status.
type Row struct {
	// Kind is what it is: "service", "task", "container", "target", "instance", "load balancer", "firewall",
	// "distribution", "names", "database", "cache", "file system".
	Kind string `json:"kind"`
	// Name is what the account calls it.
	Name string `json:"name"`
	// Parent is the name of what it belongs to: the service of a task, the task of a container.
	Parent string `json:"parent,omitempty"`
	// State is AWS's word for how it is: "RUNNING", "healthy", "available".
	State string `json:"state"`
	// Detail is what else is worth knowing, in a few words.
	Detail string `json:"detail,omitempty"`
	// Address is where it listens on this machine, a URL or 127.0.0.1:port; empty if nowhere.
	Address string `json:"address,omitempty"`
	// Stack is the Pulumi stack that made it.
	Stack string `json:"stack,omitempty"`
}

// Wake is a signal that is never lost and never blocks: several before it is noticed are one.
func Wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Keep looks at the account until the context ends: at once, when it is woken, and every now and then without a reason.
func Keep(ctx context.Context, wake <-chan struct{}, glance time.Duration, look func() error) error {
	for {
		if err := look(); err != nil && ctx.Err() == nil {
			return err
		}
		again := time.NewTimer(glance)
		select {
		case <-ctx.Done():
			again.Stop()
			return nil
		case <-wake:
		case <-again.C:
		}
		again.Stop()
	}
}

// Stack is the Pulumi stack of a resource.
func Stack(r account.Resource) string {
	stack, _, _ := strings.Cut(strings.TrimPrefix(r.URN, "urn:pulumi:"), "::")
	return stack
}
