package site

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"wordpress-ecs/tests/containers"
)

// Front is a load balancer as far as a task can tell: it adds to X-Forwarded-For, says with X-Forwarded-Proto how
// it was asked, keeps connections open, sends nothing twice, and routes nothing new to a task that it drains.
type Front struct {
	// URL is where visitors reach it.
	URL string

	https bool
	mu    sync.Mutex
	next  int
	tasks []*target
}

// target is a task and what it has still to answer.
type target struct {
	task  *Task
	proxy *httputil.ReverseProxy
	open  sync.WaitGroup
}

func newFront(t containers.T, a *Authority, https bool) *Front {
	t.Helper()
	f := &Front{https: https}
	server := httptest.NewUnstartedServer(f)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if https {
		server.TLS = serverTLS(t, a)
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// Route has a task get requests.
func (f *Front) Route(k *Task) {
	transport := &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true}
	proxy := &httputil.ReverseProxy{
		Transport: &once{transport},
		ErrorLog:  log.New(io.Discard, "", 0), // the visitor gets a 502
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: k.Address})
			r.Out.Host = r.In.Host
			client, _, _ := net.SplitHostPort(r.In.RemoteAddr)
			chain := append(slices.Clone(r.In.Header["X-Forwarded-For"]), client)
			r.Out.Header.Set("X-Forwarded-For", strings.Join(chain, ", "))
			r.Out.Header.Set("X-Forwarded-Proto", map[bool]string{false: "http", true: "https"}[f.https])
		},
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tasks = append(f.tasks, &target{task: k, proxy: proxy})
}

// Drain routes nothing new to a task and returns when it has answered everything.
func (f *Front) Drain(k *Task) {
	f.mu.Lock()
	var drained []*target
	f.tasks = slices.DeleteFunc(f.tasks, func(candidate *target) bool {
		if candidate.task != k {
			return false
		}
		drained = append(drained, candidate)
		return true
	})
	f.mu.Unlock()
	for _, d := range drained {
		d.open.Wait()
	}
}

// ServeHTTP gives a request to the next task in turn.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if len(f.tasks) == 0 {
		f.mu.Unlock()
		http.Error(w, "no task", http.StatusServiceUnavailable)
		return
	}
	chosen := f.tasks[f.next%len(f.tasks)]
	f.next++
	chosen.open.Add(1)
	f.mu.Unlock()
	defer chosen.open.Done()
	chosen.proxy.ServeHTTP(w, r)
}

// once fails where Go's client would silently send a request again on another connection.
type once struct{ http.RoundTripper }

func (o *once) RoundTrip(r *http.Request) (*http.Response, error) {
	var connections atomic.Int32
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections.Add(1) }}
	response, err := o.RoundTripper.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err == nil && connections.Load() > 1 {
		_ = response.Body.Close() // it is thrown away
		return nil, errors.New("the task closed a connection that a request was sent on")
	}
	return response, err
}
