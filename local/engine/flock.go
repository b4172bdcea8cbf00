package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// openLockFile opens or creates a file to lock; it is never removed, because a
// lock on a removed file excludes nobody.
func openLockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // a path of our own
	if err != nil {
		return nil, fmt.Errorf("opening the lock: %w", err)
	}
	return file, nil
}

// tryLock takes the lock, exclusively or shared, and reports whether it got it.
// The lock ends when every process that inherited the file has closed it or died.
func tryLock(file *os.File, exclusive bool) (bool, error) {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	err := retryInterrupted(func() error { return unix.Flock(int(file.Fd()), how|unix.LOCK_NB) })
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("locking %s: %w", file.Name(), err)
	}
	return true, nil
}

// waitLock takes the lock exclusively, however long others hold it.
func waitLock(ctx context.Context, file *os.File) error {
	for {
		got, err := tryLock(file, true)
		if got || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", file.Name(), ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

func retryInterrupted(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// alive says whether a process with that id exists.
func alive(pid int) bool {
	return pid > 0 && !errors.Is(unix.Kill(pid, 0), unix.ESRCH)
}
