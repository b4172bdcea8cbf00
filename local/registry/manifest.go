package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// algorithm begins every digest; the distribution API knows others, Docker and ECR use this one.
const algorithm = "sha256:"

// maxManifest is ECR's limit for a manifest, in bytes.
const maxManifest = 4 << 20

const (
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	ociIndex    = "application/vnd.oci.image.index.v1+json"
)

// manifest is what the registry has to know of an image manifest or an image index.
type manifest struct {
	MediaType string       `json:"mediaType"`
	Config    *descriptor  `json:"config"`
	Layers    []descriptor `json:"layers"`
	Manifests []descriptor `json:"manifests"`
}

type descriptor struct {
	Digest string   `json:"digest"`
	URLs   []string `json:"urls"`
}

// parseManifest reads a manifest and fills in the media type, which OCI lets out.
func parseManifest(content []byte) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return m, fmt.Errorf("reading the manifest: %w", err)
	}
	if m.MediaType == "" {
		m.MediaType = ociManifest
		if len(m.Manifests) > 0 {
			m.MediaType = ociIndex
		}
	}
	return m, nil
}

// blobs lists the digests of the configuration and the layers. Layers that come from elsewhere
// (those with URLs) are never pushed.
func (m manifest) blobs() []string {
	var digests []string
	if m.Config != nil {
		digests = append(digests, m.Config.Digest)
	}
	for _, layer := range m.Layers {
		if len(layer.URLs) == 0 {
			digests = append(digests, layer.Digest)
		}
	}
	return digests
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return algorithm + hex.EncodeToString(sum[:])
}

func hexOf(digest string) string {
	return strings.TrimPrefix(digest, algorithm)
}

func (r *Registry) getManifest(c *call) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	digest, err := r.resolve(c.repository, c.reference)
	if err != nil {
		return err
	}
	if digest == "" {
		return unknownManifest(c)
	}
	content, err := r.files.ReadFile(manifestPath(c.repository, digest))
	if errors.Is(err, fs.ErrNotExist) {
		return unknownManifest(c)
	}
	if err != nil {
		return fmt.Errorf("reading manifest %s: %w", digest, err)
	}
	m, err := parseManifest(content)
	if err != nil {
		return err
	}
	c.response.Header().Set("Content-Type", m.MediaType)
	c.response.Header().Set("Docker-Content-Digest", digest)
	c.response.Header().Set("Content-Length", strconv.Itoa(len(content)))
	c.response.WriteHeader(http.StatusOK)
	if c.request.Method == http.MethodGet {
		_, _ = c.response.Write(content) // a client that went away misses nothing
	}
	return nil
}

// resolve gives the digest that a reference means, and "" for a tag that is not there.
func (r *Registry) resolve(repository, reference string) (string, error) {
	if digestRule.MatchString(reference) {
		return reference, nil
	}
	digest, err := r.files.ReadFile(tagPath(repository, reference))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading tag %s: %w", reference, err)
	}
	return string(digest), nil
}

func (r *Registry) putManifest(c *call) error {
	content, err := io.ReadAll(io.LimitReader(c.request.Body, maxManifest+1))
	if err != nil {
		return fmt.Errorf("receiving a manifest: %w", err)
	}
	if len(content) > maxManifest {
		return &apiError{http.StatusBadRequest, "MANIFEST_INVALID",
			fmt.Sprintf("the manifest is larger than %d bytes", maxManifest)}
	}
	m, err := parseManifest(content)
	if err != nil {
		return &apiError{http.StatusBadRequest, "MANIFEST_INVALID", err.Error()}
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	digest := digestOf(content)
	if err := r.accept(c, m, digest); err != nil {
		return err
	}
	if err := r.store(manifestPath(c.repository, digest), content); err != nil {
		return fmt.Errorf("storing manifest %s: %w", digest, err)
	}
	if c.reference != digest {
		if err := r.store(tagPath(c.repository, c.reference), []byte(digest)); err != nil {
			return fmt.Errorf("storing tag %s: %w", c.reference, err)
		}
	}
	c.response.Header().Set("Docker-Content-Digest", digest)
	c.response.Header().Set("Location", "/v2/"+c.repository+"/manifests/"+digest)
	c.response.WriteHeader(http.StatusCreated)
	return nil
}

// accept says whether the repository can take a manifest: everything it names is there, and
// its tag, if taken, names the same image.
func (r *Registry) accept(c *call, m manifest, digest string) error {
	var needed []string
	for _, blob := range m.blobs() {
		if !digestRule.MatchString(blob) {
			return &apiError{http.StatusBadRequest, "MANIFEST_INVALID", fmt.Sprintf("%q is no SHA-256 digest", blob)}
		}
		needed = append(needed, blobPath(blob))
	}
	for _, child := range m.Manifests {
		if !digestRule.MatchString(child.Digest) {
			return &apiError{http.StatusBadRequest, "MANIFEST_INVALID", fmt.Sprintf("%q is no SHA-256 digest", child.Digest)}
		}
		needed = append(needed, manifestPath(c.repository, child.Digest))
	}
	for _, name := range needed {
		if _, err := r.files.Stat(name); err != nil {
			return &apiError{http.StatusBadRequest, "MANIFEST_BLOB_UNKNOWN",
				fmt.Sprintf("%s%s was not pushed to the '%s' repository", algorithm, path.Base(name), c.repository)}
		}
	}
	if digestRule.MatchString(c.reference) {
		if c.reference != digest {
			return &apiError{http.StatusBadRequest, "DIGEST_INVALID",
				fmt.Sprintf("the manifest's digest is %s, not %s", digest, c.reference)}
		}
		return nil
	}
	present, err := r.resolve(c.repository, c.reference)
	if err != nil {
		return err
	}
	if present != "" && present != digest {
		return &apiError{http.StatusBadRequest, "TAG_INVALID", fmt.Sprintf(
			"The image tag '%s' already exists in the '%s' repository and cannot be overwritten "+
				"because the tag is immutable.", c.reference, c.repository)}
	}
	return nil
}

func (r *Registry) listTags(c *call) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	tags, err := r.list(path.Join(repositoryPath(c.repository), "tags"))
	if err != nil {
		return fmt.Errorf("listing tags: %w", err)
	}
	if tags == nil {
		tags = []string{}
	}
	writeJSON(c.response, http.StatusOK, struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}{c.repository, tags})
	return nil
}

func unknownManifest(c *call) error {
	return &apiError{http.StatusNotFound, "MANIFEST_UNKNOWN",
		fmt.Sprintf("Requested image not found: '%s' in the '%s' repository", c.reference, c.repository)}
}

func manifestPath(repository, digest string) string {
	return path.Join(repositoryPath(repository), "manifests", hexOf(digest))
}

func tagPath(repository, tag string) string {
	return path.Join(repositoryPath(repository), "tags", tag)
}
