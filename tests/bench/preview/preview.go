// Package preview compares a preview of the prod stack that changes nothing with the engine's own floor: the
// same engine, language host and providers, previewing a program of one resource.
//
// It prints both times and their ratio, and the peak memory of the local cloud's process with its ratio.
// It fails when the preview takes more than limit times the floor. Linux only: memory is read from /proc.
package preview

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// rounds is how often each preview is measured; the two take turns, so that a busy moment meets both.
	rounds = 7
	// limit is how many times the floor a preview of the whole program may take.
	limit = 3.0
)

// Run measures and prints. The working directory is that of the project.
func Run(context.Context) (err error) {
	dir, err := os.MkdirTemp("", "wordpress-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	local := filepath.Join(dir, "local")
	whole := &subject{name: "prod", local: local, stack: "prod", home: filepath.Join(dir, "prod"), project: "."}
	floor := &subject{name: "floor", local: local, stack: "dev", home: filepath.Join(dir, "floor"), project: "tests/bench/floor"}
	if err := command("go", "build", "-o", local, "./local").Run(); err != nil {
		return fmt.Errorf("build of the local cloud: %w", err)
	}
	for _, s := range []*subject{whole, floor} {
		if err := s.prepare(dir); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if err := inTurn(floor, whole); err != nil {
		return err
	}
	return report(whole, floor)
}

// inTurn measures subjects one after the other, again and again.
func inTurn(subjects ...*subject) error {
	for range rounds {
		for _, s := range subjects {
			if err := s.measure(); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return nil
}

// subject is a program that is deployed and then previewed without a change.
type subject struct {
	name, local, stack, home, project, program string
	// flags go with every command.
	flags []string
	times []time.Duration
	// peakKiB is the largest resident set that the local cloud's process had.
	peakKiB int
}

func (s *subject) prepare(dir string) error {
	s.program = filepath.Join(dir, s.name+"-program")
	if err := command("go", "build", "-o", s.program, "./"+s.project).Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	return s.command("up", "--yes", "--skip-preview").Run()
}

func (s *subject) command(args ...string) *exec.Cmd {
	args = append(args, "--home", s.home, "--cwd", s.project, "--program", s.program, "--stack", s.stack, "--non-interactive")
	return command(s.local, append(args, s.flags...)...)
}

func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...) //nolint:gosec // programs that this command has built
	cmd.Stderr = os.Stderr
	// No engine: what a preview costs must not depend on one.
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix:///nonexistent.sock")
	return cmd
}

func (s *subject) measure() error {
	cmd := s.command("preview", "--expect-no-changes")
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			s.times = append(s.times, time.Since(start))
			return err
		case <-tick.C:
			s.peakKiB = max(s.peakKiB, peakKiB(cmd.Process.Pid))
		}
	}
}

// peakKiB reads the high-water mark of a process's resident set, 0 when it has ended.
func peakKiB(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			n, err := strconv.Atoi(fields[1])
			if err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}

func (s *subject) median() time.Duration {
	slices.Sort(s.times)
	return s.times[len(s.times)/2]
}

func (s *subject) String() string {
	return fmt.Sprintf("%-9s preview %6.2f s (median of %d, %.2f to %.2f)  peak memory of the local cloud %4d MiB",
		s.name, s.median().Seconds(), rounds, s.times[0].Seconds(), s.times[rounds-1].Seconds(), s.peakKiB/1024)
}

func report(whole, floor *subject) error {
	ratio := float64(whole.median()) / float64(floor.median())
	for _, s := range []*subject{floor, whole} {
		fmt.Println(s)
	}
	fmt.Printf("ratio  time %.2f (limit %.1f), memory %.2f\n", ratio, limit, float64(whole.peakKiB)/float64(floor.peakKiB))
	if ratio > limit {
		return fmt.Errorf("the preview takes %.2f times the floor, more than %.1f", ratio, limit)
	}
	return nil
}
