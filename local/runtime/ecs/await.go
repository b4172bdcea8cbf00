package ecs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/alb"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/task"
)

const (
	// silence is how long a wait may tell nothing.
	silence = 10 * time.Second
	// reminder is how long it may when it has told already what it waits for.
	reminder = time.Minute
	// shownEvents and shownTasks are how many go into an error.
	shownEvents = 5
	shownTasks  = 3
)

// Await blocks until a service is steady, if it was asked to, and tells its events. A service that was rolled
// back is steady again on its old tasks: that is no error, as little as it is the real provider's.
func (p *Part) Await(ctx context.Context, r account.Resource, say part.Say) error {
	if r.Type != serviceType {
		return nil
	}
	if err := p.revive(r); err != nil {
		return err
	}
	part.Wake(p.kick)
	if !r.Outputs.Bool("waitForSteadyState") {
		return nil
	}
	// The first events may come before the one who waits for them.
	w := watch{say: say, since: p.env.Now().Add(-time.Second), told: map[string]bool{}, spoke: time.Now()}
	for {
		heard := p.heard()
		s, err := p.find(r.ID)
		if err != nil {
			return err
		}
		if s == nil {
			return fmt.Errorf("service %s: it was deleted", lastPart(r.ID))
		}
		w.tell(s)
		if done, err := s.outcome(); done || err != nil {
			return err
		}
		if err := until(ctx, heard, pace); err != nil {
			return fmt.Errorf("service %s did not reach a steady state: %s%s: %w", s.name, s.lacks(), s.lastEvents(), err)
		}
	}
}

// revive takes a service back that was to be deleted, and tries a deployment again that had failed before it was
// asked for once more. (ECS starts nothing again that has not changed; whoever has created the secret that was
// missing wants to see it work now.)
func (p *Part) revive(r account.Resource) error {
	p.mu.Lock()
	kept := &record{}
	err := p.env.Account.View(func(tx *account.Tx) (err error) {
		kept, err = recordOf(tx, r)
		return err
	})
	p.mu.Unlock()
	d := kept.primary()
	again := d != nil && d.State == failed
	if err != nil || (!again && !kept.Releasing) {
		return err
	}
	return p.note(r, func(kept *record) {
		kept.Releasing, kept.Again = false, again
		delete(p.releasing, r.ID)
	})
}

// find looks at one service; nil is one that is not in the account.
func (p *Part) find(arn string) (*service, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	services, err := p.look()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(services, func(s *service) bool { return s.arn == arn && s.resource != nil })
	if i < 0 {
		return nil, nil
	}
	return services[i], nil
}

// outcome tells whether the wait for a service is over.
func (s *service) outcome() (bool, error) {
	if s.missing != "" {
		return true, fmt.Errorf("service %s: %s", s.name, s.missing)
	}
	d := s.record.primary()
	if d == nil || s.record.Again || s.record.Asked.renewed(s.asked) {
		return false, nil
	}
	if d.State == failed {
		// The real provider waits for its timeout now. Nothing would change until then.
		return true, fmt.Errorf("service %s: %s Nothing was there to roll back to, and no more tasks are started; %s%s",
			s.name, d.Reason, s.lastEnds(), s.lastEvents())
	}
	return d.State == completed && s.record.Steady && s.allReady(), nil
}

// allReady tells whether the tasks are those that are wanted, all healthy.
func (s *service) allReady() bool {
	ready := 0
	for _, t := range s.tasks {
		switch {
		case t.phase == stopped:
		case t.ready && !t.leaving && t.StartedBy == s.record.primary().ID:
			ready++
		default:
			return false
		}
	}
	return ready == s.desired
}

// watch tells what happens to a service.
type watch struct {
	say   part.Say
	since time.Time
	told  map[string]bool
	spoke time.Time
	// lacked is what it last said to be waiting for.
	lacked string
}

// tell says the new events, why tasks have stopped that were not to, and after a silence what is waited for.
func (w *watch) tell(s *service) {
	for _, e := range slices.Backward(s.record.Events) {
		if !e.Created.Before(w.since) {
			w.once(e.ID, e.Message)
		}
	}
	for _, t := range s.tasks {
		if t.phase == stopped && !t.Ended.Before(w.since) && t.unexpected() {
			w.once(t.ID, "task "+t.ID+" stopped: "+t.ending())
		}
	}
	w.remind(s.lacks())
}

