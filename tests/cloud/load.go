package cloud

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Load is visitors who ask for pages at a steady rate.
type Load struct {
	stop context.CancelFunc
	done sync.WaitGroup

	mu      sync.Mutex
	answers []answer
}

type answer struct {
	at      time.Time
	took    time.Duration
	failure string
}

// uncached is one request of how many that no cache answers.
const uncached = 10

// StartLoad asks for the paths in turn, rate times a second whether answers come or not, until Stop. A number in
// the query makes some of the requests pages that no cache has.
func StartLoad(t *testing.T, url string, rate int, paths ...string) *Load {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	l := &Load{stop: stop}
	client := Client()
	l.done.Go(func() {
		ticker := time.NewTicker(time.Second / time.Duration(rate))
		defer ticker.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			path := paths[n%len(paths)]
			if n%uncached == 0 {
				path += fmt.Sprintf("?visit=%d", n)
			}
			l.done.Go(func() { l.ask(client, url+path) })
		}
	})
	return l
}

func (l *Load) ask(client *http.Client, url string) {
	a := answer{at: time.Now()}
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err == nil {
		a.failure = read(client, request)
	} else {
		a.failure = err.Error()
	}
	a.took = time.Since(a.at)
	l.mu.Lock()
	l.answers = append(l.answers, a)
	l.mu.Unlock()
}

// read returns why a request failed; empty if it did not.
func read(client *http.Client, request *http.Request) string {
	response, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // it was read
	switch {
	case err != nil:
		return err.Error()
	case response.StatusCode != http.StatusOK:
		return fmt.Sprintf("%s: %.200s", response.Status, body)
	case !strings.Contains(string(body), "</html>"):
		return "half a page"
	}
	return ""
}

// Report is what visitors saw.
type Report struct {
	Requests int
	// Failures are the first few, with when they were asked; Failed counts them all.
	Failed   int
	Failures []string
	// Outage is from the first failed request to the last one.
	Outage time.Duration
	// Median, P99 and Longest are how long answers took.
	Median, P99, Longest time.Duration
}

// Answered is how many requests have been answered.
func (l *Load) Answered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.answers)
}

// Stop ends the load, waits for the last answers and tells what visitors saw.
func (l *Load) Stop() Report {
	l.stop()
	l.done.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return summarize(l.answers)
}

func summarize(answers []answer) Report {
	report := Report{Requests: len(answers)}
	slices.SortFunc(answers, func(a, b answer) int { return a.at.Compare(b.at) })
	var times []time.Duration
	var first time.Time
	for _, a := range answers {
		times = append(times, a.took)
		if a.failure == "" {
			continue
		}
		if report.Failed++; report.Failed == 1 {
			first = a.at
		}
		report.Outage = a.at.Sub(first) + a.took
		if len(report.Failures) < 10 {
			report.Failures = append(report.Failures, a.at.Format("15:04:05.000 ")+a.failure)
		}
	}
	if slices.Sort(times); len(times) > 0 {
		report.Median, report.P99, report.Longest = times[len(times)/2], times[len(times)*99/100], times[len(times)-1]
	}
	return report
}

// String is the report for people.
func (r Report) String() string {
	return fmt.Sprintf("%d requests, %d failed, outage %s; answers took %s (median), %s (p99), %s (longest) %s",
		r.Requests, r.Failed, r.Outage.Round(time.Millisecond), r.Median.Round(time.Millisecond),
		r.P99.Round(time.Millisecond), r.Longest.Round(time.Millisecond), strings.Join(r.Failures, "\n"))
}
