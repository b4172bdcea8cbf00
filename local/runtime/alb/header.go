package alb

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
	"time"
)

const (
	forwardedForHeader = "X-Forwarded-For"
	traceHeader        = "X-Amzn-Trace-Id"
)

// rewrite makes what the target gets out of what the client sent.
func rewrite(r *httputil.ProxyRequest) {
	x := exchangeOf(r.In.Context())
	r.Out.URL.Scheme = "http"
	if x.settings.secure {
		r.Out.URL.Scheme = "https"
	}
	r.Out.URL.Host = x.target.Address
	r.Out.URL.RawQuery = r.In.URL.RawQuery // as the client wrote it
	h := r.Out.Header
	for _, name := range []string{"Forwarded", "X-Forwarded-Host"} {
		if values, ok := r.In.Header[name]; ok {
			h[name] = values
		}
	}
	h.Del("Expect") // the server asks the client for the body
	if x.now.balancer.dropInvalid {
		dropInvalid(h)
	}
	forwardFor(r, x.now.balancer)
	h.Set("X-Forwarded-Proto", x.front.scheme())
	// The port that the client asks for, as it is in the Host header: links made of it lead back here.
	h.Set("X-Forwarded-Port", strconv.Itoa(x.front.clientPort(r.In)))
	h.Set(traceHeader, trace(h.Get(traceHeader), time.Now()))
}

// forwardFor writes whom a request comes from.
func forwardFor(r *httputil.ProxyRequest, s balancerSettings) {
	given := r.In.Header[forwardedForHeader]
	switch s.forwardedFor {
	case "remove":
		return
	case "preserve":
		if given != nil {
			r.Out.Header[forwardedForHeader] = given
		}
		return
	}
	client := r.In.RemoteAddr
	if host, _, err := net.SplitHostPort(client); err == nil && !s.clientPort {
		client = host
	}
	if len(given) > 0 {
		client = strings.Join(given, ", ") + ", " + client
	}
	r.Out.Header.Set(forwardedForHeader, client)
}

// forwardings counts the addresses that a request was forwarded for.
func forwardings(r *http.Request) int {
	n := 0
	for _, value := range r.Header[forwardedForHeader] {
		n += 1 + strings.Count(value, ",")
	}
	return n
}

// dropInvalid takes out headers whose names are not of letters, digits and hyphens.
func dropInvalid(h http.Header) {
	for name := range h {
		if strings.ContainsFunc(name, func(c rune) bool {
			return c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
		}) {
			delete(h, name)
		}
	}
}

// trace is the header by which a request is found again: AWS adds itself to one that has a root.
func trace(given string, now time.Time) string {
	var random [12]byte
	_, _ = rand.Read(random[:]) // it cannot fail
	id := fmt.Sprintf("1-%08x-%s", now.Unix(), hex.EncodeToString(random[:]))
	if !strings.Contains(given, "Root=") {
		if given == "" {
			return "Root=" + id
		}
		return "Root=" + id + ";" + given
	}
	var kept []string
	for field := range strings.SplitSeq(given, ";") {
		if !strings.HasPrefix(field, "Self=") {
			kept = append(kept, field)
		}
	}
	return "Self=" + id + ";" + strings.Join(kept, ";")
}
