package cdn

import (
	"container/list"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// mostKept is how many bytes all distributions of an account keep, and largestKept how many one object may have to be
	// kept: CloudFront keeps objects of up to 50 GB.
	mostKept    = 128 << 20
	largestKept = 16 << 20
	// overhead is about what an entry costs beside its body and headers.
	overhead = 512
)

// entry is a response that is kept. It does not change; a fresh one takes its place.
type entry struct {
	distribution, key string
	// uri is the path, and the query string as far as it is in the key.
	uri    string
	status int
	header http.Header
	body   []byte
	// at is when the origin said that it is so.
	at time.Time
	// fresh is until when it is served without asking, revalidate until when while it is asked for, onError until when
	// if the origin fails.
	fresh, revalidate, onError time.Time
	// failure entries are errors of the origin.
	failure bool
	// passing entries have no response: they say that what has this key is not kept, so that nobody waits for it.
	passing bool
}

func (e *entry) size() int {
	n := overhead + len(e.key) + len(e.body)
	for name, values := range e.header {
		n += len(name)
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}

// store is the cache of all distributions: what was not asked for the longest time goes first.
type store struct {
	mu      sync.Mutex
	most    int
	size    int
	order   *list.List // of *entry, the last used first
	entries map[string]*list.Element
}

func newStore(most int) *store {
	return &store{most: most, order: list.New(), entries: map[string]*list.Element{}}
}

func (s *store) get(distribution, key string) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.entries[distribution+" "+key]
	if at == nil {
		return nil
	}
	s.order.MoveToFront(at)
	return entryOf(at)
}

func entryOf(at *list.Element) *entry {
	e, _ := at.Value.(*entry) // nothing else is in the list
	return e
}

func (s *store) put(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := e.distribution + " " + e.key
	if at := s.entries[id]; at != nil {
		s.size += e.size() - entryOf(at).size()
		at.Value = e
		s.order.MoveToFront(at)
	} else {
		s.entries[id] = s.order.PushFront(e)
		s.size += e.size()
	}
	for s.size > s.most {
		s.drop(s.order.Back())
	}
}

// remove drops an entry, unless another has taken its place.
func (s *store) remove(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.entries[e.distribution+" "+e.key]; at != nil && entryOf(at) == e {
		s.drop(at)
	}
}

func (s *store) drop(at *list.Element) {
	e := entryOf(at)
	s.order.Remove(at)
	delete(s.entries, e.distribution+" "+e.key)
	s.size -= e.size()
}

// forget drops the entries of a distribution that one of the paths means; a * at the end stands for any text. Without
// paths it drops all of them.
func (s *store) forget(distribution string, paths ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for at := s.order.Front(); at != nil; {
		next := at.Next()
		if e := entryOf(at); e.distribution == distribution && (len(paths) == 0 || meant(paths, e.uri)) {
			s.drop(at)
		}
		at = next
	}
}

func meant(paths []string, uri string) bool {
	for _, path := range paths {
		if start, wild := strings.CutSuffix(path, "*"); uri == path || wild && strings.HasPrefix(uri, start) {
			return true
		}
	}
	return false
}
