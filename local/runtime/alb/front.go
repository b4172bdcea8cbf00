package alb

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// mostHeader and mostLine are AWS's limits in bytes: of all headers, and of one or of the request line.
	mostHeader = 64 << 10
	mostLine   = 16 << 10
	// mostForwarded is how many addresses X-Forwarded-For may have.
	mostForwarded = 30
	// headerTimeout is what a client has to send the headers of a request, where the idle timeout is not shorter.
	headerTimeout = 60 * time.Second
)

// front is what listens for a listener: an HTTP server, and how it routes requests. What can change without the
// clients noticing changes in place; anything else takes another front.
type front struct {
	balancer *balancer
	place    *place
	port     int // as AWS knows it
	secure   bool
	http2    bool
	tls13    bool
	idle     time.Duration
	names    [][]string

	current atomic.Pointer[routing]
	// certificates are those with the names, in their order.
	certificates []*tls.Certificate

	server *http.Server
	proxy  *httputil.ReverseProxy
	conns  chan net.Conn
	// done is closed when it takes no more connections; life ends what is in flight.
	done chan struct{}
	once sync.Once
	life context.Context
	end  context.CancelFunc
	// retired fronts end the connections that they have.
	retired atomic.Bool
}

// routing are the settings that a request is served by.
type routing struct {
	balancer balancerSettings
	listener listenerSettings
}

func newFront(b *balancer, at *place, s balancerSettings, l listenerSettings) (*front, error) {
	f := &front{
		balancer: b, place: at, port: l.port, secure: l.secure(), http2: s.http2, tls13: l.tls13, idle: s.idle,
		conns: make(chan net.Conn), done: make(chan struct{}),
	}
	f.life, f.end = context.WithCancel(context.Background())
	f.proxy = newProxy()
	if err := f.certify(l.names); err != nil {
		f.end()
		return nil, err
	}
	f.set(s, l)
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(f.secure && f.http2)
	f.server = &http.Server{
		Handler: f, Protocols: &protocols, MaxHeaderBytes: 2 * mostHeader, DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout: min(f.idle, headerTimeout), IdleTimeout: f.idle,
		ErrorLog:    log.New(io.Discard, "", 0), // what clients do wrong
		BaseContext: func(net.Listener) context.Context { return f.life },
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, bornKey{}, time.Now())
		},
	}
	if !f.secure {
		go func() { _ = f.server.Serve(f) }() // it ends with close
		return f, nil
	}
	lowest := uint16(tls.VersionTLS12)
	if f.tls13 {
		lowest = tls.VersionTLS13
	}
	f.server.TLSConfig = &tls.Config{MinVersion: lowest, GetCertificate: f.certificate}
	go func() { _ = f.server.ServeTLS(f, "", "") }()
	return f, nil
}

// bornKey is where a connection keeps when it began.
type bornKey struct{}

func (f *front) scheme() string {
	if f.secure {
		return "https"
	}
	return "http"
}

// fits tells whether new settings need no new server.
func (f *front) fits(s balancerSettings, l listenerSettings) bool {
	return f.port == l.port && f.secure == l.secure() && f.http2 == s.http2 && f.tls13 == l.tls13 && f.idle == s.idle &&
		slices.EqualFunc(f.names, l.names, slices.Equal[[]string])
}

func (f *front) set(s balancerSettings, l listenerSettings) { f.current.Store(&routing{s, l}) }

// take gives the server a connection, unless it takes no more.
func (f *front) take(conn net.Conn) bool {
	select {
	case <-f.done:
		return false
	default:
	}
	select {
	case f.conns <- conn:
		return true
	case <-f.done:
		return false
	}
}

// Accept is how the server gets its connections.
func (f *front) Accept() (net.Conn, error) {
	select {
	case conn := <-f.conns:
		return conn, nil
	case <-f.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept; the port stays open.
func (f *front) Close() error {
	f.once.Do(func() { close(f.done) })
	return nil
}

// Addr is where the port is.
func (f *front) Addr() net.Addr { return f.place.listener.Addr() }

// retire lets another front have the connections that come. Those that are there end after their next request, or when
// they are idle for too long: the server's own Shutdown would drop a request that is just arriving.
func (f *front) retire(life context.Context) {
	_ = f.Close()
	f.retired.Store(true)
	context.AfterFunc(life, f.close)
	timer := time.NewTimer(min(f.idle, handover))
	defer timer.Stop()
	select {
	case <-life.Done():
	case <-timer.C:
		_ = f.server.Shutdown(life) // requests in flight take the time that they need
	}
}

// close takes no more connections, lets the requests in flight have a moment, and ends them.
func (f *front) close() {
	ctx, cancel := context.WithTimeout(context.Background(), moment)
	defer cancel()
	_ = f.Close() // the server may not have begun to accept
	err := f.server.Shutdown(ctx)
	f.end()
	if errors.Is(err, context.DeadlineExceeded) {
		_ = f.server.Close() // the clients see it
	}
}

// ServeHTTP answers a request as the rules of the listener say.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := f.current.Load()
	w.Header()["Content-Type"] = nil // or the server would guess one
	born, ok := r.Context().Value(bornKey{}).(time.Time)
	if f.retired.Load() || ok && time.Since(born) > now.balancer.keepAlive {
		w.Header().Set("Connection", "close")
	}
	if status := refuse(r); status != 0 {
		f.balancer.part.count(now.balancer.suffix, "HTTPCode_ELB_4XX_Count")
		answer(w, r, status)
		return
	}
	if !f.guard(w, r, now) {
		return
	}
	switch a := now.listener.route(r); {
	case a.fixed != nil:
		respond(w, r, a.fixed.status, a.fixed.contentType, a.fixed.body)
	case a.redirect != nil:
		w.Header().Set("Location", f.location(r, a.redirect))
		answer(w, r, a.redirect.status)
	case a.forward != nil:
		f.forward(w, r, now, a.forward)
	default:
		f.fail(w, r, now, http.StatusInternalServerError)
	}
}

// fail answers with an error of the load balancer's own.
func (f *front) fail(w http.ResponseWriter, r *http.Request, now *routing, status int) {
	metric := "HTTPCode_ELB_4XX_Count"
	if status >= http.StatusInternalServerError {
		metric = "HTTPCode_ELB_5XX_Count"
	}
	f.balancer.part.count(now.balancer.suffix, metric)
	answer(w, r, status)
}

// refuse is the code for requests that load balancers do not take, 0 for all others.
func refuse(r *http.Request) int {
	if r.Method == http.MethodTrace || r.Method == http.MethodConnect {
		return http.StatusMethodNotAllowed
	}
	if len(r.Method)+len(r.RequestURI)+len(r.Proto)+2 > mostLine {
		return http.StatusRequestURITooLong
	}
	total := 0
	for name, values := range r.Header {
		for _, value := range values {
			size := len(name) + len(value) + len(": \r\n")
			if size > mostLine {
				return http.StatusBadRequest
			}
			total += size
		}
	}
	if total > mostHeader {
		return http.StatusBadRequest
	}
	if forwardings(r) > mostForwarded {
		return forwardedTooOften
	}
	return 0
}
