package registry

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
)

// A blob is pushed in three steps: POST opens an upload, PATCH appends to it (any number of
// times), PUT says the digest and ends it. Uploads are files, so that a layer never has to fit
// into memory.

func (r *Registry) startUpload(c *call) error {
	if mount := c.request.URL.Query().Get("mount"); digestRule.MatchString(mount) {
		// The client knows a repository that has the blob. All of them share their blobs here.
		if _, err := r.files.Stat(blobPath(mount)); err == nil {
			c.created(mount)
			return nil
		}
	}
	name, err := r.newUpload()
	if err != nil {
		return err
	}
	c.reference = path.Base(name)
	if c.request.URL.Query().Get("digest") != "" {
		return r.finishUpload(c) // the whole blob came with this request
	}
	c.uploadLocation(0)
	c.response.WriteHeader(http.StatusAccepted)
	return nil
}

func (r *Registry) appendUpload(c *call) error {
	size, err := r.receive(c)
	if err != nil {
		return err
	}
	c.uploadLocation(size)
	c.response.WriteHeader(http.StatusAccepted)
	return nil
}

func (r *Registry) finishUpload(c *call) error {
	if _, err := r.receive(c); err != nil {
		return err
	}
	want := c.request.URL.Query().Get("digest")
	if !digestRule.MatchString(want) {
		return &apiError{http.StatusBadRequest, "DIGEST_INVALID", fmt.Sprintf("%q is no SHA-256 digest", want)}
	}
	upload := path.Join(uploadsDir, c.reference)
	got, err := r.digestFile(upload)
	if err != nil {
		return fmt.Errorf("checking an upload: %w", err)
	}
	if got != want {
		return &apiError{http.StatusBadRequest, "DIGEST_INVALID",
			fmt.Sprintf("the content's digest is %s, not %s", got, want)}
	}
	if err := r.files.Rename(upload, blobPath(want)); err != nil {
		return fmt.Errorf("storing a layer: %w", err)
	}
	c.created(want)
	return nil
}

func (r *Registry) cancelUpload(c *call) error {
	err := r.files.Remove(path.Join(uploadsDir, c.reference))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cancelling an upload: %w", err)
	}
	c.response.WriteHeader(http.StatusNoContent)
	return nil
}

func (r *Registry) getBlob(c *call) error {
	file, err := r.files.Open(blobPath(c.reference))
	if errors.Is(err, fs.ErrNotExist) {
		return &apiError{http.StatusNotFound, "BLOB_UNKNOWN",
			fmt.Sprintf("%s is not in the '%s' repository", c.reference, c.repository)}
	}
	if err != nil {
		return fmt.Errorf("reading layer %s: %w", c.reference, err)
	}
	defer func() { _ = file.Close() }() // read only
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("reading layer %s: %w", c.reference, err)
	}
	c.response.Header().Set("Content-Type", "application/octet-stream")
	c.response.Header().Set("Docker-Content-Digest", c.reference)
	http.ServeContent(c.response, c.request, "", info.ModTime(), file)
	return nil
}

// newUpload makes an empty file with a name of its own and returns its path.
func (r *Registry) newUpload() (string, error) {
	number := make([]byte, 16)
	_, _ = rand.Read(number) // never fails
	name := path.Join(uploadsDir, hex.EncodeToString(number))
	if err := r.files.WriteFile(name, nil, 0o600); err != nil {
		return "", fmt.Errorf("starting an upload: %w", err)
	}
	return name, nil
}

// receive appends the request's body to its upload and returns the upload's size in bytes.
func (r *Registry) receive(c *call) (int64, error) {
	file, err := r.files.OpenFile(path.Join(uploadsDir, c.reference), os.O_WRONLY|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, &apiError{http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "there is no such upload; start again"}
	}
	if err != nil {
		return 0, fmt.Errorf("receiving a layer: %w", err)
	}
	_, err = io.Copy(file, c.request.Body)
	size, seekErr := file.Seek(0, io.SeekEnd)
	if err := errors.Join(err, seekErr, file.Close()); err != nil {
		return 0, fmt.Errorf("receiving a layer: %w", err)
	}
	return size, nil
}

func (r *Registry) digestFile(name string) (string, error) {
	file, err := r.files.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // read only
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return algorithm + hex.EncodeToString(sum.Sum(nil)), nil
}

// created tells the client that the blob is there.
func (c *call) created(digest string) {
	c.response.Header().Set("Docker-Content-Digest", digest)
	c.response.Header().Set("Location", "/v2/"+c.repository+"/blobs/"+digest)
	c.response.WriteHeader(http.StatusCreated)
}

// uploadLocation tells the client where to go on and how much is there.
func (c *call) uploadLocation(size int64) {
	c.response.Header().Set("Location", "/v2/"+c.repository+"/blobs/uploads/"+c.reference)
	c.response.Header().Set("Range", fmt.Sprintf("0-%d", max(size-1, 0)))
	c.response.Header().Set("Docker-Upload-Uuid", c.reference)
}

func blobPath(digest string) string {
	return path.Join(blobsDir, hexOf(digest))
}
