package memory

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// peak is the most that a process and those that it has started, as far as they run, have had in memory, in bytes.
// Their peaks are added up, though they may not have been at the same time: it is never less than the truth.
func peak(pid int) (int, error) {
	root, err := read(pid)
	if err != nil {
		return 0, fmt.Errorf("the background process: %w", err)
	}
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	processes := map[int]process{}
	for _, dir := range all {
		id, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if p, err := read(id); err == nil { // else it has just ended
			processes[id] = p
		}
	}
	sum := root.peak
	for id := range processes {
		if below(processes, id, pid) {
			sum += processes[id].peak
		}
	}
	return sum, nil
}

// below tells whether a process descends from another.
func below(processes map[int]process, id, ancestor int) bool {
	for id > 1 {
		id = processes[id].parent
		if id == ancestor {
			return true
		}
	}
	return false
}

// process is what /proc says of one. The peak is in bytes.
type process struct{ parent, peak int }

func read(pid int) (process, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return process{}, err
	}
	var p process
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		case "PPid:":
			p.parent, err = strconv.Atoi(fields[1])
		case "VmHWM:":
			p.peak, err = strconv.Atoi(fields[1])
			p.peak *= 1024
		}
		if err != nil {
			return process{}, fmt.Errorf("status of process %d: %w", pid, err)
		}
	}
	return p, nil
}
