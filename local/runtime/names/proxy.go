package names

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"sync"
	"time"

	"wordpress-ecs/local/runtime/hold"
)

const (
	// headerTimeout is what a client has to send the headers of a request, dialTimeout how long a connection may take
	// to be made.
	headerTimeout = 30 * time.Second
	dialTimeout   = 10 * time.Second
	keptIdle      = 30 * time.Second
)

// proxy is an HTTP proxy that tunnels HTTPS and forwards HTTP.
type proxy struct {
	port      int
	directory *Directory
	server    *http.Server
	end       context.CancelFunc

	mu sync.Mutex
	// forwarders are for HTTP, by the address of the client: what serves the site sees that.
	forwarders map[string]*httputil.ReverseProxy
	tunnels    sync.WaitGroup
}

func newProxy(life context.Context, d *Directory, l *hold.Held) *proxy {
	p := &proxy{port: l.Number, directory: d, forwarders: map[string]*httputil.ReverseProxy{}}
	life, p.end = context.WithCancel(context.WithoutCancel(life))
	p.server = &http.Server{
		Handler: p, ReadHeaderTimeout: headerTimeout, ErrorLog: log.New(io.Discard, "", 0), // what clients do wrong
		BaseContext: func(net.Listener) context.Context { return life }, DisableGeneralOptionsHandler: true,
	}
	go func() { _ = p.server.Serve(l) }() // it ends with close
	return p
}

func (p *proxy) close() {
	_ = p.server.Close() // nobody waits for more
	p.end()
	p.tunnels.Wait()
}

// ServeHTTP leads a request to where its host is.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.tunnel(w, r)
	case r.URL.Host != "" && r.URL.Scheme == "http":
		p.forward(w, r)
	default:
		http.Error(w, "This is a proxy: give its address to a browser (--proxy-server) or to curl (--proxy).", http.StatusBadRequest)
	}
}

// find is where a host with its port is.
func (p *proxy) find(host string) (string, error) {
	name, text, err := net.SplitHostPort(host)
	if err != nil {
		return "", fmt.Errorf("the address %q: %w", host, err)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port != 80 && port != 443 {
		return "", fmt.Errorf("%s: %w", host, errPort)
	}
	return p.directory.Address(name, port)
}

// connect makes a connection from the client's own address.
func (p *proxy) connect(ctx context.Context, client, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	if from := net.ParseIP(client); from != nil && from.IsLoopback() {
		d.LocalAddr = &net.TCPAddr{IP: from}
	}
	return d.DialContext(ctx, "tcp4", address)
}

// refuse says why there is no way to a host.
func refuse(w http.ResponseWriter, host string, err error) {
	words := fmt.Sprintf("%s cannot be reached here: %v.", host, err)
	if errors.Is(err, ErrUnknown) {
		words += " This proxy leads to what the account has, and to nothing else."
	}
	http.Error(w, words, http.StatusBadGateway)
}

func clientOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}

// tunnel connects the client with a host and lets both speak.
func (p *proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	address, err := p.find(r.Host)
	if err != nil {
		refuse(w, r.Host, err)
		return
	}
	to, err := p.connect(r.Context(), clientOf(r), address)
	if err != nil {
		refuse(w, r.Host, err)
		return
	}
	defer to.Close()
	from, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		refuse(w, r.Host, err)
		return
	}
	defer from.Close()
	p.tunnels.Add(1)
	defer p.tunnels.Done()
	defer context.AfterFunc(r.Context(), func() { _, _ = from.Close(), to.Close() })()
	if _, err := io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { pass(from, to) })
	pass(to, buffered)
	back.Wait()
}

// pass copies until the end and tells the other side of it.
func pass(to net.Conn, from io.Reader) {
	_, _ = io.Copy(to, from) // either side may go at any time
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	_ = to.Close()
}

// forward passes a request of HTTP on as it is. Connections are kept by the address that the name leads to now: it may have
// led elsewhere before.
func (p *proxy) forward(w http.ResponseWriter, r *http.Request) {
	host := r.URL.Host
	if r.URL.Port() == "" {
		host = net.JoinHostPort(r.URL.Hostname(), "80")
	}
	address, err := p.find(host)
	if err != nil {
		refuse(w, r.Host, err)
		return
	}
	r.URL.Host = address
	p.forwarder(clientOf(r)).ServeHTTP(w, r)
}

// forwarder is what has the connections for a client.
func (p *proxy) forwarder(client string) *httputil.ReverseProxy {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.forwarders[client]
	if f == nil {
		f = &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.Out.Host = r.In.Host
				r.Out.URL.RawQuery = r.In.URL.RawQuery
				for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
					if values, ok := r.In.Header[name]; ok {
						r.Out.Header[name] = values
					}
				}
			},
			Transport: &http.Transport{
				DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
					return p.connect(ctx, client, address)
				},
				DisableCompression: true, IdleConnTimeout: keptIdle,
			},
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) { refuse(w, r.Host, err) },
			ErrorLog:     log.New(io.Discard, "", 0), FlushInterval: -1,
		}
		p.forwarders[client] = f
	}
	return f
}
