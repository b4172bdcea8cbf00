// Package registry is a container registry on loopback that stands for Amazon ECR: images are
// pushed to it and pulled from it over the OCI distribution API, and stay on disk between runs.
//
// Below its directory it keeps
//
//	blobs/<hex>                              layers and configurations, by SHA-256
//	uploads/<number>                         what is being pushed right now
//	repositories/<name>/manifests/<hex>      manifests, by SHA-256 ("/" in the name is %2F)
//	repositories/<name>/tags/<tag>           the digest that a tag names
//	port                                     where it was served last
package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"sync"
)

const (
	blobsDir        = "blobs"
	uploadsDir      = "uploads"
	repositoriesDir = "repositories"
	portFile        = "port"
)

// Registry holds the images of an account. Its methods may be called at the same time.
type Registry struct {
	files *os.Root // no name that a client sends leads out of the registry's directory
	// mu is held for writing by whatever makes a manifest or a tag, and by Remove.
	mu sync.RWMutex
	// serving guards open, the number of listeners that are not closed.
	serving sync.Mutex
	open    int
}

// Open uses the registry in dir, and makes the directory when it isn't there.
func Open(dir string) (*Registry, error) {
	for _, sub := range []string{blobsDir, uploadsDir, repositoriesDir} {
		if err := os.MkdirAll(path.Join(dir, sub), 0o750); err != nil {
			return nil, fmt.Errorf("opening the image registry: %w", err)
		}
	}
	files, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the image registry: %w", err)
	}
	return &Registry{files: files}, nil
}

// Digests lists the images of a repository as "sha256:...", sorted. A repository that nothing
// was pushed to holds none.
func (r *Registry) Digests(repository string) ([]string, error) {
	if err := checkName(repository); err != nil {
		return nil, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	names, err := r.list(path.Join(repositoryPath(repository), "manifests"))
	if err != nil {
		return nil, fmt.Errorf("listing the images of repository %q: %w", repository, err)
	}
	digests := make([]string, len(names))
	for i, name := range names {
		digests[i] = algorithm + name
	}
	return digests, nil
}

// Remove drops all images of a repository, and the layers that no other repository uses.
// It is no error when there is nothing to drop.
func (r *Registry) Remove(repository string) error {
	if err := checkName(repository); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.files.RemoveAll(repositoryPath(repository)); err != nil {
		return fmt.Errorf("removing the images of repository %q: %w", repository, err)
	}
	if err := r.sweep(); err != nil {
		return fmt.Errorf("removing the layers of repository %q: %w", repository, err)
	}
	return nil
}

// sweep removes the blobs that no manifest names. A push that is under way loses its blobs
// with it; the registry then refuses its manifest, and pushing again helps.
func (r *Registry) sweep() error {
	repositories, err := r.list(repositoriesDir)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, repository := range repositories {
		dir := path.Join(repositoriesDir, repository, "manifests")
		manifests, err := r.list(dir)
		if err != nil {
			return err
		}
		for _, name := range manifests {
			content, err := r.files.ReadFile(path.Join(dir, name))
			if err != nil {
				return err
			}
			m, err := parseManifest(content)
			if err != nil {
				return fmt.Errorf("manifest %s of %s: %w", name, repository, err)
			}
			for _, digest := range m.blobs() {
				used[hexOf(digest)] = true
			}
		}
	}
	blobs, err := r.list(blobsDir)
	if err != nil {
		return err
	}
	for _, blob := range blobs {
		if used[blob] {
			continue
		}
		if err := r.files.Remove(path.Join(blobsDir, blob)); err != nil {
			return err
		}
	}
	return nil
}

// list names what is in a directory, sorted; nothing when the directory isn't there.
func (r *Registry) list(dir string) ([]string, error) {
	entries, err := fs.ReadDir(r.files.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	slices.Sort(names)
	return names, nil
}

// store writes a file as a whole or not at all.
func (r *Registry) store(name string, content []byte) error {
	if err := r.files.MkdirAll(path.Dir(name), 0o750); err != nil {
		return err
	}
	upload, err := r.newUpload()
	if err != nil {
		return err
	}
	if err := r.files.WriteFile(upload, content, 0o600); err != nil {
		return err
	}
	return r.files.Rename(upload, name)
}

func repositoryPath(repository string) string {
	return path.Join(repositoriesDir, url.PathEscape(repository))
}

// checkName keeps names away that would mean another directory than a repository's own.
func checkName(repository string) error {
	if !nameRule.MatchString(repository) {
		return fmt.Errorf("image registry: %q is no repository name", repository)
	}
	return nil
}
