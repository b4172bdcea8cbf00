package cdn

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// passed is how long is remembered that what has a key is not kept.
const passed = 10 * time.Second

// flight is a request to the origin whose response others may wait for.
type flight struct{ done chan struct{} }

// fetch gets the response of the cache, or else that of the origin.
func (x *exchange) fetch() *response {
	r := x.request
	if !x.behavior.caches(r.Method) {
		return x.through()
	}
	key, uri := cacheKey(x.behavior.Caching, x)
	e := x.part.store.get(x.settings.ID, key)
	if res := x.fromCache(e, key, uri); res != nil {
		return res
	}
	// What is not there goes through and is not kept where less is asked for than all of it.
	if r.Method == http.MethodHead || r.Header.Get("Range") != "" || e != nil && e.passing && x.part.now().Before(e.fresh) {
		return x.through()
	}
	f, first := x.site.take(key)
	if first {
		return x.lead(f, key, uri, e)
	}
	select {
	case <-f.done:
	case <-r.Context().Done():
		return x.refuse(http.StatusServiceUnavailable, "The request was cancelled.") // nobody hears it
	}
	if e = x.part.store.get(x.settings.ID, key); e != nil && !e.passing && x.part.now().Before(e.fresh) {
		return x.serve(e, hit)
	}
	return x.through()
}

// fromCache is the response that is kept, if it may be served; nil if the origin has to be asked.
func (x *exchange) fromCache(e *entry, key, uri string) *response {
	now := x.part.now()
	switch {
	case e == nil || e.passing:
		return nil
	case now.Before(e.fresh):
		return x.serve(e, hit)
	case now.Before(e.revalidate):
		if f, first := x.site.take(key); first {
			behind := *x
			behind.request = x.request.Clone(context.WithoutCancel(x.request.Context()))
			go func() {
				if res := behind.lead(f, key, uri, e); res.body != nil {
					_ = res.body.Close()
				}
			}()
		}
		return x.serve(e, hit)
	}
	return nil
}

// serve makes a response of an entry.
func (x *exchange) serve(e *entry, word string) *response {
	if e.failure {
		word = failed
	} else if word == hit || word == refreshHit {
		x.site.hits.Add(1)
	}
	return &response{status: e.status, header: e.header.Clone(), whole: e.body, kept: e, word: word, origin: true}
}

// take is the flight of a key; it is the caller's to finish if it is the first.
func (s *site) take(key string) (f *flight, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.flights[key]; f != nil {
		return f, false
	}
	f = &flight{make(chan struct{})}
	s.flights[key] = f
	return f, true
}

func (s *site) finish(key string, f *flight) {
	s.mu.Lock()
	delete(s.flights, key)
	s.mu.Unlock()
	close(f.done)
}

// through asks the origin for this viewer alone.
func (x *exchange) through() *response {
	conditions := http.Header{}
	for name, values := range x.request.Header {
		if conditional(name) {
			conditions[name] = values
		}
	}
	res, failure := x.send(x.request.Context(), conditions) //nolint:bodyclose // write closes it
	if failure != nil {
		return failure
	}
	return x.passing(res)
}

// passing is a response of the origin that is not kept.
func (x *exchange) passing(res *http.Response) *response {
	word := miss
	if res.StatusCode >= http.StatusBadRequest {
		word = failed
	}
	return &response{status: res.StatusCode, header: res.Header, body: res.Body, word: word, origin: true}
}

// leader asks the origin on behalf of all that wait for a key.
type leader struct {
	*exchange

	key, uri string
	// began is how many invalidations there had been when it did.
	began int64
	// finish lets those that wait go on.
	finish func()
}

// lead asks the origin, and keeps the response if it may be kept. Old is what is there of an earlier time, nil for nothing.
func (x *exchange) lead(f *flight, key, uri string, old *entry) *response {
	l := &leader{x, key, uri, x.site.invalidated.Load(), sync.OnceFunc(func() { x.site.finish(key, f) })}
	defer l.finish()
	// Others may wait for it when this viewer has gone.
	ctx, cancel := context.WithCancel(context.WithoutCancel(x.request.Context()))
	if old != nil && (old.passing || old.failure) {
		old = nil
	}
	res, failure := x.send(ctx, validators(old))
	now := x.part.now()
	if failure != nil || res.StatusCode >= http.StatusInternalServerError {
		if stale := x.stale(old, now, statusOf(res, failure)); stale != nil {
			drain(res)
			cancel()
			l.keep(stale)
			return x.serve(stale, hit)
		}
	}
	if failure != nil {
		cancel()
		if ttl := errorLifetime(x.settings, x.behavior.Caching, failure.status, failure.header); ttl > 0 {
			l.keep(x.entry(key, uri, failure.status, failure.header, failure.whole, lifetime{fresh: ttl}, now))
		}
		return failure
	}
	if res.StatusCode == http.StatusNotModified && old != nil {
		drain(res)
		cancel()
		e := x.renewed(old, res.Header, now)
		l.keep(e)
		return x.serve(e, refreshHit)
	}
	return l.receive(res, cancel, now)
}

