package engine

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"wordpress-ecs/local/provider"
)

// Attached are providers that are being served.
type Attached struct {
	// Providers is the value of PULUMI_DEBUG_PROVIDERS: "aws:4001,awsx:4002".
	Providers string
	listeners []*provider.Listener
}

// Attach serves the providers on loopback: in the order of their names on the ports from
// firstPort on, or on free ones when it is 0.
func Attach(providers map[string]provider.Factory, firstPort int) (*Attached, error) {
	attached := &Attached{}
	var entries []string
	for i, name := range slices.Sorted(maps.Keys(providers)) {
		port := 0
		if firstPort != 0 {
			port = firstPort + i
		}
		listener, err := provider.Serve(providers[name], port)
		if err != nil {
			attached.Close()
			return nil, fmt.Errorf("serving the %s provider: %w", name, err)
		}
		attached.listeners = append(attached.listeners, listener)
		entries = append(entries, fmt.Sprintf("%s:%d", name, listener.Port()))
	}
	attached.Providers = strings.Join(entries, ",")
	return attached, nil
}

// Close ends all connections to the providers.
func (a *Attached) Close() {
	for _, listener := range a.listeners {
		listener.Close()
	}
}

// serveList answers, on loopback, with what exists in the account: the store is open
// here and nobody else can read it meanwhile.
func serveList(list func() ([]byte, error)) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listening for `resources`: %w", err)
	}
	server := &http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			body, err := list()
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			_, _ = w.Write(body) // who asked may have gone
		}),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Close
	}()
	return listener.Addr().String(), func() {
		_ = server.Close()
		<-done
	}, nil
}
