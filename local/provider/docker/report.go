package docker

import (
	"context"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/provider"
	"wordpress-ecs/local/provider/docker/builder"
)

// reporter tells what happens to a resource to Pulumi's engine or, without one, to the log.
// Call done when there is nothing more to tell.
func (s *server) reporter(ctx context.Context, urn string) (report builder.Reporter, done func(), err error) {
	lines, err := s.Lines(ctx, urn)
	if err != nil {
		return nil, nil, err
	}
	if lines == nil {
		return logReporter{s.log}, func() {}, nil
	}
	return &engineReporter{lines: lines}, lines.Close, nil
}

// statusInterval is how often the line that shows what is going on changes. A build says several
// hundred lines, and where there is no terminal each of them stays.
const statusInterval = time.Second

// engineReporter shows a build beside its image.
type engineReporter struct {
	lines *provider.Lines

	mu   sync.Mutex
	last time.Time // when the last status was shown
}

func (r *engineReporter) Info(line string) { r.lines.Info(line) }

// Status shows every step of a build, and between steps what goes on, now and then.
func (r *engineReporter) Status(line string) {
	if r.due(line, time.Now()) {
		r.lines.Status(line)
	}
}

func (r *engineReporter) due(line string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !strings.HasPrefix(line, "Step ") && now.Sub(r.last) < statusInterval {
		return false
	}
	r.last = now
	return true
}

type logReporter struct{ log func(line string) }

func (r logReporter) Info(line string)   { r.log(line) }
func (r logReporter) Status(line string) { r.log(line) }
