// Package image_test runs the WordPress image as production does, and looks at it from outside.
package image_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

const (
	root    = "/var/www/html/"
	plugins = root + "bundled/mu-plugins/"
	shared  = root + "wp-content/"
)

// start starts a site with its tasks.
func start(t *testing.T, o site.Options) (*site.Site, []*site.Task) {
	t.Helper()
	return site.Start(t, containers.Connect(t), o)
}

// wordpress runs PHP inside of WordPress, in a container that has its settings.
func wordpress(t *testing.T, c *containers.Container, code string) string {
	t.Helper()
	return strings.TrimSpace(c.Must(t, "php", "-d", "display_errors=stderr", "-r", "require '"+root+"wp-load.php'; "+code))
}

// install has setup fill the database, and returns its container.
func install(t *testing.T, s *site.Site, v site.Variation) *containers.Container {
	t.Helper()
	setup := s.RunSetup(t, v)
	require.Zero(t, setup.Wait(t), setup.Logs(t))
	return setup
}

// load is visitors who ask again and again until they are told to stop.
type load struct {
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu      sync.Mutex
	answers int
	wrong   []string
}

// startLoad sends visitors for pages of their own; path may have a verb for a number that is never the same.
func startLoad(t *testing.T, visitor *site.Visitor, workers int, path string) *load {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), site.StartTimeout)
	l := &load{cancel: cancel}
	for worker := range workers {
		l.workers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				l.ask(visitor, strings.ReplaceAll(path, "%d", fmt.Sprintf("%d-%d", worker, n)))
			}
		})
	}
	t.Cleanup(func() { l.cancel(); l.workers.Wait() })
	return l
}

// slowest is how long an answer may take when a store is gone: a timeout per request, not per question.
const slowest = 30 * time.Second

func (l *load) ask(visitor *site.Visitor, path string) {
	begin := time.Now()
	page, err := visitor.Try(context.Background(), http.MethodGet, path, "", nil)
	took := time.Since(begin)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers++
	switch {
	case err != nil:
		l.wrong = append(l.wrong, err.Error())
	case page.Status != http.StatusOK:
		l.wrong = append(l.wrong, fmt.Sprintf("%s: %d %.300s", path, page.Status, page.Body))
	case took > slowest:
		l.wrong = append(l.wrong, fmt.Sprintf("%s took %s", path, took))
	}
}

// await waits for a number of further answers.
func (l *load) await(t *testing.T, more int) {
	t.Helper()
	l.mu.Lock()
	want := l.answers + more
	l.mu.Unlock()
	site.Eventually(t, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.answers >= want
	}, "%d more answers come", more)
}

// stop ends the load, every answer of which was 200.
func (l *load) stop(t *testing.T) {
	t.Helper()
	l.cancel()
	l.workers.Wait()
	assert.Empty(t, l.wrong, "%d of %d requests", len(l.wrong), l.answers)
	require.NotZero(t, l.answers)
}

// requireShows asserts that a page has a text in it, without printing all of the page when it has not.
func requireShows(t *testing.T, page site.Page, text string, about ...any) {
	t.Helper()
	if !strings.Contains(page.Body, text) {
		t.Errorf("%q is not in this page, status %d%s: %s", text, page.Status, note(about), excerpt(page))
		t.FailNow()
	}
}

// requireHides asserts that a page does not have a text in it.
func requireHides(t *testing.T, page site.Page, text string, about ...any) {
	t.Helper()
	if strings.Contains(page.Body, text) {
		t.Errorf("%q is in this page, status %d%s: %s", text, page.Status, note(about), excerpt(page))
		t.FailNow()
	}
}

func note(about []any) string {
	if len(about) == 0 {
		return ""
	}
	return " (" + fmt.Sprint(about...) + ")"
}

// markup is what a reader of a page does not see.
var markup = regexp.MustCompile(`(?s)<(style|script)\b.*?</(style|script)>|<[^>]*>|\s+`)

// excerpt is how a page begins, as far as people see it, and the headers.
func excerpt(page site.Page) string {
	text := strings.Join(strings.Fields(markup.ReplaceAllString(page.Body, " ")), " ")
	return fmt.Sprintf("%v %.600s", page.Header, text)
}
