package builder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// lockPoll is how often a build asks whether the one before it is done.
const lockPoll = 200 * time.Millisecond

// lock waits until no other build of this user runs on this machine, in this process or another:
// two would compete for it, do the same work twice, and both make the base image that is missing.
// The lock ends with its process.
func lock(ctx context.Context, report Reporter) (unlock func(), err error) {
	// Never removed: a lock on a removed file excludes nobody.
	name := filepath.Join(os.TempDir(), fmt.Sprintf("pulumi-local-build-%d.lock", os.Getuid()))
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // G304: a path of our own
	if err != nil {
		return nil, fmt.Errorf("locking builds: %w", err)
	}
	unlock = func() { _ = file.Close() } // which ends the lock; nothing was written
	for told := false; ; told = true {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return unlock, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			unlock()
			return nil, fmt.Errorf("locking builds with %s: %w", name, err)
		}
		if !told {
			report.Status("waiting for another build on this machine")
		}
		select {
		case <-ctx.Done():
			unlock()
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}