// keep keeps an entry, unless it was asked for before an invalidation. One that comes meanwhile either finds it, or is seen
// afterwards.
func (l *leader) keep(e *entry) {
	if l.site.invalidated.Load() != l.began {
		return
	}
	l.part.store.put(e)
	if l.site.invalidated.Load() != l.began {
		l.part.store.remove(e)
	}
}

// receive takes a response of the origin, and keeps it if it may be kept.
func (l *leader) receive(res *http.Response, cancel context.CancelFunc, now time.Time) *response {
	life := lifetimeOf(l.behavior.Caching, res.StatusCode, res.Header, now)
	if res.StatusCode >= http.StatusBadRequest {
		ttl := errorLifetime(l.settings, l.behavior.Caching, res.StatusCode, res.Header)
		life = lifetime{fresh: ttl, kept: ttl > 0}
	}
	var body []byte
	complete := false
	if life.kept && res.ContentLength <= largestKept {
		body, complete = readWhole(res.Body)
	}
	if !complete {
		l.keep(&entry{distribution: l.settings.ID, key: l.key, uri: l.uri, passing: true, fresh: now.Add(passed)})
		l.finish()
		context.AfterFunc(l.request.Context(), cancel) // nobody else reads it
		out := l.passing(res)
		out.body = &joined{io.MultiReader(bytes.NewReader(body), res.Body), res.Body, cancel}
		return out
	}
	drain(res)
	cancel()
	e := l.entry(l.key, l.uri, res.StatusCode, res.Header, body, life, now)
	l.keep(e)
	out := l.serve(e, miss)
	if cookies := res.Header["Set-Cookie"]; len(cookies) > 0 {
		out.header["Set-Cookie"] = cookies // this viewer gets those that are not kept, too
	}
	return out
}

// readWhole reads a body that is not too large to be kept; else, and when it breaks off, what was read.
func readWhole(r io.Reader) (body []byte, complete bool) {
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, largestKept+1))
	return b.Bytes(), err == nil && n <= largestKept
}

// joined is the body of a response of which a part was read already.
type joined struct {
	io.Reader

	rest   io.Closer
	cancel context.CancelFunc
}

func (j *joined) Close() error {
	defer j.cancel()
	return j.rest.Close()
}

// drain lets a connection be used again.
func drain(res *http.Response) {
	if res != nil && res.Body != nil {
		_, _ = io.CopyN(io.Discard, res.Body, 64<<10)
		_ = res.Body.Close()
	}
}

// entry makes what is kept of a response.
func (x *exchange) entry(key, uri string, status int, header http.Header, body []byte, l lifetime, now time.Time) *entry {
	e := &entry{
		distribution: x.settings.ID, key: key, uri: uri, status: status, header: keptHeader(header), body: body, at: now,
		failure: status >= http.StatusBadRequest,
	}
	e.expire(l, now, seconds(x.behavior.Caching.MaxTTL))
	x.compress(e)
	return e
}

// expire sets until when an entry is served. Nothing is served for longer than the cache policy allows.
func (e *entry) expire(l lifetime, now time.Time, most time.Duration) {
	end := now.Add(max(most, l.fresh))
	earlier := func(t time.Time) time.Time {
		if t.After(end) {
			return end
		}
		return t
	}
	e.fresh = earlier(now.Add(l.fresh))
	e.revalidate = earlier(e.fresh.Add(l.revalidate))
	e.onError = earlier(e.fresh.Add(l.onError))
}

// renewed is an entry of which the origin says that it has not changed.
func (x *exchange) renewed(old *entry, header http.Header, now time.Time) *entry {
	e := *old
	e.header, e.at = old.header.Clone(), now
	for _, name := range []string{"Cache-Control", "Expires", "Date", "Etag", "Last-Modified"} {
		if values := header[name]; len(values) > 0 {
			e.header[name] = values
		}
	}
	if e.header.Get("Content-Encoding") != "" {
		weaken(e.header)
	}
	e.expire(lifetimeOf(x.behavior.Caching, e.status, e.header, now), now, seconds(x.behavior.Caching.MaxTTL))
	return &e
}

// stale is an expired entry that is served as the origin fails, for as long as errors are cached; nil if it may not be.
func (x *exchange) stale(old *entry, now time.Time, status int) *entry {
	if old == nil || !now.Before(old.onError) {
		return nil
	}
	e := *old
	e.fresh = now.Add(x.settings.errorTTL(status))
	return &e
}

func statusOf(res *http.Response, failure *response) int {
	if failure != nil {
		return failure.status
	}
	return res.StatusCode
}

// validators ask the origin whether what is kept has changed.
func validators(old *entry) http.Header {
	h := http.Header{}
	if old == nil {
		return h
	}
	if tag := old.header.Get("Etag"); tag != "" {
		h.Set("If-None-Match", tag)
	}
	if at := old.header.Get("Last-Modified"); at != "" {
		h.Set("If-Modified-Since", at)
	}
	return h
}
