package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/registry"
)

// Registry stands for ECR: it answers on 127.0.0.1 while something is pulled.
type Registry interface {
	Serve(port int) (*registry.Listener, error)
}

// pulledClass are the records of images that were pulled from the registry: each is the name that the image has
// for this, which goes when no task needs the image any more.
const pulledClass = "pulled image"

// pulled is such a record.
type pulled struct {
	// Name is the engine's for it, "127.0.0.1:port/repository@digest"; Reference is ECR's.
	Name      string `json:"name"`
	Reference string `json:"reference"`
}

// ecrReference is an image in ECR: repository, and ":tag" or "@digest".
var ecrReference = regexp.MustCompile(`^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/([^@:]+)([@:])(.+)$`)

// images finds images for containers.
type images struct {
	engine   engine
	registry Registry
	account  *account.Account

	mu    sync.Mutex
	under map[string]*fetch // by reference
	ids   map[string]string // of what ECR's references were found to be
}

// fetch is the search for an image, which several tasks may wait for.
type fetch struct {
	done chan struct{}
	id   string
	err  error
}

// get returns the id of an image, pulled if need be. Its errors are AWS's.
func (i *images) get(ctx context.Context, reference string) (string, error) {
	for {
		i.mu.Lock()
		f, waits := i.under[reference]
		if !waits {
			f = &fetch{done: make(chan struct{})}
			i.under[reference] = f
		}
		i.mu.Unlock()
		if !waits {
			f.id, f.err = i.find(ctx, reference)
			i.mu.Lock()
			delete(i.under, reference)
			i.mu.Unlock()
			close(f.done)
			return f.id, f.err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-f.done:
		}
		// A task that was stopped takes its pull with it; the others try again.
		if !errors.Is(f.err, context.Canceled) {
			return f.id, f.err
		}
	}
}

func (i *images) find(ctx context.Context, reference string) (string, error) {
	match := ecrReference.FindStringSubmatch(reference)
	if match == nil {
		return i.public(ctx, reference)
	}
	i.mu.Lock()
	known := i.ids[reference]
	i.mu.Unlock()
	if known != "" {
		if id, ok, err := i.engine.ImageID(ctx, known); err != nil || ok {
			return id, cannotPull(err)
		}
	}
	id, err := i.ours(ctx, reference, match[1], match[2], match[3])
	if err == nil && match[2] == "@" { // a tag may move
		i.mu.Lock()
		i.ids[reference] = id
		i.mu.Unlock()
	}
	return id, cannotPull(err)
}

// public is an image of another registry. It stays on the machine, as whatever a person pulls.
func (i *images) public(ctx context.Context, reference string) (string, error) {
	id, ok, err := i.engine.ImageID(ctx, reference)
	if err != nil || ok {
		return id, cannotPull(err)
	}
	if err := i.engine.Pull(ctx, reference); err != nil {
		return "", cannotPull(fmt.Errorf("failed to pull %s: %w", reference, err))
	}
	id, ok, err = i.engine.ImageID(ctx, reference)
	if err == nil && !ok {
		err = fmt.Errorf("%s is gone again", reference)
	}
	return id, cannotPull(err)
}

// ours is an image of the local registry.
func (i *images) ours(ctx context.Context, reference, repository, separator, version string) (string, error) {
	listener, err := i.registry.Serve(0)
	if err != nil {
		return "", err
	}
	defer listener.Close()
	host := fmt.Sprintf("127.0.0.1:%d", listener.Port())
	manifest, err := readManifest(ctx, "http://"+host+"/v2/"+repository+"/manifests/"+version)
	if err != nil {
		return "", fmt.Errorf("%s: %w", reference, err)
	}
	// An engine calls an image by its configuration, or by its manifest, depending on how it stores them.
	for _, id := range []string{manifest.Config.Digest, version} {
		if id == "" || separator == ":" && id == version {
			continue
		}
		if found, ok, err := i.engine.ImageID(ctx, id); err != nil || ok {
			return found, err
		}
	}
	name := host + "/" + repository + separator + version
	if err := i.account.Update(func(tx *account.Tx) error {
		return tx.Keep(pulledClass, name, pulled{name, reference})
	}); err != nil {
		return "", err
	}
	if err := i.engine.Pull(ctx, name); err != nil {
		return "", err
	}
	id, ok, err := i.engine.ImageID(ctx, name)
	if err == nil && !ok {
		err = fmt.Errorf("%s is gone again", reference)
	}
	return id, err
}

// release takes the names from images that were pulled for tasks, unless a task still needs them.
func (i *images) release(ctx context.Context, needed func(reference string) bool) error {
	var list []pulled
	if err := i.account.View(func(tx *account.Tx) (err error) {
		list, err = account.AllKept[pulled](tx, pulledClass)
		return err
	}); err != nil {
		return err
	}
	var failed []error
	for _, p := range list {
		if needed(p.Reference) {
			continue
		}
		if err := i.engine.Unname(ctx, p.Name); err != nil {
			failed = append(failed, err)
			continue
		}
		failed = append(failed, i.account.Update(func(tx *account.Tx) error { return tx.Drop(pulledClass, p.Name) }))
	}
	return errors.Join(failed...)
}

// imageManifest is what tells how an engine calls an image.
type imageManifest struct {
	Config struct{ Digest string }
}

func readManifest(ctx context.Context, url string) (m imageManifest, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return m, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return m, err
	}
	defer func() { _ = answer.Body.Close() }() // only read from
	switch answer.StatusCode {
	case http.StatusOK:
		return m, json.NewDecoder(answer.Body).Decode(&m)
	case http.StatusNotFound:
		return m, errors.New("not found")
	default:
		return m, fmt.Errorf("the registry answers %s", answer.Status)
	}
}

// cannotPull is the agent's name for what is wrong.
func cannotPull(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("CannotPullContainerError: %w", err)
}
