package engine

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"time"

	"wordpress-ecs/local/aws"
	"wordpress-ecs/local/pace"
)

// exported is the state of a stack.
func (s *session) exported(ctx context.Context, p *cli, stack string) (pace.Stack, error) {
	output, err := p.capture(ctx, s.engine.Project.Dir, "stack", "export", "--stack", stack)
	if err != nil {
		return nil, err
	}
	return pace.Read(output)
}

// watchPace looks at a stack before a command changes it, where things take AWS's time. The function that it returns
// says afterwards how long that takes on AWS.
func (s *session) watchPace(ctx context.Context, p *cli, c Command, stack string) (tell func(), err error) {
	if s.engine.Latency == 0 || c.Way != Operate {
		return func() {}, nil
	}
	before, err := s.exported(ctx, p, stack)
	if err != nil {
		return nil, err
	}
	return func() {
		if err := s.tellPace(context.WithoutCancel(ctx), p, stack, before); err != nil {
			s.engine.say("how long this takes on AWS is not known: %s", err)
		}
	}, nil
}

// tellPace says how long what has been done takes on AWS, and what it waits for there.
func (s *session) tellPace(ctx context.Context, p *cli, stack string, before pace.Stack) error {
	after, err := s.exported(ctx, p, stack)
	if err != nil {
		return err
	}
	schedule, err := scheduled(before, after, operations(s.engine.eventsFile()))
	if err != nil {
		return err
	}
	s.engine.say("on AWS this takes %.1f minutes; what it waits for:", schedule.Makespan.Minutes())
	for _, line := range schedule.Lines() {
		s.engine.say("%s", line)
	}
	return nil
}

// scheduled is a deployment on AWS: what was made and changed, then what was deleted.
func scheduled(before, after pace.Stack, done map[string]string) (pace.Schedule, error) {
	catalog, err := aws.Catalog()
	if err != nil {
		return pace.Schedule{}, err
	}
	now, then := pace.For(catalog, after), pace.For(catalog, before)
	made, err := pace.Run(pace.Up(after, func(r pace.Resource) time.Duration {
		switch done[r.URN] {
		case "create", "create-replacement", "replace":
			return now.Create(r)
		case "update":
			return now.Update(r)
		}
		return 0
	}), pace.Workers)
	if err != nil {
		return pace.Schedule{}, err
	}
	gone := before.Of(func(r pace.Resource) bool {
		return strings.HasPrefix(done[r.URN], "delete") || done[r.URN] == "replace" || done[r.URN] == "create-replacement"
	})
	deleted, err := pace.Run(pace.Destroy(gone, then.Delete), pace.Workers)
	if err != nil {
		return pace.Schedule{}, err
	}
	return made.Then(deleted), nil
}

// operations are what the engine has done, by URN: "create", "update", "delete", ... A replacement makes several.
func operations(eventLog string) map[string]string {
	done := map[string]string{}
	file, err := os.Open(eventLog) //nolint:gosec // a path of our own
	if err != nil {
		return done // the run ended before the first event
	}
	defer file.Close()
	events := json.NewDecoder(file)
	for {
		var event struct {
			Outputs struct {
				Metadata struct{ Op, URN string }
			} `json:"resOutputsEvent"`
		}
		if events.Decode(&event) != nil {
			return done // the end, or an event that was cut off
		}
		m := event.Outputs.Metadata
		if m.URN == "" || m.Op == "same" || strings.Contains(done[m.URN], "replace") {
			continue
		}
		done[m.URN] = m.Op
	}
}
