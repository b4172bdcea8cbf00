package daemon

import (
	"context"
	"fmt"
	"time"
)

const (
	// look is how often the process asks itself whether it is still needed.
	look = 250 * time.Millisecond
	// restarts is how often what runs is started again after it failed; longer than steady without a failure
	// makes it count from the beginning.
	restarts = 5
	steady   = time.Minute
	// restartPause is the wait before the first of them; each further one takes twice as long.
	restartPause = 500 * time.Millisecond
	// rarely is how often the engine is asked whether it still has anything of the account, at most.
	rarely = 5 * time.Second
)

// attend looks after the process until it has to end, and returns the reason.
func (s *server) attend(ctx context.Context) string {
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	var again <-chan time.Time
	failures, failed := 0, time.Time{}
	idle := &idle{}
	for {
		select {
		case <-ctx.Done():
			return "it was told to"
		case reason := <-s.ends:
			return reason
		case err := <-s.cloud.Runtime.Failed():
			if time.Since(failed) > steady {
				failures = 0
			}
			failed = time.Now()
			failures++
			s.log.say(fmt.Sprintf("what runs failed: %v", err))
			if failures > restarts {
				return fmt.Sprintf("what runs failed %d times: %v", failures, err)
			}
			s.cloud.Runtime.Stop()
			again = time.After(restartPause << (failures - 1))
		case <-again:
			again = nil
			s.startFailed(ctx)
		case <-ticks.C:
			if s.info.removed(s.home) {
				s.abandon()
				return s.home + " was removed"
			}
			if s.over(ctx, idle) {
				return "nothing runs and no command is connected"
			}
		}
	}
}

// startFailed starts again what failed, unless it was stopped meanwhile.
func (s *server) startFailed(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started {
		s.cloud.Runtime.Start(ctx)
	}
}

// idle is what is known about the time without commands.
type idle struct {
	since time.Time // the last command went
	next  time.Time // when to ask the engine again
	pause time.Duration
}

// over decides whether nobody needs the process any more. From then on commands are turned away.
func (s *server) over(ctx context.Context, i *idle) bool {
	s.mu.Lock()
	used, since := s.connected+s.busy > 0, s.lastSeen
	s.mu.Unlock()
	if used || time.Since(since) < grace {
		return false
	}
	if i.since != since {
		*i = idle{since: since, pause: look}
	}
	if time.Now().Before(i.next) {
		return false
	}
	i.pause = min(2*i.pause, rarely)
	i.next = time.Now().Add(i.pause)
	if s.isStarted() {
		busy, err := s.cloud.Runtime.Busy(ctx)
		if err != nil {
			s.log.say(fmt.Sprintf("asking what runs: %v", err))
		}
		if busy || err != nil {
			return false // an engine that fails shows as a failure of what runs
		}
	}
	return s.close(func() bool { return s.connected+s.busy == 0 })
}

// close turns away all further commands if a condition holds.
func (s *server) close(condition func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !condition() {
		return false
	}
	s.ending = true
	return true
}

// abandon stops the containers of a home that is gone: nothing would look after them. Their data stays.
func (s *server) abandon() {
	s.close(func() bool { return true })
	if !s.isStarted() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), suspendPatience)
	defer cancel()
	if err := s.cloud.Runtime.Suspend(ctx, s.log.say); err != nil {
		s.log.say(fmt.Sprintf("stopping what runs: %v", err))
	}
}

// say takes what happens while nobody waits for it. A connected command shows what it may be waiting for.
func (s *server) say(line string) {
	s.log.say(line)
	if !concernsAll(line) {
		return
	}
	s.linesMu.Lock()
	defer s.linesMu.Unlock()
	for l := range s.sessions {
		select {
		case l.lines <- line:
		default: // a command that does not read misses a line
		}
	}
}
