package alb

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
)

// ErrUnknown is that no load balancer of the account has a host name.
var ErrUnknown = errors.New("no load balancer has this name")

// Address is where a listener of a load balancer listens on this machine, as "127.0.0.1:port". Host is the load
// balancer's name, without the port that it ends with here, and port that of the listener as AWS knows it. An error that
// is not ErrUnknown says why it does not listen.
func (p *Part) Address(host string, port int) (string, error) {
	p.mu.Lock()
	balancers := slices.Collect(maps.Values(p.balancers))
	p.mu.Unlock()
	var found *balancer
	for _, b := range balancers {
		b.mu.Lock()
		if b.settings.hostname() == host {
			found = b
		}
		b.mu.Unlock()
	}
	if found == nil {
		return "", ErrUnknown
	}
	for _, f := range found.serving() {
		if f.port == port {
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(f.place.port)), nil
		}
	}
	if err := found.trouble(); err != nil {
		return "", err
	}
	return "", fmt.Errorf("load balancer %s has no listener on port %d", host, port)
}

// clientPort is the one that a client means: the one of this machine when its Host header has that, and else that of the
// listener as AWS knows it, as of those that come through a proxy or a CDN for a domain name.
func (f *front) clientPort(r *http.Request) int {
	if f.cameByPort(r) {
		return f.place.port
	}
	return f.port
}

func (f *front) cameByPort(r *http.Request) bool {
	_, port, err := net.SplitHostPort(r.Host)
	return err == nil && port == strconv.Itoa(f.place.port)
}

// location is where a redirect sends a request: to a port as the client knows ports.
func (f *front) location(r *http.Request, to *redirect) string {
	local := f.balancer.local
	if !f.cameByPort(r) {
		local = func(port int) int { return port }
	}
	return to.location(r, f.scheme(), f.clientPort(r), local)
}
