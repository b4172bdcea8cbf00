package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"wordpress-ecs/local/flock"
)

// Holder is the command that has a home for itself.
type Holder struct {
	Command string    `json:"command"`
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
}

// HeldError says that another command works on the same home.
type HeldError struct {
	Home   string
	Holder Holder
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is in use by `%s` (pid %d, since %s): wait until it ends, or use another --home",
		e.Home, e.Holder.Command, e.Holder.PID, e.Holder.Since.Local().Format("15:04:05"))
}

const (
	// lockPoll is how often a lock that is about to become free is tried again.
	lockPoll = 100 * time.Millisecond
	// lockPatience is how long to wait for the rest of a command that was killed.
	lockPatience = 60 * time.Second
)

// Lock is a home that no other command changes meanwhile.
type Lock struct {
	file   *os.File
	holder Holder
}

// lockHome takes the home for a command that changes things. When the holder is gone and
// the Pulumi process that it had started still ends, it waits for that.
func (e *Engine) lockHome(ctx context.Context, command string) (*Lock, error) {
	file, err := flock.Open(e.lockFile())
	if err != nil {
		return nil, err
	}
	if err := e.acquire(ctx, file); err != nil {
		_ = file.Close()
		return nil, err
	}
	lock := &Lock{
		file:   file,
		holder: Holder{Command: command, PID: os.Getpid(), Since: time.Now().Round(time.Second)},
	}
	if err := lock.record(); err != nil {
		_ = file.Close()
		return nil, err
	}
	return lock, nil
}

func (e *Engine) acquire(ctx context.Context, file *os.File) error {
	told := false
	for deadline := time.Now().Add(lockPatience); ; {
		got, err := flock.Try(file)
		if got || err != nil {
			return err
		}
		holder := readHolder(e.lockFile())
		if flock.Alive(holder.PID) || time.Now().After(deadline) {
			return &HeldError{Home: e.Home, Holder: holder}
		}
		if holder.PID != 0 && !told {
			e.say("waiting for the Pulumi process of `%s`, which was killed (pid %d)", holder.Command, holder.PID)
			told = true
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the lock: %w", ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

// CurrentHolder is the command that has the home for itself, if there is one.
func (e *Engine) CurrentHolder() (Holder, bool) {
	holder := readHolder(e.lockFile())
	return holder, flock.Alive(holder.PID)
}

// readHolder returns the zero Holder when nobody is recorded.
func readHolder(path string) Holder {
	var holder Holder
	text, err := os.ReadFile(path) //nolint:gosec // a path of our own
	if err != nil || json.Unmarshal(text, &holder) != nil {
		return Holder{}
	}
	return holder
}

func (l *Lock) record() error {
	text, err := json.Marshal(l.holder)
	if err != nil {
		return fmt.Errorf("recording who holds the lock: %w", err)
	}
	if err := errors.Join(l.file.Truncate(0), rewind(l.file)); err != nil {
		return fmt.Errorf("recording who holds the lock: %w", err)
	}
	if _, err := l.file.Write(text); err != nil {
		return fmt.Errorf("recording who holds the lock: %w", err)
	}
	return nil
}

// Release lets the next command go. It only closes the file: an explicit unlock would
// also take the lock from a Pulumi process that has inherited it and still runs.
func (l *Lock) Release() {
	_ = l.file.Truncate(0) // the name of a past holder does no harm
	_ = l.file.Close()
}

func rewind(file *os.File) error {
	_, err := file.Seek(0, io.SeekStart)
	return err
}
