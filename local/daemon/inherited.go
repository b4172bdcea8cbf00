package daemon

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeInherited closes what the command's own parent left open in it, such as the pipe of a shell, whose reader
// would wait for as long as the process lives. Whatever Go itself has opened is marked to be closed on exec;
// what came through exec is not.
func closeInherited() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return // nothing can be said about it
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd <= unix.Stderr {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd) // it is ours alone now
		}
	}
}
