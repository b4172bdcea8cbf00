package daemon

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	// logSize is how long the log may get, in bytes; half of it stays when it does.
	logSize = 1 << 20
	// shownLines is how much of the log goes into an error.
	shownLines = 12
)

// log is daemon.log. What the process writes to standard error, such as the trace of a panic, is there, too.
type log struct {
	mu   sync.Mutex
	file *os.File
}

// openLog opens the log of a home to add to it.
func openLog(home string) (*os.File, error) {
	file, err := os.OpenFile(LogFile(home), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the local cloud's log: %w", err)
	}
	return file, nil
}

// say adds a line with the time.
func (l *log) say(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A full disk is no reason to stop what the lines are about.
	_, _ = fmt.Fprintf(l.file, "%s %s\n", time.Now().Format("2006-01-02 15:04:05"), strings.TrimRight(line, "\n"))
	if stat, err := l.file.Stat(); err == nil && stat.Size() > logSize {
		l.shorten(stat.Size())
	}
}

// shorten keeps the newer half, from the beginning of a line on. All who write have the file open to add to it,
// so none leaves a hole.
func (l *log) shorten(size int64) {
	kept := make([]byte, logSize/2)
	if _, err := l.file.ReadAt(kept, size-int64(len(kept))); err != nil {
		return
	}
	if _, rest, found := bytes.Cut(kept, []byte("\n")); found {
		kept = rest
	}
	if l.file.Truncate(0) == nil {
		_, _ = l.file.Write(kept)
	}
}

// lastLines are the newest lines of the log behind an offset.
func lastLines(home string, from int64) string {
	text, err := os.ReadFile(LogFile(home))
	if err != nil {
		return ""
	}
	if from <= int64(len(text)) {
		text = text[from:]
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-shownLines):], "\n")
}
