// Package objects is an object store on disk that stands for Amazon S3's: it keeps the bytes of objects and what was
// said about them. It knows neither who may do what nor which buckets the account has.
//
// Below its directory it keeps
//
//	buckets/<name>/<hh>/<hash>    an object: its bytes, then what is known of it; the hash is the key's SHA-256
//	incoming/<number>             what is being written or removed right now
//
// An object is one file that is renamed into its place, so that it is there as a whole or not at all, and a key never
// becomes a path. There are no versions: what is overwritten or deleted is gone.
package objects

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"

	"wordpress-ecs/local/account"
)

const (
	bucketsDir  = "buckets"
	incomingDir = "incoming"
)

// ErrNotFound says that there is no object of a key.
var ErrNotFound = errors.New("there is no such object")

// Store holds the objects of an account. Its methods may be called at the same time.
type Store struct {
	files *os.Root
	// mu is held for writing while an object takes its place or leaves it, so that a condition on what was there holds.
	mu sync.RWMutex
}

// Open uses the store in dir, and makes the directory when it isn't there. What a process that died has begun to write
// is removed: one process at a time may use a store.
func Open(dir string) (*Store, error) {
	if err := os.RemoveAll(path.Join(dir, incomingDir)); err != nil {
		return nil, fmt.Errorf("opening the object store: %w", err)
	}
	for _, sub := range []string{bucketsDir, incomingDir} {
		if err := os.MkdirAll(path.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("opening the object store: %w", err)
		}
	}
	files, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the object store: %w", err)
	}
	return &Store{files: files}, nil
}

// Close ends the use of the store.
func (s *Store) Close() error { return s.files.Close() }

// Buckets lists the buckets that something was put into, sorted.
func (s *Store) Buckets() ([]string, error) {
	names, err := s.names(bucketsDir)
	if err != nil {
		return nil, fmt.Errorf("listing buckets: %w", err)
	}
	return names, nil
}

// Holds tells whether a bucket has an object.
func (s *Store) Holds(bucket string) (bool, error) {
	held := false
	err := s.each(bucket, func(string) error {
		held = true
		return fs.SkipAll
	})
	if err != nil {
		return false, fmt.Errorf("bucket %s: %w", bucket, err)
	}
	return held, nil
}

// Remove drops all objects of a bucket. It is no error when there are none.
func (s *Store) Remove(bucket string) error {
	dir, err := dirOf(bucket)
	if err != nil {
		return err
	}
	away := temporary()
	s.mu.Lock()
	err = s.files.Rename(dir, away)
	s.mu.Unlock()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.files.RemoveAll(away)
	}
	if err != nil {
		return fmt.Errorf("emptying bucket %s: %w", bucket, err)
	}
	return nil
}

// Delete removes an object; one that is gone already is no error.
func (s *Store) Delete(bucket, key string) error {
	name, err := fileOf(bucket, key)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.files.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting from bucket %s: %w", bucket, err)
	}
	return nil
}

// each calls f with the file of every object of a bucket.
func (s *Store) each(bucket string, f func(name string) error) error {
	dir, err := dirOf(bucket)
	if err != nil {
		return err
	}
	shards, err := s.names(dir)
	if err != nil {
		return err
	}
	for _, shard := range shards {
		names, err := s.names(path.Join(dir, shard))
		if err != nil {
			return err
		}
		for _, name := range names {
			err := f(path.Join(dir, shard, name))
			if errors.Is(err, fs.SkipAll) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// names lists a directory; nothing when it isn't there.
func (s *Store) names(dir string) ([]string, error) {
	entries, err := fs.ReadDir(s.files.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}

// bucketRule is what S3 allows in names, as far as the directory depends on it.
var bucketRule = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

func dirOf(bucket string) (string, error) {
	if !bucketRule.MatchString(bucket) || strings.Contains(bucket, "..") {
		return "", fmt.Errorf("object store: %q is no name of a bucket", bucket)
	}
	return path.Join(bucketsDir, bucket), nil
}

func fileOf(bucket, key string) (string, error) {
	dir, err := dirOf(bucket)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(key))
	name := hex.EncodeToString(sum[:])
	return path.Join(dir, name[:2], name), nil
}

// temporary is a name in incoming that nothing has.
func temporary() string {
	const digits = 32
	return path.Join(incomingDir, account.NewHex(digits))
}
