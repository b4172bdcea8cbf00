// Package builder builds images with this machine's Docker engine and pushes them to a registry
// on loopback.
package builder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"wordpress-ecs/local/provider/docker/buildcontext"
)

// ErrNoEngine means that no Docker engine answers on this machine.
var ErrNoEngine = errors.New("no Docker engine answers")

// answerTimeout is how long a Docker engine may take to answer at all.
const answerTimeout = 5 * time.Second

// Reporter tells people what happens.
type Reporter interface {
	// Info is a line to keep.
	Info(line string)
	// Status is a line that the next one replaces.
	Status(line string)
}

// cacheRepository names the last build of every context.
const cacheRepository = "pulumi-local/build-cache"

// Engine is this machine's Docker engine.
type Engine struct {
	docker *client.Client
	// Platform is what the engine builds and runs, such as "linux/amd64".
	Platform string
}

// Connect reaches the Docker engine at host, such as "unix:///var/run/docker.sock"; with an
// empty host, the one that DOCKER_HOST names or the default socket. ErrNoEngine if there is none.
func Connect(ctx context.Context, host string) (*Engine, error) {
	options := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	if host != "" {
		options = append(options, client.WithHost(host))
	}
	docker, err := client.NewClientWithOpts(options...)
	if err != nil {
		return nil, fmt.Errorf("docker engine: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	version, err := docker.ServerVersion(ctx)
	if err != nil {
		_ = docker.Close() // the first error counts
		return nil, fmt.Errorf("%w (%w)", ErrNoEngine, err)
	}
	return &Engine{docker: docker, Platform: version.Os + "/" + version.Arch}, nil
}

// Close ends the connection.
func (e *Engine) Close() error {
	return e.docker.Close()
}

// Options say what is built.
type Options struct {
	Context *buildcontext.Context
	// Tags name the result.
	Tags []string
	// Cache is one more tag; it keeps the layers for the next build, and moves with every build.
	Cache  string
	Args   map[string]*string
	Target string
}

// CacheTag is a name for Options.Cache that belongs to an image resource of a project, in all its
// stacks and checkouts. It keeps the layers of the last build also when the deployment that it
// was made for is gone.
func CacheTag(urn resource.URN) string {
	sum := sha256.Sum256([]byte(string(urn.Project()) + "/" + urn.Name()))
	return cacheRepository + ":" + hex.EncodeToString(sum[:6])
}

// Build builds an image for the engine's own platform and returns its id, "sha256:...".
// It uses the classic builder, which every engine has; base images that are neither present
// nor to be had are made when that is possible. One build runs at a time on a machine.
func (e *Engine) Build(ctx context.Context, o Options, report Reporter) (id string, err error) {
	unlock, err := lock(ctx, report)
	if err != nil {
		return "", err
	}
	defer unlock()
	if err := e.provideBases(ctx, o.Context, report); err != nil {
		return "", err
	}
	previous := ""
	if o.Cache != "" {
		if found, err := e.docker.ImageInspect(ctx, o.Cache); err == nil {
			previous = found.ID
		}
		o.Tags = append(o.Tags, o.Cache)
	}
	if id, err = e.build(ctx, o, report); err != nil {
		return "", err
	}
	if previous != "" && previous != id {
		e.removeUnnamed(ctx, previous)
	}
	return id, nil
}

func (e *Engine) build(ctx context.Context, o Options, report Reporter) (id string, err error) {
	dockerfile, err := o.Context.DockerfileName()
	if err != nil {
		return "", fmt.Errorf("building the image: %w", err)
	}
	arguments, err := withFallback(o.Args, o.Context)
	if err != nil {
		return "", fmt.Errorf("building the image: %w", err)
	}
	archive, packed := io.Pipe()
	go func() { _ = packed.CloseWithError(o.Context.Tar(packed)) }() // the reader gets the error
	defer func() { _ = archive.Close() }()                           // lets Tar end when the engine stops reading

	response, err := e.docker.ImageBuild(ctx, archive, build.ImageBuildOptions{
		Version:     build.BuilderV1,
		Tags:        o.Tags,
		Dockerfile:  dockerfile,
		BuildArgs:   arguments,
		Target:      o.Target,
		Remove:      true,
		ForceRemove: true,
	})
	if err != nil {
		return "", fmt.Errorf("building the image: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // read to its end
	var result struct{ ID string }
	if err := follow(response.Body, report, &result); err != nil {
		return "", fmt.Errorf("building the image: %w", err)
	}
	if result.ID == "" {
		return "", errors.New("building the image: the Docker engine named no image")
	}
	return result.ID, nil
}

// Push pushes an image under another name, "127.0.0.1:port/repository:tag", and returns the
// digest that the registry knows it by. The name is gone from the engine afterwards.
func (e *Engine) Push(ctx context.Context, id, name string, report Reporter) (digest string, err error) {
	if err := e.docker.ImageTag(ctx, id, name); err != nil {
		return "", fmt.Errorf("naming the image for its registry: %w", err)
	}
	defer func() {
		// Also when the push was cancelled; a name that stays is untidy and no failure.
		_, _ = e.docker.ImageRemove(context.WithoutCancel(ctx), name, image.RemoveOptions{})
	}()
	// The registry asks for no credentials, but the engine wants to be given some.
	body, err := e.docker.ImagePush(ctx, name, image.PushOptions{RegistryAuth: "e30="})
	if err != nil {
		return "", fmt.Errorf("pushing the image: %w", err)
	}
	defer func() { _ = body.Close() }() // read to its end
	var result struct{ Digest string }
	if err := follow(body, report, &result); err != nil {
		return "", fmt.Errorf("pushing the image: %w", err)
	}
	return result.Digest, nil
}

// Forget takes the names "repository:tag" off this machine's images, but for keep, and removes
// the images that have no name left. What containers use stays. Not finding any is no error.
func (e *Engine) Forget(ctx context.Context, repository, keep string) error {
	images, err := e.docker.ImageList(ctx, image.ListOptions{
		Filters: filters.NewArgs(filters.Arg("reference", repository)),
	})
	if err != nil {
		return fmt.Errorf("listing the images of %s: %w", repository, err)
	}
	for _, found := range images {
		for _, tag := range found.RepoTags {
			if tag == keep || !strings.HasPrefix(tag, repository+":") {
				continue
			}
			// A container that runs from it is the reason not to remove it, and none to fail.
			_, _ = e.docker.ImageRemove(ctx, tag, image.RemoveOptions{PruneChildren: true})
		}
	}
	return nil
}

// removeUnnamed removes an image that lost its last name.
func (e *Engine) removeUnnamed(ctx context.Context, id string) {
	found, err := e.docker.ImageInspect(ctx, id)
	if err != nil || len(found.RepoTags) > 0 {
		return
	}
	// As in Forget: what is in use stays.
	_, _ = e.docker.ImageRemove(ctx, id, image.RemoveOptions{PruneChildren: true})
}
