package cdn

import (
	"fmt"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/runtime/cdn/edge"
	"wordpress-ecs/local/wildcard"
)

// site is a distribution that serves. What it counts and keeps outlives changes of its settings.
type site struct {
	id string
	// requests are all that came for it, hits those that were answered without the origin's body.
	requests, hits atomic.Int64
	// invalidated counts invalidations.
	invalidated atomic.Int64
	current     atomic.Pointer[settings]

	mu      sync.Mutex
	flights map[string]*flight // by cache key
}

// settings are what a request is served by.
type settings struct {
	cloudfront.Delivery
	// stack made it.
	stack string
	// certified are the names in its certificate; none for CloudFront's own.
	certified []string
	behaviors []*behavior
	origins   map[string]*origin
}

// behavior is a cache behaviour with its functions.
type behavior struct {
	cloudfront.Behavior
	pattern                       string
	viewerRequest, viewerResponse *edge.Function
}

// newSettings prepares what a distribution does. Origins that stay as they are keep their connections.
func (p *Part) newSettings(d cloudfront.Delivery, stack string, certified []string, before *settings) *settings {
	if before != nil && before.stack == stack && slices.Equal(before.certified, certified) && reflect.DeepEqual(before.Delivery, d) {
		return before
	}
	s := &settings{Delivery: d, stack: stack, certified: certified, origins: map[string]*origin{}}
	for _, o := range d.Origins {
		if before != nil && before.origins[o.ID] != nil && reflect.DeepEqual(before.origins[o.ID].Origin, o) {
			s.origins[o.ID] = before.origins[o.ID]
			continue
		}
		s.origins[o.ID] = p.newOrigin(o)
	}
	functions := map[string]*edge.Function{}
	function := func(c *cloudfront.Code) *edge.Function {
		if c == nil {
			return nil
		}
		if functions[c.Name] == nil {
			f := edge.New(c.Name, c.Source)
			f.Log = func(line string) { p.say(fmt.Sprintf("function %s: %s", c.Name, line)) }
			functions[c.Name] = f
		}
		return functions[c.Name]
	}
	for _, b := range d.Behaviors {
		s.behaviors = append(s.behaviors, &behavior{
			Behavior: b, pattern: strings.TrimPrefix(b.Path, "/"),
			viewerRequest: function(b.ViewerRequest), viewerResponse: function(b.ViewerResponse),
		})
	}
	return s
}

// retire ends connections of origins that newer settings do not have.
func (s *settings) retire(after *settings) {
	for id, o := range s.origins {
		if after == nil || after.origins[id] != o {
			o.transport.CloseIdleConnections()
		}
	}
}

// behavior is the first whose pattern a path fulfils; the last one takes all.
func (s *settings) behavior(escaped string) *behavior {
	normal := normalPath(escaped)
	for _, b := range s.behaviors {
		if wildcard.Match(b.pattern, strings.TrimPrefix(normal, "/")) {
			return b
		}
	}
	return s.behaviors[len(s.behaviors)-1]
}

// normalPath is the path that patterns are compared with: without . and .. and doubled slashes. The origin gets it as the
// viewer wrote it.
func normalPath(escaped string) string {
	clean := path.Clean("/" + escaped)
	if strings.HasSuffix(escaped, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// named tells whether the distribution is meant by a host name, and how exactly: 2 for a name of its own, 1 for an alias
// with a wildcard, 0 for none.
func (s *settings) named(host string) int {
	if host == s.Domain || host == localName(s.Domain) {
		return 2
	}
	found := 0
	for _, alias := range s.Aliases {
		alias = strings.ToLower(alias)
		if alias == host {
			return 2
		}
		// The wildcard stands for one label: *.example.com is not a.b.example.com.
		if rest, wild := strings.CutPrefix(alias, "*"); wild {
			if label, ok := strings.CutSuffix(host, rest); ok && label != "" && !strings.Contains(label, ".") {
				found = 1
			}
		}
	}
	return found
}

// localName is by which browsers find a distribution here without a proxy: names below localhost are this machine's.
func localName(domain string) string { return strings.TrimSuffix(domain, ".net") + ".localhost" }

// errorTTL is for how long an error is served at least.
func (s *settings) errorTTL(status int) time.Duration {
	for _, e := range s.Errors {
		if e.Code == status {
			return seconds(e.MinTTL)
		}
	}
	return 10 * time.Second
}

// errorPage is what is answered in place of an error; nil if the error itself is.
func (s *settings) errorPage(status int) *cloudfront.ErrorResponse {
	for i, e := range s.Errors {
		if e.Code == status && e.Page != "" {
			return &s.Errors[i]
		}
	}
	return nil
}

// caches tells whether responses to a method may come from the cache.
func (b *behavior) caches(method string) bool {
	if b.Caching.Off() {
		return false
	}
	return method == http.MethodGet || method == http.MethodHead ||
		method == http.MethodOptions && slices.Contains(b.CachedMethods, method)
}