// remind says what is lacking, unless something was said just now; the same again only after a longer silence.
func (w *watch) remind(lacks string) {
	pause := silence
	if lacks == w.lacked {
		pause = reminder
	}
	if time.Since(w.spoke) >= pause {
		w.say("waiting: " + lacks)
		w.lacked, w.spoke = lacks, time.Now()
	}
}

func (w *watch) once(id, line string) {
	if !w.told[id] {
		w.told[id] = true
		w.say(line)
		w.spoke = time.Now()
	}
}

// unexpected tells whether a task has ended for a reason that someone should know.
func (t *seen) unexpected() bool {
	return !strings.HasPrefix(t.Reason, "Scaling activity")
}

// ending is why a task has stopped, and what its containers have to do with it.
func (t *seen) ending() string {
	text := t.Reason
	if text == "" {
		text = t.StopCode
	}
	for _, c := range t.Containers {
		switch {
		case c.Reason != "":
			text += "; container " + c.Name + ": " + c.Reason
		case c.Exit != nil && *c.Exit != 0:
			text += fmt.Sprintf("; container %s: exit code %d", c.Name, *c.Exit)
		}
	}
	return text
}

// lastEnds tells why the last tasks have stopped.
func (s *service) lastEnds() string {
	var lines []string
	for _, t := range slices.Backward(s.tasks) {
		if t.phase >= stops && t.unexpected() && len(lines) < shownTasks {
			lines = append(lines, "task "+t.ID+" stopped: "+t.ending())
		}
	}
	if len(lines) == 0 {
		return "no task has stopped"
	}
	return strings.Join(lines, "; ")
}

func (s *service) lastEvents() string {
	var lines []string
	for _, e := range s.record.Events[:min(len(s.record.Events), shownEvents)] {
		lines = append(lines, e.Message)
	}
	if len(lines) == 0 {
		return ""
	}
	return "; last events: " + strings.Join(lines, " ")
}

// lacks tells what the steady state is waiting for.
func (s *service) lacks() string {
	count := map[phase]int{}
	var details []string
	for _, t := range s.tasks {
		count[t.phase]++
		details = append(details, t.lacks()...)
	}
	counts := []string{fmt.Sprintf("%d of %d tasks running", count[runs], s.desired)}
	for _, rest := range []struct {
		phase phase
		words string
	}{{starts, "%d pending"}, {waitsForRoom, "%d without room"}, {stops, "%d stopping"}} {
		if n := count[rest.phase]; n > 0 {
			counts = append(counts, fmt.Sprintf(rest.words, n))
		}
	}
	if s.record.Unplaced != "" && count[waitsForRoom] > 0 {
		details = append(details, s.record.Unplaced)
	}
	if !s.record.Until.IsZero() {
		details = append(details, "tasks keep failing, the next starts at "+s.record.Until.Format(time.TimeOnly))
	}
	return strings.Join(append([]string{strings.Join(counts, ", ")}, details...), "; ")
}

// lacks tells what a task is waiting for.
func (t *seen) lacks() []string {
	var lines []string
	switch {
	case t.phase == starts:
		var containers []string
		for _, c := range t.Containers {
			if c.Exit == nil {
				containers = append(containers, c.Name+" "+string(c.Status))
			}
		}
		lines = append(lines, "task "+t.ID+" starts: "+strings.Join(containers, ", "))
	case t.phase == runs && !t.ready:
		if t.Health == task.Unhealthy || (len(t.targets) == 0 && t.Health == task.HealthUnknown) {
			lines = append(lines, fmt.Sprintf("task %s is %s", t.ID, t.Health))
		}
	case t.phase != stops:
		return nil
	}
	for _, at := range t.targets {
		if at.listed && at.health.State != alb.Healthy {
			line := fmt.Sprintf("target %s:%d is %s", t.IP, at.Port, at.health.State)
			if at.health.Description != "" {
				line += ": " + at.health.Description
			}
			lines = append(lines, line)
		}
	}
	return lines
}
