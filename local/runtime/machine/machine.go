// Package machine is this machine's Docker engine, as far as it carries one emulated account: containers,
// networks and volumes that carry the account's label, and nothing else of what the engine runs.
package machine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"sync"
	"time"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"
)

// ErrNoEngine says that no Docker engine answers.
var ErrNoEngine = errors.New("no Docker engine answers")

// connectTimeout is how long an engine may take to say that it is there.
const connectTimeout = 5 * time.Second

// Labels of everything that belongs to an account.
const (
	// LabelHome says which account.
	LabelHome = "wordpress-ecs.home"
	// LabelKind says what it is for: "task", "database", "cache", "network".
	LabelKind = "wordpress-ecs.kind"
	// LabelID is the id of the resource or record of the account that it makes real.
	LabelID = "wordpress-ecs.id"
	// LabelStack is the Pulumi stack that made it.
	LabelStack = "wordpress-ecs.stack"
)

// Machine is a Docker engine that carries an account.
type Machine struct {
	docker *client.Client
	home   string

	// naming guards the making of networks: the engine gives two of them one name.
	naming sync.Mutex
	// turns lets one at a time build an image, by its name; turning guards it.
	turning sync.Mutex
	turns   map[string]chan struct{}
}

// Connect finds the engine that DOCKER_HOST names, or the usual one. Home is the account's directory: engines
// carry several accounts.
func Connect(ctx context.Context, home string) (*Machine, error) {
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoEngine, err)
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	answer, err := docker.Ping(ctx)
	if err != nil {
		_ = docker.Close() // the first error counts
		return nil, fmt.Errorf("%w (%w)", ErrNoEngine, err)
	}
	// Now, because the client would do it unguarded when it is used first, and several use it at once.
	docker.NegotiateAPIVersionPing(answer)
	path, err := filepath.Abs(home)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", home, err)
	}
	sum := sha256.Sum256([]byte(path))
	return &Machine{docker: docker, home: hex.EncodeToString(sum[:6]), turns: map[string]chan struct{}{}}, nil
}

// Close ends the connection; what runs goes on.
func (m *Machine) Close() error { return m.docker.Close() }

// Docker is the engine itself, for what this package has no words for. Whatever is made with it needs Labels.
func (m *Machine) Docker() *client.Client { return m.docker }

// Name makes a name for a container, network or volume that no other account uses.
func (m *Machine) Name(words string) string { return "wordpress-" + m.home + "-" + words }

// Labels are those of the account, and more.
func (m *Machine) Labels(kind, id string, more map[string]string) map[string]string {
	labels := map[string]string{LabelHome: m.home, LabelKind: kind, LabelID: id}
	maps.Copy(labels, more)
	return labels
}

// mine filters for the account and further labels.
func (m *Machine) mine(labels map[string]string) filters.Args {
	args := filters.NewArgs(filters.Arg("label", LabelHome+"="+m.home))
	for name, value := range labels {
		if value != "" {
			args.Add("label", name+"="+value)
		}
	}
	return args
}
