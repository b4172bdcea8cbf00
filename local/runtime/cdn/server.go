package cdn

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"wordpress-ecs/local/runtime/hold"
)

const (
	// mostHeader is how many bytes a request may have without its body, mostURL how many its address.
	mostHeader = 32 << 10
	mostURL    = 8192
	// headerTimeout is what a viewer has to send the headers of a request, idleTimeout how long a connection is kept
	// without one.
	headerTimeout = 30 * time.Second
	idleTimeout   = time.Minute
)

// server listens for all distributions.
type server struct {
	plain, secure *hold.Held
	servers       []*http.Server
	end           context.CancelFunc
	done          sync.WaitGroup
}

func (p *Part) newServer(life context.Context, plain, secure *hold.Held) *server {
	s := &server{plain: plain, secure: secure}
	life, s.end = context.WithCancel(context.WithoutCancel(life))
	for _, at := range []*hold.Held{plain, secure} {
		var protocols http.Protocols
		protocols.SetHTTP1(true)
		protocols.SetHTTP2(at == secure)
		one := &http.Server{
			Handler: p, Protocols: &protocols, MaxHeaderBytes: 2 * mostHeader, DisableGeneralOptionsHandler: true,
			ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, ErrorLog: log.New(io.Discard, "", 0), // what viewers do wrong
			BaseContext: func(net.Listener) context.Context { return life },
			TLSConfig:   &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: p.configure},
		}
		s.servers = append(s.servers, one)
		s.done.Go(func() {
			if at == secure {
				_ = one.ServeTLS(at, "", "") // it ends with close
				return
			}
			_ = one.Serve(at)
		})
	}
	return s
}

// close takes no more connections, lets the requests in flight have a moment, and ends them.
func (s *server) close() {
	ctx, cancel := context.WithTimeout(context.Background(), moment)
	defer cancel()
	var done sync.WaitGroup
	for _, one := range s.servers {
		done.Go(func() {
			if err := one.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
				_ = one.Close() // the viewers see it
			}
		})
	}
	done.Wait()
	s.end()
	s.done.Wait()
}

// certificates are those that were issued, by their names.
type certificates struct {
	certifying sync.Mutex
	issued     map[string]*tls.Certificate
}

// configure is how a viewer that asks for a name is spoken to.
func (p *Part) configure(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	names := []string{"*.cloudfront.net", "cloudfront.net", "*.cloudfront.localhost"}
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	host := strings.ToLower(hello.ServerName)
	if found := p.siteOf(host); found != nil {
		s := found.current.Load()
		if host != s.Domain && host != localName(s.Domain) {
			names = s.certified
			if len(names) == 0 {
				names = s.Aliases
			}
			if strings.HasPrefix(s.MinimumProtocol, "TLSv1.3") {
				config.MinVersion = tls.VersionTLS13
			}
		}
		if s.HTTPVersion == "http1.1" || s.HTTPVersion == "http3" {
			config.NextProtos = []string{"http/1.1"}
		}
	}
	certificate, err := p.certify(names)
	if err != nil {
		return nil, err
	}
	config.Certificates = []tls.Certificate{*certificate}
	return config, nil
}

// certify has a certificate issued, once for the same names.
func (p *Part) certify(names []string) (*tls.Certificate, error) {
	p.certifying.Lock()
	defer p.certifying.Unlock()
	id := strings.Join(slices.Sorted(slices.Values(names)), " ")
	if c := p.issued[id]; c != nil {
		return c, nil
	}
	pair, err := p.env.Authority.Issue(names...)
	if err != nil {
		return nil, err
	}
	c, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		return nil, err
	}
	if p.issued == nil {
		p.issued = map[string]*tls.Certificate{}
	}
	p.issued[id] = &c
	return &c, nil
}
