// Package flock locks files between processes. A lock ends when every process that has the file open has closed
// it or died.
package flock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// poll is how often a lock that is about to become free is tried again.
const poll = 50 * time.Millisecond

// Open opens or creates a file to lock; it is never removed, because a lock on a removed file excludes nobody.
func Open(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // a path of our own
	if err != nil {
		return nil, fmt.Errorf("opening the lock: %w", err)
	}
	return file, nil
}

// Try takes the lock and reports whether it got it.
func Try(file *os.File) (bool, error) {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, unix.EINTR):
			return false, fmt.Errorf("locking %s: %w", file.Name(), err)
		}
	}
}

// Wait takes the lock, however long others hold it.
func Wait(ctx context.Context, file *os.File) error {
	for {
		got, err := Try(file)
		if got || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", file.Name(), ctx.Err())
		case <-time.After(poll):
		}
	}
}

// Alive says whether a process with that id exists.
func Alive(pid int) bool {
	return pid > 0 && !errors.Is(unix.Kill(pid, 0), unix.ESRCH)
}
