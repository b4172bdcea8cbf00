package logs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Stream is a stream of a group.
type Stream struct {
	Group, Name string
	// First and Last are the times of the events that are kept; zero when there are none.
	First, Last time.Time
	// Size is in bytes.
	Size int64
}

// Streams lists all streams, by group and name.
func (s *Store) Streams() ([]Stream, error) {
	var list []Stream
	err := s.each(func(group, stream string) error {
		found := Stream{Group: group, Name: stream}
		path := s.path(group, stream)
		for _, suffix := range []string{current, previous} {
			info, err := os.Stat(path + suffix)
			if err == nil {
				found.Size += info.Size()
			}
		}
		var err error
		if found.First, err = firstEvent(path); err != nil {
			return err
		}
		if found.Last, err = lastEvent(path); err != nil {
			return err
		}
		list = append(list, found)
		return nil
	})
	return list, err
}

// Read returns the last events of a stream, at most tail; all for 0. A stream that isn't there has none.
func (s *Store) Read(group, stream string, tail int) ([]Event, error) {
	var events []Event
	files, err := openStream(s.path(group, stream))
	defer closeAll(files)
	if err != nil {
		return nil, fmt.Errorf("reading log stream %s of %s: %w", stream, group, err)
	}
	for _, file := range files {
		lines := bufio.NewReader(file)
		for {
			text, err := lines.ReadString('\n')
			if err != nil { // a line without an end is being written
				break
			}
			event, ok := parse(group, stream, text)
			if !ok {
				continue
			}
			events = append(events, event)
			if tail > 0 && len(events) > 2*tail {
				events = append(events[:0], events[len(events)-tail:]...)
			}
		}
	}
	if tail > 0 && len(events) > tail {
		events = events[len(events)-tail:]
	}
	return events, nil
}

// each calls f for every stream.
func (s *Store) each(f func(group, stream string) error) error {
	groups, err := s.Groups()
	if err != nil {
		return err
	}
	for _, group := range groups {
		entries, err := os.ReadDir(s.group(group))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("listing log streams of %s: %w", group, err)
		}
		for _, entry := range entries {
			name, found := strings.CutSuffix(entry.Name(), current)
			stream, err := url.PathUnescape(name)
			if !found || err != nil {
				continue
			}
			if err := f(group, stream); err != nil {
				return fmt.Errorf("log stream %s of %s: %w", stream, group, err)
			}
		}
	}
	return nil
}

// openStream opens the files of a stream, the older first, as they are at one moment.
func openStream(path string) ([]*os.File, error) {
	for {
		now, err := os.Open(path + current) //nolint:gosec // the path of a stream
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		old, err := os.Open(path + previous) //nolint:gosec // the path of a stream
		if errors.Is(err, fs.ErrNotExist) {
			return []*os.File{now}, nil
		}
		if err != nil {
			return nil, errors.Join(err, now.Close())
		}
		if !same(now, old) {
			return []*os.File{old, now}, nil
		}
		closeAll([]*os.File{now, old}) // a new file has just begun
	}
}

func same(a, b *os.File) bool {
	x, errA := a.Stat()
	y, errB := b.Stat()
	return errA == nil && errB == nil && os.SameFile(x, y)
}

func closeAll(files []*os.File) {
	for _, file := range files {
		_ = file.Close() // only read from
	}
}

func parse(group, stream, text string) (Event, bool) {
	text = strings.TrimSuffix(text, "\n")
	if len(text) <= len(stamp) {
		return Event{}, false
	}
	at, err := time.Parse(stamp, text[:len(stamp)])
	return Event{Group: group, Stream: stream, At: at, Line: text[len(stamp)+1:]}, err == nil
}

// firstEvent is the time of the oldest event of the stream at a path.
func firstEvent(path string) (time.Time, error) {
	files, err := openStream(path)
	defer closeAll(files)
	if err != nil || len(files) == 0 {
		return time.Time{}, err
	}
	head := make([]byte, len(stamp))
	if _, err := io.ReadFull(files[0], head); err != nil {
		return time.Time{}, nil //nolint:nilerr // it is empty
	}
	at, _ := time.Parse(stamp, string(head))
	return at, nil
}

// lastEvent is the time of the newest event of the stream at a path.
func lastEvent(path string) (time.Time, error) {
	files, err := openStream(path)
	defer closeAll(files)
	if err != nil {
		return time.Time{}, err
	}
	for i := len(files) - 1; i >= 0; i-- {
		info, err := files[i].Stat()
		if err != nil {
			return time.Time{}, err
		}
		// Two of the longest events hold at least the beginning of one.
		tail := make([]byte, min(info.Size(), 2*(longest+int64(len(stamp))+2)))
		if _, err := files[i].ReadAt(tail, info.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
			return time.Time{}, fmt.Errorf("reading %s: %w", filepath.Base(path), err)
		}
		lines := strings.Split(string(tail), "\n")
		for j := len(lines) - 2; j >= 0; j-- { // what follows the last end of a line is not complete
			if event, ok := parse("", "", lines[j]); ok {
				return event.At, nil
			}
		}
	}
	return time.Time{}, nil
}
