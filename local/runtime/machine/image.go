package machine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wordpress-ecs/local/provider/docker/buildcontext"
	"wordpress-ecs/local/provider/docker/builder"
)

// EnsureImage builds one of the local cloud's own images from its files, a Dockerfile among them, unless the
// engine has it, and returns its name. The name changes with the files. The image stays when a deployment
// goes: it belongs to the local cloud.
func (m *Machine) EnsureImage(ctx context.Context, title string, files fs.FS, say func(line string)) (string, error) {
	dir, err := os.MkdirTemp("", "wordpress-ecs-image-")
	if err != nil {
		return "", fmt.Errorf("image %s: %w", title, err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	if err := os.CopyFS(filepath.Join(dir, "context"), files); err != nil {
		return "", fmt.Errorf("image %s: %w", title, err)
	}
	context := filepath.Join(dir, "context")
	packed, err := buildcontext.Read(context, filepath.Join(context, "Dockerfile"))
	if err != nil {
		return "", fmt.Errorf("image %s: %w", title, err)
	}
	digest, err := packed.Digest()
	if err != nil {
		return "", fmt.Errorf("image %s: %w", title, err)
	}
	sum := sha256.Sum256([]byte(digest))
	name := "wordpress-ecs-local/" + title + ":" + hex.EncodeToString(sum[:6])
	turn := m.turn(name)
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return "", fmt.Errorf("image %s: %w", title, ctx.Err())
	}
	defer func() { <-turn }()
	if _, there, err := m.ImageID(ctx, name); there || err != nil {
		return name, err
	}
	engine, err := builder.Connect(ctx, "")
	if err != nil {
		return "", fmt.Errorf("image %s: %w", title, err)
	}
	defer func() { _ = engine.Close() }() // nothing is under way any more
	say("building the " + title + " image of the local cloud, once")
	_, err = engine.Build(ctx, builder.Options{Context: packed, Tags: []string{name}}, reporter(say))
	if err != nil {
		return "", fmt.Errorf("image %s: %w", title, err)
	}
	return name, nil
}

// turn is full while an image is being built: several tasks need the same one at once.
func (m *Machine) turn(name string) chan struct{} {
	m.turning.Lock()
	defer m.turning.Unlock()
	if m.turns[name] == nil {
		m.turns[name] = make(chan struct{}, 1)
	}
	return m.turns[name]
}

// reporter passes on what people should read.
type reporter func(line string)

// Info is a line that people should read.
func (r reporter) Info(line string) { r(line) }

// Status is one of the hundreds that a build says.
func (r reporter) Status(string) {}
