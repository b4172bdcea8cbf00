package task

import (
	"context"
	"io/fs"
	"time"

	"github.com/docker/docker/api/types/container"

	"wordpress-ecs/local/runtime/machine"
)

// engine is what of a machine tasks need.
type engine interface {
	Name(words string) string
	Labels(kind, id string, more map[string]string) map[string]string

	Create(ctx context.Context, s machine.Spec) (id string, err error)
	Start(ctx context.Context, id string) error
	Unpause(ctx context.Context, id string) error
	Stop(ctx context.Context, id string, grace time.Duration) error
	Remove(ctx context.Context, id string) error
	Find(ctx context.Context, labels map[string]string) ([]machine.Container, error)
	Inspect(ctx context.Context, id string) (container.InspectResponse, bool, error)
	Events(ctx context.Context, labels map[string]string, f func(machine.Event)) error
	Output(ctx context.Context, id string, since time.Time, follow bool, f func(at time.Time, line string) error) error

	EnsureVolume(ctx context.Context, words string, labels map[string]string) (string, error)
	RemoveVolume(ctx context.Context, words string) error
	FindVolumes(ctx context.Context, labels map[string]string) ([]machine.Named, error)

	EnsureImage(ctx context.Context, title string, files fs.FS, say func(line string)) (string, error)
	ImageID(ctx context.Context, name string) (id string, ok bool, err error)
	Pull(ctx context.Context, name string) error
	Unname(ctx context.Context, name string) error
}

var _ engine = (*machine.Machine)(nil)
