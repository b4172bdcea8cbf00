// Package logs is CloudWatch Logs of one emulated account: log groups and their streams as files that any process
// may read while one writes.
//
// Below its directory it keeps, names escaped as in URLs,
//
//	<group>/<stream>.log   the events, one a line: time, a space, the text
//	<group>/<stream>.old   the events before those, when there were too many for one file
package logs

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// most is how big a file grows before a new one begins: a stream has at most two of them, in bytes.
	most = 10 << 20
	// longest is what CloudWatch takes as one event; the rest of a longer line is the next event, in bytes.
	longest = 256 << 10

	current  = ".log"
	previous = ".old"

	// stamp sorts as text and is as long for every time.
	stamp = "2006-01-02T15:04:05.000000000Z"
)

// Store is the log groups of an account. It is safe for use by several goroutines.
type Store struct {
	dir  string
	most int64

	mu   sync.Mutex
	open map[string]*Writer // by path
}

// Event is one line of a stream.
type Event struct {
	Group, Stream string
	At            time.Time
	Line          string
}

// Open uses the log groups in a directory, and makes the directory when it isn't there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the log groups: %w", err)
	}
	return &Store{dir: dir, most: most, open: map[string]*Writer{}}, nil
}

// Append adds an event to a stream. Whoever writes many uses a Writer.
func (s *Store) Append(group, stream string, at time.Time, line string) error {
	w, err := s.Writer(group, stream)
	if err != nil {
		return err
	}
	return errors.Join(w.Write(at, line), w.Close())
}

// Remove deletes a group with all its streams. One that is gone is no error. What is still being written to one
// of its streams is lost.
func (s *Store) Remove(group string) error {
	if err := os.RemoveAll(s.group(group)); err != nil {
		return fmt.Errorf("removing log group %s: %w", group, err)
	}
	return nil
}

// expire removes the files of a group to which nothing was added since a moment, unless they are open here.
func (s *Store) expire(group string, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, err := os.ReadDir(s.group(group))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("listing log streams of %s: %w", group, err)
	}
	for _, entry := range entries {
		path := filepath.Join(s.group(group), entry.Name())
		info, err := entry.Info()
		if err != nil || !info.ModTime().Before(before) || s.open[strings.TrimSuffix(path, current)] != nil {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing old events of log group %s: %w", group, err)
		}
	}
	return nil
}

// Groups names the groups that have files.
func (s *Store) Groups() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing log groups: %w", err)
	}
	var groups []string
	for _, entry := range entries {
		if group, err := url.PathUnescape(entry.Name()); err == nil && entry.IsDir() {
			groups = append(groups, group)
		}
	}
	return groups, nil
}

func (s *Store) group(group string) string { return filepath.Join(s.dir, escape(group)) }

// path is where a stream's files are, without their ending.
func (s *Store) path(group, stream string) string {
	return filepath.Join(s.group(group), escape(stream))
}

// escape makes a name of a file of any name, and different ones of different names.
func escape(name string) string {
	escaped := url.PathEscape(name)
	if strings.HasPrefix(escaped, ".") { // neither hidden nor a way up
		escaped = "%2E" + escaped[1:]
	}
	return escaped
}
