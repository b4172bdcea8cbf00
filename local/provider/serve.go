// Package provider serves resource providers to Pulumi's engine on loopback,
// and holds what every one of them needs: the answers that all providers give
// alike, and the conversion of property maps.
package provider

import (
	"errors"
	"fmt"
	"net"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// maxMessage is what the engine itself accepts in one message, in bytes.
const maxMessage = 400 << 20

// Factory makes the provider that answers one engine connection: each provider resource
// of a program (a second AWS region, say) has a connection and a Configure of its own.
type Factory func() pulumirpc.ResourceProviderServer

// Listener is a provider package being served.
type Listener struct {
	listener net.Listener
	factory  Factory
	done     sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	servers map[*grpc.Server]struct{}
}

// Serve answers on 127.0.0.1:port (0 picks a free one). Every connection gets a
// provider of its own from the factory.
func Serve(factory Factory, port int) (*Listener, error) {
	inner, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("listening for the engine: %w", err)
	}
	l := &Listener{listener: inner, factory: factory, servers: map[*grpc.Server]struct{}{}}
	l.done.Add(1)
	go l.accept()
	return l, nil
}

// Port is the TCP port on 127.0.0.1 that answers.
func (l *Listener) Port() int {
	if addr, ok := l.listener.Addr().(*net.TCPAddr); ok {
		return addr.Port
	}
	return 0
}

// Close ends all connections and waits until their calls are over.
func (l *Listener) Close() {
	l.mu.Lock()
	l.closed = true
	servers := make([]*grpc.Server, 0, len(l.servers))
	for s := range l.servers {
		servers = append(servers, s)
	}
	l.mu.Unlock()
	_ = l.listener.Close() // only reports that it is closed already
	for _, s := range servers {
		s.Stop()
	}
	l.done.Wait()
}

func (l *Listener) accept() {
	defer l.done.Done()
	for {
		conn, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // one connection that failed to open is no reason to stop
		}
		l.answer(conn)
	}
}

// answer serves one connection with a gRPC server of its own, which is how the
// provider behind it can keep the configuration of exactly one provider resource.
func (l *Listener) answer(conn net.Conn) {
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage),
		// Close is over when nothing that it answered is under way any more.
		grpc.WaitForHandlers(true),
	)
	pulumirpc.RegisterResourceProviderServer(server, l.factory())

	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = conn.Close() // the engine sees a closed port, which it is
		return
	}
	l.servers[server] = struct{}{}
	l.done.Add(1)
	go func() {
		defer l.done.Done()
		// Serve returns once the single connection is over; there is nobody to tell.
		_ = server.Serve(newSingle(conn))
		server.Stop()
		l.mu.Lock()
		delete(l.servers, server)
		l.mu.Unlock()
	}()
}

// single is a net.Listener that accepts one connection and lasts as long as it.
type single struct {
	conn net.Conn
	over chan struct{}
	once sync.Once

	mu    sync.Mutex
	given bool
}

func newSingle(conn net.Conn) *single {
	return &single{conn: conn, over: make(chan struct{})}
}

func (s *single) Accept() (net.Conn, error) {
	s.mu.Lock()
	first := !s.given
	s.given = true
	s.mu.Unlock()
	if first {
		return &watched{Conn: s.conn, closed: s.end}, nil
	}
	<-s.over
	return nil, net.ErrClosed
}

func (s *single) Close() error {
	s.end()
	return nil
}

func (s *single) Addr() net.Addr { return s.conn.LocalAddr() }

func (s *single) end() { s.once.Do(func() { close(s.over) }) }

// watched tells when its connection is closed, by either side.
type watched struct {
	net.Conn
	closed func()
}

func (w *watched) Close() error {
	w.closed()
	return w.Conn.Close()
}
