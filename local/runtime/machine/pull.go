package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
)

// ImageID finds an image by name, digest or id; false when the engine lacks it.
func (m *Machine) ImageID(ctx context.Context, name string) (id string, ok bool, err error) {
	found, err := m.docker.ImageInspect(ctx, name)
	if cerrdefs.IsNotFound(err) || cerrdefs.IsInvalidArgument(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("looking for image %s: %w", name, err)
	}
	return found.ID, true, nil
}

// Pull fetches an image from its registry. An error that is the registry's is as the engine says it.
func (m *Machine) Pull(ctx context.Context, name string) error {
	body, err := m.docker.ImagePull(ctx, name, image.PullOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // read to its end
	messages := json.NewDecoder(body)
	for {
		var message struct{ Error string }
		if err := messages.Decode(&message); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("pulling image %s: %w", name, err)
		}
		if message.Error != "" {
			return errors.New(message.Error)
		}
	}
}

// Unname takes a name from an image. The image goes with its last name, unless a container uses it. One that is
// gone is no error; one that a container was made from by this name alone is.
func (m *Machine) Unname(ctx context.Context, name string) error {
	_, err := m.docker.ImageRemove(ctx, name, image.RemoveOptions{PruneChildren: true})
	if err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("removing image name %s: %w", name, err)
	}
	return nil
}
