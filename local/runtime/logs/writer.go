package logs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Writer adds events to a stream. It is safe for use by several goroutines.
type Writer struct {
	store *Store
	path  string
	users int // guarded by the store's mu

	mu   sync.Mutex
	file *os.File
	size int64
	last time.Time
}

// Writer opens a stream, and makes it and its group when they aren't there. Close it.
func (s *Store) Writer(group, stream string) (*Writer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := s.path(group, stream)
	if w, ok := s.open[path]; ok && w.there() {
		w.users++
		return w, nil
	}
	w := &Writer{store: s, path: path, users: 1}
	if err := w.begin(); err != nil {
		return nil, fmt.Errorf("opening log stream %s of %s: %w", stream, group, err)
	}
	s.open[path] = w
	return w, nil
}

func (w *Writer) begin() error {
	if err := os.MkdirAll(filepath.Dir(w.path), 0o700); err != nil {
		return err
	}
	last, err := lastEvent(w.path)
	if err != nil {
		return err
	}
	w.last = last
	return w.reopen()
}

func (w *Writer) reopen() error {
	file, err := os.OpenFile(w.path+current, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	w.file, w.size = file, info.Size()
	return w.mend()
}

// mend ends a line that a crash has cut off, so that the next event is not part of it.
func (w *Writer) mend() error {
	end := []byte{'\n'}
	if w.size > 0 {
		file, err := os.Open(w.path + current)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // only read from
		if _, err := file.ReadAt(end, w.size-1); err != nil {
			return err
		}
	}
	if end[0] == '\n' {
		return nil
	}
	_, err := w.file.WriteString("\n")
	return err
}

// there tells whether the group was not removed since.
func (w *Writer) there() bool {
	_, err := os.Stat(w.path + current)
	return err == nil
}

// Last is the time of the last event; zero when there is none.
func (w *Writer) Last() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// Write adds an event, or several when the text has several lines or is too long for one.
func (w *Writer) Write(at time.Time, text string) error {
	var events strings.Builder
	prefix := at.UTC().Format(stamp) + " "
	for line := range strings.SplitSeq(text, "\n") {
		for len(line) > longest {
			events.WriteString(prefix + line[:longest] + "\n")
			line = line[longest:]
		}
		events.WriteString(prefix + line + "\n")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.file.WriteString(events.String())
	if err != nil {
		return fmt.Errorf("writing to log stream %s: %w", filepath.Base(w.path), err)
	}
	w.size += int64(n)
	if at.After(w.last) {
		w.last = at
	}
	if w.size >= w.store.most {
		return w.rotate()
	}
	return nil
}

// rotate begins a new file. When the group was removed there is no more to keep.
func (w *Writer) rotate() error {
	err := os.Rename(w.path+current, w.path+previous)
	if errors.Is(err, fs.ErrNotExist) {
		w.size = 0
		return nil
	}
	full := w.file
	if err == nil {
		err = w.reopen()
	}
	if err != nil {
		return fmt.Errorf("beginning a new file of log stream %s: %w", filepath.Base(w.path), err)
	}
	return full.Close()
}

// Close ends the use of a writer.
func (w *Writer) Close() error {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	w.users--
	if w.users > 0 {
		return nil
	}
	if w.store.open[w.path] == w {
		delete(w.store.open, w.path)
	}
	return w.file.Close()
}
