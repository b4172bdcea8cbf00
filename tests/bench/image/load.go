package image

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"wordpress-ecs/tests/containers"
)

// side is one of those that are compared: something that serves the site at port 8080.
type side struct {
	name string
	// address is where this machine reaches it.
	address string
	// load shares its network namespace and makes the load.
	load *containers.Container
	// cached is whether it has to answer from a page cache.
	cached  bool
	figures []figures
}

// figures are what wrk counted. Latencies are in milliseconds.
type figures struct {
	Requests int
	Seconds  float64
	P50      float64
	P95      float64
	P99      float64
	// Wrong answers, statuses above 399 and failed connections: all of them have to be 0.
	Wrong, Status, Failed int
}

func (f figures) rps() float64 { return float64(f.Requests) / f.Seconds }

// loading is how a page is asked for.
type loading struct {
	page        page
	rounds      int
	length      time.Duration
	connections int
	// everyAnswer looks for the marker in each answer, which costs the same on all sides; it is left out where
	// answers are so many that wrk would be what is measured.
	everyAnswer bool
}

// compare puts the sides under the same load, in turns, so that a busy moment of the machine meets all of them.
func (b *bench) compare(l loading, sides ...*side) {
	b.Logf("%s: %d rounds of %s, %d connections", l.page.name, l.rounds, l.length, l.connections)
	for _, s := range sides {
		s.figures = nil
		b.warm(s, l.page)
	}
	for round := range l.rounds {
		for i := range sides {
			s := sides[(round+i)%len(sides)]
			b.prove(s, l.page)
			s.figures = append(s.figures, b.putUntilAnswered(s, l))
			b.prove(s, l.page)
		}
	}
}

// warm waits until a side serves the page and then has every worker see it before it counts.
func (b *bench) warm(s *side, p page) {
	for deadline := time.Now().Add(time.Minute); ; {
		got, err := b.fetch(s, p, strings.ReplaceAll(p.path, "%s", "word1"))
		if err == nil {
			err = s.refuse(p, got)
		}
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			b.check(err, s.name+": "+p.name)
		}
	}
	b.putUntilAnswered(s, loading{page: p, length: 2 * time.Second, connections: 8})
}

// putUntilAnswered is put, for longer where there was no answer: percentiles of nothing are 0.
func (b *bench) putUntilAnswered(s *side, l loading) figures {
	for {
		counted := b.put(s, l)
		if counted.Requests > 0 {
			return counted
		}
		if l.length > time.Minute {
			b.fail("%s: %s: no answer within %s", s.name, l.page.name, l.length)
		}
		l.length *= 2
	}
}

// put asks one side for a page, from inside its network namespace, and returns what was counted.
func (b *bench) put(s *side, l loading) figures {
	marker := ""
	if l.everyAnswer {
		marker = l.page.marker
	}
	command := []string{
		"wrk", "-t2", "-c", strconv.Itoa(l.connections), "-d", fmt.Sprintf("%ds", int(l.length.Seconds())),
		"--timeout", "20s", "-s", "/load.lua", "-H", "Host: " + b.host,
	}
	header := l.page.header(b)
	for name := range header {
		if value := header.Get(name); value != "" {
			command = append(command, "-H", name+": "+value)
		}
	}
	command = append(command, "http://127.0.0.1:8080", "--", l.page.path, marker, strconv.Itoa(b.terms.take()))
	output := s.load.Must(b, command...)
	_, last, found := strings.Cut(output, "\n{")
	var counted figures
	if !found {
		b.fail("%s: %s: wrk says %q", s.name, l.page.name, output)
	}
	b.check(json.Unmarshal([]byte("{"+last), &counted), "wrk")
	if counted.Wrong+counted.Status+counted.Failed > 0 {
		b.fail("%s: %s: of %d answers %d are not the page, %d have an error status, and %d requests failed",
			s.name, l.page.name, counted.Requests, counted.Wrong, counted.Status, counted.Failed)
	}
	return counted
}

// of is the median of what was counted in the rounds.
func (s *side) of(figure func(figures) float64) float64 {
	var all []float64
	for _, f := range s.figures {
		all = append(all, figure(f))
	}
	return median(all)
}

func (s *side) rps() float64 { return s.of(figures.rps) }
func (s *side) p95() float64 { return s.of(func(f figures) float64 { return f.P95 }) }
func (s *side) p99() float64 { return s.of(func(f figures) float64 { return f.P99 }) }

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
