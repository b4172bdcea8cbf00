package image

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// page is what is asked for under load.
type page struct {
	name string
	// path is asked for; in it, %s is another term in every request.
	path string
	// marker is what every answer has to hold.
	marker string
	// personal is whether the administrator asks.
	personal bool
	// encoding is what the visitor takes.
	encoding string
}

const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// terms counts the searches of a run: no term is asked for twice.
type terms struct{ next int }

// take reserves more terms than requests can be made in one measurement.
func (s *terms) take() int {
	first := s.next
	s.next += 5000
	return first
}

func (p page) header(b *bench) http.Header {
	header := http.Header{"User-Agent": {agent}}
	if p.personal {
		header.Set("Cookie", b.cookies)
	}
	// Set in any case, or Go asks for gzip and unpacks it.
	header.Set("Accept-Encoding", p.encoding)
	return header
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// fetch asks a side for a page once.
func (b *bench) fetch(s *side, p page, path string) (answer, error) {
	ctx, cancel := context.WithTimeout(b.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+path, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	request.Host, request.Header = b.host, p.header(b)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }() // read to its end
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, body}, err
}

// prove fails the benchmark unless the side serves the page that it is measured with.
func (b *bench) prove(s *side, p page) answer {
	path := strings.ReplaceAll(p.path, "%s", fmt.Sprintf("word1+word2+word3+%d", b.terms.take()))
	got, err := b.fetch(s, p, path)
	if err == nil && s.cached && got.header.Get("X-Page-Cache") == "EXPIRED" {
		// Nobody asked while the other sides had their turn.
		got, err = b.fetch(s, p, path)
	}
	b.check(err, s.name+": "+p.name)
	b.check(s.refuse(p, got), s.name+": "+p.name)
	return got
}

// refuse says why an answer is not the page of a side.
func (s *side) refuse(p page, got answer) error {
	body, err := decoded(got, p.encoding)
	if err != nil {
		return err
	}
	cache := got.header.Get("X-Page-Cache")
	switch {
	case got.status != http.StatusOK:
		return fmt.Errorf("status %d", got.status)
	case p.marker != "" && !strings.Contains(body, p.marker):
		return fmt.Errorf("an answer of %d bytes without %q", len(body), p.marker)
	case s.cached && cache != "HIT" && cache != "STALE" && cache != "UPDATING":
		return fmt.Errorf("X-Page-Cache is %q: the page does not come from the cache", cache)
	case !s.cached && cache != "":
		return fmt.Errorf("X-Page-Cache is %q: the page does not come from PHP", cache)
	}
	return nil
}
