package alb

import (
	"crypto/tls"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	// dialTimeout and handshakeTimeout are AWS's.
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	// keptIdle is how long a connection to a target is kept without a request, and keptMost how many are.
	keptIdle = 60 * time.Second
	keptMost = 256
)

// take picks the target for a request: a healthy one. When there is none, the load balancer fails open: to the
// unhealthy ones, or else to those that are still in their first checks. Draining ones get nothing. It is nil
// when no target is registered. Give ends what take began.
func (g *group) take(r *http.Request) *target {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, state := range []State{Healthy, Unhealthy, Initial} {
		n := 0
		for _, t := range g.targets {
			if t.state == state {
				n++
			}
		}
		if n == 0 {
			continue
		}
		t := g.pick(r, state, n)
		if t.transport == nil {
			t.transport = newTransport(g.settings.Load(), g.dial(t))
		}
		t.inFlight++
		return t
	}
	return nil
}

// pick is the one of n targets in a state that the algorithm or the cookie of the client chooses.
func (g *group) pick(r *http.Request, state State, n int) *target {
	s := g.settings.Load()
	g.next++
	at := g.next % n
	if s.algorithm == "weighted_random" {
		at = rand.IntN(n) //nolint:gosec // any will do
	}
	var chosen *target
	i := 0
	for _, t := range g.targets {
		if t.state != state {
			continue
		}
		if s.stick > 0 && sticks(r, targetCookie, t.name()) {
			return t
		}
		if s.algorithm == "least_outstanding_requests" {
			// Among equals the turn decides.
			if chosen == nil || t.inFlight < chosen.inFlight || t.inFlight == chosen.inFlight && i == at {
				chosen = t
			}
		} else if i == at {
			chosen = t
		}
		i++
	}
	return chosen
}

// give ends a request. A draining target whose delay is over waits for the last one.
func (g *group) give(t *target) {
	g.mu.Lock()
	t.inFlight--
	found := t.inFlight == 0 && t.waited && g.drop(t)
	g.mu.Unlock()
	if found {
		g.changed()
	}
}

// newTransport makes the connections to one target.
func newTransport(s *groupSettings, dial dialing) *http.Transport {
	var protocols http.Protocols
	if s.http2 {
		protocols.SetHTTP2(true)
		protocols.SetUnencryptedHTTP2(true)
	} else {
		protocols.SetHTTP1(true)
	}
	return &http.Transport{
		DialContext: dial,
		//nolint:gosec // load balancers take whatever certificate a target shows
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
		TLSHandshakeTimeout: handshakeTimeout, DisableCompression: true, Protocols: &protocols,
		MaxIdleConnsPerHost: keptMost, IdleConnTimeout: keptIdle, MaxResponseHeaderBytes: mostHeader,
	}
}
