package logs

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// look is how often a follower looks for events.
const look = 200 * time.Millisecond

// Follow calls f for every event from a time on, those that are there already first, until the context ends,
// which is no error, or f fails. Filter picks the streams, also those that begin later; nil takes all. What is
// found at one look is in the order of time.
func (s *Store) Follow(ctx context.Context, filter func(group, stream string) bool, from time.Time, f func(Event) error) error {
	followed := map[string]*follower{}
	defer func() {
		for _, stream := range followed {
			stream.close()
		}
	}()
	for {
		var events []Event
		err := s.each(func(group, stream string) error {
			if filter != nil && !filter(group, stream) {
				return nil
			}
			path := s.path(group, stream)
			if followed[path] == nil {
				followed[path] = &follower{group: group, stream: stream, path: path}
			}
			more, err := followed[path].more(from)
			events = append(events, more...)
			return err
		})
		if err != nil {
			return err
		}
		slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
		for _, event := range events {
			if err := f(event); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(look):
		}
	}
}

// follower is how far a stream was read.
type follower struct {
	group, stream, path string
	file                *os.File
	offset              int64
}

// more reads what was added.
func (f *follower) more(from time.Time) ([]Event, error) {
	if f.file == nil {
		files, err := openStream(f.path)
		if err != nil || len(files) == 0 {
			return nil, err
		}
		var events []Event
		for _, file := range files { // the last one stays open
			f.close()
			f.file, f.offset = file, 0
			events = append(events, f.rest(from)...)
		}
		return events, nil
	}
	// What is written after this look but before a new file begins is still read from the old one.
	now, err := os.Stat(f.path + current)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	events := f.rest(from)
	info, statErr := f.file.Stat()
	if err == nil && statErr == nil && os.SameFile(now, info) {
		return events, nil
	}
	// Another file has begun; this one is complete. Or the group is gone.
	f.close()
	if f.file, err = os.Open(f.path + current); err != nil {
		f.file = nil
		return events, nil //nolint:nilerr // the next look finds it, if it is there
	}
	return append(events, f.rest(from)...), nil
}

// rest reads the complete lines behind the offset.
func (f *follower) rest(from time.Time) []Event {
	if _, err := f.file.Seek(f.offset, io.SeekStart); err != nil {
		return nil
	}
	var events []Event
	lines := bufio.NewReader(f.file)
	for {
		text, err := lines.ReadString('\n')
		if err != nil {
			return events
		}
		f.offset += int64(len(text))
		if event, ok := parse(f.group, f.stream, text); ok && !event.At.Before(from) {
			events = append(events, event)
		}
	}
}

func (f *follower) close() {
	if f.file != nil {
		_ = f.file.Close() // only read from
		f.file, f.offset = nil, 0
	}
}
